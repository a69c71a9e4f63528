package reviewer_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
	"github.com/lintel-bot/lintel/internal/queue"
	"github.com/lintel-bot/lintel/internal/reviewer"
)

// whileFetching calls do when git asks for the commits, once.
func (w *world) whileFetching(do func()) {
	w.t.Helper()
	w.once("", `\.git/info/refs`, do)
}

// once calls do before GitHub carries out the next such request. The test fails
// when there was none.
func (w *world) once(method, path string, do func()) {
	w.t.Helper()
	var called atomic.Bool
	w.fault(ghtest.Fault{Method: method, Path: path, Kind: ghtest.NoFault, Do: func() { called.Store(true); do() }})
	w.t.Cleanup(func() {
		if !called.Load() {
			w.t.Errorf("there was no request %s %s", method, path)
		}
	})
}

// replace force-pushes a branch to one commit on main.
func (w *world) replace(branch string, files map[string]string) string {
	w.t.Helper()
	sha, err := w.shop.Commit(ghtest.Commit{Branch: branch, Base: "main", Files: files})
	if err != nil {
		w.t.Error(err)
	}
	return sha
}

// conclusions are those of all check runs on a commit, oldest first.
func (w *world) conclusions(sha string) []string {
	var list []string
	for _, run := range w.shop.CheckRuns(sha) {
		list = append(list, run.Status+" "+run.Conclusion)
	}
	return list
}

func (w *world) wantConclusions(sha string, want ...string) {
	w.t.Helper()
	for i := range want {
		want[i] = "completed " + want[i]
	}
	if got := w.conclusions(sha); !slices.Equal(got, want) {
		w.t.Errorf("check runs on %s: %v, want %v", sha[:7], got, want)
	}
}

// TestPullRequestMovesWhileItIsReviewed: the webhook of the move is lost each
// time, so the review has to notice by itself.
func TestPullRequestMovesWhileItIsReviewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.commit("release", map[string]string{"config/settings.py": settings(quoted(djangoKey(7)))})

	t.Run("force push", func(t *testing.T) {
		pull := w.leak("forced", 1)
		first := pull.Head()
		w.want(pull)
		w.whileFetching(func() { w.replace("forced", map[string]string{"a.py": "x = 1\n"}) })
		w.work()
		w.github.ClearFaults()
		w.wantConclusions(first, "cancelled")
		w.expect(pull, expectation{conclusion: "success"})
	})
	t.Run("force push that takes the commit away", func(t *testing.T) {
		pull := w.leak("gone", 2)
		first := pull.Head()
		w.want(pull)
		w.fault(ghtest.Fault{Path: `\.git/git-upload-pack`, Kind: ghtest.StatusBefore, Status: 404, Do: func() {
			w.replace("gone", map[string]string{"b.py": "x = 1\n"})
		}})
		w.work()
		w.github.ClearFaults()
		w.wantConclusions(first, "cancelled")
		w.expect(pull, expectation{conclusion: "success"})
	})
	t.Run("closed", func(t *testing.T) {
		pull := w.leak("closed", 3)
		w.want(pull)
		w.whileFetching(func() { w.must(pull.Close()) })
		w.work()
		w.github.ClearFaults()
		w.expect(pull, expectation{conclusion: "cancelled"})
		if title := w.shop.CheckRuns(pull.Head())[0].Title; !strings.Contains(title, "closed") {
			t.Errorf("the check says %q of a closed pull request", title)
		}
	})
	t.Run("retargeted to a branch that has the key", func(t *testing.T) {
		w.must(w.commitOn("retargeted", "release", map[string]string{"c.py": "x = 1\n"}))
		pull := w.open("retargeted")
		w.want(pull)
		w.whileFetching(func() { w.must(pull.Retarget("release")) })
		w.work()
		w.github.ClearFaults()
		w.wantConclusions(pull.Head(), "cancelled", "success")
		w.expect(pull, expectation{conclusion: "success", runs: 2})
	})
	t.Run("the base branch goes on", func(t *testing.T) {
		pull := w.leak("base-moved", 4)
		w.want(pull)
		w.whileFetching(func() { w.commit("", map[string]string{"main.py": "x = 1\n"}) })
		w.work()
		w.github.ClearFaults()
		w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1})
	})
}

