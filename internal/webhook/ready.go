package webhook

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// readyFor is how long an answer about readiness is good for: the address
	// is public, and each check writes to the database.
	readyFor = time.Second
	// readyTimeout bounds one check.
	readyTimeout = 3 * time.Second
)

// readiness asks at most once a second whether deliveries can be taken.
type readiness struct {
	check func(ctx context.Context) error
	log   *slog.Logger

	mu    sync.Mutex
	asked time.Time
	err   error
}

func (r *readiness) now(ctx context.Context) bool {
	if r.check == nil {
		return true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.asked.IsZero() && time.Since(r.asked) < readyFor {
		return r.err == nil
	}
	// The answer is for everybody who asks within the second, so it does not
	// hang on the one who asked first.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	r.err = r.check(ctx)
	r.asked = time.Now()
	if r.err != nil {
		r.log.Warn("not ready", "error", r.err)
	}
	return r.err == nil
}
