package reviewer_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/gh"
	"github.com/lintel-bot/lintel/internal/gh/ghtest"
	"github.com/lintel-bot/lintel/internal/gitrepo"
	"github.com/lintel-bot/lintel/internal/policy"
	"github.com/lintel-bot/lintel/internal/queue"
	"github.com/lintel-bot/lintel/internal/review"
	"github.com/lintel-bot/lintel/internal/reviewer"
	"github.com/lintel-bot/lintel/internal/store"
)

// patience bounds every wait; only a test that fails waits so long.
const patience = time.Minute

// world is a fake GitHub with a repository, and everything that reviews it in
// this process: the real client, mirrors, store, workers and queue. Deliveries
// come from the tests (want), so that a test can lose one.
type world struct {
	t        *testing.T
	github   *ghtest.Server
	shop     *ghtest.Repository
	app      *gh.App
	store    *store.Store
	reviewer *reviewer.Reviewer
	runner   atomic.Pointer[queue.Runner]
	// skew is how far the queue's clock has run ahead.
	skew  atomic.Int64
	guids int

	mu       sync.Mutex
	log      bytes.Buffer
	outcomes []string
}

// options of a world; zero values mean the defaults of lintel.
type options struct {
	// requestTimeout bounds one request to GitHub.
	requestTimeout time.Duration
	// wrap puts something between the reviewer and its store.
	wrap func(reviewer.Store) reviewer.Store
	// mirrorBudget is the size that all mirrors may have.
	mirrorBudget int64
}

func newWorld(t *testing.T, o options) *world {
	t.Helper()
	w := &world{t: t}
	var key []byte
	w.github, key = ghtest.ForTest(t, ghtest.Options{Dir: t.TempDir()})
	dir := t.TempDir()
	log := slog.New(slog.NewTextHandler(w, nil))
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(w.logged())
		}
	})
	var err error
	if w.store, err = store.Open(t.Context(), "sqlite:"+filepath.Join(dir, "lintel.db"), store.Options{Now: w.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.must(w.store.Close()) })
	if w.app, err = gh.New(gh.Config{
		AppID: 1, PrivateKeys: [][]byte{key}, WebURL: w.github.URL(), Timeout: o.requestTimeout, Now: w.now,
	}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.app.Close)
	mirrors, err := gitrepo.OpenMirrors(filepath.Join(dir, "mirrors"), gitrepo.MirrorOptions{Budget: o.mirrorBudget})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.must(mirrors.Close()) })
	scan, err := analyzer()
	if err != nil {
		t.Fatal(err)
	}
	var kept reviewer.Store = w.store
	if o.wrap != nil {
		kept = o.wrap(kept)
	}
	w.reviewer = reviewer.New(reviewer.Options{
		App: w.app, Mirrors: mirrors, Analyzer: scan, Store: kept, Policy: policy.Default(),
		Wake: w.wake, Timeout: patience, Now: time.Now, Logger: log,
	})
	if w.shop, err = w.github.CreateRepository("acme", "shop"); err != nil {
		t.Fatal(err)
	}
	w.commit("", map[string]string{"config/settings.py": settings(`os.environ["SECRET_KEY"]`)})
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Error(err)
	}
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.skew.Load())) }

func (w *world) wake() {
	if runner := w.runner.Load(); runner != nil {
		runner.Wake()
	}
}

// Write takes the log.
func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *world) logged() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.String()
}

// Claimed and Ended make a world a queue.Observer.
func (w *world) Claimed() {}

// Ended is queue.Observer's.
func (w *world) Ended(outcome string, _ time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.outcomes = append(w.outcomes, outcome)
}

// ended returns how often leases ended in a way.
func (w *world) ended(outcome string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, o := range w.outcomes {
		if o == outcome {
			n++
		}
	}
	return n
}

func (w *world) commit(branch string, files map[string]string) string {
	w.t.Helper()
	sha, err := w.shop.Commit(ghtest.Commit{Branch: branch, Files: files, Message: "Change " + branch})
	if err != nil {
		w.t.Fatal(err)
	}
	return sha
}

// open opens a pull request into main, or into the branch given.
func (w *world) open(head string, base ...string) *ghtest.PullRequest {
	w.t.Helper()
	o := ghtest.NewPullRequest{Head: head}
	if len(base) > 0 {
		o.Base = base[0]
	}
	pull, err := w.shop.OpenPullRequest(o)
	if err != nil {
		w.t.Fatal(err)
	}
	return pull
}

// leak opens a pull request that adds a key on line 5 of the settings.
func (w *world) leak(branch string, n int) *ghtest.PullRequest {
	w.t.Helper()
	w.commit(branch, map[string]string{"config/settings.py": settings(quoted(djangoKey(n)))})
	return w.open(branch)
}

// clean opens a pull request that is in order.
func (w *world) clean(branch string) *ghtest.PullRequest {
	w.t.Helper()
	w.commit(branch, map[string]string{branch + ".py": "x = 1\n"})
	return w.open(branch)
}

// want delivers that the pull request needs a review, as it is now.
func (w *world) want(pull *ghtest.PullRequest) {
	w.t.Helper()
	w.deliver(pull, false)
}

