package analysis

import (
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/django"
	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/rule"
)

// comparison is a change as the rules see it.
type comparison struct {
	base, head *linked
	// changed are the changed files by their path in the head, renamed the paths
	// that they have in the head by those of the base.
	changed map[string]diff.File
	renamed map[string]string
	// moved are the identities in the head of leaves whose file was renamed, by
	// those in the base.
	moved map[string]string
	// before are the severities that the base has, by the fingerprint in the head.
	before map[finding.Fingerprint]finding.Severity
	sites  map[string]bool // use sites of the base, by rule and path
}

func newComparison(base, head *linked, files []diff.File) *comparison {
	c := &comparison{
		base: base, head: head, changed: make(map[string]diff.File), renamed: make(map[string]string),
		moved: make(map[string]string), before: make(map[finding.Fingerprint]finding.Severity), sites: make(map[string]bool),
	}
	for _, f := range files {
		if f.Path != "" && f.Status != diff.Deleted {
			c.changed[f.Path] = f
		}
		if f.OldPath != "" {
			c.renamed[f.OldPath] = f.Path
		}
	}
	c.followLeaves()
	for _, o := range base.outcomes {
		if o.Undecided == nil && o.Failed == "" {
			fingerprint := c.inHead(o)
			c.before[fingerprint] = max(c.before[fingerprint], o.Finding.Severity)
			for _, s := range o.Sites {
				c.sites[o.Rule.ID+" "+s.Path] = true
			}
		}
	}
	return c
}

// followLeaves finds the leaves whose file was renamed: the module has another
// name then, and is the same.
func (c *comparison) followLeaves() {
	for was, old := range c.base.leaves {
		if c.head.leaves[was] != nil {
			continue
		}
		path, renamed := c.renamed[old.Path]
		for is, leaf := range c.head.leaves {
			if renamed && leaf.Path == path && leaf.Class == old.Class && c.base.leaves[is] == nil {
				c.moved[was] = is
			}
		}
	}
}

// inHead returns the fingerprint that an outcome of the base has in the head.
func (c *comparison) inHead(o rule.Outcome) finding.Fingerprint {
	if is, ok := c.moved[o.Identity]; ok {
		return finding.NewFingerprint(o.Rule.ID, is, o.Name)
	}
	return o.Finding.Fingerprint
}

// leafBefore returns what a leaf of the head was in the base, or nil.
func (c *comparison) leafBefore(identity string) *django.Leaf {
	for was, is := range c.moved {
		if is == identity {
			return c.base.leaves[was]
		}
	}
	return c.base.leaves[identity]
}

// split tells what a change brings from what was there: a leaf that had the
// defect, as badly; one that is added and shares it with a leaf that had it; and
// one about something that is missing which the change did not bring, since a
// better reading of what is there already does not make it one.
func (c *comparison) split(g group) (news, known group) {
	had := func(o rule.Outcome) bool {
		severity, ok := c.before[o.Finding.Fingerprint]
		return ok && severity >= o.Finding.Severity
	}
	shared := slices.ContainsFunc(g.members, had)
	for _, m := range g.members {
		switch {
		case had(m), shared && m.Identity != "" && c.leafBefore(m.Identity) == nil, m.Rule.Absent && !c.brought(m):
			known.members = append(known.members, m)
		default:
			news.members = append(news.members, m)
		}
	}
	return news, known
}

// brought reports whether a change brings the lack of something: it adds the
// leaf, touches the settings it is made of, or adds a use that makes the lack
// matter.
func (c *comparison) brought(o rule.Outcome) bool {
	if o.Identity != "" {
		before := c.leafBefore(o.Identity)
		if before == nil {
			return true
		}
		paths := make(map[string]bool)
		for path := range c.changed {
			paths[path] = true
		}
		for old := range c.renamed {
			paths[old] = true
		}
		if c.head.dependsOn(o.Identity, paths) || c.base.dependsOn(before.Identity(), paths) {
			return true
		}
	}
	_, added := c.addedSite(o)
	return added
}

// addedSite returns the first use that the change adds, when the base had none
// in that file.
func (c *comparison) addedSite(o rule.Outcome) (fact.Place, bool) {
	for _, s := range o.Sites {
		if f, ok := c.changed[s.Path]; ok && !c.sites[o.Rule.ID+" "+s.Path] && f.IsAdded(s.Line) {
			return s, true
		}
	}
	return fact.Place{}, false
}

