package ghtest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Limits are GitHub's rate limits for an installation; a zero field means
// GitHub's own number.
// https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
type Limits struct {
	// PerHour is the primary limit: 5,000.
	PerHour int
	// PointsPerMinute is a secondary limit: 900; a read costs 1, a write 5.
	PointsPerMinute int
	// GraphPointsPerMinute is the same for GraphQL: 2,000; a mutation costs 5.
	GraphPointsPerMinute int
	// ContentPerMinute and ContentPerHour bound requests that create content: 80
	// and 500. One review counts once, whatever it holds; how GitHub counts its
	// comments is not documented.
	ContentPerMinute, ContentPerHour int
	// Concurrent is how many requests may be under way at once: 100.
	Concurrent int
	// WithoutRetryAfter leaves Retry-After out of the secondary limit's answer.
	WithoutRetryAfter bool
	// Status answers a hit limit; GitHub uses 403 and 429. Zero means 403.
	Status int
}

func (l Limits) withDefaults() Limits {
	set := func(n *int, to int) {
		if *n == 0 {
			*n = to
		}
	}
	set(&l.PerHour, 5000)
	set(&l.PointsPerMinute, 900)
	set(&l.GraphPointsPerMinute, 2000)
	set(&l.ContentPerMinute, 80)
	set(&l.ContentPerHour, 500)
	set(&l.Concurrent, 100)
	set(&l.Status, http.StatusForbidden)
	return l
}

// usage is what an installation has used up.
type usage struct {
	core, graph            window
	points, graphPoints    window
	contentMinute, content window
}

// window counts from its first use for its length.
type window struct {
	since time.Time
	used  int
}

// spend takes cost out of the window, unless that goes over the limit.
func (w *window) spend(now time.Time, length time.Duration, cost, limit int) bool {
	if now.Sub(w.since) >= length || now.Before(w.since) {
		w.since, w.used = now, 0
	}
	if w.used+cost > limit {
		return false
	}
	w.used += cost
	return true
}

// limited charges a request of an installation, and does it if that is allowed. A
// 304 is given back: GitHub does not count it.
func (s *Server) limited(r *http.Request, auth authorization, graph bool, do func() *answer) *answer {
	if auth.installation == nil {
		return do()
	}
	u, now := &auth.installation.usage, s.now()
	core, points, pointsMax := &u.core, &u.points, s.limits.PointsPerMinute
	cost := 1
	if graph {
		core, points, pointsMax = &u.graph, &u.graphPoints, s.limits.GraphPointsPerMinute
	} else if r.Method != http.MethodGet {
		cost = 5
	}
	free := r.URL.Path == "/api/v3/rate_limit"
	if !free && !core.spend(now, time.Hour, 1, s.limits.PerHour) {
		a := (&apiError{
			status: s.limits.Status, message: fmt.Sprintf("API rate limit exceeded for installation ID %d.", auth.installation.id),
		}).answer()
		s.rateHeaders(a, core, graph)
		return a
	}
	var a *answer
	if !free && (!points.spend(now, time.Minute, cost, pointsMax) || s.concurrent() > s.limits.Concurrent) {
		a = s.failed(s.secondary("You have exceeded a secondary rate limit. Please wait a few minutes before you try again."))
	} else {
		a = do()
	}
	if a.status == http.StatusNotModified {
		core.used--
		points.used -= cost
	}
	s.rateHeaders(a, core, graph)
	return a
}

func (s *Server) concurrent() int {
	s.wireMu.Lock()
	defer s.wireMu.Unlock()
	return s.inFlight
}

// secondary is the answer of a secondary limit.
func (s *Server) secondary(message string) error {
	e := &apiError{status: s.limits.Status, message: message, header: http.Header{}}
	if !s.limits.WithoutRetryAfter {
		e.header.Set("Retry-After", "60")
	}
	return e
}

func (s *Server) spendContent(i *Installation) error {
	now := s.now()
	if !i.usage.contentMinute.spend(now, time.Minute, 1, s.limits.ContentPerMinute) ||
		!i.usage.content.spend(now, time.Hour, 1, s.limits.ContentPerHour) {
		return s.secondary("You have exceeded a secondary rate limit and have been temporarily blocked from content creation. " +
			"Please retry your request again later.")
	}
	return nil
}

func (s *Server) rateHeaders(a *answer, w *window, graph bool) {
	resource := "core"
	if graph {
		resource = "graphql"
	}
	a.set("X-RateLimit-Limit", strconv.Itoa(s.limits.PerHour))
	a.set("X-RateLimit-Remaining", strconv.Itoa(max(0, s.limits.PerHour-w.used)))
	a.set("X-RateLimit-Used", strconv.Itoa(w.used))
	a.set("X-RateLimit-Reset", strconv.FormatInt(w.reset(s.now()), 10))
	a.set("X-RateLimit-Resource", resource)
}

func (w *window) reset(now time.Time) int64 {
	if w.since.IsZero() {
		return now.Add(time.Hour).Unix()
	}
	return w.since.Add(time.Hour).Unix()
}

func (s *Server) getRateLimit(c *call) (*answer, error) {
	u := &c.auth.installation.usage
	show := func(w *window) object {
		return object{
			"limit": s.limits.PerHour, "remaining": max(0, s.limits.PerHour-w.used), "used": w.used, "reset": w.reset(s.now()),
		}
	}
	return ok(object{
		"resources": object{"core": show(&u.core), "graphql": show(&u.graph), "search": show(&window{})}, "rate": show(&u.core),
	}), nil
}

// SetLimits replaces the limits from now on.
func (s *Server) SetLimits(l Limits) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = l.withDefaults()
}

// PrimaryRemaining leaves an installation with so many requests in this hour.
func (i *Installation) PrimaryRemaining(n int) {
	s := i.server
	s.mu.Lock()
	defer s.mu.Unlock()
	i.usage.core = window{since: s.now(), used: s.limits.PerHour - n}
}
