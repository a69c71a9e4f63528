package queue

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"
)

// lastWordsInterruptions is how many interruptions beyond MaxInterruptions may be
// spent on last words. Saying them may be what kills the process: then they stay
// unsaid.
const lastWordsInterruptions = 2

// lastWordsAttempts is how many attempts beyond MaxAttempts are made while last
// words cannot be said. A check run that is left in progress blocks its pull
// request without a word, and what keeps it from being ended is most often an
// outage that the review itself would have survived: with the default backoff
// this is a day.
const lastWordsAttempts = 96

// errNoAnswer is why a row is given up on that ends its process time and again.
var errNoAnswer = errors.New("the earlier attempts ended without an answer: the process died or stalled")

// ending is what becomes of a lease.
type ending struct {
	outcome string
	reason  error
	// at is when a retried or snoozed row is ready again.
	at time.Time
}

// serve carries one lease from its claim to its last write.
func (r *Runner) serve(reviews context.Context, l Lease) {
	started := time.Now()
	r.o.Observer.Claimed()
	ctx, cancel := context.WithCancelCause(reviews)
	defer cancel(nil)
	h := &held{
		Lease: l, cancel: cancel, nudge: make(chan struct{}, 1),
		released: make(chan struct{}), safeUntil: started.Add(r.o.Lease),
	}
	predecessor := r.hold(h)
	defer r.letGo(h)
	stop, kept := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(kept)
		r.keep(h, stop)
	}()

	err := r.attempt(ctx, l, predecessor)
	end := r.judge(ctx, l, err)
	if end.outcome == EndedBuried {
		end = r.giveUp(ctx, h, end)
	}

	// The last write comes after the last heartbeat, so that neither takes the
	// other for a lost lease.
	close(stop)
	<-kept
	end = r.write(h, end)
	took := time.Since(started)
	r.report(l, end, took)
	r.o.Observer.Ended(end.outcome, took)
}

// attempt calls the handler, once the handler of an earlier lease of the same
// pull request has returned.
func (r *Runner) attempt(ctx context.Context, l Lease, predecessor <-chan struct{}) error {
	if predecessor != nil {
		// It was cancelled when its lease was lost. Not even a cancelled lease
		// gives way before it has returned: a third one waits for this one.
		<-predecessor
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if l.Interruptions >= r.o.MaxInterruptions {
		return fmt.Errorf("%w: %w", ErrPermanent, errNoAnswer)
	}
	return r.guard(l, func() error { return r.handler.Review(ctx, l) })
}

// guard turns a panic into an error. What the panic says may quote what was
// being reviewed, so only the runtime's own words are kept, and the stack goes
// to the log.
func (r *Runner) guard(l Lease, call func() error) (err error) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		err = fmt.Errorf("panic of type %T", value)
		if runtimeError, ok := value.(runtime.Error); ok {
			err = fmt.Errorf("panic: %w", runtimeError)
		}
		r.o.Logger.Error("a review panicked", append(attributes(l), "error", err, "stack", string(debug.Stack()))...)
	}()
	return call()
}

// judge decides what an attempt's error means for its row.
func (r *Runner) judge(ctx context.Context, l Lease, err error) ending {
	cause := context.Cause(ctx)
	if errors.Is(cause, ErrLeaseLost) {
		return ending{outcome: EndedLost, reason: cause}
	}
	var snooze *SnoozeError
	switch {
	case errors.As(err, &snooze):
		return ending{outcome: EndedSnoozed, reason: err, at: snooze.Until}
	case err == nil:
		return ending{outcome: EndedFinished}
	case errors.Is(cause, ErrSuperseded):
		return ending{outcome: EndedSuperseded, reason: err}
	case errors.Is(cause, ErrDraining):
		return ending{outcome: EndedReleased, reason: err}
	case errors.Is(err, ErrPermanent), l.Attempt >= r.o.MaxAttempts:
		return ending{outcome: EndedBuried, reason: err}
	}
	return ending{outcome: EndedRetried, reason: err, at: r.o.Now().Add(r.o.Backoff(l.Attempt))}
}

// giveUp lets the handler say that nobody will try again, unless somebody asked
// for another review meanwhile. While that cannot be said, it is not so.
func (r *Runner) giveUp(ctx context.Context, h *held, end ending) ending {
	words, ok := r.handler.(LastWords)
	if !ok || h.Interruptions >= r.o.MaxInterruptions+lastWordsInterruptions {
		return end
	}
	if superseded, err := r.heartbeat(h); err == nil && superseded {
		return ending{outcome: EndedSuperseded, reason: end.reason}
	}
	err := r.guard(h.Lease, func() error { return words.GaveUp(ctx, h.Lease, end.reason) })
	if err == nil {
		return end
	}
	if ctx.Err() != nil {
		return r.judge(ctx, h.Lease, err)
	}
	r.o.Logger.Error("saying that a review was given up", append(attributes(h.Lease), "error", err)...)
	var snooze *SnoozeError
	switch {
	case errors.As(err, &snooze):
		return ending{outcome: EndedSnoozed, reason: err, at: snooze.Until}
	case h.Attempt < r.o.MaxAttempts+lastWordsAttempts:
		return ending{outcome: EndedRetried, reason: end.reason, at: r.o.Now().Add(r.o.Backoff(h.Attempt))}
	}
	return end
}

// writeAgain are the waits between tries of a lease's last write. A review that
// was published and not finished costs another one, so it is worth some.
var writeAgain = [...]time.Duration{50 * time.Millisecond, 250 * time.Millisecond, time.Second, 3 * time.Second}

// write makes the lease's last write, and tries again while the lease holds.
func (r *Runner) write(h *held, end ending) ending {
	if end.outcome == EndedLost {
		return end
	}
	for i := 0; ; i++ {
		err := r.writeOnce(h.Lease, end)
		switch {
		case err == nil:
			return end
		case errors.Is(err, ErrLeaseLost):
			return ending{outcome: EndedLost, reason: err}
		}
		r.o.Logger.Error("ending a lease", append(attributes(h.Lease), "outcome", end.outcome, "error", err)...)
		if i == len(writeAgain) || time.Now().Add(writeAgain[i]).After(h.safeUntil) {
			return ending{outcome: EndedLost, reason: err}
		}
		time.Sleep(writeAgain[i])
	}
}

func (r *Runner) writeOnce(l Lease, end ending) error {
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	switch end.outcome {
	case EndedReleased:
		return r.store.Release(ctx, l)
	case EndedSnoozed:
		return r.store.Snooze(ctx, l, end.at, end.reason.Error())
	case EndedRetried:
		return r.store.Retry(ctx, l, end.at, end.reason.Error())
	case EndedBuried:
		return r.store.Bury(ctx, l, end.reason.Error())
	}
	return r.store.Finish(ctx, l)
}

// report logs how a lease ended, and lets the claimer look again: the row may
// be wanted anew.
func (r *Runner) report(l Lease, end ending, took time.Duration) {
	words := append(attributes(l), "outcome", end.outcome, "took", took)
	if end.reason != nil {
		words = append(words, "reason", end.reason.Error())
	}
	if !end.at.IsZero() {
		words = append(words, "until", end.at.UTC())
	}
	switch end.outcome {
	case EndedBuried:
		r.o.Logger.Error("review ended", words...)
	case EndedRetried, EndedSnoozed, EndedLost:
		r.o.Logger.Warn("review ended", words...)
	default:
		r.o.Logger.Info("review ended", words...)
	}
	if end.outcome == EndedFinished || end.outcome == EndedSuperseded || end.outcome == EndedReleased {
		select {
		case r.wake <- struct{}{}:
		default:
		}
	}
}
