package reviewer

import (
	"context"
	"errors"
	"slices"

	"github.com/lintel-bot/lintel/internal/gh"
	"github.com/lintel-bot/lintel/internal/queue"
	"github.com/lintel-bot/lintel/internal/review"
)

// endEarlierRun completes the check run that an earlier run of this pull
// request left in progress: its process died, or a push overtook it, before it
// could do so itself. It reports moved when that was an earlier attempt of this
// very run, on another head. A run is of one head, as its review and its check
// run are found again by the run: then a run of its own is asked for.
func (r *run) endEarlierRun(ctx context.Context) (moved bool, err error) {
	earlier, found, err := r.Store.Verdict(ctx, r.lease.RepositoryID, r.lease.Number)
	if err != nil || !found {
		return false, err
	}
	own := earlier.Run == r.lease.Run
	if own && earlier.Head == r.pull.Head {
		return false, nil
	}
	if earlier.Published == "" {
		if err := r.cancelCheck(ctx, earlier, r.superseded(r.pull)); err != nil {
			return false, err
		}
	}
	if own {
		r.log.Info("superseded between two attempts", "head", earlier.Head, "now", r.pull.Head)
		return true, r.again(ctx, r.pull)
	}
	if earlier.Head != r.pull.Head || !r.pull.Open {
		return false, r.leaveHead(ctx, earlier.Head)
	}
	return false, nil
}

// leaveHead forgets this pull request's verdict on a head that it no longer
// has, and lets the pull requests that still have it be judged without it. The
// verdict goes last: an attempt that fails before would not be repeated without.
func (r *run) leaveHead(ctx context.Context, head string) error {
	rest, err := r.Store.Verdicts(ctx, r.lease.RepositoryID, head)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(rest, func(v queue.Verdict) bool { return v.Number != r.lease.Number }) {
		numbers, err := r.othersWithHead(ctx, head)
		if err != nil {
			return err
		}
		if err := r.alignHead(ctx, head, numbers); err != nil {
			return err
		}
	}
	return r.Store.DropVerdict(ctx, r.lease.RepositoryID, r.lease.Number)
}

// othersWithHead returns the other open pull requests with that head.
func (r *run) othersWithHead(ctx context.Context, head string) ([]int, error) {
	numbers, err := r.repo.PullRequestsWithHead(ctx, head)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(numbers, func(n int) bool { return n == r.lease.Number }), nil
}

// cancelCheck completes a check run that is still in progress as cancelled,
// unless another open pull request has the same head: there the other one's
// review is asked for, and the check run ends with what it comes to.
func (r *run) cancelCheck(ctx context.Context, v queue.Verdict, check review.Check) error {
	id, completed, err := r.repo.FindCheck(ctx, v.Head, externalID(r.lease.Key, v.Run))
	if errors.Is(err, gh.ErrNotFound) {
		return nil // the commit is gone, and its check runs with it
	}
	if err != nil || id == 0 || completed {
		return err
	}
	numbers, err := r.othersWithHead(ctx, v.Head)
	if err != nil {
		return err
	}
	if len(numbers) > 0 {
		check = review.Unjudged(check, numbers)
		for _, n := range numbers {
			if err := r.enqueue(ctx, n, v.Head); err != nil {
				return err
			}
		}
	}
	err = r.repo.CompleteCheck(ctx, id, check)
	if errors.Is(err, gh.ErrNotFound) {
		return nil
	}
	return err
}

// superseded is the check of a run that the state now of its pull request took
// over from.
func (r *run) superseded(now review.PullRequest) review.Check {
	if !now.Open {
		return review.Closed()
	}
	return review.Superseded(now.Head)
}

// again asks for another run of this pull request as it is now.
func (r *run) again(ctx context.Context, now review.PullRequest) error {
	return r.want(ctx, queue.Want{
		Key: r.lease.Key, Repository: r.lease.Repository, Head: now.Head, Closed: !now.Open,
	})
}

// closed ends the review of a pull request that is closed.
func (r *run) closed(ctx context.Context) error {
	current := queue.Verdict{Head: r.pull.Head, Run: r.lease.Run}
	r.log.Info("the pull request is closed", "head", r.pull.Head)
	if r.lease.Fresh {
		return nil // this run wrote nothing, and endEarlierRun saw to the one before
	}
	if err := r.cancelCheck(ctx, current, review.Closed()); err != nil {
		return err
	}
	return r.leaveHead(ctx, r.pull.Head)
}

// movedOn ends a run whose pull request moved under it, and asks for a review
// of what it is now. The webhook of the move asks for the same; together they
// make one review.
func (r *run) movedOn(ctx context.Context) error {
	now, err := r.repo.PullRequest(ctx, r.lease.Number)
	if err != nil {
		return err
	}
	current := queue.Verdict{Head: r.pull.Head, Run: r.lease.Run}
	if err := r.cancelCheck(ctx, current, r.superseded(now)); err != nil {
		return err
	}
	r.log.Info("superseded", "head", r.pull.Head, "now", now.Head, "open", now.Open)
	return r.again(ctx, now)
}

// concludeSuperseded completes the check run of a run that the queue cancelled
// because something newer is wanted. If it fails, the next run does it.
func (r *run) concludeSuperseded(ctx context.Context) {
	if r.check == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	err := r.cancelCheck(ctx, queue.Verdict{Head: r.pull.Head, Run: r.lease.Run}, review.Superseded(""))
	if err != nil {
		r.log.Warn("the check run of a superseded review stays for the next run to end", "error", err)
		return
	}
	r.log.Info("superseded while it ran", "head", r.pull.Head)
}

// giveUp completes the check run as failed.
func (r *run) giveUp(ctx context.Context, reason error) error {
	pull, err := r.repo.PullRequest(ctx, r.lease.Number)
	if errors.Is(err, gh.ErrNotFound) {
		return nil // no access: there is nothing to write to
	}
	if err != nil {
		return err
	}
	r.pull = pull
	// Whether an earlier attempt left a check run is not known here.
	r.lease.Fresh = false
	if moved, err := r.endEarlierRun(ctx); err != nil || moved {
		return err
	}
	if !pull.Open {
		return r.closed(ctx)
	}
	done, err := r.open(ctx)
	if err != nil || done {
		return err
	}
	return r.complete(ctx, review.CouldNotReview(authorReason(reason), r.lease.Run))
}
