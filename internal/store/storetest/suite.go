// Package storetest says what a store is: every database that the queue can
// live on passes the same tests.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/lintel-bot/lintel/internal/queue"
)

// Store is what the suite tests.
type Store interface {
	queue.Store
	RecordVerdict(ctx context.Context, v queue.Verdict) error
	Verdict(ctx context.Context, repositoryID int64, number int) (queue.Verdict, bool, error)
	Verdicts(ctx context.Context, repositoryID int64, head string) ([]queue.Verdict, error)
	DropVerdict(ctx context.Context, repositoryID int64, number int) error
	Prune(ctx context.Context, now time.Time) error
	Ready(ctx context.Context) error
	// Close may be called twice.
	Close() error
}

// Open returns an empty store whose clock is now. It closes with the test.
type Open func(t testing.TB, now func() time.Time) Store

// TestQueue runs the suite.
func TestQueue(t *testing.T, open Open) {
	for name, test := range map[string]func(*testing.T, *fixture){
		"a delivery becomes one lease":              testLifecycle,
		"deliveries that ask for nothing":           testRecorded,
		"a delivery id counts once":                 testDuplicate,
		"many pushes make one review":               testCoalescing,
		"a push during a review makes another":      testSuperseded,
		"a retry keeps its run":                     testRetry,
		"a release costs nothing":                   testRelease,
		"a snooze blocks the installation":          testSnooze,
		"dead work stays dead until it is asked":    testBury,
		"a restored installation goes on":           testRestored,
		"what is wanted anew is never put off":      testSupersededEndings,
		"a new delivery ends the wait":              testDeliveryEndsBackoff,
		"an old fence writes nothing":               testFence,
		"a lease that ran out can still be kept":    testLateHeartbeat,
		"a lost lease costs no attempt":             testExpired,
		"interrupted time and again, it waits":      testInterrupted,
		"a pull request can change its app":         testInstallationChanges,
		"a closed pull request says so":             testClosed,
		"work needs numbers above zero":             testInvalid,
		"a noisy installation delays nobody":        testFairness,
		"counts":                                    testCounts,
		"verdicts":                                  testVerdicts,
		"old rows are forgotten":                    testPrune,
		"a cancelled caller hears an error":         testCancelled,
		"concurrent callers":                        testConcurrent,
		"readiness":                                 testReady,
		"every sequence does what the model does":   testModel,
		"reason with any bytes":                     testReason,
		"ready work is served in the order it came": testOrder,
	} {
		t.Run(name, func(t *testing.T) { test(t, newFixture(t, open)) })
	}
}

// fixture is a store with a clock that stands still.
type fixture struct {
	Store
	t     testing.TB
	open  Open
	clock *atomic.Int64
	guids int
}

const (
	leaseTime = 30 * time.Second
	// home is the installation that most tests need.
	home = 11
)

func newFixture(t testing.TB, open Open) *fixture {
	f := &fixture{t: t, open: open, clock: new(atomic.Int64)}
	f.clock.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMilli())
	f.Store = open(t, f.now)
	return f
}

func (f *fixture) now() time.Time          { return time.UnixMilli(f.clock.Load()).UTC() }
func (f *fixture) advance(d time.Duration) { f.clock.Add(d.Milliseconds()) }

// pull names a pull request of the one repository that most tests need.
func pull(number int, head string) queue.Want {
	return queue.Want{
		Key: queue.Key{RepositoryID: 7, Number: number}, Repository: "shop/api", Head: head,
	}
}

// deliver accepts a delivery with an id of its own and returns it.
func (f *fixture) deliver(want queue.Want) queue.Delivery {
	f.t.Helper()
	return f.deliverTo(home, want)
}

func (f *fixture) deliverTo(installation int64, want queue.Want) queue.Delivery {
	f.t.Helper()
	f.guids++
	d := queue.Delivery{
		GUID: fmt.Sprintf("guid-%d", f.guids), Event: "pull_request", Action: "synchronize",
		InstallationID: installation, ReceivedAt: f.now(), Want: &want,
	}
	f.accept(d, queue.Queued)
	return d
}

func (f *fixture) accept(d queue.Delivery, want queue.Outcome) {
	f.t.Helper()
	got, err := f.Accept(f.t.Context(), d)
	if err != nil || got != want {
		f.t.Fatalf("accepting %s: outcome %d, error %v, want outcome %d", d.GUID, got, err, want)
	}
}

// claim returns the next lease, which there must be.
func (f *fixture) claim() queue.Lease {
	f.t.Helper()
	l := f.tryClaim()
	if l == nil {
		f.t.Fatal("there was nothing to claim")
	}
	return *l
}

func (f *fixture) tryClaim() *queue.Lease {
	f.t.Helper()
	l, err := f.Claim(f.t.Context(), "test", f.now(), leaseTime)
	f.ok(err)
	return l
}

func (f *fixture) nothingToClaim() {
	f.t.Helper()
	if l := f.tryClaim(); l != nil {
		f.t.Fatalf("claimed %+v, want nothing", *l)
	}
}

func (f *fixture) heartbeat(l queue.Lease) bool {
	f.t.Helper()
	superseded, err := f.Heartbeat(f.t.Context(), l, f.now(), leaseTime)
	f.ok(err)
	return superseded
}

func (f *fixture) ok(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) lost(err error) {
	f.t.Helper()
	if !errors.Is(err, queue.ErrLeaseLost) {
		f.t.Fatalf("got %v, want that the lease is lost", err)
	}
}

func (f *fixture) counts(want queue.Counts) {
	f.t.Helper()
	got, err := f.Counts(f.t.Context(), f.now())
	f.ok(err)
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Fatalf("counts (-want +got):\n%s", diff)
	}
}

// lease compares a lease with what is wanted, but for its run.
func (f *fixture) lease(got, want queue.Lease) {
	f.t.Helper()
	if len(got.Run) != 26 {
		f.t.Errorf("the run is called %q, want a ULID", got.Run)
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(queue.Lease{}, "Run")); diff != "" {
		f.t.Fatalf("lease (-want +got):\n%s", diff)
	}
}
