// Package reviewer carries one pull request from a lease to a completed check
// run: read the live pull request, open the check, fetch, analyse, plan, write.
// Every step can be repeated after a crash without a second comment or check.
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
	"github.com/lintel-bot/lintel/internal/policy"
	"github.com/lintel-bot/lintel/internal/queue"
)

// Store is what a review keeps between runs: one verdict per pull request, and
// the wish to see another pull request reviewed again.
type Store interface {
	RecordVerdict(ctx context.Context, v queue.Verdict) error
	Verdict(ctx context.Context, repositoryID int64, number int) (queue.Verdict, bool, error)
	Verdicts(ctx context.Context, repositoryID int64, head string) ([]queue.Verdict, error)
	DropVerdict(ctx context.Context, repositoryID int64, number int) error
	Enqueue(ctx context.Context, installation int64, w queue.Want) error
}

// Options wire a Reviewer.
type Options struct {
	App      *gh.App
	Mirrors  *gitrepo.Mirrors
	Analyzer *analysis.Analyzer
	Store    Store
	Policy   policy.Policy
	// Wake is called after a pull request was put into the queue again.
	Wake func()
	// Timeout bounds one attempt, fetch and analysis included.
	Timeout time.Duration
	// DetailsURL is where the check run's "Details" leads; may be empty.
	DetailsURL string
	Now        func() time.Time
	Logger     *slog.Logger
}

// Reviewer reviews pull requests. It is safe for concurrent use; the queue sees
// to it that no pull request is reviewed twice at a time.
type Reviewer struct{ Options }

// New returns a Reviewer.
func New(o Options) *Reviewer { return &Reviewer{o} }

// farewell bounds the writes that remain to be done for a review that was
// cancelled: completing its check run, so that it does not stay in progress.
const farewell = 10 * time.Second

var errTooLong = errors.New("the review took too long")

// Review carries out one lease. It is queue.Handler.
func (r *Reviewer) Review(ctx context.Context, lease queue.Lease) error {
	ctx, cancel := context.WithTimeoutCause(ctx, r.Timeout, errTooLong)
	defer cancel()
	run := r.newRun(lease)
	err := run.review(ctx)
	if err != nil && ctx.Err() != nil {
		cause := context.Cause(ctx)
		if errors.Is(cause, queue.ErrSuperseded) {
			run.concludeSuperseded(ctx)
		}
		return cause
	}
	return queueError(err, lease)
}

// GaveUp says on GitHub that the pull request could not be reviewed, so that a
// required check ends red instead of never. It is queue.LastWords.
func (r *Reviewer) GaveUp(ctx context.Context, lease queue.Lease, reason error) error {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	return queueError(r.newRun(lease).giveUp(ctx, reason), lease)
}

func (r *Reviewer) newRun(lease queue.Lease) *run {
	return &run{
		Reviewer: r,
		lease:    lease,
		repo:     r.App.Repository(lease.InstallationID, lease.RepositoryID, lease.Repository),
		started:  r.Now(),
		log: r.Logger.With("installation", lease.InstallationID, "repository", lease.Repository,
			"pull_request", lease.Number, "run", lease.Run, "attempt", lease.Attempt),
	}
}

// notFoundAttempts is how often a 404 is not believed. GitHub answers so for a
// moment about what it has just sent a webhook of, and in some outages about
// everything; with the queue's waits this is more than a minute.
const notFoundAttempts = 5

// queueError tells the queue what kind of failure it has before it.
func queueError(err error, lease queue.Lease) error {
	var limited *gh.RateLimitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &limited):
		return &queue.SnoozeError{Until: limited.Until, Reason: err.Error()}
	case errors.Is(err, gh.ErrNotFound) && lease.Attempt >= notFoundAttempts,
		errors.Is(err, gitrepo.ErrNoMergeBase), errors.Is(err, gitrepo.ErrTooLarge):
		return fmt.Errorf("%w: %w", queue.ErrPermanent, err)
	}
	return err
}

// authorReason is what a pull request's author reads when lintel gave up: one
// sentence without the operator's detail.
func authorReason(err error) string {
	switch {
	case errors.Is(err, gitrepo.ErrNoMergeBase):
		return "The base branch and this pull request have no commit in common, so there is nothing to compare."
	case errors.Is(err, gitrepo.ErrTooLarge):
		return "The repository or the change is larger than this installation of lintel takes."
	case errors.Is(err, gh.ErrForbidden):
		return "GitHub did not let lintel read or write here: the app's permissions need a look by an owner."
	case errors.Is(err, errTooLong):
		return "The review took too long."
	}
	return "lintel ran into an error of its own and gave up after several attempts."
}

// externalID ties a check run to its pull request and run, for retries and for
// re-requests that come without a pull request.
func externalID(l queue.Key, run string) string {
	return fmt.Sprintf("%d/%d/%s", l.RepositoryID, l.Number, run)
}

var _ queue.Handler = (*Reviewer)(nil)
var _ queue.LastWords = (*Reviewer)(nil)
