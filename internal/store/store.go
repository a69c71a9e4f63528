// Package store keeps the queue and the verdicts in a database. SQLite is the
// one it speaks; its SQL is written so that PostgreSQL takes the same.
//
// What it answers is durable: every write is committed and synced to disk when
// it returns without an error.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite"

	"github.com/lintel-bot/lintel/internal/queue"
)

const (
	// busyTimeout is how long SQLite waits for a lock: for a backup tool's, as
	// no other lintel has the file open.
	busyTimeout = 5 * time.Second
	// readers is the number of connections that read beside the one writer.
	readers = 4
	// walLimit is the size that the write-ahead log is cut back to after a
	// burst.
	walLimit = 64 << 20
)

// Options configure a Store. Every zero value means its default.
type Options struct {
	// Now is the store's clock (time.Now). It stamps what callers give no time
	// for.
	Now    func() time.Time
	Logger *slog.Logger
	// Committed, if set, is told of every transaction: how many writes shared
	// it, and how long it took. It is called from one goroutine.
	Committed func(writes int, took time.Duration)
}

// Store is a queue.Store on a database. It is safe for concurrent use.
type Store struct {
	path    string
	dialect dialect
	now     func() time.Time
	observe func(writes int, took time.Duration)
	lock    *os.File
	writer  *sql.DB
	reader  *sql.DB

	writes  chan *write
	closing chan struct{}
	closed  chan struct{}
	close   func() error
}

var _ queue.Store = (*Store)(nil)

// dialect holds what databases spell differently.
type dialect struct {
	// lockRow ends a SELECT whose row the same transaction will change, so
	// that another writer takes a different row. SQLite has one writer.
	lockRow string
}

// Open opens the database that databaseURL names ("sqlite:PATH"), creates what
// is missing, and queues again what an earlier process left running: no other
// process can have the database open. Those rows are charged an interruption, as
// the review may be what ended the process.
func Open(ctx context.Context, databaseURL string, o Options) (*Store, error) {
	path, err := sqlitePath(databaseURL)
	if err != nil {
		return nil, err
	}
	s := &Store{
		now: o.Now, observe: o.Committed,
		writes: make(chan *write), closing: make(chan struct{}), closed: make(chan struct{}),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.observe == nil {
		s.observe = func(int, time.Duration) {}
	}
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if err := s.open(ctx, path); err != nil {
		return nil, errors.Join(err, s.release())
	}
	s.close = sync.OnceValue(s.stop)
	go s.commitAll()
	n, err := s.requeue(ctx, "the process ended while this was running", endOfTime, s.now())
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if n > 0 {
		log.Warn("an earlier process ended while reviews were running; they are queued again", "rows", n)
	}
	return s, nil
}

// open takes the file and brings its schema up to date.
func (s *Store) open(ctx context.Context, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("creating the database's folder: %w", err)
	}
	path, err := resolve(path)
	if err != nil {
		return err
	}
	s.path = path
	network, err := networkFilesystem(filepath.Dir(path))
	if err != nil {
		return err
	}
	if network != "" {
		return fmt.Errorf("the database %s lies on a network file system (%s), where SQLite loses data: "+
			"use a local disk", path, network)
	}
	if err := makePrivate(path); err != nil {
		return err
	}
	if s.lock, err = lock(s.path); err != nil {
		return err
	}
	if s.writer, err = connect(s.path, false); err != nil {
		return err
	}
	s.writer.SetMaxOpenConns(1)
	if err := durable(ctx, s.writer); err != nil {
		return fmt.Errorf("opening the database %s: %w", s.path, err)
	}
	steps, err := migrations(migrationFiles)
	if err != nil {
		return err
	}
	if err := migrate(ctx, s.writer, steps, s.now()); err != nil {
		return err
	}
	if s.reader, err = connect(s.path, true); err != nil {
		return err
	}
	s.reader.SetMaxOpenConns(readers)
	s.reader.SetMaxIdleConns(readers)
	return nil
}

// connect returns a pool of connections to a SQLite file.
func connect(path string, readOnly bool) (*sql.DB, error) {
	q := url.Values{"_txlock": {"immediate"}, "_dqs": {"0"}, "_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"journal_mode(WAL)",
		"synchronous(FULL)",
		fmt.Sprintf("journal_size_limit(%d)", walLimit),
	}}
	if readOnly {
		q = url.Values{"_txlock": {"deferred"}, "_dqs": {"0"}, "_pragma": {
			fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()), "query_only(1)",
		}}
	}
	name := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	connector, err := sqlite.NewConnector(name.String())
	if err != nil {
		return nil, fmt.Errorf("opening the database %s: %w", path, err)
	}
	return sql.OpenDB(connector), nil
}

// durable makes sure that SQLite took the settings that durability rests on; a
// pragma that it cannot follow is no error to it.
func durable(ctx context.Context, db *sql.DB) error {
	var journal string
	if err := db.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&journal); err != nil {
		return err
	}
	var synchronous int
	if err := db.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&synchronous); err != nil {
		return err
	}
	const full = 2
	if journal != "wal" || synchronous != full {
		return fmt.Errorf("SQLite does not write durably here: journal mode %s, synchronous %d", journal, synchronous)
	}
	return nil
}

// Ready returns an error when the store cannot write.
func (s *Store) Ready(ctx context.Context) error {
	now := s.now().UnixMilli()
	return s.write(ctx, "checking that the database can be written", func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO readiness (id, checked_at) VALUES (1, $1)
			ON CONFLICT (id) DO UPDATE SET checked_at = excluded.checked_at`, now)
		return err
	})
}

// Close waits for the transaction under way and gives the database back.
// Writes that come later fail with ErrClosed. Only the first call does anything;
// the others return what it returned.
func (s *Store) Close() error { return s.close() }

func (s *Store) stop() error {
	close(s.closing)
	<-s.closed
	return s.release()
}

// release closes what open opened, the lock last.
func (s *Store) release() error {
	var errs []error
	for _, db := range []*sql.DB{s.reader, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("closing the database: %w", err)
	}
	return nil
}
