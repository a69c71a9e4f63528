package analysis

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/finding"
)

// summarise writes a result as lines that a table can hold:
// "new settings.py:1 also b.py:2 (test:allow)".
func summarise(result *finding.Result) []string {
	var lines []string
	for _, list := range []struct {
		name     string
		findings []finding.Finding
	}{
		{"new", result.New}, {"pre-existing", result.PreExisting}, {"fixed", result.Fixed},
		{"history", result.InHistory}, {"suppressed", result.Suppressed},
	} {
		for _, f := range list.findings {
			line := fmt.Sprintf("%s %s:%d", list.name, f.Path, f.Line)
			for _, other := range f.AlsoAt {
				line += fmt.Sprintf(" also %s:%d", other.Path, other.Line)
				if other.Symbol != "" {
					line += "=" + other.Symbol
				}
			}
			if f.AllowComment != "" {
				line += " (" + f.AllowComment + ")"
			}
			if f.Commit != "" {
				line += " in " + strings.TrimLeft(f.Commit, "0")
			}
			lines = append(lines, line)
		}
	}
	for _, n := range result.NotScanned {
		word := "note"
		if n.Blocking {
			word = "blocking"
		}
		lines = append(lines, fmt.Sprintf("%s %s: %s", word, n.Path, n.Reason))
	}
	for _, o := range result.OutOfScope {
		lines = append(lines, fmt.Sprintf("out of scope %s: %s", o.Path, o.Reason))
	}
	return lines
}

