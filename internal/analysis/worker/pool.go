package worker

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
)

const (
	// startTimeout bounds the start of a worker: compiling all rules takes a
	// fraction of a second, and longer on a machine that is busy.
	startTimeout = 60 * time.Second
	// maxAttempts: a worker can die of what earlier files left behind, or by
	// the kernel's choice; a file that kills a fresh one too is to blame.
	maxAttempts = 2
)

// ErrClosed is what scans end with when their pool is closed.
var ErrClosed = errors.New("the pool of scan workers is closed")

// Pool runs jobs on a fixed number of worker processes. They start when they
// are first needed and stay. Who waits is served in the order of asking, so a
// caller that asks for at most Size at a time does not keep others waiting
// longer than its files in work. It is safe for concurrent use.
type Pool struct {
	options Options
	slots   chan *slot
	starts  chan startRequest
	closing context.Context
	close   context.CancelCauseFunc
	starter sync.WaitGroup
	once    sync.Once
}

// slot is the place of one worker; it is nil until needed and after it died.
type slot struct{ worker *child }

type startRequest struct {
	worker *child
	failed chan<- error
}

// NewPool returns a pool. Close it when it is no longer needed.
func NewPool(o Options) (*Pool, error) {
	switch {
	case len(o.Command) == 0:
		return nil, errors.New("no command for scan workers")
	case len(o.Key) == 0 || len(o.Key) > maxKeyBytes:
		return nil, fmt.Errorf("a fingerprint key of %d bytes; it must have between 1 and %d", len(o.Key), maxKeyBytes)
	case o.Version == "" || len(o.Version) > maxVersionBytes:
		return nil, fmt.Errorf("a version of the rules of %d bytes; it must have between 1 and %d", len(o.Version), maxVersionBytes)
	}
	o = o.withDefaults()
	p := &Pool{options: o, slots: make(chan *slot, o.Count), starts: make(chan startRequest)}
	p.closing, p.close = context.WithCancelCause(context.Background())
	for range o.Count {
		p.slots <- &slot{}
	}
	ready := make(chan error)
	p.starter.Go(func() { p.serveStarts(ready) })
	if err := <-ready; err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// Size returns how many files the pool scans at a time.
func (p *Pool) Size() int { return p.options.Count }

// serveStarts starts all workers from one thread that lives as long as the
// pool: the kernel kills a worker when the thread that started it ends, and the
// thread passes on that privileges cannot be gained. Since the goroutine ends
// without unlocking the thread, the thread ends with it.
func (p *Pool) serveStarts(ready chan<- error) {
	runtime.LockOSThread()
	ready <- forbidPrivileges()
	for request := range p.starts {
		request.failed <- request.worker.command.Start()
	}
}

// Close kills the workers and waits until nothing of the pool is left. Scans
// that run, and later ones, end with ErrClosed.
func (p *Pool) Close() {
	p.once.Do(func() {
		p.close(ErrClosed)
		for range p.options.Count {
			s := <-p.slots
			p.stop(s, ErrClosed)
		}
		close(p.starts)
		p.starter.Wait()
	})
}

// Scan has a worker judge one file. An error is never about the file: ctx ended
// (it is then the cause), the pool was closed, no worker can be started, or the
// file is over a bound that the caller has to keep.
func (p *Pool) Scan(ctx context.Context, f File) (Verdict, error) {
	if len(f.Path) > MaxPathBytes || len(f.Content) > MaxFileBytes {
		return Verdict{}, fmt.Errorf("a file of %d bytes with a path of %d is too large for a scan worker", len(f.Content), len(f.Path))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(p.closing, func() { cancel(ErrClosed) })()
	s, err := p.acquire(ctx)
	if err != nil {
		return Verdict{}, err
	}
	defer func() { p.slots <- s }()
	for attempt := 1; ; attempt++ {
		if err := p.ensure(ctx, s); err != nil {
			return Verdict{}, err
		}
		a, alive, err := s.worker.ask(ctx, p.options.FileTimeout, job{path: f.Path, content: f.Content, sample: f.Sample, facts: f.Facts})
		if alive {
			return p.verdictOf(a), nil
		}
		complaint := s.worker.complaints
		failure := p.stop(s, err)
		if ctx.Err() != nil {
			return Verdict{}, context.Cause(ctx)
		}
		if err == nil { // an answer in the last moment, or after a panic
			v := p.verdictOf(a)
			if a.Outcome == outcomePanicked {
				p.options.Logger.Error("the scanner panicked", "blob", f.Blob, "at", a.Where)
				v.Casualty = true
			}
			return v, nil
		}
		p.options.Logger.Warn("a scan worker failed", "blob", f.Blob, "attempt", attempt,
			"cause", failure.Error(), "stderr_bytes", complaint.bytes())
		if errors.Is(failure, errDeadline) || attempt == maxAttempts {
			return Verdict{NotScanned: p.blame(failure), Casualty: true}, nil
		}
	}
}

func (p *Pool) acquire(ctx context.Context) (*slot, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	select {
	case s := <-p.slots:
		return s, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// ensure starts the slot's worker unless it runs.
func (p *Pool) ensure(ctx context.Context, s *slot) error {
	if s.worker != nil {
		return nil
	}
	w, err := newChild(p.options.Command, p.options.MemoryBytes)
	if err != nil {
		return fmt.Errorf("start a scan worker: %w", err)
	}
	failed := make(chan error)
	p.starts <- startRequest{worker: w, failed: failed}
	if err := <-failed; err != nil {
		return fmt.Errorf("start a scan worker: %w", err)
	}
	s.worker = w
	if err := w.greet(ctx, startTimeout, hello{memory: p.options.MemoryBytes, key: p.options.Key}, p.options.Version); err != nil {
		failure := p.stop(s, err)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("start a scan worker: %w; its first words: %s", failure, w.complaints.firstLine())
	}
	return nil
}

// stop ends the slot's worker, if it has one, and returns why it failed.
func (p *Pool) stop(s *slot, err error) error {
	if s.worker == nil {
		return err
	}
	failure := s.worker.end(err)
	s.worker = nil
	return failure
}

// blame says in words for people what a file did to the worker.
func (p *Pool) blame(failure error) string {
	switch {
	case errors.Is(failure, errDeadline):
		return fmt.Sprintf("the scan took longer than %s", p.options.FileTimeout)
	case errors.Is(failure, errMemory):
		return "the scanner ran out of memory on it"
	case errors.Is(failure, errGarbage):
		return "the scanner gave no usable answer for it"
	}
	return "the scanner died on it"
}

func (p *Pool) verdictOf(a answer) Verdict {
	switch a.Outcome {
	case outcomeScanned:
		return Verdict{Findings: a.Findings}
	case outcomeFacts:
		return Verdict{Facts: a.Facts}
	case outcomeRefused:
		return Verdict{NotScanned: a.Reason, Refused: true}
	case outcomeOutOfScope:
		return Verdict{OutOfScope: a.Reason}
	case outcomeInScope:
		return Verdict{}
	case outcomeUndecodable:
		return Verdict{NotScanned: "its text encoding cannot be read"}
	case outcomeOverflow:
		return Verdict{NotScanned: fmt.Sprintf("it holds more than %d findings", maxFindingsPerFile)}
	}
	return Verdict{NotScanned: "the scanner failed on it"}
}
