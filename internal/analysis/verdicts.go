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

// group is one defect: the outcomes of one rule about what is given at one place,
// in every leaf that has it and for every entry that shares it.
type group struct {
	members []rule.Outcome // the worst first, then by identity and name
}

// first is the member that words the group.
func (g group) first() rule.Outcome { return g.members[0] }

// fingerprint is that of the member that comes first by identity and name: which
// of them is worst may change from push to push.
func (g group) fingerprint() finding.Fingerprint {
	return slices.MinFunc(g.members, byIdentity).Finding.Fingerprint
}

func byIdentity(a, b rule.Outcome) int {
	return cmp.Or(cmp.Compare(a.Identity, b.Identity), cmp.Compare(a.Name, b.Name))
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
		switch {
		case len(o.Places) == 0:
			// Missing in each leaf by itself, or in all for the same want.
			k.path, k.line = "", 0
		case o.Rule.Each != "":
			// Entries that share a value have one cause.
			k.name = ""
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
			return cmp.Or(cmp.Compare(b.Finding.Severity, a.Finding.Severity), byIdentity(a, b))
		})
		out = append(out, g)
	}
	return out
}

// finding words a group: that of its worst member, with the others named.
func (g group) finding() finding.Finding {
	first := g.first()
	f := first.Finding
	f.Fingerprint = g.fingerprint()
	var entries, leaves []string
	for _, m := range g.members[1:] {
		if m.Name != first.Name {
			entries = appendNew(entries, "`"+m.Name+"`")
		}
		if m.Identity != first.Identity {
			leaves = appendNew(leaves, "`"+m.Identity+"`")
		}
	}
	f.Message += also(" The same for ", entries) + also(" The same in ", leaves)
	return f
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

// also words a list of others.
func also(words string, names []string) string {
	switch more := len(names) - maxNamed; {
	case len(names) == 0:
		return ""
	case more > 0:
		return fmt.Sprintf("%s%s and %d more.", words, strings.Join(names[:maxNamed], ", "), more)
	}
	return words + strings.Join(names, ", ") + "."
}

// maxNamed bounds the others that one message names.
const maxNamed = 4

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
