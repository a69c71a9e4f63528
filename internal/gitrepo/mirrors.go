package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	// defaultBudget is room for some hundred mirrors of ordinary size.
	defaultBudget = 10 << 30
	// defaultFetchTimeout is enough for the first fetch of a large repository;
	// later ones take less than a second.
	defaultFetchTimeout = 5 * time.Minute
)

// MirrorOptions bound what mirrors cost.
type MirrorOptions struct {
	// Budget is how many bytes all mirrors may take on disk, 10 GiB when zero.
	// Mirrors that nobody uses go, the one used longest ago first. A single
	// repository that takes more is refused with ErrTooLarge.
	Budget int64
	// FetchTimeout bounds one fetch, five minutes when zero.
	FetchTimeout time.Duration
	// Logger hears of upkeep: mirrors thrown away or packed. May be nil.
	Logger *slog.Logger
}

// Mirrors keeps bare mirrors of remote repositories in one directory, which no
// other process may use. They hold every commit and directory of a history,
// and the contents that reviews asked for. It is safe for concurrent use.
type Mirrors struct {
	dir, home, program string
	budget             int64
	timeout            time.Duration
	log                *slog.Logger

	mu    sync.Mutex
	slots map[int64]*slot // guarded by mu
	// closing ends the fetches that are under way.
	closing context.Context
	close   context.CancelFunc
	// working counts Snapshot calls.
	working sync.WaitGroup
}

// slot is the place of one repository. It stays when its mirror goes.
type slot struct {
	repository int64
	// turn is held by whoever fetches into the mirror or replaces it.
	turn chan struct{}
	// users counts snapshots, those being made included; an unused slot's
	// mirror may be evicted. Guarded by Mirrors.mu.
	users int
	// next is the next generation's number, for the holder of turn.
	next int
	// mirror is the present generation, nil when there is none. Changed only
	// by the holder of turn or by eviction, under Mirrors.mu.
	mirror *mirror
}

// mirror is one generation of a repository's mirror: a damaged one is not
// repaired but replaced, while older snapshots may still read it.
type mirror struct {
	path       string
	generation int
	// The rest is guarded by Mirrors.mu.
	users     int
	size      int64
	used      time.Time
	discarded bool
	// suspect is set when a snapshot could not be read; the next one gets a
	// new mirror.
	suspect bool
}

// OpenMirrors opens a directory of mirrors, creating it when it is missing. It
// removes what a crash left behind.
func OpenMirrors(dir string, o MirrorOptions) (*Mirrors, error) {
	program, err := findGit()
	if err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open mirrors: %w", err)
	}
	m := &Mirrors{dir: absolute, home: filepath.Join(absolute, "home"), program: program,
		budget: o.Budget, timeout: o.FetchTimeout, log: o.Logger, slots: map[int64]*slot{}}
	if m.budget <= 0 {
		m.budget = defaultBudget
	}
	if m.timeout <= 0 {
		m.timeout = defaultFetchTimeout
	}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(m.home, 0o700); err != nil {
		return nil, fmt.Errorf("open mirrors: %w", err)
	}
	if err := m.load(); err != nil {
		return nil, fmt.Errorf("open mirrors in %s: %w", dir, err)
	}
	m.closing, m.close = context.WithCancel(context.Background())
	m.evict()
	return m, nil
}

// Close ends the fetches that are under way and waits for them. Snapshots that
// were handed out stay usable until they are released.
func (m *Mirrors) Close() error {
	m.close()
	m.working.Wait()
	return nil
}

var errClosed = errors.New("the mirrors are closed")

// Snapshot is a repository as one review sees it: all commits and trees of
// base and head, and the contents of every file of the head, of the merge base,
// and of every commit in between.
type Snapshot struct {
	*Repository
	// MergeBase, Base and Head are full commit ids.
	MergeBase, Base, Head string
	// Config is the commit whose configuration counts: the default branch's. Of
	// its files only those below ConfigFolder are sure to be there.
	Config string

	release func() error
}

// Release gives the snapshot back, so that its mirror may be evicted. It must
// be called once it is no longer needed; a second call does nothing.
func (s *Snapshot) Release() error { return s.release() }

