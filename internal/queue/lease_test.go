package queue_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lintel-bot/lintel/internal/queue"
)

func TestHeartbeatKeepsTheLease(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		f.handle(func(ctx context.Context, _ queue.Lease) error {
			time.Sleep(10 * time.Minute)
			return context.Cause(ctx)
		})
		f.push(1, "aaa")
		f.pass(11 * time.Minute)
		f.wantOutcomes(queue.EndedFinished)
	})
}

// TestPushSupersedes: a push ends the review of the older head within half a
// heartbeat, and the newer head is reviewed at once.
func TestPushSupersedes(t *testing.T) {
	inBubble(t, queue.Options{Poll: time.Hour}, func(f *fixture) {
		var cause remembered
		var heads []string
		f.handle(func(ctx context.Context, l queue.Lease) error {
			heads = append(heads, l.Head)
			if l.Head == "old" {
				return untilCancelled(&cause)(ctx, l)
			}
			return nil
		})
		f.push(1, "old")
		f.pass(6 * time.Second)
		f.push(1, "new")
		// Whether the first wake-up reaches the review that it starts is a race:
		// then it looked a second ago, and does not look at once.
		f.pass(5 * time.Second)
		if !errors.Is(cause.get(), queue.ErrSuperseded) {
			t.Errorf("the review was cancelled because of %v, want %v", cause.get(), queue.ErrSuperseded)
		}
		f.wantOutcomes(queue.EndedSuperseded, queue.EndedFinished)
		if len(heads) != 2 || heads[1] != "new" {
			t.Errorf("reviewed %v, want old and new", heads)
		}
		f.wantCounts(queue.Counts{Idle: 1})
	})
}

// TestBurstOfPushes: five hundred pushes in ten seconds are a handful of
// reviews, and the last head has one.
func TestBurstOfPushes(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		reviews := 0
		var last int64
		f.handle(func(ctx context.Context, l queue.Lease) error {
			reviews++
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(30 * time.Second):
				last = l.Wanted
				return nil
			}
		})
		for range 500 {
			f.push(1, "aaa")
			f.pass(20 * time.Millisecond)
		}
		f.pass(time.Minute)
		if reviews > 3 || last != 500 {
			t.Errorf("%d reviews, the last of generation %d, want at most 3 and 500", reviews, last)
		}
	})
}

// TestFinishedThoughSuperseded: a review that ended well just before it could
// be cancelled counts, and so does the newer delivery.
func TestFinishedThoughSuperseded(t *testing.T) {
	inBubble(t, queue.Options{Poll: time.Hour}, func(f *fixture) {
		f.handle(func(_ context.Context, l queue.Lease) error {
			if l.Wanted == 1 {
				f.deliver(1, "new")
			}
			return nil
		})
		f.push(1, "old")
		f.wantOutcomes(queue.EndedFinished, queue.EndedFinished)
	})
}

// TestPermanentErrorWhileSuperseded: last words about an older head are not
// said.
func TestPermanentErrorWhileSuperseded(t *testing.T) {
	inBubble(t, queue.Options{Poll: time.Hour}, func(f *fixture) {
		f.handle(func(_ context.Context, l queue.Lease) error {
			if l.Head == "old" {
				time.Sleep(time.Second)
				return queue.ErrPermanent
			}
			return nil
		})
		f.lastWords(func(_ context.Context, l queue.Lease, _ error) error {
			t.Errorf("last words about %s", l.Head)
			return nil
		})
		f.push(1, "old")
		f.push(1, "new")
		f.pass(time.Minute)
		f.wantOutcomes(queue.EndedSuperseded, queue.EndedFinished)
	})
}

// TestLostLease: a review whose lease somebody else took is cancelled and
// writes nothing more.
func TestLostLease(t *testing.T) {
	inBubble(t, queue.Options{Workers: 1}, func(f *fixture) {
		var cause remembered
		f.handle(untilCancelled(&cause))
		f.push(1, "aaa")
		if n, err := f.store.ReleaseExpired(t.Context(), time.Now().Add(time.Hour)); n != 1 || err != nil {
			t.Fatalf("released %d, error %v", n, err)
		}
		other, err := f.store.Store.Claim(t.Context(), "other", time.Now().Add(time.Hour), time.Hour)
		if err != nil || other == nil {
			t.Fatalf("claimed %v, error %v", other, err)
		}
		f.pass(10 * time.Second)
		if !errors.Is(cause.get(), queue.ErrLeaseLost) {
			t.Errorf("the review was cancelled because of %v, want %v", cause.get(), queue.ErrLeaseLost)
		}
		f.wantOutcomes(queue.EndedLost)
		f.wantCounts(queue.Counts{Running: 1})
		if err := f.store.Finish(t.Context(), *other); err != nil {
			t.Errorf("the other holder could not finish: %v", err)
		}
	})
}

