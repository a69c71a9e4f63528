package gitrepo_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/gitrepo"
)

// testRepository is a real repository built for a test.
type testRepository struct {
	t    testing.TB
	dir  string
	tick int
}

// newRepository makes an empty repository with a work tree.
func newRepository(t testing.TB, initArgs ...string) *testRepository {
	t.Helper()
	r := &testRepository{t: t, dir: filepath.Join(t.TempDir(), "tree")}
	args := append([]string{"init", "-q", "-b", "main"}, initArgs...)
	runGit(t, "", nil, append(args, r.dir)...)
	return r
}

// git runs git in the repository and returns what it prints.
func (r *testRepository) git(args ...string) string {
	r.t.Helper()
	r.tick++
	return runGit(r.t, r.dir, []string{fmt.Sprintf("GIT_COMMITTER_DATE=%d +0000", 1_700_000_000+r.tick*60),
		fmt.Sprintf("GIT_AUTHOR_DATE=%d +0000", 1_700_000_000+r.tick*60)}, args...)
}

func runGit(t testing.TB, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null", "LC_ALL=C",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=core.fsync", "GIT_CONFIG_VALUE_0=none",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com")
	cmd.Env = append(cmd.Env, env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSuffix(string(out), "\n")
}

// write puts a file into the work tree.
func (r *testRepository) write(path, content string) {
	r.t.Helper()
	full := filepath.Join(r.dir, path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
		r.t.Fatal(err)
	}
}

// commit writes the files and commits the whole work tree; a nil content
// deletes the file. It returns the commit's id.
func (r *testRepository) commit(files map[string]string, deleted ...string) string {
	r.t.Helper()
	for path, content := range files {
		r.write(path, content)
	}
	for _, path := range deleted {
		if err := os.Remove(filepath.Join(r.dir, path)); err != nil {
			r.t.Fatal(err)
		}
	}
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", "change")
	return r.git("rev-parse", "HEAD")
}

// open opens the repository with the package under test.
func (r *testRepository) open() *gitrepo.Repository {
	r.t.Helper()
	return openRepository(r.t, r.dir)
}

func openRepository(t testing.TB, dir string) *gitrepo.Repository {
	t.Helper()
	repo, err := gitrepo.Open(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := repo.Close(); err != nil {
			t.Error(err)
		}
	})
	return repo
}

// numbered returns lines "prefix first" to "prefix last".
func numbered(prefix string, first, last int) string {
	var b strings.Builder
	for i := first; i <= last; i++ {
		fmt.Fprintf(&b, "%s %d\n", prefix, i)
	}
	return b.String()
}
