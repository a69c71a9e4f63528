package django

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
)

// interpretLeaves works out the settings of the leaves of production.
func (p *Project) interpretLeaves(ctx context.Context) error {
	for _, l := range p.leaves {
		if l.Tier != Production {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		l.Settings, l.Calls, l.Unread = interpret(ctx, p.scope(l.root), l.Identity(), l.Tier)
		l.Settings = p.withDefaults(once(l.Settings))
		slices.SortFunc(l.Unread, func(a, b Gap) int { return strings.Compare(path.Join(a.Path, a.Reason), path.Join(b.Path, b.Reason)) })
	}
	return ctx.Err()
}

// once returns settings with what is missing named once.
func once(settings *fact.Value) *fact.Value {
	v := *settings
	v.Missing = nil
	for _, m := range settings.Missing {
		if !slices.Contains(v.Missing, m) {
			v.Missing = append(v.Missing, m)
		}
	}
	return &v
}

// withDefaults adds to settings what they are where the code does not give them.
// Settings that something else may give stay unknown.
func (p *Project) withDefaults(settings *fact.Value) *fact.Value {
	if settings == nil || settings.Kind != fact.Dict || settings.Open {
		return settings
	}
	v := *settings
	v.Entries = slices.Clone(settings.Entries)
	version := p.facts.Get("django")
	given := make(map[string]bool, len(v.Entries))
	for i, e := range v.Entries {
		given[e.Key] = true
		if d := p.defaults.Value(e.Key, version); d != nil {
			v.Entries[i].Value = elsewhere(e.Value, d)
		}
	}
	for _, name := range p.defaults.Names() {
		if d := p.defaults.Value(name, version); !given[name] && d != nil {
			v.Entries = append(v.Entries, fact.Entry{Key: name, Value: d})
		}
	}
	return &v
}

// elsewhere puts the framework's default in the place of the ways in which the
// code does not give a setting.
func elsewhere(v, d *fact.Value) *fact.Value {
	switch {
	case v.Kind == fact.Null && v.Default:
		return d
	case v.Kind != fact.Union:
		return v
	}
	alternatives := slices.Clone(v.Alternatives)
	for i, a := range alternatives {
		alternatives[i].Value = elsewhere(a.Value, d)
	}
	out := fact.UnionOf(alternatives...)
	if len(out.Places) == 0 && len(v.Places) > 0 && out.Kind == fact.Union {
		placed := *out
		placed.Places = v.Places
		return &placed
	}
	return out
}
