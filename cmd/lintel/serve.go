package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/lintel-bot/lintel/internal/analysis"
	"github.com/lintel-bot/lintel/internal/analysis/factcache"
	"github.com/lintel-bot/lintel/internal/gh"
	"github.com/lintel-bot/lintel/internal/gitrepo"
	"github.com/lintel-bot/lintel/internal/policy"
	"github.com/lintel-bot/lintel/internal/queue"
	"github.com/lintel-bot/lintel/internal/reviewer"
	"github.com/lintel-bot/lintel/internal/store"
	"github.com/lintel-bot/lintel/internal/telemetry"
	"github.com/lintel-bot/lintel/internal/webhook"
)

// serveCommand runs the server until it is told to stop.
type serveCommand struct {
	Workers   int   `help:"Reviews that run at the same time." default:"4"`
	MirrorGiB int64 `name:"mirror-gib" help:"Size budget of the mirrors in the data directory, in GiB." default:"20"`
	Verbose   bool  `short:"v" help:"Log more."`
}

const (
	// reviewTimeout bounds one attempt at one review, the first fetch of a
	// large repository included.
	reviewTimeout = 10 * time.Minute
	// drainTimeout is how long running reviews may go on after SIGTERM.
	drainTimeout = 20 * time.Second
	// answerTimeout is how long open requests may go on after the drain, so
	// that all ends within the usual 30 s before SIGKILL.
	answerTimeout = 5 * time.Second
	// pruneInterval is how often old inbox rows are deleted.
	pruneInterval = time.Hour
)

// Run serves until ctx is done, then drains.
func (c *serveCommand) Run(ctx context.Context, io console) error {
	cfg, err := loadConfig(environment{io.lookup, os.ReadFile})
	if err != nil {
		return &exitError{exitFailed, err}
	}
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	log := telemetry.NewLogger(io.stderr, level)
	s, err := c.open(ctx, cfg, log)
	if err != nil {
		return &exitError{exitFailed, err}
	}
	err = s.run(ctx)
	return errors.Join(err, s.close())
}

// server holds the parts of a running server.
type server struct {
	log      *slog.Logger
	store    *store.Store
	app      *gh.App
	mirrors  *gitrepo.Mirrors
	analyzer *analysis.Analyzer
	runner   *queue.Runner
	public   *http.Server
	admin    *http.Server
	listen   [2]net.Listener
	draining atomic.Bool
}

