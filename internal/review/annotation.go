package review

import (
	"fmt"
	"strings"

	"github.com/lintel-bot/lintel/internal/finding"
)

// maxAnnotationTitle and maxAnnotationMessage are below GitHub's bounds: 255
// characters and 64 KB
// (https://docs.github.com/en/rest/checks/runs#create-a-check-run).
const (
	maxAnnotationTitle   = 240
	maxAnnotationMessage = 8 << 10
)

// annotations returns one for each finding without a comment: GitHub shows
// both in the diff, and saying a thing twice helps nobody.
func (p *planner) annotations() []Annotation {
	var list []Annotation
	for _, f := range p.reported {
		if _, told := p.told[f.Fingerprint]; told || !commentable(f.Path) {
			continue
		}
		if len(list) >= p.in.Policy.Limits.Annotations {
			break
		}
		list = append(list, annotation([]finding.Finding{f}))
	}
	return list
}

// annotation words findings of one rule in one file. GitHub shows it as plain
// text.
func annotation(findings []finding.Finding) Annotation {
	f := findings[0]
	start := max(f.Line, 1)
	title := f.Title
	if len(findings) > 1 {
		title += fmt.Sprintf(", %s", plural(len(findings), "place"))
	}
	message := plain(f.Message, maxMessage)
	if len(findings) > 1 {
		message += "\nAlso on lines " + lineNumbers(findings[1:]) + "."
	}
	if len(f.Fix) > 0 {
		message += "\nFix: " + plain(f.Fix[0], maxAdvice)
	}
	message += "\n" + f.Severity.Title() + " · " + plain(f.Rule, maxRule)
	return Annotation{
		Path:      f.Path,
		StartLine: start,
		EndLine:   max(f.EndLine, start),
		Level:     level(f.Severity),
		Title:     plain(title, maxAnnotationTitle),
		Message:   bounded(message, maxAnnotationMessage),
	}
}

func lineNumbers(findings []finding.Finding) string {
	var numbers []string
	for _, f := range findings[:min(len(findings), maxMembers)] {
		numbers = append(numbers, fmt.Sprint(f.Line))
	}
	list := strings.Join(numbers, ", ")
	if more := len(findings) - len(numbers); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// level is GitHub's word for how an annotation looks.
func level(s finding.Severity) string {
	switch {
	case s >= finding.Major:
		return "failure"
	case s == finding.Minor:
		return "warning"
	}
	return "notice"
}

// bounded cuts text to at most max bytes, between characters.
func bounded(text string, max int) string {
	if len(text) <= max {
		return text
	}
	return strings.ToValidUTF8(text[:max-len("…")], "") + "…"
}
