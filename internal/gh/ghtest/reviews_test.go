package ghtest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-github/v62/github"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

const (
	lineOff  = "Pull request review thread line must be part of the diff"
	startOff = "Pull request review thread start line must be part of the same hunk as the line."
	noHunk   = "Pull request review thread diff hunk can't be blank"
)

// The diff of app.py is one hunk, lines 7 to 14, in which 10 and 11 changed.
func TestAnchorsOfReviews(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	line := func(path string, line int) *github.DraftReviewComment {
		return &github.DraftReviewComment{Path: &path, Line: &line, Body: github.String("text")}
	}
	span := func(path string, start, end int) *github.DraftReviewComment {
		c := line(path, end)
		c.StartLine = &start
		return c
	}
	side := func(c *github.DraftReviewComment, side string) *github.DraftReviewComment {
		c.Side = &side
		return c
	}
	body := func(c *github.DraftReviewComment, body string) *github.DraftReviewComment {
		c.Body = &body
		return c
	}
	for _, c := range []struct {
		name    string
		comment *github.DraftReviewComment
		refused string
	}{
		{"added line", line("app.py", 10), ""},
		{"context above", line("app.py", 7), ""},
		{"context below", line("app.py", 14), ""},
		{"above the hunk", line("app.py", 6), lineOff + " and " + noHunk},
		{"below the hunk", line("app.py", 15), lineOff + " and " + noHunk},
		{"removed line on the left", side(line("app.py", 11), "LEFT"), ""},
		{"line of a removed file", side(line("old.py", 5), "LEFT"), ""},
		{"right of a removed file", line("old.py", 5), lineOff + " and " + noHunk},
		{"left of a new file", side(line("new.py", 1), "LEFT"), lineOff + " and " + noHunk},
		{"span", span("app.py", 9, 11), ""},
		{"span from outside the hunk", span("app.py", 2, 11), startOff},
		{"span to outside the hunk", span("app.py", 11, 30), lineOff + ", " + startOff + ", and " + noHunk},
		{"span backwards", span("app.py", 11, 9), "must precede the end line"},
		{"span of one line", span("app.py", 11, 11), "must precede the end line"},
		{"file not in the diff", line("README.md", 1), "path is invalid"},
		{"file that does not exist", line("nothing.py", 1), "path is invalid"},
		{"empty body", body(line("app.py", 10), ""), "body can't be blank"},
		{"longest body", body(line("app.py", 10), strings.Repeat("ä", 65_536)), ""},
		{"body too long", body(line("app.py", 10), strings.Repeat("ä", 65_537)), "too long"},
		{"no line", &github.DraftReviewComment{Path: github.String("app.py"), Body: github.String("x")}, "position can't be blank"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(w.pull.Comments())
			_, _, err := w.client.PullRequests.CreateReview(context.Background(), "acme", "shop", 1, &github.PullRequestReviewRequest{
				CommitID: github.String(w.pull.Head()), Event: github.String("COMMENT"),
				// The good one beside it must not be posted alone.
				Comments: []*github.DraftReviewComment{line("new.py", 2), c.comment},
			})
			posted := len(w.pull.Comments()) - before
			if c.refused == "" {
				if err != nil || posted != 2 {
					t.Errorf("posted %d, %v; want 2", posted, err)
				}
				return
			}
			if status(t, err) != 422 || !strings.Contains(err.Error(), c.refused) || posted != 0 {
				t.Errorf("posted %d, %v; want none, 422 and %q", posted, err, c.refused)
			}
		})
	}
}

func TestReviewsAsAWhole(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	old := w.pull.MergeBase()
	for _, c := range []struct{ name, body, refused string }{
		{"nothing in it", `{"event":"COMMENT"}`, "Body can't be blank"},
		{"a request for changes without a word", `{"event":"REQUEST_CHANGES"}`, "Body can't be blank"},
		{"a commit of another branch", `{"event":"COMMENT","body":"x","commit_id":"` + old + `"}`, "not part of the pull request"},
		{"an event that does not exist", `{"event":"SHOUT","body":"x"}`, "Invalid request"},
		{"a comment without a body", `{"event":"COMMENT","comments":[{"path":"app.py","line":10}]}`, "Invalid request"},
		{"a body too long", `{"event":"COMMENT","body":"` + strings.Repeat("x", 65_537) + `"}`, "too long"},
	} {
		status, _, body := w.do(http.MethodPost, "/api/v3/repos/acme/shop/pulls/1/reviews", "token "+w.token(nil), c.body)
		if status != 422 || !strings.Contains(body, c.refused) {
			t.Errorf("%s: %d %s, want 422 with %q", c.name, status, body, c.refused)
		}
	}
	if status, _, body := w.do(http.MethodPost, "/api/v3/repos/acme/shop/pulls/1/reviews", "token "+w.token(nil), `{"event":`); status != 400 ||
		!strings.Contains(body, "Problems parsing JSON") {
		t.Errorf("broken JSON: %d %s", status, body)
	}
	if got := len(w.pull.Reviews()); got != 0 {
		t.Errorf("%d reviews were posted", got)
	}
	create := func() error {
		_, _, err := w.client.PullRequests.CreateReview(context.Background(), "acme", "shop", 1, &github.PullRequestReviewRequest{})
		return err
	}
	if err := create(); err != nil {
		t.Errorf("first pending review: %v", err)
	}
	if err := create(); status(t, err) != 422 || !strings.Contains(err.Error(), "one pending review") {
		t.Errorf("second pending review: %v", err)
	}
}