func (w *world) deliver(pull *ghtest.PullRequest, closed bool) {
	w.t.Helper()
	w.guids++
	_, err := w.store.Accept(context.Background(), queue.Delivery{
		GUID: fmt.Sprint("guid-", w.guids), Event: "pull_request", InstallationID: w.shop.InstallationID(), ReceivedAt: w.now(),
		Want: &queue.Want{
			Key: queue.Key{RepositoryID: w.shop.ID(), Number: pull.Number()}, Repository: w.shop.FullName(),
			Head: pull.Head(), Closed: closed,
		},
	})
	if err != nil {
		w.t.Error(err)
	}
	w.wake()
}

// fault makes GitHub fail.
func (w *world) fault(f ghtest.Fault) {
	w.t.Helper()
	if err := w.github.Fault(f); err != nil {
		w.t.Fatal(err)
	}
}

// work runs the real queue until nothing is left to do. When everything that
// is left waits for a later time, that time comes at once.
func (w *world) work() {
	w.t.Helper()
	w.workUntil(func(c queue.Counts) bool { return c.Queued+c.Running == 0 })
}

func (w *world) workUntil(done func(queue.Counts) bool) {
	w.t.Helper()
	runner := queue.NewRunner(w.store, w.reviewer, queue.Options{
		Workers: 2, Poll: 5 * time.Millisecond, Now: w.now, Observer: w,
		Logger: slog.New(slog.NewTextHandler(w, nil)),
	})
	w.runner.Store(runner)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- runner.Run(ctx) }()
	defer func() {
		w.runner.Store(nil)
		stop()
		w.must(<-ended)
	}()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		counts, err := w.store.Counts(context.Background(), w.now())
		if err != nil {
			w.t.Fatal(err)
		}
		if done(counts) {
			return
		}
		if counts.Running == 0 && counts.Queued > 0 && counts.OldestReady == 0 {
			w.skew.Add(int64(time.Minute))
		}
	}
	w.t.Fatal("the queue does not come to an end")
}

// claim leases the next pull request, for tests that call the reviewer
// themselves.
func (w *world) claim() queue.Lease {
	w.t.Helper()
	lease, err := w.store.Claim(context.Background(), "test", w.now(), time.Minute)
	if err != nil || lease == nil {
		w.t.Fatalf("claimed %v, error %v", lease, err)
	}
	return *lease
}

// expectation is what has to stand on a pull request.
type expectation struct {
	conclusion string
	// comments and reviews are counted; single comments are reviews of their
	// own on GitHub, without a body.
	comments, reviews int
	// runs are the check runs on the head; zero means exactly one.
	runs int
}

// expect compares what stands on a pull request and on its head.
func (w *world) expect(pull *ghtest.PullRequest, want expectation) {
	w.t.Helper()
	runs := w.shop.CheckRuns(pull.Head())
	if len(runs) != max(want.runs, 1) {
		w.t.Errorf("#%d: %d check runs on the head, want %d: %s", pull.Number(), len(runs), max(want.runs, 1), brief(runs))
	}
	if len(runs) > 0 && (runs[len(runs)-1].Status != "completed" || runs[len(runs)-1].Conclusion != want.conclusion) {
		w.t.Errorf("#%d: the check runs are %s, want %s", pull.Number(), brief(runs), want.conclusion)
	}
	keys := map[string]int{}
	for _, c := range pull.Comments() {
		marker, _ := review.ParseMarker(c.Body)
		keys[string(marker.Key)]++
	}
	for key, n := range keys {
		if n > 1 {
			w.t.Errorf("#%d: %d comments on %s", pull.Number(), n, key)
		}
	}
	if got := len(pull.Comments()); got != want.comments {
		w.t.Errorf("#%d: %d comments, want %d", pull.Number(), got, want.comments)
	}
	reviews := 0
	for _, r := range pull.Reviews() {
		if r.Body != "" {
			reviews++
		}
	}
	if reviews != want.reviews {
		w.t.Errorf("#%d: %d reviews, want %d", pull.Number(), reviews, want.reviews)
	}
	w.nothingPending()
}

// nothingPending looks for check runs that nobody will complete.
func (w *world) nothingPending() {
	w.t.Helper()
	seen := map[string]bool{}
	for _, r := range w.github.Requests() {
		if _, sha, found := strings.Cut(string(r.Body), `"head_sha":"`); found && !seen[sha[:40]] {
			seen[sha[:40]] = true
			for _, run := range w.shop.CheckRuns(sha[:40]) {
				if run.Status != "completed" {
					w.t.Errorf("check run %d on %s stays %s", run.ID, sha[:7], run.Status)
				}
			}
		}
	}
}

func brief(runs []ghtest.CheckRun) string {
	var list []string
	for _, r := range runs {
		list = append(list, fmt.Sprintf("%s/%s (%s)", r.Status, r.Conclusion, r.Title))
	}
	return strings.Join(list, ", ")
}

// settings is a Django settings module with the given secret key expression on
// line 5.
func settings(secretKey string) string {
	return "import os\n\nDEBUG = False\nALLOWED_HOSTS = [\"shop.example.com\"]\nSECRET_KEY = " + secretKey +
		"\nROOT_URLCONF = \"config.urls\"\n"
}

// djangoKey is a made-up SECRET_KEY; n makes each its own.
func djangoKey(n int) string {
	return "x7#kq" + "2v!mz9$wd4^ph8&rt6*bn3(jc5)gf1-ye0=" + fmt.Sprintf("ls%03du", n)
}

func quoted(value string) string { return `"` + value + `"` }
