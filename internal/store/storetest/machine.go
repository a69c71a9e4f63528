package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/lintel-bot/lintel/internal/queue"
)

// testModel does the same things, drawn at random, to a store and to the model,
// and compares every answer.
func testModel(t *testing.T, f *fixture) {
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{fixture: newFixture(t, f.open), runs: map[string]string{}}
		m.model = NewModel(m.now)
		rt.Cleanup(func() { m.ok(m.Close()) })
		rt.Repeat(map[string]func(*rapid.T){
			"accept":   m.accept,
			"enqueue":  m.enqueue,
			"claim":    m.claim,
			"end":      m.end,
			"end more": m.end, // twice as likely as the rest
			"beat":     m.beat,
			"expire":   m.expire,
			"wait":     m.wait,
			"":         m.compareCounts,
		})
	})
}

type machine struct {
	*fixture
	model *Model
	// leases are all that were ever claimed, as the store and as the model
	// gave them: old ones are used too.
	leases []pair
	// runs maps the model's names of runs to the store's.
	runs map[string]string
}

type pair struct{ store, model queue.Lease }

func (m *machine) drawWant(rt *rapid.T) (int64, queue.Want) {
	return rapid.Int64Range(1, 3).Draw(rt, "installation"), queue.Want{
		Key: queue.Key{
			RepositoryID: rapid.Int64Range(1, 2).Draw(rt, "repository"),
			Number:       rapid.IntRange(1, 2).Draw(rt, "number"),
		},
		Repository: rapid.SampledFrom([]string{"a/b", "c/d"}).Draw(rt, "name"),
		Head:       rapid.SampledFrom([]string{"h1", "h2", "h3"}).Draw(rt, "head"),
		Closed:     rapid.Bool().Draw(rt, "closed"),
	}
}

func (m *machine) accept(rt *rapid.T) {
	id, want := m.drawWant(rt)
	d := queue.Delivery{
		GUID:  fmt.Sprint("guid-", rapid.IntRange(1, 30).Draw(rt, "guid")),
		Event: "pull_request", InstallationID: id, ReceivedAt: m.now(),
	}
	if rapid.IntRange(0, 4).Draw(rt, "asks for work") > 0 {
		d.Want = &want
	} else {
		d.Restored = rapid.Bool().Draw(rt, "restored")
	}
	got, err := m.Accept(m.t.Context(), d)
	wanted, _ := m.model.Accept(m.t.Context(), d)
	if err != nil || got != wanted {
		rt.Fatalf("accept: outcome %d, error %v, want outcome %d", got, err, wanted)
	}
}

func (m *machine) enqueue(rt *rapid.T) {
	id, want := m.drawWant(rt)
	if err := m.Enqueue(m.t.Context(), id, want); err != nil {
		rt.Fatal(err)
	}
	_ = m.model.Enqueue(m.t.Context(), id, want)
}

func (m *machine) claim(rt *rapid.T) {
	got, err := m.Claim(m.t.Context(), "test", m.now(), leaseTime)
	if err != nil {
		rt.Fatal(err)
	}
	want, _ := m.model.Claim(m.t.Context(), "test", m.now(), leaseTime)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(queue.Lease{}, "Run")); diff != "" {
		rt.Fatalf("claim (-want +got):\n%s", diff)
	}
	if want == nil {
		return
	}
	if known, found := m.runs[want.Run]; found && known != got.Run {
		rt.Fatalf("claim: run %s, want %s", got.Run, known)
	}
	m.runs[want.Run] = got.Run
	m.leases = append(m.leases, pair{*got, *want})
}

// draw returns a lease, one of the newest three more often than not.
func (m *machine) draw(rt *rapid.T) pair {
	if len(m.leases) == 0 {
		rt.Skip("nothing was claimed yet")
	}
	back := rapid.IntRange(1, min(len(m.leases), 3)).Draw(rt, "back")
	if rapid.IntRange(0, 5).Draw(rt, "old") == 0 {
		back = rapid.IntRange(1, len(m.leases)).Draw(rt, "back")
	}
	return m.leases[len(m.leases)-back]
}

func (m *machine) end(rt *rapid.T) {
	l := m.draw(rt)
	ctx := m.t.Context()
	at := m.now().Add(time.Duration(rapid.IntRange(0, 90).Draw(rt, "seconds")) * time.Second)
	ends := map[string]func(queue.Store, queue.Lease) error{
		"finish":  func(s queue.Store, l queue.Lease) error { return s.Finish(ctx, l) },
		"release": func(s queue.Store, l queue.Lease) error { return s.Release(ctx, l) },
		"retry":   func(s queue.Store, l queue.Lease) error { return s.Retry(ctx, l, at, "x") },
		"snooze":  func(s queue.Store, l queue.Lease) error { return s.Snooze(ctx, l, at, "x") },
		"bury":    func(s queue.Store, l queue.Lease) error { return s.Bury(ctx, l, "x") },
	}
	name := rapid.SampledFrom([]string{"finish", "release", "retry", "snooze", "bury"}).Draw(rt, "how")
	same(rt, name, ends[name](m.Store, l.store), ends[name](m.model, l.model))
}

func (m *machine) beat(rt *rapid.T) {
	l := m.draw(rt)
	got, err := m.Heartbeat(m.t.Context(), l.store, m.now(), leaseTime)
	want, wantErr := m.model.Heartbeat(m.t.Context(), l.model, m.now(), leaseTime)
	same(rt, "heartbeat", err, wantErr)
	if got != want {
		rt.Fatalf("heartbeat: superseded %t, want %t", got, want)
	}
}

func (m *machine) expire(rt *rapid.T) {
	got, err := m.ReleaseExpired(m.t.Context(), m.now())
	want, _ := m.model.ReleaseExpired(m.t.Context(), m.now())
	if err != nil || got != want {
		rt.Fatalf("release expired: %d, error %v, want %d", got, err, want)
	}
}

func (m *machine) wait(rt *rapid.T) {
	m.advance(time.Duration(rapid.IntRange(0, 60_000).Draw(rt, "ms")) * time.Millisecond)
}

func (m *machine) compareCounts(rt *rapid.T) {
	got, err := m.Counts(m.t.Context(), m.now())
	if err != nil {
		rt.Fatal(err)
	}
	want, _ := m.model.Counts(m.t.Context(), m.now())
	if diff := cmp.Diff(want, got); diff != "" {
		rt.Fatalf("counts (-want +got):\n%s", diff)
	}
}

// same compares two errors: none, a lost lease, or anything else.
func same(rt *rapid.T, what string, got, want error) {
	switch {
	case got == nil && want == nil:
	case errors.Is(got, queue.ErrLeaseLost) && errors.Is(want, queue.ErrLeaseLost):
	default:
		rt.Fatalf("%s: %v, want %v", what, got, want)
	}
}
