package analysis

import (
	"context"
	"fmt"
	"slices"

	"github.com/lintel-bot/lintel/internal/django"
	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/rule"
)

// linked is what the rules say of one tree.
type linked struct {
	project  *django.Project
	leaves   map[string]*django.Leaf // those of production, by identity
	outcomes []rule.Outcome
	// failed says that the tree could not be linked; then nothing else is set.
	failed string
}

// link joins the facts of a tree and runs the rules over them. It runs in this
// process: what it reads was checked, and it is bounded in steps. A panic of
// ours ends it and is named.
func (r *run) link(ctx context.Context, s *snapshot) (l *linked, err error) {
	defer func() {
		if recover() != nil {
			l, err = &linked{failed: "the settings could not be judged: lintel failed on them"}, nil
		}
	}()
	project, err := django.Link(ctx, s, django.Options{Exclude: r.options.Exclude})
	if err != nil {
		return nil, fmt.Errorf("link the project: %w", err)
	}
	l = &linked{project: project, leaves: make(map[string]*django.Leaf)}
	var subjects []rule.Subject
	uses := cachedUses(project)
	for _, leaf := range project.Leaves() {
		if leaf.Tier != django.Production || leaf.Settings == nil {
			continue
		}
		l.leaves[leaf.Identity()] = leaf
		subjects = append(subjects, rule.Subject{
			Kind: rule.ForSettings, Identity: leaf.Identity(), Path: leaf.Path, Uses: uses,
			Vars: map[string]*fact.Value{
				"settings": leaf.Settings, "calls": leaf.Calls, "leaf": leafFacts(leaf), "project": project.Facts(),
			},
		})
	}
	if len(subjects) > 0 {
		subjects = append(subjects, rule.Subject{
			Kind: rule.ForProject, Path: subjects[0].Path, Uses: uses,
			Vars: map[string]*fact.Value{"project": project.Facts()},
		})
	}
	if l.outcomes, err = r.rules().Evaluate(ctx, subjects); err != nil {
		return nil, fmt.Errorf("evaluate the rules: %w", err)
	}
	return l, nil
}

// cachedUses asks the project once for each list of patterns.
func cachedUses(p *django.Project) func([]string) []fact.Place {
	known := make(map[string][]fact.Place)
	return func(patterns []string) []fact.Place {
		key := fmt.Sprintf("%q", patterns)
		if places, ok := known[key]; ok {
			return places
		}
		known[key] = p.Uses(patterns)
		return known[key]
	}
}

func leafFacts(l *django.Leaf) *fact.Value {
	return fact.DictOf(
		fact.Entry{Key: "module", Value: fact.Of(l.Identity())},
		fact.Entry{Key: "path", Value: fact.Of(l.Path)},
		fact.Entry{Key: "tier", Value: fact.Of(l.Tier.String())},
	)
}

// filesOf returns those that a leaf's settings were given in.
func filesOf(l *django.Leaf) map[string]bool {
	out := map[string]bool{l.Path: true}
	work := maxWalked
	var walk func(v *fact.Value, depth int)
	walk = func(v *fact.Value, depth int) {
		if work--; v == nil || depth == 0 || work < 0 {
			return
		}
		for _, p := range v.Places {
			out[p.Path] = true
		}
		for _, item := range v.Items {
			walk(item, depth-1)
		}
		for _, e := range v.Entries {
			walk(e.Value, depth-1)
		}
		for _, a := range v.Alternatives {
			walk(a.Value, depth-1)
		}
	}
	walk(l.Settings, maxWalkDepth)
	walk(l.Calls, maxWalkDepth)
	for _, g := range l.Unread {
		out[g.Path] = true
	}
	return out
}

const (
	// maxWalked and maxWalkDepth bound a walk over settings, whose values may
	// share parts.
	maxWalked    = 200_000
	maxWalkDepth = 12
)

// guarded are the digests of secrets that production only falls back to, and
// refuses to start with: in every leaf that has them.
func (l *linked) guarded() map[string]bool {
	safe, exposed := make(map[string]bool), make(map[string]bool)
	l.eachSecret(func(v *fact.Value) {
		if v.Env != nil && v.Env.Guarded {
			safe[v.Secret.Digest] = true
		} else {
			exposed[v.Secret.Digest] = true
		}
	})
	for digest := range exposed {
		delete(safe, digest)
	}
	return safe
}

// eachSecret calls do for every secret in the settings of production.
func (l *linked) eachSecret(do func(v *fact.Value)) {
	work := maxWalked
	var walk func(v *fact.Value, depth int)
	walk = func(v *fact.Value, depth int) {
		if work--; v == nil || depth == 0 || work < 0 {
			return
		}
		if v.Secret != nil {
			do(v)
		}
		for _, item := range v.Items {
			walk(item, depth-1)
		}
		for _, e := range v.Entries {
			walk(e.Value, depth-1)
		}
		for _, a := range v.Alternatives {
			walk(a.Value, depth-1)
		}
	}
	for _, leaf := range l.leaves {
		walk(leaf.Settings, maxWalkDepth)
	}
}

// touches reports whether a path is among those of a leaf's settings.
func (l *linked) dependsOn(identity string, changed map[string]bool) bool {
	leaf, ok := l.leaves[identity]
	if !ok {
		return false
	}
	for path := range filesOf(leaf) {
		if changed[path] {
			return true
		}
	}
	return slices.ContainsFunc(leaf.Unread, func(g django.Gap) bool { return changed[g.Path] })
}
