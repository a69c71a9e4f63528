package review

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
)

// maxSingles is how many findings of one rule in one file get comments of their
// own; more become one comment with a list.
const maxSingles = 3

// commentable reports whether GitHub can be given the path: an API that speaks
// JSON has no way to name a file whose name is not valid UTF-8, and one bad
// anchor refuses a whole review.
func commentable(path string) bool {
	return path != "" && utf8.ValidString(path) && !strings.ContainsFunc(path, unicode.IsControl)
}

// groupKey is the key of the comment that lists the findings of one rule in one
// file.
func groupKey(f finding.Finding) finding.Fingerprint {
	return finding.NewFingerprint("group", f.Rule, f.Path)
}

// post decides on new comments, worst first, as far as the limits go.
func (p *planner) post() {
	groups := make(map[finding.Fingerprint][]finding.Finding)
	list := p.uncommented()
	for _, f := range list {
		groups[groupKey(f)] = append(groups[groupKey(f)], f)
	}
	for _, f := range list {
		key := groupKey(f)
		group := groups[key]
		switch {
		case len(group) == 0: // listed with the first of its group
		case p.openGroups[key]:
			p.capped++ // that comment is full
		case len(group) <= maxSingles:
			p.comment(Marker{Key: f.Fingerprint, Run: p.in.Run}, []finding.Finding{f})
		default:
			groups[key] = nil
			p.capped += max(0, len(group)-maxGroupSize)
			group = group[:min(len(group), maxGroupSize)]
			p.comment(Marker{Key: key, Of: fingerprints(group), Run: p.in.Run}, group)
		}
	}
	for _, f := range p.reported {
		if _, told := p.told[f.Fingerprint]; !told && p.in.PullRequest.Draft && p.in.Policy.Comments(f.Severity) && !urgent(f) {
			p.heldBack++
		}
	}
}

// comment places a new comment on findings of one file: on a line that the
// pull request shows, else on the file as a whole. A file that it does not
// touch takes no comment; there the annotation has to do.
func (p *planner) comment(marker Marker, findings []finding.Finding) {
	path := findings[0].Path
	file, touched := p.files[path]
	if !touched {
		return
	}
	next := NewComment{Path: path, Key: marker.Key, Annotation: annotation(findings)}
	for _, f := range findings {
		if next.StartLine, next.Line = anchor(file, f); next.Line > 0 {
			break
		}
	}
	if len(findings) > 1 && next.StartLine > 0 {
		next.StartLine, next.Line = 0, next.StartLine // a list hangs on one line
	}
	list, count, limit := &p.actions.Inline, &p.inline, p.in.Policy.Limits.Inline
	if next.Line == 0 {
		list, count, limit = &p.actions.FileLevel, &p.fileLevel, p.in.Policy.Limits.FileLevel
	}
	if *count >= limit {
		p.capped += len(findings)
		return
	}
	*count++
	next.Body = p.commentBody(marker, findings, next.Line == 0)
	*list = append(*list, next)
	for _, f := range findings {
		p.told[f.Fingerprint] = telling{}
	}
}

// anchor returns the lines an inline comment on f can hang on. All of the
// finding where one hunk shows it whole, since GitHub wants both ends in the
// same hunk; else its first line that is shown; else none.
func anchor(file diff.File, f finding.Finding) (start, line int) {
	if f.Line <= 0 {
		return 0, 0
	}
	last := max(f.Line, f.EndLine)
	if hunk, shown := file.HunkContaining(f.Line); shown {
		if last > f.Line && last < hunk.NewStart+hunk.NewLines {
			return f.Line, last
		}
		return 0, f.Line
	}
	for _, hunk := range file.Hunks {
		if hunk.NewLines > 0 && hunk.NewStart > f.Line && hunk.NewStart <= last {
			return 0, hunk.NewStart
		}
	}
	return 0, 0
}