// TestUnreachableStoreEndsTheReview: a lease that cannot be prolonged is not
// relied on when its time is over.
func TestUnreachableStoreEndsTheReview(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		var cause remembered
		f.handle(func(ctx context.Context, l queue.Lease) error {
			if l.Interruptions == 0 {
				return untilCancelled(&cause)(ctx, l)
			}
			if l.Interruptions != 1 || l.Fresh {
				t.Errorf("%d interruptions, fresh %t; want 1 and false", l.Interruptions, l.Fresh)
			}
			return nil
		})
		f.push(1, "aaa")
		f.store.set(&f.store.heartbeat, errDisk)
		f.pass(29 * time.Second)
		if cause.get() != nil {
			t.Fatalf("cancelled while the lease held: %v", cause.get())
		}
		f.pass(time.Second)
		if !errors.Is(cause.get(), queue.ErrLeaseLost) {
			t.Fatalf("the review was cancelled because of %v, want %v", cause.get(), queue.ErrLeaseLost)
		}
		f.pass(time.Minute)
		f.wantOutcomes(queue.EndedLost, queue.EndedFinished)
	})
}

// TestHeartbeatHiccup: one that fails is tried again before the lease ends.
func TestHeartbeatHiccup(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		f.handle(func(ctx context.Context, _ queue.Lease) error {
			time.Sleep(2 * time.Minute)
			return context.Cause(ctx)
		})
		f.push(1, "aaa")
		f.store.set(&f.store.heartbeat, errDisk)
		f.pass(25 * time.Second)
		f.store.set(&f.store.heartbeat, nil)
		f.pass(2 * time.Minute)
		f.wantOutcomes(queue.EndedFinished)
	})
}

// TestNoOverlapAfterALostLease: a handler that is slow to return holds up the
// next review of its pull request, in the same process, however many leases
// come and go meanwhile.
func TestNoOverlapAfterALostLease(t *testing.T) {
	inBubble(t, queue.Options{Workers: 8}, func(f *fixture) {
		var running, reviews atomic.Int32
		f.handle(func(ctx context.Context, _ queue.Lease) error {
			nth := reviews.Add(1)
			if running.Add(1) > 1 {
				t.Error("two reviews of one pull request at a time")
			}
			defer running.Add(-1)
			if nth == 1 {
				time.Sleep(10 * time.Minute) // deaf to ctx
			}
			return context.Cause(ctx)
		})
		f.push(1, "aaa")
		for range 3 {
			if n, err := f.store.ReleaseExpired(t.Context(), time.Now().Add(31*time.Second)); n != 1 || err != nil {
				t.Fatalf("released %d rows, error %v, want the lease that waits or runs", n, err)
			}
			f.pass(45 * time.Second) // it is claimed again meanwhile
		}
		if claims := f.claims(); claims < 4 || reviews.Load() != 1 {
			t.Errorf("%d claims and %d reviews, want all but the first claim to wait", claims, reviews.Load())
		}
		f.pass(time.Hour)
		if reviews.Load() != 2 {
			t.Errorf("%d reviews, want another one after the slow one", reviews.Load())
		}
		f.wantCounts(queue.Counts{Idle: 1})
	})
}

// TestFinishIsTriedAgain: a review that was published is not repeated because
// the store had a hiccup.
func TestFinishIsTriedAgain(t *testing.T) {
	inBubble(t, queue.Options{Poll: time.Hour}, func(f *fixture) {
		f.store.set(&f.store.finish, errDisk)
		f.push(1, "aaa")
		f.pass(time.Second)
		f.store.set(&f.store.finish, nil)
		f.pass(4 * time.Second)
		f.wantOutcomes(queue.EndedFinished)
		f.wantCounts(queue.Counts{Idle: 1})
	})
}

