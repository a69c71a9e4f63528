package storetest

import (
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/queue"
)

func testLifecycle(t *testing.T, f *fixture) {
	f.nothingToClaim()
	f.deliver(pull(1, "aaa"))
	f.counts(queue.Counts{Queued: 1})
	l := f.claim()
	f.lease(l, queue.Lease{
		Key: queue.Key{RepositoryID: 7, Number: 1}, InstallationID: home, Repository: "shop/api",
		Head: "aaa", Wanted: 1, Fence: 1, Attempt: 1, Fresh: true,
	})
	f.nothingToClaim()
	f.counts(queue.Counts{Running: 1})
	if f.heartbeat(l) {
		t.Error("superseded, but nothing newer is wanted")
	}
	f.ok(f.Finish(t.Context(), l))
	f.nothingToClaim()
	f.counts(queue.Counts{Idle: 1})
	f.lost(f.Finish(t.Context(), l))
}

func testRecorded(t *testing.T, f *fixture) {
	d := queue.Delivery{GUID: "a", Event: "ping", ReceivedAt: f.now()}
	f.accept(d, queue.Recorded)
	f.accept(d, queue.Duplicate)
	f.nothingToClaim()
	f.counts(queue.Counts{})
}

func testDuplicate(t *testing.T, f *fixture) {
	d := f.deliver(pull(1, "aaa"))
	f.accept(d, queue.Duplicate)
	l := f.claim()
	if l.Wanted != 1 {
		t.Errorf("generation %d, want 1", l.Wanted)
	}
	f.accept(d, queue.Duplicate)
	if f.heartbeat(l) {
		t.Error("a repeated delivery superseded its own review")
	}
	f.ok(f.Finish(t.Context(), l))
	f.accept(d, queue.Duplicate)
	f.nothingToClaim()
}

func testCoalescing(t *testing.T, f *fixture) {
	for _, head := range []string{"aaa", "bbb", "ccc"} {
		f.deliver(pull(1, head))
	}
	f.ok(f.Enqueue(t.Context(), home, pull(1, "ddd")))
	f.counts(queue.Counts{Queued: 1})
	l := f.claim()
	if l.Head != "ddd" || l.Wanted != 4 {
		t.Errorf("head %s generation %d, want ddd 4", l.Head, l.Wanted)
	}
	f.ok(f.Finish(t.Context(), l))
	f.nothingToClaim()
}

func testSuperseded(t *testing.T, f *fixture) {
	f.deliver(pull(1, "aaa"))
	first := f.claim()
	f.deliver(pull(1, "bbb"))
	f.deliver(pull(1, "ccc"))
	f.nothingToClaim()
	f.counts(queue.Counts{Running: 1})
	if !f.heartbeat(first) {
		t.Error("the heartbeat did not tell of the newer delivery")
	}
	f.ok(f.Finish(t.Context(), first))
	second := f.claim()
	f.lease(second, queue.Lease{
		Key: first.Key, InstallationID: home, Repository: "shop/api", Head: "ccc",
		Wanted: 3, Fence: 2, Attempt: 1, Fresh: true,
	})
	if second.Run == first.Run {
		t.Error("another generation has the same run")
	}
	f.ok(f.Finish(t.Context(), second))
	f.nothingToClaim()
}

func testRetry(t *testing.T, f *fixture) {
	f.deliver(pull(1, "aaa"))
	first := f.claim()
	f.ok(f.Retry(t.Context(), first, f.now().Add(time.Minute), "the network"))
	f.advance(time.Minute - time.Millisecond)
	f.nothingToClaim()
	f.advance(time.Millisecond)
	second := f.claim()
	if second.Attempt != 2 || second.Fresh || second.Run != first.Run {
		t.Errorf("attempt %d fresh %t run %s, want 2 false %s", second.Attempt, second.Fresh, second.Run, first.Run)
	}
	f.ok(f.Finish(t.Context(), second))
	f.deliver(pull(1, "bbb"))
	if l := f.claim(); l.Attempt != 1 {
		t.Errorf("a new generation begins with attempt %d", l.Attempt)
	}
}

