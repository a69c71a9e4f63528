package reviewer

import (
	"context"
	"errors"
	"fmt"

	"github.com/lintel-bot/lintel/internal/gh"
	"github.com/lintel-bot/lintel/internal/review"
)

// publish writes the actions to GitHub: comments first, the check run last, so
// that a completed check run means that nothing is missing.
func (r *run) publish(ctx context.Context, actions review.Actions) error {
	check := actions.Check
	refused, err := r.postInline(ctx, actions.Inline)
	if err != nil {
		return err
	}
	for _, c := range actions.FileLevel {
		err := r.write(ctx, func(ctx context.Context) error {
			return r.repo.PostFileComment(ctx, r.pull.Number, r.pull.Head, c)
		})
		if refusal(err) {
			refused = append(refused, c)
			continue
		}
		if err != nil {
			return err
		}
	}
	for _, c := range refused {
		r.log.Warn("GitHub refused a comment; it becomes an annotation", "path", c.Path, "line", c.Line)
		check.Annotations = append(check.Annotations, c.Annotation)
	}
	if err := r.amend(ctx, actions); err != nil {
		return err
	}
	return r.complete(ctx, check)
}

// postInline posts all inline comments as one review, and returns those that
// GitHub does not take at their place.
func (r *run) postInline(ctx context.Context, comments []review.NewComment) ([]review.NewComment, error) {
	if len(comments) == 0 {
		return nil, nil
	}
	// The plan already leaves out what stands on the pull request. GitHub's
	// list of comments can lag behind a write, so a retry also asks for the
	// review itself.
	if !r.lease.Fresh {
		posted, err := r.repo.FindReview(ctx, r.pull.Number, r.lease.Run)
		if err != nil || posted {
			return nil, err
		}
	}
	err := r.write(ctx, func(ctx context.Context) error {
		return r.repo.PostReview(ctx, r.pull.Number, r.pull.Head, r.lease.Run, comments)
	})
	if errors.Is(err, gh.ErrAmbiguous) {
		posted, lookup := r.repo.FindReview(ctx, r.pull.Number, r.lease.Run)
		if lookup != nil {
			return nil, errors.Join(err, lookup)
		}
		if posted {
			return nil, nil
		}
		return nil, err
	}
	if errors.Is(err, gh.ErrForbidden) {
		return comments, nil
	}
	if !errors.Is(err, gh.ErrInvalidAnchor) {
		return nil, err
	}
	if moved, lookup := r.moved(ctx); lookup != nil {
		return nil, errors.Join(err, lookup)
	} else if moved {
		return nil, errMoved
	}
	return r.postOneByOne(ctx, comments)
}

// refusal reports whether GitHub does not take a comment, now or ever: its place
// is not part of the diff, or nobody may comment there, as in a conversation
// that somebody locked. The check run says all the same.
func refusal(err error) bool {
	return errors.Is(err, gh.ErrInvalidAnchor) || errors.Is(err, gh.ErrForbidden)
}

// postOneByOne is for a review that GitHub refused as a whole without saying
// which comment is at fault.
func (r *run) postOneByOne(ctx context.Context, comments []review.NewComment) (refused []review.NewComment, err error) {
	for _, c := range comments {
		err := r.write(ctx, func(ctx context.Context) error {
			return r.repo.PostComment(ctx, r.pull.Number, r.pull.Head, c)
		})
		if refusal(err) {
			refused = append(refused, c)
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return refused, nil
}

// amend edits earlier comments and resolves their threads. A comment that
// somebody deleted is gone, and what the app may not edit or resolve stays as
// it is: neither is an error of the review.
func (r *run) amend(ctx context.Context, actions review.Actions) error {
	for _, e := range actions.Edits {
		err := r.repo.EditComment(ctx, e.CommentID, e.Body)
		if errors.Is(err, gh.ErrNotFound) || errors.Is(err, gh.ErrForbidden) {
			r.log.Info("a comment could not be edited", "comment", e.CommentID, "error", err)
			continue
		}
		if err != nil {
			return fmt.Errorf("editing comment %d: %w", e.CommentID, err)
		}
	}
	for _, thread := range actions.Resolve {
		err := r.repo.ResolveThread(ctx, thread)
		if errors.Is(err, gh.ErrForbidden) || errors.Is(err, gh.ErrNotFound) {
			r.log.Info("a thread could not be resolved", "error", err)
			continue
		}
		if err != nil {
			return fmt.Errorf("resolving a thread: %w", err)
		}
	}
	return nil
}
