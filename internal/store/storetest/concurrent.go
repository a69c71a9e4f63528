package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/lintel-bot/lintel/internal/queue"
)

// testConcurrent: senders and reviewers at the same time. Every pull request's
// newest head is reviewed, and no two reviews of one overlap.
func testConcurrent(t *testing.T, f *fixture) {
	const senders, reviewers, pulls, pushes = 8, 8, 20, 5
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	done := make(chan struct{})
	var sending, reviewing sync.WaitGroup
	for sender := range senders {
		sending.Go(func() {
			if err := push(ctx, f, sender, pulls, pushes); err != nil {
				cancel(err)
			}
		})
	}
	watch := &watch{running: map[queue.Key]bool{}, reviewed: map[queue.Key]int64{}}
	for range reviewers {
		reviewing.Go(func() {
			if err := watch.review(ctx, f, done); err != nil {
				cancel(err)
			}
		})
	}
	sending.Wait()
	close(done)
	reviewing.Wait()
	if err := context.Cause(ctx); err != nil {
		t.Fatal(err)
	}
	for number := range pulls {
		key := queue.Key{RepositoryID: 7, Number: number + 1}
		if got := watch.reviewed[key]; got != senders*pushes {
			t.Errorf("pull request %d: generation %d was reviewed last, want %d", key.Number, got, senders*pushes)
		}
	}
	f.counts(queue.Counts{Idle: pulls})
}

// push delivers pushes to every pull request, each of them twice.
func push(ctx context.Context, f *fixture, sender, pulls, pushes int) error {
	for n := range pushes {
		for number := range pulls {
			want := pull(number+1, fmt.Sprintf("head-%d", n))
			d := queue.Delivery{
				GUID: fmt.Sprintf("%d-%d-%d", sender, n, number), Event: "pull_request",
				InstallationID: home, ReceivedAt: f.now(), Want: &want,
			}
			for _, expected := range []queue.Outcome{queue.Queued, queue.Duplicate} {
				got, err := f.Accept(ctx, d)
				if err != nil {
					return err
				}
				if got != expected {
					return fmt.Errorf("delivery %s: outcome %d, want %d", d.GUID, got, expected)
				}
			}
		}
	}
	return nil
}

// watch remembers who reviews what.
type watch struct {
	mu       sync.Mutex
	running  map[queue.Key]bool
	reviewed map[queue.Key]int64
}

// review claims and finishes until done is closed and nothing is left.
func (w *watch) review(ctx context.Context, f *fixture, done <-chan struct{}) error {
	for ctx.Err() == nil {
		ended := false
		select {
		case <-done:
			ended = true
		default:
		}
		l, err := f.Claim(ctx, "test", f.now(), leaseTime)
		switch {
		case err != nil:
			return err
		case l == nil && ended:
			return nil
		case l == nil:
			continue
		}
		if err := w.begin(*l); err != nil {
			return err
		}
		if _, err := f.Heartbeat(ctx, *l, f.now(), leaseTime); err != nil {
			return err
		}
		w.end(*l)
		if err := f.Finish(ctx, *l); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

func (w *watch) begin(l queue.Lease) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.running[l.Key] {
		return errors.New("two reviews of one pull request at a time")
	}
	if w.reviewed[l.Key] >= l.Wanted {
		return fmt.Errorf("generation %d of pull request %d was reviewed already", l.Wanted, l.Number)
	}
	w.running[l.Key] = true
	return nil
}

func (w *watch) end(l queue.Lease) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running[l.Key] = false
	w.reviewed[l.Key] = l.Wanted
}
