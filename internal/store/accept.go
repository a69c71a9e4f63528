package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lintel-bot/lintel/internal/queue"
)

// Accept records a delivery and what it asks for in one transaction.
func (s *Store) Accept(ctx context.Context, d queue.Delivery) (queue.Outcome, error) {
	if err := valid(d); err != nil {
		return 0, err
	}
	var outcome queue.Outcome
	err := s.write(ctx, "storing delivery "+d.GUID, func(ctx context.Context, tx *sql.Tx) (err error) {
		outcome, err = accept(ctx, tx, d, s.now())
		return err
	})
	if err != nil {
		return 0, err
	}
	return outcome, nil
}

// valid refuses what a decoder should never have let through.
func valid(d queue.Delivery) error {
	switch {
	case d.GUID == "":
		return errors.New("a delivery needs an id")
	case strings.ContainsRune(d.GUID+d.Event+d.Action, 0):
		return errors.New("a delivery's id, event or action holds a NUL byte")
	case d.Want != nil && d.Restored:
		return errors.New("a delivery that restores an installation asks for no work of its own")
	case d.Want != nil:
		return validWant(d.InstallationID, *d.Want)
	}
	return nil
}

func validWant(installation int64, w queue.Want) error {
	if installation <= 0 || w.RepositoryID <= 0 || w.Number <= 0 {
		return fmt.Errorf("work needs an installation, a repository and a number above zero, not %d, %d and %d",
			installation, w.RepositoryID, w.Number)
	}
	return nil
}

func accept(ctx context.Context, tx *sql.Tx, d queue.Delivery, now time.Time) (queue.Outcome, error) {
	outcome, word := queue.Recorded, "recorded"
	var key queue.Key
	if d.Want != nil {
		outcome, word, key = queue.Queued, "queued", d.Want.Key
	}
	n, err := affected(tx.ExecContext(ctx, `INSERT INTO delivery
		(guid, installation, event, action, repository_id, number, received_at, outcome)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (guid) DO NOTHING`,
		d.GUID, d.InstallationID, d.Event, d.Action, key.RepositoryID, key.Number,
		d.ReceivedAt.UnixMilli(), word))
	switch {
	case err != nil:
		return 0, fmt.Errorf("recording the delivery: %w", err)
	case n == 0 || d.Restored:
		if n == 0 {
			outcome = queue.Duplicate
		}
		return revive(ctx, tx, d, now, outcome)
	case d.Want == nil:
		return outcome, nil
	}
	return outcome, want(ctx, tx, d.InstallationID, *d.Want, now)
}

// revive queues dead work again: that of a delivery that was seen before, or all
// of an installation that was restored. A repeated delivery may be older than
// what the row says, so nothing else is changed. The outcome is the one given
// when there was nothing to revive.
func revive(ctx context.Context, tx *sql.Tx, d queue.Delivery, now time.Time, otherwise queue.Outcome) (queue.Outcome, error) {
	which, arguments := `installation = $2`, []any{now.UnixMilli(), d.InstallationID}
	if !d.Restored {
		if d.Want == nil {
			return otherwise, nil
		}
		which, arguments = `repository_id = $2 AND number = $3`, []any{now.UnixMilli(), d.Want.RepositoryID, d.Want.Number}
	}
	n, err := affected(tx.ExecContext(ctx, `UPDATE work
		SET state = 'queued', wanted = wanted + 1, attempts = 0, interruptions = 0, last_error = '', run_at = $1, updated_at = $1
		WHERE state = 'dead' AND `+which, arguments...))
	if err != nil {
		return 0, fmt.Errorf("reviving dead work: %w", err)
	}
	if n == 0 {
		return otherwise, nil
	}
	return queue.Revived, nil
}

// Enqueue wants a review that no delivery asked for.
func (s *Store) Enqueue(ctx context.Context, installation int64, w queue.Want) error {
	if err := validWant(installation, w); err != nil {
		return err
	}
	what := fmt.Sprintf("queueing pull request %d of repository %d", w.Number, w.RepositoryID)
	return s.write(ctx, what, func(ctx context.Context, tx *sql.Tx) error {
		return want(ctx, tx, installation, w, s.now())
	})
}

// want raises the generation of a work row by one. A running row stays running:
// its lease's end queues it again. One that waits for its turn keeps it, and
// one that waits for a retry waits no longer.
func want(ctx context.Context, tx *sql.Tx, installation int64, w queue.Want, now time.Time) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO installation (id, last_claim, blocked_until)
		VALUES ($1, 0, 0) ON CONFLICT (id) DO NOTHING`, installation)
	if err != nil {
		return fmt.Errorf("entering the installation: %w", err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO work
		(repository_id, number, installation, repository, head, closed, wanted, done, state, run, run_wanted,
		 run_at, attempts, interruptions, owner, lease_until, fence, last_error, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, 1, 0, 'queued', '', 0, $7, 0, 0, '', 0, 0, '', $7)
		ON CONFLICT (repository_id, number) DO UPDATE SET
			installation = excluded.installation, repository = excluded.repository,
			head = excluded.head, closed = excluded.closed, wanted = work.wanted + 1,
			attempts = 0, interruptions = 0, last_error = '', updated_at = excluded.updated_at,
			run_at = CASE WHEN work.state = 'queued' AND work.run_at < excluded.run_at
				THEN work.run_at ELSE excluded.run_at END,
			state = CASE WHEN work.state = 'running' THEN 'running' ELSE 'queued' END`,
		w.RepositoryID, w.Number, installation, w.Repository, w.Head, flag(w.Closed), now.UnixMilli())
	if err != nil {
		return fmt.Errorf("entering the work: %w", err)
	}
	return nil
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

func affected(result sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
