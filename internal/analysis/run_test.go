package analysis

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/finding"
)

// largeChange returns a repository with a change of n files, and what becomes of
// every seventh: a secret that is new, old, gone, or in history only.
func largeChange(n int) (*memory, Change) {
	before, between, after := make(files), make(files), make(files)
	filler := strings.Repeat("value = compute(other, 12)\n", 10)
	for i := range n {
		path := fmt.Sprintf("app%02d/file%04d.py", i%40, i)
		before[path] = fmt.Sprintf("x = %d\n%s", i, filler)
		between[path] = fmt.Sprintf("y = %d\n%s", i, filler)
		after[path] = fmt.Sprintf("z = %d\n%s", i, filler)
		secret := fmt.Sprintf("secret S%d\n", i/20)
		switch i % 28 {
		case 0:
			after[path] += secret
		case 7:
			before[path] += secret
			after[path] += secret
		case 14:
			before[path] += fmt.Sprintf("secret OLD%d\n", i)
		case 21:
			between[path] += fmt.Sprintf("secret LEAK%d\n", i)
		}
	}
	m := newMemory()
	base := m.commit(before)
	head := m.commit(after, m.commit(between, base))
	return m, m.change(base, head)
}

// TestSameResult: the same change gives the same result, however the work fell
// to the workers.
func TestSameResult(t *testing.T) {
	const n = 3500
	m, c := largeChange(n)
	still := func() time.Time { return time.Time{} }
	var first *finding.Result
	for _, workers := range []int{1, 3, 8} {
		a := newTestAnalyzer(workers)
		result, changed, err := a.Compare(context.Background(), m, c, Options{Now: still})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = result
		}
		if diff := cmp.Diff(first, result); diff != "" {
			t.Errorf("with %d workers the result differs:\n%s", workers, diff)
		}
		if len(changed) != n || result.Stats.Files != n || result.Stats.AddedLines < n || result.Stats.Commits != 2 {
			t.Errorf("%d files, stats %+v", len(changed), result.Stats)
		}
	}
	if len(first.New) == 0 || len(first.PreExisting) == 0 || len(first.Fixed) != n/28 || len(first.InHistory) != n/28 || first.Incomplete() {
		t.Errorf("new %d, pre-existing %d, fixed %d, in history %d", len(first.New), len(first.PreExisting), len(first.Fixed), len(first.InHistory))
	}
}

// TestEachContentIsReadOnce: the head of a change is also what its last commit
// introduced, and a renamed file has one content.
func TestEachContentIsReadOnce(t *testing.T) {
	m := newMemory()
	base := m.commit(files{"a.py": "one", "b.py": "two", "mode.py": "three", "same.py": "four"})
	head := m.commit(files{"a.py": "secret A", "c.py": "two", "mode.py*": "three", "same.py": "four"}, base)
	result, _, err := newTestAnalyzer(2).Compare(context.Background(), m, m.change(base, head), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{m.blob("one"): 1, m.blob("secret A"): 1, m.blob("two"): 1}
	if diff := cmp.Diff(want, m.reads); diff != "" {
		t.Errorf("reads differ (-want +got):\n%s", diff)
	}
	if s := result.Stats; s.Blobs != 3 || s.Bytes != int64(len("one"+"secret A"+"two")) || s.Files != 3 || s.AddedLines != 1 {
		t.Errorf("stats %+v", s)
	}
}

func TestProgressAndTime(t *testing.T) {
	m, c := largeChange(100)
	now := time.Unix(0, 0)
	var last int
	o := Options{
		Now: func() time.Time {
			now = now.Add(1500 * time.Millisecond)
			return now
		},
		Progress: func(done, total int) {
			if done != last+1 || done > total {
				t.Errorf("progress %d of %d after %d", done, total, last)
			}
			last = done
		},
	}
	result, _, err := newTestAnalyzer(2).Compare(context.Background(), m, c, o)
	if err != nil {
		t.Fatal(err)
	}
	if last != len(m.reads) {
		t.Errorf("progress ended at %d of %d", last, len(m.reads))
	}
	if result.Stats.Milliseconds != 1500 {
		t.Errorf("%d ms", result.Stats.Milliseconds)
	}
}

// TestTooManyFindings: the memory of a scan has a bound, and what is beyond it
// is named.
func TestTooManyFindings(t *testing.T) {
	const perFile = 1000
	m := newMemory()
	tree := make(files)
	for i := range maxRunFindings/perFile + 1 {
		tree[fmt.Sprintf("f%03d.py", i)] = fmt.Sprintf("many %d\n# %d", perFile, i)
	}
	result, err := newTestAnalyzer(1).Audit(
		context.Background(), m, m.id(m.commit(tree)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []finding.NotScanned{{Path: "f100.py", Reason: "the change holds more than 100000 findings", Blocking: true}}
	if diff := cmp.Diff(want, result.NotScanned); diff != "" {
		t.Errorf("not scanned differs (-want +got):\n%s", diff)
	}
	if len(result.New) != perFile {
		t.Errorf("%d findings", len(result.New))
	}
}
