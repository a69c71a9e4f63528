package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/lintel-bot/lintel/internal/diff"
)

const (
	// refSlots bounds our own references in a mirror. Their use is to tell the
	// remote what we have; some recent ones are enough for that.
	refSlots = 64
	// watchInterval is how often the size of a fetch is looked at.
	watchInterval = 250 * time.Millisecond
)

// errDamaged: the mirror itself is at fault, and a new one may do better.
var errDamaged = errors.New("the mirror is damaged")

// errTimeout is the cause of a fetch that took longer than it may.
var errTimeout = errors.New("the fetch took too long")

// fetcher brings what one snapshot needs into a mirror.
//
// A mirror holds all commits and directories of its history and, of the files'
// contents, those that were asked for (a partial clone with blob:none; see
// docs/decisions/0003-partial-mirrors.md). History is whole, so a merge base is
// never wrong. Contents are listed and fetched before anybody reads; reading
// never fetches, since the commands that read know of no remote.
type fetcher struct {
	mirrors    *Mirrors
	remote     Remote
	transport  transport
	base, head string
	// config is the commit of which the configuration is wanted.
	config string
	pull   int
}

// ConfigFolder holds what a repository says of its own reviews.
const ConfigFolder = ".github"

// branchName is what a reference specification takes: no blanks and none of the
// characters that git gives a meaning
// (https://git-scm.com/docs/git-check-ref-format).
var branchName = regexp.MustCompile(`^[^\x00-\x20\x7f~^:?*\[\\]{1,255}$`)

// bring fetches what is missing and returns the merge base. The caller holds
// the turn of the mirror's slot.
func (f *fetcher) bring(ctx context.Context, repo *Repository, current *mirror) (string, error) {
	if err := f.bringCommits(ctx, repo, current); err != nil {
		return "", err
	}
	if f.remote.DefaultBranch != "" {
		spec := "+refs/heads/" + f.remote.DefaultBranch + ":" + f.ref("config")
		if err := f.fetch(ctx, current, "", nil, spec); err != nil {
			return "", err
		}
		tip, err := repo.Resolve(ctx, f.ref("config"))
		if err != nil {
			return "", damaged(ctx, err)
		}
		f.config = tip
	}
	mergeBase, err := repo.MergeBase(ctx, f.base, f.head)
	if errors.Is(err, ErrNoMergeBase) {
		return "", err
	}
	if err != nil {
		return "", damaged(ctx, err)
	}
	wanted, err := f.contents(ctx, repo, mergeBase)
	if err != nil {
		return "", damaged(ctx, err)
	}
	absent, err := repo.absent(ctx, wanted)
	if err != nil {
		return "", damaged(ctx, err)
	}
	if len(absent) == 0 {
		return mergeBase, nil
	}
	if err := f.fetch(ctx, current, strings.Join(absent, "\n")+"\n",
		[]setting{{"fetch.negotiationAlgorithm", "noop"}}, "--stdin"); err != nil {
		return "", err
	}
	if absent, err = repo.absent(ctx, absent); err != nil {
		return "", damaged(ctx, err)
	}
	if len(absent) > 0 {
		return "", fmt.Errorf("%w: %d contents are missing after they were fetched, the first is %s", errDamaged, len(absent), absent[0])
	}
	return mergeBase, nil
}

// damaged blames the mirror for a failure that neither the caller's context
// nor a bound of ours explains.
func damaged(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, ErrTooLarge) {
		return err
	}
	return fmt.Errorf("%w: %w", errDamaged, err)
}

// bringCommits fetches base and head with their histories where they are
// missing. A commit that is there has its whole history: git stores a pack only
// once it arrived whole.
func (f *fetcher) bringCommits(ctx context.Context, repo *Repository, current *mirror) error {
	missing, err := repo.absent(ctx, []string{f.base, f.head})
	if err != nil {
		return damaged(ctx, err)
	}
	if len(missing) == 0 {
		return nil
	}
	return f.fetch(ctx, current, "", nil, f.refspecs(missing)...)
}

// refspecs puts each commit under a reference of ours: git offers only
// references when it tells the remote what it has already.
func (f *fetcher) refspecs(ids []string) []string {
	var specs []string
	for _, id := range ids {
		side := "base"
		if id == f.head {
			side = "head"
		}
		if spec := "+" + id + ":" + f.ref(side); !slices.Contains(specs, spec) {
			specs = append(specs, spec)
		}
	}
	return specs
}

func (f *fetcher) ref(side string) string {
	return fmt.Sprintf("refs/lintel/%d/%s", f.pull%refSlots, side)
}

