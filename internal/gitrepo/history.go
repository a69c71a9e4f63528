package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/lintel-bot/lintel/internal/diff"
)

const (
	// maxMergeBases bounds the list of merge bases; criss-cross merges give a
	// few.
	maxMergeBasesBytes = 1 << 20
	// maxIntroductions bounds what the commits of a change may touch, together.
	maxIntroductions = 1_000_000
)

// MergeBase returns the best common ancestor of two commits. After criss-cross
// merges there are several; it is then the one that `git diff a...b` takes, the
// first that git lists, which depends on the history only. It fails with
// ErrNoMergeBase when the histories are unrelated, and with ErrShallow when the
// repository was cut off too early to tell.
func (r *Repository) MergeBase(ctx context.Context, a, b string) (string, error) {
	if err := r.requireCommits(ctx, a, b); err != nil {
		return "", fmt.Errorf("find merge base: %w", err)
	}
	if err := r.requireHistory(ctx, a, b); err != nil {
		return "", fmt.Errorf("find merge base: %w", err)
	}
	out, err := r.objects.output(ctx, maxMergeBasesBytes, "merge-base", "--all", a, b)
	if exitCode(err) == 1 && messages(err) == "" {
		return "", fmt.Errorf("find merge base of %s and %s: %w", a, b, ErrNoMergeBase)
	}
	if r.judge(ctx, err) != nil {
		return "", fmt.Errorf("find merge base of %s and %s: %w", a, b, err)
	}
	base, _, _ := strings.Cut(out, "\n")
	if err := r.checkOwnID(base); err != nil {
		return "", fmt.Errorf("find merge base of %s and %s: %w", a, b, err)
	}
	return base, nil
}

// requireHistory checks, in a shallow repository, that nothing was cut off
// which decides about a and b: no commit that only one of the two reaches may
// lack its parents. Then every common ancestor that matters is there, and no
// commit of one side is hidden.
func (r *Repository) requireHistory(ctx context.Context, a, b string) error {
	if len(r.shallow) == 0 {
		return nil
	}
	err := r.objects.stream(ctx, nil, func(out io.Reader) error {
		return eachRecord(out, '\n', func(commit string) error {
			if r.shallow[commit] {
				return fmt.Errorf("%w: the parents of commit %s were not fetched; fetch the whole history (git fetch --unshallow, or fetch-depth: 0 in a checkout action)", ErrShallow, commit)
			}
			return nil
		})
	}, "rev-list", a+"..."+b)
	return err
}

// Introduced returns the commits that head reaches and base does not, parents
// before children, and what each of them changed against all of its parents.
// Base may be a merge base or the tip of a branch.
func (r *Repository) Introduced(ctx context.Context, base, head string) ([]diff.Introduction, []string, error) {
	if err := r.requireCommits(ctx, base, head); err != nil {
		return nil, nil, fmt.Errorf("list commits: %w", err)
	}
	if err := r.requireHistory(ctx, base, head); err != nil {
		return nil, nil, fmt.Errorf("list commits: %w", err)
	}
	var commits []string
	err := r.objects.stream(ctx, nil, func(out io.Reader) error {
		return eachRecord(out, '\n', func(commit string) error {
			commits = append(commits, commit)
			return r.checkOwnID(commit)
		})
	}, "rev-list", "--topo-order", "--reverse", head, "^"+base)
	if r.judge(ctx, err) != nil {
		return nil, nil, fmt.Errorf("list commits of %s that are not in %s: %w", head, base, err)
	}
	if len(commits) == 0 {
		return nil, nil, nil
	}
	var introductions []diff.Introduction
	stdin := strings.NewReader(strings.Join(commits, "\n") + "\n")
	err = r.objects.stream(ctx, stdin, func(out io.Reader) error {
		return parseIntroductions(out, func(i diff.Introduction) error {
			if len(introductions) == maxIntroductions {
				return fmt.Errorf("the commits change more than %d files: %w", maxIntroductions, ErrTooLarge)
			}
			introductions = append(introductions, i)
			return nil
		})
	}, "diff-tree", "--stdin", "-r", "-c", "-z", "--root", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff", "--no-textconv")
	if r.judge(ctx, err) != nil {
		return nil, nil, fmt.Errorf("read changes of the commits of %s: %w", head, err)
	}
	if err := checkOrder(introductions, commits); err != nil {
		return nil, nil, fmt.Errorf("read changes of the commits of %s: %w", head, err)
	}
	return introductions, commits, nil
}

// checkOrder checks that git answered about the commits it was asked for, in
// their order.
func checkOrder(introductions []diff.Introduction, commits []string) error {
	next := 0
	for _, i := range introductions {
		for next < len(commits) && commits[next] != i.Commit {
			next++
		}
		if next == len(commits) {
			return fmt.Errorf("git lists changes of commit %s out of order", i.Commit)
		}
	}
	return nil
}

// parseIntroductions reads the output of
// `git diff-tree --stdin -r -c -z --raw`: each commit's id, then its changes.
// A merge has the combined form of
// https://git-scm.com/docs/diff-format#_diff_format_for_merges, with as many
// colons as parents.
func parseIntroductions(out io.Reader, take func(diff.Introduction) error) error {
	var commit, change string // change waits for its path
	err := eachRecord(out, 0, func(record string) error {
		switch {
		case change != "":
			introduction, changed, err := parseCombined(change, record)
			change = ""
			if err != nil || !changed {
				return err
			}
			introduction.Commit = commit
			return take(introduction)
		case strings.HasPrefix(record, ":"):
			if commit == "" {
				return errors.New("git lists a change before its commit")
			}
			change = record
			return nil
		}
		commit = record
		return checkID(record)
	})
	if err == nil && change != "" {
		err = fmt.Errorf("git's list of changes ends before a path: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// parseCombined reads "<one colon a parent><modes> <ids> <status letters>".
// It reports false when the content is one that a parent has already, such as
// after a change of the mode.
func parseCombined(record, path string) (diff.Introduction, bool, error) {
	facts := strings.TrimLeft(record, ":")
	parents := len(record) - len(facts)
	fields := strings.Split(facts, " ")
	if parents == 0 || path == "" || len(fields) != 2*(parents+1)+1 || len(fields[len(fields)-1]) != parents {
		return diff.Introduction{}, false, fmt.Errorf("unexpected change %q in git's list", clip(record))
	}
	modes, ids := fields[:parents+1], fields[parents+1:2*(parents+1)]
	result := diff.Introduction{Path: path}
	var err error
	if result.Mode, err = parseMode(modes[parents]); err != nil {
		return diff.Introduction{}, false, fmt.Errorf("change of %q: %w", clip(path), err)
	}
	for _, id := range ids {
		if err := checkID(id); err != nil {
			return diff.Introduction{}, false, fmt.Errorf("change of %q: %w", clip(path), err)
		}
	}
	if !isZero(ids[parents]) {
		result.Blob = ids[parents]
	}
	for i, id := range ids[:parents] {
		mode, err := parseMode(modes[i])
		if err != nil {
			return diff.Introduction{}, false, fmt.Errorf("change of %q: %w", clip(path), err)
		}
		if isZero(id) || mode == diff.ModeSubmodule {
			continue // no content on that side
		}
		if id == result.Blob && mode.Regular() == result.Mode.Regular() {
			return diff.Introduction{}, false, nil
		}
		result.ParentBlobs = append(result.ParentBlobs, id)
	}
	return result, true, nil
}
