package storetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/lintel-bot/lintel/internal/queue"
)

// Model is the queue in a few maps: what a store must do, without a database.
// The conformance suite compares stores with it, and the runner's tests use it
// where time must be theirs.
type Model struct {
	mu            sync.Mutex
	now           func() time.Time
	deliveries    map[string]bool
	work          map[queue.Key]*row
	installations map[int64]*installation
	claims, runs  int
}

type row struct {
	lease    queue.Lease // as of the newest claim, with its key
	want     queue.Want
	owner    int64 // the installation
	wanted   int64
	state    string
	runAt    time.Time
	until    time.Time
	attempts int
	// interruptions are tries whose lease ran out.
	interruptions int
	fence         int64
}

type installation struct {
	lastClaim int
	blocked   time.Time
}

var _ queue.Store = (*Model)(nil)

// NewModel returns an empty queue.
func NewModel(now func() time.Time) *Model {
	return &Model{
		now: now, deliveries: map[string]bool{}, work: map[queue.Key]*row{},
		installations: map[int64]*installation{},
	}
}

// Accept is queue.Store's.
func (m *Model) Accept(_ context.Context, d queue.Delivery) (queue.Outcome, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := m.deliveries[d.GUID]
	m.deliveries[d.GUID] = true
	revived := false
	for key, r := range m.work {
		asked := d.Restored && r.owner == d.InstallationID || seen && d.Want != nil && d.Want.Key == key
		if asked && r.state == "dead" {
			r.wanted++
			r.state, r.attempts, r.interruptions, r.runAt = "queued", 0, 0, m.now()
			revived = true
		}
	}
	switch {
	case revived:
		return queue.Revived, nil
	case seen:
		return queue.Duplicate, nil
	case d.Want == nil:
		return queue.Recorded, nil
	}
	m.want(d.InstallationID, *d.Want)
	return queue.Queued, nil
}

// Enqueue is queue.Store's.
func (m *Model) Enqueue(_ context.Context, installation int64, w queue.Want) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.want(installation, w)
	return nil
}

func (m *Model) want(id int64, w queue.Want) {
	if m.installations[id] == nil {
		m.installations[id] = &installation{}
	}
	r := m.work[w.Key]
	if r == nil {
		r = &row{state: "idle"}
		m.work[w.Key] = r
	}
	r.want, r.owner, r.attempts, r.interruptions = w, id, 0, 0
	r.wanted++
	if r.state != "queued" || r.runAt.After(m.now()) {
		r.runAt = m.now()
	}
	if r.state != "running" {
		r.state = "queued"
	}
}

// Claim is queue.Store's.
func (m *Model) Claim(_ context.Context, _ string, now time.Time, lease time.Duration) (*queue.Lease, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var best *row
	for _, r := range m.work {
		i := m.installations[r.owner]
		if r.state != "queued" || r.runAt.After(now) || i.blocked.After(now) {
			continue
		}
		if best == nil || m.before(r, best) {
			best = r
		}
	}
	if best == nil {
		return nil, nil
	}
	m.claims++
	m.installations[best.owner].lastClaim = m.claims
	best.fence++
	best.state, best.until = "running", now.Add(lease)
	l := queue.Lease{
		Key: best.want.Key, InstallationID: best.owner, Repository: best.want.Repository, Head: best.want.Head,
		Closed: best.want.Closed, Wanted: best.wanted, Fence: best.fence, Attempt: best.attempts + 1,
		Interruptions: best.interruptions,
		Run:           best.lease.Run,
	}
	if best.lease.Wanted != best.wanted {
		m.runs++
		l.Run, l.Fresh = fmt.Sprintf("run-%d", m.runs), true
	}
	best.lease = l
	return &l, nil
}

// before orders ready rows: the installation served longest ago, its oldest
// row.
func (m *Model) before(a, b *row) bool {
	return cmp.Or(
		cmp.Compare(m.installations[a.owner].lastClaim, m.installations[b.owner].lastClaim),
		cmp.Compare(a.owner, b.owner),
		a.runAt.Compare(b.runAt),
		cmp.Compare(a.want.RepositoryID, b.want.RepositoryID),
		cmp.Compare(a.want.Number, b.want.Number),
	) < 0
}

// held returns the row of a lease that is still good.
func (m *Model) held(l queue.Lease) (*row, error) {
	r := m.work[l.Key]
	if r == nil || r.state != "running" || r.fence != l.Fence {
		return nil, queue.ErrLeaseLost
	}
	return r, nil
}

// Heartbeat is queue.Store's.
func (m *Model) Heartbeat(_ context.Context, l queue.Lease, now time.Time, lease time.Duration) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, err := m.held(l)
	if err != nil {
		return false, err
	}
	r.until = now.Add(lease)
	return r.wanted > l.Wanted, nil
}

// end applies change to the row of a lease that is still good. The row is
// queued, unless change says otherwise and nothing newer is wanted.
func (m *Model) end(l queue.Lease, change func(r *row, superseded bool)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, err := m.held(l)
	if err != nil {
		return err
	}
	r.state = "queued"
	change(r, r.wanted > l.Wanted)
	return nil
}

// Finish is queue.Store's.
func (m *Model) Finish(_ context.Context, l queue.Lease) error {
	return m.end(l, func(r *row, superseded bool) {
		r.attempts, r.interruptions = 0, 0
		if !superseded {
			r.state = "idle"
		}
	})
}

// Release is queue.Store's.
func (m *Model) Release(_ context.Context, l queue.Lease) error {
	return m.end(l, func(*row, bool) {})
}

// Retry is queue.Store's.
func (m *Model) Retry(_ context.Context, l queue.Lease, at time.Time, _ string) error {
	return m.end(l, func(r *row, superseded bool) {
		if !superseded {
			r.attempts++
			r.runAt = at
		}
	})
}

// Snooze is queue.Store's.
func (m *Model) Snooze(_ context.Context, l queue.Lease, until time.Time, _ string) error {
	return m.end(l, func(r *row, _ bool) {
		r.runAt = until
		if i := m.installations[l.InstallationID]; until.After(i.blocked) {
			i.blocked = until
		}
	})
}

// Bury is queue.Store's.
func (m *Model) Bury(_ context.Context, l queue.Lease, _ string) error {
	return m.end(l, func(r *row, superseded bool) {
		if !superseded {
			r.state = "dead"
		}
	})
}

// ReleaseExpired is queue.Store's.
func (m *Model) ReleaseExpired(_ context.Context, now time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, r := range m.work {
		if r.state != "running" || r.until.After(now) {
			continue
		}
		n++
		r.state, r.runAt = "queued", now
		if r.wanted != r.lease.Wanted {
			continue
		}
		if r.interruptions >= 3 {
			r.runAt = now.Add(15 * time.Second)
		}
		r.interruptions++
	}
	return n, nil
}

// Counts is queue.Store's.
func (m *Model) Counts(_ context.Context, now time.Time) (c queue.Counts, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ready []time.Time
	for _, r := range m.work {
		switch r.state {
		case "idle":
			c.Idle++
		case "running":
			c.Running++
		case "dead":
			c.Dead++
		case "queued":
			c.Queued++
			if !r.runAt.After(now) && !m.installations[r.owner].blocked.After(now) {
				ready = append(ready, r.runAt)
			}
		}
	}
	if len(ready) > 0 {
		c.OldestReady = now.Sub(slices.MinFunc(ready, time.Time.Compare))
	}
	return c, nil
}
