package gitrepo_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/gitrepo"
)

// withoutIDs compares files by everything but object ids, which each test
// checks through the content it reads.
var withoutIDs = cmpopts.IgnoreFields(diff.File{}, "OldBlob", "Blob")

func diffOf(t *testing.T, repo *gitrepo.Repository, base, head string) []diff.File {
	t.Helper()
	files, err := repo.Diff(context.Background(), base, head)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestDiffKindsOfChange(t *testing.T) {
	r := newRepository(t)
	ten := numbered("line", 1, 20)
	base := r.commit(map[string]string{
		"deleted.txt": "gone\n", "edited.txt": ten, "moved.txt": numbered("text", 1, 40), "mode.sh": "run\n",
		"binary.png": "\x89PNG\x00\x01", "no-newline.txt": "one\ntwo", "emptied.txt": "a\nb\n",
	})
	if err := os.Chmod(filepath.Join(r.dir, "mode.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	head := r.commit(map[string]string{
		"edited.txt":     strings.Replace(ten, "line 10\n", "line ten\nline ten and a half\n", 1),
		"sub/new.txt":    numbered("text", 1, 40) + "one more\n",
		"binary.png":     "\x89PNG\x00\x02",
		"no-newline.txt": "one\nTWO",
		"emptied.txt":    "",
		"empty-new.txt":  "",
		"added.txt":      "++ b/x\n@@ -1 +1 @@\ndiff --git a/x b/x\n-- a/x\n\\ No newline at end of file\n\n",
	}, "deleted.txt", "moved.txt")
	want := []diff.File{
		{Status: diff.Added, Path: "added.txt", Mode: diff.ModeFile,
			Hunks: []diff.Hunk{{NewStart: 1, NewLines: 6, Added: []diff.Range{{First: 1, Last: 6}}}}},
		{Status: diff.Modified, OldPath: "binary.png", Path: "binary.png", OldMode: diff.ModeFile, Mode: diff.ModeFile, Binary: true},
		{Status: diff.Deleted, OldPath: "deleted.txt", Path: "deleted.txt", OldMode: diff.ModeFile},
		{Status: diff.Modified, OldPath: "edited.txt", Path: "edited.txt", OldMode: diff.ModeFile, Mode: diff.ModeFile,
			Hunks: []diff.Hunk{{OldStart: 7, OldLines: 7, NewStart: 7, NewLines: 8, Added: []diff.Range{{First: 10, Last: 11}}}}},
		{Status: diff.Modified, OldPath: "emptied.txt", Path: "emptied.txt", OldMode: diff.ModeFile, Mode: diff.ModeFile,
			Hunks: []diff.Hunk{{OldStart: 1, OldLines: 2}}},
		{Status: diff.Added, Path: "empty-new.txt", Mode: diff.ModeFile},
		{Status: diff.Modified, OldPath: "mode.sh", Path: "mode.sh", OldMode: diff.ModeFile, Mode: diff.ModeExecutable},
		{Status: diff.Modified, OldPath: "no-newline.txt", Path: "no-newline.txt", OldMode: diff.ModeFile, Mode: diff.ModeFile,
			Hunks: []diff.Hunk{{OldStart: 1, OldLines: 2, NewStart: 1, NewLines: 2, Added: []diff.Range{{First: 2, Last: 2}}}}},
		{Status: diff.Renamed, OldPath: "moved.txt", Path: "sub/new.txt", OldMode: diff.ModeFile, Mode: diff.ModeFile,
			Hunks: []diff.Hunk{{OldStart: 38, OldLines: 3, NewStart: 38, NewLines: 4, Added: []diff.Range{{First: 41, Last: 41}}}}},
	}
	repo := r.open()
	got := diffOf(t, repo, base, head)
	if d := cmp.Diff(want, got, withoutIDs); d != "" {
		t.Errorf("Diff (-want +got):\n%s", d)
	}
	for _, file := range got {
		checkSide(t, r, base, file.OldPath, file.OldBlob)
		if file.Status == diff.Deleted {
			checkSide(t, r, head, "", file.Blob)
		} else {
			checkSide(t, r, head, file.Path, file.Blob)
		}
	}
}

// checkSide holds an object id against what git has for that path.
func checkSide(t *testing.T, r *testRepository, commit, path, blob string) {
	t.Helper()
	want := ""
	if path != "" {
		want = r.git("rev-parse", commit+":"+path)
	}
	if blob != want {
		t.Errorf("%q in %s is %q, want %q", path, commit, blob, want)
	}
}

func TestDiffOfTypeChangesAndSubmodules(t *testing.T) {
	r := newRepository(t)
	r.write("file", numbered("a", 1, 3))
	if err := os.Symlink("target", filepath.Join(r.dir, "link")); err != nil {
		t.Fatal(err)
	}
	base := r.commit(nil)
	r.git("update-index", "--add", "--cacheinfo", "160000,"+base+",module")
	r.git("commit", "-q", "-m", "add a submodule")
	withModule := r.git("rev-parse", "HEAD")
	r.git("rm", "-q", "--cached", "module", "file", "link")
	for _, name := range []string{"file", "link"} {
		if err := os.Remove(filepath.Join(r.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("elsewhere", filepath.Join(r.dir, "file")); err != nil {
		t.Fatal(err)
	}
	head := r.commit(map[string]string{"link": "now a file\n", "module": "now a file, too\n"})

	repo := r.open()
	one := []diff.Hunk{{NewStart: 1, NewLines: 1, Added: []diff.Range{{First: 1, Last: 1}}}}
	want := []diff.File{
		{Status: diff.TypeChanged, OldPath: "file", Path: "file", OldMode: diff.ModeFile, Mode: diff.ModeSymlink, Hunks: one},
		{Status: diff.TypeChanged, OldPath: "link", Path: "link", OldMode: diff.ModeSymlink, Mode: diff.ModeFile, Hunks: one},
		{Status: diff.TypeChanged, OldPath: "module", Path: "module", OldMode: diff.ModeSubmodule, Mode: diff.ModeFile, Hunks: one},
	}
	if d := cmp.Diff(want, diffOf(t, repo, withModule, head), withoutIDs); d != "" {
		t.Errorf("Diff (-want +got):\n%s", d)
	}
	added := []diff.File{{Status: diff.Added, Path: "module", Mode: diff.ModeSubmodule, Blob: base}}
	if d := cmp.Diff(added, diffOf(t, repo, base, withModule)); d != "" {
		t.Errorf("Diff with a new submodule (-want +got):\n%s", d)
	}
}

func TestDiffOfUnusualPaths(t *testing.T) {
	r := newRepository(t)
	base := r.commit(map[string]string{"plain": "x\n"})
	paths := []string{
		"a\nb", "tab\there", `quo"te`, `back\slash`, "-rf", "--output=x", "ünïcödé/ß", "\xff\xfe invalid", " leading", "trailing ",
		"a => b", "{a => b}/c", "b/b", "a\ndiff --git a/x b/x\n@@ -1 +1 @@", "\x01\x7f\x1b[31m", ":(glob)**", "日本語",
	}
	files := map[string]string{}
	for _, path := range paths {
		files[path] = "content of " + path + "\n"
	}
	head := r.commit(files)
	repo := r.open()
	got := map[string]bool{}
	for _, file := range diffOf(t, repo, base, head) {
		got[file.Path] = true
		data, _, err := repo.ReadBlob(context.Background(), file.Blob, 1<<20)
		if err != nil || string(data) != files[file.Path] {
			t.Errorf("blob of %q is %q, %v; want %q", file.Path, data, err, files[file.Path])
		}
		if file.AddedLines() == 0 || !file.IsAdded(1) {
			t.Errorf("%q has no added lines: %+v", file.Path, file.Hunks)
		}
	}
	for _, path := range paths {
		if !got[path] {
			t.Errorf("path %q is missing", path)
		}
	}
	if len(got) != len(paths) {
		t.Errorf("%d files, want %d", len(got), len(paths))
	}
	entries, err := repo.Tree(context.Background(), head)
	if err != nil || len(entries) != len(paths)+1 {
		t.Errorf("Tree has %d entries, %v; want %d", len(entries), err, len(paths)+1)
	}
}

func TestDiffSetsTextTooLargeForGitApartFromBinary(t *testing.T) {
	r := newRepository(t)
	const over = 5<<20 + 1
	text := strings.Repeat("a long text\n", over/12+1)
	base := r.commit(map[string]string{"shrinks.txt": text, "small.txt": "x\n"})
	head := r.commit(map[string]string{
		"shrinks.txt": "short now\n",
		"large.txt":   text,
		"large.bin":   "\x00" + text,
		"late.bin":    text + "\x00",
		"small.bin":   "\x00\n",
		"line.txt":    strings.Repeat("x", 4<<20) + "\nsecond\n",
	})
	type kind struct {
		Binary, TooLarge bool
		Added            int
	}
	got := map[string]kind{}
	for _, f := range diffOf(t, r.open(), base, head) {
		got[f.Path] = kind{f.Binary, f.TooLarge, f.AddedLines()}
	}
	want := map[string]kind{
		"shrinks.txt": {TooLarge: true}, "large.txt": {TooLarge: true}, "late.bin": {TooLarge: true},
		"large.bin": {Binary: true}, "small.bin": {Binary: true}, "line.txt": {Added: 2},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("kinds (-want +got):\n%s", d)
	}
}

func TestDiffOfTheSameCommitIsEmpty(t *testing.T) {
	r := newRepository(t)
	c := r.commit(map[string]string{"a": "b\n"})
	if files := diffOf(t, r.open(), c, c); len(files) != 0 {
		t.Errorf("got %v, want nothing", files)
	}
}

func TestLargeChangesAreWhole(t *testing.T) {
	r := newRepository(t)
	base := r.commit(map[string]string{"one.txt": "first\n"})
	files := map[string]string{"long.txt": numbered("line", 1, 30_000)}
	for i := range 3_500 {
		files["many/"+strings.Repeat("d/", i%7)+numbered("f", i, i)[:1]+strings.TrimSpace(numbered("", i, i))] = numbered("x", i, i+1)
	}
	head := r.commit(files)
	got := diffOf(t, r.open(), base, head)
	if len(got) != len(files) || len(files) != 3_501 {
		t.Fatalf("%d files, want %d", len(got), len(files))
	}
	total := 0
	for _, f := range got {
		total += f.AddedLines()
	}
	if total != 30_000+2*3_500 {
		t.Errorf("%d added lines, want %d", total, 37_000)
	}
}
