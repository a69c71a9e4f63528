package queue

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"
)

// Observer is told what the runner does, for metrics. Its methods are called
// from several goroutines and return at once.
type Observer interface {
	// Claimed is called for every lease the runner got.
	Claimed()
	// Ended is called once for each of them: one of the Ended… words, and the
	// time since the claim.
	Ended(outcome string, took time.Duration)
}

// How a lease ended, as an Observer hears it.
const (
	EndedFinished   = "finished"
	EndedSuperseded = "superseded"
	EndedRetried    = "retried"
	EndedSnoozed    = "snoozed"
	EndedBuried     = "buried"
	EndedReleased   = "released"
	EndedLost       = "lost"
)

// Options configure a Runner. Every zero value means its default.
type Options struct {
	// Workers is the number of reviews at a time (4).
	Workers int
	// Lease is how long a claim lasts without a heartbeat (30 s): the time
	// after which the work of a dead process is taken over.
	Lease time.Duration
	// Heartbeat is the time between two prolongations of a lease (10 s).
	Heartbeat time.Duration
	// Poll is how often an idle queue is looked at without being woken (1 s):
	// it bounds how late a retry starts.
	Poll time.Duration
	// DrainTimeout is how long running reviews may go on once Run was told to
	// stop (20 s).
	DrainTimeout time.Duration
	// MaxAttempts is the number of tries of one generation (8).
	MaxAttempts int
	// MaxInterruptions is how often the process may die or stall during one
	// generation before it is held responsible (30). Deploys and other reviews
	// end a process too, so this is many.
	MaxInterruptions int
	// Backoff is the wait after the given failed attempt, which is 1 for the
	// first (5 s doubled up to 15 min, give or take a fifth).
	Backoff func(attempt int) time.Duration
	// Now is the clock that run times and leases are written by (time.Now).
	Now    func() time.Time
	Logger *slog.Logger
	// Observer may be nil.
	Observer Observer
	// Owner names this process in the rows it holds (host and process id).
	Owner string
}

// Bounds of the default backoff: short enough that a hiccup costs seconds, long
// enough that an outage of an hour does not use up every attempt in a minute.
const (
	firstBackoff   = 5 * time.Second
	longestBackoff = 15 * time.Minute
)

// exponential is the default backoff. The spread keeps rows that failed
// together from failing together again.
func exponential(attempt int) time.Duration {
	wait := longestBackoff
	// Beyond 2^8 the cap holds anyway; the shift must not overflow.
	if n := max(attempt, 1) - 1; n < 8 {
		wait = min(firstBackoff<<n, longestBackoff)
	}
	return time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
}

func (o Options) withDefaults() Options {
	o.Workers = positive(o.Workers, 4)
	o.Lease = positive(o.Lease, 30*time.Second)
	o.Heartbeat = positive(o.Heartbeat, 10*time.Second)
	o.Poll = positive(o.Poll, time.Second)
	o.DrainTimeout = positive(o.DrainTimeout, 20*time.Second)
	o.MaxAttempts = positive(o.MaxAttempts, 8)
	o.MaxInterruptions = positive(o.MaxInterruptions, 30)
	if o.Backoff == nil {
		o.Backoff = exponential
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Observer == nil {
		o.Observer = silent{}
	}
	if o.Owner == "" {
		host, err := os.Hostname()
		if err != nil {
			host = "unnamed-host"
		}
		o.Owner = fmt.Sprintf("%s/%d", host, os.Getpid())
	}
	return o
}

func positive[T int | time.Duration](value, otherwise T) T {
	if value > 0 {
		return value
	}
	return otherwise
}

// silent is the Observer of those who do not want one.
type silent struct{}

func (silent) Claimed()                    {}
func (silent) Ended(string, time.Duration) {}
