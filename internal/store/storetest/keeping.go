package storetest

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/queue"
)

func testVerdicts(t *testing.T, f *fixture) {
	ctx := t.Context()
	one := queue.Verdict{
		RepositoryID: 7, Number: 1, Head: "aaa", Run: "R1", CheckID: 1 << 40,
		Conclusion: "failure", Published: "failure",
	}
	two := queue.Verdict{RepositoryID: 7, Number: 2, Head: "aaa", Run: "R2", Conclusion: "success"}
	elsewhere := queue.Verdict{RepositoryID: 8, Number: 1, Head: "aaa", Run: "R3"}
	for _, v := range []queue.Verdict{two, one, elsewhere} {
		f.ok(f.RecordVerdict(ctx, v))
	}
	f.verdicts("aaa", one, two)

	one.Head, one.Run, one.CheckID, one.Conclusion, one.Published = "bbb", "R4", 0, "", ""
	f.ok(f.RecordVerdict(ctx, one))
	f.verdicts("aaa", two)
	f.verdicts("bbb", one)
	got, found, err := f.Verdict(ctx, 7, 1)
	f.ok(err)
	if diff := cmp.Diff(one, got); diff != "" || !found {
		t.Errorf("found %t, verdict (-want +got):\n%s", found, diff)
	}

	f.ok(f.DropVerdict(ctx, 7, 1))
	f.ok(f.DropVerdict(ctx, 7, 1))
	f.verdicts("bbb")
	if got, found, err := f.Verdict(ctx, 7, 1); err != nil || found {
		t.Errorf("found %t %+v, error %v, want nothing after it was dropped", found, got, err)
	}
	f.verdicts("aaa", two)
}

func (f *fixture) verdicts(head string, want ...queue.Verdict) {
	f.t.Helper()
	got, err := f.Verdicts(f.t.Context(), 7, head)
	f.ok(err)
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("verdicts on %s (-want +got):\n%s", head, diff)
	}
}

func testPrune(t *testing.T, f *fixture) {
	ctx := t.Context()
	const day = 24 * time.Hour
	waiting := f.deliver(pull(1, "aaa"))
	var reviewed queue.Delivery
	// More than one transaction's worth.
	for number := 2; number < 250; number++ {
		reviewed = f.deliver(pull(number, "aaa"))
	}
	f.ok(f.Retry(ctx, f.claim(), f.now().Add(365*day), "x"))
	for range 248 {
		f.ok(f.Finish(ctx, f.claim()))
	}
	f.ok(f.RecordVerdict(ctx, queue.Verdict{RepositoryID: 7, Number: 2, Head: "aaa"}))

	f.advance(7 * day)
	f.ok(f.Prune(ctx, f.now()))
	f.accept(reviewed, queue.Duplicate)

	f.advance(time.Millisecond)
	f.ok(f.Prune(ctx, f.now()))
	f.accept(waiting, queue.Queued) // forgotten: reviewed once more at worst
	f.counts(queue.Counts{Idle: 248, Queued: 1})

	f.advance(83 * day)
	f.ok(f.Prune(ctx, f.now()))
	f.counts(queue.Counts{Queued: 1, OldestReady: 83 * day})
	f.verdicts("aaa", queue.Verdict{RepositoryID: 7, Number: 2, Head: "aaa"})
	f.deliver(pull(2, "bbb"))
	f.claim()
	if l := f.claim(); l.Number != 2 || !l.Fresh || l.Attempt != 1 {
		t.Errorf("claimed %+v, want a fresh start for a forgotten pull request", l)
	}
}
