package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/lintel-bot/lintel/internal/analysis"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/gitrepo"
)

// scanCommand reviews what is committed on HEAD and not on the base.
type scanCommand struct {
	localFlags
	Base string `help:"What the branch will be merged into: a branch, tag or commit. Default: origin's default branch." placeholder:"REV"`
}

// Help explains what the flags cannot.
func (scanCommand) Help() string {
	return `Compares HEAD with its merge base, as the check on a pull request does, and
scans every commit in between for secrets. Changes that are not committed are
not looked at.

Exit code 2: could not run, or the scan is incomplete; else 1: findings at or
above --fail-on; else 0.`
}

// Run scans and prints.
func (c *scanCommand) Run(ctx context.Context, io console) error {
	return c.analyze(ctx, io, false, func(ctx context.Context, a *analysis.Analyzer, o analysis.Options) (_ *finding.Result, err error) {
		repo, err := gitrepo.Open(ctx, c.Path)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, repo.Close()) }()
		change, err := c.change(ctx, repo)
		if err != nil {
			return nil, err
		}
		o.Config = change.Base
		result, _, err := a.Compare(ctx, repo, change, o)
		return result, err
	})
}

// change resolves what is compared.
func (c *scanCommand) change(ctx context.Context, repo *gitrepo.Repository) (analysis.Change, error) {
	head, err := repo.Resolve(ctx, "HEAD")
	if err != nil {
		return analysis.Change{}, err
	}
	revision := c.Base
	if revision == "" {
		revision = "origin/HEAD"
	}
	base, err := repo.Resolve(ctx, revision)
	if err != nil && c.Base == "" {
		return analysis.Change{}, errors.New("origin's default branch is not known here: say with --base what the branch will be merged into")
	}
	if err != nil {
		return analysis.Change{}, fmt.Errorf("--base: %w", err)
	}
	mergeBase, err := repo.MergeBase(ctx, base, head)
	if err != nil {
		return analysis.Change{}, err
	}
	return analysis.Change{MergeBase: mergeBase, Base: base, Head: head}, nil
}
