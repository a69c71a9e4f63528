package reviewer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
	"github.com/lintel-bot/lintel/internal/queue"
)

// wantDead says that the pull request was given up, after not too many
// requests.
func (w *world) wantDead(requests int) {
	w.t.Helper()
	counts, err := w.store.Counts(w.t.Context(), w.now())
	if err != nil || counts.Dead != 1 {
		w.t.Errorf("counts %+v, error %v, want one pull request given up", counts, err)
	}
	if n := len(w.github.Requests()); n > requests {
		w.t.Errorf("%d requests for nothing, want at most %d", n, requests)
	}
}

// TestInstallationIsSuspended: it is not asked for ever, and what was given up
// goes on when it is back.
func TestInstallationIsSuspended(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	pull := w.leak("feature", 1)
	w.want(pull)
	w.whileFetching(w.github.Installation("acme").Suspend)
	w.work()
	w.wantDead(60)
	w.github.Installation("acme").Unsuspend()
	outcome, err := w.store.Accept(t.Context(), queue.Delivery{
		GUID: "back", Event: "installation", Action: "unsuspend", InstallationID: w.shop.InstallationID(),
		ReceivedAt: w.now(), Restored: true,
	})
	if err != nil || outcome != queue.Revived {
		t.Errorf("outcome %v, error %v, want the work revived", outcome, err)
	}
	w.work()
	w.wantConclusions(pull.Head(), "cancelled", "failure")
	w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1, runs: 2})
}

func TestAccessIsLost(t *testing.T) {
	for name, lose := range map[string]func(w *world){
		"app removed":        func(w *world) { w.github.Installation("acme").Remove() },
		"repository deleted": func(w *world) { w.shop.Delete() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			w.want(w.leak("feature", 1))
			w.whileFetching(func() { lose(w) })
			w.work()
			w.wantDead(60)
		})
	}
}

// TestRepositoryIsRenamed: the queue still knows it by its old name.
func TestRepositoryIsRenamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	pull := w.leak("feature", 1)
	w.want(pull)
	w.shop.Rename("store")
	w.work()
	w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1})
	if n := w.ended(queue.EndedRetried); n != 0 {
		t.Errorf("it took %d attempts more", n)
	}
}

// TestLockedConversation: where nobody may comment, the check says it all.
func TestLockedConversation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	pull := w.leak("feature", 1)
	w.want(pull)
	w.fault(ghtest.Fault{Method: "POST", Path: `/pulls/\d+/(reviews|comments)$`, Kind: ghtest.StatusBefore, Status: 403, Times: -1})
	w.work()
	w.expect(pull, expectation{conclusion: "failure"})
	run := w.shop.CheckRuns(pull.Head())[0]
	if len(run.Annotations) != 1 || run.Annotations[0].StartLine != 5 || !strings.Contains(run.Title, "1 blocking") {
		t.Errorf("check %q with annotations %+v, want one on line 5", run.Title, run.Annotations)
	}
	if n := w.ended(queue.EndedRetried); n != 0 {
		t.Errorf("it took %d attempts more", n)
	}
}

// TestRefusedAnchors: what GitHub does not take as a comment, whole or one by
// one, becomes an annotation.
func TestRefusedAnchors(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	pull := w.leak("feature", 1)
	w.want(pull)
	w.fault(ghtest.Fault{Method: "POST", Path: `/pulls/\d+/(reviews|comments)$`, Kind: ghtest.Unprocessable, Times: -1})
	w.work()
	w.expect(pull, expectation{conclusion: "failure"})
	if run := w.shop.CheckRuns(pull.Head())[0]; len(run.Annotations) != 1 {
		t.Errorf("annotations %+v, want one", run.Annotations)
	}
}