func (w *world) commitOn(branch, base string, files map[string]string) error {
	_, err := w.shop.Commit(ghtest.Commit{Branch: branch, Base: base, Files: files})
	return err
}

// TestPullRequestMovesBetweenTwoAttempts: the second attempt is of the same
// run, and the new head must not be taken for what the run already wrote.
func TestPullRequestMovesBetweenTwoAttempts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	pull := w.leak("feature", 1)
	first := pull.Head()
	w.want(pull)
	w.fault(ghtest.Fault{Method: completeCheck.method, Path: completeCheck.path, Kind: ghtest.StatusBefore, Do: func() {
		w.commit("feature", map[string]string{"config/other.py": settings(quoted(djangoKey(2)))})
	}})
	w.work()
	w.wantConclusions(first, "cancelled")
	w.expect(pull, expectation{conclusion: "failure", comments: 2, reviews: 2})
}

// failing is a store whose Enqueue or DropVerdict fails once.
type failing struct {
	reviewer.Store
	mu            sync.Mutex
	enqueue, drop func() error
}

func (f *failing) take(from *func() error) error {
	f.mu.Lock()
	fail := *from
	*from = nil
	f.mu.Unlock()
	if fail == nil {
		return nil
	}
	return fail()
}

func (f *failing) Enqueue(ctx context.Context, installation int64, want queue.Want) error {
	if err := f.take(&f.enqueue); err != nil {
		return err
	}
	return f.Store.Enqueue(ctx, installation, want)
}

func (f *failing) DropVerdict(ctx context.Context, repositoryID int64, number int) error {
	if err := f.take(&f.drop); err != nil {
		return err
	}
	return f.Store.DropVerdict(ctx, repositoryID, number)
}

var errDisk = errors.New("the disk is full")

// TestPullRequestMovesThereAndBack: a check run that was completed as cancelled
// is not a review that is done.
func TestPullRequestMovesThereAndBack(t *testing.T) {
	t.Parallel()
	kept := &failing{}
	w := newWorld(t, options{wrap: func(s reviewer.Store) reviewer.Store { kept.Store = s; return kept }})
	pull := w.leak("feature", 1)
	first := pull.Head()
	w.want(pull)
	w.whileFetching(func() { w.replace("feature", map[string]string{"a.py": "x = 1\n"}) })
	kept.enqueue = func() error {
		w.must(w.shop.Push(w.shop.GitDir(), first+":refs/heads/feature"))
		return errDisk
	}
	w.work()
	if pull.Head() != first {
		t.Fatal("the head did not come back")
	}
	w.wantConclusions(first, "cancelled", "failure")
	w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1, runs: 2})
}

// TestNewerDeliveryDoesNotCutAWriteOff: the write is through before the review
// returns, so that the next one sees what it did.
func TestNewerDeliveryDoesNotCutAWriteOff(t *testing.T) {
	for step, done := range map[write]func(w *world, pull *ghtest.PullRequest) bool{
		createCheck: func(w *world, pull *ghtest.PullRequest) bool { return len(w.shop.CheckRuns(pull.Head())) == 1 },
		postReview:  func(_ *world, pull *ghtest.PullRequest) bool { return len(pull.Reviews()) == 1 },
		completeCheck: func(w *world, pull *ghtest.PullRequest) bool {
			return w.shop.CheckRuns(pull.Head())[0].Status == "completed"
		},
	} {
		t.Run(step.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			pull := w.leak("feature", 1)
			w.want(pull)
			lease := w.claim()
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			returned := make(chan struct{})
			w.fault(ghtest.Fault{Method: step.method, Path: step.path, Kind: ghtest.NoFault, Do: func() {
				w.want(pull)
				cancel(queue.ErrSuperseded)
				select {
				case <-returned: // too early: the write is carried out after it
				case <-time.After(300 * time.Millisecond):
				}
			}})
			err := w.reviewer.Review(ctx, lease)
			if !done(w, pull) {
				t.Error("the review returned before its write was through")
			}
			close(returned)
			if err != nil && !errors.Is(err, queue.ErrSuperseded) {
				t.Errorf("the review ended with %v", err)
			}
			w.nothingPending()
			w.must(w.store.Finish(t.Context(), lease))
			w.work()
			w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1, runs: 2})
		})
	}
}

