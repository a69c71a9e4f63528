package queue_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lintel-bot/lintel/internal/queue"
	"github.com/lintel-bot/lintel/internal/store"
	"github.com/lintel-bot/lintel/internal/store/storetest"
)

func TestWakeStartsAtOnce(t *testing.T) {
	inBubble(t, queue.Options{Poll: time.Hour}, func(f *fixture) {
		started := time.Now()
		f.push(1, "aaa")
		f.wantOutcomes(queue.EndedFinished)
		f.push(2, "aaa")
		f.wantOutcomes(queue.EndedFinished, queue.EndedFinished)
		if took := time.Since(started); took != 0 {
			t.Errorf("an idle queue took %v to start", took)
		}
		f.wantCounts(queue.Counts{Idle: 2})
	})
}

func TestPollFindsWhatNobodyAnnounced(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		err := f.store.Enqueue(t.Context(), 1, queue.Want{Key: queue.Key{RepositoryID: 1, Number: 1}})
		if err != nil {
			t.Fatal(err)
		}
		f.pass(time.Second)
		f.wantOutcomes(queue.EndedFinished)
	})
}

func TestWorkersBoundReviews(t *testing.T) {
	inBubble(t, queue.Options{Workers: 3}, func(f *fixture) {
		var running, most atomic.Int32
		f.handle(func(context.Context, queue.Lease) error {
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(time.Minute)
			running.Add(-1)
			return nil
		})
		for number := range 10 {
			f.push(number+1, "aaa")
		}
		f.pass(5 * time.Minute)
		if most.Load() != 3 {
			t.Errorf("%d reviews at a time, want 3", most.Load())
		}
		f.wantCounts(queue.Counts{Idle: 10})
	})
}

// TestErrorsDecide: what the handler returns decides what becomes of the row.
func TestErrorsDecide(t *testing.T) {
	boom := errors.New("boom")
	for name, c := range map[string]struct {
		err     func() error
		outcome string
		counts  queue.Counts
	}{
		"nil":   {func() error { return nil }, queue.EndedFinished, queue.Counts{Idle: 1}},
		"error": {func() error { return boom }, queue.EndedRetried, queue.Counts{Queued: 1}},
		"panic": {func() error { panic("boom") }, queue.EndedRetried, queue.Counts{Queued: 1}},
		"permanent": {
			func() error { return fmt.Errorf("%w: %w", queue.ErrPermanent, boom) },
			queue.EndedBuried, queue.Counts{Dead: 1},
		},
		"snooze": {
			func() error {
				return fmt.Errorf("reading: %w", &queue.SnoozeError{Until: time.Now().Add(time.Hour), Reason: "limit"})
			},
			queue.EndedSnoozed, queue.Counts{Queued: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, queue.Options{}, func(f *fixture) {
				f.handle(func(context.Context, queue.Lease) error { return c.err() })
				f.push(1, "aaa")
				f.wantOutcomes(c.outcome)
				f.wantCounts(c.counts)
			})
		})
	}
}

func TestBackoffAndGivingUp(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		var at []time.Time
		var attempts []int
		var said error
		f.handle(func(_ context.Context, l queue.Lease) error {
			at = append(at, time.Now())
			attempts = append(attempts, l.Attempt)
			return fmt.Errorf("attempt %d", l.Attempt)
		})
		f.lastWords(func(_ context.Context, _ queue.Lease, reason error) error {
			said = reason
			return nil
		})
		f.push(1, "aaa")
		f.pass(time.Hour)
		if want := []int{1, 2, 3, 4, 5, 6, 7, 8}; !slices.Equal(attempts, want) {
			t.Fatalf("attempts %v, want %v", attempts, want)
		}
		for i, base := range []time.Duration{5, 10, 20, 40, 80, 160, 320} {
			wait := at[i+1].Sub(at[i])
			least, most := base*time.Second*8/10, base*time.Second*12/10+time.Second // and a poll
			if wait < least || wait > most {
				t.Errorf("attempt %d came after %v, want %v to %v", i+2, wait, least, most)
			}
		}
		if said == nil || said.Error() != "attempt 8" {
			t.Errorf("the last words were about %v, want the last attempt's error", said)
		}
		f.wantCounts(queue.Counts{Dead: 1})
	})
}