// TestCommentIsDeletedByAPerson: neither another attempt nor the push that fixes
// the finding brings it back.
func TestCommentIsDeletedByAPerson(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	pull := w.leak("feature", 1)
	w.want(pull)
	w.fault(ghtest.Fault{Method: completeCheck.method, Path: completeCheck.path, Kind: ghtest.StatusBefore, Do: func() {
		w.must(pull.DeleteComment(pull.Comments()[0].ID))
	}})
	w.work()
	w.expect(pull, expectation{conclusion: "failure", reviews: 1})
	w.commit("feature", map[string]string{"config/settings.py": settings(`os.environ["SECRET_KEY"]`)})
	w.want(pull)
	w.work()
	w.expect(pull, expectation{conclusion: "action_required", reviews: 1})
}

// TestOutageOfHours: GitHub answers nothing but 502, for longer than the
// attempts of a review last.
func TestOutageOfHours(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	pull := w.leak("feature", 1)
	w.want(pull)
	w.whileFetching(func() { w.fault(ghtest.Fault{Kind: ghtest.StatusBefore, Times: -1}) })
	w.workUntil(func(queue.Counts) bool { return time.Duration(w.skew.Load()) > time.Hour })
	if runs := w.conclusions(pull.Head()); len(runs) != 1 || runs[0] != "in_progress " {
		t.Errorf("check runs %v, want one in progress", runs)
	}
	w.github.ClearFaults()
	w.work()
	w.expect(pull, expectation{conclusion: "failure", comments: 1, reviews: 1})
}

// TestReviewThatNeverSucceeds: the check ends red and says whose fault it is.
func TestReviewThatNeverSucceeds(t *testing.T) {
	for name, c := range map[string]struct {
		options options
		fault   ghtest.Fault
		reason  string
		retries int
	}{
		"GitHub takes no review": {
			fault: ghtest.Fault{Method: "POST", Path: `/reviews$`, Kind: ghtest.StatusBefore, Status: 500, Times: -1}, retries: 7,
			reason: "an error of its own",
		},
		"the repository is too large": {
			options: options{mirrorBudget: 1}, fault: ghtest.Fault{Path: "no such path"}, reason: "larger than",
		},
		"git is refused": {
			fault: ghtest.Fault{Path: `\.git/`, Kind: ghtest.StatusBefore, Status: 403, Times: -1}, retries: 7,
			reason: "an error of its own",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, c.options)
			pull := w.leak("feature", 1)
			w.want(pull)
			w.fault(c.fault)
			w.work()
			w.expect(pull, expectation{conclusion: "failure"})
			if run := w.shop.CheckRuns(pull.Head())[0]; !strings.Contains(run.Title, "not your fault") || !strings.Contains(run.Summary, c.reason) {
				t.Errorf("the check says %q\n%s", run.Title, run.Summary)
			}
			if n := w.ended(queue.EndedRetried); n != c.retries {
				t.Errorf("%d attempts more, want %d", n, c.retries)
			}
		})
	}
}

// TestEarlierCommitIsGone: an old check run that cannot be ended does not hold
// up the review of what there is now.
func TestEarlierCommitIsGone(t *testing.T) {
	for _, status := range []int{404, 422} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, options{})
			pull := w.leak("feature", 1)
			first := pull.Head()
			w.want(pull)
			// As if the process had died in the middle.
			lease := w.claim()
			w.fault(ghtest.Fault{Path: `\.git/`, Kind: ghtest.StatusBefore})
			if w.reviewer.Review(t.Context(), lease) == nil {
				t.Fatal("the review ended well")
			}
			w.must(w.store.Release(t.Context(), lease))
			w.replace("feature", map[string]string{"a.py": "x = 1\n"})
			w.want(pull)
			w.fault(ghtest.Fault{Path: first + "/check-runs", Kind: ghtest.StatusBefore, Status: status, Times: -1})
			w.work()
			if runs := w.conclusions(pull.Head()); len(runs) != 1 || runs[0] != "completed success" {
				t.Errorf("check runs %v", runs)
			}
		})
	}
}
