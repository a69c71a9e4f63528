package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lintel-bot/lintel/internal/queue"
)

const (
	// keepDeliveries is how long a delivery id is remembered. GitHub offers a
	// redelivery for three days.
	// https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks
	keepDeliveries = 7 * 24 * time.Hour
	// keepIdle is how long the row of a pull request stays after its last
	// review. A later delivery makes a new one.
	keepIdle = 90 * 24 * time.Hour
	// pruneBatch is how many rows one transaction deletes, so that a delivery
	// never waits long behind it.
	pruneBatch = 200
)

// Counts returns the work rows by state. What a blocked installation waits for
// is not ready.
func (s *Store) Counts(ctx context.Context, now time.Time) (queue.Counts, error) {
	c, err := s.counts(ctx)
	if err != nil {
		return queue.Counts{}, fmt.Errorf("counting the work: %w", err)
	}
	var oldest sql.NullInt64
	err = s.reader.QueryRowContext(ctx, `SELECT MIN(w.run_at) FROM work w JOIN installation i ON i.id = w.installation
		WHERE w.state = 'queued' AND w.run_at <= $1 AND i.blocked_until <= $1`, now.UnixMilli()).Scan(&oldest)
	if err != nil {
		return queue.Counts{}, fmt.Errorf("finding the oldest work: %w", err)
	}
	if oldest.Valid {
		c.OldestReady = now.Sub(time.UnixMilli(oldest.Int64))
	}
	return c, nil
}

func (s *Store) counts(ctx context.Context) (c queue.Counts, err error) {
	rows, err := s.reader.QueryContext(ctx, `SELECT state, COUNT(*) FROM work GROUP BY state`)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return c, err
		}
		switch state {
		case "idle":
			c.Idle = n
		case "queued":
			c.Queued = n
		case "running":
			c.Running = n
		case "dead":
			c.Dead = n
		}
	}
	return c, rows.Err()
}

// Prune forgets deliveries older than seven days, and pull requests that
// nothing was wanted of for ninety. Verdicts stay until they are dropped: the
// pull request may still be open.
func (s *Store) Prune(ctx context.Context, now time.Time) error {
	err := s.prune(ctx, "forgetting old deliveries", `DELETE FROM delivery WHERE guid IN
		(SELECT guid FROM delivery WHERE received_at < $1 ORDER BY received_at LIMIT $2)`, now.Add(-keepDeliveries))
	if err != nil {
		return err
	}
	return s.prune(ctx, "forgetting idle pull requests", `DELETE FROM work WHERE state = 'idle' AND (repository_id, number) IN
		(SELECT repository_id, number FROM work WHERE state = 'idle' AND updated_at < $1
		 ORDER BY updated_at LIMIT $2)`, now.Add(-keepIdle))
}

func (s *Store) prune(ctx context.Context, what, query string, before time.Time) error {
	for {
		var n int64
		err := s.write(ctx, what, func(ctx context.Context, tx *sql.Tx) (err error) {
			n, err = affected(tx.ExecContext(ctx, query, before.UnixMilli(), pruneBatch))
			return err
		})
		if err != nil || n < pruneBatch {
			return err
		}
	}
}
