package gh_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/gh"
	"github.com/lintel-bot/lintel/internal/gh/ghtest"
	"github.com/lintel-bot/lintel/internal/review"
)

// world is the fake GitHub with one repository and one pull request, which
// changes lines 10 and 11 of app.py and adds new.py.
type world struct {
	*ghtest.Server
	hosted *ghtest.Repository
	pull   *ghtest.PullRequest
	app    *gh.App
	repo   *gh.Repository
}

func newWorld(t *testing.T, o ghtest.Options) *world {
	t.Helper()
	o.AppID = appID
	s, key := ghtest.ForTest(t, o)
	hosted, err := s.CreateRepository("acme", "shop")
	if err != nil {
		t.Fatal(err)
	}
	text := numbered(40)
	changed := strings.Replace(text, "line 10\nline 11\n", "changed 10\nchanged 11\n", 1)
	for _, c := range []ghtest.Commit{
		{Files: map[string]string{"app.py": text}},
		{Branch: "topic", Files: map[string]string{"app.py": changed, "new.py": numbered(200)}},
	} {
		if _, err := hosted.Commit(c); err != nil {
			t.Fatal(err)
		}
	}
	pull, err := hosted.OpenPullRequest(ghtest.NewPullRequest{Title: "Change the shop", Head: "topic"})
	if err != nil {
		t.Fatal(err)
	}
	app, err := gh.New(gh.Config{
		AppID: appID, PrivateKeys: [][]byte{key}, WebURL: s.URL(), UserAgent: "lintel/test", Now: o.Now, Timeout: 10 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Close)
	return &world{s, hosted, pull, app, app.Repository(hosted.InstallationID(), hosted.ID(), hosted.FullName())}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("line " + strconv.Itoa(i+1) + "\n")
	}
	return b.String()
}

func (w *world) fault(t *testing.T, f ghtest.Fault) {
	t.Helper()
	if err := w.Fault(f); err != nil {
		t.Fatal(err)
	}
}

func inline(path string, line int) review.NewComment {
	return review.NewComment{Path: path, Line: line, Body: markedBody(fmt.Sprintf("about %s:%d", path, line))}
}

