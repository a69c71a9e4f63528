// Package gh speaks to GitHub as a GitHub App: installation tokens narrowed to
// one repository, the few REST and GraphQL calls a review needs, and errors
// that say what may be done next. It is the only importer of go-github.
package gh

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/google/go-github/v62/github"
)

// Config describes the app and where its GitHub is.
type Config struct {
	AppID int64
	// PrivateKeys are PEM; the first that GitHub accepts is used.
	PrivateKeys [][]byte
	// WebURL is the address people use, as LINTEL_GITHUB_URL has it.
	WebURL string
	// UserAgent is sent with every request; GitHub refuses requests without.
	UserAgent string
	// Timeout bounds one request with its answer; 30 seconds when zero.
	Timeout time.Duration
	// Now is the clock for tokens and rate limits; time.Now when nil. The
	// requests for tokens are dated by ghinstallation, always with time.Now.
	Now func() time.Time
	// Logger may be nil.
	Logger *slog.Logger
	// Observe, if set, is called after every request with the route's template
	// and the status, zero when no answer came.
	Observe func(method, route string, status int, d time.Duration)
}

// defaultTimeout is longer than the 10 seconds after which GitHub itself gives
// up on a request.
const defaultTimeout = 30 * time.Second

// App is a GitHub App. It is safe for concurrent use.
type App struct {
	id                int64
	keys              *keyring
	api, graphql, web *url.URL
	now               func() time.Time
	logger            *slog.Logger
	exchange          *exchange
	limits            *limits // of the app's own requests
	client            *github.Client
	userAgent         string

	mu            sync.Mutex
	installations map[int64]*limits
	accesses      map[accessKey]*access

	identity identity
}

type accessKey struct{ installation, repository int64 }

// maxAccesses bounds the tokens kept in memory. Dropping one costs a request.
const maxAccesses = 4096

// New checks the configuration; it sends nothing. Its errors are one sentence.
func New(c Config) (*App, error) {
	if c.AppID <= 0 {
		return nil, errors.New("the app id must be the positive number GitHub shows on the app's page")
	}
	keys, err := parseKeys(c.PrivateKeys)
	if err != nil {
		return nil, err
	}
	api, graphql, web, err := Origin(c.WebURL)
	if err != nil {
		return nil, err
	}
	a := &App{
		id: c.AppID, keys: keys, api: api, graphql: graphql, web: web, now: c.Now, logger: c.Logger, userAgent: c.UserAgent,
		installations: map[int64]*limits{}, accesses: map[accessKey]*access{},
	}
	if a.now == nil {
		a.now = time.Now
	}
	if a.logger == nil {
		a.logger = slog.New(slog.DiscardHandler)
	}
	if a.userAgent == "" {
		a.userAgent = "lintel"
	}
	a.identity.lock = make(chan struct{}, 1)
	a.limits = newLimits(a.now)
	a.exchange = &exchange{
		base: newBase(), api: api, userAgent: a.userAgent, timeout: c.Timeout, now: a.now, observe: c.Observe,
	}
	if a.exchange.timeout <= 0 {
		a.exchange.timeout = defaultTimeout
	}
	if a.exchange.observe == nil {
		a.exchange.observe = func(string, string, int, time.Duration) {}
	}
	a.client = a.newClient(appAuth{a})
	return a, nil
}

// maxIdleConnections keeps connections for as many reviews as run at a time.
const maxIdleConnections = 16

func newBase() http.RoundTripper {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          4 * maxIdleConnections,
		MaxIdleConnsPerHost:   maxIdleConnections,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// chain is what every request passes through once it is signed.
func (a *App) chain(l *limits) http.RoundTripper {
	return &retrier{&limiter{l, a.exchange}}
}

func (a *App) newClient(auth http.RoundTripper) *github.Client {
	client := github.NewClient(&http.Client{Transport: auth, CheckRedirect: a.checkRedirect})
	client.BaseURL, client.UserAgent = a.api, a.userAgent
	return client
}

// Close drops idle connections.
func (a *App) Close() {
	if t, ok := a.exchange.base.(*http.Transport); ok {
		t.CloseIdleConnections()
	}
}

// Repository returns the repository as seen through an installation. It does
// no I/O; a name that cannot be one fails with the first request.
func (a *App) Repository(installation, repositoryID int64, fullName string) *Repository {
	r := &Repository{app: a, id: repositoryID, fullName: fullName, access: a.access(installation, repositoryID)}
	r.owner, r.name, r.invalid = splitName(fullName)
	return r
}

func (a *App) access(installation, repository int64) *access {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := accessKey{installation, repository}
	if known, ok := a.accesses[key]; ok {
		return known
	}
	if len(a.accesses) >= maxAccesses {
		for other := range a.accesses {
			delete(a.accesses, other)
			break
		}
	}
	l, ok := a.installations[installation]
	if !ok {
		l = newLimits(a.now)
		a.installations[installation] = l
	}
	s := &access{app: a, installation: installation, repository: repository, limits: l, lock: make(chan struct{}, 1)}
	s.client = a.newClient(s)
	a.accesses[key] = s
	return s
}

// identity is who the app is on GitHub.
type identity struct {
	lock chan struct{}
	slug string
	read time.Time
}

const (
	// slugLifetime is how long the app's name is believed. An owner can rename
	// an app, and its comments change their author's name with it.
	slugLifetime = time.Hour
	// slugDoubt is the least age at which a bot with a marker of ours is reason
	// enough to ask again who we are.
	slugDoubt = time.Minute
)

// Slug returns the app's name in addresses, cached for an hour. Its bot user's
// login is slug+"[bot]".
func (a *App) Slug(ctx context.Context) (string, error) { return a.slug(ctx, slugLifetime) }

func (a *App) slug(ctx context.Context, oldest time.Duration) (string, error) {
	if err := acquire(ctx, a.identity.lock); err != nil {
		return "", fmt.Errorf("could not read the app's name: %w", err)
	}
	defer func() { <-a.identity.lock }()
	if a.identity.slug != "" && a.now().Sub(a.identity.read) < oldest {
		return a.identity.slug, nil
	}
	c := &call{doing: "read the app's name", method: http.MethodGet, route: "/app"}
	err := c.do(ctx, func(ctx context.Context) error {
		app, _, err := a.client.Apps.Get(ctx, "")
		if err != nil {
			return err
		}
		if app.GetID() != a.id || app.GetSlug() == "" {
			return errors.New("the answer is not this app")
		}
		a.identity.slug, a.identity.read = app.GetSlug(), a.now()
		return nil
	})
	if err != nil {
		return "", err
	}
	return a.identity.slug, nil
}