// anchor returns the place that a comment on a group belongs to: an added line
// of what gives the value; where the change took away what gave another value; a
// part of the diff that shows it; a use that it adds. It reports false when none
// of it is in the diff.
func (c *comparison) anchor(g group) (fact.Place, bool) {
	places := g.places()
	for _, p := range places {
		if f, ok := c.changed[p.Path]; ok {
			for line := p.Line; line <= max(p.EndLine, p.Line); line++ {
				if f.IsAdded(line) {
					return fact.Place{Path: p.Path, Line: line, EndLine: line, Symbol: p.Symbol}, true
				}
			}
		}
	}
	for _, m := range g.members {
		if p, ok := c.removed(m); ok {
			return p, true
		}
	}
	for _, p := range places {
		if f, ok := c.changed[p.Path]; ok {
			for line := p.Line; line <= max(p.EndLine, p.Line); line++ {
				if _, shown := f.HunkContaining(line); shown {
					return fact.Place{Path: p.Path, Line: line, EndLine: line, Symbol: p.Symbol}, true
				}
			}
		}
	}
	for _, m := range g.members {
		if s, ok := c.addedSite(m); ok {
			return s, true
		}
	}
	// Beyond the diff of what gives it: somewhere in a file that the change touches
	// and that the leaf is made of.
	for _, p := range places {
		if _, ok := c.changed[p.Path]; ok {
			return p, true
		}
	}
	for _, m := range g.members {
		if leaf := c.head.leaves[m.Identity]; leaf != nil {
			if f, ok := c.changed[leaf.Path]; ok && len(places) == 0 {
				return firstAdded(f), true
			}
		}
	}
	return fact.Place{}, false
}

// firstAdded is the first line that a change adds to a file, or the file as a
// whole.
func firstAdded(f diff.File) fact.Place {
	if f.Status == diff.Added {
		return fact.Place{Path: f.Path}
	}
	for _, h := range f.Hunks {
		for _, r := range h.Added {
			return fact.Place{Path: f.Path, Line: r.First, EndLine: r.First}
		}
		if h.NewLines > 0 {
			return fact.Place{Path: f.Path, Line: h.NewStart, EndLine: h.NewStart}
		}
	}
	return fact.Place{Path: f.Path}
}

// removed returns where the head now has the place at which the base gave the
// setting another value, when the change took that away.
func (c *comparison) removed(o rule.Outcome) (fact.Place, bool) {
	leaf := c.leafBefore(o.Identity)
	if leaf == nil {
		return fact.Place{}, false
	}
	name, _, _ := strings.Cut(o.Name, ".")
	for _, p := range givenAt(leaf.Settings, strings.Split(o.Name, ".")) {
		path, ok := c.renamed[p.Path]
		if !ok {
			continue
		}
		f, ok := c.changed[path]
		if !ok {
			continue
		}
		if line, gone := afterDeletion(f, p.Line); gone {
			return fact.Place{Path: path, Line: line, EndLine: line, Symbol: name}, true
		}
	}
	return fact.Place{}, false
}

// givenAt returns where a setting, or what a name like "CACHES.default.BACKEND"
// means inside of it, was given in any of its ways, the innermost first.
func givenAt(settings *fact.Value, names []string) []fact.Place {
	level := []*fact.Value{settings}
	var levels [][]fact.Place
	for _, name := range names {
		var next []*fact.Value
		var places []fact.Place
		for _, v := range level {
			for _, way := range waysOf(v) {
				inner := way.Get(name)
				if inner == nil {
					continue
				}
				next = append(next, inner)
				for _, w := range waysOf(inner) {
					places = append(places, w.Places...)
				}
				places = append(places, inner.Places...)
			}
		}
		if len(next) == 0 || len(next) > maxGiven {
			break
		}
		levels = append(levels, places)
		level = next
	}
	slices.Reverse(levels)
	return slices.Concat(levels...)
}

// maxGiven bounds the ways that are followed into a setting.
const maxGiven = 64

func waysOf(v *fact.Value) []*fact.Value {
	if v.Kind != fact.Union {
		return []*fact.Value{v}
	}
	out := make([]*fact.Value, 0, len(v.Alternatives))
	for _, a := range v.Alternatives {
		if a.Value != nil {
			out = append(out, a.Value)
		}
	}
	return out
}

// afterDeletion returns the line of the head that stands where a deleted line of
// the base stood. It reports false for a line that is still there, as far as the
// diff tells: one outside of every hunk, or the context of one.
func afterDeletion(f diff.File, old int) (line int, gone bool) {
	for _, h := range f.Hunks {
		if old < h.OldStart || old >= h.OldStart+h.OldLines {
			continue
		}
		if h.OldLines <= h.NewLines-addedIn(h) {
			return 0, false // the hunk only adds
		}
		// The hunk's lines are not kept, so the place is found by proportion: context
		// before it stays, so it is at most as far into the hunk as it was.
		at := h.NewStart + min(old-h.OldStart, max(h.NewLines-1, 0))
		return max(at, 1), true
	}
	return 0, false
}

func addedIn(h diff.Hunk) int {
	n := 0
	for _, r := range h.Added {
		n += r.Lines()
	}
	return n
}
