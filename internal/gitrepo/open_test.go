package gitrepo_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/gitrepo"
)

func TestOpenFindsTheRepositoryAround(t *testing.T) {
	r := newRepository(t)
	commit := r.commit(map[string]string{"deep/er/file": "x\n"})
	r.git("worktree", "add", "-q", "-b", "other", filepath.Join(filepath.Dir(r.dir), "linked"))
	linked := runGit(t, filepath.Join(filepath.Dir(r.dir), "linked"), nil, "rev-parse", "HEAD")
	bare := filepath.Join(t.TempDir(), "bare.git")
	runGit(t, "", nil, "clone", "-q", "--bare", r.dir, bare)
	borrowing := filepath.Join(t.TempDir(), "borrowing")
	runGit(t, "", nil, "clone", "-q", "--shared", r.dir, borrowing)
	if linked != commit {
		t.Fatal("the linked work tree is not at the same commit")
	}
	for name, dir := range map[string]string{
		"work tree":               r.dir,
		"directory inside":        filepath.Join(r.dir, "deep", "er"),
		"git directory":           filepath.Join(r.dir, ".git"),
		"bare":                    bare,
		"linked work tree":        filepath.Join(filepath.Dir(r.dir), "linked"),
		"objects in another repo": borrowing,
	} {
		t.Run(name, func(t *testing.T) {
			repo := openRepository(t, dir)
			got, err := repo.Resolve(context.Background(), "HEAD")
			if err != nil || got != commit {
				t.Fatalf("HEAD is %s, %v; want %s", got, err, commit)
			}
			entries, err := repo.Tree(context.Background(), commit)
			if err != nil || len(entries) != 1 || entries[0].Path != "deep/er/file" {
				t.Errorf("Tree = %v, %v", entries, err)
			}
		})
	}
}

func TestOpenSaysWhatIsNoRepository(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		dir  string
		want error
	}{
		"a directory without one": {dir, gitrepo.ErrNotRepository},
		"a file":                  {file, gitrepo.ErrNotRepository},
		"nothing":                 {filepath.Join(dir, "absent"), os.ErrNotExist},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := gitrepo.Open(context.Background(), test.dir)
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.dir) {
				t.Errorf("error %v; want one that names %s and is %v", err, test.dir, test.want)
			}
		})
	}
}

func TestCloseRemovesWhatOpenMade(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	r := newRepository(t)
	commit := r.commit(map[string]string{"a": "b\n"})
	repo, err := gitrepo.Open(context.Background(), r.dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.Tree(context.Background(), commit); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := repo.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := gitrepo.Open(context.Background(), t.TempDir()); err == nil {
		t.Fatal("an empty directory was opened")
	}
	left, err := filepath.Glob(filepath.Join(temporary, "lintel-repository-*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := repo.Tree(context.Background(), commit); err == nil {
		t.Error("a closed repository still answers")
	}
}

func TestResolve(t *testing.T) {
	r := newRepository(t)
	first := r.commit(map[string]string{"a": "1\n"})
	second := r.commit(map[string]string{"a": "2\n"})
	r.git("tag", "-a", "-m", "tag", "v1", first)
	r.git("update-ref", "refs/heads/-x", first)
	repo := r.open()
	blob := r.git("rev-parse", "HEAD:a")
	for rev, want := range map[string]string{
		"HEAD": second, "main": second, "v1": first, "HEAD~1": first, first[:10]: first, second: second, "@": second,
		"refs/heads/-x": first, "-x": first,
		"": "", "nowhere": "", "--all": "", "--git-dir": "", "--output=/tmp/x": "", "^main": "", "main..v1": "", "main v1": "",
		"HEAD\nmain": "", "HEAD\x00": "", blob: "", "HEAD:a": "", "HEAD^{tree}": "", strings.Repeat("a", 2000): "",
		strings.Repeat("0", 40): "", strings.Repeat("1", 40): "", "HEAD~5": "", "$(id)": "", "HEAD^{/nothing like it}": "",
	} {
		got, err := repo.Resolve(context.Background(), rev)
		if want != "" && (err != nil || got != want) {
			t.Errorf("Resolve(%q) = %s, %v; want %s", rev, got, err, want)
		}
		if want == "" && !errors.Is(err, gitrepo.ErrUnknownRevision) {
			t.Errorf("Resolve(%q) = %s, %v; want ErrUnknownRevision", rev, got, err)
		}
	}
}

func TestOnlyFullIDsAreTakenForCommits(t *testing.T) {
	r := newRepository(t)
	commit := r.commit(map[string]string{"a": "1\n"})
	repo := r.open()
	ctx := context.Background()
	blob := r.git("rev-parse", "HEAD:a")
	for _, id := range []string{"", "HEAD", "main", commit[:12], strings.ToUpper(commit), "--all", commit + "\n", strings.Repeat("1", 64)} {
		if _, err := repo.Diff(ctx, id, commit); err == nil {
			t.Errorf("Diff took %q", id)
		}
		if _, err := repo.MergeBase(ctx, commit, id); err == nil {
			t.Errorf("MergeBase took %q", id)
		}
		if _, _, err := repo.Introduced(ctx, id, commit); err == nil {
			t.Errorf("Introduced took %q", id)
		}
		if _, err := repo.Tree(ctx, id); err == nil {
			t.Errorf("Tree took %q", id)
		}
		if _, _, err := repo.ReadBlob(ctx, id, 10); err == nil {
			t.Errorf("ReadBlob took %q", id)
		}
	}
	if _, err := repo.Tree(ctx, blob); err == nil || !strings.Contains(err.Error(), "is a blob, not a commit") {
		t.Errorf("Tree of a blob: %v", err)
	}
	absent := strings.Repeat("1", 40)
	if _, err := repo.Tree(ctx, absent); !errors.Is(err, gitrepo.ErrMissingObject) {
		t.Errorf("Tree of an absent commit: %v", err)
	}
}

func TestSHA256Repository(t *testing.T) {
	r := newRepository(t, "--object-format=sha256")
	base := r.commit(map[string]string{"a": "1\n"})
	head := r.commit(map[string]string{"a": "1\n2\n", "b": "3\n"})
	repo := r.open()
	files := diffOf(t, repo, base, head)
	if len(base) != 64 || len(files) != 2 || files[0].AddedLines() != 1 {
		t.Errorf("Diff = %+v", files)
	}
	data, _, err := repo.ReadBlob(context.Background(), files[1].Blob, 10)
	if err != nil || string(data) != "3\n" {
		t.Errorf("ReadBlob = %q, %v", data, err)
	}
	if _, commits, err := repo.Introduced(context.Background(), base, head); err != nil || len(commits) != 1 {
		t.Errorf("Introduced = %v, %v", commits, err)
	}
}

// TestAnotherOwnersRepository needs root, as containers have it: only root can
// give a directory away.
func TestAnotherOwnersRepository(t *testing.T) {
	r := newRepository(t)
	commit := r.commit(map[string]string{"a": "1\n"})
	if os.Geteuid() == 0 {
		if out, err := exec.Command("chown", "-R", "12345:12345", r.dir).CombinedOutput(); err != nil {
			t.Fatalf("chown: %v: %s", err, out)
		}
	}
	repo := r.open()
	if got, err := repo.Resolve(context.Background(), "main"); err != nil || got != commit {
		t.Errorf("Resolve = %s, %v; want %s", got, err, commit)
	}
	if entries, err := repo.Tree(context.Background(), commit); err != nil || len(entries) != 1 {
		t.Errorf("Tree = %v, %v", entries, err)
	}
}
