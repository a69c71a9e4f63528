package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/finding"
)

// TextOptions say how the text is to look.
type TextOptions struct {
	// Color allows ANSI colours. Whether NO_COLOR is set or the output is a
	// terminal is for the caller to decide.
	Color bool
	// Width is the terminal's width in columns; zero means that lines are not
	// wrapped.
	Width int
	// FailOn is the lowest severity that fails; zero means that none does.
	FailOn finding.Severity
	// Audit is true when the findings are those of a whole tree.
	Audit bool
}

// maxPlaces bounds the further places named with one finding.
const maxPlaces = 3

// maxReasons bounds the reasons named for files out of scope.
const maxReasons = 3

// Text writes r for a person: findings by file, the worst file first, then what
// only the history holds, what was not judged, and the verdict on the last
// line, where the eye is when the command ends. Control characters from the
// repository never reach the terminal.
func Text(w io.Writer, r *finding.Result, o TextOptions) error {
	out := bufio.NewWriter(w)
	p := printer{out: out, style: style(o.Color), width: o.Width}
	for _, file := range byFile(r.New) {
		p.line("", p.bold(visible(file[0].Path)))
		for _, f := range file {
			p.finding(f)
		}
		p.line("", "")
	}
	p.history(r.InHistory)
	p.undecided(r.Undecided)
	p.notScanned(r.NotScanned)
	p.line("", counted(r, o))
	p.line("", p.verdict(r, o))
	// A bufio.Writer keeps its first error and returns it here.
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing text: %w", err)
	}
	return nil
}

type printer struct {
	out *bufio.Writer
	style
	width int
}

// line writes text behind an indent, wrapped.
func (p printer) line(indent, text string) {
	for _, part := range Wrap(text, p.width-len(indent)) {
		fmt.Fprintf(p.out, "%s%s\n", indent, part)
	}
}

func (p printer) finding(f finding.Finding) {
	const indent = "    "
	fmt.Fprintf(p.out, "  %s  %s  %s\n", p.severity(f.Severity), p.bold(visible(f.Title)), p.dim(visible(f.Rule)))
	at := place(f.Path, f.Line)
	if f.Commit != "" {
		at += " in commit " + shortCommit(f.Commit)
	}
	fmt.Fprintf(p.out, "%s%s\n", indent, at)
	p.line(indent, visible(f.Message))
	if len(f.AlsoAt) > 0 {
		p.line(indent, "Also at "+places(f.AlsoAt))
	}
	if len(f.Trace) > 0 {
		p.line(indent, trace(f.Trace))
	}
	if f.AllowComment != "" {
		p.line(indent, visible(f.AllowComment)+" here does not count before it is merged: a change cannot allow itself")
	}
	if len(f.Fix) > 0 {
		p.line(indent, "Fix: "+visible(f.Fix[0]))
	}
	if f.Suggestion != nil {
		p.line(indent, fmt.Sprintf("Line %d could be: %s", f.Suggestion.Line, visible(strings.TrimSpace(f.Suggestion.Text))))
	}
}

func (p printer) history(findings []finding.Finding) {
	if len(findings) == 0 {
		return
	}
	p.line("", p.bold("In history only"))
	p.line("  ", "A later commit removed them, but everybody who can read the earlier one still finds them. Rotate them, "+
		"then rewrite the branch so that none of its commits holds them.")
	for _, f := range findings {
		p.finding(f)
	}
	p.line("", "")
}

func (p printer) undecided(list []finding.Undecided) {
	if len(list) == 0 {
		return
	}
	p.line("", p.bold("Not decidable"))
	for _, u := range list {
		text := visible(u.Rule) + " on " + visible(u.Subject)
		if len(u.Missing) > 0 {
			text += ": missing " + visible(strings.Join(u.Missing, ", "))
		}
		p.line("  ", text)
	}
	p.line("", "")
}

func (p printer) notScanned(list []finding.NotScanned) {
	if len(list) == 0 {
		return
	}
	p.line("", p.bold("Not scanned"))
	for _, n := range list {
		text := visible(n.Reason)
		if n.Path != "" {
			text = visible(n.Path) + ": " + text
		}
		if !n.Blocking {
			text += " (the base has the same gap)"
		}
		p.line("  ", text)
	}
	p.line("", "")
}

