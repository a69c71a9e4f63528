package ghtest_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault ghtest.Fault
		// written tells whether the review is there although the client saw an
		// error; matches says what the error is.
		written bool
		matches func(error) bool
	}{
		{"502 before", ghtest.Fault{Kind: ghtest.StatusBefore}, false, isStatus(502)},
		{"503 before", ghtest.Fault{Kind: ghtest.StatusBefore, Status: 503}, false, isStatus(503)},
		{"502 after", ghtest.Fault{Kind: ghtest.StatusAfter}, true, isStatus(502)},
		{"hang before", ghtest.Fault{Kind: ghtest.HangBefore}, false, isCancelled},
		{"hang after", ghtest.Fault{Kind: ghtest.HangAfter}, true, isCancelled},
		{"cut before", ghtest.Fault{Kind: ghtest.ResetBefore}, false, func(err error) bool { return err != nil }},
		{"cut after", ghtest.Fault{Kind: ghtest.ResetAfter}, true, func(err error) bool { return strings.Contains(err.Error(), "unexpected EOF") }},
		{"garbage", ghtest.Fault{Kind: ghtest.GarbageAfter}, true, func(err error) bool { return strings.Contains(err.Error(), "invalid character") }},
		{"401", ghtest.Fault{Kind: ghtest.Unauthorized}, false, isStatus(401)},
		{"422", ghtest.Fault{Kind: ghtest.Unprocessable}, false, isStatus(422)},
		{"primary", ghtest.Fault{Kind: ghtest.PrimaryLimit}, false, func(err error) bool {
			var limit *github.RateLimitError
			return errors.As(err, &limit)
		}},
		{"secondary", ghtest.Fault{Kind: ghtest.SecondaryLimit, RetryAfter: 7 * time.Second}, false, func(err error) bool {
			var limit *github.ErrorResponse
			return errors.As(err, &limit) && limit.Response.Header.Get("Retry-After") == "7"
		}},
		{"secondary 429", ghtest.Fault{Kind: ghtest.SecondaryLimit, Status: 429}, false, func(err error) bool {
			var limit *github.ErrorResponse
			return errors.As(err, &limit) && limit.Response.StatusCode == 429 && limit.Response.Header.Get("Retry-After") == ""
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, ghtest.Options{})
			c.fault.Method, c.fault.Path, c.fault.Nth = http.MethodPost, `/pulls/\d+/reviews$`, 2
			if err := w.Fault(c.fault); err != nil {
				t.Fatal(err)
			}
			post := func(ctx context.Context) error {
				_, _, err := w.client.PullRequests.CreateReview(ctx, "acme", "shop", 1,
					&github.PullRequestReviewRequest{Event: github.String("COMMENT"), Body: github.String("x")})
				return err
			}
			if err := post(context.Background()); err != nil {
				t.Fatalf("the first: %v", err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			// A client gives up on a server that hangs: here, once it does.
			if c.fault.Kind == ghtest.HangBefore || c.fault.Kind == ghtest.HangAfter {
				go w.afterFault(ctx, cancel)
			}
			err := post(ctx)
			if err == nil || !c.matches(err) {
				t.Errorf("the second: %v", err)
			}
			if got, want := len(w.pull.Reviews()), map[bool]int{false: 1, true: 2}[c.written]; got != want {
				t.Errorf("%d reviews exist, want %d", got, want)
			}
			log := w.Requests()
			if last := log[len(log)-1]; !last.Fault {
				t.Errorf("the log does not tell of the fault: %+v", last)
			}
			if status, _, _ := w.do(http.MethodGet, "/api/v3/repos/acme/shop", "token "+w.Tokens()[0], ""); status != 200 {
				t.Errorf("afterwards: %d", status)
			}
		})
	}
}

func isStatus(want int) func(error) bool {
	return func(err error) bool {
		var answer *github.ErrorResponse
		return errors.As(err, &answer) && answer.Response.StatusCode == want
	}
}

func isCancelled(err error) bool { return errors.Is(err, context.Canceled) }

// afterFault cancels a request that a hanging fault has reached.
func (w *world) afterFault(ctx context.Context, cancel func()) {
	for ctx.Err() == nil {
		log := w.Requests()
		if last := log[len(log)-1]; last.Fault && last.Status == 0 {
			cancel()
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// A fault can do something at the worst moment, here a push between two reads.
func TestAFaultThatActs(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	before := w.pull.Head()
	err := w.Fault(ghtest.Fault{Path: `/pulls/1$`, Nth: 2, Do: func() {
		if _, err := w.pull.Push(ghtest.Commit{Files: map[string]string{"a": "b"}}); err != nil {
			t.Error(err)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	var heads []string
	for range 2 {
		pull, _, err := w.client.PullRequests.Get(context.Background(), "acme", "shop", 1)
		if err != nil {
			t.Fatal(err)
		}
		heads = append(heads, pull.GetHead().GetSHA())
	}
	if heads[0] != before || heads[1] != w.pull.Head() || heads[0] == heads[1] {
		t.Errorf("heads read: %v", heads)
	}
	if err := w.Fault(ghtest.Fault{Path: "("}); err == nil {
		t.Error("a broken pattern was taken")
	}
}
