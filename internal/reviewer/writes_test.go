package reviewer_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

// write is one kind of request that changes something on GitHub.
type write struct{ name, method, path string }

var (
	createCheck   = write{"create the check run", "POST", `/check-runs$`}
	postReview    = write{"post the review", "POST", `/pulls/\d+/reviews$`}
	postComment   = write{"post a comment", "POST", `/pulls/\d+/comments$`}
	editComment   = write{"edit the comment", "PATCH", `/pulls/comments/\d+$`}
	completeCheck = write{"complete the check run", "PATCH", `/check-runs/\d+$`}
)

// accident is a way in which a write goes wrong.
type accident struct {
	name   string
	kind   ghtest.FaultKind
	status int
	// timeout is set where the client has to give up.
	timeout time.Duration
}

// TestEveryWriteSurvivesEveryAccident lets each write of a review fail in each
// way, and lets the queue try again. What stands on GitHub in the end must be
// what an undisturbed review leaves there.
func TestEveryWriteSurvivesEveryAccident(t *testing.T) {
	const clientTimeout = 1500 * time.Millisecond
	for _, a := range []accident{
		{name: "502 before", kind: ghtest.StatusBefore},
		{name: "502 after", kind: ghtest.StatusAfter},
		{name: "reset after", kind: ghtest.ResetAfter},
		{name: "garbage after", kind: ghtest.GarbageAfter},
		{name: "hang after", kind: ghtest.HangAfter, timeout: clientTimeout},
		{name: "401", kind: ghtest.Unauthorized},
		{name: "secondary limit", kind: ghtest.SecondaryLimit},
		{name: "404", kind: ghtest.StatusBefore, status: 404},
		{name: "422", kind: ghtest.StatusBefore, status: 422},
	} {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{requestTimeout: a.timeout})
			w.strikeFirst(1, createCheck, a)
			w.strikeFirst(2, completeCheck, a)
			w.strikeFix(w.leak("fixed", 3), a)
			if a.status != 422 { // a refusal, which is another test's
				w.strikeFirst(4, postReview, a)
				w.strikeSingles(5, a)
			}
		})
	}
}

// strike makes the write fail once, at the nth such request. What it returns
// ends that, and fails the test when it did not come to it.
func (w *world) strike(step write, a accident, nth int) (end func()) {
	w.t.Helper()
	w.github.ForgetRequests()
	var struck atomic.Bool
	w.fault(ghtest.Fault{
		Method: step.method, Path: step.path, Kind: a.kind, Status: a.status, Nth: nth, Do: func() { struck.Store(true) },
	})
	return func() {
		w.github.ClearFaults()
		if !struck.Load() {
			w.t.Errorf("there was no request to %s", step.name)
		}
	}
}

// strikeFirst lets a write of the first review of a pull request fail.
func (w *world) strikeFirst(n int, step write, a accident) {
	pull := w.leak(fmt.Sprintf("first-%d", n), n)
	w.want(pull)
	end := w.strike(step, a, 1)
	w.work()
	end()
	w.named(step, func() { w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1}) })
}

// strikeFix lets the edit of the comment fail, in the review of the push that
// removes the key.
func (w *world) strikeFix(pull *ghtest.PullRequest, a accident) {
	w.want(pull)
	w.work()
	before := pull.Comments()[0].Body
	if _, err := pull.Push(ghtest.Commit{
		Files: map[string]string{"config/settings.py": settings(`os.environ["SECRET_KEY"]`)},
	}); err != nil {
		w.t.Fatal(err)
	}
	w.want(pull)
	end := w.strike(editComment, a, 1)
	w.work()
	end()
	w.named(editComment, func() {
		w.expect(pull, expectation{conclusion: "action_required", comments: 1, reviews: 1})
		// After a 404 the comment counts as deleted.
		if a.status != 404 && pull.Comments()[0].Body == before {
			w.t.Error("the comment was not edited")
		}
	})
}

// strikeSingles lets GitHub refuse a review as a whole, and then the second of
// its comments fail.
func (w *world) strikeSingles(n int, a accident) {
	w.commit("singles", map[string]string{
		"config/settings.py": settings(quoted(djangoKey(n))), "config/other.py": settings(quoted(djangoKey(n + 1))),
	})
	pull := w.open("singles")
	w.want(pull)
	w.fault(ghtest.Fault{Method: postReview.method, Path: postReview.path, Kind: ghtest.Unprocessable, Times: -1})
	end := w.strike(postComment, a, 2)
	w.work()
	end()
	w.named(postComment, func() { w.expect(pull, expectation{conclusion: "failure", comments: 2}) })
}

// named says which write a failure belongs to.
func (w *world) named(step write, check func()) {
	w.t.Helper()
	failed := w.t.Failed()
	check()
	if !failed && w.t.Failed() {
		w.t.Logf("the first failure is after the accident to: %s", step.name)
		var list []string
		for _, r := range w.github.Requests() {
			list = append(list, fmt.Sprintf("%s %s %d", r.Method, r.Path, r.Status))
		}
		w.t.Log(strings.Join(list, "\n"))
	}
}
