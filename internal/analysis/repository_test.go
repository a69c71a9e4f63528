package analysis

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/gitrepo"
)

// repository is a real one, built for a test.
type repository struct {
	t    *testing.T
	dir  string
	tick int
}

func newRepository(t *testing.T) *repository {
	t.Helper()
	r := &repository{t: t, dir: t.TempDir()}
	r.git("", "init", "-q", "-b", "main")
	return r
}

// git runs git with the given input and returns what it prints.
func (r *repository) git(input string, args ...string) string {
	r.t.Helper()
	r.tick++
	when := fmt.Sprintf("%d +0000", 1_700_000_000+60*r.tick)
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	cmd.Stdin = strings.NewReader(input)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_AUTHOR_DATE="+when,
		"GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com", "GIT_COMMITTER_DATE="+when)
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		r.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, complaint.String())
	}
	return strings.TrimSpace(string(out))
}

// commit writes and deletes files of the work tree (content "-" deletes),
// commits everything and returns the commit's id.
func (r *repository) commit(tree files) string {
	r.t.Helper()
	for path, content := range tree {
		full := filepath.Join(r.dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if content == "-" {
			if err := os.Remove(full); err != nil {
				r.t.Fatal(err)
			}
		} else if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			r.t.Fatal(err)
		}
	}
	r.git("", "add", "-A")
	r.git("", "commit", "-q", "--allow-empty", "-m", "change")
	return r.git("", "rev-parse", "HEAD")
}

func (r *repository) open() *gitrepo.Repository {
	r.t.Helper()
	opened, err := gitrepo.Open(context.Background(), r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			r.t.Error(err)
		}
	})
	return opened
}

// compareReal compares the head with main through real git and real workers.
func (r *repository) compareReal(a *Analyzer, head string) *finding.Result {
	r.t.Helper()
	source := r.open()
	base := r.git("", "rev-parse", "main")
	mergeBase, err := source.MergeBase(context.Background(), base, head)
	if err != nil {
		r.t.Fatal(err)
	}
	result, _, err := a.Compare(context.Background(), source, Change{MergeBase: mergeBase, Base: base, Head: head}, Options{})
	if err != nil {
		r.t.Fatal(err)
	}
	return result
}

// accessKey assembles what looks like an AWS access key.
func accessKey(tail string) string { return "AKIA" + "Z7QX4M2T" + tail }

func setting(tail string) string { return "AWS_ACCESS_KEY_ID = \"" + accessKey(tail) + "\"\n" }

// short replaces commit ids by their names.
func short(lines []string, names map[string]string) []string {
	for i, line := range lines {
		for id, name := range names {
			line = strings.ReplaceAll(line, id, name)
			line = strings.ReplaceAll(line, id[:shortCommit], name)
		}
		lines[i] = line
	}
	return lines
}

