package main

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/lintel-bot/lintel/internal/report"
)

// original heads the part of an edited comment that keeps what it said.
const original = "<details><summary>What this comment said</summary>"

var (
	hidden  = regexp.MustCompile(`(?s)<!--.*?-->`)
	folded  = regexp.MustCompile(`<details(?: open)?><summary>(.*?)</summary>`)
	tags    = regexp.MustCompile(`</?(?:details|summary|sub|br)\s*/?>`)
	link    = regexp.MustCompile(`\[((?:\\.|[^\]\\])*)\]\([^()\s]*\)`)
	address = regexp.MustCompile(`<(https?://[^<>\s]*)>`)
	escape  = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")
	bold    = regexp.MustCompile(`\*\*(.+?)\*\*`)
	struck  = regexp.MustCompile(`~~(.+?)~~`)
	blank   = regexp.MustCompile(`\n{3,}`)
	ruler   = regexp.MustCompile(`^\|(?::?-+:?\|)+$`)
	bullet  = regexp.MustCompile(`^ *(?:- |\d+\. )?`)
)

// block prints the Markdown of a comment or a check as text: what is hidden
// stays hidden, what is folded is shown under its heading, a link is its text.
func (t terminal) block(markdown string) {
	// What an edited comment said before was printed before.
	text, _, again := strings.Cut(hidden.ReplaceAllString(markdown, ""), original)
	if again {
		text += original
	}
	text = folded.ReplaceAllString(text, "▸ $1")
	text = tags.ReplaceAllString(text, "")
	text = link.ReplaceAllString(text, "$1")
	text = address.ReplaceAllString(text, "$1")
	text = struck.ReplaceAllString(text, "$1")
	text = blank.ReplaceAllString(strings.TrimSpace(text), "\n\n")
	first := true
	for line := range strings.SplitSeq(text, "\n") {
		if ruler.MatchString(line) {
			continue
		}
		t.paragraph(line, first)
		first = false
	}
}

// paragraph prints one line of Markdown behind the block's gutter, wrapped, the
// lines of a list item under one another.
func (t terminal) paragraph(line string, heading bool) {
	const gutter = "  │ "
	switch {
	case strings.HasPrefix(line, "### "):
		line, heading = strings.TrimPrefix(line, "### "), true
	case line == "---":
		line = "─────"
	case strings.HasPrefix(line, "|"):
		line = row(line)
	}
	line = escape.ReplaceAllString(line, "$1")
	start := bullet.FindString(line)
	// Paint only once the lines are cut: an escape sequence has no width.
	parts := report.Wrap(bold.ReplaceAllString(line[len(start):], "$1"), t.width-utf8.RuneCountInString(gutter)-len(start))
	for i, part := range parts {
		if i > 0 {
			start = strings.Repeat(" ", len(start))
		}
		if heading {
			part = t.paint("1", part)
		}
		t.say("%s", strings.TrimRight(gutter+start+part, " "))
	}
}

// row is a row of the check's table without its rules.
func row(line string) string {
	var cells []string
	for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
		if cell = strings.TrimSpace(cell); cell != "" {
			cells = append(cells, cell)
		}
	}
	return strings.Join(cells, "  ")
}
