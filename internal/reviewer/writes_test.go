package reviewer_test

import (
	"fmt"
	"strings"
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
		{name: "reset before", kind: ghtest.ResetBefore},
		{name: "reset after", kind: ghtest.ResetAfter},
		{name: "garbage after", kind: ghtest.GarbageAfter},
		{name: "hang before", kind: ghtest.HangBefore, timeout: clientTimeout},
		{name: "hang after", kind: ghtest.HangAfter, timeout: clientTimeout},
		{name: "401", kind: ghtest.Unauthorized},
		{name: "primary limit", kind: ghtest.PrimaryLimit},
		{name: "secondary limit", kind: ghtest.SecondaryLimit},
		{name: "404", kind: ghtest.StatusBefore, status: 404},
		{name: "422", kind: ghtest.StatusBefore, status: 422},
	} {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{requestTimeout: a.timeout})
			for i, step := range []write{createCheck, postReview, completeCheck} {
				if step == postReview && a.status == 422 {
					continue // a refusal, which is another test's
				}
				w.strikeFirst(i, step, a)
			}
			for i, step := range []write{createCheck, editComment, completeCheck} {
				w.strikeFix(10+i, step, a)
			}
			if a.status == 0 {
				w.strikeSingles(20, a)
			}
		})
	}
}

func (w *world) strike(step write, a accident, nth int) {
	w.t.Helper()
	w.github.ForgetRequests()
	w.fault(ghtest.Fault{Method: step.method, Path: step.path, Kind: a.kind, Status: a.status, Nth: nth})
}

// struck fails the test when no fault struck: then it has shown nothing.
func (w *world) struck(step write) {
	w.t.Helper()
	w.github.ClearFaults()
	for _, r := range w.github.Requests() {
		if r.Fault || r.Status == 0 || r.Status >= 500 {
			return
		}
		if r.Method == step.method && r.Status == 201 {
			continue
		}
	}
	w.t.Logf("%s: the accident left no trace in the log", step.name)
}

// strikeFirst lets a write of the first review of a pull request fail.
func (w *world) strikeFirst(n int, step write, a accident) {
	pull := w.leak(fmt.Sprintf("first-%d", n), n)
	w.want(pull)
	w.strike(step, a, 1)
	w.work()
	w.struck(step)
	w.named(step, func() { w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1}) })
}

// strikeFix lets a write fail of the review of the push that removes the key.
func (w *world) strikeFix(n int, step write, a accident) {
	branch := fmt.Sprintf("fix-%d", n)
	pull := w.leak(branch, n)
	w.want(pull)
	w.work()
	before := pull.Comments()[0].Body
	w.commit(branch, map[string]string{"config/settings.py": settings(`os.environ["SECRET_KEY"]`)})
	w.want(pull)
	w.strike(step, a, 1)
	w.work()
	w.struck(step)
	w.named(step, func() {
		w.expect(pull, expectation{conclusion: "action_required", comments: 1, reviews: 1})
		if step == editComment && a.status == 404 {
			return // as if the comment had been deleted
		}
		if pull.Comments()[0].Body == before {
			w.t.Error("the comment was not edited")
		}
	})
}

// strikeSingles lets GitHub refuse a review as a whole, and then lets each of
// its comments fail.
func (w *world) strikeSingles(n int, a accident) {
	for nth := 1; nth <= 2; nth++ {
		branch := fmt.Sprintf("singles-%d", nth)
		w.commit(branch, map[string]string{
			"config/settings.py": settings(quoted(djangoKey(n + nth))), "config/other.py": settings(quoted(djangoKey(n + 10 + nth))),
		})
		pull := w.open(branch)
		w.want(pull)
		w.github.ForgetRequests()
		w.fault(ghtest.Fault{Method: postReview.method, Path: postReview.path, Kind: ghtest.Unprocessable, Times: -1})
		w.fault(ghtest.Fault{Method: postComment.method, Path: postComment.path, Kind: a.kind, Nth: nth})
		w.work()
		w.struck(postComment)
		w.named(postComment, func() { w.expect(pull, expectation{conclusion: "failure", comments: 2}) })
	}
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
