package gh

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/go-github/v62/github"

	"github.com/lintel-bot/lintel/internal/review"
)

// Comments returns the review comments that lintel wrote on the pull request:
// those that start a thread, are by the app's own bot user, and end in a
// marker. A marker that somebody copied counts for nothing.
func (r *Repository) Comments(ctx context.Context, number int) ([]review.Comment, error) {
	all, err := r.listComments(ctx, number)
	if err != nil {
		return nil, err
	}
	own, err := r.own(ctx, all)
	if err != nil || len(own) == 0 {
		return nil, err
	}
	threads, err := r.threads(ctx, number)
	if errors.Is(err, ErrForbidden) || errors.Is(err, ErrNotFound) || queryRefused(err) {
		// Without threads nothing is resolved; everything else still works.
		r.app.logger.Warn("the review threads cannot be read", "repository", r.fullName, "pull_request", number, "error", err)
	} else if err != nil {
		return nil, err
	}
	for i := range own {
		t := threads[own[i].ID]
		own[i].Thread, own[i].Resolved, own[i].CanResolve = t.id, t.resolved, t.resolvable
	}
	return own, nil
}

func (r *Repository) listComments(ctx context.Context, number int) ([]*github.PullRequestComment, error) {
	c := &call{
		doing:  fmt.Sprintf("list the review comments of %s#%d", r.fullName, number),
		method: http.MethodGet, route: "/repos/{owner}/{repo}/pulls/{pull_number}/comments",
	}
	var all []*github.PullRequestComment
	err := r.pages(ctx, c, func(ctx context.Context, client *github.Client, page github.ListOptions) (*github.Response, error) {
		list, resp, err := client.PullRequests.ListComments(ctx, r.owner, r.name, number,
			&github.PullRequestListCommentsOptions{Sort: "created", Direction: "asc", ListOptions: page})
		all = append(all, list...)
		return resp, err
	})
	return all, err
}

// own picks lintel's comments out of all.
func (r *Repository) own(ctx context.Context, all []*github.PullRequestComment) ([]review.Comment, error) {
	if len(all) == 0 {
		return nil, nil
	}
	var authors []*github.User
	for _, c := range all {
		if _, marked := review.ParseMarker(c.GetBody()); marked {
			authors = append(authors, c.GetUser())
		}
	}
	mine, err := r.app.self(ctx, authors)
	if err != nil {
		return nil, err
	}
	var own []review.Comment
	for _, c := range all {
		marker, marked := review.ParseMarker(c.GetBody())
		if !marked || !mine(c.GetUser()) || c.GetInReplyTo() != 0 {
			continue
		}
		comment := review.Comment{ID: c.GetID(), Marker: marker, Body: c.GetBody(), Path: c.GetPath(), URL: c.GetHTMLURL()}
		if c.GetSubjectType() != "file" {
			comment.Line = c.GetLine() // null, so zero, once outdated
		}
		own = append(own, comment)
	}
	replied := map[int64]bool{}
	for _, c := range all {
		if c.GetInReplyTo() != 0 && !mine(c.GetUser()) {
			replied[c.GetInReplyTo()] = true
		}
	}
	for i := range own {
		own[i].Replied = replied[own[i].ID]
	}
	return own, nil
}

// self returns how to tell the app's own bot user. When one of the authors is
// a bot of another name, that name may have become ours a moment ago: an app
// can be renamed, and to overlook our own comments is to post them twice.
func (a *App) self(ctx context.Context, authors []*github.User) (func(*github.User) bool, error) {
	slug, err := a.Slug(ctx)
	if err != nil {
		return nil, err
	}
	for _, author := range authors {
		if isBot(author) && !isBotNamed(author, slug) {
			if slug, err = a.slug(ctx, slugDoubt); err != nil {
				return nil, err
			}
			break
		}
	}
	return func(u *github.User) bool { return isBotNamed(u, slug) }, nil
}

func isBot(u *github.User) bool { return u.GetType() == "Bot" }

// isBotNamed recognises the bot user of the app with that slug. People's names
// cannot hold brackets.
func isBotNamed(u *github.User, slug string) bool {
	return isBot(u) && strings.EqualFold(u.GetLogin(), slug+"[bot]")
}

// EditComment replaces the body of a review comment. ErrNotFound when somebody
// deleted it. Repeating it does no harm.
func (r *Repository) EditComment(ctx context.Context, id int64, body string) error {
	c := &call{
		doing:  fmt.Sprintf("edit review comment %d in %s", id, r.fullName),
		method: http.MethodPatch, route: "/repos/{owner}/{repo}/pulls/comments/{comment_id}", write: true,
	}
	return r.do(ctx, c, func(ctx context.Context, client *github.Client) error {
		_, _, err := client.PullRequests.EditComment(ctx, r.owner, r.name, id, &github.PullRequestComment{Body: &body})
		return err
	})
}

// PostComment posts one comment on a line or on lines of the diff. It is for
// what a review could not take; ErrInvalidAnchor when the place is refused.
func (r *Repository) PostComment(ctx context.Context, number int, head string, comment review.NewComment) error {
	if comment.Line <= 0 {
		return fmt.Errorf("could not comment on %s#%d: the comment has no line", r.fullName, number)
	}
	draft := draftComment(comment)
	return r.postComment(ctx, number, &github.PullRequestComment{
		CommitID: &head, Path: draft.Path, Body: draft.Body,
		Line: draft.Line, Side: draft.Side, StartLine: draft.StartLine, StartSide: draft.StartSide,
	})
}

// PostFileComment posts a comment on a file as a whole; a review takes none.
// ErrInvalidAnchor when the file is not part of the diff.
func (r *Repository) PostFileComment(ctx context.Context, number int, head string, comment review.NewComment) error {
	return r.postComment(ctx, number, &github.PullRequestComment{
		CommitID: &head, Path: &comment.Path, Body: &comment.Body, SubjectType: github.String("file"),
	})
}

func (r *Repository) postComment(ctx context.Context, number int, comment *github.PullRequestComment) error {
	c := &call{
		doing:  fmt.Sprintf("comment on %s#%d", r.fullName, number),
		method: http.MethodPost, route: "/repos/{owner}/{repo}/pulls/{pull_number}/comments",
		write: true, unprocessable: ErrInvalidAnchor,
	}
	return r.do(ctx, c, func(ctx context.Context, client *github.Client) error {
		_, _, err := client.PullRequests.CreateComment(ctx, r.owner, r.name, number, comment)
		return err
	})
}
