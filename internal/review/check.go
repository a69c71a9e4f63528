package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/finding"
)

// check is the completed check run.
func (p *planner) check() Check {
	return Check{
		Conclusion:  p.conclusion(),
		Title:       p.title(),
		Summary:     p.summary(),
		Annotations: p.annotations(),
	}
}

// conclusion never lets a change pass that was not judged as a whole, nor one
// whose commits carry a secret that would block if it were still there.
func (p *planner) conclusion() Conclusion {
	switch {
	case p.blocking() > 0:
		return Failure
	case p.in.Result.Incomplete(), p.leaked() > 0:
		return ActionRequired
	}
	return Success
}

// title is one line, read in the list of checks.
func (p *planner) title() string {
	blocking, files := p.blocking(), plural(p.in.Result.Stats.Files, "file")
	review := len(p.reported) - blocking
	var parts []string
	add := func(n int, text string) {
		if n > 0 {
			parts = append(parts, text)
		}
	}
	history, incomplete := p.leaked(), len(p.unscanned())
	add(blocking, fmt.Sprintf("%d blocking", blocking))
	if p.conclusion() == ActionRequired {
		add(history, plural(history, "secret")+" in history")
		add(incomplete, "Scan incomplete: "+plural(incomplete, "file"))
	}
	add(review, fmt.Sprintf("%d to review", review))
	add(len(p.in.Result.InHistory)-history, fmt.Sprintf("%d in history to review", len(p.in.Result.InHistory)-history))
	if p.conclusion() == Failure {
		add(history, fmt.Sprintf("%d in history", history))
		add(incomplete, "scan incomplete")
	}
	if len(parts) == 0 {
		parts = append(parts, "No new findings")
	}
	if incomplete == 0 || blocking > 0 {
		parts = append(parts, files)
	}
	return strings.Join(parts, " · ")
}

// leaked counts the secrets that only the history holds and that block the
// merge. A harmless one, such as a test's password that a later commit of the
// pull request changed, is listed and does not: it would not block in the head
// either.
func (p *planner) leaked() int {
	n := 0
	for _, f := range p.in.Result.InHistory {
		if p.in.Policy.Blocks(f.Severity) {
			n++
		}
	}
	return n
}

// blocking counts the reported findings that block the merge.
func (p *planner) blocking() int {
	n := 0
	for _, f := range p.reported {
		if p.in.Policy.Blocks(f.Severity) {
			n++
		}
	}
	return n
}

// unscanned returns the paths that make the scan incomplete, each once.
func (p *planner) unscanned() []string {
	var paths []string
	for _, n := range p.in.Result.NotScanned {
		if n.Blocking && !slices.Contains(paths, n.Path) {
			paths = append(paths, n.Path)
		}
	}
	return paths
}

// counts returns how many findings each severity has.
func counts(findings []finding.Finding) map[finding.Severity]int {
	bySeverity := make(map[finding.Severity]int)
	for _, f := range findings {
		bySeverity[f.Severity]++
	}
	return bySeverity
}
