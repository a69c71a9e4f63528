package analysis

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/lintel-bot/lintel/internal/analysis/factcache"
	"github.com/lintel-bot/lintel/internal/analysis/worker"
	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/rule"
	"github.com/lintel-bot/lintel/internal/secrets"
)

// MaxFileBytes is the size above which a file in scope is named as not scanned.
const MaxFileBytes = worker.MaxFileBytes

// Source is the repository a scan reads; package gitrepo's *Repository and
// *Snapshot satisfy it. Commits and objects go by their full ids.
type Source interface {
	// Diff returns what changed from base to head, with renames.
	Diff(ctx context.Context, base, head string) ([]diff.File, error)
	// Introduced returns what each commit that head reaches and base does not
	// changed against all its parents, and those commits; parents before
	// children in both.
	Introduced(ctx context.Context, base, head string) ([]diff.Introduction, []string, error)
	// Tree returns all files of a commit.
	Tree(ctx context.Context, commit string) ([]diff.Entry, error)
	// ReadBlob returns a blob and its size; data is nil when size is over max.
	// It fails with gitrepo.ErrMissingObject when there is no such blob.
	ReadBlob(ctx context.Context, id string, max int64) (data []byte, size int64, err error)
}

// Options say how one scan is done. The zero value scans everything.
type Options struct {
	// Exclude reports whether configuration takes a path out of scope.
	Exclude func(path string) bool
	// Progress is told how many of the files and versions to read are done. It
	// is called from one goroutine at a time; total may grow.
	Progress func(done, total int)
	// Config is the commit whose rules of its own count, the tip of the default
	// branch; empty for none.
	Config string
	// Now is the clock by which the scan measures itself.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Exclude == nil {
		o.Exclude = func(string) bool { return false }
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// PoolOptions say how workers are run. Command and Key are required.
type PoolOptions struct {
	// Workers is the number of worker processes; zero means one a CPU.
	Workers int
	// Command is the argument list of a worker: this program, and what makes it
	// call ServeWorker.
	Command []string
	// Key is the key of fingerprints, secrets.MinKeyBytes long at least. It
	// goes to the workers over a pipe.
	Key []byte
	// FileTimeout is the wall time a file may take; zero means
	// worker.DefaultFileTimeout.
	FileTimeout time.Duration
	// MemoryBytes is what a worker may allocate beyond what it needs to start;
	// zero means worker.DefaultMemoryBytes.
	MemoryBytes int64
	// Catalogue holds the rules; without one only secrets are found.
	Catalogue *rule.Catalogue
	// Facts keeps what was read of files between scans; may be nil.
	Facts  *factcache.Cache
	Logger *slog.Logger
}

// scanner judges single files; *worker.Pool is one.
type scanner interface {
	// Scan may be called by Size goroutines at a time.
	Scan(ctx context.Context, f worker.File) (worker.Verdict, error)
	Size() int
}

// Analyzer scans repositories. It is safe for concurrent use; its workers are
// shared fairly between the scans that run at a time.
type Analyzer struct {
	scanner scanner
	close   func()
	// sampling has room for one, who may hold a large file in memory.
	sampling  chan struct{}
	catalogue *rule.Catalogue
	facts     *factcache.Cache
	// keyID tells facts apart that were made with another key: they hold digests.
	keyID string
}

// NewAnalyzer returns an Analyzer whose workers start when they are needed.
func NewAnalyzer(o PoolOptions) (*Analyzer, error) {
	if len(o.Key) < secrets.MinKeyBytes {
		return nil, fmt.Errorf("the fingerprint key is shorter than %d bytes", secrets.MinKeyBytes)
	}
	pool, err := worker.NewPool(worker.Options{
		Count: o.Workers, Command: o.Command, Key: o.Key, Version: EngineVersion,
		FileTimeout: o.FileTimeout, MemoryBytes: o.MemoryBytes, Logger: o.Logger,
	})
	if err != nil {
		return nil, fmt.Errorf("set up scan workers: %w", err)
	}
	a := newAnalyzer(pool, pool.Close)
	a.catalogue, a.facts = o.Catalogue, o.Facts
	a.keyID = finding.KeyedDigest(o.Key, "facts")
	return a, nil
}

// rules returns the catalogue that a run uses, or nil.
func (r *run) rules() *rule.Catalogue { return r.catalogue }

func newAnalyzer(s scanner, end func()) *Analyzer {
	return &Analyzer{scanner: s, close: end, sampling: make(chan struct{}, 1)}
}

// Close ends the workers and the scans that still run, which fail. It returns
// when no process is left. It never fails; the error makes it an io.Closer.
func (a *Analyzer) Close() error {
	a.close()
	return nil
}
