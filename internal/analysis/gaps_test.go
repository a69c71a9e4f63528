package analysis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/analysis/worker"
)

// TestGaps: what cannot be judged is named. It blocks when the change touched
// it, and is a note when the base has the same.
func TestGaps(t *testing.T) {
	long := strings.Repeat("d/", worker.MaxPathBytes/2) + "a.py"
	tests := []struct {
		name       string
		base, head files
		renames    map[string]string
		missing    string           // content that the repository lost
		sizes      map[string]int64 // content that claims a size
		want       []string
	}{
		{
			name: "undecodable in the head",
			head: files{"a.py": "undecodable", "b.py": "secret B"},
			want: []string{"new b.py:1", "blocking a.py: undecodable"},
		},
		{
			name: "undecodable on both sides: the change touched it all the same",
			base: files{"a.py": "undecodable"}, head: files{"a.py": "undecodable\nx"},
			want: []string{"blocking a.py: undecodable"},
		},
		{
			name: "undecodable in the base only: what the head holds counts as new",
			base: files{"a.py": "undecodable\nsecret A"}, head: files{"a.py": "secret A"},
			want: []string{"new a.py:1", "note a.py: undecodable"},
		},
		{
			name: "undecodable and deleted",
			base: files{"a.py": "undecodable"},
			want: []string{"note a.py: undecodable"},
		},
		{
			name: "undecodable and only renamed: it is merged already",
			base: files{"a.py": "undecodable"}, head: files{"b.py": "undecodable"},
			want: []string{"note b.py: undecodable"},
		},
		{
			name: "a secret of a file that cannot be read any more is not fixed",
			base: files{"a.py": "secret A"}, head: files{"a.py": "undecodable"},
			want: []string{"blocking a.py: undecodable"},
		},
		{
			name:    "missing from the repository",
			head:    files{"a.py": "gone"},
			missing: "gone",
			want:    []string{"blocking a.py: its content is missing from the repository"},
		},
		{
			name:  "over the bound",
			head:  files{"a.py": "large"},
			sizes: map[string]int64{"large": 50 << 20},
			want:  []string{"blocking a.py: it has 50.0 MiB, and files over 5 MiB are not scanned"},
		},
		{
			name: "over the bound by one byte",
			head: files{"a.py": strings.Repeat("x", MaxFileBytes+1)},
			want: []string{"blocking a.py: it has 5.0 MiB, and files over 5 MiB are not scanned"},
		},
		{
			name: "just within the bound",
			head: files{"a.py": "secret A\n" + strings.Repeat("x", MaxFileBytes-9)},
			want: []string{"new a.py:1"},
		},
		{
			name:  "over the bound and binary by its name",
			head:  files{"a.png": "large"},
			sizes: map[string]int64{"large": 50 << 20},
			want:  []string{"out of scope a.png: binary"},
		},
		{
			name: "over the bound and binary by its beginning",
			head: files{"a.bin": "\x89PNG" + strings.Repeat("x", MaxFileBytes)},
			want: []string{"out of scope a.bin: binary"},
		},
		{
			name:  "larger than anything GitHub takes: judged by its name",
			head:  files{"a.png": "\x89PNG", "b.bin": "\x89PNG2"},
			sizes: map[string]int64{"\x89PNG": 200 << 20, "\x89PNG2": 200 << 20},
			want:  []string{"blocking b.bin: it has 200.0 MiB, and files over 5 MiB are not scanned", "out of scope a.png: binary"},
		},
		{
			name: "a path that no system can check out",
			head: files{long: "secret A"},
			want: []string{"blocking " + long + ": its path is longer than 4096 bytes"},
		},
		{
			name: "an empty file",
			head: files{"a.py": ""},
		},
	}
	a := newTestAnalyzer(2)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			base := m.commit(test.base)
			head := m.commit(test.head, base)
			for content, size := range test.sizes {
				m.sizes[m.blob(content)] = size
			}
			if test.missing != "" {
				delete(m.blobs, m.blob(test.missing))
			}
			result, _, err := a.Compare(context.Background(), m, m.change(base, head), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, summarise(result)); diff != "" {
				t.Errorf("result differs (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSourceFailure: when the repository itself fails, the run fails, for a
// retry; it is not the file's fault.
func TestSourceFailure(t *testing.T) {
	m := newMemory()
	base := m.commit(nil)
	head := m.commit(files{"a.py": "x", "b.py": "y", "c.py": "z"}, base)
	failure := errors.New("git died")
	m.onRead = func(string) error { return failure }
	a := newTestAnalyzer(2)
	if _, _, err := a.Compare(context.Background(), m, m.change(base, head), Options{}); !errors.Is(err, failure) {
		t.Errorf("compare: %v", err)
	}
	if _, err := a.Audit(context.Background(), m, m.id(head), Options{}); !errors.Is(err, failure) {
		t.Errorf("audit: %v", err)
	}
	if _, _, err := a.Compare(context.Background(), m, Change{}, Options{}); err == nil {
		t.Error("a diff that fails passes")
	}
}

// TestManyCasualties: a change full of files that kill workers ends soon.
func TestManyCasualties(t *testing.T) {
	tree := make(files)
	var want []string
	for i := range maxCasualties + 3 {
		path := fmt.Sprintf("n%03d.py", i)
		tree[path] = "casualty"
		reason := "died"
		if i >= maxCasualties {
			reason = "not tried, after 20 files that the scanner failed on"
		}
		want = append(want, "blocking "+path+": "+reason)
	}
	if diff := cmp.Diff(want, audit(t, newTestAnalyzer(1), tree)); diff != "" {
		t.Errorf("result differs (-want +got):\n%s", diff)
	}
}

// TestEndOfContext: a scan that may not go on says why, and has no result.
func TestEndOfContext(t *testing.T) {
	m := newMemory()
	base := m.commit(nil)
	head := m.commit(files{"a.py": "x", "b.py": "y", "c.py": "z"}, base)
	superseded := errors.New("superseded")
	ctx, cancel := context.WithCancelCause(context.Background())
	m.onRead = func(string) error {
		cancel(superseded)
		return nil
	}
	result, _, err := newTestAnalyzer(1).Compare(ctx, m, m.change(base, head), Options{})
	if !errors.Is(err, superseded) || result != nil {
		t.Errorf("result %+v, error %v", result, err)
	}
}
