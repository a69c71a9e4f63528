package gh

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// How long to wait when GitHub says so without saying how long: a minute, then
// longer each time it happens again
// (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit).
const (
	unstatedWait    = time.Minute
	maxUnstatedWait = 16 * time.Minute
	// maxWait caps what is believed: the primary limit's window is an hour, and
	// a wrong clock on either side must not silence an installation for a day.
	maxWait = 65 * time.Minute
)

// rateLimit returns the limit that an answer speaks of, or nil.
func rateLimit(resp *http.Response, body errorBody, details []string, now time.Time) *RateLimitError {
	text := strings.ToLower(body.Message + " " + body.DocumentationURL + " " + strings.Join(details, " "))
	secondary := strings.Contains(text, "secondary") || strings.Contains(text, "abuse")
	_, stated := retryAfter(resp, now)
	switch resp.StatusCode {
	case http.StatusTooManyRequests:
	case http.StatusForbidden:
		if !stated && !spent(resp) && !secondary && !strings.Contains(text, "rate limit") {
			return nil
		}
	case http.StatusUnprocessableEntity:
		// Content created too fast can be refused as invalid.
		if !strings.Contains(text, "submitted too quickly") {
			return nil
		}
		secondary = true
	default:
		return nil
	}
	return limitFrom(resp, secondary, now)
}

func spent(resp *http.Response) bool { return resp.Header.Get("X-RateLimit-Remaining") == "0" }

// limitFrom reads how long a limit lasts, in GitHub's order: Retry-After, then
// the reset when nothing remains, then a minute. The reset alone says nothing:
// it is in every answer, and belongs to the other limit.
func limitFrom(resp *http.Response, secondary bool, now time.Time) *RateLimitError {
	limit := &RateLimitError{Secondary: secondary || !spent(resp)}
	wait, stated := retryAfter(resp, now)
	reset, hasReset := resetTime(resp)
	switch {
	case stated:
		limit.Until = now.Add(min(max(wait, time.Second), maxWait))
	case spent(resp) && hasReset:
		limit.Until = boundedReset(reset, now)
	default:
		limit.Until, limit.unstated = now.Add(unstatedWait), true
	}
	if !limit.Secondary {
		limit.resource = resourceOf(resp)
	}
	return limit
}

// retryAfter reads the header in either of its two forms (RFC 9110, 10.2.3).
func retryAfter(resp *http.Response, now time.Time) (time.Duration, bool) {
	value := strings.TrimSpace(resp.Header.Get("Retry-After"))
	if seconds, err := strconv.Atoi(value); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, int(maxWait/time.Second))) * time.Second, true
	}
	if at, err := http.ParseTime(value); err == nil {
		return at.Sub(now), true
	}
	return 0, false
}

func resetTime(resp *http.Response) (time.Time, bool) {
	seconds, err := strconv.ParseInt(resp.Header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}, false
	}
	return time.Unix(seconds, 0), true
}

// boundedReset is reset, unless the clocks disagree: a reset that is over means
// a minute's wait and not a request a second.
func boundedReset(reset, now time.Time) time.Time {
	if !reset.After(now) {
		return now.Add(unstatedWait)
	}
	if latest := now.Add(maxWait); reset.After(latest) {
		return latest
	}
	return reset
}

// resourceOf names the limit that a request counted against: GraphQL has one
// of its own.
func resourceOf(resp *http.Response) string {
	if name := resp.Header.Get("X-RateLimit-Resource"); name != "" {
		return name
	}
	return resourceFor(resp.Request)
}

func resourceFor(req *http.Request) string {
	if strings.HasSuffix(req.URL.Path, "/graphql") {
		return "graphql"
	}
	return "core"
}

// limits is what is known of one installation's rate limits, or of the app's
// own. Nothing is sent before a limit is over, and writes go out one after the
// other. There is no pause between them: a review is at most three writes.
type limits struct {
	now func() time.Time
	// writing holds one value while a write is under way.
	writing chan struct{}

	mu      sync.Mutex
	blocked map[string]RateLimitError
	// strikes counts secondary limits in a row that did not say how long.
	strikes int
}

func newLimits(now func() time.Time) *limits {
	return &limits{now: now, writing: make(chan struct{}, 1), blocked: map[string]RateLimitError{}}
}

// check returns the limit that forbids a request now.
func (l *limits) check(resource string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, name := range []string{"", resource} {
		if limit, ok := l.blocked[name]; ok {
			if l.now().Before(limit.Until) {
				return &limit
			}
			delete(l.blocked, name)
		}
	}
	return nil
}

// hit records a limit that an answer spoke of.
func (l *limits) hit(limit *RateLimitError) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if limit.unstated {
		limit.Until = l.now().Add(min(unstatedWait<<min(l.strikes, 8), maxUnstatedWait))
		l.strikes++
	}
	if known, ok := l.blocked[limit.resource]; !ok || known.Until.Before(limit.Until) {
		l.blocked[limit.resource] = *limit
	}
}

// seen takes a success into account: when it used up the last request of the
// hour, the next one waits without being refused first.
func (l *limits) seen(resp *http.Response) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.strikes = 0
	reset, ok := resetTime(resp)
	if !ok || !spent(resp) || !reset.After(l.now()) {
		return
	}
	name := resourceOf(resp)
	l.blocked[name] = RateLimitError{Until: boundedReset(reset, l.now()), resource: name}
}

// limiter applies limits to the requests that pass through it.
type limiter struct {
	limits *limits
	next   http.RoundTripper
}

func (t *limiter) RoundTrip(req *http.Request) (*http.Response, error) {
	if callOf(req.Context()).write {
		if err := acquire(req.Context(), t.limits.writing); err != nil {
			closeBody(req)
			return nil, err
		}
		defer func() { <-t.limits.writing }()
	}
	if err := t.limits.check(resourceFor(req)); err != nil {
		closeBody(req)
		return nil, err
	}
	resp, err := t.next.RoundTrip(req)
	var limit *RateLimitError
	if errors.As(err, &limit) {
		t.limits.hit(limit)
	}
	if err != nil {
		return nil, err
	}
	t.limits.seen(resp)
	// go-github keeps a block of its own from these; ours is the only one.
	for _, name := range []string{"Limit", "Remaining", "Reset", "Used", "Resource"} {
		resp.Header.Del("X-RateLimit-" + name)
	}
	return resp, nil
}

// acquire takes a lock that a channel of capacity one is, unless ctx ends.
func acquire(ctx context.Context, lock chan struct{}) error {
	select {
	case lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
