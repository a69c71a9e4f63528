package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

func TestKeyInSettingsIsReportedRemovedAndForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t).instrumented()
	w.server.arguments = []string{"--verbose"}
	w.start()
	key := djangoKey(1)

	pull := w.propose("leak", map[string]string{"config/settings.py": settings(quoted(key))})
	check := w.check(pull)
	if check.Conclusion != "failure" {
		t.Errorf("check %s: %s", check.Conclusion, check.Title)
	}
	if n := len(w.shop.CheckRuns(pull.Head())); n != 1 {
		t.Errorf("%d check runs on the head, want 1", n)
	}
	if reviews := pull.Reviews(); len(reviews) != 1 || reviews[0].State != "COMMENTED" {
		t.Errorf("reviews %+v, want one that comments", reviews)
	}
	comments := pull.Comments()
	if len(comments) != 1 || comments[0].Path != "config/settings.py" || comments[0].Line != 5 || comments[0].Side != "RIGHT" {
		t.Fatalf("comments %+v, want one on line 5 of the settings", comments)
	}
	if passing, _ := w.shop.RequiredCheck(pull.Head(), "lintel"); passing {
		t.Error("the required check passes")
	}

	w.commit("leak", map[string]string{"config/settings.py": settings(`os.environ["SECRET_KEY"]`)})
	check = w.check(pull)
	if check.Conclusion != "action_required" || !strings.Contains(check.Summary, "In history only") {
		t.Errorf("after the removal: check %s\n%s", check.Conclusion, check.Summary)
	}
	edited := pull.Comments()
	if len(edited) != 1 || edited[0].ID != comments[0].ID || edited[0].Body == comments[0].Body {
		t.Errorf("after the removal: comments %+v, want the one of before, edited", edited)
	}
	if len(pull.Reviews()) != 1 {
		t.Errorf("after the removal: %d reviews, want still 1", len(pull.Reviews()))
	}

	clean := w.propose("clean", map[string]string{"shop/views.py": "def index(request):\n    return None\n"})
	check = w.check(clean)
	if check.Conclusion != "success" || len(clean.Comments())+len(clean.Reviews())+len(clean.ConversationComments()) != 0 {
		t.Errorf("a clean pull request: check %s, comments %+v", check.Conclusion, clean.Comments())
	}

	w.stop()
	w.holdsNothingOf(key)
}

// holdsNothingOf greps every request, the log and every file of the data
// directory for a planted value. Git's objects hold it by their nature, but
// compressed.
func (w *world) holdsNothingOf(secret string) {
	w.t.Helper()
	for _, r := range w.github.Requests() {
		if r.Contains(secret) {
			w.t.Errorf("%s %s repeats the secret", r.Method, r.Path)
		}
	}
	if len(w.server.everything()) == 0 {
		w.t.Error("there is no log to look through")
	}
	if strings.Contains(w.server.everything(), secret) {
		w.t.Error("the log repeats the secret")
	}
	for _, token := range w.github.Tokens() {
		if strings.Contains(w.server.everything(), token) {
			w.t.Error("the log repeats a token")
		}
	}
	files := 0
	err := filepath.WalkDir(filepath.Join(w.dir, "data"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		files++
		for _, planted := range append(w.github.Tokens(), secret) {
			if bytes.Contains(content, []byte(planted)) {
				w.t.Errorf("%s holds a secret", path)
			}
		}
		return err
	})
	if err != nil || files < 3 {
		w.t.Errorf("looked through %d files of the data directory: %v", files, err)
	}
}

func TestRedeliveriesDoNoSecondWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	pull := w.propose("leak", map[string]string{"config/settings.py": settings(quoted(djangoKey(1)))})
	w.check(pull)
	w.idle()
	reads, writes, _ := w.count()
	for _, d := range w.github.Deliveries() {
		for range 2 {
			status, err := w.github.Redeliver(t.Context(), d.GUID)
			if err != nil || status != 202 {
				t.Errorf("redelivering %s: %d, %v", d.GUID, status, err)
			}
		}
	}
	w.idle()
	if r, n, _ := w.count(); r != reads || n != writes {
		t.Errorf("redeliveries cost %d reads and %d writes", r-reads, n-writes)
	}
}

func TestRequestsOfAReviewStayInTheirBudget(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	for _, tc := range []struct {
		name, branch, key string
		writes            int
	}{
		{"clean", "clean", `os.environ["KEY"]`, 2},
		{"inline findings", "leak", quoted(djangoKey(1)), 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w.commit(tc.branch, map[string]string{"config/settings.py": settings(tc.key)})
			w.github.ForgetRequests()
			w.check(w.open(tc.branch))
			w.idle()
			reads, writes, tokens := w.count()
			t.Logf("%d reads, %d writes, %d tokens", reads, writes, tokens)
			if writes > tc.writes || reads > 8 {
				t.Errorf("%d reads and %d writes, want at most 8 and %d", reads, writes, tc.writes)
			}
		})
	}
}

func TestSharedHeadIsNeverGreenWhileOneOfItsPullRequestsIsBad(t *testing.T) {
	t.Parallel()
	// The head adds a key to main but not to the branch that has it already, so
	// the pull request against main is bad and the other one is clean.
	for _, badFirst := range []bool{true, false} {
		name := map[bool]string{true: "bad first", false: "bad last"}[badFirst]
		t.Run(name, func(t *testing.T) {
			w := newWorld(t).instrumented()
			w.start()
			leak := map[string]string{"config/settings.py": settings(quoted(djangoKey(1)))}
			w.commit("release", leak)
			if _, err := w.shop.Commit(ghtest.Commit{Branch: "feature", Base: "release", Files: map[string]string{"a.py": "x = 1\n"}}); err != nil {
				t.Fatal(err)
			}
			bases := []string{"main", "release"}
			if !badFirst {
				bases = []string{"release", "main"}
			}
			var pulls []*ghtest.PullRequest
			for _, base := range bases {
				pull, err := w.shop.OpenPullRequest(ghtest.NewPullRequest{Head: "feature", Base: base})
				if err != nil {
					t.Fatal(err)
				}
				pulls = append(pulls, pull)
				w.check(pull)
			}
			w.idle()
			head := pulls[0].Head()
			if passing, why := w.shop.RequiredCheck(head, "lintel"); passing {
				t.Errorf("the head is green: %s", why)
			}
			for _, run := range w.shop.CheckRuns(head) {
				if run.Status != "completed" {
					t.Errorf("check run %d stays %s", run.ID, run.Status)
				}
			}

			bad := pulls[0]
			if !badFirst {
				bad = pulls[1]
			}
			if err := bad.Close(); err != nil {
				t.Fatal(err)
			}
			w.until("the head to turn green once the bad pull request is closed", func() bool {
				passing, _ := w.shop.RequiredCheck(head, "lintel")
				return passing
			})
		})
	}
}