// open starts everything that can fail before the first delivery is taken.
func (c *serveCommand) open(ctx context.Context, cfg config, log *slog.Logger) (_ *server, err error) {
	s := &server{log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err := os.MkdirAll(cfg.dataDir, 0o700); err != nil {
		return nil, fmt.Errorf("LINTEL_DATA_DIR: %w", err)
	}
	metrics := telemetry.NewMetrics()
	if s.store, err = store.Open(ctx, cfg.databaseURL, store.Options{Logger: log}); err != nil {
		return nil, fmt.Errorf("opening the database: %w", err)
	}
	if s.app, err = gh.New(gh.Config{
		AppID: cfg.appID, PrivateKeys: cfg.privateKeys, WebURL: cfg.githubURL,
		UserAgent: "lintel/" + version(), Logger: log, Observe: metrics.Request,
	}); err != nil {
		return nil, err
	}
	if s.mirrors, err = gitrepo.OpenMirrors(filepath.Join(cfg.dataDir, "mirrors"),
		gitrepo.MirrorOptions{Budget: c.MirrorGiB << 30}); err != nil {
		return nil, fmt.Errorf("opening the mirrors: %w", err)
	}
	command, err := workerArguments()
	if err != nil {
		return nil, err
	}
	rules, err := catalogue(cfg.rulesDir)
	if err != nil {
		return nil, err
	}
	facts, err := factcache.Open(filepath.Join(cfg.dataDir, "facts"), log)
	if err != nil {
		return nil, err
	}
	if s.analyzer, err = analysis.NewAnalyzer(analysis.PoolOptions{
		Command: command, Key: cfg.fingerprintKey, Catalogue: rules, Facts: facts, Logger: log,
	}); err != nil {
		return nil, err
	}
	handler := reviewer.New(reviewer.Options{
		App: s.app, Mirrors: s.mirrors, Analyzer: s.analyzer, Store: s.store, Policy: policy.Default(),
		Wake: func() { s.runner.Wake() }, Timeout: reviewTimeout, DetailsURL: cfg.publicURL,
		Now: time.Now, Logger: log,
	})
	s.runner = queue.NewRunner(s.store, handler, queue.Options{
		Workers: c.Workers, DrainTimeout: drainTimeout, Logger: log, Observer: metrics,
	})
	return s, s.bind(cfg, metrics)
}

// bind opens both addresses.
func (s *server) bind(cfg config, metrics *telemetry.Metrics) error {
	handler, err := webhook.Handler(webhook.Options{
		Secrets: cfg.webhookSecrets, Accept: s.store, Accepted: s.runner.Wake, Ready: s.ready,
		Observer: metrics, Logger: s.log,
	})
	if err != nil {
		return fmt.Errorf("LINTEL_WEBHOOK_SECRET: %w", err)
	}
	metrics.WatchQueue(func(ctx context.Context) (telemetry.QueueDepth, error) {
		n, err := s.store.Counts(ctx, time.Now())
		return telemetry.QueueDepth{
			ByState:     map[string]int{"idle": n.Idle, "queued": n.Queued, "running": n.Running, "dead": n.Dead},
			OldestReady: n.OldestReady,
		}, err
	}, s.log)
	s.public = webhook.Server(cfg.listen, handler)
	s.admin = webhook.Server(cfg.adminListen, metrics.Handler())
	for i, listener := range []struct{ variable, address string }{
		{"LINTEL_LISTEN", cfg.listen}, {"LINTEL_ADMIN_LISTEN", cfg.adminListen},
	} {
		if s.listen[i], err = net.Listen("tcp", listener.address); err != nil {
			return fmt.Errorf("%s: %w", listener.variable, err)
		}
	}
	return nil
}

// ready says whether a load balancer may send deliveries here.
func (s *server) ready(ctx context.Context) error {
	if s.draining.Load() {
		return errors.New("shutting down")
	}
	return s.store.Ready(ctx)
}

// run serves until ctx is done. Deliveries are still taken while reviews drain:
// they are stored, and the next process reviews them.
func (s *server) run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	for i, srv := range []*http.Server{s.public, s.admin} {
		go func() {
			if err := srv.Serve(s.listen[i]); !errors.Is(err, http.ErrServerClosed) {
				stop(fmt.Errorf("serving %s: %w", s.listen[i].Addr(), err))
			}
		}()
	}
	s.log.Info("serving", "listen", s.listen[0].Addr().String(), "admin", s.listen[1].Addr().String(),
		"version", version(), "rules", analysis.RulesVersion())
	go s.prune(ctx)
	go func() {
		<-ctx.Done()
		s.draining.Store(true)
		s.log.Info("stopping: no new review is started")
	}()
	err := s.runner.Run(ctx)
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(err, cause)
	}
	end, cancel := context.WithTimeout(context.Background(), answerTimeout)
	defer cancel()
	return errors.Join(err, s.public.Shutdown(end), s.admin.Shutdown(end))
}

// prune keeps the inbox small.
func (s *server) prune(ctx context.Context) {
	tick := time.NewTicker(pruneInterval)
	defer tick.Stop()
	for {
		if err := s.store.Prune(ctx, time.Now()); err != nil && ctx.Err() == nil {
			s.log.Warn("pruning the inbox", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// close ends what open started, as far as it came.
func (s *server) close() error {
	var errs []error
	for _, l := range s.listen {
		if l != nil {
			if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				errs = append(errs, err)
			}
		}
	}
	if s.app != nil {
		s.app.Close()
	}
	if s.analyzer != nil {
		errs = append(errs, s.analyzer.Close())
	}
	if s.mirrors != nil {
		errs = append(errs, s.mirrors.Close())
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}
