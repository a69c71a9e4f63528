package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/rule"
)

// group is one defect: the outcomes of one rule about one thing that is given at
// one place, in every leaf that has it.
type group struct {
	members []rule.Outcome // the worst first, and by identity
}

// first is the member that words the group.
func (g group) first() rule.Outcome { return g.members[0] }

// fingerprint is that of the member whose identity comes first: which of them is
// worst may change from push to push.
func (g group) fingerprint() finding.Fingerprint {
	return slices.MinFunc(g.members, func(a, b rule.Outcome) int { return cmp.Compare(a.Identity, b.Identity) }).Finding.Fingerprint
}

// places are those of all members, the first ones first.
func (g group) places() []fact.Place {
	var out []fact.Place
	for _, m := range g.members {
		for _, p := range m.Places {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// grouped joins outcomes that are findings.
func grouped(outcomes []rule.Outcome) []group {
	type key struct {
		rule, name, path string
		line             int
	}
	byKey := make(map[key]*group)
	var order []key
	for _, o := range outcomes {
		if o.Undecided != nil || o.Failed != "" {
			continue
		}
		k := key{o.Rule.ID, o.Name, o.Finding.Path, o.Finding.Line}
		if len(o.Places) == 0 {
			// Missing in each leaf by itself, or in all for the same want.
			k.path, k.line = "", 0
		}
		if byKey[k] == nil {
			byKey[k] = &group{}
			order = append(order, k)
		}
		byKey[k].members = append(byKey[k].members, o)
	}
	out := make([]group, 0, len(order))
	for _, k := range order {
		g := *byKey[k]
		slices.SortFunc(g.members, func(a, b rule.Outcome) int {
			return cmp.Or(cmp.Compare(b.Finding.Severity, a.Finding.Severity), cmp.Compare(a.Identity, b.Identity))
		})
		out = append(out, g)
	}
	return out
}

// finding words a group: that of its worst leaf, with the others named.
func (g group) finding() finding.Finding {
	f := g.first().Finding
	f.Fingerprint = g.fingerprint()
	var others []string
	for _, m := range g.members[1:] {
		others = append(others, "`"+m.Identity+"`")
	}
	switch n := len(others); {
	case n > maxNamedLeaves:
		f.Message += fmt.Sprintf(" The same in %s and %d more.", strings.Join(others[:maxNamedLeaves], ", "), n-maxNamedLeaves)
	case n > 0:
		f.Message += fmt.Sprintf(" The same in %s.", strings.Join(others, ", "))
	}
	return f
}

// maxNamedLeaves bounds the leaves that one message names.
const maxNamedLeaves = 4

// undecided returns what the rules could not decide, once for each rule and
// subject.
func undecided(outcomes []rule.Outcome) []finding.Undecided {
	seen := make(map[string]bool)
	var out []finding.Undecided
	for _, o := range outcomes {
		if o.Undecided == nil || seen[o.Undecided.Rule+" "+o.Undecided.Subject] {
			continue
		}
		seen[o.Undecided.Rule+" "+o.Undecided.Subject] = true
		out = append(out, *o.Undecided)
	}
	slices.SortFunc(out, func(a, b finding.Undecided) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Subject, b.Subject))
	})
	return out
}

// gaps names what kept a tree from being judged as a whole, by leaf.
func (l *linked) gaps() []finding.NotScanned {
	var out []finding.NotScanned
	if l.failed != "" {
		return []finding.NotScanned{{Reason: l.failed}}
	}
	for _, identity := range slices.Sorted(maps.Keys(l.leaves)) {
		for _, g := range l.leaves[identity].Unread {
			reason := g.Reason
			if g.Line > 0 {
				reason = fmt.Sprintf("line %d: %s", g.Line, g.Reason)
			}
			out = append(out, finding.NotScanned{Path: g.Path, Reason: fmt.Sprintf("%s, and the settings %s depend on it", reason, identity)})
		}
	}
	for _, o := range l.outcomes {
		if o.Failed != "" {
			n := finding.NotScanned{Reason: o.Failed}
			if leaf := l.leaves[o.Identity]; leaf != nil {
				n.Path = leaf.Path
			}
			out = append(out, n)
		}
	}
	return out
}
