package gh_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/gh"
	"github.com/lintel-bot/lintel/internal/gh/ghtest"
	"github.com/lintel-bot/lintel/internal/review"
)

// What each method costs, as GitHub counts it. The first call of all also gets
// a token, and the first that compares authors asks for the app's name.
func TestRequestsOfEachMethod(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	ctx, number, head := t.Context(), w.pull.Number(), w.pull.Head()
	var id int64
	var thread string
	for _, step := range []struct {
		name string
		call func() error
		want string
	}{
		{"Token", func() error { _, err := w.repo.Token(ctx); return err }, "1 read"},
		{"PullRequest", func() error { _, err := w.repo.PullRequest(ctx, number); return err }, "1 read"},
		{"CreateCheck", func() (err error) {
			id, err = w.repo.CreateCheck(ctx, gh.CheckStart{Head: head, ExternalID: "x"})
			return err
		}, "1 write"},
		{"FindCheck", func() error { _, _, err := w.repo.FindCheck(ctx, head, "x"); return err }, "1 read"},
		{"Slug", func() error { _, err := w.app.Slug(ctx); return err }, "1 read"},
		{"Comments, none", func() error { _, err := w.repo.Comments(ctx, number); return err }, "1 read"},
		{"PostReview", func() error {
			return w.repo.PostReview(ctx, number, head, run, []review.NewComment{inline("app.py", 10), inline("app.py", 11)})
		}, "1 write"},
		{"Comments, own", func() error {
			got, err := w.repo.Comments(ctx, number)
			if err == nil {
				thread = got[0].Thread
			}
			return err
		}, "2 reads"},
		{"FindReview", func() error { _, err := w.repo.FindReview(ctx, number, run); return err }, "1 read"},
		{"PostFileComment", func() error {
			return w.repo.PostFileComment(ctx, number, head, review.NewComment{Path: "app.py", Body: "x"})
		}, "1 write"},
		{"EditComment", func() error { return w.repo.EditComment(ctx, w.pull.Comments()[0].ID, "x") }, "1 write"},
		{"ResolveThread", func() error {
			if err := w.repo.ResolveThread(ctx, thread); !errors.Is(err, gh.ErrForbidden) {
				return fmt.Errorf("want a refusal: %w", err)
			}
			return nil
		}, "1 write"},
		{"PullRequestsWithHead", func() error { _, err := w.repo.PullRequestsWithHead(ctx, head); return err }, "1 read"},
		{"CompleteCheck, 50 annotations", func() error {
			return w.repo.CompleteCheck(ctx, id, review.Check{Conclusion: review.Success, Title: "t", Summary: "s", Annotations: annotationsUpTo(50)})
		}, "1 write"},
		{"CompleteCheck, 120 annotations", func() error {
			return w.repo.CompleteCheck(ctx, id, review.Check{Conclusion: review.Success, Title: "t", Summary: "s", Annotations: annotationsUpTo(120)})
		}, "1 read, 2 writes"}, // 50 of them are there already
	} {
		w.ForgetRequests()
		if err := step.call(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := count(w.Requests()); got != step.want {
			t.Errorf("%s: %s, want %s", step.name, got, step.want)
		}
	}
}

func count(requests []ghtest.Request) string {
	reads, writes := 0, 0
	for _, r := range requests {
		if r.Write() {
			writes++
		} else {
			reads++
		}
	}
	var parts []string
	for _, p := range []struct {
		n    int
		noun string
	}{{reads, "read"}, {writes, "write"}} {
		switch {
		case p.n == 1:
			parts = append(parts, "1 "+p.noun)
		case p.n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", p.n, p.noun))
		}
	}
	return strings.Join(parts, ", ")
}