// contents lists the blobs a review may read: the whole trees of head and merge
// base, and what the commits in between changed.
func (f *fetcher) contents(ctx context.Context, repo *Repository, mergeBase string) ([]string, error) {
	wanted := map[string]struct{}{}
	for _, commit := range []string{mergeBase, f.head} {
		entries, err := repo.Tree(ctx, commit)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			if entry.Mode != diff.ModeSubmodule {
				wanted[entry.Blob] = struct{}{}
			}
		}
	}
	config, err := repo.Tree(ctx, f.config)
	if err != nil {
		return nil, err
	}
	for _, entry := range config {
		if strings.HasPrefix(entry.Path, ConfigFolder+"/") && entry.Mode.Regular() {
			wanted[entry.Blob] = struct{}{}
		}
	}
	introductions, _, err := repo.Introduced(ctx, f.base, f.head)
	if err != nil {
		return nil, err
	}
	for _, i := range introductions {
		if i.Blob != "" && i.Mode != diff.ModeSubmodule {
			wanted[i.Blob] = struct{}{}
		}
		for _, blob := range i.ParentBlobs {
			wanted[blob] = struct{}{}
		}
	}
	ids := make([]string, 0, len(wanted))
	for id := range wanted {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids, nil
}

// absent returns those of the ids that the repository does not hold.
func (r *Repository) absent(ctx context.Context, ids []string) ([]string, error) {
	var absent []string
	answered := 0
	err := r.objects.stream(ctx, strings.NewReader(strings.Join(ids, "\n")+"\n"), func(out io.Reader) error {
		return eachRecord(out, '\n', func(line string) error {
			id, missing := strings.CutSuffix(line, " missing")
			if answered == len(ids) || id != ids[answered] {
				return fmt.Errorf("%w: %q", errProtocol, clip(line))
			}
			answered++
			if missing {
				absent = append(absent, id)
			}
			return nil
		})
	}, "cat-file", "--buffer", "--batch-check=%(objectname)")
	if err == nil && answered != len(ids) {
		err = fmt.Errorf("%w: %d of %d objects", errProtocol, answered, len(ids))
	}
	if err != nil {
		return nil, fmt.Errorf("list missing objects: %w", err)
	}
	return absent, nil
}

// fetch runs one `git fetch` under the bounds of time and size.
func (f *fetcher) fetch(ctx context.Context, current *mirror, stdin string, settings []setting, specs ...string) error {
	m := f.mirrors
	ctx, cancel := context.WithTimeoutCause(ctx, m.timeout, errTimeout)
	defer cancel()
	header, secrets, err := authorization(ctx, f.remote, f.transport.origin)
	if err != nil {
		return err
	}
	settings = slices.Concat(objectSettings(emptyTreeSHA1), remoteSettings(f.transport), settings, header)
	env := environment(m.home, current.path, f.transport.scheme, settings)
	g := &git{program: m.program, dir: current.path, env: append(env, networkEnvironment(f.transport)...), secrets: secrets}

	watched, stop := m.watch(ctx, current)
	args := []string{"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance",
		"--no-recurse-submodules", "--no-show-forced-updates", "--filter=blob:none", remoteName}
	var in io.Reader
	if stdin != "" {
		in = strings.NewReader(stdin)
		args = append(args[:len(args)-1], append(specs, remoteName)...)
	} else {
		args = append(args, specs...)
	}
	err = g.stream(watched, in, nil, args...)
	stop()
	if err != nil {
		return errors.Join(explain(ctx, err), cleanLeftovers(current.path))
	}
	size, err := sizeOf(current.path)
	if err == nil && size > m.budget {
		err = tooLarge(m.budget)
	}
	return err
}

func tooLarge(budget int64) error {
	return fmt.Errorf("the repository takes more than the %d bytes that all mirrors may take: %w", budget, ErrTooLarge)
}

// watch ends a fetch whose mirror outgrows the budget of all mirrors.
func (m *Mirrors) watch(ctx context.Context, current *mirror) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		ticker := time.NewTicker(watchInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				// A failure shows again when the fetch has ended.
				if size, err := sizeOf(current.path); err == nil && size > m.budget {
					cancel(tooLarge(m.budget))
					return
				}
			}
		}
	}()
	return ctx, func() { cancel(nil); <-finished }
}

// What git and GitHub say when a commit is not there, and when access is
// refused. What is neither of them, nor trouble on the way, is the mirror's own
// fault.
var (
	goneWords    = regexp.MustCompile(`not our ref|couldn't find remote ref|unadvertised object`)
	refusedWords = regexp.MustCompile(`returned error: 40[134]|Authentication failed|could not read Username|could not read Password|repository '[^']*' not found|Repository not found`)
	transitWords = regexp.MustCompile(`unable to access|RPC failed|early EOF|hung up|unexpected disconnect|expected flush|protocol error|remote:|redirect|timed out|Could not resolve|Connection|certificate|No space left`)
)

// explain says whose fault a failed fetch is.
func explain(ctx context.Context, err error) error {
	said := messages(err)
	switch {
	case ctx.Err() != nil || said == "" || errors.Is(err, ErrTooLarge):
		return err
	case refusedWords.MatchString(said):
		return fmt.Errorf("%w: %w", ErrRemoteRefused, err)
	case goneWords.MatchString(said):
		return fmt.Errorf("%w: %w", ErrCommitGone, err)
	case transitWords.MatchString(said):
		return err
	}
	return fmt.Errorf("%w: %w", errDamaged, err)
}
