package review

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/lintel-bot/lintel/internal/finding"
)

const (
	// maxVisibleLines is what a person reads of a comment in passing; the rest
	// is folded.
	maxVisibleLines = 12
	// maxBody bounds the bytes of a comment without its marker, so that with the
	// longest marker, and folded once more when it is marked fixed, it stays
	// under the 65,536 characters of GitHub's limit.
	maxBody = 40 << 10
	// maxPlaces and maxFrames bound the places and the steps named on a line.
	maxPlaces = 3
	maxFrames = 6
	// maxVisibleMembers and maxMembers bound the list of a grouped comment,
	// unfolded and as a whole.
	maxVisibleMembers = 5
	maxMembers        = 50
	// maxSteps bounds the steps of an advice.
	maxSteps = 12
	// maxSuggestion bounds the bytes of a suggested line.
	maxSuggestion = 1000
)

// The opening and closing of a folded part; both need the empty line beside
// them for GitHub to render Markdown inside.
const (
	foldClose   = "\n\n</details>"
	foldDismiss = "<details><summary>Why · dismiss</summary>\n\n"
)

// commentBody words a comment on findings of one rule in one file: a single
// one, or a group. elsewhere is true when the comment cannot hang on the line.
func (p *planner) commentBody(marker Marker, findings []finding.Finding, elsewhere bool) string {
	visible, folded := p.singleBody(findings[0], elsewhere)
	if len(marker.Of) > 0 {
		visible, folded = p.groupBody(findings)
	}
	var b strings.Builder
	b.WriteString(strings.Join(visible, "\n"))
	b.WriteString("\n\n")
	b.WriteString(foldDismiss)
	for i, paragraph := range folded {
		if i > 0 {
			paragraph = "\n\n" + paragraph
		}
		if b.Len()+len(paragraph)+len(foldClose) > maxBody {
			break
		}
		b.WriteString(paragraph)
	}
	b.WriteString(foldClose)
	b.WriteString("\n\n")
	b.WriteString(marker.String())
	return b.String()
}

// singleBody returns the visible lines and the folded paragraphs of a comment
// on one finding.
func (p *planner) singleBody(f finding.Finding, elsewhere bool) (visible, folded []string) {
	evidence := prose(f.Message, maxMessage)
	if elsewhere {
		evidence = p.place(f) + ": " + evidence
	}
	visible = []string{heading(f, prose(f.Title, maxTitle)), "", evidence}
	if len(f.AlsoAt) > 0 {
		visible = append(visible, "Also at "+places(f.AlsoAt)+".")
	}
	if len(f.Trace) > 0 {
		visible = append(visible, trace(f.Trace))
	}
	if f.AllowComment != "" {
		visible = append(visible, p.allowNotice(f))
	}
	var edit []string
	if !elsewhere {
		edit = suggestion(f)
	}
	steps, rest := fixSteps(f.Fix, maxVisibleLines-len(visible)-1-len(edit))
	if len(steps) > 0 {
		visible = append(append(visible, ""), steps...)
	}
	return append(visible, edit...), p.foldedBody(f, rest)
}

// suggestion is an edit that GitHub offers to commit by one click, for a comment
// on the very line
// (https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/incorporating-feedback-in-your-pull-request).
// A fence is longer than any in the text, so that nothing in it can end it.
func suggestion(f finding.Finding) []string {
	s := f.Suggestion
	if s == nil || s.Line != f.Line || s.EndLine != f.Line || strings.ContainsAny(s.Text, "\r\n\x00") || len(s.Text) > maxSuggestion ||
		!utf8.ValidString(s.Text) {
		return nil
	}
	fence := "```"
	for strings.Contains(s.Text, fence) {
		fence += "`"
	}
	return []string{fence + "suggestion", s.Text, fence}
}

// groupBody is singleBody for several findings of one rule in one file.
func (p *planner) groupBody(findings []finding.Finding) (visible, folded []string) {
	worst := findings[0]
	title := fmt.Sprintf("%s, %s", prose(worst.Title, maxTitle), plural(len(findings), "place"))
	visible = []string{heading(worst, title), "", "In " + code(worst.Path, maxPath) + ":"}
	rows := make([]string, 0, min(len(findings), maxMembers))
	for _, f := range findings[:min(len(findings), maxMembers)] {
		label := "whole file"
		if f.Line > 0 {
			label = fmt.Sprintf("line %d", f.Line)
		}
		rows = append(rows, fmt.Sprintf("- [%s](%s): %s", label, p.blob(f), prose(f.Message, maxTitle)))
	}
	shown := min(len(rows), maxVisibleMembers)
	visible = append(visible, rows[:shown]...)
	if len(findings) > shown {
		visible = append(visible, fmt.Sprintf("- and %d more, folded below", len(findings)-shown))
		listed := strings.Join(rows[shown:], "\n")
		if more := len(findings) - len(rows); more > 0 {
			listed += fmt.Sprintf("\n- and %d more in the check", more)
		}
		folded = append(folded, listed)
	}
	steps, rest := fixSteps(worst.Fix, maxVisibleLines-len(visible)-1)
	if len(steps) > 0 {
		visible = append(append(visible, ""), steps...)
	}
	return visible, append(folded, p.foldedBody(worst, rest)...)
}