func TestCompare(t *testing.T) {
	tests := []struct {
		name       string
		base, head files
		renames    map[string]string
		exclude    string
		want       []string
	}{
		{name: "nothing changed", base: files{"a.py": "secret A"}, head: files{"a.py": "secret A"}},
		{name: "a clean change", base: files{"a.py": "x"}, head: files{"a.py": "y", "b.py": "z"}},
		{
			name: "a secret in a new file is new",
			head: files{"a.py": "x\nsecret A"},
			want: []string{"new a.py:2"},
		},
		{
			name: "a secret in a changed file is new",
			base: files{"a.py": "x"}, head: files{"a.py": "x\n\nsecret A"},
			want: []string{"new a.py:3"},
		},
		{
			name: "a secret that was there is pre-existing, wherever its line went",
			base: files{"a.py": "secret A"}, head: files{"a.py": "x\ny\nsecret A"},
			want: []string{"pre-existing a.py:3"},
		},
		{
			name: "a secret taken out is fixed",
			base: files{"a.py": "x\nsecret A"}, head: files{"a.py": "x"},
			want: []string{"fixed a.py:2"},
		},
		{
			name: "a secret in a deleted file is fixed",
			base: files{"a.py": "secret A"},
			want: []string{"fixed a.py:1"},
		},
		{
			name: "a secret moved to another file is pre-existing",
			base: files{"a.py": "secret A", "b.py": "x"}, head: files{"a.py": "x", "b.py": "secret A"},
			want: []string{"pre-existing b.py:1"},
		},
		{
			name: "one secret replaced by another is one fixed and one new",
			base: files{"a.py": "secret A"}, head: files{"a.py": "secret B"},
			want: []string{"new a.py:1", "fixed a.py:1"},
		},
		{
			name: "a renamed file keeps its findings",
			base: files{"a.py": "secret A"}, head: files{"b.py": "secret A"},
			want: []string{"pre-existing b.py:1"},
		},
		{
			name: "a renamed and changed file is compared with its old self",
			base: files{"a.py": "secret A\nx"}, head: files{"b.py": "secret A\nsecret B"}, renames: map[string]string{"b.py": "a.py"},
			want: []string{"new b.py:2", "pre-existing b.py:1"},
		},
		{
			name: "the same secret in several files is one finding",
			head: files{"a.py": "x\nsecret A", "b.py": "secret A\nsecret A"},
			want: []string{"new a.py:2 also b.py:1 also b.py:2"},
		},
		{
			name: "it stands where the change added it",
			base: files{"a.py": "secret A minor\nx"}, head: files{"a.py": "secret A minor\ny", "b.py": "x\nsecret A minor"},
			want: []string{"pre-existing b.py:2 also a.py:1"},
		},
		{
			name: "an engine's own further places are places",
			head: files{"a.py": "again A\nx"},
			want: []string{"new a.py:1 also a.py:2=NAME"},
		},
		{
			name: "worse than it was is new",
			base: files{"test.py": "secret A minor"}, head: files{"test.py": "x", "prod.py": "secret A critical"},
			want: []string{"new prod.py:1"},
		},
		{
			name: "milder than it was is pre-existing",
			base: files{"a.py": "secret A critical"}, head: files{"a.py": "secret A minor"},
			want: []string{"pre-existing a.py:1"},
		},
		{
			name: "a file renamed to where its secret is worse makes it new",
			base: files{"tests/a.py": "secret A"}, head: files{"a.py": "secret A"},
			want: []string{"new a.py:1"},
		},
		{
			name: "a file renamed to where its secret is milder keeps it",
			base: files{"a.py": "secret A"}, head: files{"tests/a.py": "secret A"},
			want: []string{"pre-existing tests/a.py:1"},
		},
		{
			name: "a change of the mode is nothing to judge",
			base: files{"a.py": "secret A"}, head: files{"a.py*": "secret A"},
		},
		{
			name: "a link that became a file is all new",
			base: files{"a.py@": "secret A"}, head: files{"a.py": "secret A"},
			want: []string{"new a.py:1"},
		},
		{
			name: "a file that became a link has lost what it held",
			base: files{"a.py": "secret A"}, head: files{"a.py@": "b.py"},
			want: []string{"fixed a.py:1", "out of scope a.py: symbolic link"},
		},
		{
			name: "what is out of scope is counted",
			head: files{"link@": "a.py", "lib/": "0123", "logo.png": "secret A", "x.bin": "\x89PNG\nsecret A", "gen/a.py": "secret A"}, exclude: "gen/",
			want: []string{
				"out of scope gen/a.py: excluded by configuration", "out of scope lib: submodule", "out of scope link: symbolic link",
				"out of scope logo.png: binary", "out of scope x.bin: binary",
			},
		},
		{
			name: "a secret moved out of an excluded folder is new",
			base: files{"gen/a.py": "secret A"}, head: files{"a.py": "secret A"}, exclude: "gen/",
			want: []string{"new a.py:1"},
		},
		{
			name: "a secret moved into an excluded folder is not fixed",
			base: files{"a.py": "secret A"}, head: files{"gen/a.py": "secret A"}, exclude: "gen/",
			want: []string{"out of scope gen/a.py: excluded by configuration"},
		},
		{
			name: "a deleted picture is out of scope",
			base: files{"logo.png": "x"},
			want: []string{"out of scope logo.png: binary"},
		},
		{
			name: "names that are not text are kept as they are",
			head: files{"a\n\xff.py": "secret A"},
			want: []string{"new a\n\xff.py:1"},
		},
	}
	a := newTestAnalyzer(2)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			for path, old := range test.renames {
				m.renames[path] = old
			}
			base := m.commit(test.base)
			head := m.commit(test.head, base)
			exclude := func(path string) bool { return test.exclude != "" && strings.HasPrefix(path, test.exclude) }
			result, changed, err := a.Compare(context.Background(), m, m.change(base, head), Options{Exclude: exclude})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, summarise(result)); diff != "" {
				t.Errorf("result differs (-want +got):\n%s", diff)
			}
			want, err := m.Diff(context.Background(), m.id(base), m.id(head))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, changed); diff != "" {
				t.Errorf("changed files differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAllowComments(t *testing.T) {
	tests := []struct {
		name       string
		base, head files
		want       []string
	}{
		{
			name: "a change cannot allow its own secret",
			head: files{"a.py": "secret A allow"},
			want: []string{"new a.py:1 (test:allow)"},
		},
		{
			name: "a merged comment silences",
			base: files{"a.py": "secret A allow"}, head: files{"a.py": "x\nsecret A allow"},
			want: []string{"suppressed a.py:2 (test:allow)"},
		},
		{
			name: "a comment added to a secret that was there does not count yet",
			base: files{"a.py": "secret A"}, head: files{"a.py": "secret A allow"},
			want: []string{"pre-existing a.py:1 (test:allow)"},
		},
		{
			name: "taking the comment away opens the finding",
			base: files{"a.py": "secret A allow"}, head: files{"a.py": "secret A"},
			want: []string{"new a.py:1"},
		},
		{
			name: "a copy without the comment opens the finding, there",
			base: files{"a.py": "secret A allow\nx"}, head: files{"a.py": "secret A allow\ny", "b.py": "secret A"},
			want: []string{"new b.py:1 also a.py:1"},
		},
		{
			name: "a comment does not cover a worse place",
			base: files{"a.py": "secret A minor allow\nx"}, head: files{"a.py": "secret A minor allow\ny", "b.py": "secret A allow"},
			want: []string{"new b.py:1 also a.py:1 (test:allow)"},
		},
		{
			name: "what was silenced is not called fixed",
			base: files{"a.py": "secret A allow"}, head: files{"a.py": "x"},
		},
	}
	a := newTestAnalyzer(2)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			base := m.commit(test.base)
			head := m.commit(test.head, base)
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

func TestAudit(t *testing.T) {
	m := newMemory()
	missing := m.blob("gone")
	head := m.commit(files{
		"a.py": "secret A\nsecret B allow", "b.py": "secret A allow", "logo.png": "x", "link@": "a.py", "lib/": "12",
		"gen/c.py": "secret C", "bad.py": "undecodable", "gone.py": "gone",
	})
	delete(m.blobs, missing)
	a := newTestAnalyzer(2)
	result, err := a.Audit(context.Background(), m, m.id(head), Options{
		Exclude: func(path string) bool { return strings.HasPrefix(path, "gen/") },
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"new a.py:1 also b.py:1", "suppressed a.py:2 (test:allow)",
		"blocking bad.py: undecodable", "blocking gone.py: its content is missing from the repository",
		"out of scope gen/c.py: excluded by configuration", "out of scope lib: submodule",
		"out of scope link: symbolic link", "out of scope logo.png: binary",
	}
	if diff := cmp.Diff(want, summarise(result)); diff != "" {
		t.Errorf("result differs (-want +got):\n%s", diff)
	}
	if result.Stats.Files != 4 || !result.Incomplete() {
		t.Errorf("files %d, incomplete %v", result.Stats.Files, result.Incomplete())
	}
}
