package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/lintel-bot/lintel/internal/queue"
)

// Claim leases the oldest ready row of the installation that was served longest
// ago, so that one that queues thousands does not hold up the others.
func (s *Store) Claim(ctx context.Context, owner string, now time.Time, lease time.Duration) (*queue.Lease, error) {
	run, err := ulid.New(ulid.Timestamp(now), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("naming a run: %w", err)
	}
	var claimed *queue.Lease
	err = s.write(ctx, "claiming a pull request", func(ctx context.Context, tx *sql.Tx) (err error) {
		claimed, err = s.claim(ctx, tx, now)
		if err != nil || claimed == nil {
			return err
		}
		if claimed.Fresh {
			claimed.Run = run.String()
		}
		return s.take(ctx, tx, *claimed, owner, now, lease)
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

// claim finds the row to lease, and says what its lease will be.
func (s *Store) claim(ctx context.Context, tx *sql.Tx, now time.Time) (*queue.Lease, error) {
	l := queue.Lease{}
	err := tx.QueryRowContext(ctx, `SELECT id FROM installation i
		WHERE blocked_until <= $1 AND EXISTS (SELECT 1 FROM work w
			WHERE w.installation = i.id AND w.state = 'queued' AND w.run_at <= $1)
		ORDER BY last_claim, id LIMIT 1`+s.dialect.lockRow, now.UnixMilli()).Scan(&l.InstallationID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("finding the installation to serve: %w", err)
	}
	var generation int64
	err = tx.QueryRowContext(ctx, `SELECT repository_id, number, repository, head, closed, wanted, run, run_wanted,
			attempts, interruptions, fence
		FROM work WHERE installation = $1 AND state = 'queued' AND run_at <= $2
		ORDER BY run_at, repository_id, number LIMIT 1`+s.dialect.lockRow, l.InstallationID, now.UnixMilli()).
		Scan(&l.RepositoryID, &l.Number, &l.Repository, &l.Head, &l.Closed, &l.Wanted, &l.Run, &generation,
			&l.Attempt, &l.Interruptions, &l.Fence)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("finding the work of installation %d: %w", l.InstallationID, err)
	}
	l.Attempt++
	l.Fence++
	l.Fresh = generation != l.Wanted
	return &l, nil
}

// take marks a row as leased, and its installation as served.
func (s *Store) take(
	ctx context.Context, tx *sql.Tx, l queue.Lease, owner string, now time.Time, lease time.Duration,
) error {
	_, err := tx.ExecContext(ctx, `UPDATE work SET state = 'running', fence = $3, owner = $4, lease_until = $5,
			run = $6, run_wanted = $7, updated_at = $8
		WHERE repository_id = $1 AND number = $2`,
		l.RepositoryID, l.Number, l.Fence, owner, now.Add(lease).UnixMilli(), l.Run, l.Wanted, now.UnixMilli())
	if err != nil {
		return fmt.Errorf("leasing pull request %d of repository %d: %w", l.Number, l.RepositoryID, err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE installation
		SET last_claim = (SELECT MAX(last_claim) + 1 FROM installation) WHERE id = $1`, l.InstallationID)
	if err != nil {
		return fmt.Errorf("marking installation %d as served: %w", l.InstallationID, err)
	}
	return nil
}

// Heartbeat prolongs a lease and says whether something newer is wanted. It may
// revive a lease that ran out, as long as nobody took the row.
func (s *Store) Heartbeat(ctx context.Context, l queue.Lease, now time.Time, lease time.Duration) (bool, error) {
	var superseded, lost bool
	err := s.write(ctx, "prolonging the lease of "+name(l), func(ctx context.Context, tx *sql.Tx) error {
		var wanted int64
		err := tx.QueryRowContext(ctx, `UPDATE work SET lease_until = $4
			WHERE repository_id = $1 AND number = $2 AND fence = $3 AND state = 'running' RETURNING wanted`,
			l.RepositoryID, l.Number, l.Fence, now.Add(lease).UnixMilli()).Scan(&wanted)
		lost = errors.Is(err, sql.ErrNoRows)
		if lost {
			return nil
		}
		superseded = wanted > l.Wanted
		return err
	})
	switch {
	case err != nil:
		return false, err
	case lost:
		return false, fmt.Errorf("%s: %w", name(l), queue.ErrLeaseLost)
	}
	return superseded, nil
}

func name(l queue.Lease) string {
	return fmt.Sprintf("pull request %d of repository %d", l.Number, l.RepositoryID)
}
