package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
)

// maxRevisionBytes bounds the text of a revision that somebody typed.
const maxRevisionBytes = 1 << 10

// Repository reads one repository. Its methods may be called from several
// goroutines at once. Commits are named by their full ids; Resolve makes one
// out of what people type.
type Repository struct {
	// objects reads objects, names resolves revisions; they differ only for a
	// local repository.
	objects, names *git
	digits         int
	// shallow holds the commits whose parents were cut off.
	shallow map[string]bool
	reader  *objectReader
	// suspect is set once a read failed for reasons of the repository's own.
	suspect atomic.Bool
	cleanUp func() error
}

func newRepository(objects, names *git, digits int) *Repository {
	return &Repository{objects: objects, names: names, digits: digits, reader: newObjectReader(objects)}
}

// Close ends the processes that read the repository, after the reads that are
// under way. No other method may be called after it; a second Close does
// nothing.
func (r *Repository) Close() error {
	r.reader.close()
	if r.cleanUp == nil {
		return nil
	}
	cleanUp := r.cleanUp
	r.cleanUp = nil
	if err := cleanUp(); err != nil {
		return fmt.Errorf("close repository: %w", err)
	}
	return nil
}

// Resolve returns the full id of the commit that rev names: a branch, a tag,
// an abbreviated id, or any other spelling of
// https://git-scm.com/docs/gitrevisions. It fails with ErrUnknownRevision.
func (r *Repository) Resolve(ctx context.Context, rev string) (string, error) {
	if rev == "" || len(rev) > maxRevisionBytes || strings.ContainsAny(rev, "\x00\n") {
		return "", fmt.Errorf("%w %q", ErrUnknownRevision, clip(rev))
	}
	out, err := r.names.output(ctx, maxDiscoveryBytes, "rev-parse", "--verify", "--end-of-options", rev+"^{commit}")
	if exitCode(err) > 0 {
		return "", fmt.Errorf("%w %q (%s)", ErrUnknownRevision, clip(rev), messages(err))
	}
	if err != nil {
		return "", fmt.Errorf("resolve revision %q: %w", clip(rev), err)
	}
	id := strings.TrimSuffix(out, "\n")
	if checkID(id) != nil { // such as "^main", which git answers with "^<id>"
		return "", fmt.Errorf("%w %q: it names no single commit", ErrUnknownRevision, clip(rev))
	}
	return id, nil
}

// judge passes err on, and notes when it speaks against the repository itself:
// when neither the caller's context nor a bound of ours explains it.
func (r *Repository) judge(ctx context.Context, err error) error {
	if err != nil && ctx.Err() == nil && !errors.Is(err, ErrTooLarge) {
		r.suspect.Store(true)
	}
	return err
}

// requireCommits checks that each id is the full id of a commit that the
// repository holds.
func (r *Repository) requireCommits(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		header, err := r.info(ctx, id)
		if err != nil {
			return fmt.Errorf("commit %s: %w", clip(id), err)
		}
		if header.kind != "commit" {
			return fmt.Errorf("object %s is a %s, not a commit", id, header.kind)
		}
	}
	return nil
}