func TestReviewFromStartToEnd(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	ctx, number := t.Context(), w.pull.Number()

	pull, err := w.repo.PullRequest(ctx, number)
	want := review.PullRequest{
		Number: number, Open: true, Head: w.pull.Head(), Base: w.pull.Base(), BaseRef: "main", DefaultBranch: "main", WebURL: w.URL() + "/acme/shop",
	}
	if diff := cmp.Diff(want, pull); err != nil || diff != "" {
		t.Fatalf("%v (-want +got):\n%s", err, diff)
	}
	if pull.WebURL+".git" != w.hosted.CloneURL() {
		t.Errorf("the address is %s, want what git clones %s by", pull.WebURL, w.hosted.CloneURL())
	}
	const external = "1/1/" + run
	id, err := w.repo.CreateCheck(ctx, gh.CheckStart{
		Head: pull.Head, ExternalID: external, Title: "Reviewing", Summary: "…", StartedAt: time.Now(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if found, completed, err := w.repo.FindCheck(ctx, pull.Head, external); found != id || completed || err != nil {
		t.Errorf("FindCheck() = %d, %t, %v", found, completed, err)
	}
	comments := []review.NewComment{inline("app.py", 10), {Path: "new.py", StartLine: 2, Line: 5, Body: markedBody("a range")}}
	if err := w.repo.PostReview(ctx, number, pull.Head, run, comments); err != nil {
		t.Fatal(err)
	}
	if err := w.repo.PostFileComment(ctx, number, pull.Head, review.NewComment{Path: "app.py", Body: markedBody("the file")}); err != nil {
		t.Fatal(err)
	}
	if found, err := w.repo.FindReview(ctx, number, run); !found || err != nil {
		t.Errorf("FindReview() = %t, %v", found, err)
	}
	existing, err := w.repo.Comments(ctx, number)
	if err != nil || len(existing) != 3 {
		t.Fatalf("%+v, %v", existing, err)
	}
	for i, want := range []struct {
		path string
		line int
	}{{"app.py", 10}, {"new.py", 5}, {"app.py", 0}} {
		c := existing[i]
		if c.Path != want.path || c.Line != want.line || c.Thread == "" || c.Resolved || c.Replied || c.Marker.Key != fingerprint {
			t.Errorf("comment %d: %+v", i, c)
		}
	}
	if err := w.repo.EditComment(ctx, existing[0].ID, "changed"); err != nil {
		t.Error(err)
	}
	if got := w.pull.Comments()[0].Body; got != "changed" {
		t.Errorf("body %q", got)
	}
	if err := w.repo.CompleteCheck(ctx, id, review.Check{
		Conclusion: review.Failure, Title: "2 blocking", Summary: "text", Annotations: annotationsUpTo(120),
	}); err != nil {
		t.Fatal(err)
	}
	if found, completed, err := w.repo.FindCheck(ctx, pull.Head, external); found != id || !completed || err != nil {
		t.Errorf("FindCheck() = %d, %t, %v", found, completed, err)
	}
	runs := w.hosted.CheckRuns(pull.Head)
	if len(runs) != 1 || runs[0].Conclusion != "failure" || len(runs[0].Annotations) != 120 || runs[0].Name != "lintel" {
		t.Errorf("check runs %+v", runs)
	}
}

func TestStrangersMarkersAreIgnored(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	ctx, number := t.Context(), w.pull.Number()
	if err := w.repo.PostReview(ctx, number, w.pull.Head(), run, []review.NewComment{inline("app.py", 10)}); err != nil {
		t.Fatal(err)
	}
	copied := w.pull.Comments()[0]
	for _, login := range []string{"mallory", "copycat[bot]"} {
		if _, err := w.pull.CommentOn(login, ghtest.NewComment{Path: "app.py", Line: 11, Body: copied.Body}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.pull.Reply("mallory", copied.ID, copied.Body); err != nil {
		t.Fatal(err)
	}
	got, err := w.repo.Comments(ctx, number)
	if err != nil || len(got) != 1 || got[0].ID != copied.ID || !got[0].Replied {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestThreadsAreResolvedWhereTheAppMay(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	ctx, number := t.Context(), w.pull.Number()
	if err := w.repo.PostReview(ctx, number, w.pull.Head(), run, []review.NewComment{inline("app.py", 10)}); err != nil {
		t.Fatal(err)
	}
	got, err := w.repo.Comments(ctx, number)
	if err != nil || len(got) != 1 || got[0].CanResolve {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := w.repo.ResolveThread(ctx, got[0].Thread); !errors.Is(err, gh.ErrForbidden) || errors.Is(err, gh.ErrAmbiguous) {
		t.Errorf("error %v", err)
	}
	if err := w.repo.ResolveThread(ctx, "nonsense"); !errors.Is(err, gh.ErrNotFound) {
		t.Errorf("error %v", err)
	}
	if err := w.pull.Resolve("octocat", got[0].ID, true); err != nil {
		t.Fatal(err)
	}
	if got, err = w.repo.Comments(ctx, number); err != nil || !got[0].Resolved {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnchorsOffTheDiffAreRefused(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	ctx, number := t.Context(), w.pull.Number()
	err := w.repo.PostReview(ctx, number, w.pull.Head(), run, []review.NewComment{inline("app.py", 10), inline("app.py", 30)})
	if !errors.Is(err, gh.ErrInvalidAnchor) || len(w.pull.Comments()) != 0 {
		t.Errorf("error %v, comments %v", err, w.pull.Comments())
	}
	if err := w.repo.PostComment(ctx, number, w.pull.Head(), inline("app.py", 10)); err != nil {
		t.Error(err)
	}
	if err := w.repo.PostComment(ctx, number, w.pull.Head(), inline("app.py", 30)); !errors.Is(err, gh.ErrInvalidAnchor) {
		t.Errorf("error %v", err)
	}
	if err := w.repo.PostFileComment(ctx, number, w.pull.Head(), review.NewComment{Path: "README.md", Body: "x"}); !errors.Is(err, gh.ErrInvalidAnchor) {
		t.Errorf("error %v", err)
	}
	if got := w.pull.Comments(); len(got) != 1 || got[0].Line != 10 {
		t.Errorf("comments %+v", got)
	}
}

// The outcome of a write whose answer is lost can be looked up.
func TestLostAnswersAreFoundAgain(t *testing.T) {
	const reviews, checks = `/pulls/\d+/reviews$`, `/check-runs$`
	for _, kind := range []ghtest.FaultKind{
		ghtest.StatusBefore, ghtest.StatusAfter, ghtest.ResetBefore, ghtest.ResetAfter, ghtest.GarbageAfter,
	} {
		t.Run(fmt.Sprint("fault ", int(kind)), func(t *testing.T) {
			w := newWorld(t, ghtest.Options{})
			ctx, number := t.Context(), w.pull.Number()
			w.fault(t, ghtest.Fault{Method: "POST", Path: reviews, Kind: kind})
			w.fault(t, ghtest.Fault{Method: "POST", Path: checks, Kind: kind})
			carriedOut := kind != ghtest.StatusBefore && kind != ghtest.ResetBefore

			err := w.repo.PostReview(ctx, number, w.pull.Head(), run, []review.NewComment{inline("app.py", 10)})
			if !errors.Is(err, gh.ErrAmbiguous) {
				t.Errorf("review: %v", err)
			}
			if found, err := w.repo.FindReview(ctx, number, run); found != carriedOut || err != nil {
				t.Errorf("FindReview() = %t, %v", found, err)
			}
			_, err = w.repo.CreateCheck(ctx, gh.CheckStart{Head: w.pull.Head(), ExternalID: "x"})
			if !errors.Is(err, gh.ErrAmbiguous) {
				t.Errorf("check run: %v", err)
			}
			if id, completed, err := w.repo.FindCheck(ctx, w.pull.Head(), "x"); id != 0 != carriedOut || completed || err != nil {
				t.Errorf("FindCheck() = %d, %t, %v", id, completed, err)
			}
		})
	}
}

func TestOpenPullRequestsThatShareAHead(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	fork, err := w.hosted.Fork("mallory")
	if err != nil {
		t.Fatal(err)
	}
	if err := fork.Push(w.hosted.GitDir(), "refs/heads/topic:refs/heads/same"); err != nil {
		t.Fatal(err)
	}
	forked, err := w.hosted.OpenPullRequest(ghtest.NewPullRequest{Title: "The same", Head: "mallory:same", Author: "mallory"})
	if err != nil {
		t.Fatal(err)
	}
	if forked.Head() != w.pull.Head() {
		t.Fatalf("heads %s and %s", forked.Head(), w.pull.Head())
	}
	got, err := w.repo.PullRequestsWithHead(t.Context(), w.pull.Head())
	if diff := cmp.Diff([]int{w.pull.Number(), forked.Number()}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	if err := w.pull.Close(); err != nil {
		t.Fatal(err)
	}
	got, err = w.repo.PullRequestsWithHead(t.Context(), forked.Head())
	if diff := cmp.Diff([]int{forked.Number()}, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestTokenReachesItsRepositoryOnly(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	other, err := w.CreateRepository("acme", "other")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Commit(ghtest.Commit{Branch: "topic", Files: map[string]string{"a": "b\n"}}); err != nil {
		t.Fatal(err)
	}
	pull, err := other.OpenPullRequest(ghtest.NewPullRequest{Title: "x", Head: "topic"})
	if err != nil {
		t.Fatal(err)
	}
	// The name of one repository with the token of another.
	crossed := w.app.Repository(w.hosted.InstallationID(), w.hosted.ID(), other.FullName())
	if _, err := crossed.PullRequest(t.Context(), pull.Number()); !errors.Is(err, gh.ErrNotFound) {
		t.Errorf("error %v", err)
	}
}

func TestLifeOfAnInstallation(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	ctx, number := t.Context(), w.pull.Number()
	read := func() error { _, err := w.repo.PullRequest(ctx, number); return err }
	if err := read(); err != nil {
		t.Fatal(err)
	}
	w.ExpireTokens()
	if err := read(); err != nil {
		t.Errorf("after the tokens ended: %v", err)
	}
	i := w.Installation("acme")
	i.Suspend()
	if err := read(); !errors.Is(err, gh.ErrNotFound) {
		t.Errorf("suspended: %v", err)
	}
	i.Unsuspend()
	if err := read(); err != nil {
		t.Errorf("no longer suspended: %v", err)
	}
	w.hosted.Rename("store")
	if err := read(); err != nil {
		t.Errorf("renamed: %v", err)
	}
	if err := w.repo.PostReview(ctx, number, w.pull.Head(), run, []review.NewComment{inline("app.py", 10)}); err != nil {
		t.Errorf("a write after the rename: %v", err)
	}
	i.Grant("checks", "read")
	w.ExpireTokens()
	if err := read(); !errors.Is(err, gh.ErrForbidden) || !strings.Contains(err.Error(), "owner has to accept") {
		t.Errorf("a permission is missing: %v", err)
	}
	i.Remove()
	if err := read(); !errors.Is(err, gh.ErrNotFound) {
		t.Errorf("removed: %v", err)
	}
}

func TestBurstOfWritesEndsInASecondaryLimit(t *testing.T) {
	for _, without := range []bool{false, true} {
		c := newClock()
		w := newWorld(t, ghtest.Options{Now: c.Now, Limits: ghtest.Limits{ContentPerMinute: 2, WithoutRetryAfter: without}})
		ctx, number := t.Context(), w.pull.Number()
		post := func() error { return w.repo.PostComment(ctx, number, w.pull.Head(), inline("app.py", 10)) }
		var limit *gh.RateLimitError
		for range 3 {
			if err := post(); err != nil && !errors.As(err, &limit) {
				t.Fatal(err)
			}
		}
		if limit == nil || !limit.Secondary || limit.Until.Sub(c.Now()) != time.Minute {
			t.Fatalf("limit %+v", limit)
		}
		sent := len(w.Requests())
		if err := post(); !errors.As(err, &limit) || len(w.Requests()) != sent {
			t.Errorf("inside the block: %v", err)
		}
		c.Advance(time.Minute)
		if err := post(); err != nil {
			t.Errorf("after the block: %v", err)
		}
		if got := len(w.pull.Comments()); got != 3 {
			t.Errorf("%d comments", got)
		}
	}
}

func TestUsedUpHourIsWaitedFor(t *testing.T) {
	c := newClock()
	w := newWorld(t, ghtest.Options{Now: c.Now})
	ctx, number := t.Context(), w.pull.Number()
	w.Installation("acme").PrimaryRemaining(0)
	_, err := w.repo.PullRequest(ctx, number)
	var limit *gh.RateLimitError
	if !errors.As(err, &limit) || limit.Secondary || limit.Until.Sub(c.Now()) != time.Hour {
		t.Fatalf("error %v", err)
	}
	w.Installation("acme").PrimaryRemaining(10)
	if _, err := w.repo.PullRequest(ctx, number); !errors.As(err, &limit) {
		t.Errorf("inside the block: %v", err)
	}
}
