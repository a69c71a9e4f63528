package analysis

import (
	"context"
	"fmt"

	"github.com/lintel-bot/lintel/internal/finding"
)

// Audit judges everything a commit holds. All findings are in New, but for
// those that an allow comment silences; everything in scope that could not be
// judged makes the scan incomplete.
func (a *Analyzer) Audit(ctx context.Context, src Source, commit string, o Options) (*finding.Result, error) {
	r := a.newRun(src, o)
	entries, err := src.Tree(ctx, commit)
	if err != nil {
		return nil, fmt.Errorf("list the files of %s: %w", commit, err)
	}
	result := &finding.Result{}
	var targets []target
	for _, entry := range entries {
		if reason := outOfScope(entry.Path, entry.Mode, r.options.Exclude); reason != "" {
			result.OutOfScope = append(result.OutOfScope, finding.OutOfScope{Path: entry.Path, Reason: reason})
			continue
		}
		targets = append(targets, target{entry.Blob, entry.Path})
	}
	if err := r.scanAll(ctx, targets); err != nil {
		return nil, fmt.Errorf("scan %s: %w", commit, err)
	}
	found := make(occurrences)
	for _, t := range targets {
		v := r.verdicts[t]
		if v.OutOfScope != "" {
			result.OutOfScope = append(result.OutOfScope, finding.OutOfScope{Path: t.path, Reason: v.OutOfScope})
			continue
		}
		result.Stats.Files++
		if v.NotScanned != "" {
			result.NotScanned = append(result.NotScanned, finding.NotScanned{Path: t.path, Reason: v.NotScanned, Blocking: true})
		}
		for _, f := range v.Findings {
			found.add(f, never)
		}
	}
	for _, places := range found {
		if f := merge(places); allowed(places) {
			result.Suppressed = append(result.Suppressed, f)
		} else {
			result.New = append(result.New, f)
		}
	}
	if err := r.auditRules(ctx, commit, result); err != nil {
		return nil, fmt.Errorf("judge the settings of %s: %w", commit, err)
	}
	r.finish(result)
	return result, nil
}
