package gh_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/gh"
)

// limited answers with a status, headers and a message.
func limited(status int, message string, headers map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		reply(w, status, fmt.Sprintf(`{"message":%q}`, message))
	}
}

const (
	secondaryText = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
	primaryText   = "API rate limit exceeded for installation ID 21."
)

func TestRateLimits(t *testing.T) {
	now := newClock().now
	in := func(d time.Duration) string { return strconv.FormatInt(now.Add(d).Unix(), 10) }
	for _, test := range []struct {
		name      string
		status    int
		message   string
		headers   map[string]string
		wait      time.Duration
		secondary bool
	}{
		{"403, nothing remains", 403, primaryText,
			map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(20 * time.Minute)}, 20 * time.Minute, false},
		{"429, nothing remains", 429, primaryText,
			map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(20 * time.Minute)}, 20 * time.Minute, false},
		{"403 secondary with Retry-After", 403, secondaryText,
			map[string]string{"Retry-After": "90", "X-RateLimit-Remaining": "4000", "X-RateLimit-Reset": in(50 * time.Minute)}, 90 * time.Second, true},
		{"429 secondary with Retry-After", 429, secondaryText, map[string]string{"Retry-After": "90"}, 90 * time.Second, true},
		{"Retry-After as a date", 429, secondaryText,
			map[string]string{"Retry-After": now.Add(2 * time.Minute).UTC().Format(http.TimeFormat)}, 2 * time.Minute, true},
		{"Retry-After before the reset", 403, secondaryText,
			map[string]string{"Retry-After": "5", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(50 * time.Minute)}, 5 * time.Second, true},
		{"403 secondary, only the other limit's reset", 403, secondaryText,
			map[string]string{"X-RateLimit-Remaining": "4000", "X-RateLimit-Reset": in(55 * time.Minute)}, time.Minute, true},
		{"429 without a word", 429, "", nil, time.Minute, true},
		{"abuse, as older servers say", 403, "You have triggered an abuse detection mechanism.", nil, time.Minute, true},
		{"content refused as too fast", 422, "Validation Failed: body was submitted too quickly", nil, time.Minute, true},
		{"a reset that is over: the clocks differ", 403, primaryText,
			map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(-time.Hour)}, time.Minute, false},
		{"a reset far away is not believed", 403, primaryText,
			map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": in(100 * time.Hour)}, 65 * time.Minute, false},
		{"a Retry-After far away is not believed", 429, "", map[string]string{"Retry-After": "99999999999"}, 65 * time.Minute, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, sequence(limited(test.status, test.message, test.headers), always(http.StatusOK, `{"id":1}`)))
			s.clock.now = now
			r := s.repository(t)
			err := r.EditComment(t.Context(), 1, "text")
			var limit *gh.RateLimitError
			if !errors.As(err, &limit) {
				t.Fatalf("error %v is no rate limit", err)
			}
			if got := limit.Until.Sub(now); got != test.wait || limit.Secondary != test.secondary {
				t.Errorf("wait %s, secondary %t; want %s, %t", got, limit.Secondary, test.wait, test.secondary)
			}
			for _, kind := range []error{gh.ErrForbidden, gh.ErrAmbiguous, gh.ErrInvalidAnchor, gh.ErrNotFound} {
				if errors.Is(err, kind) {
					t.Errorf("a rate limit is not %v", kind)
				}
			}
			// Inside the block nothing is sent; after it, it is.
			s.clock.Advance(test.wait - time.Second)
			if err := r.EditComment(t.Context(), 1, "text"); !errors.As(err, &limit) {
				t.Errorf("inside the block: %v", err)
			}
			if got := len(s.seen()); got != 1 {
				t.Errorf("%d requests sent, want 1", got)
			}
			s.clock.Advance(time.Second)
			if err := r.EditComment(t.Context(), 1, "text"); err != nil {
				t.Errorf("after the block: %v", err)
			}
		})
	}
}

