package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/lintel-bot/lintel/internal/queue"
)

// maxReason bounds the reason that is kept with a row, in bytes: enough for a
// sentence and its causes.
const maxReason = 500

// endOfTime is later than every lease.
const endOfTime = int64(1) << 62

// settle ends a lease with an UPDATE of the row it holds. In set, $4 is the
// lease's generation and $5 the time; a row that is wanted anew stays queued
// whatever the caller wants, as its lease answered an older question.
func (s *Store) settle(ctx context.Context, l queue.Lease, what, set string, arguments ...any) error {
	return s.settleAnd(ctx, l, what, set, arguments, nil)
}

func (s *Store) settleAnd(
	ctx context.Context, l queue.Lease, what, set string, arguments []any,
	also func(ctx context.Context, tx *sql.Tx) error,
) error {
	query := `UPDATE work SET owner = '', lease_until = 0, updated_at = $5, ` + set + `
		WHERE repository_id = $1 AND number = $2 AND fence = $3 AND state = 'running' AND wanted >= $4`
	arguments = append([]any{l.RepositoryID, l.Number, l.Fence, l.Wanted, s.now().UnixMilli()}, arguments...)
	var lost bool
	err := s.write(ctx, what+" "+name(l), func(ctx context.Context, tx *sql.Tx) error {
		n, err := affected(tx.ExecContext(ctx, query, arguments...))
		lost = n == 0
		if err != nil || lost || also == nil {
			return err
		}
		return also(ctx, tx)
	})
	switch {
	case err != nil:
		return err
	case lost:
		return fmt.Errorf("%s %s: %w", what, name(l), queue.ErrLeaseLost)
	}
	return nil
}

// Finish ends a lease that was answered.
func (s *Store) Finish(ctx context.Context, l queue.Lease) error {
	return s.settle(ctx, l, "finishing", `done = $4, attempts = 0, interruptions = 0, last_error = '',
		state = CASE WHEN wanted > $4 THEN 'queued' ELSE 'idle' END`)
}

// Release gives a lease back unanswered; the row keeps its turn.
func (s *Store) Release(ctx context.Context, l queue.Lease) error {
	return s.settle(ctx, l, "releasing", `state = 'queued'`)
}

// Retry queues the row for another attempt.
func (s *Store) Retry(ctx context.Context, l queue.Lease, at time.Time, reason string) error {
	return s.settle(ctx, l, "retrying", `state = 'queued', last_error = $6,
		attempts = CASE WHEN wanted > $4 THEN 0 ELSE attempts + 1 END,
		run_at = CASE WHEN wanted > $4 THEN run_at ELSE $7 END`, bounded(reason), at.UnixMilli())
}

// Snooze queues the row for later and blocks its installation until then.
func (s *Store) Snooze(ctx context.Context, l queue.Lease, until time.Time, reason string) error {
	return s.settleAnd(ctx, l, "snoozing", `state = 'queued', last_error = $6, run_at = $7`,
		[]any{bounded(reason), until.UnixMilli()},
		func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE installation SET blocked_until = $2
				WHERE id = $1 AND blocked_until < $2`, l.InstallationID, until.UnixMilli())
			if err != nil {
				return fmt.Errorf("blocking installation %d: %w", l.InstallationID, err)
			}
			return nil
		})
}

// Bury gives up on the row, unless it is wanted anew.
func (s *Store) Bury(ctx context.Context, l queue.Lease, reason string) error {
	return s.settle(ctx, l, "burying", `last_error = $6,
		attempts = CASE WHEN wanted > $4 THEN 0 ELSE attempts + 1 END,
		state = CASE WHEN wanted > $4 THEN 'queued' ELSE 'dead' END`, bounded(reason))
}

// patientInterruptions is how often a row is queued again at once; from then on
// it waits for interruptionPause. A process that dies takes every review with it
// that it was at, most of them innocent; one that dies of a review should not do
// so again and again without a rest.
const (
	patientInterruptions = 3
	interruptionPause    = 15 * time.Second
)

// ReleaseExpired queues rows whose lease ran out. They are charged an
// interruption, and go behind those that wait.
func (s *Store) ReleaseExpired(ctx context.Context, now time.Time) (int, error) {
	return s.requeue(ctx, "the lease ran out", now.UnixMilli(), now)
}

// requeue queues the rows whose lease ends at expired or before, behind those
// that are ready at the given time.
func (s *Store) requeue(ctx context.Context, reason string, expired int64, at time.Time) (int, error) {
	var n int64
	err := s.write(ctx, "releasing expired leases", func(ctx context.Context, tx *sql.Tx) (err error) {
		n, err = affected(tx.ExecContext(ctx, `UPDATE work SET state = 'queued', owner = '', lease_until = 0,
				run_at = CASE WHEN wanted > run_wanted OR interruptions < $4 THEN $2 ELSE $5 END,
				interruptions = CASE WHEN wanted > run_wanted THEN 0 ELSE interruptions + 1 END,
				updated_at = $2, last_error = $3
			WHERE state = 'running' AND lease_until <= $1`, expired, at.UnixMilli(), reason,
			patientInterruptions, at.Add(interruptionPause).UnixMilli()))
		return err
	})
	return int(n), err
}

// bounded makes one short line of plain text of a reason.
func bounded(reason string) string {
	reason = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(reason, "?"))
	if len(reason) <= maxReason {
		return reason
	}
	const ellipsis = "…"
	return strings.ToValidUTF8(reason[:maxReason-len(ellipsis)], "") + ellipsis
}