// TestOutageOutlastsTheAttempts: while not even the last words get through, the
// row is not given up. When the outage ends, the review is done.
func TestOutageOutlastsTheAttempts(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		outage := errors.New("no network")
		var attempts, words int
		var end time.Time
		f.handle(func(context.Context, queue.Lease) error {
			attempts++
			if time.Now().Before(end) {
				return outage
			}
			return nil
		})
		f.lastWords(func(context.Context, queue.Lease, error) error {
			words++
			return outage
		})
		end = time.Now().Add(6 * time.Hour)
		f.push(1, "aaa")
		f.pass(5 * time.Hour)
		f.wantCounts(queue.Counts{Queued: 1})
		if attempts > 50 || words != attempts-7 {
			t.Errorf("%d attempts and %d last words in five hours, want a few dozen, and last words from the eighth on", attempts, words)
		}
		if !strings.Contains(f.logged(), "no network") {
			t.Error("that the last words could not be said is not in the log")
		}
		f.pass(2 * time.Hour)
		f.wantCounts(queue.Counts{Idle: 1})
	})
}

// TestLastWordsThatNeverGetThrough: that does not go on for ever.
func TestLastWordsThatNeverGetThrough(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		f.handle(func(context.Context, queue.Lease) error { return queue.ErrPermanent })
		f.lastWords(func(context.Context, queue.Lease, error) error { return errors.New("forbidden") })
		f.push(1, "aaa")
		f.pass(48 * time.Hour)
		f.wantCounts(queue.Counts{Dead: 1})
	})
}

// TestLastWordsAtTheRateLimit: they wait for its end like everything else.
func TestLastWordsAtTheRateLimit(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		f.handle(func(context.Context, queue.Lease) error { return queue.ErrPermanent })
		var over atomic.Bool
		f.lastWords(func(context.Context, queue.Lease, error) error {
			if !over.Load() {
				return &queue.SnoozeError{Until: time.Now().Add(time.Hour), Reason: "limit"}
			}
			return nil
		})
		f.push(1, "aaa")
		f.wantOutcomes(queue.EndedSnoozed)
		over.Store(true)
		f.pass(time.Hour + time.Second)
		f.wantOutcomes(queue.EndedSnoozed, queue.EndedBuried)
	})
}

// TestBackoffIsCapped: also for numbers at which a shift would overflow.
func TestBackoffIsCapped(t *testing.T) {
	inBubble(t, queue.Options{MaxAttempts: 100}, func(f *fixture) {
		var at []time.Time
		f.handle(func(context.Context, queue.Lease) error {
			at = append(at, time.Now())
			return errors.New("boom")
		})
		f.push(1, "aaa")
		f.pass(48 * time.Hour)
		if len(at) < 100 {
			t.Fatalf("%d attempts in 48 hours, want all 100", len(at))
		}
		for i := 10; i < len(at); i++ {
			if wait := at[i].Sub(at[i-1]); wait < 12*time.Minute || wait > 18*time.Minute+time.Second {
				t.Errorf("attempt %d came after %v, want 15 min give or take a fifth", i+1, wait)
			}
		}
	})
}

// TestAttemptsThatNeverAnswered: a review that always takes its process with it
// is given up, at first with last words, then without.
func TestAttemptsThatNeverAnswered(t *testing.T) {
	inBubble(t, queue.Options{MaxInterruptions: 2}, func(f *fixture) {
		reviews, words := 0, 0
		f.handle(func(context.Context, queue.Lease) error { reviews++; return nil })
		f.lastWords(func(context.Context, queue.Lease, error) error { words++; return nil })
		crash := func(times int) {
			t.Helper()
			f.store.set(&f.store.claim, errDisk) // keep the runner away from the row
			for range times {
				time.Sleep(time.Minute) // beyond any wait for one that was interrupted
				if _, err := f.store.Store.Claim(t.Context(), "dead", time.Now(), 0); err != nil {
					t.Fatal(err)
				}
				if _, err := f.store.ReleaseExpired(t.Context(), time.Now()); err != nil {
					t.Fatal(err)
				}
			}
			f.store.set(&f.store.claim, nil)
			f.pass(time.Minute)
		}
		want := queue.Want{Key: queue.Key{RepositoryID: 1, Number: 1}}
		for _, c := range []struct{ crashes, reviews, words int }{{1, 1, 0}, {2, 0, 1}, {3, 0, 1}, {4, 0, 0}} {
			reviews, words = 0, 0
			f.store.set(&f.store.claim, errDisk)
			if err := f.store.Enqueue(t.Context(), 1, want); err != nil {
				t.Fatal(err)
			}
			crash(c.crashes)
			if reviews != c.reviews || words != c.words {
				t.Errorf("after %d crashes: %d reviews and %d last words, want %d and %d",
					c.crashes, reviews, words, c.reviews, c.words)
			}
		}
		f.wantCounts(queue.Counts{Dead: 1})
	})
}

