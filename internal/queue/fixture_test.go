package queue_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/lintel-bot/lintel/internal/queue"
	"github.com/lintel-bot/lintel/internal/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fixture is a running Runner in a bubble of time, on a queue in memory.
type fixture struct {
	t      *testing.T
	store  *faulty
	runner *queue.Runner
	// review is what the handler does; words is what it does last.
	review func(ctx context.Context, l queue.Lease) error
	words  func(ctx context.Context, l queue.Lease, reason error) error

	stop  context.CancelFunc
	ended chan error

	mu       sync.Mutex
	log      strings.Builder
	claimed  int
	outcomes []string
	guids    int
}

// inBubble starts a runner in a bubble, where time passes when nobody works,
// and stops it at the end.
func inBubble(t *testing.T, o queue.Options, test func(f *fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &fixture{t: t, store: &faulty{Store: storetest.NewModel(time.Now)}, ended: make(chan error, 1)}
		f.review = func(context.Context, queue.Lease) error { return nil }
		o.Observer = f
		o.Logger = slog.New(slog.NewTextHandler(f, nil))
		f.runner = queue.NewRunner(f.store, f, o)
		ctx, stop := context.WithCancel(t.Context())
		f.stop = stop
		go func() { f.ended <- f.runner.Run(ctx) }()
		synctest.Wait()
		test(f)
		stop()
		if err := <-f.ended; err != nil {
			t.Errorf("the runner ended with %v", err)
		}
	})
}

// Review is queue.Handler's.
func (f *fixture) Review(ctx context.Context, l queue.Lease) error {
	f.mu.Lock()
	review := f.review
	f.mu.Unlock()
	return review(ctx, l)
}

// handle sets what the handler does.
func (f *fixture) handle(review func(ctx context.Context, l queue.Lease) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.review = review
}

// lastWords sets what the handler does last.
func (f *fixture) lastWords(words func(ctx context.Context, l queue.Lease, reason error) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.words = words
}

// GaveUp is queue.LastWords's.
func (f *fixture) GaveUp(ctx context.Context, l queue.Lease, reason error) error {
	f.mu.Lock()
	words := f.words
	f.mu.Unlock()
	if words == nil {
		return nil
	}
	return words(ctx, l, reason)
}

// Claimed is queue.Observer's.
func (f *fixture) Claimed() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.claimed++
}

// Ended is queue.Observer's.
func (f *fixture) Ended(outcome string, _ time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.outcomes = append(f.outcomes, outcome)
}

// Write takes the log.
func (f *fixture) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.Write(p)
}

func (f *fixture) logged() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.String()
}

func (f *fixture) claims() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.claimed
}

// push delivers, and waits until every goroutine waits for something.
func (f *fixture) push(number int, head string) {
	f.t.Helper()
	f.deliver(number, head)
	synctest.Wait()
}

// deliver accepts a delivery for a pull request and wakes the runner.
func (f *fixture) deliver(number int, head string) {
	f.t.Helper()
	f.guids++
	_, err := f.store.Accept(f.t.Context(), queue.Delivery{
		GUID: fmt.Sprint("guid-", f.guids), Event: "pull_request", InstallationID: 1, ReceivedAt: time.Now(),
		Want: &queue.Want{Key: queue.Key{RepositoryID: 1, Number: number}, Repository: "a/b", Head: head},
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.runner.Wake()
}

// pass lets time pass until every goroutine waits again.
func (f *fixture) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// wantOutcomes compares how the leases have ended so far.
func (f *fixture) wantOutcomes(want ...string) {
	f.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if !slices.Equal(f.outcomes, want) {
		f.t.Errorf("leases ended %v, want %v\n%s", f.outcomes, want, f.log.String())
	}
}

func (f *fixture) wantCounts(want queue.Counts) {
	f.t.Helper()
	got, err := f.store.Counts(context.Background(), time.Now())
	if err != nil || got != want {
		f.t.Errorf("counts %+v, error %v, want %+v", got, err, want)
	}
}

// remembered is an error that one goroutine leaves for another.
type remembered struct {
	mu  sync.Mutex
	err error
}

func (r *remembered) get() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// untilCancelled is a review that goes on until it is told to end, and says
// why it was.
func untilCancelled(cause *remembered) func(context.Context, queue.Lease) error {
	return func(ctx context.Context, _ queue.Lease) error {
		<-ctx.Done()
		cause.mu.Lock()
		defer cause.mu.Unlock()
		cause.err = context.Cause(ctx)
		return cause.err
	}
}

// faulty is a store that can fail.
type faulty struct {
	queue.Store
	mu                       sync.Mutex
	claim, heartbeat, finish error
	claims, heartbeats       int
}

var errDisk = errors.New("the disk is gone")

func (s *faulty) set(field *error, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*field = err
}

func (s *faulty) count(n *int, failure *error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	*n++
	return *failure
}

func (s *faulty) Claim(ctx context.Context, owner string, now time.Time, lease time.Duration) (*queue.Lease, error) {
	if err := s.count(&s.claims, &s.claim); err != nil {
		return nil, err
	}
	return s.Store.Claim(ctx, owner, now, lease)
}

func (s *faulty) Heartbeat(ctx context.Context, l queue.Lease, now time.Time, lease time.Duration) (bool, error) {
	if err := s.count(&s.heartbeats, &s.heartbeat); err != nil {
		return false, err
	}
	return s.Store.Heartbeat(ctx, l, now, lease)
}

func (s *faulty) Finish(ctx context.Context, l queue.Lease) error {
	var n int
	if err := s.count(&n, &s.finish); err != nil {
		return err
	}
	return s.Store.Finish(ctx, l)
}