// counted is the line of numbers.
func counted(r *finding.Result, o TextOptions) string {
	noun := "new finding"
	if o.Audit {
		noun = "finding"
	}
	parts := []string{plural(len(r.New), noun) + severities(r.New)}
	add := func(n int, text string) {
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, text))
		}
	}
	add(len(r.InHistory), "in history only")
	add(len(r.Fixed), "fixed")
	add(len(r.PreExisting), "pre-existing")
	add(len(r.Suppressed), "suppressed")
	add(len(r.OutOfScope), "out of scope"+reasons(r.OutOfScope))
	files := plural(r.Stats.Files, "file") + " scanned"
	if !o.Audit {
		files += " in " + plural(r.Stats.Commits, "commit")
	}
	return strings.Join(append(parts, files, fmt.Sprintf("%.1f s", float64(r.Stats.Milliseconds)/1000)), " · ")
}

// verdict says in words what the exit code says in numbers.
func (p printer) verdict(r *finding.Result, o TextOptions) string {
	failing := countFrom(r, o.FailOn)
	blocked := fmt.Sprintf("%s at or above %s", plural(failing, "finding"), o.FailOn)
	switch {
	case r.Incomplete() && failing > 0:
		return p.bad("✗ Incomplete, and " + blocked)
	case r.Incomplete():
		return p.bad("✗ Incomplete: see what was not scanned")
	case failing > 0:
		return p.bad("✗ Blocked: " + blocked)
	case !o.Audit && r.Stats.Commits == 0:
		return p.good("✓ Nothing to scan: HEAD has no commit that the base lacks, and only commits are looked at")
	case len(r.New)+len(r.InHistory) > 0:
		return p.good("✓ Passed with notes")
	}
	return p.good("✓ Passed")
}

// reasons says why files are out of scope, the most frequent reason first.
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
		parts = append(parts, fmt.Sprintf("%d %s", n[reason], visible(reason)))
	}
	if len(sorted) > maxReasons {
		parts = append(parts, "other")
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// byFile groups findings by file, the file with the worst one first, and orders
// those of a file by line.
func byFile(findings []finding.Finding) [][]finding.Finding {
	sorted := slices.Clone(findings)
	finding.Sort(sorted)
	index := make(map[string]int)
	var files [][]finding.Finding
	for _, f := range sorted {
		i, known := index[f.Path]
		if !known {
			i = len(files)
			index[f.Path] = i
			files = append(files, nil)
		}
		files[i] = append(files[i], f)
	}
	for _, file := range files {
		slices.SortStableFunc(file, func(a, b finding.Finding) int { return cmp.Compare(a.Line, b.Line) })
	}
	return files
}

// severities is ": 2 critical, 1 minor", or nothing.
func severities(findings []finding.Finding) string {
	n := make(map[finding.Severity]int)
	for _, f := range findings {
		n[f.Severity]++
	}
	var parts []string
	for _, s := range finding.Severities() {
		if n[s] > 0 {
			count := fmt.Sprintf("%d %s", n[s], s)
			if s == finding.Suggestion { // the one that is a noun
				count = plural(n[s], s.String())
			}
			parts = append(parts, count)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

// place is path:line, which terminals make clickable.
func place(path string, line int) string {
	if line <= 0 {
		return visible(path)
	}
	return fmt.Sprintf("%s:%d", visible(path), line)
}

func places(frames []finding.Frame) string {
	var named []string
	for _, f := range frames[:min(len(frames), maxPlaces)] {
		named = append(named, place(f.Path, f.Line))
	}
	list := strings.Join(named, ", ")
	if more := len(frames) - len(named); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

func trace(frames []finding.Frame) string {
	steps := make([]string, len(frames))
	for i, f := range frames {
		steps[i] = strings.TrimSpace(place(f.Path, f.Line) + " " + visible(f.Symbol))
	}
	return strings.Join(steps, " → ")
}

func shortCommit(commit string) string {
	const length = 7
	return visible(commit[:min(len(commit), length)])
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
