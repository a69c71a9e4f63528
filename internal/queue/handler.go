package queue

import (
	"context"
	"errors"
	"time"
)

// Handler carries out what a lease asks for. What it returns decides what
// becomes of the work row:
//
//   - nil: it is done;
//   - a *SnoozeError: the whole installation is left alone until then, and no
//     attempt is charged;
//   - an error that wraps ErrPermanent: no further attempt is made;
//   - any other error: it is tried again later.
//
// ctx is cancelled with ErrSuperseded, ErrLeaseLost or ErrDraining as its cause
// (context.Cause); a handler returns soon after, whatever error it has.
type Handler interface {
	Review(ctx context.Context, l Lease) error
}

// LastWords is implemented by handlers that want to say on the pull request
// that nobody will try again. It is called before the row is buried. After an
// error the row is tried again later, last words included, for about a day; a
// *SnoozeError means what it means of a review.
type LastWords interface {
	GaveUp(ctx context.Context, l Lease, reason error) error
}

// Causes of a cancelled review, and the mark of an error that no further
// attempt can mend.
var (
	// ErrSuperseded: a newer delivery asks for another review of the same pull
	// request, which starts as soon as this one has returned.
	ErrSuperseded = errors.New("superseded by a newer delivery")
	// ErrDraining: the process is about to end.
	ErrDraining = errors.New("the process is shutting down")
	// ErrPermanent is wrapped by errors that stay the same however often the
	// work is tried.
	ErrPermanent = errors.New("trying again cannot help")
)

// SnoozeError asks to leave the installation alone for a while: GitHub said
// that its rate limit is used up.
type SnoozeError struct {
	Until  time.Time
	Reason string
}

// Error says until when, and why.
func (e *SnoozeError) Error() string {
	return "wait until " + e.Until.UTC().Format(time.RFC3339) + ": " + e.Reason
}
