package gitrepo_test

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/gitrepo"
)

// What the process that is killed gets to know of its task.
const (
	childURL  = "GITREPO_TEST_URL"
	childDir  = "GITREPO_TEST_DIR"
	childHead = "GITREPO_TEST_HEAD"
)

// TestAFetchEndsWithItsProcess kills a process in the middle of a fetch, which
// must not go on writing into the mirror, and opens its mirrors anew.
func TestAFetchEndsWithItsProcess(t *testing.T) {
	if url := os.Getenv(childURL); url != "" {
		fetchUntilKilled(t, url, os.Getenv(childDir), os.Getenv(childHead))
		return
	}
	r, _, base, head := pullRequest(t)
	server := serve(t, r)
	arrived, answer := make(chan struct{}, 10), make(chan struct{})
	server.intercept(func(_ http.ResponseWriter, req *http.Request) bool {
		arrived <- struct{}{}
		select {
		case <-req.Context().Done():
		case <-answer:
		}
		return true
	})
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestAFetchEndsWithItsProcess$")
	child.Env = append(os.Environ(), childURL+"="+server.remote().URL, childDir+"="+dir, childHead+"="+head)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	select {
	case <-arrived:
	case <-time.After(time.Minute):
		t.Fatal("no fetch began")
	}
	if !fetching(t, dir) {
		t.Fatal("the fetch is not to be seen among the processes")
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); fetching(t, dir); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the fetch outlived its process")
		}
	}
	close(answer) // for the helper that waits for it
	if err := child.Wait(); err == nil {
		t.Error("the process was not killed")
	}
	server.intercept(func(http.ResponseWriter, *http.Request) bool { return false })
	checkWhole(t, snapshot(t, openMirrors(t, dir, gitrepo.MirrorOptions{}), server.remote(), base, head, 1))
}

// fetching reports whether a `git fetch` runs in a mirror below dir.
func fetching(t *testing.T, dir string) bool {
	t.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, process := range processes {
		// A process may end while it is looked at.
		where, err := os.Readlink(filepath.Join(process, "cwd"))
		if err != nil || !strings.HasPrefix(where, dir) {
			continue
		}
		line, err := os.ReadFile(filepath.Join(process, "cmdline"))
		if err == nil && strings.Contains(string(line), "git\x00fetch\x00") {
			return true
		}
	}
	return false
}

func fetchUntilKilled(t *testing.T, url, dir, head string) {
	mirrors, err := gitrepo.OpenMirrors(dir, gitrepo.MirrorOptions{})
	if err != nil {
		t.Fatal(err)
	}
	remote := gitrepo.Remote{RepositoryID: 7, URL: url}
	_, err = mirrors.Snapshot(context.Background(), remote, head, head, 1)
	t.Fatalf("the fetch ended: %v", err)
}
