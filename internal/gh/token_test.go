package gh_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/gh"
)

func TestTokenIsNarrowedToTheRepositoryAndItsLeastPermissions(t *testing.T) {
	s := newServer(t, always(http.StatusOK, pullJSON()))
	token, err := s.repository(t).Token(t.Context())
	if err != nil || token != "ghs_tok1" {
		t.Fatalf("Token() = %q, %v", token, err)
	}
	var got map[string]any
	decode(t, s.minted()[0], &got)
	want := map[string]any{
		"repository_ids": []any{float64(repositoryID)},
		"permissions": map[string]any{
			"checks": "write", "contents": "read", "metadata": "read", "pull_requests": "write",
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request for a token (-want +got):\n%s", diff)
	}
}

func TestWebTokenIsIssuedInThePastAndEndsSoon(t *testing.T) {
	var authorization, agent string
	front := newServer(t, nil)
	inner := front.Config.Handler
	front.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		authorization, agent = r.Header.Get("Authorization"), r.Header.Get("User-Agent")
		inner.ServeHTTP(w, r)
	})
	if _, err := front.repository(t).Token(t.Context()); err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(authorization, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		Iss      string
		Iat, Exp int64
	}
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	now := time.Now().Unix()
	if claims.Iss != fmt.Sprint(appID) || claims.Iat > now-20 || claims.Exp <= now || claims.Exp > now+600 {
		t.Errorf("claims %+v at %d", claims, now)
	}
	if agent != "lintel/test" {
		t.Errorf("User-Agent %q: GitHub refuses requests without one", agent)
	}
}

func TestTokenIsKeptUntilFiveMinutesBeforeItsEnd(t *testing.T) {
	s := newServer(t, nil)
	r := s.repository(t)
	for _, step := range []struct {
		pass time.Duration
		want string
	}{
		{0, "ghs_tok1"},
		{54 * time.Minute, "ghs_tok1"},
		{time.Minute, "ghs_tok2"},
		{54 * time.Minute, "ghs_tok2"},
		{2 * time.Minute, "ghs_tok3"},
	} {
		s.clock.Advance(step.pass)
		if got, err := r.Token(t.Context()); err != nil || got != step.want {
			t.Errorf("after another %s: %q, %v; want %q", step.pass, got, err, step.want)
		}
	}
}

func TestManyRequestsAtOnceMintOneTokenForEachRepository(t *testing.T) {
	s := newServer(t, always(http.StatusOK, pullJSON()))
	app := s.app(t)
	var wait sync.WaitGroup
	for i := range 60 {
		wait.Go(func() {
			id := int64(installation + i%3)
			if _, err := app.Repository(id, repositoryID, fullName).PullRequest(t.Context(), 3); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if got := len(s.minted()); got != 3 {
		t.Errorf("%d tokens minted for 3 installations", got)
	}
}

func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	unauthorized := always(http.StatusUnauthorized, `{"message":"Bad credentials"}`)
	t.Run("and the request repeated with its body", func(t *testing.T) {
		s := newServer(t, sequence(unauthorized, always(http.StatusOK, `{"id":5}`)))
		if err := s.repository(t).EditComment(t.Context(), 5, "new text"); err != nil {
			t.Fatal(err)
		}
		got := s.seen()
		if len(got) != 2 || got[0].authorization != "token ghs_tok1" || got[1].authorization != "token ghs_tok2" {
			t.Fatalf("requests %+v", got)
		}
		if got[1].body != got[0].body || !strings.Contains(got[1].body, "new text") {
			t.Errorf("the body was not repeated: %q, %q", got[0].body, got[1].body)
		}
	})
	t.Run("not again and again", func(t *testing.T) {
		s := newServer(t, unauthorized)
		_, err := s.repository(t).PullRequest(t.Context(), 3)
		if err == nil || errors.Is(err, gh.ErrNotFound) || errors.Is(err, gh.ErrForbidden) {
			t.Errorf("error %v", err)
		}
		if requests, mints := len(s.seen()), len(s.minted()); requests != 2 || mints != 2 {
			t.Errorf("%d requests, %d tokens; want 2 and 2", requests, mints)
		}
	})
	t.Run("for all requests that used it", func(t *testing.T) {
		s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") == "token ghs_tok1" {
				unauthorized(w, r)
				return
			}
			reply(w, http.StatusOK, pullJSON())
		})
		r := s.repository(t)
		if _, err := r.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				if _, err := r.PullRequest(t.Context(), 3); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if got := len(s.minted()); got != 2 {
			t.Errorf("%d tokens minted, want 2", got)
		}
	})
}