func testRelease(t *testing.T, f *fixture) {
	f.deliver(pull(1, "aaa"))
	f.advance(time.Second)
	f.deliver(pull(2, "aaa"))
	first := f.claim()
	f.ok(f.Release(t.Context(), first))
	again := f.claim()
	if again.Key != first.Key || again.Attempt != 1 || again.Fresh || again.Run != first.Run {
		t.Errorf("claimed %+v, want the same pull request, attempt and run, and not fresh", again)
	}
}

func testSnooze(t *testing.T, f *fixture) {
	f.deliver(pull(1, "aaa"))
	first := f.claim()
	f.deliver(pull(2, "aaa"))
	f.deliverTo(12, queue.Want{Key: queue.Key{RepositoryID: 8, Number: 1}, Repository: "else/where", Head: "aaa"})
	until := f.now().Add(time.Hour)
	f.ok(f.Snooze(t.Context(), first, until, "rate limit"))
	if l := f.claim(); l.InstallationID != 12 {
		t.Errorf("claimed a pull request of installation %d, which is blocked", l.InstallationID)
	}
	f.deliver(pull(1, "bbb"))
	f.nothingToClaim()
	f.counts(queue.Counts{Queued: 2, Running: 1})
	f.advance(time.Hour)
	for range 2 {
		l := f.claim()
		if l.Attempt != 1 {
			t.Errorf("attempt %d of pull request %d, want 1: a snooze costs none", l.Attempt, l.Number)
		}
	}
}

func testBury(t *testing.T, f *fixture) {
	d := f.deliver(pull(1, "aaa"))
	first := f.claim()
	f.ok(f.Bury(t.Context(), first, "gone"))
	f.advance(24 * time.Hour)
	f.nothingToClaim()
	f.counts(queue.Counts{Dead: 1})

	f.accept(d, queue.Revived)
	f.accept(d, queue.Duplicate)
	revived := f.claim()
	if revived.Attempt != 1 || !revived.Fresh || revived.Run == first.Run {
		t.Errorf("claimed %+v, want a fresh run: the dead one was concluded", revived)
	}
	f.ok(f.Bury(t.Context(), revived, "gone"))

	f.deliver(pull(1, "bbb"))
	l := f.claim()
	if l.Head != "bbb" || l.Attempt != 1 {
		t.Errorf("claimed %+v, want the first attempt at bbb", l)
	}
	f.ok(f.Bury(t.Context(), l, "gone"))
	f.ok(f.Enqueue(t.Context(), home, pull(1, "ccc")))
	f.claim()
}

// testRestored: all dead work of the installation is queued again, and nothing
// of another one.
func testRestored(t *testing.T, f *fixture) {
	for number := 1; number <= 3; number++ {
		f.deliver(pull(number, "aaa"))
	}
	f.deliverTo(home+1, pull(4, "aaa"))
	for range 4 {
		l := f.claim()
		if l.Number == 3 {
			f.ok(f.Finish(t.Context(), l))
			continue
		}
		f.ok(f.Bury(t.Context(), l, "suspended"))
	}
	f.advance(24 * time.Hour)
	back := queue.Delivery{
		GUID: "back", Event: "installation", Action: "unsuspend", InstallationID: home, ReceivedAt: f.now(), Restored: true,
	}
	f.accept(back, queue.Revived)
	f.counts(queue.Counts{Idle: 1, Queued: 2, Dead: 1})
	f.accept(back, queue.Duplicate)
	for range 2 {
		if l := f.claim(); l.InstallationID != home || l.Attempt != 1 || !l.Fresh || l.Number == 3 {
			t.Errorf("claimed %+v, want a fresh run of what was dead", l)
		}
	}
	f.nothingToClaim()
	back.GUID = "again"
	f.accept(back, queue.Recorded)
}