// A review on a commit that is no longer the head hangs where the line is now.
func TestAReviewThatCrossesAPush(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	before := w.pull.Head()
	if _, err := w.pull.Push(ghtest.Commit{Files: map[string]string{"new.py": "zero\none\ntwo\n"}}); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.client.PullRequests.CreateReview(context.Background(), "acme", "shop", 1, &github.PullRequestReviewRequest{
		CommitID: &before, Event: github.String("COMMENT"),
		Comments: []*github.DraftReviewComment{{Path: github.String("new.py"), Line: github.Int(2), Body: github.String("two")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := w.pull.Comments()[0]
	if got.Line != 3 || got.OriginalLine != 2 || got.OriginalCommit != before || got.CommitID != w.pull.Head() {
		t.Errorf("comment: %+v", got)
	}
}

func TestFileLevelCommentsGoAlone(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	ctx := context.Background()
	comment := func(c *github.PullRequestComment) (*github.PullRequestComment, error) {
		c.Body, c.CommitID = github.String("text"), github.String(w.pull.Head())
		made, _, err := w.client.PullRequests.CreateComment(ctx, "acme", "shop", 1, c)
		return made, err
	}
	made, err := comment(&github.PullRequestComment{Path: github.String("app.py"), SubjectType: github.String("file")})
	if err != nil || made.Line != nil || made.GetSubjectType() != "file" {
		t.Errorf("on a file: %v, %v", made, err)
	}
	_, err = comment(&github.PullRequestComment{Path: github.String("README.md"), SubjectType: github.String("file")})
	if status(t, err) != 422 {
		t.Errorf("on a file that did not change: %v, want 422", err)
	}
	_, err = comment(&github.PullRequestComment{Path: github.String("app.py"), Line: github.Int(30)})
	var answer *github.ErrorResponse
	if !errors.As(err, &answer) || len(answer.Errors) != 2 || answer.Errors[0].Field != "pull_request_review_thread.line" {
		t.Errorf("off the diff: %v", err)
	}
	made, err = comment(&github.PullRequestComment{Path: github.String("app.py"), Line: github.Int(10), Side: github.String("RIGHT")})
	if err != nil || made.GetLine() != 10 {
		t.Errorf("on a line: %v, %v", made, err)
	}
	reply, _, err := w.client.PullRequests.CreateCommentInReplyTo(ctx, "acme", "shop", 1, "answer", made.GetID())
	if err != nil || reply.GetInReplyTo() != made.GetID() {
		t.Errorf("an answer: %v, %v", reply, err)
	}
	// The form of the answer to a review's own list is the old one.
	status, _, body := w.do(http.MethodGet, fmt.Sprintf("/api/v3/repos/acme/shop/pulls/1/reviews/%d/comments", made.GetPullRequestReviewID()),
		"token "+w.token(nil), "")
	if status != 200 || !strings.Contains(body, `"position":`) || strings.Contains(body, `"line":`) {
		t.Errorf("comments of a review: %d %s", status, body)
	}
}

func TestOnlyOwnCommentsCanBeChanged(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	ctx := context.Background()
	theirs, err := w.pull.CommentOn("alice", ghtest.NewComment{Path: "app.py", Line: 10, Body: "mine"})
	if err != nil {
		t.Fatal(err)
	}
	copied, err := w.pull.CommentOn("other[bot]", ghtest.NewComment{Path: "app.py", Line: 11, Body: "mine"})
	if err != nil {
		t.Fatal(err)
	}
	ours, err := w.pull.CommentOn("lintel[bot]", ghtest.NewComment{Path: "app.py", Line: 11, Body: "ours"})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []int64{theirs.ID, copied.ID} {
		_, _, err := w.client.PullRequests.EditComment(ctx, "acme", "shop", id, &github.PullRequestComment{Body: github.String("x")})
		if status(t, err) != 403 {
			t.Errorf("editing what another wrote: %v, want 403", err)
		}
		_, err = w.client.PullRequests.DeleteComment(ctx, "acme", "shop", id)
		if status(t, err) != 403 {
			t.Errorf("deleting what another wrote: %v, want 403", err)
		}
	}
	if _, _, err := w.client.PullRequests.EditComment(ctx, "acme", "shop", ours.ID, &github.PullRequestComment{Body: github.String("new")}); err != nil {
		t.Errorf("editing: %v", err)
	}
	if got := w.pull.Comments()[2].Body; got != "new" {
		t.Errorf("body after editing: %q", got)
	}
	if _, err := w.client.PullRequests.DeleteComment(ctx, "acme", "shop", ours.ID); err != nil {
		t.Errorf("deleting: %v", err)
	}
	if got := len(w.pull.Comments()); got != 2 {
		t.Errorf("%d comments remain, want 2", got)
	}
}

func TestReactionsTellNewFromOld(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	c, err := w.pull.Comment("alice", "/lintel help")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{201, 200} {
		_, response, err := w.client.Reactions.CreateIssueCommentReaction(context.Background(), "acme", "shop", c.ID, "eyes")
		if err != nil || response.StatusCode != want {
			t.Errorf("reaction: %v, %v; want %d", response, err, want)
		}
	}
	if got := w.pull.ConversationComments()[0].Reactions; len(got) != 1 || got[0] != "lintel[bot] eyes" {
		t.Errorf("reactions: %v", got)
	}
	_, _, err = w.client.Reactions.CreateIssueCommentReaction(context.Background(), "acme", "shop", c.ID, "shrug")
	if status(t, err) != 422 {
		t.Errorf("an unknown reaction: %v, want 422", err)
	}
}
