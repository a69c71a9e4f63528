package main

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

// TestKilledServerReviewsEveryPullRequestOnce kills the server at random moments
// while pull requests come in. Every delivery that was not answered is
// delivered again with the same id, as an operator does it, and half of those
// that were answered too.
func TestKilledServerReviewsEveryPullRequestOnce(t *testing.T) {
	t.Parallel()
	const pulls, kills = 40, 25
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	w := newWorld(t)
	for n := range pulls {
		// Every fourth one is clean, the others leak a key of their own.
		key := quoted(djangoKey(n))
		if n%4 == 0 {
			key = fmt.Sprintf(`os.environ["KEY_%d"]`, n)
		}
		w.commit(fmt.Sprintf("change-%d", n), map[string]string{"config/settings.py": settings(key)})
	}
	opened := make([]*ghtest.PullRequest, 0, pulls)
	w.start()
	for kill := range kills {
		for len(opened) < (kill+1)*pulls/kills {
			opened = append(opened, w.open(fmt.Sprintf("change-%d", len(opened))))
		}
		// Long enough for a review to begin, too short for all of them to end:
		// where the kill hits is left to chance.
		time.Sleep(time.Duration(random.IntN(600)) * time.Millisecond)
		w.kill()
		w.start()
		w.redeliver(random)
	}
	for _, pull := range opened {
		w.check(pull)
	}
	w.idle()
	for n, pull := range opened {
		comments, conclusion := 1, "failure"
		if n%4 == 0 {
			comments, conclusion = 0, "success"
		}
		runs := w.shop.CheckRuns(pull.Head())
		if len(runs) != 1 || runs[0].Status != "completed" || runs[0].Conclusion != conclusion {
			t.Errorf("#%d: check runs %+v, want exactly one, completed as %s", pull.Number(), runs, conclusion)
		}
		if got := pull.Comments(); len(got) != comments {
			t.Errorf("#%d: %d comments, want %d", pull.Number(), len(got), comments)
		}
		if got := pull.Reviews(); len(got) != comments {
			t.Errorf("#%d: %d reviews, want %d", pull.Number(), len(got), comments)
		}
	}
	if depth := w.depth(); depth["dead"] != 0 {
		t.Errorf("%d pull requests were given up", depth["dead"])
	}
}

// redeliver sends again what was not answered with 2xx, and by chance what was.
func (w *world) redeliver(random *rand.Rand) {
	w.t.Helper()
	answered := map[string]bool{}
	for _, d := range w.github.Deliveries() {
		answered[d.GUID] = answered[d.GUID] || d.StatusCode/100 == 2
	}
	for guid, ok := range answered {
		if ok && random.IntN(2) == 0 {
			continue
		}
		if status, err := w.github.Redeliver(w.t.Context(), guid); err != nil || status/100 != 2 {
			w.t.Errorf("redelivering %s: status %d, %v", guid, status, err)
		}
	}
}

func TestTerminatedServerGivesItsWorkBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// GitHub does not answer while the server is told to stop, so the review
	// cannot end within the drain.
	if err := w.github.Fault(ghtest.Fault{Kind: ghtest.HangBefore, Method: "PATCH", Path: `/check-runs/\d+$`, Times: -1}); err != nil {
		t.Fatal(err)
	}
	w.start()
	pull := w.propose("leak", map[string]string{"config/settings.py": settings(quoted(djangoKey(1)))})
	w.until("the comment", func() bool { return len(pull.Comments()) == 1 })
	w.stop()
	w.github.ClearFaults()
	w.start()
	if check := w.check(pull); check.Conclusion != "failure" {
		t.Errorf("check %s", check.Conclusion)
	}
	w.idle()
	if runs, comments := w.shop.CheckRuns(pull.Head()), pull.Comments(); len(runs) != 1 || len(comments) != 1 {
		t.Errorf("%d check runs and %d comments, want one of each", len(runs), len(comments))
	}
}
