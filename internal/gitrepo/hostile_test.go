package gitrepo_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/gitrepo"
)

// trapConfig is a repository configuration in which everything that runs a
// command touches a file, and everything that shapes a diff is turned around.
func trapConfig(marker string) string {
	touch := fmt.Sprintf("touch %s; cat", marker)
	var b strings.Builder
	b.WriteString("[core]\n\trepositoryformatversion = 1\n\tbare = false\n\tquotePath = false\n\tbigFileThreshold = 1\n\tabbrev = 7\n")
	for _, key := range []string{"fsmonitor", "pager", "editor", "sshCommand", "askPass", "gitProxy", "alternateRefsCommand"} {
		fmt.Fprintf(&b, "\t%s = \"%s\"\n", key, touch)
	}
	fmt.Fprintf(&b, "[diff]\n\texternal = \"%s\"\n\tnoprefix = true\n\tmnemonicPrefix = true\n\trenames = false\n\talgorithm = patience\n"+
		"\torderFile = /dev/stdin\n\tignoreSubmodules = all\n\tsuppressBlankEmpty = true\n\tsubmodule = log\n\tcontext = 0\n\tinterHunkContext = 50\n"+
		"\twsErrorHighlight = all\n\trelative = true\n\trenameLimit = 1\n\tcolorMoved = zebra\n\tindentHeuristic = false\n", touch)
	fmt.Fprintf(&b, "[diff \"trap\"]\n\tcommand = \"%s\"\n\ttextconv = \"%s\"\n\tbinary = true\n\txfuncname = \"(\"\n", touch, touch)
	fmt.Fprintf(&b, "[filter \"trap\"]\n\tclean = \"%s\"\n\tsmudge = \"%s\"\n\tprocess = \"%s\"\n\trequired = true\n", touch, touch, touch)
	b.WriteString("[color]\n\tui = always\n\tdiff = always\n[log]\n\tshowSignature = true\n\tfollow = true\n\tmailmap = true\n[pager]\n\trev-parse = true\n\tdiff-tree = true\n")
	fmt.Fprintf(&b, "[alias]\n\trev-parse = \"!%s\"\n\tdiff-tree = \"!%s\"\n", touch, touch)
	fmt.Fprintf(&b, "[remote \"origin\"]\n\turl = .\n\tpromisor = true\n\tuploadpack = \"%s\"\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n", touch)
	b.WriteString("[extensions]\n\tpartialClone = origin\n[protocol]\n\tallow = always\n[protocol \"file\"]\n\tallow = always\n[protocol \"ext\"]\n\tallow = always\n")
	return b.String()
}

