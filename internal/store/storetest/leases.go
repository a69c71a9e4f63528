package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/queue"
)

// testFence: after a lease was lost, nothing that its holder writes has any
// effect, whether the row waits, runs elsewhere or is done.
func testFence(t *testing.T, f *fixture) {
	f.deliver(pull(1, "aaa"))
	old := f.claim()
	writes := map[string]func() error{
		"finish":  func() error { return f.Finish(t.Context(), old) },
		"release": func() error { return f.Release(t.Context(), old) },
		"retry":   func() error { return f.Retry(t.Context(), old, f.now(), "x") },
		"snooze":  func() error { return f.Snooze(t.Context(), old, f.now().Add(time.Hour), "x") },
		"bury":    func() error { return f.Bury(t.Context(), old, "x") },
		"heartbeat": func() error {
			_, err := f.Heartbeat(t.Context(), old, f.now(), leaseTime)
			return err
		},
	}
	refused := func(when string) {
		t.Helper()
		for name, write := range writes {
			if err := write(); !errors.Is(err, queue.ErrLeaseLost) {
				t.Errorf("%s %s: %v, want that the lease is lost", name, when, err)
			}
		}
	}
	f.advance(leaseTime)
	if n, err := f.ReleaseExpired(t.Context(), f.now()); n != 1 || err != nil {
		t.Fatalf("released %d rows, error %v, want 1", n, err)
	}
	refused("while the row waits")
	current := f.claim()
	if current.Fence <= old.Fence {
		t.Errorf("fence %d after %d, want it to grow", current.Fence, old.Fence)
	}
	refused("while somebody else holds the row")
	if f.heartbeat(current) {
		t.Error("superseded, but nothing newer is wanted")
	}
	f.ok(f.Finish(t.Context(), current))
	refused("after somebody else finished the row")
	f.counts(queue.Counts{Idle: 1})
}

func testLateHeartbeat(t *testing.T, f *fixture) {
	f.deliver(pull(1, "aaa"))
	l := f.claim()
	f.advance(time.Hour)
	f.nothingToClaim()
	f.heartbeat(l)
	if n, err := f.ReleaseExpired(t.Context(), f.now()); n != 0 || err != nil {
		t.Fatalf("released %d rows, error %v, want none: the lease was prolonged", n, err)
	}
	f.ok(f.Finish(t.Context(), l))
}

func testExpired(t *testing.T, f *fixture) {
	f.deliver(pull(1, "aaa"))
	first := f.claim()
	f.advance(leaseTime - time.Millisecond)
	if n, err := f.ReleaseExpired(t.Context(), f.now()); n != 0 || err != nil {
		t.Fatalf("released %d rows, error %v, want none yet", n, err)
	}
	f.advance(time.Millisecond)
	f.deliver(pull(2, "aaa"))
	f.advance(time.Millisecond)
	if n, err := f.ReleaseExpired(t.Context(), f.now()); n != 1 || err != nil {
		t.Fatalf("released %d rows, error %v, want 1", n, err)
	}
	if l := f.claim(); l.Number != 2 {
		t.Errorf("claimed pull request %d, want 2: one that may do harm goes to the end", l.Number)
	}
	second := f.claim()
	if second.Attempt != 1 || second.Interruptions != 1 || second.Fresh || second.Run != first.Run {
		t.Errorf("claimed %+v, want the same run, interrupted once and no attempt charged", second)
	}
	f.ok(f.Finish(t.Context(), second))
}

// testInterrupted: a row whose process dies time and again waits a little from
// the fourth time on, until a new delivery gives it its patience back.
func testInterrupted(t *testing.T, f *fixture) {
	f.deliver(pull(1, "aaa"))
	for n := range 4 {
		if l := f.claim(); l.Attempt != 1 || l.Interruptions != n {
			t.Errorf("attempt %d, %d interruptions; want 1 and %d", l.Attempt, l.Interruptions, n)
		}
		f.advance(leaseTime)
		if n, err := f.ReleaseExpired(t.Context(), f.now()); n != 1 || err != nil {
			t.Fatalf("released %d rows, error %v, want 1", n, err)
		}
	}
	f.nothingToClaim()
	f.advance(15 * time.Second)
	if l := f.claim(); l.Interruptions != 4 {
		t.Errorf("%d interruptions, want 4", l.Interruptions)
	}
	f.deliver(pull(1, "bbb"))
	f.advance(leaseTime)
	if _, err := f.ReleaseExpired(t.Context(), f.now()); err != nil {
		t.Fatal(err)
	}
	if l := f.claim(); l.Interruptions != 0 || !l.Fresh {
		t.Errorf("%d interruptions, fresh %t; want a new generation without any", l.Interruptions, l.Fresh)
	}
}

