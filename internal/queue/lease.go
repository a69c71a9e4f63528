package queue

import (
	"context"
	"errors"
	"time"
)

// held is a lease this process holds, and the means to end its review.
type held struct {
	Lease
	cancel context.CancelCauseFunc
	// nudge asks for a heartbeat before its time; it holds at most one.
	nudge chan struct{}
	// released is closed when the lease's last write was made.
	released chan struct{}
	// safeUntil is when the lease may have run out; only the keeper writes it,
	// and it is read after the keeper has ended.
	safeUntil time.Time
}

func (h *held) look() {
	select {
	case h.nudge <- struct{}{}:
	default:
	}
}

// hold enters a lease among the active ones. When an earlier lease of the same
// pull request ran out but its handler has not returned yet, hold also returns
// the channel that says when it has.
func (r *Runner) hold(h *held) (predecessor <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if earlier := r.active[h.Key]; earlier != nil {
		predecessor = earlier.released
	}
	r.active[h.Key] = h
	return predecessor
}

func (r *Runner) letGo(h *held) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.active[h.Key] == h {
		delete(r.active, h.Key)
	}
	close(h.released)
}

// keep prolongs a lease until done is closed, and cancels the review when the
// lease is lost or superseded.
//
// A nudge makes it look at once, but not before half a heartbeat has passed
// since the last look: a burst of pushes ends a review every few seconds, not
// with every push.
func (r *Runner) keep(h *held, done <-chan struct{}) {
	last := time.Now()
	due := last.Add(r.o.Heartbeat)
	for {
		timer := time.NewTimer(time.Until(due))
		select {
		case <-done:
			timer.Stop()
			return
		case <-h.nudge:
			timer.Stop()
			if soonest := last.Add(r.o.Heartbeat / 2); soonest.Before(due) {
				due = soonest
			}
			continue
		case <-timer.C:
		}
		last = time.Now()
		superseded, err := r.heartbeat(h)
		switch {
		case errors.Is(err, ErrLeaseLost):
			h.cancel(ErrLeaseLost)
			return
		case err != nil:
			r.o.Logger.Error("prolonging a lease", append(attributes(h.Lease), "error", err)...)
			if !time.Now().Before(h.safeUntil) {
				h.cancel(ErrLeaseLost)
				return
			}
			due = minTime(last.Add(r.o.Heartbeat/5), h.safeUntil)
			continue
		case superseded:
			h.cancel(ErrSuperseded)
		}
		h.safeUntil = last.Add(r.o.Lease)
		due = last.Add(r.o.Heartbeat)
	}
}

func (r *Runner) heartbeat(h *held) (superseded bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), min(storeTimeout, r.o.Lease/3))
	defer cancel()
	return r.store.Heartbeat(ctx, h.Lease, r.o.Now(), r.o.Lease)
}

func minTime(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// attributes name a lease in the log.
func attributes(l Lease) []any {
	return []any{
		"installation", l.InstallationID, "repository", l.Repository, "pull_request", l.Number,
		"run", l.Run, "attempt", l.Attempt,
	}
}