// TestSweepTakesOver: what a dead process held is reviewed when its lease is
// over.
func TestSweepTakesOver(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		f.store.set(&f.store.claim, errDisk)
		f.push(1, "aaa")
		if _, err := f.store.Store.Claim(t.Context(), "dead", time.Now(), 30*time.Second); err != nil {
			t.Fatal(err)
		}
		f.store.set(&f.store.claim, nil)
		var taken time.Duration
		started := time.Now()
		f.handle(func(context.Context, queue.Lease) error { taken = time.Since(started); return nil })
		f.pass(2 * time.Minute)
		f.wantOutcomes(queue.EndedFinished)
		if taken < 30*time.Second || taken > 45*time.Second {
			t.Errorf("taken over after %v, want 30 s to 45 s", taken)
		}
	})
}

// TestClockJump: when the clock jumps ahead, the leases of living reviews are
// not taken for expired.
func TestClockJump(t *testing.T) {
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	inBubble(t, queue.Options{Now: now}, func(f *fixture) {
		f.handle(func(ctx context.Context, _ queue.Lease) error {
			time.Sleep(2 * time.Minute)
			return context.Cause(ctx)
		})
		f.pass(5 * time.Second) // the sweep comes before the heartbeat
		f.push(1, "aaa")
		f.pass(2 * time.Second)
		ahead.Store(int64(time.Hour))
		f.pass(3 * time.Minute)
		f.wantOutcomes(queue.EndedFinished)
	})
}

// TestStoreThatFailsIsLeftAlone: claims slow down while they fail, whatever the
// wake-ups, and recover by themselves.
func TestStoreThatFailsIsLeftAlone(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		f.store.set(&f.store.claim, errDisk)
		for range 200 {
			f.push(1, "aaa")
			f.pass(100 * time.Millisecond)
		}
		if f.store.claims > 10 {
			t.Errorf("%d claims in 20 s of failures, want few", f.store.claims)
		}
		f.store.set(&f.store.claim, nil)
		f.pass(31 * time.Second)
		f.wantOutcomes(queue.EndedFinished)
		if !strings.Contains(f.logged(), errDisk.Error()) {
			t.Error("the failure is not in the log")
		}
	})
}

func TestDrainWaitsForReviews(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		f.handle(func(ctx context.Context, _ queue.Lease) error {
			time.Sleep(19 * time.Second)
			return context.Cause(ctx)
		})
		f.push(1, "aaa")
		f.stop()
		synctest.Wait()
		f.push(2, "aaa")
		f.pass(20 * time.Second)
		f.wantOutcomes(queue.EndedFinished)
		f.wantCounts(queue.Counts{Idle: 1, Queued: 1, OldestReady: 20 * time.Second})
	})
}

// TestDrainGivesLeasesBack: a review that takes too long costs no attempt, and
// the next process goes on with its run.
func TestDrainGivesLeasesBack(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		var cause remembered
		f.handle(untilCancelled(&cause))
		f.push(1, "aaa")
		f.stop()
		f.pass(21 * time.Second)
		if !errors.Is(cause.get(), queue.ErrDraining) {
			t.Errorf("the review was cancelled because of %v, want %v", cause.get(), queue.ErrDraining)
		}
		f.wantOutcomes(queue.EndedReleased)
		l, err := f.store.Store.Claim(t.Context(), "next", time.Now(), time.Minute)
		if err != nil || l == nil || l.Attempt != 1 || l.Fresh {
			t.Errorf("claimed %+v, error %v, want the first attempt of a run that is not fresh", l, err)
		}
	})
}

// TestDrainDuringLastWords: they are left to the next process.
func TestDrainDuringLastWords(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		f.handle(func(context.Context, queue.Lease) error { return queue.ErrPermanent })
		f.lastWords(func(ctx context.Context, _ queue.Lease, _ error) error {
			<-ctx.Done()
			return ctx.Err()
		})
		f.push(1, "aaa")
		f.stop()
		f.pass(time.Minute)
		f.wantOutcomes(queue.EndedReleased)
		f.wantCounts(queue.Counts{Queued: 1, OldestReady: time.Minute})
	})
}

// TestHandlerThatDoesNotReturn: Run returns all the same, and says so.
func TestHandlerThatDoesNotReturn(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		release := make(chan struct{})
		f.handle(func(context.Context, queue.Lease) error { <-release; return nil })
		f.push(1, "aaa")
		started := time.Now()
		f.stop()
		err := <-f.ended
		f.ended <- nil
		if err == nil || time.Since(started) > 30*time.Second {
			t.Errorf("error %v after %v, want one within 30 s", err, time.Since(started))
		}
		close(release)
		synctest.Wait()
	})
}