// TestRealChange follows secrets through the commits of a real pull request,
// with the real scanner in real workers.
func TestRealChange(t *testing.T) {
	const old, added, leaked, fixed, merged = "OLDB3KRW", "NEWB3KRW", "GONB3KRW", "FIXB3KRW", "MRGB3KRW"
	r := newRepository(t)
	r.commit(files{
		"settings.py": "DEBUG = False\n" + setting(old), "fixed.py": "# config\n" + setting(fixed), "moved.py": "import os\n" + setting("MOVB3KRW"),
	})
	r.git("", "checkout", "-q", "-b", "feature")
	r.commit(files{"settings.py": "DEBUG = False\nTIMEOUT = 3\n" + setting(old) + setting(added)})
	leak := r.commit(files{".env.local": "AWS_ACCESS_KEY_ID=" + accessKey(leaked) + "\n"})
	r.commit(files{".env.local": "-", "fixed.py": "# config\n", "moved.py": "-", "conf/moved.py": "import os\n" + setting("MOVB3KRW")})
	// The base branch goes on, and the pull request takes it in.
	r.git("", "checkout", "-q", "main")
	r.commit(files{"base.py": setting("BASB3KRW")})
	r.git("", "checkout", "-q", "feature")
	r.git("", "merge", "-q", "--no-commit", "--no-ff", "main")
	evil := r.commit(files{"evil.py": setting(merged)})
	head := r.commit(files{"evil.py": "-"})

	result := r.compareReal(newRealAnalyzer(t, 2), head)
	want := []string{
		"new settings.py:4",
		"pre-existing conf/moved.py:2", "pre-existing settings.py:3",
		"fixed fixed.py:2",
		"history .env.local:1 in LEAK", "history evil.py:1 in EVIL",
	}
	if diff := cmp.Diff(want, short(summarise(result), map[string]string{leak: "LEAK", evil: "EVIL"})); diff != "" {
		t.Errorf("result differs (-want +got):\n%s", diff)
	}
	if s := result.Stats; s.Commits != 5 || s.Files != 3 || s.AddedLines != 2 || s.Blobs == 0 || s.Bytes == 0 {
		t.Errorf("stats %+v", s)
	}
	for _, f := range result.New {
		if strings.Contains(f.Message+f.Title, accessKey(added)) {
			t.Errorf("the finding holds the value: %+v", f)
		}
	}
}

// TestRealHostileTree: a tree made to break a scanner is gone through to its
// end; what is not judged is named, and the secrets in it are found.
func TestRealHostileTree(t *testing.T) {
	r := newRepository(t)
	base := r.commit(files{"README": "x\n"})
	r.git("", "checkout", "-q", "-b", "feature")
	r.commit(files{
		"line\nbreak.py":        setting("LNEB3KRW"),
		"latin\xff.py":          "# caf\xe9\n" + setting("LATB3KRW"),
		"wide.py":               "\xff\xfe" + wide("# x\n"+setting("WIDB3KRW")),
		".gitattributes":        "* binary\n*.py -diff filter=evil\n",
		"hidden.py":             setting("HIDB3KRW"),
		"long.py":               strings.Repeat("x", 10<<20) + "\n",
		"wide-line.py":          strings.Repeat("x = 1; ", 500_000) + "\n" + setting("WLNB3KRW"),
		"dump.bin":              "\x00\x01" + strings.Repeat("\x00\x02", 25<<20),
		"nul.py":                "x\x00y\n",
		"logo.png":              "\x89PNG\r\n\x1a\n\x00\x00",
		"deep/" + deep + "a.py": setting("DEPB3KRW"),
	})
	if err := os.Symlink("/etc/passwd", filepath.Join(r.dir, "link.py")); err != nil {
		t.Fatal(err)
	}
	r.git("", "add", "-A")
	r.git("160000 "+base+"\tvendored\n", "update-index", "--index-info")
	r.git("", "commit", "-q", "-m", "hostile")
	head := r.git("", "rev-parse", "HEAD")

	a := newRealAnalyzer(t, 2)
	want := []string{
		"new deep/" + deep + "a.py:1", "new hidden.py:1", "new latin\xff.py:2", "new line\nbreak.py:1", "new wide-line.py:2", "new wide.py:2",
		"blocking long.py: it has 10.0 MiB, and files over 5 MiB are not scanned",
		"blocking nul.py: its text encoding cannot be read",
		"out of scope dump.bin: binary", "out of scope link.py: symbolic link", "out of scope logo.png: binary",
		"out of scope vendored: submodule",
	}
	if diff := cmp.Diff(want, summarise(r.compareReal(a, head))); diff != "" {
		t.Errorf("compare differs (-want +got):\n%s", diff)
	}
	result, err := a.Audit(context.Background(), r.open(), head, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, summarise(result)); diff != "" {
		t.Errorf("audit differs (-want +got):\n%s", diff)
	}
}

var deep = strings.Repeat("d/", 200)

// wide encodes ASCII as UTF-16, little endian.
func wide(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		b.Write([]byte{c, 0})
	}
	return b.String()
}
