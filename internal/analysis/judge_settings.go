package analysis

import (
	"context"
	"slices"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/rule"
)

// auditRules adds to the result of an audit what the rules say of the tree.
func (r *run) auditRules(ctx context.Context, commit string, result *finding.Result) error {
	if r.rules() == nil {
		return nil
	}
	if err := r.addOwnRules(ctx, result); err != nil {
		return err
	}
	snapshots, err := r.snapshots(ctx, commit)
	if err != nil {
		return err
	}
	l, err := r.link(ctx, snapshots[0])
	if err != nil {
		return err
	}
	for _, g := range grouped(l.outcomes) {
		f := g.finding()
		if !fold(result.New, g, f) {
			result.New = append(result.New, f)
		}
	}
	result.New = withoutGuarded(result.New, l.guarded())
	overridden(result.New, l)
	result.Undecided = append(result.Undecided, undecided(l.outcomes)...)
	for _, n := range l.gaps() {
		n.Blocking = true
		result.NotScanned = append(result.NotScanned, n)
	}
	return nil
}

// compareRules adds to the result of a comparison what the rules say of its two
// trees.
func (r *run) compareRules(ctx context.Context, c Change, files []diff.File, result *finding.Result) error {
	if r.rules() == nil {
		return nil
	}
	if err := r.addOwnRules(ctx, result); err != nil {
		return err
	}
	snapshots, err := r.snapshots(ctx, c.MergeBase, c.Head)
	if err != nil {
		return err
	}
	base, err := r.link(ctx, snapshots[0])
	if err != nil {
		return err
	}
	head, err := r.link(ctx, snapshots[1])
	if err != nil {
		return err
	}
	if head.failed == "" && base.failed == "" {
		r.compareOutcomes(ctx, newComparison(base, head, files), snapshots[1], result)
	}
	r.compareGaps(base, head, files, result)
	safe := head.guarded()
	result.New = withoutGuarded(result.New, safe)
	overridden(result.New, head)
	result.InHistory = withoutGuarded(result.InHistory, safe)
	return nil
}

func (r *run) compareOutcomes(ctx context.Context, c *comparison, head *snapshot, result *finding.Result) {
	now := make(map[finding.Fingerprint]bool)
	open := make(map[string]bool)
	for _, o := range c.head.outcomes {
		if o.Undecided != nil || o.Failed != "" {
			open[o.Rule.ID+" "+o.Identity] = true
			continue
		}
		now[o.Finding.Fingerprint] = true
	}
	for _, g := range grouped(c.head.outcomes) {
		g, known := c.split(g)
		if len(known.members) > 0 {
			if f := known.finding(); !fold(result.PreExisting, known, f) {
				result.PreExisting = append(result.PreExisting, f)
			}
		}
		if len(g.members) == 0 {
			continue
		}
		f := g.finding()
		if p, ok := c.anchor(g); ok {
			f.Path, f.Line, f.EndLine = p.Path, p.Line, max(p.Line, p.EndLine)
		}
		if fold(result.New, g, f) {
			continue
		}
		f.Suggestion = r.suggest(ctx, head, g, f)
		result.New = append(result.New, f)
	}
	for _, g := range grouped(c.base.outcomes) {
		gone := !slices.ContainsFunc(g.members, func(o rule.Outcome) bool {
			identity := o.Identity
			if is, ok := c.moved[identity]; ok {
				identity = is
			}
			leaf := c.head.leaves[identity]
			return now[c.inHead(o)] || open[o.Rule.ID+" "+identity] || leaf != nil && len(leaf.Unread) > 0
		})
		if gone {
			result.Fixed = append(result.Fixed, g.finding())
		}
	}
	before := make(map[string]bool)
	for _, u := range undecided(c.base.outcomes) {
		before[u.Rule+" "+u.Subject] = true
	}
	for _, u := range undecided(c.head.outcomes) {
		if !before[u.Rule+" "+u.Subject] {
			result.Undecided = append(result.Undecided, u)
		}
	}
}

// compareGaps names what could not be judged in the head. It blocks when the
// change touched it and the base did not have the same gap.
func (r *run) compareGaps(base, head *linked, files []diff.File, result *finding.Result) {
	had := make(map[string]bool)
	for _, n := range base.gaps() {
		had[n.Path+" "+n.Reason] = true
	}
	changed := make(map[string]bool)
	for _, f := range files {
		changed[f.Path], changed[f.OldPath] = true, true
	}
	for _, n := range head.gaps() {
		n.Blocking = !had[n.Path+" "+n.Reason] && (changed[n.Path] || n.Path == "" || len(had) == 0)
		result.NotScanned = append(result.NotScanned, n)
	}
}