// testSupersededEndings: whatever becomes of a review, a delivery that came in
// while it ran is reviewed next, with all its attempts.
func testSupersededEndings(t *testing.T, f *fixture) {
	later := f.now().Add(time.Hour)
	for number, end := range []func(l queue.Lease) error{
		func(l queue.Lease) error { return f.Finish(t.Context(), l) },
		func(l queue.Lease) error { return f.Release(t.Context(), l) },
		func(l queue.Lease) error { return f.Retry(t.Context(), l, later, "x") },
		func(l queue.Lease) error { return f.Bury(t.Context(), l, "x") },
		func(queue.Lease) error {
			f.advance(leaseTime)
			_, err := f.ReleaseExpired(t.Context(), f.now())
			return err
		},
	} {
		f.deliver(pull(number+1, "old"))
		l := f.claim()
		f.deliver(pull(number+1, "new"))
		f.ok(end(l))
		next := f.claim()
		if next.Head != "new" || next.Attempt != 1 || !next.Fresh {
			t.Errorf("case %d: claimed %+v, want the first attempt at the new head", number, next)
		}
		f.ok(f.Finish(t.Context(), next))
	}
}

func testDeliveryEndsBackoff(t *testing.T, f *fixture) {
	f.deliver(pull(1, "aaa"))
	for range 3 {
		f.ok(f.Retry(t.Context(), f.claim(), f.now(), "x"))
	}
	f.ok(f.Retry(t.Context(), f.claim(), f.now().Add(time.Hour), "x"))
	f.nothingToClaim()
	f.deliver(pull(1, "bbb"))
	if l := f.claim(); l.Attempt != 1 || !l.Fresh {
		t.Errorf("attempt %d fresh %t, want the first of a fresh run", l.Attempt, l.Fresh)
	}
}

func testClosed(t *testing.T, f *fixture) {
	want := pull(1, "aaa")
	want.Closed = true
	f.deliver(want)
	l := f.claim()
	if !l.Closed {
		t.Error("the lease does not say that the pull request is closed")
	}
	f.ok(f.Finish(t.Context(), l))
	f.deliver(pull(1, "aaa"))
	if f.claim().Closed {
		t.Error("the lease says that a reopened pull request is closed")
	}
}

func testInstallationChanges(t *testing.T, f *fixture) {
	f.deliverTo(11, pull(1, "aaa"))
	f.ok(f.Finish(t.Context(), f.claim()))
	moved := pull(1, "bbb")
	moved.Repository = "new/name"
	f.deliverTo(12, moved)
	if l := f.claim(); l.InstallationID != 12 || l.Repository != "new/name" {
		t.Errorf("claimed for installation %d, %s, want 12, new/name", l.InstallationID, l.Repository)
	}
}

func testInvalid(t *testing.T, f *fixture) {
	for _, d := range []queue.Delivery{
		{Event: "ping"},
		{GUID: "a\x00b", Event: "ping"},
		{GUID: "a", Event: "pull_request", Want: &queue.Want{Key: queue.Key{RepositoryID: 1, Number: 1}}},
		{GUID: "a", Event: "pull_request", InstallationID: 1, Want: &queue.Want{Key: queue.Key{Number: 1}}},
		{GUID: "a", Event: "pull_request", InstallationID: 1, Want: &queue.Want{Key: queue.Key{RepositoryID: 1}}},
	} {
		if outcome, err := f.Accept(t.Context(), d); err == nil {
			t.Errorf("accepted %+v: %d", d, outcome)
		}
	}
	if err := f.Enqueue(t.Context(), 0, pull(1, "aaa")); err == nil {
		t.Error("queued work without an installation")
	}
	f.accept(queue.Delivery{GUID: "a", Event: "ping"}, queue.Recorded)
}
