package reviewer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/gh"
	"github.com/lintel-bot/lintel/internal/gitrepo"
	"github.com/lintel-bot/lintel/internal/queue"
)

// TestWhatTheQueueMakesOfAnError: what cannot be mended is not tried again, and
// what may be over in a moment is.
func TestWhatTheQueueMakesOfAnError(t *testing.T) {
	for name, c := range map[string]struct {
		err       error
		attempt   int
		permanent bool
	}{
		"a 404 at first":       {gh.ErrNotFound, 1, false},
		"a 404 that stays":     {gh.ErrNotFound, 5, true},
		"no common history":    {gitrepo.ErrNoMergeBase, 1, true},
		"too large":            {gitrepo.ErrTooLarge, 1, true},
		"commit not there yet": {gitrepo.ErrCommitGone, 7, false},
		"git refused":          {gitrepo.ErrRemoteRefused, 7, false},
		"forbidden":            {gh.ErrForbidden, 7, false},
		"ambiguous":            {gh.ErrAmbiguous, 7, false},
		"something else":       {errors.New("boom"), 7, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := queueError(fmt.Errorf("doing: %w", c.err), queue.Lease{Attempt: c.attempt})
			if errors.Is(got, queue.ErrPermanent) != c.permanent || !errors.Is(got, c.err) {
				t.Errorf("the queue gets %v, want permanent: %v", got, c.permanent)
			}
		})
	}
	until := time.Now().Add(time.Hour)
	var snooze *queue.SnoozeError
	got := queueError(fmt.Errorf("%w: %w", gh.ErrNotFound, &gh.RateLimitError{Until: until}), queue.Lease{Attempt: 8})
	if !errors.As(got, &snooze) || !snooze.Until.Equal(until) {
		t.Errorf("a rate limit is %v to the queue", got)
	}
	if queueError(nil, queue.Lease{}) != nil {
		t.Error("no error became one")
	}
}

// TestAuthorReadsAReason without an operator's detail.
func TestAuthorReadsAReason(t *testing.T) {
	for want, err := range map[string]error{
		"no commit in common": gitrepo.ErrNoMergeBase,
		"larger than":         gitrepo.ErrTooLarge,
		"permissions":         gh.ErrForbidden,
		"too long":            errTooLong,
		"an error of its own": errors.New("open /var/lib/lintel: permission denied"),
	} {
		got := authorReason(fmt.Errorf("attempt 8: %w", err))
		if !strings.Contains(got, want) || strings.Contains(got, "/var") || strings.Contains(got, "attempt 8") {
			t.Errorf("%v: the author reads %q, want %q in it", err, got, want)
		}
	}
}

// TestWritesEndWithWhatEndsAReview, but not at once with a newer delivery.
func TestWritesEndWithWhatEndsAReview(t *testing.T) {
	for _, cause := range []error{queue.ErrDraining, queue.ErrLeaseLost, errTooLong} {
		ctx, cancel := context.WithCancelCause(t.Context())
		err := new(run).write(ctx, func(sending context.Context) error {
			cancel(cause)
			<-sending.Done()
			return context.Cause(sending)
		})
		if !errors.Is(err, cause) {
			t.Errorf("the write ended with %v, want %v", err, cause)
		}
		if err := new(run).write(ctx, func(context.Context) error { return nil }); !errors.Is(err, cause) {
			t.Errorf("a write after that ended with %v, want %v", err, cause)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	err := new(run).write(ctx, func(sending context.Context) error {
		cancel(queue.ErrSuperseded)
		return sending.Err()
	})
	if err != nil {
		t.Errorf("a newer delivery ended the write: %v", err)
	}
}
