package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/finding"
)

const (
	// maxSummary is GitHub's limit of 65,535 characters, counted in bytes to be
	// safe, with room for the note on shared heads
	// (https://docs.github.com/en/rest/checks/runs#create-a-check-run).
	maxSummary = 65535 - noteRoom
	// maxFamilies bounds the columns of the table.
	maxFamilies = 6
	// maxNamed bounds the files named in the verdict.
	maxNamed = 3
)

// summary is what the check run's page shows: the verdict first, then what to
// do, then what else is worth knowing, folded.
func (p *planner) summary() string {
	top := p.verdict() + p.countsLine() + p.remarks() + p.table()
	bottom := p.lastLine()
	return top + fill(p.sections(), maxSummary-len(top)-len(bottom)) + bottom
}

// verdict says how it ends and why.
func (p *planner) verdict() string {
	blocking, history, incomplete := p.blocking(), p.leaked(), p.unscanned()
	word := "✅ Passed"
	var why []string
	switch {
	case blocking > 0:
		word = "⛔ Blocked"
		why = append(why, fmt.Sprintf("%s of severity %s or above %s open.",
			plural(blocking, "finding"), p.in.Policy.FailOn, choose(blocking, "is", "are")))
		if history+len(incomplete) == 0 {
			why = append(why, p.wayOut(blocking))
		}
	case history > 0:
		word = "⛔ Blocked"
	case len(incomplete) > 0:
		word = "⚠️ Incomplete"
	case len(p.reported)+len(p.in.Result.InHistory) > 0:
		word = "✅ Passed with notes"
		why = append(why, p.notesWhy())
	default:
		why = append(why, p.passedWhy())
	}
	if history > 0 {
		why = append(why, fmt.Sprintf("%s added and removed again inside this pull request: still in its commits, so still leaked.",
			plural(history, "secret")+" "+choose(history, "was", "were")))
	}
	if len(incomplete) > 0 {
		why = append(why, fmt.Sprintf("%s of this change could not be judged%s. A change that was not judged does not pass; the reasons are below.",
			plural(len(incomplete), "file"), named(incomplete)))
	}
	return "### " + word + "\n\n" + strings.Join(why, " ") + "\n\n"
}

// wayOut says when a blocked change passes. A further commit that deletes a
// secret leaves it in the commits before.
func (p *planner) wayOut(blocking int) string {
	secret := slices.ContainsFunc(p.reported, func(f finding.Finding) bool {
		return isSecret(f) && p.in.Policy.Blocks(f.Severity)
	})
	gone := choose(blocking, "it is", "they are") + " gone"
	if secret {
		gone += " (a secret: from every commit of this pull request)"
	}
	return "The check turns green when " + gone + "."
}

func (p *planner) notesWhy() string {
	n := len(p.reported) + len(p.in.Result.InHistory)
	notes := plural(n, "finding") + " " + choose(n, "is", "are") + " worth a look"
	if p.in.Policy.FailOn == 0 {
		return "Findings never block here. " + notes + "."
	}
	return fmt.Sprintf("Nothing new of severity %s or above. %s before merging.", p.in.Policy.FailOn, notes)
}

func (p *planner) passedWhy() string {
	stats := p.in.Result.Stats
	if stats.Files == 0 {
		return "Nothing in this change is in lintel's scope."
	}
	return fmt.Sprintf("Nothing new was found in %s and %s.", plural(stats.Files, "file"), plural(stats.Commits, "commit"))
}

// countsLine tells new findings from those that people know already.
func (p *planner) countsLine() string {
	var fresh, open, reopened int
	for _, f := range p.reported {
		switch t := p.told[f.Fingerprint]; {
		case t.reopened:
			reopened++
		case t.earlier:
			open++
		default:
			fresh++
		}
	}
	if fresh+open+reopened+p.fixed == 0 {
		return ""
	}
	line := fmt.Sprintf("**%d new**", fresh)
	for _, part := range []struct {
		n    int
		word string
	}{{open, "still open"}, {reopened, "back again"}, {p.fixed, "fixed"}} {
		if part.n > 0 {
			line += fmt.Sprintf(" · %d %s", part.n, part.word)
		}
	}
	return line + "\n\n"
}

// remarks explain why a finding has no comment, and thank for what got better.
func (p *planner) remarks() string {
	var b strings.Builder
	if n := p.capped; n > 0 {
		fmt.Fprintf(&b, "Comments on one pull request are limited to %d on lines and %d on files: %d more %s listed only here.\n\n",
			p.in.Policy.Limits.Inline, p.in.Policy.Limits.FileLevel, n, choose(n, "finding is", "findings are"))
	}
	if n := p.heldBack; n > 0 {
		fmt.Fprintf(&b, "This is a draft: comments on %s follow when it is ready for review.\n\n", plural(n, "finding"))
	}
	if n := len(p.in.Result.Fixed); n > 0 {
		fmt.Fprintf(&b, "👏 This change also fixes %s that %s has.\n\n", plural(n, "finding"), p.baseName())
	}
	return b.String()
}

// table counts the reported findings by severity and family.
func (p *planner) table() string {
	if len(p.reported) == 0 {
		return ""
	}
	var families []string
	byFamily := make(map[string][]finding.Finding)
	for _, f := range p.reported {
		name, _, _ := strings.Cut(f.Rule, "/")
		if _, known := byFamily[name]; !known && len(families) < maxFamilies {
			families = append(families, name)
		} else if !known {
			name = "other"
			if !slices.Contains(families, name) {
				families = append(families, name)
			}
		}
		byFamily[name] = append(byFamily[name], f)
	}
	slices.Sort(families)
	var b strings.Builder
	b.WriteString("| |")
	for _, name := range families {
		b.WriteString(" " + prose(name, maxRule) + " |")
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(families)) + "\n")
	for _, s := range finding.Severities() {
		if counts(p.reported)[s] == 0 {
			continue
		}
		fmt.Fprintf(&b, "| %s %s |", s.Emoji(), s.Title())
		for _, name := range families {
			fmt.Fprintf(&b, " %d |", counts(byFamily[name])[s])
		}
		b.WriteString("\n")
	}
	return b.String() + "\n"
}

// lastLine says what was judged by what.
func (p *planner) lastLine() string {
	line := "Config: " + prose(p.in.Policy.Source, maxRule)
	if p.in.RulesVersion != "" {
		line += " · rules " + code(p.in.RulesVersion, maxRule)
	}
	return fmt.Sprintf("---\n%s · %.1f s\n", line, p.in.Elapsed.Seconds())
}

// named lists some paths in brackets.
func named(paths []string) string {
	var list []string
	for _, path := range paths {
		if path != "" && len(list) < maxNamed {
			list = append(list, code(path, maxPath))
		}
	}
	if len(list) == 0 {
		return ""
	}
	if more := len(paths) - len(list); more > 0 {
		return fmt.Sprintf(" (%s and %d more)", strings.Join(list, ", "), more)
	}
	return " (" + strings.Join(list, ", ") + ")"
}

func choose(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
