package reviewer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/lintel-bot/lintel/internal/analysis"
	"github.com/lintel-bot/lintel/internal/gh"
	"github.com/lintel-bot/lintel/internal/gitrepo"
	"github.com/lintel-bot/lintel/internal/queue"
	"github.com/lintel-bot/lintel/internal/review"
)

// run is one attempt at one lease.
type run struct {
	*Reviewer
	lease   queue.Lease
	repo    *gh.Repository
	log     *slog.Logger
	started time.Time

	// pull is the pull request as it was read first; the review is of its head.
	pull review.PullRequest
	// check is the id of this run's check run, zero until it is open.
	check int64
}

var (
	// errMoved says that the pull request is no longer what this run reviews.
	errMoved = errors.New("the pull request moved on")
	// errOutdated asks the queue to come back in a moment.
	errOutdated = errors.New("GitHub shows another state of the pull request than the delivery that asked for the review")
)

func (r *run) review(ctx context.Context) error {
	pull, err := r.repo.PullRequest(ctx, r.lease.Number)
	if err != nil {
		return err
	}
	r.pull = pull
	if r.outdated() {
		return errOutdated
	}
	if moved, err := r.endEarlierRun(ctx); err != nil || moved {
		return err
	}
	if !pull.Open {
		return r.closed(ctx)
	}
	done, err := r.open(ctx)
	if err != nil {
		return err
	}
	if done {
		return r.settle(ctx)
	}
	actions, err := r.judge(ctx)
	if errors.Is(err, errMoved) {
		return r.movedOn(ctx)
	}
	if err != nil {
		return err
	}
	if err := r.publish(ctx, actions); errors.Is(err, errMoved) {
		return r.movedOn(ctx)
	} else if err != nil {
		return err
	}
	r.log.Info("reviewed", "head", r.pull.Head, "conclusion", string(actions.Check.Conclusion),
		"inline", len(actions.Inline), "file_level", len(actions.FileLevel), "edits", len(actions.Edits),
		"seconds", r.Now().Sub(r.started).Seconds())
	return nil
}

// outdated reports whether GitHub's answer may be older than the delivery that
// asked for this review: a webhook can overtake the replication behind the API,
// and a head that is reviewed too early is one that nobody reviews. It can as
// well be newer, so the second attempt believes it.
func (r *run) outdated() bool {
	return r.lease.Fresh && r.lease.Attempt == 1 &&
		(r.lease.Closed == r.pull.Open || r.lease.Head != "" && r.lease.Head != r.pull.Head)
}

// open finds or creates the run's check run, before anything is scanned. It
// reports done when an earlier attempt completed it already: the check run is
// the last thing a run writes, so nothing else is missing.
func (r *run) open(ctx context.Context) (done bool, err error) {
	id := externalID(r.lease.Key, r.lease.Run)
	if !r.lease.Fresh {
		found, completed, err := r.repo.FindCheck(ctx, r.pull.Head, id)
		if err != nil {
			return false, err
		}
		if completed {
			return true, nil
		}
		r.check = found
	}
	// The verdict goes down before the check run goes up: whatever run comes
	// next can then find and end a check run that this one left behind.
	if err := r.record(ctx, "", ""); err != nil {
		return false, err
	}
	if r.check != 0 {
		return false, nil
	}
	title, summary := review.InProgress(r.pull)
	err = r.write(ctx, func(ctx context.Context) (err error) {
		r.check, err = r.repo.CreateCheck(ctx, gh.CheckStart{
			Head: r.pull.Head, ExternalID: id, Title: title, Summary: summary,
			DetailsURL: r.DetailsURL, StartedAt: r.started,
		})
		return err
	})
	if errors.Is(err, gh.ErrAmbiguous) {
		found, completed, lookup := r.repo.FindCheck(ctx, r.pull.Head, id)
		if lookup != nil {
			return false, errors.Join(err, lookup)
		}
		if found != 0 {
			r.check, err = found, nil
			if completed {
				return true, nil
			}
		}
	}
	if err != nil {
		return false, err
	}
	return false, r.record(ctx, "", "")
}

// judge fetches, analyses and plans.
func (r *run) judge(ctx context.Context) (review.Actions, error) {
	remote := gitrepo.Remote{RepositoryID: r.lease.RepositoryID, URL: r.pull.WebURL + ".git", Token: r.repo.Token}
	if r.pull.BaseRef != r.pull.DefaultBranch {
		remote.DefaultBranch = r.pull.DefaultBranch
	}
	snapshot, err := r.Mirrors.Snapshot(ctx, remote, r.pull.Base, r.pull.Head, r.pull.Number)
	if err != nil {
		// A force-push can take the commit away before it was fetched.
		if moved, lookup := r.moved(ctx); lookup == nil && moved {
			return review.Actions{}, errMoved
		}
		return review.Actions{}, fmt.Errorf("fetching %s: %w", r.lease.Repository, err)
	}
	defer func() {
		if err := snapshot.Release(); err != nil {
			r.log.Warn("releasing the mirror", "error", err)
		}
	}()
	result, files, err := r.Analyzer.Compare(ctx, snapshot, analysis.Change{
		MergeBase: snapshot.MergeBase, Base: snapshot.Base, Head: snapshot.Head,
	}, analysis.Options{Now: r.Now, Config: snapshot.Config})
	if err != nil {
		return review.Actions{}, fmt.Errorf("analysing %s at %s: %w", r.lease.Repository, r.pull.Head, err)
	}
	existing, err := r.repo.Comments(ctx, r.pull.Number)
	if err != nil {
		return review.Actions{}, err
	}
	if moved, err := r.moved(ctx); err != nil {
		return review.Actions{}, err
	} else if moved {
		return review.Actions{}, errMoved
	}
	return review.Plan(review.Input{
		Run: r.lease.Run, PullRequest: r.pull, Policy: r.Policy, Result: result, Files: files,
		Existing: existing, RulesVersion: analysis.RulesVersion(), Elapsed: r.Now().Sub(r.started),
	}), nil
}

// moved reads the pull request again and reports whether a review of what was
// read first would speak of something else than what is there now.
func (r *run) moved(ctx context.Context) (bool, error) {
	now, err := r.repo.PullRequest(ctx, r.lease.Number)
	if err != nil {
		return false, err
	}
	return !now.Open || now.Head != r.pull.Head || now.BaseRef != r.pull.BaseRef, nil
}

// write lets send change something on GitHub. A newer delivery does not cut the
// request off: it might be carried out all the same, after the next run has
// looked what is there.
func (r *run) write(ctx context.Context, send func(context.Context) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	sending, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	stop := context.AfterFunc(ctx, func() {
		if cause := context.Cause(ctx); !errors.Is(cause, queue.ErrSuperseded) {
			cancel(cause)
			return
		}
		timer := time.NewTimer(farewell)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel(queue.ErrSuperseded)
		case <-sending.Done():
		}
	})
	defer stop()
	return send(sending)
}

// record writes this pull request's verdict.
func (r *run) record(ctx context.Context, conclusion, published review.Conclusion) error {
	return r.Store.RecordVerdict(ctx, queue.Verdict{
		RepositoryID: r.lease.RepositoryID, Number: r.lease.Number, Head: r.pull.Head, Run: r.lease.Run,
		CheckID: r.check, Conclusion: string(conclusion), Published: string(published),
	})
}