// foldedBody is what stands under "Why · dismiss".
func (p *planner) foldedBody(f finding.Finding, steps []string) []string {
	var folded []string
	if why := advice(f.Why, maxAdvice*2); why != "" {
		folded = append(folded, why)
	}
	if len(steps) > 0 {
		folded = append(folded, strings.Join(steps, "\n"))
	}
	return append(folded, p.dismissal(f))
}

// dismissal says truthfully what a person can do about a finding that is none.
func (p *planner) dismissal(f finding.Finding) string {
	switch {
	case isSecret(f):
		past := ""
		if p.in.Policy.Blocks(f.Severity) {
			past = " past this check"
		}
		return fmt.Sprintf("**No real secret?** Put a `gitleaks:allow` comment on the line and ask a maintainer to merge it%s: "+
			"allow comments count once they are in %s, so that a change cannot allow itself.", past, p.baseName())
	case p.in.Policy.Blocks(f.Severity):
		return "**No real defect?** Say so in this thread and ask a maintainer: they decide whether to merge past this check."
	}
	return "**No real defect?** It does not block the merge; a word in this thread helps the next reader."
}

func (p *planner) allowNotice(f finding.Finding) string {
	return fmt.Sprintf("%s here does not count before it is merged into %s: a change cannot allow itself.",
		code(f.AllowComment, maxRule), p.baseName())
}

func (p *planner) baseName() string {
	if p.in.PullRequest.BaseRef == "" {
		return "the base branch"
	}
	return code(p.in.PullRequest.BaseRef, maxPath)
}

// heading is the first line of every comment; title is Markdown already.
func heading(f finding.Finding, title string) string {
	return headingStart(f) + title + " · " + ruleName(f.Rule)
}

func headingStart(f finding.Finding) string {
	quality := ""
	if f.Quality != "" {
		quality = " · " + prose(f.Quality, maxRule)
	}
	return fmt.Sprintf("**%s %s%s** · ", f.Severity.Emoji(), f.Severity.Title(), quality)
}

// fixSteps words the advice in at most visible lines; what does not fit comes
// back as rest, numbered on.
func fixSteps(fix []string, visible int) (steps, rest []string) {
	fix = fix[:min(len(fix), maxSteps)]
	switch {
	case len(fix) == 0:
		return nil, nil
	case len(fix) == 1:
		return []string{"**Fix:** " + advice(fix[0], maxAdvice)}, nil
	}
	steps = append(steps, "**Fix:**")
	for i, step := range fix {
		line := fmt.Sprintf("%d. %s", i+1, advice(step, maxAdvice))
		if len(steps) < visible {
			steps = append(steps, line)
		} else {
			rest = append(rest, line)
		}
	}
	return steps, rest
}

// place is where a finding is, as a link to the head.
func (p *planner) place(f finding.Finding) string {
	return "[" + code(at(f.Path, f.Line), maxPath) + "](" + p.blob(f) + ")"
}

func (p *planner) blob(f finding.Finding) string {
	commit := p.in.PullRequest.Head
	if f.Commit != "" {
		commit = f.Commit
	}
	return blobURL(p.in.PullRequest.WebURL, commit, f.Path, f.Line)
}

func at(path string, line int) string {
	if line <= 0 {
		return path
	}
	return fmt.Sprintf("%s:%d", path, line)
}

func places(frames []finding.Frame) string {
	var named []string
	for _, f := range frames[:min(len(frames), maxPlaces)] {
		named = append(named, code(at(f.Path, f.Line), maxPath))
	}
	list := strings.Join(named, ", ")
	if more := len(frames) - len(named); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// trace leads from where it starts to where it hurts; of a long way the middle
// is left out.
func trace(frames []finding.Frame) string {
	var steps []string
	for i, f := range frames {
		if len(frames) > maxFrames && i >= maxFrames/2 && i < len(frames)-maxFrames/2 {
			if i == maxFrames/2 {
				steps = append(steps, "…")
			}
			continue
		}
		step := at(f.Path, f.Line)
		if f.Symbol != "" {
			step += " " + f.Symbol
		}
		steps = append(steps, code(step, maxPath))
	}
	return strings.Join(steps, " → ")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