func TestConfigurationOfTheRepositoryChangesNothing(t *testing.T) {
	plain := newRepository(t)
	long := numbered("line", 1, 60)
	build := func(r *testRepository) (base, head string) {
		base = r.commit(map[string]string{"a/long.py": long, "moved.py": numbered("text", 1, 30), "z.bin": "z\n", "blank.py": "x\n\n\ny\n"})
		head = r.commit(map[string]string{
			"a/long.py": strings.Replace(strings.Replace(long, "line 20\n", "line XX\n", 1), "line 30\n", "", 1),
			"new.py":    numbered("text", 1, 30) + "end\n", "z.bin": "z\nmore\n", "blank.py": "x\n\n\n\ny\nz\n",
			".gitattributes": "* -diff -text diff=trap filter=trap\n*.py binary\n",
		}, "moved.py")
		return base, head
	}
	base, head := build(plain)
	want := diffOf(t, plain.open(), base, head)

	trapped := newRepository(t)
	trappedBase, trappedHead := build(trapped)
	if trappedHead != head || trappedBase != base {
		t.Fatal("the two repositories differ")
	}
	marker := filepath.Join(t.TempDir(), "ran")
	gitDir := filepath.Join(trapped.dir, ".git")
	writeFile(t, filepath.Join(gitDir, "config"), trapConfig(marker), 0o644)
	writeFile(t, filepath.Join(gitDir, "info", "attributes"), "* binary diff=trap\n", 0o644)
	writeFile(t, filepath.Join(gitDir, "info", "grafts"), head+"\n", 0o644)
	for _, hook := range []string{"post-index-change", "reference-transaction", "post-checkout", "fsmonitor-watchman"} {
		writeFile(t, filepath.Join(gitDir, "hooks", hook), "#!/bin/sh\ntouch "+marker+"\n", 0o755)
	}
	// The traps work: plain git falls into them. How it ends does not matter.
	_ = exec.Command("git", "-C", trapped.dir, "diff", base, head).Run()
	if err := os.Remove(marker); err != nil {
		t.Fatalf("the traps catch nobody: %v", err)
	}
	replaced := runGit(t, plain.dir, nil, "rev-parse", head+"^{tree}")
	writeFile(t, filepath.Join(gitDir, "refs", "replace", base), head+"\n", 0o644)
	writeFile(t, filepath.Join(gitDir, "refs", "replace", want[0].Blob), replaced+"\n", 0o644)
	if out := runGit(t, trapped.dir, nil, "diff", base, head); out != "" {
		t.Fatalf("the replacement catches nobody:\n%s", out)
	}

	repo := trapped.open()
	if d := cmp.Diff(want, diffOf(t, repo, base, head)); d != "" {
		t.Errorf("the traps changed the diff (-plain +trapped):\n%s", d)
	}
	ctx := context.Background()
	if got, err := repo.Resolve(ctx, "main"); err != nil || got != head {
		t.Errorf("Resolve = %s, %v; want %s", got, err, head)
	}
	if got, err := repo.Resolve(ctx, "main~1"); err != nil || got != base {
		t.Errorf("Resolve of the parent = %s, %v; want %s", got, err, base)
	}
	if got, err := repo.MergeBase(ctx, base, head); err != nil || got != base {
		t.Errorf("MergeBase = %s, %v; want %s", got, err, base)
	}
	if _, commits, err := repo.Introduced(ctx, base, head); err != nil || len(commits) != 1 {
		t.Errorf("Introduced = %v, %v", commits, err)
	}
	if _, _, err := repo.ReadBlob(ctx, strings.Repeat("1", 40), 10); !errors.Is(err, gitrepo.ErrMissingObject) {
		t.Errorf("ReadBlob of an absent blob: %v", err)
	}
	if _, err := repo.Resolve(ctx, strings.Repeat("1", 40)); !errors.Is(err, gitrepo.ErrUnknownRevision) {
		t.Errorf("Resolve of an absent commit: %v", err)
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("the repository's configuration ran a command")
	}
}

func writeFile(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), mode); err != nil {
		t.Fatal(err)
	}
}

// TestTheCallersEnvironmentChangesNothing: git sets these variables when it
// runs a hook, and people set them for themselves.
func TestTheCallersEnvironmentChangesNothing(t *testing.T) {
	r := newRepository(t)
	base := r.commit(map[string]string{"a": "1\n"})
	head := r.commit(map[string]string{"a": "1\n2\n"})
	marker := filepath.Join(t.TempDir(), "ran")
	for key, value := range map[string]string{
		"GIT_DIR": "/nowhere", "GIT_WORK_TREE": "/nowhere", "GIT_OBJECT_DIRECTORY": "/nowhere", "GIT_INDEX_FILE": "/nowhere",
		"GIT_EXTERNAL_DIFF": "touch " + marker, "GIT_DIFF_OPTS": "-u0", "GIT_PAGER": "touch " + marker, "GIT_TRACE": "2",
		"GIT_CONFIG_PARAMETERS": "'diff.noprefix'='true'", "GIT_CEILING_DIRECTORIES": filepath.Dir(r.dir), "GIT_NAMESPACE": "x",
	} {
		t.Setenv(key, value)
	}
	repo := r.open()
	files := diffOf(t, repo, base, head)
	if len(files) != 1 || files[0].AddedLines() != 1 || files[0].Hunks[0].NewLines != 2 {
		t.Errorf("Diff = %+v", files)
	}
	if _, err := os.Stat(marker); err == nil {
		t.Error("the environment ran a command")
	}
}

func TestPartialCloneSaysWhatIsMissing(t *testing.T) {
	r := newRepository(t)
	base := r.commit(map[string]string{"a": numbered("x", 1, 10)})
	head := r.commit(map[string]string{"a": numbered("x", 1, 11)})
	r.git("config", "uploadpack.allowFilter", "true")
	partial := filepath.Join(t.TempDir(), "partial")
	runGit(t, "", nil, "clone", "-q", "--bare", "--filter=blob:none", "file://"+r.dir, partial)
	repo := openRepository(t, partial)
	if _, err := repo.Diff(context.Background(), base, head); !errors.Is(err, gitrepo.ErrMissingObject) {
		t.Errorf("Diff: %v; want ErrMissingObject", err)
	}
	blob := r.git("rev-parse", head+":a")
	if _, _, err := repo.ReadBlob(context.Background(), blob, 1000); !errors.Is(err, gitrepo.ErrMissingObject) {
		t.Errorf("ReadBlob: %v; want ErrMissingObject", err)
	}
}
