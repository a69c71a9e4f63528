package gitrepo_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/lintel-bot/lintel/internal/gitrepo"
)

// token stands for an installation token; it is made up here.
const token = "made-up-" + "installation-token-0123456789"

// remoteServer serves a repository over smart HTTP as GitHub does: behind a
// token, with filters, and every object by its id.
type remoteServer struct {
	*httptest.Server
	repository *testRepository
	// before may answer in place of git; it returns true when it did.
	before atomic.Pointer[func(http.ResponseWriter, *http.Request) bool]

	mu       sync.Mutex
	requests []string
	received int64
}

func serve(t testing.TB, r *testRepository) *remoteServer {
	t.Helper()
	r.git("config", "uploadpack.allowFilter", "true")
	r.git("config", "uploadpack.allowAnySHA1InWant", "true")
	r.git("config", "uploadpack.hideRefs", "refs/hidden")
	git, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	s := &remoteServer{repository: r}
	backend := &cgi.Handler{Path: git, Args: []string{"http-backend"}, Env: []string{
		"GIT_PROJECT_ROOT=" + filepath.Dir(r.dir), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=/dev/null",
	}, InheritEnv: []string{"PATH"}, Stderr: io.Discard}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		s.note(req)
		if before := s.before.Load(); before != nil && (*before)(w, req) {
			return
		}
		want := "Basic " + base64.StdEncoding.EncodeToString([]byte("x-access-token:"+token))
		if req.Header.Get("Authorization") != want {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		counting := &countingWriter{ResponseWriter: w}
		backend.ServeHTTP(counting, req)
		s.mu.Lock()
		s.received += counting.bytes
		s.mu.Unlock()
	}))
	t.Cleanup(s.Close)
	return s
}

type countingWriter struct {
	http.ResponseWriter
	bytes int64
}

func (c *countingWriter) Write(p []byte) (int, error) {
	c.bytes += int64(len(p))
	return c.ResponseWriter.Write(p)
}

func (s *remoteServer) note(req *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, req.Method+" "+req.URL.Path)
}

// counts returns how many requests came and how many bytes went out, so far.
func (s *remoteServer) counts() (requests int, bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.requests), s.received
}

// intercept has every request answered by f first, until it is called anew.
func (s *remoteServer) intercept(f func(http.ResponseWriter, *http.Request) bool) { s.before.Store(&f) }

// remote is the server as a mirror's remote.
func (s *remoteServer) remote() gitrepo.Remote {
	return gitrepo.Remote{RepositoryID: 7, URL: s.URL + "/tree/.git",
		Token: func(context.Context) (string, error) { return token, nil }}
}

func openMirrors(t testing.TB, dir string, o gitrepo.MirrorOptions) *gitrepo.Mirrors {
	t.Helper()
	mirrors, err := gitrepo.OpenMirrors(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := mirrors.Close(); err != nil {
			t.Error(err)
		}
	})
	return mirrors
}

// snapshot takes a snapshot that must succeed, released at the end of the test.
func snapshot(t testing.TB, mirrors *gitrepo.Mirrors, remote gitrepo.Remote, base, head string, pull int) *gitrepo.Snapshot {
	t.Helper()
	s, err := mirrors.Snapshot(context.Background(), remote, base, head, pull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Release(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// checkWhole reads everything a review may read of a snapshot.
func checkWhole(t testing.TB, s *gitrepo.Snapshot) {
	t.Helper()
	ctx := context.Background()
	read := func(what, blob string) {
		if _, _, err := s.ReadBlob(ctx, blob, 1<<30); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, commit := range []string{s.MergeBase, s.Head} {
		entries, err := s.Tree(ctx, commit)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			read(entry.Path, entry.Blob)
		}
	}
	if _, err := s.Diff(ctx, s.MergeBase, s.Head); err != nil {
		t.Error(err)
	}
	introductions, _, err := s.Introduced(ctx, s.Base, s.Head)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range introductions {
		for _, blob := range append(i.ParentBlobs, i.Blob) {
			if blob != "" {
				read(i.Path+" in "+i.Commit, blob)
			}
		}
	}
}

// filesBelow returns the contents of all files of a directory, by name.
func filesBelow(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	out, err := exec.Command("find", dir, "-type", "f").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Fields(string(out)) {
		files[name] = readFile(t, name)
	}
	return files
}
