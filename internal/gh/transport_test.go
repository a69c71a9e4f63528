package gh_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/gh"
	"github.com/lintel-bot/lintel/internal/review"
)

// hangUp cuts the connection before a byte of the answer.
func hangUp(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		err = conn.Close()
	}
	if err != nil {
		panic(err)
	}
}

// cutShort announces a longer body than it sends.
func cutShort(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"id":`)
	}
}

func TestWriteWhoseOutcomeIsUnknown(t *testing.T) {
	for _, test := range []struct {
		name      string
		answer    http.HandlerFunc
		ambiguous bool
	}{
		{"500", always(500, `{"message":"Server Error"}`), true},
		{"502 in HTML", always(502, `<html>Bad Gateway</html>`), true},
		{"503", always(503, ``), true},
		{"connection cut before the answer", hangUp, true},
		{"answer cut", cutShort(201), true},
		{"answer is no JSON", always(201, `<html>`), true},
		{"answer is empty", always(201, ``), true},
		{"answer is another shape", always(201, `[]`), true},
		{"refused anchor", always(422, `{"message":"Unprocessable Entity","errors":["line must be part of the diff"]}`), false},
		{"refused anchor, text cut", cutShort(422), false},
		{"refused", always(403, `{"message":"Resource not accessible by integration"}`), false},
		{"gone", always(404, `{"message":"Not Found"}`), false},
		{"limited", always(429, `{}`), false},
		{"unauthorized", always(401, `{"message":"Bad credentials"}`), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, test.answer)
			err := s.repository(t).PostReview(t.Context(), 3, head, run, []review.NewComment{{Path: "a.py", Line: 1, Body: "b"}})
			if err == nil {
				t.Fatal("no error")
			}
			if got := errors.Is(err, gh.ErrAmbiguous); got != test.ambiguous {
				t.Errorf("ambiguous %t: %v", got, err)
			}
			want := 1
			if strings.HasPrefix(test.name, "unauthorized") {
				want = 2
			}
			if got := len(s.seen()); got != want {
				t.Errorf("sent %d times, want %d", got, want)
			}
		})
	}
}

func TestWriteThatTimesOutIsAmbiguous(t *testing.T) {
	s := newServer(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	r := s.repository(t, func(c *gh.Config) { c.Timeout = 100 * time.Millisecond })
	if err := r.EditComment(t.Context(), 1, "x"); !errors.Is(err, gh.ErrAmbiguous) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestWriteThatIsCancelledOnItsWayIsAmbiguous(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := newServer(t, func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	err := s.repository(t).EditComment(ctx, 1, "x")
	if !errors.Is(err, gh.ErrAmbiguous) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if err := s.repository(t).EditComment(ctx, 1, "x"); errors.Is(err, gh.ErrAmbiguous) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before it was sent: %v", err)
	}
}

func TestWriteThatWasNeverSentIsNotAmbiguous(t *testing.T) {
	s := newServer(t, nil)
	app := s.app(t)
	r := app.Repository(installation, repositoryID, fullName)
	if _, err := r.Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Close()
	app.Close() // a kept connection that dies under the write would be ambiguous
	err := r.EditComment(t.Context(), 1, "x")
	var refused *net.OpError
	if err == nil || errors.Is(err, gh.ErrAmbiguous) || !errors.As(err, &refused) {
		t.Errorf("error %v", err)
	}
}

func TestReadsAreRepeatedBriefly(t *testing.T) {
	good := always(http.StatusOK, pullJSON())
	for _, test := range []struct {
		name    string
		answers []http.HandlerFunc
		fails   bool
		sent    int
	}{
		{"502 twice", []http.HandlerFunc{always(502, ``), always(502, ``), good}, false, 3},
		{"cut connection, then cut answer", []http.HandlerFunc{hangUp, cutShort(200), good}, false, 3},
		{"HTML with 200", []http.HandlerFunc{always(200, `<html>`), good}, false, 2},
		{"empty answer with 200", []http.HandlerFunc{always(200, ``), good}, false, 2},
		{"503 all the time", []http.HandlerFunc{always(503, `{"message":"down"}`)}, true, 3},
		{"404", []http.HandlerFunc{always(404, `{}`), good}, true, 1},
		{"429", []http.HandlerFunc{always(429, `{}`), good}, true, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, sequence(test.answers...))
			pull, err := s.repository(t).PullRequest(t.Context(), 3)
			if (err != nil) != test.fails || !test.fails && pull.Head != head {
				t.Errorf("%+v, %v", pull, err)
			}
			if errors.Is(err, gh.ErrAmbiguous) {
				t.Errorf("a read is never ambiguous: %v", err)
			}
			if got := len(s.seen()); got != test.sent {
				t.Errorf("sent %d times, want %d", got, test.sent)
			}
		})
	}
}

func TestAnswerWithoutEndIsNotRead(t *testing.T) {
	chunk := strings.Repeat(" ", 1<<20)
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := io.WriteString(w, chunk); err != nil {
				return
			}
		}
	})
	if _, err := s.repository(t).PullRequest(t.Context(), 3); err == nil || !strings.Contains(err.Error(), "larger than 32 MiB") {
		t.Errorf("error %v", err)
	}
}

func TestRedirects(t *testing.T) {
	to := func(status int, location func(*http.Request) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", location(r))
			reply(w, status, `{"message":"Moved Permanently"}`)
		}
	}
	byID := func(r *http.Request) string {
		return strings.Replace(r.URL.Path, "/repos/acme/shop", "/repositories/42", 1)
	}
	t.Run("a renamed repository is followed", func(t *testing.T) {
		s := newServer(t, sequence(to(301, byID), always(200, pullJSON())))
		if _, err := s.repository(t).PullRequest(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		if got := s.seen(); len(got) != 2 || got[1].path != "/v3/repositories/42/pulls/3" || got[1].authorization == "" {
			t.Errorf("requests %+v", got)
		}
	})
	t.Run("with a write, body and all", func(t *testing.T) {
		s := newServer(t, sequence(to(307, byID), always(200, `{"id":5}`)))
		if err := s.repository(t).EditComment(t.Context(), 5, "text"); err != nil {
			t.Fatal(err)
		}
		if got := s.seen(); len(got) != 2 || got[1].method != http.MethodPatch || got[1].body != got[0].body {
			t.Errorf("requests %+v", got)
		}
	})
	t.Run("a write that would become a read is refused", func(t *testing.T) {
		s := newServer(t, sequence(to(301, byID), always(200, `{"id":5}`)))
		err := s.repository(t).PostReview(t.Context(), 3, head, run, []review.NewComment{{Path: "a", Line: 1, Body: "b"}})
		if err == nil || !strings.Contains(err.Error(), "would become a GET") || len(s.seen()) != 1 {
			t.Errorf("error %v, requests %+v", err, s.seen())
		}
	})
	t.Run("another server never sees the token", func(t *testing.T) {
		var stolen []string
		var mu sync.Mutex
		thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			stolen = append(stolen, r.Header.Get("Authorization"))
			reply(w, 200, pullJSON())
		}))
		defer thief.Close()
		s := newServer(t, to(302, func(*http.Request) string { return thief.URL + "/api/v3/repos/acme/shop/pulls/3" }))
		_, err := s.repository(t).PullRequest(t.Context(), 3)
		if err == nil || !strings.Contains(err.Error(), "refused to follow") {
			t.Errorf("error %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		if len(stolen) != 0 {
			t.Errorf("the other server got %d requests", len(stolen))
		}
	})
	t.Run("round and round", func(t *testing.T) {
		s := newServer(t, to(301, func(r *http.Request) string { return r.URL.Path }))
		_, err := s.repository(t).PullRequest(t.Context(), 3)
		if err == nil || !strings.Contains(err.Error(), "too many") || len(s.seen()) > 7 {
			t.Errorf("error %v after %d requests", err, len(s.seen()))
		}
	})
	t.Run("not modified is no success", func(t *testing.T) {
		s := newServer(t, always(304, ``))
		if _, err := s.repository(t).PullRequest(t.Context(), 3); err == nil {
			t.Error("no error")
		}
	})
}

func TestErrorsSayWhatHappenedAndKeepSecrets(t *testing.T) {
	secret := "ghs_" + strings.Repeat("s3cret", 6)
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		message := "Validation Failed\n\x1b[31m" + secret + " " + r.Header.Get("Authorization") + strings.Repeat("x", 4000)
		quoted, err := json.Marshal(message)
		if err != nil {
			panic(err)
		}
		body := fmt.Sprintf(`{"message":%s,"errors":["one",{"resource":"R","field":"f","code":"c","value":"THE BODY"},{"message":"two"},{"x":1}]}`, quoted)
		reply(w, 400, body)
	})
	err := s.repository(t).EditComment(t.Context(), 5, "THE BODY")
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error()
	for _, want := range []string{"could not edit review comment 5 in acme/shop", "PATCH /repos/{owner}/{repo}/pulls/comments/{comment_id}",
		"400 Bad Request", "Validation Failed", "one; R f c; two"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q does not say %q", text, want)
		}
	}
	for _, leak := range []string{secret, "ghs_tok1", "THE BODY", "\n", "\x1b"} {
		if strings.Contains(text, leak) {
			t.Errorf("%q holds %q", text, leak)
		}
	}
	if len(text) > 1000 {
		t.Errorf("%d bytes", len(text))
	}
}

func TestObserveGetsTemplatesAndStatuses(t *testing.T) {
	var mu sync.Mutex
	var got []string
	s := newServer(t, sequence(always(502, ``), always(200, pullJSON())))
	r := s.repository(t, func(c *gh.Config) {
		c.Observe = func(method, route string, status int, d time.Duration) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, fmt.Sprintf("%s %s %d", method, route, status))
		}
	})
	if _, err := r.PullRequest(t.Context(), 3); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if err := r.EditComment(t.Context(), 1, "x"); err == nil {
		t.Error("the server is gone, and no error")
	}
	want := []string{
		"POST /app/installations/{installation_id}/access_tokens 201",
		"GET /repos/{owner}/{repo}/pulls/{pull_number} 502",
		"GET /repos/{owner}/{repo}/pulls/{pull_number} 200",
		"PATCH /repos/{owner}/{repo}/pulls/comments/{comment_id} 0",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("observed\n%s", strings.Join(got, "\n"))
	}
}
