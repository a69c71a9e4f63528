package review

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/finding"
)

const (
	// guaranteedRows is what every section may show before the first one takes
	// the rest of the room.
	guaranteedRows = 10
	// maxReasons bounds the reasons told apart when files out of scope are
	// counted.
	maxReasons = 6
)

// section is one list of the summary. Its rows are cut when the room is short,
// never its heading.
type section struct {
	heading, intro string
	rows           []string
	// folded sections open on a click; open ones are folded but shown.
	folded, open bool
}

func (p *planner) sections() []section {
	var must, review []string
	for _, f := range p.reported {
		if p.in.Policy.Blocks(f.Severity) {
			must = append(must, p.row(f))
		} else {
			review = append(review, p.row(f))
		}
	}
	all := []section{
		{heading: "Must fix", rows: must},
		p.historySection(),
		{heading: "To review", rows: review},
		p.allowSection(),
		p.undecidedSection(),
		p.notScannedSection(),
		p.countedSection(),
	}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.rows) == 0 })
}

// row is one finding, with a link to its comment, or else to its line.
func (p *planner) row(f finding.Finding) string {
	target := p.blob(f)
	if url := p.told[f.Fingerprint].url; url != "" && !strings.ContainsAny(url, " ()<>\r\n") {
		target = url
	}
	return fmt.Sprintf("- %s [%s](%s) %s · %s", f.Severity.Emoji(), code(at(f.Path, f.Line), maxPath), target,
		prose(f.Title, maxTitle), ruleName(f.Rule))
}

func (p *planner) historySection() section {
	s := section{heading: "In history only", intro: historyAdvice}
	for _, f := range p.in.Result.InHistory {
		row := fmt.Sprintf("- %s [%s](%s) in %s: %s · %s", f.Severity.Emoji(), code(at(f.Path, f.Line), maxPath), p.blob(f),
			short(f.Commit), prose(f.Title, maxTitle), ruleName(f.Rule))
		if len(f.Fix) > 0 {
			row += "\n  " + advice(f.Fix[0], maxAdvice)
		}
		s.rows = append(s.rows, row)
	}
	return s
}

// allowSection lists the allow comments that this change adds: they do not
// count yet, and a reviewer should see them.
func (p *planner) allowSection() section {
	s := section{folded: true}
	for _, f := range p.reported {
		if f.AllowComment != "" {
			s.rows = append(s.rows, fmt.Sprintf("- %s: %s", p.place(f), code(f.AllowComment, maxRule)))
		}
	}
	s.heading = fmt.Sprintf("Allow comments that do not count yet (%d)", len(s.rows))
	s.intro = fmt.Sprintf("They count once they are merged into %s: a change cannot allow itself.", p.baseName())
	return s
}

func (p *planner) undecidedSection() section {
	s := section{heading: fmt.Sprintf("Not decidable (%d)", len(p.in.Result.Undecided)), folded: true}
	for _, u := range p.in.Result.Undecided {
		row := fmt.Sprintf("- %s on %s", ruleName(u.Rule), code(u.Subject, maxPath))
		if len(u.Missing) > 0 {
			row += ": missing " + prose(strings.Join(u.Missing, ", "), maxTitle)
		}
		s.rows = append(s.rows, row)
	}
	return s
}

func (p *planner) notScannedSection() section {
	s := section{
		heading: fmt.Sprintf("Not scanned (%d)", len(p.in.Result.NotScanned)),
		folded:  true,
		open:    p.in.Result.Incomplete(),
	}
	var notes []string
	for _, n := range p.in.Result.NotScanned {
		row := "- " + prose(n.Reason, maxMessage)
		if n.Path != "" {
			row = "- " + code(n.Path, maxPath) + ": " + prose(n.Reason, maxMessage)
		}
		if n.Blocking {
			s.rows = append(s.rows, row)
		} else {
			notes = append(notes, row+" (the base branch has the same gap)")
		}
	}
	s.rows = append(s.rows, notes...)
	return s
}

// countedSection holds what is counted and never blocks.
func (p *planner) countedSection() section {
	s := section{heading: "Counted, never blocking", folded: true}
	if old := p.in.Result.PreExisting; len(old) > 0 {
		s.rows = append(s.rows, fmt.Sprintf("- Pre-existing: %s in %s before this change (%s). `lintel audit` lists them.",
			plural(len(old), "finding"), p.baseName(), bySeverity(old)))
	}
	if allowed := p.in.Result.Suppressed; len(allowed) > 0 {
		s.rows = append(s.rows, fmt.Sprintf("- Suppressed: %s, by allow comments that are merged (%s).",
			plural(len(allowed), "finding"), bySeverity(allowed)))
	}
	if out := p.in.Result.OutOfScope; len(out) > 0 {
		s.rows = append(s.rows, fmt.Sprintf("- Out of scope: %s (%s).", plural(len(out), "file"), reasons(out)))
	}
	return s
}

func bySeverity(findings []finding.Finding) string {
	var parts []string
	n := counts(findings)
	for _, s := range finding.Severities() {
		if n[s] > 0 {
			parts = append(parts, severityCount(n[s], s))
		}
	}
	return strings.Join(parts, ", ")
}

// severityCount is "2 critical" or "2 suggestions": only the last is a noun.
func severityCount(n int, s finding.Severity) string {
	if s == finding.Suggestion {
		return plural(n, s.String())
	}
	return fmt.Sprintf("%d %s", n, s)
}

// reasons counts the files out of scope by reason, the most frequent first.
func reasons(out []finding.OutOfScope) string {
	n := make(map[string]int)
	for _, o := range out {
		n[o.Reason]++
	}
	sorted := slices.SortedFunc(maps.Keys(n), func(a, b string) int {
		return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b))
	})
	var parts []string
	for _, reason := range sorted[:min(len(sorted), maxReasons)] {
		parts = append(parts, fmt.Sprintf("%d %s", n[reason], prose(reason, maxRule)))
	}
	if len(sorted) > maxReasons {
		parts = append(parts, "other")
	}
	return strings.Join(parts, ", ")
}

// fill renders the sections into at most room bytes. Each gets some rows, then
// the earlier ones come first.
func fill(sections []section, room int) string {
	for _, s := range sections {
		room -= len(s.render(0))
	}
	shown := make([]int, len(sections))
	for _, limit := range []int{guaranteedRows, room} {
		for i, s := range sections {
			for shown[i] < min(len(s.rows), limit) && len(s.rows[shown[i]])+1 <= room {
				room -= len(s.rows[shown[i]]) + 1
				shown[i]++
			}
		}
	}
	var b strings.Builder
	for i, s := range sections {
		b.WriteString(s.render(shown[i]))
	}
	return b.String()
}

// render writes the section with its first rows. With fewer rows it is never
// longer, apart from the rows themselves.
func (s section) render(shown int) string {
	var b strings.Builder
	switch {
	case s.folded && s.open:
		b.WriteString("<details open><summary>" + s.heading + "</summary>\n\n")
	case s.folded:
		b.WriteString("<details><summary>" + s.heading + "</summary>\n\n")
	default:
		b.WriteString("### " + s.heading + "\n\n")
	}
	if s.intro != "" {
		b.WriteString(s.intro + "\n\n")
	}
	for _, row := range s.rows[:shown] {
		b.WriteString(row + "\n")
	}
	if more := len(s.rows) - shown; more > 0 {
		fmt.Fprintf(&b, "- and %d more\n", more)
	}
	if s.folded {
		b.WriteString("\n</details>\n")
	}
	return b.String() + "\n"
}