// TestGitHubIsBehindItsWebhook: its answers may be older than the delivery.
func TestGitHubIsBehindItsWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	pull := w.clean("feature")
	first := pull.Head()
	w.must(w.commitOn("next", "feature", map[string]string{"config/settings.py": settings(quoted(djangoKey(1)))}))
	next, err := w.shop.Resolve("next")
	w.must(err)
	want := queue.Want{
		Key: queue.Key{RepositoryID: w.shop.ID(), Number: pull.Number()}, Repository: "acme/shop", Head: next,
	}
	w.must(w.store.Enqueue(t.Context(), w.shop.InstallationID(), want))
	// The second attempt finds GitHub up to date.
	w.fault(ghtest.Fault{Method: "GET", Path: `/pulls/\d+$`, Nth: 2, Kind: ghtest.NoFault, Do: func() {
		w.must(w.shop.Push(w.shop.GitDir(), "next:feature"))
	}})
	w.work()
	if pull.Head() != next {
		t.Fatal("the push did not happen")
	}
	w.wantConclusions(first)
	w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1})

	t.Run("for good", func(t *testing.T) { // the delivery is the older one
		want.Head = first
		w.must(w.store.Enqueue(t.Context(), w.shop.InstallationID(), want))
		w.work()
		w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1, runs: 2})
	})
	t.Run("reopened", func(t *testing.T) {
		w.must(pull.Close())
		w.deliver(pull, true)
		w.work()
		w.want(pull)
		w.github.ClearFaults()
		w.fault(ghtest.Fault{Method: "GET", Path: `/pulls/\d+$`, Nth: 2, Kind: ghtest.NoFault, Do: func() { w.must(pull.Reopen()) }})
		w.work()
		w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1, runs: 3})
	})
}

// TestLifeOfAPullRequest: one comment for the life of it.
func TestLifeOfAPullRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	w.commit("feature", map[string]string{"config/settings.py": settings(quoted(djangoKey(1)))})
	pull, err := w.shop.OpenPullRequest(ghtest.NewPullRequest{Head: "feature", Draft: true})
	if err != nil {
		t.Fatal(err)
	}
	w.want(pull)
	w.work()
	w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1})
	w.must(pull.MarkReady())
	w.want(pull)
	w.work()
	w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1, runs: 2})
	w.must(pull.Close())
	w.deliver(pull, true)
	w.work()
	w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1, runs: 2})
	w.must(pull.Reopen())
	w.want(pull)
	w.work()
	w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1, runs: 3})
}

func TestForks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	fork, err := w.shop.Fork("mallory")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fork.Commit(ghtest.Commit{
		Branch: "patch", Files: map[string]string{"config/settings.py": settings(quoted(djangoKey(1)))},
	}); err != nil {
		t.Fatal(err)
	}
	pull := w.open("mallory:patch")
	w.want(pull)
	w.work()
	w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1})
	if _, err := pull.Push(ghtest.Commit{Files: map[string]string{"a.py": "x = 1\n"}}); err != nil {
		t.Fatal(err)
	}
	w.want(pull)
	w.whileFetching(fork.Delete)
	w.work()
	w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1})
}
