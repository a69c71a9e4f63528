package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lintel-bot/lintel/internal/queue"
)

func openHere(t *testing.T, o Options) *Store {
	t.Helper()
	s, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "lintel.db"), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func numbered(n int) queue.Delivery {
	return queue.Delivery{
		GUID: fmt.Sprint("guid-", n), Event: "pull_request", InstallationID: 1, ReceivedAt: time.Now(),
		Want: &queue.Want{Key: queue.Key{RepositoryID: 1, Number: n + 1}, Repository: "a/b", Head: "aaa"},
	}
}

// hold makes the writer wait until the returned function is called.
func (s *Store) hold() (release func()) {
	taken, wait := make(chan struct{}), make(chan struct{})
	go func() {
		_ = s.write(context.Background(), "holding the writer", func(context.Context, *sql.Tx) error {
			close(taken)
			<-wait
			return nil
		})
	}()
	<-taken
	return func() { close(wait) }
}

// TestGroupCommit: deliveries that come while a transaction is written share
// the next one, up to its bound.
func TestGroupCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var batches []int
		s := openHere(t, Options{Committed: func(writes int, _ time.Duration) { batches = append(batches, writes) }})
		release := s.hold()
		var waiting sync.WaitGroup
		for n := range maxBatch + 72 {
			waiting.Go(func() {
				if outcome, err := s.Accept(t.Context(), numbered(n)); err != nil || outcome != queue.Queued {
					t.Errorf("delivery %d: outcome %d, error %v", n, outcome, err)
				}
			})
		}
		synctest.Wait() // all of them wait for the writer now
		batches = nil
		release()
		waiting.Wait()
		if want := []int{1, maxBatch, 72}; !slices.Equal(batches, want) {
			t.Errorf("transactions of %v writes, want %v", batches, want)
		}
	})
}

// TestOneFailureInABatch: what fails in a shared transaction fails alone, and
// its caller is told.
func TestOneFailureInABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openHere(t, Options{})
		release := s.hold()
		broken := errors.New("broken")
		var waiting sync.WaitGroup
		for n := range 20 {
			waiting.Go(func() {
				if _, err := s.Accept(t.Context(), numbered(n)); err != nil {
					t.Errorf("delivery %d: %v", n, err)
				}
			})
		}
		for range 2 {
			waiting.Go(func() {
				err := s.write(t.Context(), "failing", func(ctx context.Context, tx *sql.Tx) error {
					if _, err := tx.ExecContext(ctx, `DELETE FROM delivery`); err != nil {
						return err
					}
					return broken
				})
				if !errors.Is(err, broken) {
					t.Errorf("the write that failed was told %v", err)
				}
			})
		}
		synctest.Wait()
		release()
		waiting.Wait()
		for n := range 20 {
			if outcome, err := s.Accept(t.Context(), numbered(n)); err != nil || outcome != queue.Duplicate {
				t.Errorf("delivery %d again: outcome %d, error %v, want a duplicate", n, outcome, err)
			}
		}
	})
}

// TestCancelledWhileWaiting: a caller that stops waiting is told so, and what
// was not begun is not written.
func TestCancelledWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openHere(t, Options{})
		release := s.hold()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := s.Accept(ctx, numbered(1))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "nothing was written") {
			t.Errorf("got %v, want that nothing was written in time", err)
		}
		release()
		if outcome, err := s.Accept(t.Context(), numbered(1)); err != nil || outcome != queue.Queued {
			t.Errorf("outcome %d, error %v, want a new delivery", outcome, err)
		}
	})
}

// TestCancelledWhileWriting: once the transaction runs, the caller may only be
// told that it does not know.
func TestCancelledWhileWriting(t *testing.T) {
	s := openHere(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	wait := make(chan struct{})
	err := s.write(ctx, "writing", func(context.Context, *sql.Tx) error {
		cancel()
		<-wait
		return nil
	})
	close(wait)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "not known") {
		t.Errorf("got %v, want that it is not known", err)
	}
}

// TestDiskFull: a database that cannot grow says so, keeps what it
// acknowledged, and takes deliveries again when there is room.
func TestDiskFull(t *testing.T) {
	s := openHere(t, Options{})
	setPages := func(n string) {
		t.Helper()
		if _, err := s.writer.Exec(`PRAGMA max_page_count = ` + n); err != nil {
			t.Fatal(err)
		}
	}
	setPages("50")
	var mu sync.Mutex
	var accepted, refused []int
	var senders sync.WaitGroup
	for sender := range 16 {
		senders.Go(func() {
			for n := sender; n < 1200; n += 16 {
				_, err := s.Accept(t.Context(), numbered(n))
				mu.Lock()
				if err == nil {
					accepted = append(accepted, n)
				} else {
					refused = append(refused, n)
				}
				mu.Unlock()
			}
		})
	}
	senders.Wait()
	if len(accepted) == 0 || len(refused) == 0 {
		t.Fatalf("%d accepted and %d refused, want some of both", len(accepted), len(refused))
	}
	setPages("1000000")
	for _, n := range accepted {
		if outcome, err := s.Accept(t.Context(), numbered(n)); err != nil || outcome != queue.Duplicate {
			t.Fatalf("delivery %d was acknowledged and is gone: outcome %d, error %v", n, outcome, err)
		}
	}
	for _, n := range refused {
		if outcome, err := s.Accept(t.Context(), numbered(n)); err != nil || outcome != queue.Queued {
			t.Fatalf("delivery %d was refused and is there: outcome %d, error %v", n, outcome, err)
		}
	}
}

func TestReadOnlyDatabaseIsNotReady(t *testing.T) {
	s := openHere(t, Options{})
	if _, err := s.writer.Exec(`PRAGMA query_only = 1`); err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); err == nil {
		t.Error("a database that cannot be written is ready")
	}
	if _, err := s.Accept(t.Context(), numbered(1)); err == nil {
		t.Error("a database that cannot be written took a delivery")
	}
}

func TestClosed(t *testing.T) {
	s := openHere(t, Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accept(t.Context(), numbered(1)); !errors.Is(err, ErrClosed) {
		t.Errorf("accepting after Close: %v, want that the store is closed", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}
