// Package queue keeps the set of pull requests that need a review. It is not
// a list of jobs: an inbox row per delivery id remembers what was accepted, and
// one work row per pull request says what is wanted. The newest head wins by
// construction, two reviews of one pull request never overlap, and work that a
// crash interrupts is claimed again.
package queue

import (
	"context"
	"errors"
	"time"
)

// Key identifies a pull request. The repository's numeric id survives renames
// and transfers.
type Key struct {
	RepositoryID int64
	Number       int
}

// Delivery is one accepted webhook delivery. Its payload is not kept: a review
// reads the live pull request, and titles and bodies may hold secrets.
type Delivery struct {
	// GUID is X-GitHub-Delivery; a redelivery carries the same one.
	GUID           string
	Event, Action  string
	InstallationID int64
	ReceivedAt     time.Time
	// Want is nil for a delivery that asks for no work.
	Want *Want
	// Restored says that the app may again do in the installation what it could
	// not for a while: all its dead work is queued again.
	Restored bool
}

// Want asks for a review, or for the end of one.
type Want struct {
	Key
	// Repository is the full name "owner/name" at the time of the delivery.
	Repository string
	// Head is the head commit the delivery speaks of, for logs; the review
	// reads the live one.
	Head string
	// Closed asks to end the pull request's review instead of starting one.
	Closed bool
}

// Outcome says what accepting a delivery did.
type Outcome int

// What Accept answers.
const (
	// Queued: the delivery is new and its work row is wanted once more.
	Queued Outcome = iota + 1
	// Recorded: the delivery is new and asks for no work.
	Recorded
	// Duplicate: the delivery id was seen before; nothing changed.
	Duplicate
	// Revived: the delivery was seen before or restores an installation, and
	// work that was dead is queued again.
	Revived
)

// Lease is one claimed pull request. It is a value: the store knows the
// current state, the lease knows what was claimed.
type Lease struct {
	Key
	InstallationID int64
	Repository     string
	Head           string
	Closed         bool
	// Wanted is the generation this lease answers; a higher one in the store
	// means that a newer delivery came in.
	Wanted int64
	// Fence grows with every claim; writes with an old fence are refused.
	Fence int64
	// Attempt is one more than the tries of this generation that ended with an
	// error.
	Attempt int
	// Interruptions counts the tries of this generation whose process died or
	// stalled: most often for a reason of its own, so they are no attempts.
	Interruptions int
	// Run is the ULID of the review run. It stays the same for every attempt
	// of one generation, so that a retry finds what an earlier one wrote.
	Run string
	// Fresh is true when no earlier attempt of this run may have written
	// anything to GitHub.
	Fresh bool
}

// ErrLeaseLost is returned by writes whose fence is no longer the newest: the
// lease expired and somebody else holds the pull request.
var ErrLeaseLost = errors.New("lease lost")

// Store is where the queue lives. Every method is one transaction.
type Store interface {
	// Accept records a delivery and what it wants, durably, before it returns.
	Accept(ctx context.Context, d Delivery) (Outcome, error)
	// Enqueue wants a review without a delivery (a sweeper, another pull
	// request with the same head).
	Enqueue(ctx context.Context, installation int64, w Want) error
	// Claim leases the oldest ready row of the installation that was served
	// longest ago, or returns nil when nothing is ready.
	Claim(ctx context.Context, owner string, now time.Time, lease time.Duration) (*Lease, error)
	// Heartbeat prolongs a lease and reports whether a newer generation is
	// wanted. ErrLeaseLost when the fence is old.
	Heartbeat(ctx context.Context, l Lease, now time.Time, lease time.Duration) (superseded bool, err error)
	// Finish ends a lease: idle, or queued again when a newer generation is
	// wanted. ErrLeaseLost when the fence is old.
	Finish(ctx context.Context, l Lease) error
	// Release gives a lease back at once, no attempt charged (shutdown).
	Release(ctx context.Context, l Lease) error
	// Retry queues the row again at the given time, one attempt charged.
	Retry(ctx context.Context, l Lease, at time.Time, reason string) error
	// Snooze queues the row again at the given time, no attempt charged, and
	// keeps the whole installation from being claimed until then.
	Snooze(ctx context.Context, l Lease, until time.Time, reason string) error
	// Bury gives up on the row until somebody asks for it again.
	Bury(ctx context.Context, l Lease, reason string) error
	// ReleaseExpired queues rows whose lease ran out, one interruption charged,
	// and returns how many. A row that is interrupted again and again waits a
	// little before it is ready.
	ReleaseExpired(ctx context.Context, now time.Time) (int, error)
	// Counts returns the number of work rows by state, and the age of the
	// oldest row that is ready (zero when none is).
	Counts(ctx context.Context, now time.Time) (Counts, error)
}

// Counts is the state of the queue for metrics and inspection.
type Counts struct {
	Idle, Queued, Running, Dead int
	OldestReady                 time.Duration
}
