package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/lintel-bot/lintel/internal/queue"
)

// RecordVerdict keeps what a pull request's newest run came to, in the place of
// what an earlier one did.
func (s *Store) RecordVerdict(ctx context.Context, v queue.Verdict) error {
	now := s.now().UnixMilli()
	what := fmt.Sprintf("recording the verdict on pull request %d of repository %d", v.Number, v.RepositoryID)
	return s.write(ctx, what, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO verdict
			(repository_id, number, head, run, check_id, conclusion, published, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (repository_id, number) DO UPDATE SET head = excluded.head, run = excluded.run,
				check_id = excluded.check_id, conclusion = excluded.conclusion,
				published = excluded.published, updated_at = excluded.updated_at`,
			v.RepositoryID, v.Number, v.Head, v.Run, v.CheckID, v.Conclusion, v.Published, now)
		return err
	})
}

const verdictColumns = `SELECT repository_id, number, head, run, check_id, conclusion, published FROM verdict `

func scanVerdict(scan func(...any) error) (v queue.Verdict, err error) {
	err = scan(&v.RepositoryID, &v.Number, &v.Head, &v.Run, &v.CheckID, &v.Conclusion, &v.Published)
	return v, err
}

// Verdict returns a pull request's verdict, and whether there is one.
func (s *Store) Verdict(ctx context.Context, repositoryID int64, number int) (queue.Verdict, bool, error) {
	v, err := scanVerdict(s.reader.QueryRowContext(ctx,
		verdictColumns+`WHERE repository_id = $1 AND number = $2`, repositoryID, number).Scan)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return queue.Verdict{}, false, nil
	case err != nil:
		return queue.Verdict{}, false, fmt.Errorf("reading the verdict on pull request %d of repository %d: %w",
			number, repositoryID, err)
	}
	return v, true, nil
}

// Verdicts returns the verdicts on one commit, by pull request number.
func (s *Store) Verdicts(ctx context.Context, repositoryID int64, head string) ([]queue.Verdict, error) {
	verdicts, err := s.verdicts(ctx, repositoryID, head)
	if err != nil {
		return nil, fmt.Errorf("reading the verdicts on commit %s of repository %d: %w", head, repositoryID, err)
	}
	return verdicts, nil
}

func (s *Store) verdicts(ctx context.Context, repositoryID int64, head string) (verdicts []queue.Verdict, err error) {
	rows, err := s.reader.QueryContext(ctx,
		verdictColumns+`WHERE repository_id = $1 AND head = $2 ORDER BY number`, repositoryID, head)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		v, err := scanVerdict(rows.Scan)
		if err != nil {
			return nil, err
		}
		verdicts = append(verdicts, v)
	}
	return verdicts, rows.Err()
}

// DropVerdict forgets a pull request's verdict, if there is one.
func (s *Store) DropVerdict(ctx context.Context, repositoryID int64, number int) error {
	what := fmt.Sprintf("dropping the verdict on pull request %d of repository %d", number, repositoryID)
	return s.write(ctx, what, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM verdict WHERE repository_id = $1 AND number = $2`,
			repositoryID, number)
		return err
	})
}
