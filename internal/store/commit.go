package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// maxBatch is how many writes share one transaction. More gain little: the
// fsync they share is by then a small part of the time, and the first of them
// waits for the last.
const maxBatch = 128

// ErrClosed is returned by a store that was closed.
var ErrClosed = errors.New("the store is closed")

// write is one caller's part of a transaction. It may run twice, so it sets
// what it found out and never adds to it. An error undoes all of it.
type write struct {
	what string
	run  func(ctx context.Context, tx *sql.Tx) error
	done chan error
}

// write runs f in a transaction that it may share with other callers, and
// returns once that is committed. SQLite pays one fsync a transaction, so this
// is what makes many deliveries a second durable.
//
// When ctx ends before the transaction began, nothing was written. When it ends
// later, whether f was written is not known, and the error says so.
func (s *Store) write(ctx context.Context, what string, f func(ctx context.Context, tx *sql.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	w := &write{what: what, run: f, done: make(chan error, 1)}
	select {
	case s.writes <- w:
	case <-s.closing:
		return fmt.Errorf("%s: %w", what, ErrClosed)
	case <-ctx.Done():
		return fmt.Errorf("%s: nothing was written: %w", what, ctx.Err())
	}
	select {
	case err := <-w.done:
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: the database has not answered, so whether it was written is not known: %w",
			what, ctx.Err())
	}
}

// commitAll is the one goroutine that writes.
func (s *Store) commitAll() {
	defer close(s.closed)
	for {
		select {
		case first := <-s.writes:
			s.commit(s.gather(first))
		case <-s.closing:
			return
		}
	}
}

// gather adds the writes that wait already to the first one.
func (s *Store) gather(first *write) []*write {
	batch := []*write{first}
	for len(batch) < maxBatch {
		select {
		case w := <-s.writes:
			batch = append(batch, w)
		default:
			return batch
		}
	}
	return batch
}

// commit writes a batch, or, if that fails, each of its writes alone: only the
// one that is to blame gets the error.
func (s *Store) commit(batch []*write) {
	started := time.Now()
	err := s.transact(batch...)
	if err == nil || len(batch) == 1 {
		s.observe(len(batch), time.Since(started))
		for _, w := range batch {
			w.done <- err
		}
		return
	}
	for _, w := range batch {
		started := time.Now()
		err := s.transact(w)
		s.observe(1, time.Since(started))
		w.done <- err
	}
}

// transact is not cancelled: half of its callers would be told a lie. A
// statement waits for SQLite's own timeout at most.
func (s *Store) transact(batch ...*write) error {
	ctx := context.Background()
	tx, err := s.writer.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a transaction: %w", err)
	}
	for _, w := range batch {
		if err := w.run(ctx, tx); err != nil {
			return rolledBack(tx, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("committing: %w", err)
	}
	return nil
}

// rolledBack undoes a transaction because of err, and returns err. SQLite undoes
// it by itself after some errors (a full disk) and then says that there was
// nothing left to undo.
func rolledBack(tx *sql.Tx, err error) error {
	if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
		return fmt.Errorf("%w (undoing it: %w)", err, undo)
	}
	return err
}
