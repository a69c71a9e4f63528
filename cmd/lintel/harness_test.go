package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

// patience bounds every wait of the end-to-end tests. It is never a
// measurement: only a test that fails waits so long.
const patience = 2 * time.Minute

// world is a fake GitHub with a repository, and the real server beside it as a
// process of its own.
type world struct {
	t      testing.TB
	dir    string
	github *ghtest.Server
	server *serverProcess
	shop   *ghtest.Repository
}

// newWorld starts the fake; the server starts with start.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	var err error
	if w.github, w.server, err = fakeGitHub(w.dir); err != nil {
		t.Fatal(err)
	}
	if w.server.program, err = exec.LookPath("lintel"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.stop()
		for _, violation := range w.github.Violations() {
			t.Errorf("the fake GitHub was asked or answered what GitHub's description does not know: %s", violation)
		}
		if err := w.github.Close(); err != nil {
			t.Error(err)
		}
	})
	if w.shop, err = w.github.CreateRepository("acme", "shop"); err != nil {
		t.Fatal(err)
	}
	w.commit("", map[string]string{"config/settings.py": settings(`os.environ["SECRET_KEY"]`), "README.md": "# Shop\n"})
	return w
}

// settings is a Django settings module with the given secret key expression on
// line 5.
func settings(secretKey string) string {
	return "import os\n\nDEBUG = False\nALLOWED_HOSTS = [\"shop.example.com\"]\nSECRET_KEY = " + secretKey +
		"\nROOT_URLCONF = \"config.urls\"\n"
}

// instrumented lets the server run with the race detector, if the tests do. It
// takes several times as long to start, so not every world does.
func (w *world) instrumented() *world {
	w.t.Helper()
	var err error
	if w.server.program, err = exec.LookPath("lintel-race"); err != nil {
		w.t.Fatal(err)
	}
	return w
}

// start runs the server and lets deliveries go there.
func (w *world) start() {
	w.t.Helper()
	if err := w.server.start(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	w.github.SetWebhook("http://" + w.server.address + "/webhook")
}

// stop ends the server as an operator does.
func (w *world) stop() {
	w.t.Helper()
	if err := w.server.stop(); err != nil {
		w.t.Error(err)
	}
}

// kill ends the server as a power cut does.
func (w *world) kill() {
	w.t.Helper()
	if err := w.server.command.Process.Kill(); err != nil {
		w.t.Fatal(err)
	}
	<-w.server.ended
	w.server.running = false
}

func (w *world) commit(branch string, files map[string]string) string {
	w.t.Helper()
	sha, err := w.shop.Commit(ghtest.Commit{Branch: branch, Files: files, Message: "Change " + branch})
	if err != nil {
		w.t.Fatal(err)
	}
	return sha
}

// open opens a pull request from a branch.
func (w *world) open(branch string) *ghtest.PullRequest {
	w.t.Helper()
	pull, err := w.shop.OpenPullRequest(ghtest.NewPullRequest{Head: branch})
	if err != nil {
		w.t.Fatal(err)
	}
	return pull
}

// propose opens a pull request that changes files.
func (w *world) propose(branch string, files map[string]string) *ghtest.PullRequest {
	w.t.Helper()
	w.commit(branch, files)
	return w.open(branch)
}

// check waits until the newest check run on the pull request's head is
// completed.
func (w *world) check(pull *ghtest.PullRequest) ghtest.CheckRun {
	w.t.Helper()
	var newest ghtest.CheckRun
	w.until(fmt.Sprintf("a completed check run for #%d", pull.Number()), func() bool {
		runs := w.shop.CheckRuns(pull.Head())
		if len(runs) == 0 {
			return false
		}
		newest = runs[len(runs)-1]
		return newest.Status == "completed"
	})
	return newest
}

// until waits for a condition.
func (w *world) until(what string, condition func() bool) {
	w.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return
		}
	}
	w.t.Fatalf("waited in vain for %s; the server's last words:\n%s", what, w.server.lastWords())
}

// idle waits until the server has nothing left to do.
func (w *world) idle() {
	w.t.Helper()
	w.until("an idle queue", func() bool {
		depth := w.depth()
		return depth["queued"]+depth["running"] == 0
	})
}

// depth reads the queue's gauges as an operator's Prometheus does.
func (w *world) depth() map[string]int {
	w.t.Helper()
	resp, err := http.Get("http://" + w.server.admin + "/metrics")
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	depth := map[string]int{}
	for _, found := range gauge.FindAllStringSubmatch(string(body), -1) {
		if depth[found[1]], err = strconv.Atoi(found[2]); err != nil {
			w.t.Fatal(err)
		}
	}
	if len(depth) != 4 {
		w.t.Fatalf("the queue's gauges are missing from /metrics: %v", depth)
	}
	return depth
}

var gauge = regexp.MustCompile(`(?m)^lintel_queue_depth\{state="(\w+)"\} (\d+)$`)

// count tells the requests by which the server changed something on GitHub
// from the others. Tokens are counted apart: they last an hour.
func (w *world) count() (reads, writes, tokens int) {
	for _, r := range w.github.Requests() {
		switch {
		case !r.API():
		case strings.HasSuffix(r.Path, "/access_tokens"):
			tokens++
		case r.Write():
			writes++
		default:
			reads++
		}
	}
	return reads, writes, tokens
}

// djangoKey is a made-up SECRET_KEY; n makes each its own.
func djangoKey(n int) string {
	return "x7#kq" + "2v!mz9$wd4^ph8&rt6*bn3(jc5)gf1-ye0=" + fmt.Sprintf("ls%03du", n)
}

func quoted(value string) string { return `"` + value + `"` }

// everything is the whole log.
func (p *serverProcess) everything() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.log, "\n")
}
