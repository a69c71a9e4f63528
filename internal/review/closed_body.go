package review

import (
	"fmt"
	"strings"

	"github.com/lintel-bot/lintel/internal/finding"
)

// foldOriginal opens the part that keeps what a comment said before it was
// edited.
const foldOriginal = "<details><summary>What this comment said</summary>\n\n"

// closedBody words the edit of a comment whose findings are not new in the head
// any more, as marker says. What the comment said stays, folded.
func (p *planner) closedBody(c Comment, marker Marker) string {
	original := originalBody(c.Body)
	title := originalTitle(original)
	head := short(p.in.PullRequest.Head)
	var said string
	switch {
	case marker.Fixed:
		said = fmt.Sprintf("✅ **Fixed** in %s · ~~%s~~", head, title)
	case marker.Gone == GoneToHistory:
		said = fmt.Sprintf("⚠️ **Removed in %s, still in this pull request's history: rotate it** · %s\n\n%s", head, title, historyAdvice)
	case marker.Gone == GoneToBase:
		said = fmt.Sprintf("ℹ️ **No longer new** as of %s · %s\n\n%s has it too by now, so it does not count against this pull request. "+
			"It is still there to be fixed.", head, title, p.baseName())
	case marker.Gone == GoneAllowed:
		said = fmt.Sprintf("ℹ️ **Allowed** as of %s · ~~%s~~\n\nAn allow comment that is merged into %s covers it.", head, title, p.baseName())
	}
	var b strings.Builder
	b.WriteString(said)
	b.WriteString("\n\n")
	if original != "" {
		b.WriteString(foldOriginal + original + foldClose + "\n\n")
	}
	b.WriteString(marker.String())
	return b.String()
}

// historyAdvice is the same in a comment and in the check.
const historyAdvice = "Deleting the line does not take it out of the earlier commits, where everybody who can read the repository finds it. " +
	"Rotate it first. Then rewrite this branch so that none of its commits holds it (rebase, then force-push): until then it counts as open."

// originalBody returns what a comment of ours said while it was open: without
// its marker, and taken out of the fold if it was edited before.
func originalBody(body string) string {
	body = strings.TrimRight(strings.ReplaceAll(body, "\r\n", "\n"), " \t\n")
	if _, marked := ParseMarker(body); marked {
		body = strings.TrimRight(body[:strings.LastIndexByte(body, '\n')+1], "\n")
	}
	if _, folded, found := strings.Cut(body, foldOriginal); found {
		body = strings.TrimSuffix(folded, foldClose)
	}
	if len(body) > maxBody {
		return ""
	}
	return body
}

// originalTitle returns the title out of a comment's heading, which is escaped
// Markdown already.
func originalTitle(original string) string {
	line, _, _ := strings.Cut(original, "\n")
	_, title, found := strings.Cut(line, "** · ")
	if end := strings.LastIndex(title, " · `"); found && end > 0 {
		return title[:end]
	}
	return "finding"
}

func isSecret(f finding.Finding) bool { return strings.HasPrefix(f.Rule, "secrets/") }
