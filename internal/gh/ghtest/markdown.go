package ghtest

import (
	"html"
	"html/template"
	"regexp"
	"strings"
)

// markdown renders the part of GitHub's Markdown that reviews are written in:
// headings, lists, tables, folds, fences, emphasis, code and links. Everything
// else is shown as text; no tag of the source comes through but the folds
// (https://github.github.com/gfm/).
func markdown(source string) template.HTML {
	r := markdownRenderer{}
	for line := range strings.SplitSeq(htmlComment.ReplaceAllString(source, ""), "\n") {
		r.line(strings.TrimSuffix(line, "\r"))
	}
	r.open("")
	for ; r.folds > 0; r.folds-- {
		r.out.WriteString("</details>")
	}
	return template.HTML(r.out.String())
}

var (
	htmlComment = regexp.MustCompile(`(?s)<!--.*?-->`)
	foldStart   = regexp.MustCompile(`^<details( open)?><summary>(.*)</summary>$`)
	heading     = regexp.MustCompile(`^(#{1,6}) +(.*)$`)
	listItem    = regexp.MustCompile(`^(?:([-*])|\d{1,9}\.) +(.*)$`)
	tableRule   = regexp.MustCompile(`^\|(?: *:?-+:? *\|)+$`)
	// span is what is not plain text within a line; the first branch that
	// matches wins.
	span = regexp.MustCompile("\\\\[!-/:-@\\[-`{-~]" + "|``.+?``|`[^`]+`" + `|\[(?:\\.|` + "`[^`]*`" + `|[^\]\\])*\]\(https?://[^()\s<>"]*\)` +
		`|<https?://[^<>\s"]*>` + `|\*\*|~~`)
)

type markdownRenderer struct {
	out strings.Builder
	// block is the element that is open: p, ul, ol, table, pre or none.
	block string
	fence string
	folds int
}

// open closes the block that is open, unless it is of the same kind, and opens
// another one. It reports whether it did.
func (r *markdownRenderer) open(block string) bool {
	if r.block == block {
		return false
	}
	if r.block != "" {
		r.out.WriteString("</" + r.block + ">\n")
	}
	if r.block = block; block != "" {
		r.out.WriteString("<" + block + ">")
	}
	return true
}

func (r *markdownRenderer) line(line string) {
	if r.block == "pre" {
		if strings.TrimSpace(line) == r.fence {
			r.open("")
			return
		}
		r.out.WriteString(html.EscapeString(line) + "\n")
		return
	}
	trimmed := strings.TrimSpace(line)
	switch {
	case trimmed == "":
		if r.block != "ul" && r.block != "ol" {
			r.open("")
		}
	case strings.HasPrefix(trimmed, "```"):
		r.fence = trimmed[:len(trimmed)-len(strings.TrimLeft(trimmed, "`"))]
		r.open("pre")
	case foldStart.MatchString(trimmed):
		m := foldStart.FindStringSubmatch(trimmed)
		r.open("")
		r.out.WriteString("<details" + m[1] + "><summary>" + inline(m[2]) + "</summary>\n")
		r.folds++
	case trimmed == "</details>" && r.folds > 0:
		r.open("")
		r.out.WriteString("</details>\n")
		r.folds--
	case trimmed == "---":
		r.open("")
		r.out.WriteString("<hr>\n")
	case heading.MatchString(line):
		r.open("")
		r.out.WriteString("<h3>" + inline(heading.FindStringSubmatch(line)[2]) + "</h3>\n")
	case listItem.MatchString(line):
		m := listItem.FindStringSubmatch(line)
		list := "ol"
		if m[1] != "" {
			list = "ul"
		}
		r.open(list)
		r.out.WriteString("<li>" + inline(m[2]))
	case (r.block == "ul" || r.block == "ol") && strings.HasPrefix(line, "  "):
		r.out.WriteString("<br>" + inline(trimmed))
	case strings.HasPrefix(trimmed, "|"):
		r.row(trimmed)
	default:
		if !r.open("p") {
			r.out.WriteString("<br>")
		}
		r.out.WriteString(inline(trimmed))
	}
}

func (r *markdownRenderer) row(line string) {
	r.open("table")
	if tableRule.MatchString(line) {
		return
	}
	r.out.WriteString("<tr>")
	for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
		r.out.WriteString("<td>" + inline(strings.TrimSpace(cell)) + "</td>")
	}
	r.out.WriteString("</tr>")
}

// inline renders the text of one line.
func inline(text string) string {
	var b strings.Builder
	bold, struck := false, false
	rest := 0
	for _, at := range span.FindAllStringIndex(text, -1) {
		b.WriteString(html.EscapeString(text[rest:at[0]]))
		token := text[at[0]:at[1]]
		rest = at[1]
		switch {
		case token[0] == '\\':
			b.WriteString(html.EscapeString(token[1:]))
		case token[0] == '`':
			fence := 1
			if strings.HasPrefix(token, "``") {
				fence = 2
			}
			b.WriteString("<code>" + html.EscapeString(strings.TrimSpace(token[fence:len(token)-fence])) + "</code>")
		case token[0] == '[':
			end := strings.LastIndex(token, "](")
			b.WriteString(anchor(token[end+2:len(token)-1], inline(token[1:end])))
		case token[0] == '<':
			target := token[1 : len(token)-1]
			b.WriteString(anchor(target, html.EscapeString(target)))
		case token == "**":
			b.WriteString(toggle(&bold, "strong"))
		default:
			b.WriteString(toggle(&struck, "del"))
		}
	}
	b.WriteString(html.EscapeString(text[rest:]))
	if bold {
		b.WriteString("</strong>")
	}
	if struck {
		b.WriteString("</del>")
	}
	return b.String()
}

func anchor(target, label string) string {
	return `<a href="` + html.EscapeString(target) + `">` + label + "</a>"
}

func toggle(open *bool, tag string) string {
	*open = !*open
	if *open {
		return "<" + tag + ">"
	}
	return "</" + tag + ">"
}
