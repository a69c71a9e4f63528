package ghtest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v62/github"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

func TestPages(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	files := map[string]string{}
	for i := range 120 {
		files[fmt.Sprintf("many/%03d.txt", i)] = "x\n"
	}
	if _, err := w.pull.Push(ghtest.Commit{Files: files}); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for _, c := range []struct {
		size  int
		pages []int
	}{{0, []int{30, 30, 30, 30, 3}}, {100, []int{100, 23}}, {500, []int{100, 23}}, {50, []int{50, 50, 23}}} {
		var got []int
		options := &github.ListOptions{PerPage: c.size}
		for {
			page, response, err := w.client.PullRequests.ListFiles(ctx, "acme", "shop", 1, options)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, len(page))
			if response.NextPage == 0 {
				break
			}
			options.Page = response.NextPage
		}
		if fmt.Sprint(got) != fmt.Sprint(c.pages) {
			t.Errorf("per_page %d: pages of %v, want %v", c.size, got, c.pages)
		}
	}
}

func TestUnchangedAnswersAreFree(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	token := w.token(nil)
	get := func(tag string) (int, http.Header) {
		request, err := http.NewRequest(http.MethodGet, w.URL()+"/api/v3/repos/acme/shop/pulls/1", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "token "+token)
		request.Header.Set("If-None-Match", tag)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, response.Header
	}
	_, first := get("")
	status, second := get(first.Get("ETag"))
	if status != 304 || second.Get("X-RateLimit-Used") != first.Get("X-RateLimit-Used") {
		t.Errorf("again: %d, used %s after %s", status, second.Get("X-RateLimit-Used"), first.Get("X-RateLimit-Used"))
	}
	if err := w.pull.EditTitle("Another"); err != nil {
		t.Fatal(err)
	}
	if status, _ := get(first.Get("ETag")); status != 200 {
		t.Errorf("after a change: %d, want 200", status)
	}
}

func TestThePrimaryLimit(t *testing.T) {
	clock := &clock{}
	w := newWorld(t, ghtest.Options{Now: clock.now})
	w.Installation("acme").PrimaryRemaining(1)
	ctx := context.Background()
	if _, _, err := w.client.Repositories.Get(ctx, "acme", "shop"); err != nil {
		t.Fatal(err)
	}
	_, response, err := w.client.Repositories.Get(ctx, "acme", "shop")
	var limit *github.RateLimitError
	if !errors.As(err, &limit) || response.StatusCode != 403 || limit.Rate.Remaining != 0 || limit.Rate.Reset.Before(time.Now()) {
		t.Fatalf("over the limit: %v", err)
	}
	clock.advance(time.Hour)
	now := clock.now().Unix()
	jwt := sign(t, w.key, map[string]any{"alg": "RS256"}, map[string]any{"iss": appID, "iat": now, "exp": now + 60})
	path := fmt.Sprintf("/api/v3/app/installations/%d/access_tokens", w.repository.InstallationID())
	if status, _, body := w.do(http.MethodPost, path, "Bearer "+jwt, ""); status != 201 {
		t.Fatalf("a token an hour later: %d %s", status, body)
	}
	for _, token := range w.Tokens() {
		if status, header, _ := w.do(http.MethodGet, "/api/v3/repos/acme/shop", "token "+token, ""); status == 200 {
			if header.Get("X-RateLimit-Remaining") != "4999" {
				t.Errorf("an hour later %s remain, want 4999", header.Get("X-RateLimit-Remaining"))
			}
			return
		}
	}
	t.Error("an hour later no token works")
}

func TestTheSecondaryLimits(t *testing.T) {
	for _, c := range []struct {
		name   string
		limits ghtest.Limits
		status int
		retry  string
	}{
		{"content", ghtest.Limits{}, 403, "60"},
		{"content, 429 without a hint", ghtest.Limits{Status: 429, WithoutRetryAfter: true}, 429, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock := &clock{}
			w := newWorld(t, ghtest.Options{Now: clock.now, Limits: c.limits})
			token := "token " + w.token(nil)
			post := func() (int, http.Header, string) {
				return w.do(http.MethodPost, "/api/v3/repos/acme/shop/issues/1/comments", token, `{"body":"x"}`)
			}
			for i := range 80 {
				if status, _, body := post(); status != 201 {
					t.Fatalf("comment %d: %d %s", i, status, body)
				}
			}
			status, header, body := post()
			if status != c.status || header.Get("Retry-After") != c.retry || !strings.Contains(body, "secondary rate limit") {
				t.Errorf("comment 81: %d, Retry-After %q, %s", status, header.Get("Retry-After"), body)
			}
			if status, _, _ := w.do(http.MethodGet, "/api/v3/repos/acme/shop", token, ""); status != 200 {
				t.Errorf("reading: %d, want 200", status)
			}
			clock.advance(time.Minute)
			if status, _, _ := post(); status != 201 {
				t.Errorf("a minute later: %d, want 201", status)
			}
			if got := len(w.pull.ConversationComments()); got != 81 {
				t.Errorf("%d comments, want 81", got)
			}
		})
	}
	w := newWorld(t, ghtest.Options{Limits: ghtest.Limits{PointsPerMinute: 3}})
	token := "token " + w.token(nil)
	for i, want := range []int{200, 200, 200, 403} {
		if status, _, _ := w.do(http.MethodGet, "/api/v3/repos/acme/shop", token, ""); status != want {
			t.Errorf("point %d: %d, want %d", i+1, status, want)
		}
	}
}

func TestTheLogOfRequests(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	ctx := context.Background()
	if _, _, err := w.client.PullRequests.Get(ctx, "acme", "shop", 1); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.client.Issues.CreateComment(ctx, "acme", "shop", 1, &github.IssueComment{Body: github.String("planted")}); err != nil {
		t.Fatal(err)
	}
	reads, writes, found := 0, 0, 0
	for _, r := range w.Requests() {
		switch {
		case r.Auth == "app":
		case r.Write():
			writes++
		default:
			reads++
		}
		if r.Contains("planted") {
			found++
		}
		if r.Contains(w.Tokens()[0]) {
			t.Errorf("a token stands in %s %s", r.Method, r.Path)
		}
	}
	if reads != 1 || writes != 1 || found != 1 {
		t.Errorf("%d reads, %d writes, the text in %d; want one of each", reads, writes, found)
	}
}
