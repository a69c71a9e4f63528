package main

import (
	"context"
	"errors"

	"github.com/lintel-bot/lintel/internal/analysis"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/gitrepo"
)

// auditCommand reviews the whole tree at HEAD.
type auditCommand struct{ localFlags }

// Help explains what the flags cannot.
func (auditCommand) Help() string {
	return `Reviews every file of HEAD's tree, whoever wrote it. Older commits are not
looked at, and neither are changes that are not committed.

Exit code 2: could not run, or the scan is incomplete; else 1: findings at or
above --fail-on; else 0.`
}

// Run scans and prints.
func (c *auditCommand) Run(ctx context.Context, io console) error {
	return c.analyze(ctx, io, true, func(ctx context.Context, a *analysis.Analyzer, o analysis.Options) (_ *finding.Result, err error) {
		repo, err := gitrepo.Open(ctx, c.Path)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, repo.Close()) }()
		head, err := repo.Resolve(ctx, "HEAD")
		if err != nil {
			return nil, err
		}
		o.Config = head
		return a.Audit(ctx, repo, head, o)
	})
}
