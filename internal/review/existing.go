package review

import (
	"cmp"
	"slices"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
)

// standing is one existing comment and what becomes of it.
type standing struct {
	Comment
	// open are the reported findings it speaks of, worst first.
	open []finding.Finding
	// next is its marker after this run.
	next Marker
	// reopened is true when it said that the finding was gone, and it is not.
	reopened bool
}

// revise decides what becomes of the existing comments: kept, extended, closed
// or opened again.
func (p *planner) revise() {
	comments := p.standings()
	p.keepOpen(comments)
	p.reopen(comments)
	p.extendGroups(comments)
	for i := range comments {
		p.settle(&comments[i])
	}
	p.countOpen(comments)
}

func (p *planner) standings() []standing {
	comments := make([]standing, 0, len(p.in.Existing))
	for _, c := range p.in.Existing {
		comments = append(comments, standing{Comment: c, next: c.Marker})
	}
	slices.SortStableFunc(comments, func(a, b standing) int { return cmp.Compare(a.ID, b.ID) })
	return comments
}

// keepOpen claims the findings of comments that say so already.
func (p *planner) keepOpen(comments []standing) {
	for i := range comments {
		if c := &comments[i]; !c.Marker.closed() && c.Marker.Gone == "" {
			p.claim(c, p.covered(c.Marker))
		}
	}
}

// reopen opens the comments again whose findings are back. Where two say that
// the same one was gone, the newer comment is the one people remember.
func (p *planner) reopen(comments []standing) {
	for i := range slices.Backward(comments) {
		c := &comments[i]
		if len(c.open) > 0 {
			continue
		}
		var back []finding.Finding
		for _, f := range p.covered(c.Marker) {
			if _, told := p.told[f.Fingerprint]; !told {
				back = append(back, f)
			}
		}
		c.reopened = len(back) > 0
		p.claim(c, back)
	}
}

// extendGroups lets further findings of the same rule and file join a grouped
// comment. One that is closed by now is used again only for as many findings as
// would make a group of their own: they would have the same key.
func (p *planner) extendGroups(comments []standing) {
	fresh := make(map[finding.Fingerprint][]finding.Finding)
	for _, f := range p.uncommented() {
		key := groupKey(f)
		fresh[key] = append(fresh[key], f)
	}
	for i := range comments {
		c := &comments[i]
		joining := fresh[c.Marker.Key]
		if len(c.Marker.Of) == 0 || len(c.open) == 0 && len(joining) <= maxSingles {
			continue
		}
		joining = joining[:min(len(joining), max(0, maxGroupSize-len(c.open)))]
		if len(joining) == 0 {
			continue
		}
		c.reopened = c.reopened || len(c.open) == 0 && (c.Marker.closed() || c.Marker.Gone != "")
		p.claim(c, append(c.open, joining...))
		fresh[c.Marker.Key] = nil
	}
}

// settle writes the edit that the comment needs, if any.
func (p *planner) settle(c *standing) {
	if len(c.open) == 0 {
		p.close(c)
		return
	}
	c.next.Fixed, c.next.Gone = false, ""
	if len(c.Marker.Of) > 0 {
		p.openGroups[c.Marker.Key] = true
		c.next.Of = fingerprints(c.open)
		if !c.reopened && sameSet(c.next.Of, c.Marker.Of) {
			c.next.Of = c.Marker.Of
			return
		}
	} else if !c.reopened {
		return
	}
	p.edit(c.ID, p.commentBody(c.next, c.open, c.Line == 0))
}

// close says on the comment how its findings went away, once that is certain.
func (p *planner) close(c *standing) {
	if len(p.covered(c.Marker)) > 0 {
		return // closed earlier, and another comment speaks of it now
	}
	next := Marker{Key: c.Marker.Key, Of: c.Marker.Of, Run: c.Marker.Run}
	switch {
	case p.anyOf(p.in.Result.InHistory, c.Marker):
		next.Gone = GoneToHistory
	case p.anyOf(p.in.Result.Suppressed, c.Marker):
		next.Gone = GoneAllowed
	case p.anyOf(p.in.Result.PreExisting, c.Marker):
		next.Gone = GoneToBase
	default:
		next.Fixed = true
	}
	changed := next.Fixed != c.Marker.Fixed || next.Gone != c.Marker.Gone
	if changed && (next.Fixed || next.Gone == GoneToHistory) && p.unjudged(c.Path) {
		return
	}
	c.next = next
	if changed {
		p.edit(c.ID, p.closedBody(c.Comment, next))
	}
	if next.Fixed {
		p.fixed += len(next.findings())
	}
	// A thread that is open although the comment is closed already was left by
	// an interrupted run, or opened again by somebody who then says why.
	if next.closed() && !c.Resolved && c.CanResolve && c.Thread != "" && (changed || !c.Replied) {
		p.actions.Resolve = append(p.actions.Resolve, c.Thread)
	}
}

// unjudged reports whether the file a comment hangs on, under its old name or
// its new one, was not judged in this run: a finding that is missing from the
// result may then be there all the same.
func (p *planner) unjudged(path string) bool {
	names := []string{path}
	for _, f := range p.in.Files {
		if f.Status == diff.Renamed && f.OldPath == path {
			names = append(names, f.Path)
		}
	}
	for _, n := range p.in.Result.NotScanned {
		if n.Path == "" || slices.Contains(names, n.Path) {
			return true
		}
	}
	return slices.ContainsFunc(p.in.Result.OutOfScope, func(o finding.OutOfScope) bool {
		return slices.Contains(names, o.Path)
	})
}

// countOpen counts the comments that stay open. GitHub gives no line for a
// file-level comment nor for an outdated inline one; what goes beyond the limit
// of the former must be the latter.
func (p *planner) countOpen(comments []standing) {
	for _, c := range comments {
		switch {
		case c.next.closed():
		case c.Line > 0:
			p.inline++
		default:
			p.fileLevel++
		}
	}
	if outdated := p.fileLevel - p.in.Policy.Limits.FileLevel; outdated > 0 {
		p.fileLevel -= outdated
		p.inline += outdated
	}
}

// covered returns the reported findings that a marker speaks of.
func (p *planner) covered(m Marker) []finding.Finding {
	var list []finding.Finding
	for _, f := range p.reported {
		if m.Covers(f.Fingerprint) || m.Key == f.Fingerprint {
			list = append(list, f)
		}
	}
	return list
}

func (p *planner) claim(c *standing, findings []finding.Finding) {
	finding.Sort(findings)
	c.open = findings
	for _, f := range findings {
		if _, told := p.told[f.Fingerprint]; !told {
			p.told[f.Fingerprint] = telling{
				url:      c.URL,
				earlier:  c.Marker.Run != p.in.Run && (c.Marker.Covers(f.Fingerprint) || c.Marker.Key == f.Fingerprint),
				reopened: c.reopened,
			}
		}
	}
}

func (p *planner) edit(id int64, body string) {
	p.actions.Edits = append(p.actions.Edits, Edit{CommentID: id, Body: body})
}

func (p *planner) anyOf(findings []finding.Finding, m Marker) bool {
	return slices.ContainsFunc(findings, func(f finding.Finding) bool { return m.Covers(f.Fingerprint) })
}

func fingerprints(findings []finding.Finding) []finding.Fingerprint {
	list := make([]finding.Fingerprint, len(findings))
	for i, f := range findings {
		list[i] = f.Fingerprint
	}
	return list
}

func sameSet(a, b []finding.Fingerprint) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