func testFairness(t *testing.T, f *fixture) {
	const noisy, quiet, rows = 1, 50, 5000
	ctx := t.Context()
	queued := make(chan error)
	for worker := range 16 {
		go func() {
			for n := worker; n < rows; n += 16 {
				if err := f.Enqueue(ctx, noisy, pull(n+1, "aaa")); err != nil {
					queued <- err
					return
				}
			}
			queued <- nil
		}()
	}
	for range 16 {
		f.ok(<-queued)
	}
	f.advance(time.Second)
	for i := range quiet {
		f.deliverTo(int64(noisy+1+i), queue.Want{
			Key: queue.Key{RepositoryID: int64(100 + i), Number: 1}, Repository: "quiet/one", Head: "aaa",
		})
	}
	f.advance(time.Second)
	served := map[int64]int{}
	for range quiet + 1 {
		served[f.claim().InstallationID]++
	}
	for i := range int64(quiet + 1) {
		if served[noisy+i] != 1 {
			t.Errorf("installation %d was served %d times in one round, want once", noisy+i, served[noisy+i])
		}
	}
	if l := f.claim(); l.InstallationID != noisy {
		t.Errorf("claimed for installation %d, want the noisy one: nobody else waits", l.InstallationID)
	}
}

func testOrder(t *testing.T, f *fixture) {
	for _, number := range []int{3, 1, 2} {
		f.deliver(pull(number, "aaa"))
		f.advance(time.Millisecond)
	}
	f.deliver(pull(3, "bbb")) // keeps its turn
	for _, want := range []int{3, 1, 2} {
		if l := f.claim(); l.Number != want {
			t.Errorf("claimed pull request %d, want %d", l.Number, want)
		}
	}
}

func testCounts(t *testing.T, f *fixture) {
	for number := 1; number <= 5; number++ {
		f.deliver(pull(number, "aaa"))
		f.advance(time.Second)
	}
	f.ok(f.Finish(t.Context(), f.claim()))
	f.ok(f.Bury(t.Context(), f.claim(), "x"))
	f.ok(f.Retry(t.Context(), f.claim(), f.now().Add(time.Hour), "x"))
	f.claim()
	f.counts(queue.Counts{Idle: 1, Queued: 2, Running: 1, Dead: 1, OldestReady: time.Second})
	f.advance(time.Minute)
	f.counts(queue.Counts{Idle: 1, Queued: 2, Running: 1, Dead: 1, OldestReady: 61 * time.Second})
}

func testReason(t *testing.T, f *fixture) {
	f.deliver(pull(1, "aaa"))
	for _, reason := range []string{"", "a\x00b\xff\xfe\n", strings.Repeat("é", 100_000)} {
		f.ok(f.Retry(t.Context(), f.claim(), f.now(), reason))
	}
	f.ok(f.Bury(t.Context(), f.claim(), strings.Repeat("\xff", 10_000)))
}

func testCancelled(t *testing.T, f *fixture) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	want := pull(1, "aaa")
	d := queue.Delivery{GUID: "a", Event: "pull_request", InstallationID: 1, ReceivedAt: f.now(), Want: &want}
	if outcome, err := f.Accept(ctx, d); !errors.Is(err, context.Canceled) || outcome != 0 {
		t.Fatalf("outcome %d, error %v, want that the context was cancelled", outcome, err)
	}
	f.accept(d, queue.Queued)
}

func testReady(t *testing.T, f *fixture) {
	f.ok(f.Ready(t.Context()))
	f.ok(f.Ready(t.Context()))
}
