package gh

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v62/github"
)

// tokenReserve is how long before its end a token is no longer handed out: a
// fetch that starts with it must be able to finish with it. Tokens live for an
// hour.
const tokenReserve = 5 * time.Minute

// access is an installation token narrowed to one repository, and the client
// that uses it.
type access struct {
	app                      *App
	installation, repository int64
	client                   *github.Client
	limits                   *limits

	// lock is held while the token is read or minted, so that many requests at
	// once mint one token.
	lock    chan struct{}
	token   string
	expires time.Time
}

// get returns a token that is good for tokenReserve at the least.
func (s *access) get(ctx context.Context) (string, error) {
	if err := acquire(ctx, s.lock); err != nil {
		return "", err
	}
	defer func() { <-s.lock }()
	if s.token != "" && s.app.now().Add(tokenReserve).Before(s.expires) {
		return s.token, nil
	}
	token, expires, err := s.app.mint(ctx, s.installation, s.repository)
	if err != nil {
		return "", err
	}
	s.token, s.expires = token, expires
	return token, nil
}

// discard forgets a token that GitHub refused, unless it was replaced already.
func (s *access) discard(ctx context.Context, token string) error {
	if err := acquire(ctx, s.lock); err != nil {
		return err
	}
	defer func() { <-s.lock }()
	if s.token == token {
		s.token = ""
	}
	return nil
}

// RoundTrip adds the token. A 401 means that GitHub took the token back early;
// the request was not carried out, so it is repeated once with a new one.
// (ghinstallation would go on with the old one until its hour is over.)
func (s *access) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, token, err := s.attempt(req)
	if !unauthorized(err) || token == "" || req.Body != nil && req.GetBody == nil {
		return resp, err
	}
	s.app.logger.Info("GitHub refused an installation token; asking for a new one",
		"installation", s.installation, "repository_id", s.repository)
	if err := s.discard(req.Context(), token); err != nil {
		return nil, err
	}
	again, err := rewound(req)
	if err != nil {
		return nil, fmt.Errorf("repeating the request: %w", err)
	}
	resp, _, err = s.attempt(again)
	return resp, err
}

// attempt sends the request once. The token is empty when there was none to
// send it with.
func (s *access) attempt(req *http.Request) (*http.Response, string, error) {
	c := callOf(req.Context())
	token, err := s.get(req.Context())
	if err != nil {
		closeBody(req)
		c.err = err
		return nil, "", err
	}
	out := req.Clone(req.Context())
	out.Header.Set("Authorization", "token "+token)
	resp, err := s.app.chain(s.limits).RoundTrip(out)
	return resp, token, err
}

// mint asks for an installation token. ghinstallation signs and sends the
// request; every token gets a transport of its own, since an AppsTransport
// that several installations share is not safe for concurrent use.
func (a *App) mint(ctx context.Context, installation, repository int64) (token string, expires time.Time, err error) {
	c := &call{
		doing:  fmt.Sprintf("get a token for repository %d of installation %d", repository, installation),
		method: http.MethodPost, route: "/app/installations/{installation_id}/access_tokens",
	}
	err = c.do(ctx, func(ctx context.Context) error {
		return a.keys.try(func(key *rsa.PrivateKey) error {
			transport := ghinstallation.NewFromAppsTransport(a.appsTransport(key), installation)
			transport.InstallationTokenOptions = &github.InstallationTokenOptions{
				RepositoryIDs: []int64{repository},
				Permissions:   tokenPermissions(),
			}
			if token, err = transport.Token(ctx); err != nil {
				if c.err != nil {
					return c.err // what ghinstallation wrapped
				}
				return err
			}
			if expires, _, err = transport.Expiry(); err != nil {
				return fmt.Errorf("the token has no expiry: %w", err)
			}
			if token == "" || expires.IsZero() {
				return errors.New("the answer holds no token")
			}
			return nil
		})
	})
	if err != nil {
		return "", time.Time{}, notGranted(err)
	}
	return token, expires, nil
}

// tokenPermissions is the least that a review needs. A token for contents may
// only read, although GitHub wants contents: write for resolving a thread:
// nothing lintel does is worth a token that can push.
func tokenPermissions() *github.InstallationPermissions {
	return &github.InstallationPermissions{
		Checks:       github.String("write"),
		Contents:     github.String("read"),
		Metadata:     github.String("read"),
		PullRequests: github.String("write"),
	}
}

// notGranted tells what a refused token means. GitHub answers 422 both when a
// permission was not granted and when the repository is not (any more) one of
// the installation's.
func notGranted(err error) error {
	var response *responseError
	if !errors.As(err, &response) || response.status != http.StatusUnprocessableEntity {
		return err
	}
	if strings.Contains(strings.ToLower(response.message), "permission") {
		return fmt.Errorf("%w: an owner has to accept the app's permissions: %w", ErrForbidden, err)
	}
	return fmt.Errorf("%w: the repository is not part of the installation: %w", ErrNotFound, err)
}

// appAuth signs requests as the app itself.
type appAuth struct{ app *App }

func (t appAuth) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	err = t.app.keys.try(func(key *rsa.PrivateKey) error {
		out, err := rewound(req)
		if err != nil {
			return err
		}
		resp, err = t.app.appsTransport(key).RoundTrip(out)
		return err
	})
	callOf(req.Context()).err = err
	return resp, err
}

// appsTransport returns a transport that signs with key. The token it signs is
// issued half a minute in the past, for clocks that differ, and ends after two.
func (a *App) appsTransport(key *rsa.PrivateKey) *ghinstallation.AppsTransport {
	transport := ghinstallation.NewAppsTransportFromPrivateKey(a.chain(a.limits), a.id, key)
	transport.BaseURL = strings.TrimSuffix(a.api.String(), "/")
	return transport
}
