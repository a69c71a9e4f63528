package report

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lintel-bot/lintel/internal/finding"
)

// minWidth is below what wrapped text can be read at; narrower terminals, and
// none at all, get whole lines.
const minWidth = 30

// visible makes one line of text that a terminal only shows. Escape sequences,
// other control characters and characters that hide or turn text around become
// U+FFFD; line ends and tabs become spaces.
func visible(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || unicode.Is(unicode.Zs, r):
			return ' '
		case !unicode.IsPrint(r):
			return utf8.RuneError
		}
		return r
	}, text))
}

// Wrap breaks text at spaces into lines of at most width characters; a longer
// word stays whole, so that addresses and paths can be copied. Nobody reads
// columns of less than minWidth characters: there the text stays one line.
func Wrap(text string, width int) []string {
	if width < minWidth || utf8.RuneCountInString(text) <= width {
		return []string{text}
	}
	var lines []string
	line, length := "", 0
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case length == 0:
			line, length = word, n
		case length+1+n > width:
			lines = append(lines, line)
			line, length = word, n
		default:
			line, length = line+" "+word, length+1+n
		}
	}
	return append(lines, line)
}

// style paints text, or does not.
type style bool

// The ANSI colours in use (ECMA-48, select graphic rendition).
const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	yellow = "33"
	cyan   = "36"
	blue   = "34"
	green  = "32"
)

func (s style) paint(code, text string) string {
	if !s || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s style) bold(text string) string { return s.paint(bold, text) }
func (s style) dim(text string) string  { return s.paint(dim, text) }
func (s style) bad(text string) string  { return s.paint(red, text) }
func (s style) good(text string) string { return s.paint(green, text) }

// severity is a dot and the word: colour alone says nothing to many people.
func (s style) severity(severity finding.Severity) string {
	text := "● " + severity.String()
	switch severity {
	case finding.Critical:
		return s.paint(red, text)
	case finding.Major:
		return s.paint(yellow, text)
	case finding.Minor:
		return s.paint(cyan, text)
	}
	return s.paint(blue, text)
}
