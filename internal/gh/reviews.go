package gh

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/lintel-bot/lintel/internal/review"
)

// runPattern is what a run's id may hold: it stands inside an HTML comment.
var runPattern = regexp.MustCompile(`^[0-9A-Za-z]{1,64}$`)

// reviewMarker is the hidden line by which a run finds its own review again.
func reviewMarker(run string) string { return "<!-- lintel:v1 run=" + run + " -->" }

// reviewBody is the review's own text. GitHub's reference requires one with
// COMMENT (https://docs.github.com/en/rest/pulls/reviews#create-a-review-for-a-pull-request),
// and one that shows nothing would leave an empty box.
func reviewBody(run string, comments int) string {
	noun := "comments"
	if comments == 1 {
		noun = "comment"
	}
	return fmt.Sprintf("%d %s; the verdict is in the `%s` check.\n\n%s", comments, noun, checkName, reviewMarker(run))
}

// PostReview posts all comments as one review of the head commit. GitHub takes
// all of them or none: ErrInvalidAnchor when it does not say which one it
// refuses. Without comments there is nothing to post.
func (r *Repository) PostReview(ctx context.Context, number int, head, run string, comments []review.NewComment) error {
	if len(comments) == 0 {
		return nil
	}
	if !runPattern.MatchString(run) {
		return fmt.Errorf("could not review %s#%d: %q is not a run's id", r.fullName, number, sanitize(run))
	}
	request := &github.PullRequestReviewRequest{
		CommitID: &head, Event: github.String("COMMENT"), Body: github.String(reviewBody(run, len(comments))),
	}
	for _, comment := range comments {
		if comment.Line <= 0 {
			return fmt.Errorf("could not review %s#%d: a comment has no line", r.fullName, number)
		}
		request.Comments = append(request.Comments, draftComment(comment))
	}
	c := &call{
		doing:  fmt.Sprintf("review %s#%d", r.fullName, number),
		method: http.MethodPost, route: "/repos/{owner}/{repo}/pulls/{pull_number}/reviews",
		write: true, unprocessable: ErrInvalidAnchor,
	}
	return r.do(ctx, c, func(ctx context.Context, client *github.Client) error {
		_, _, err := client.PullRequests.CreateReview(ctx, r.owner, r.name, number, request)
		return err
	})
}

// draftComment anchors a comment in the head. GitHub wants start_line below
// line, and neither of its two fields for a single line.
func draftComment(c review.NewComment) *github.DraftReviewComment {
	draft := &github.DraftReviewComment{
		Path: &c.Path, Body: &c.Body, Line: &c.Line, Side: github.String("RIGHT"),
	}
	if c.StartLine > 0 && c.StartLine < c.Line {
		draft.StartLine, draft.StartSide = &c.StartLine, github.String("RIGHT")
	}
	return draft
}

// FindReview reports whether the app posted a review for this run.
func (r *Repository) FindReview(ctx context.Context, number int, run string) (bool, error) {
	if !runPattern.MatchString(run) {
		return false, fmt.Errorf("could not look for a review of %s#%d: %q is not a run's id", r.fullName, number, sanitize(run))
	}
	c := &call{
		doing:  fmt.Sprintf("list the reviews of %s#%d", r.fullName, number),
		method: http.MethodGet, route: "/repos/{owner}/{repo}/pulls/{pull_number}/reviews",
	}
	marker := reviewMarker(run)
	var authors []*github.User
	err := r.pages(ctx, c, func(ctx context.Context, client *github.Client, page github.ListOptions) (*github.Response, error) {
		list, resp, err := client.PullRequests.ListReviews(ctx, r.owner, r.name, number, &page)
		for _, got := range list {
			if strings.HasSuffix(strings.TrimSpace(got.GetBody()), marker) {
				authors = append(authors, got.GetUser())
			}
		}
		return resp, err
	})
	if err != nil || len(authors) == 0 {
		return false, err
	}
	mine, err := r.app.self(ctx, authors)
	if err != nil {
		return false, err
	}
	for _, author := range authors {
		if mine(author) {
			return true, nil
		}
	}
	return false, nil
}
