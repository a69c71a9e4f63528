package queue

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// Bounds of the runner's own doings.
const (
	// storeTimeout bounds one call of the store, so that a hung database shows
	// as an error instead of as silence.
	storeTimeout = 10 * time.Second
	// stopGrace is what handlers get to return after they were cancelled at
	// the end of a drain. With the default DrainTimeout it leaves a supervisor
	// that kills after 30 s no reason to.
	stopGrace = 5 * time.Second
	// longestClaimPause caps the wait between claims while the store fails.
	longestClaimPause = 30 * time.Second
)

// Runner claims pull requests from a store and has a handler review them. At
// most one review of a pull request runs at a time in this process, and by its
// lease in all of them.
type Runner struct {
	store   Store
	handler Handler
	o       Options
	wake    chan struct{}

	mu     sync.Mutex
	active map[Key]*held
	wg     sync.WaitGroup
}

// NewRunner returns a Runner that does nothing before Run.
func NewRunner(s Store, h Handler, o Options) *Runner {
	return &Runner{
		store: s, handler: h, o: o.withDefaults(),
		wake:   make(chan struct{}, 1),
		active: make(map[Key]*held),
	}
}

// Wake tells the runner that something was put into the store: an idle queue
// claims at once, and running reviews look whether they are superseded. It
// never blocks.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, h := range r.active {
		h.look()
	}
}

// Run claims and reviews until ctx is done. Then it claims nothing more, lets
// running reviews end within DrainTimeout, cancels those that have not
// (ErrDraining) and gives their leases back. An error means that a handler did
// not return after that: its lease runs out by itself.
func (r *Runner) Run(ctx context.Context) error {
	reviews, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	var chores sync.WaitGroup
	chores.Go(func() { r.sweep(ctx) })
	r.claim(ctx, reviews)
	err := r.drain(cancel)
	chores.Wait()
	return err
}

// claim starts one review for every lease it gets, Workers at a time.
func (r *Runner) claim(ctx, reviews context.Context) {
	slots := make(chan struct{}, r.o.Workers)
	failures := 0
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		if ctx.Err() != nil {
			return
		}
		lease, err := r.claimOne(ctx)
		if lease != nil {
			failures = 0
			r.wg.Go(func() {
				defer func() { <-slots }()
				r.serve(reviews, *lease)
			})
			continue
		}
		<-slots
		pause := r.o.Poll
		if err != nil {
			failures++
			pause = min(r.o.Poll<<min(failures, 10), longestClaimPause)
			r.o.Logger.Error("claiming a pull request", "error", err, "failures", failures)
		} else {
			failures = 0
		}
		r.pause(ctx, pause, failures == 0)
	}
}

// claimOne is not cancelled by a shutdown: a claim whose answer nobody waits
// for would hold its row until the lease runs out.
func (r *Runner) claimOne(ctx context.Context) (*Lease, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	return r.store.Claim(ctx, r.o.Owner, r.o.Now(), r.o.Lease)
}

// pause waits until there may be something to claim. While the store fails, a
// wake-up does not shorten the wait.
func (r *Runner) pause(ctx context.Context, d time.Duration, wakeable bool) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	wake := r.wake
	if !wakeable {
		wake = nil
	}
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-wake:
	}
}

// drain waits for the running reviews.
func (r *Runner) drain(cancel context.CancelCauseFunc) error {
	done := make(chan struct{})
	go func() {
		r.wg.Wait()
		close(done)
	}()
	if returned(done, r.o.DrainTimeout) {
		return nil
	}
	cancel(ErrDraining)
	if returned(done, stopGrace) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return fmt.Errorf("stop: %d reviews did not return %v after they were cancelled", len(r.active), stopGrace)
}

func returned(done <-chan struct{}, within time.Duration) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// sweep queues rows whose lease ran out. After a jump of the clock, or a time in
// which the process stood still, all leases look that old: then the heartbeats
// of those that are alive go first.
func (r *Runner) sweep(ctx context.Context) {
	ticker := time.NewTicker(r.o.Heartbeat)
	defer ticker.Stop()
	last := r.o.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		// Without its monotonic reading, a time follows the jumps of the clock.
		now := r.o.Now().Round(0)
		late := now.Sub(last.Round(0)) > 2*r.o.Heartbeat
		last = now
		if !late {
			r.releaseExpired(ctx)
		}
	}
}

func (r *Runner) releaseExpired(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	n, err := r.store.ReleaseExpired(ctx, r.o.Now())
	switch {
	case err != nil && ctx.Err() == nil:
		r.o.Logger.Error("releasing expired leases", "error", err)
	case n > 0:
		r.o.Logger.Warn("leases expired and were released", "rows", n)
		r.Wake()
	}
}
