package ghtest

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Options says what the fake is to look like. Zero values mean what the field
// comments name.
type Options struct {
	// Dir holds the repositories; it must exist. Empty: a temporary directory
	// that Close removes.
	Dir string
	// AppID is the App's numeric id; zero means 1.
	AppID int64
	// AppKeys are the public keys of the App; a JWT signed by any of them is
	// accepted. At least one is required.
	AppKeys []*rsa.PublicKey
	// AppSlug names the App and its bot user; empty means "lintel".
	AppSlug string
	// Permissions are what the App asks for and every new installation grants;
	// nil means those of lintel's app.yml.
	Permissions map[string]string
	// Events the App subscribes to; nil means those of lintel's app.yml.
	Events []string
	// Now is the clock everything is dated and expired by; nil means time.Now.
	Now func() time.Time
	// WebhookURL receives deliveries; empty sends none, but they are logged.
	WebhookURL string
	// WebhookSecret signs deliveries.
	WebhookSecret string
	// Limits replaces GitHub's rate limits where a field is not zero.
	Limits Limits
	// Logger gets one debug record per request; nil means none.
	Logger *slog.Logger
}

// Server is the fake. Its methods may be called from several goroutines.
type Server struct {
	options   Options
	dir       string
	ownsDir   bool
	listener  net.Listener
	http      *http.Server
	served    chan struct{}
	closing   context.Context
	close     context.CancelFunc
	client    *http.Client
	api       *description
	routes    map[string]route
	graph     *graph
	log       *slog.Logger
	backend   string
	wireMu    sync.Mutex // guards requests, violations, faults
	requests  []Request
	faults    []*activeFault
	broken    []string
	inFlight  int
	mu        sync.Mutex // guards everything below
	sending   int        // deliveries under way that nobody waits for
	idle      *sync.Cond // told when sending gets to zero
	ids       ids
	users     map[string]*user
	repos     map[int64]*Repository
	names     map[string]*Repository
	installs  map[int64]*Installation
	tokens    map[string]*token
	app       *appRecord
	sent      []*delivery
	outbox    []*delivery
	held      bool
	webhook   string
	diffs     map[string][]fileDiff
	limits    Limits
	createdAt time.Time
}

// New makes a fake that listens on a free port of 127.0.0.1; Start makes it
// answer.
func New(o Options) (*Server, error) {
	if len(o.AppKeys) == 0 {
		return nil, errors.New("ghtest: an App needs at least one public key")
	}
	o = withDefaults(o)
	api, err := loadDescription()
	if err != nil {
		return nil, err
	}
	graph, err := loadGraph()
	if err != nil {
		return nil, err
	}
	backend, err := findBackend()
	if err != nil {
		return nil, err
	}
	s := &Server{
		options: o, dir: o.Dir, api: api, graph: graph, log: o.Logger, backend: backend, served: make(chan struct{}),
		users: map[string]*user{}, repos: map[int64]*Repository{}, names: map[string]*Repository{},
		installs: map[int64]*Installation{}, tokens: map[string]*token{}, diffs: map[string][]fileDiff{},
		webhook: o.WebhookURL, limits: o.Limits.withDefaults(), createdAt: o.Now().UTC(),
	}
	// A delivery gets a connection of its own: a receiver that is killed and
	// started again would otherwise be met with a dead kept-alive one.
	s.client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	s.idle = sync.NewCond(&s.mu)
	s.closing, s.close = context.WithCancel(context.Background())
	s.routes = s.table()
	s.app = s.newApp()
	if s.dir == "" {
		if s.dir, err = os.MkdirTemp("", "ghtest-"); err != nil {
			return nil, fmt.Errorf("ghtest: making a directory for repositories: %w", err)
		}
		s.ownsDir = true
	}
	if s.dir, err = filepath.Abs(s.dir); err != nil {
		return nil, fmt.Errorf("ghtest: finding the directory for repositories: %w", err)
	}
	if s.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("ghtest: listening: %w", err)
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	return s, nil
}

func withDefaults(o Options) Options {
	if o.AppID == 0 {
		o.AppID = 1
	}
	if o.AppSlug == "" {
		o.AppSlug = "lintel"
	}
	if o.Permissions == nil {
		o.Permissions = map[string]string{
			"checks": "write", "pull_requests": "write", "contents": "read", "metadata": "read",
		}
	}
	if o.Events == nil {
		o.Events = []string{"pull_request"}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	return o
}

// Start begins to answer. It returns at once.
func (s *Server) Start() {
	go func() {
		defer close(s.served)
		if err := s.http.Serve(s.listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			s.violation("serving: %v", err)
		}
	}()
}

// URL is the web origin, without a trailing slash: REST lies under /api/v3/,
// GraphQL at /api/graphql, git at /OWNER/REPO.git, as on an Enterprise Server.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Close stops answering, drops open connections, waits for deliveries under way
// and removes the repositories if the fake made their directory.
func (s *Server) Close() error {
	s.mu.Lock()
	s.close()
	s.mu.Unlock()
	err := s.http.Close()
	if lerr := s.listener.Close(); lerr != nil && !errors.Is(lerr, net.ErrClosed) {
		err = errors.Join(err, lerr)
	}
	s.Settle()
	s.client.CloseIdleConnections()
	if s.ownsDir {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	if err != nil {
		return fmt.Errorf("ghtest: closing: %w", err)
	}
	return nil
}

func (s *Server) now() time.Time { return s.options.Now().UTC().Truncate(time.Second) }

// ids hands out database ids. They begin beyond 32 bits, where GitHub's have
// long been, so that a client that keeps them in an int32 is found out.
type ids struct{ last int64 }

const firstID = 5_000_000_000

func (i *ids) next() int64 {
	if i.last == 0 {
		i.last = firstID
	}
	i.last++
	return i.last
}
