package gitrepo_test

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/lintel-bot/lintel/internal/gitrepo"
)

// leaks returns what must stand nowhere: the token, plain and as it is sent.
func leaks() []string {
	return []string{token, base64.StdEncoding.EncodeToString([]byte("x-access-token:" + token))}
}

func checkNoLeak(t *testing.T, where, text string) {
	t.Helper()
	for _, leak := range leaks() {
		if strings.Contains(text, leak) {
			t.Errorf("the token stands in %s", where)
		}
	}
}

func TestTheTokenIsInNoArgumentAndNoFile(t *testing.T) {
	r, _, base, head := pullRequest(t)
	server := serve(t, r)
	dir := t.TempDir()
	var mu sync.Mutex
	sawGit := false
	server.intercept(func(_ http.ResponseWriter, req *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
		if err != nil {
			t.Error(err)
		}
		for _, name := range lines {
			data, err := os.ReadFile(name)
			if err != nil {
				continue // that process has ended
			}
			line := strings.ReplaceAll(string(data), "\x00", " ")
			sawGit = sawGit || strings.Contains(line, "remote-http") && strings.Contains(line, server.URL)
			checkNoLeak(t, "the arguments of a process", line)
		}
		checkNoLeak(t, "the request", req.URL.String())
		for name, content := range filesBelow(t, dir) {
			checkNoLeak(t, name, content)
		}
		return false
	})
	checkWhole(t, snapshot(t, openMirrors(t, dir, gitrepo.MirrorOptions{}), server.remote(), base, head, 1))
	if _, err := os.Stat("/proc/self"); err == nil && !sawGit {
		t.Error("git's transport was not among the processes that were looked at")
	}
	for name, content := range filesBelow(t, dir) {
		checkNoLeak(t, name, content)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	r, _, base, head := pullRequest(t)
	server := serve(t, r)
	var reached []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		reached = append(reached, req.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	server.intercept(func(w http.ResponseWriter, req *http.Request) bool {
		http.Redirect(w, req, elsewhere.URL+req.URL.Path, http.StatusMovedPermanently)
		return true
	})
	_, err := openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{}).Snapshot(context.Background(), server.remote(), base, head, 1)
	if err == nil || len(reached) > 0 {
		t.Errorf("error %v, requests that followed the redirect: %q", err, reached)
	}
}

func TestRefusals(t *testing.T) {
	r, _, base, head := pullRequest(t)
	server := serve(t, r)
	mirrors := openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{})
	answer := func(status int) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, req *http.Request) bool {
			// A remote that repeats what it was sent must not get it into a log.
			http.Error(w, "you sent "+req.Header.Get("Authorization")+" "+token, status)
			return true
		}
	}
	for status, refused := range map[int]bool{401: true, 403: true, 404: true, 429: false, 500: false, 503: false} {
		server.intercept(answer(status))
		_, err := mirrors.Snapshot(context.Background(), server.remote(), base, head, 1)
		if err == nil || errors.Is(err, gitrepo.ErrRemoteRefused) != refused {
			t.Errorf("status %d: error %v; ErrRemoteRefused wanted: %v", status, err, refused)
			continue
		}
		checkNoLeak(t, "the error", err.Error())
		if strings.ContainsAny(err.Error(), "\r\x1b") {
			t.Errorf("status %d: the error holds control characters: %q", status, err)
		}
	}
	server.intercept(func(http.ResponseWriter, *http.Request) bool { return false })
	without := server.remote()
	without.Token = nil
	if _, err := mirrors.Snapshot(context.Background(), without, base, head, 1); !errors.Is(err, gitrepo.ErrRemoteRefused) {
		t.Errorf("without a token: %v; want ErrRemoteRefused", err)
	}
	checkWhole(t, snapshot(t, mirrors, server.remote(), base, head, 1))
}

func TestOnlyHTTPSAndLoopback(t *testing.T) {
	r, _, base, head := pullRequest(t)
	mirrors := openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{})
	for _, url := range []string{
		"", "http://github.example/o/r.git", "http://10.0.0.1/r.git", "ssh://git@github.com/o/r.git", "git@github.com:o/r.git",
		"file://" + r.dir, r.dir, "ext::sh -c true", "https://", "https://user:" + token + "@github.com/o/r.git",
		"https://github.com/o/r.git?x=1", "https://github.com/o/r.git#x", "--upload-pack=true", "https://github.com/o r.git",
		"http://localhost.example/r.git", "https://%zz/" + token,
	} {
		asked := false
		remote := gitrepo.Remote{RepositoryID: 1, URL: url, Token: func(context.Context) (string, error) { asked = true; return token, nil }}
		_, err := mirrors.Snapshot(context.Background(), remote, base, head, 1)
		if err == nil || asked {
			t.Errorf("URL %q: error %v, token asked for: %v", url, err, asked)
			continue
		}
		checkNoLeak(t, "the error", err.Error())
	}
}

func TestSnapshotTakesOnlyFullIDs(t *testing.T) {
	r, _, base, head := pullRequest(t)
	server := serve(t, r)
	mirrors := openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{})
	for _, id := range []string{"", "main", "--upload-pack=x", head[:39], strings.ToUpper(head), "refs/heads/main", strings.Repeat("a", 64), "+" + head[1:]} {
		for _, pair := range [][2]string{{id, head}, {base, id}} {
			if _, err := mirrors.Snapshot(context.Background(), server.remote(), pair[0], pair[1], 1); err == nil {
				t.Errorf("%q was taken for a commit", pair)
			}
		}
	}
	if n, _ := server.counts(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}

func TestNoTokenNoFetch(t *testing.T) {
	r, _, base, head := pullRequest(t)
	server := serve(t, r)
	mirrors := openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{})
	broken := errors.New("the app was uninstalled")
	for name, token := range map[string]func(context.Context) (string, error){
		"fails":   func(context.Context) (string, error) { return "", broken },
		"empty":   func(context.Context) (string, error) { return "", nil },
		"newline": func(context.Context) (string, error) { return "a\nHost: evil", nil },
	} {
		remote := server.remote()
		remote.Token = token
		_, err := mirrors.Snapshot(context.Background(), remote, base, head, 1)
		if err == nil || name == "fails" && !errors.Is(err, broken) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if n, _ := server.counts(); n != 0 {
		t.Errorf("%d requests were made", n)
	}
}
