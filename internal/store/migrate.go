package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migration is one step of the schema. Versions count from 1 without a gap.
type migration struct {
	version int
	name    string
	sql     string
}

// migrations reads the steps in files called NNNN_name.sql.
func migrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("listing the migrations: %w", err)
	}
	slices.Sort(names)
	steps := make([]migration, 0, len(names))
	for i, name := range names {
		number, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("migration %s: its number is not %04d", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading migration %s: %w", name, err)
		}
		steps = append(steps, migration{version, name, string(text)})
	}
	return steps, nil
}

// migrate brings the schema to the newest version, one transaction a step, and
// refuses one that a newer lintel wrote.
func migrate(ctx context.Context, db *sql.DB, steps []migration, now time.Time) error {
	_, err := db.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS schema_version (
		version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)`)
	if err != nil {
		return fmt.Errorf("creating the table of schema versions: %w", err)
	}
	var current int
	err = db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version), 0) FROM schema_version`).Scan(&current)
	if err != nil {
		return fmt.Errorf("reading the schema version: %w", err)
	}
	if current > len(steps) {
		return fmt.Errorf("the database has schema version %d, and this lintel knows none above %d: "+
			"start the newer lintel that wrote it, or restore a backup from before", current, len(steps))
	}
	for _, step := range steps[current:] {
		if err := step.apply(ctx, db, now); err != nil {
			return err
		}
	}
	return nil
}

func (m migration) apply(ctx context.Context, db *sql.DB, now time.Time) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning migration %s: %w", m.name, err)
	}
	if _, err = tx.ExecContext(ctx, m.sql); err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO schema_version (version, applied_at) VALUES ($1, $2)`,
			m.version, now.UnixMilli())
	}
	if err != nil {
		return rolledBack(tx, fmt.Errorf("applying migration %s: %w", m.name, err))
	}
	if err = tx.Commit(); err != nil {
		return fmt.Errorf("committing migration %s: %w", m.name, err)
	}
	return nil
}
