package main

import (
	"fmt"
	"testing"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

// settled says that a commit has exactly so many check runs, all of them
// completed, the last one with the conclusion.
func (w *world) settled(sha, conclusion string, runs int) {
	w.t.Helper()
	list := w.shop.CheckRuns(sha)
	if len(list) != runs {
		w.t.Errorf("%d check runs on %s, want %d", len(list), sha[:7], runs)
	}
	for i, run := range list {
		if run.Status != "completed" || i == len(list)-1 && run.Conclusion != conclusion {
			w.t.Errorf("check run %d on %s is %s %s, want %s", run.ID, sha[:7], run.Status, run.Conclusion, conclusion)
		}
	}
}

// TestPushDuringTheWritesOfAReview: the review that is overtaken finishes the
// write it is at, ends its check run and gives way.
func TestPushDuringTheWritesOfAReview(t *testing.T) {
	t.Parallel()
	for _, at := range []struct{ name, method, path string }{
		{"creating the check run", "POST", `/check-runs$`},
		{"posting the review", "POST", `/reviews$`},
		{"completing the check run", "PATCH", `/check-runs/\d+$`},
	} {
		t.Run(at.name, func(t *testing.T) {
			w := newWorld(t)
			w.start()
			w.commit("leak", map[string]string{"config/settings.py": settings(quoted(djangoKey(1)))})
			first, err := w.shop.Resolve("leak")
			if err != nil {
				t.Fatal(err)
			}
			if err := w.github.Fault(ghtest.Fault{Method: at.method, Path: at.path, Kind: ghtest.NoFault, Do: func() {
				if _, err := w.shop.Commit(ghtest.Commit{Branch: "leak", Files: map[string]string{"a.py": "x = 1\n"}}); err != nil {
					t.Error(err)
				}
			}}); err != nil {
				t.Fatal(err)
			}
			pull := w.open("leak")
			w.until("the push", func() bool { return pull.Head() != first })
			w.check(pull)
			w.idle()
			w.settled(pull.Head(), "failure", 1)
			for _, run := range w.shop.CheckRuns(first) {
				if run.Status != "completed" {
					t.Errorf("the check run of the overtaken commit stays %s", run.Status)
				}
			}
			if comments, reviews := len(pull.Comments()), len(pull.Reviews()); comments != 1 || reviews != 1 {
				t.Errorf("%d comments in %d reviews, want one of each", comments, reviews)
			}
		})
	}
}

// TestPushWhileTheServerIsDown: it died in the middle of a review, and the push
// was delivered to nobody until somebody redelivered it.
func TestPushWhileTheServerIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	if err := w.github.Fault(ghtest.Fault{Kind: ghtest.HangBefore, Method: "PATCH", Path: `/check-runs/\d+$`, Times: -1}); err != nil {
		t.Fatal(err)
	}
	pull := w.propose("leak", map[string]string{"config/settings.py": settings(quoted(djangoKey(1)))})
	first := pull.Head()
	w.until("the comment", func() bool { return len(pull.Comments()) == 1 })
	w.kill()
	w.github.ClearFaults()
	w.commit("leak", map[string]string{"config/other.py": settings(quoted(djangoKey(2)))})
	w.start()
	for _, d := range w.github.Deliveries() {
		if d.StatusCode/100 == 2 {
			continue
		}
		if status, err := w.github.Redeliver(t.Context(), d.GUID); err != nil || status/100 != 2 {
			t.Errorf("redelivering: %d, %v", status, err)
		}
	}
	w.check(pull)
	w.idle()
	w.settled(first, "cancelled", 1)
	w.settled(pull.Head(), "failure", 1)
	if comments, reviews := len(pull.Comments()), len(pull.Reviews()); comments != 2 || reviews != 2 {
		t.Errorf("%d comments in %d reviews, want two of each", comments, reviews)
	}
}

// TestDeployUnderLoad: the server is told to stop again and again while
// deliveries come in. None of them is lost, and none is worked twice.
func TestDeployUnderLoad(t *testing.T) {
	t.Parallel()
	const deploys, each = 2, 6
	w := newWorld(t)
	w.server.arguments = []string{"--workers", "2"}
	var pulls []*ghtest.PullRequest
	for deploy := range deploys {
		w.start()
		for i := range each {
			n := deploy*each + i
			pulls = append(pulls, w.propose(fmt.Sprintf("leak-%d", n),
				map[string]string{"config/settings.py": settings(quoted(djangoKey(n)))}))
		}
		w.stop()
	}
	w.start()
	for _, d := range w.github.Deliveries() {
		if d.StatusCode/100 != 2 {
			t.Errorf("a delivery was answered %d", d.StatusCode)
		}
	}
	for _, pull := range pulls {
		w.check(pull)
	}
	w.idle()
	for _, pull := range pulls {
		w.settled(pull.Head(), "failure", 1)
		if comments := len(pull.Comments()); comments != 1 {
			t.Errorf("#%d: %d comments, want 1", pull.Number(), comments)
		}
	}
}
