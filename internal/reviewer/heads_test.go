package reviewer_test

import (
	"fmt"
	"testing"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
	"github.com/lintel-bot/lintel/internal/reviewer"
)

// sharedHead opens two pull requests of one head: the one into main adds a key,
// the one into release, which has it, does not.
func (w *world) sharedHead() (bad, good *ghtest.PullRequest) {
	w.t.Helper()
	w.commit("release", map[string]string{"config/settings.py": settings(quoted(djangoKey(1)))})
	w.must(w.commitOn("feature", "release", map[string]string{"a.py": "x = 1\n"}))
	w.must(w.shop.Push(w.shop.GitDir(), "feature:refs/heads/copy"))
	return w.open("feature"), w.open("copy", "release")
}

// wantPassing compares what a required check says of a commit, and looks for
// check runs that nobody completed.
func (w *world) wantPassing(sha string, want bool) {
	w.t.Helper()
	if passing, why := w.shop.RequiredCheck(sha, "lintel"); passing != want {
		w.t.Errorf("the head passes: %v (%s), want %v", passing, why, want)
	}
	w.nothingPending()
}

// TestSharedHeadIsAsGoodAsItsWorst: two reviews at a time, and whichever comes
// last, the commit is not green.
func TestSharedHeadIsAsGoodAsItsWorst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	bad, good := w.sharedHead()
	for range 4 {
		w.want(bad)
		w.want(good)
		w.work()
		w.wantPassing(bad.Head(), false)
		w.want(good)
		w.want(bad)
		w.work()
		w.wantPassing(bad.Head(), false)
	}
}

// TestSharedHeadRecovers: once the bad pull request is gone, the commit turns
// green, whatever fails on the way there.
func TestSharedHeadRecovers(t *testing.T) {
	listing := ghtest.Fault{Method: "GET", Path: `/pulls\?`, Kind: ghtest.StatusBefore, Times: 3}
	for name, c := range map[string]struct {
		leave func(w *world, bad *ghtest.PullRequest)
		fault *ghtest.Fault
		drop  bool
	}{
		"closed":                          {leave: closes},
		"closed, the disk is full":        {leave: closes, drop: true},
		"closed, and its delivery is old": {leave: closesUnheard},
		"pushed to":                       {leave: pushes},
		"pushed to, a list fails":         {leave: pushes, fault: &listing},
		"pushed to, the disk is full":     {leave: pushes, drop: true},
		"retargeted":                      {leave: retargets},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kept := &failing{}
			w := newWorld(t, options{wrap: func(s reviewer.Store) reviewer.Store { kept.Store = s; return kept }})
			bad, good := w.sharedHead()
			head := good.Head()
			w.want(bad)
			w.want(good)
			w.work()
			w.wantPassing(head, false)
			if c.fault != nil {
				w.fault(*c.fault)
			}
			if c.drop {
				kept.drop = func() error { return errDisk }
			}
			c.leave(w, bad)
			w.work()
			w.wantPassing(head, true)
		})
	}
}

func closes(w *world, bad *ghtest.PullRequest) {
	w.must(bad.Close())
	w.deliver(bad, true)
}

func closesUnheard(w *world, bad *ghtest.PullRequest) {
	w.must(bad.Close())
	w.want(bad)
}

func pushes(w *world, bad *ghtest.PullRequest) {
	w.commit("feature", map[string]string{"b.py": "x = 1\n"})
	w.want(bad)
}

func retargets(w *world, bad *ghtest.PullRequest) {
	w.must(bad.Retarget("release"))
	w.want(bad)
}

// TestSupersededRunOnASharedHead: what ends early does not end the other one's
// check.
func TestSupersededRunOnASharedHead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, options{})
	bad, good := w.sharedHead()
	w.want(bad)
	w.work()
	w.want(bad)
	w.once("GET", fmt.Sprintf(`/pulls/%d/comments`, bad.Number()), func() { w.must(bad.Close()) })
	w.work()
	w.wantPassing(good.Head(), true)
	for _, run := range w.shop.CheckRuns(good.Head()) {
		if run.Conclusion == "cancelled" {
			t.Errorf("the shared head carries %s (%s)", run.Conclusion, run.Title)
		}
	}
}