func TestForbiddenIsNoRateLimit(t *testing.T) {
	s := newServer(t, limited(403, "Resource not accessible by integration",
		map[string]string{"X-RateLimit-Remaining": "4990", "X-RateLimit-Reset": "9999999999"}))
	err := s.repository(t).EditComment(t.Context(), 1, "text")
	var limit *gh.RateLimitError
	if !errors.Is(err, gh.ErrForbidden) || errors.As(err, &limit) {
		t.Errorf("error %v", err)
	}
}

func TestWaitsGrowWhileGitHubDoesNotSayHowLong(t *testing.T) {
	s := newServer(t, limited(403, secondaryText, nil))
	r := s.repository(t)
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 16} {
		err := r.EditComment(t.Context(), 1, "text")
		var limit *gh.RateLimitError
		if !errors.As(err, &limit) || limit.Until.Sub(s.clock.Now()) != want*time.Minute {
			t.Fatalf("error %v, want a wait of %d minutes", err, want)
		}
		s.clock.Advance(want * time.Minute)
	}
	if got := len(s.seen()); got != 6 {
		t.Errorf("%d requests", got)
	}
}

func TestLastRequestOfTheHourHoldsTheNextOneBack(t *testing.T) {
	c := newClock()
	reset := c.now.Add(10 * time.Minute)
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10))
		reply(w, http.StatusOK, pullJSON())
	})
	s.clock.now = c.now
	app := s.app(t)
	r := app.Repository(installation, repositoryID, fullName)
	if _, err := r.PullRequest(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	_, err := r.PullRequest(t.Context(), 3)
	var limit *gh.RateLimitError
	if !errors.As(err, &limit) || !limit.Until.Equal(reset) || limit.Secondary {
		t.Errorf("error %v", err)
	}
	// The limit is the installation's: its other repositories wait, too, and
	// other installations do not.
	if _, err := app.Repository(installation, repositoryID+1, "acme/other").PullRequest(t.Context(), 3); !errors.As(err, &limit) {
		t.Errorf("another repository of the installation: %v", err)
	}
	if _, err := app.Repository(installation+1, repositoryID, fullName).PullRequest(t.Context(), 3); err != nil {
		t.Errorf("another installation: %v", err)
	}
	s.clock.Advance(10 * time.Minute)
	if _, err := r.PullRequest(t.Context(), 3); err != nil {
		t.Errorf("after the reset: %v", err)
	}
}

func TestGraphQLHasALimitOfItsOwn(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/graphql" {
			reply(w, http.StatusOK, pullJSON())
			return
		}
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(30*time.Minute).Unix(), 10))
		reply(w, http.StatusOK, `{"data":null,"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}`)
	})
	r := s.repository(t)
	var limit *gh.RateLimitError
	for range 2 {
		if err := r.ResolveThread(t.Context(), "PRRT_1"); !errors.As(err, &limit) || limit.Secondary || errors.Is(err, gh.ErrAmbiguous) {
			t.Errorf("error %v", err)
		}
	}
	if _, err := r.PullRequest(t.Context(), 3); err != nil {
		t.Errorf("REST: %v", err)
	}
	if got := len(s.seen()); got != 2 {
		t.Errorf("%d requests, want one of each", got)
	}
}

func TestWritesOfAnInstallationGoOutOneByOne(t *testing.T) {
	var now, most atomic.Int32
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(2 * time.Millisecond) // room for an overlap to show
		now.Add(-1)
		reply(w, http.StatusOK, `{"id":1}`)
	})
	app := s.app(t)
	var wait sync.WaitGroup
	for i := range 12 {
		wait.Go(func() {
			if err := app.Repository(installation, int64(i%3+1), fullName).EditComment(t.Context(), 1, "x"); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if most.Load() != 1 {
		t.Errorf("%d writes at a time", most.Load())
	}
}