// TestPanicSaysNothingOfItsValue: what a review panics with may quote what it
// read.
func TestPanicSaysNothingOfItsValue(t *testing.T) {
	inBubble(t, queue.Options{}, func(f *fixture) {
		f.handle(func(context.Context, queue.Lease) error { panic("hunter2") })
		f.push(1, "aaa")
		f.wantOutcomes(queue.EndedRetried)
		if log := f.logged(); strings.Contains(log, "hunter2") || !strings.Contains(log, "runner_test.go") {
			t.Errorf("want the stack and not the value in the log:\n%s", log)
		}
		f.handle(func(context.Context, queue.Lease) error {
			var none []int
			return fmt.Errorf("%d", none[len(none)])
		})
		f.push(2, "aaa")
		if !strings.Contains(f.logged(), "index out of range") {
			t.Error("the runtime's own words are not in the log")
		}
	})
}

// TestOnRealStore: the runner and SQLite together: every newest head is
// reviewed, no two reviews of a pull request overlap.
func TestOnRealStore(t *testing.T) {
	s, err := store.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "lintel.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	const pulls, pushes = 20, 10
	h := &overlapWatch{last: map[queue.Key]int64{}, running: map[queue.Key]bool{}, left: pulls, done: make(chan struct{})}
	h.final = pushes
	r := queue.NewRunner(s, h, queue.Options{Backoff: func(int) time.Duration { return 0 }, Poll: 10 * time.Millisecond})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	for n := range pushes {
		for number := range pulls {
			_, err := s.Accept(ctx, queue.Delivery{
				GUID: fmt.Sprintf("%d-%d", n, number), Event: "pull_request", InstallationID: 1, ReceivedAt: time.Now(),
				Want: &queue.Want{Key: queue.Key{RepositoryID: 1, Number: number + 1}, Repository: "a/b", Head: "aaa"},
			})
			if err != nil {
				t.Fatal(err)
			}
			r.Wake()
		}
	}
	<-h.done
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if h.overlaps > 0 {
		t.Errorf("%d reviews overlapped another of the same pull request", h.overlaps)
	}
	if c, err := s.Counts(t.Context(), time.Now()); err != nil || c != (queue.Counts{Idle: pulls}) {
		t.Errorf("counts %+v, error %v, want all of them idle", c, err)
	}
}

// overlapWatch fails every third attempt and watches for overlaps.
type overlapWatch struct {
	mu       sync.Mutex
	calls    int
	final    int64
	left     int
	overlaps int
	running  map[queue.Key]bool
	last     map[queue.Key]int64
	done     chan struct{}
}

func (h *overlapWatch) Review(_ context.Context, l queue.Lease) error {
	if h.enter(l.Key) {
		defer h.leave(l)
		return nil
	}
	h.leaveFailed(l.Key)
	return errors.New("the third attempt always fails")
}

func (h *overlapWatch) enter(key queue.Key) (ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.running[key] {
		h.overlaps++
	}
	h.running[key] = true
	h.calls++
	return h.calls%3 != 0
}

func (h *overlapWatch) leaveFailed(key queue.Key) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running[key] = false
}

func (h *overlapWatch) leave(l queue.Lease) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running[l.Key] = false
	if h.last[l.Key] < h.final && l.Wanted == h.final {
		if h.left--; h.left == 0 {
			close(h.done)
		}
	}
	h.last[l.Key] = l.Wanted
}

// TestHandlerWithoutLastWords: they are optional.
func TestHandlerWithoutLastWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		model := storetest.NewModel(time.Now)
		if err := model.Enqueue(t.Context(), 1, queue.Want{Key: queue.Key{RepositoryID: 1, Number: 1}}); err != nil {
			t.Fatal(err)
		}
		r := queue.NewRunner(model, mute{}, queue.Options{})
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		if err := r.Run(ctx); err != nil {
			t.Error(err)
		}
		if c, _ := model.Counts(t.Context(), time.Now()); c.Dead != 1 {
			t.Errorf("counts %+v, want the row dead", c)
		}
	})
}

type mute struct{}

func (mute) Review(context.Context, queue.Lease) error { return queue.ErrPermanent }