func TestKeysAreRotated(t *testing.T) {
	both := func(c *gh.Config) { c.PrivateKeys = [][]byte{pemOf(testKeys()[0]), pemOf(testKeys()[1])} }
	oneFile := func(c *gh.Config) {
		c.PrivateKeys = [][]byte{append(append(pemOf(testKeys()[0]), '\n'), pemOf(testKeys()[1])...)}
	}
	for name, keys := range map[string]func(*gh.Config){"two keys": both, "two keys in one file": oneFile} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, nil)
			s.accepts[0] = &testKeys()[1].PublicKey
			app := s.app(t, keys)
			for id := int64(1); id <= 3; id++ {
				if _, err := app.Repository(installation, id, fullName).Token(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if slug, err := app.Slug(t.Context()); err != nil || slug != "lintel" {
				t.Errorf("Slug() = %q, %v", slug, err)
			}
			if s.refused != 1 {
				t.Errorf("the old key was tried %d times; the first refusal should be remembered", s.refused)
			}
		})
	}
	t.Run("no key is good", func(t *testing.T) {
		s := newServer(t, nil)
		s.accepts = nil
		_, err := s.repository(t, both).Token(t.Context())
		if err == nil || !strings.Contains(err.Error(), "accepts no private key") || !strings.Contains(err.Error(), "could not be decoded") {
			t.Errorf("error %v", err)
		}
		if errors.Is(err, gh.ErrNotFound) {
			t.Error("the operator's mistake must not bury pull requests")
		}
		if s.refused != 2 {
			t.Errorf("%d tries, want one with each key", s.refused)
		}
	})
}

func TestRefusalOfATokenSaysWhatIsMissing(t *testing.T) {
	for _, test := range []struct {
		name    string
		status  int
		message string
		want    error
	}{
		{"removed installation", 404, "Not Found", gh.ErrNotFound},
		{"suspended installation", 403, "This installation has been suspended", gh.ErrNotFound},
		{"repository taken out of the installation", 422,
			"There is at least one repository that does not exist or is not accessible to the parent installation.", gh.ErrNotFound},
		{"permission not accepted", 422, "The permissions requested are not granted to this installation.", gh.ErrForbidden},
		{"app id that does not exist", 404, "Integration not found", nil},
		{"GitHub is down", 503, "Service unavailable", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, nil)
			s.Config.Handler = always(test.status, fmt.Sprintf(`{"message":%q}`, test.message))
			_, err := s.repository(t).PullRequest(t.Context(), 3)
			if err == nil || !strings.Contains(err.Error(), test.message) {
				t.Fatalf("error %v does not say %q", err, test.message)
			}
			for _, kind := range []error{gh.ErrNotFound, gh.ErrForbidden, gh.ErrAmbiguous, gh.ErrInvalidAnchor} {
				if got := errors.Is(err, kind); got != (kind == test.want) {
					t.Errorf("errors.Is(%v) = %t for %v", kind, got, err)
				}
			}
		})
	}
}

func TestTokenThatIsNone(t *testing.T) {
	for name, body := range map[string]string{
		"no token":  `{"expires_at":"2030-01-01T00:00:00Z"}`,
		"no expiry": `{"token":"ghs_x"}`,
		"no JSON":   `<html>`,
		"nothing":   ``,
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, nil)
			s.Config.Handler = always(http.StatusCreated, body)
			if token, err := s.repository(t).Token(t.Context()); err == nil {
				t.Errorf("Token() = %q", token)
			}
		})
	}
}

func TestWaitingForATokenEndsWithTheContext(t *testing.T) {
	release := make(chan struct{})
	s := newServer(t, nil)
	inner := s.Config.Handler
	arrived := make(chan struct{}, 1)
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
		inner.ServeHTTP(w, r)
	})
	r := s.repository(t)
	first := make(chan error, 1)
	go func() {
		_, err := r.Token(t.Context())
		first <- err
	}()
	<-arrived
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Token(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
}