// Snapshot returns the repository with base and head, two full commit ids,
// after fetching what the mirror lacks. GitHub gives every commit of a pull
// request by its id through the base repository, those of a fork included, also
// once the fork is deleted. pull is the pull request's number; commits are kept
// under references by it.
//
// It fails with ErrCommitGone, ErrNoMergeBase, ErrRemoteRefused or ErrTooLarge
// where the caller can do something about it; everything else may be tried
// again. ErrCommitGone may also mean that the remote does not have a new commit
// everywhere yet.
func (m *Mirrors) Snapshot(ctx context.Context, remote Remote, base, head string, pull int) (*Snapshot, error) {
	s, err := m.snapshot(ctx, remote, base, head, pull)
	if err != nil {
		return nil, fmt.Errorf("fetch repository %d: %w", remote.RepositoryID, err)
	}
	return s, nil
}

func (m *Mirrors) snapshot(ctx context.Context, remote Remote, base, head string, pull int) (*Snapshot, error) {
	t, err := parseTransport(remote.URL)
	if err != nil {
		return nil, err
	}
	for _, id := range []string{base, head} {
		if err := checkID(id); err != nil {
			return nil, err
		}
		if len(id) != sha1Digits {
			return nil, fmt.Errorf("commit %s: GitHub's repositories have ids of %d digits", id, sha1Digits)
		}
	}
	if remote.DefaultBranch != "" && !branchName.MatchString(remote.DefaultBranch) {
		return nil, fmt.Errorf("the default branch has a name that git does not take: %q", clip(remote.DefaultBranch))
	}
	s, err := m.enter(remote.RepositoryID)
	if err != nil {
		return nil, err
	}
	defer m.working.Done()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(m.closing, func() { cancel(errClosed) })()

	f := &fetcher{mirrors: m, remote: remote, transport: t, base: base, head: head, config: base, pull: pull}
	snapshot, err := m.prepare(ctx, s, f)
	if err != nil {
		return nil, errors.Join(err, m.leave(s, nil, false))
	}
	return snapshot, nil
}

// prepare brings the mirror up to date, one caller at a time for each
// repository. A mirror that fails for reasons of its own is replaced, once.
func (m *Mirrors) prepare(ctx context.Context, s *slot, f *fetcher) (*Snapshot, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	snapshot, fresh, err := m.attempt(ctx, s, f)
	if errors.Is(err, errDamaged) && !fresh && ctx.Err() == nil {
		m.log.Warn("a mirror is damaged and is fetched anew", "repository", s.repository, "error", err.Error())
		if err := m.discard(s); err != nil {
			return nil, err
		}
		snapshot, _, err = m.attempt(ctx, s, f)
	}
	if errors.Is(err, ErrTooLarge) || errors.Is(err, errDamaged) {
		err = errors.Join(err, m.discard(s))
	}
	return snapshot, err
}

// attempt makes a snapshot of the present mirror, or of a new one when there
// is none; fresh tells. The caller holds the slot's turn.
func (m *Mirrors) attempt(ctx context.Context, s *slot, f *fetcher) (_ *Snapshot, fresh bool, err error) {
	current, fresh, err := m.current(s)
	if err != nil {
		return nil, fresh, err
	}
	repo := m.openMirror(current)
	mergeBase, err := f.bring(ctx, repo, current)
	m.measure(current)
	if err != nil {
		return nil, fresh, errors.Join(err, repo.Close())
	}
	m.pack(ctx, s, current, f)
	m.mu.Lock()
	current.users++
	current.used = time.Now()
	m.mu.Unlock()
	var once sync.Once
	var releaseErr error
	release := func() error {
		once.Do(func() { releaseErr = errors.Join(repo.Close(), m.leave(s, current, repo.suspect.Load())) })
		return releaseErr
	}
	return &Snapshot{Repository: repo, MergeBase: mergeBase, Base: f.base, Head: f.head, Config: f.config, release: release}, fresh, nil
}

// openMirror returns a reader of a mirror.
func (m *Mirrors) openMirror(current *mirror) *Repository {
	env := environment(m.home, current.path, "", objectSettings(emptyTreeSHA1))
	g := &git{program: m.program, dir: current.path, env: env}
	return newRepository(g, g, sha1Digits)
}
