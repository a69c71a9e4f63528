package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/diff"
)

const (
	// maxChangedFiles bounds a change. GitHub shows 3,000 files; moving a whole
	// monorepo is still far below this.
	maxChangedFiles = 500_000
	// maxDiffRuns bounds hunks and added ranges of one change, some 50 bytes
	// each: a hostile change of alternating lines would fill the memory.
	maxDiffRuns = 2_000_000
	// renameLimit bounds how many added and deleted files git compares with one
	// another, each with each. Beyond it only identical files count as renamed,
	// and the others as added: more is scanned, not less.
	renameLimit = "1000"
)

// Diff returns what changed between the trees of two commits, sorted by path.
// Renames are found at git's default similarity of 50 %. Attributes and
// configuration of the repository change nothing.
func (r *Repository) Diff(ctx context.Context, base, head string) ([]diff.File, error) {
	if err := r.requireCommits(ctx, base, head); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	var files []diff.File
	err := r.objects.stream(ctx, nil, func(out io.Reader) (err error) {
		files, err = parseDiff(out, maxChangedFiles, maxDiffRuns)
		return err
	}, "diff-tree", "-r", "--raw", "-p", "-U3", "-M", "-l"+renameLimit, "--irreversible-delete",
		"--no-abbrev", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv",
		"--src-prefix=a/", "--dst-prefix=b/", "--ignore-submodules=none", "--submodule=short", base, head)
	if r.judge(ctx, err) != nil {
		return nil, fmt.Errorf("compare %s with %s: %w", base, head, missing(err))
	}
	if err := r.markTooLarge(ctx, files); err != nil {
		return nil, fmt.Errorf("compare %s with %s: %w", base, head, err)
	}
	slices.SortFunc(files, func(a, b diff.File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// markTooLarge tells binary files from text that git held for binary because
// of its size alone.
func (r *Repository) markTooLarge(ctx context.Context, files []diff.File) error {
	for i := range files {
		if !files[i].Binary || files[i].Blob == "" {
			continue
		}
		large, err := r.largeText(ctx, files[i])
		if err != nil {
			return fmt.Errorf("kind of %q: %w", clip(files[i].Path), err)
		}
		if large {
			files[i].Binary, files[i].TooLarge = false, true
		}
	}
	return nil
}

// largeText reports whether a side of the file is too large for git to compare
// while no side is binary by its content.
func (r *Repository) largeText(ctx context.Context, file diff.File) (bool, error) {
	var compared []string
	if file.OldBlob != "" && file.Status != diff.TypeChanged {
		compared = append(compared, file.OldBlob)
	}
	compared = append(compared, file.Blob)
	large := false
	for _, blob := range compared {
		found, err := r.info(ctx, blob)
		if err != nil {
			return false, err
		}
		large = large || found.size > bigFileBytes
	}
	if !large {
		return false, nil
	}
	for _, blob := range compared {
		binary, err := r.IsBinary(ctx, blob)
		if err != nil || binary {
			return false, err
		}
	}
	return true, nil
}

// missing turns git's complaint about an object that is not there into
// ErrMissingObject.
func missing(err error) error {
	said := messages(err)
	for _, words := range []string{"unable to read", "could not fetch", "bad object", "Could not read", "missing blob", "unable to find"} {
		if strings.Contains(said, words) {
			return errors.Join(ErrMissingObject, err)
		}
	}
	return err
}
