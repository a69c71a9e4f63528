package rule

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/lintel-bot/lintel/internal/fact"
)

const (
	// maxPieces bounds the expressions in one text.
	maxPieces = 20
	// maxRendered bounds the bytes of a rendered text: a comment shows less.
	maxRendered = 1500
)

// template is a text with expressions in braces: "`{key}` is {show(value)}".
type template struct {
	source string
	pieces []templatePiece
}

// templatePiece is a text or, if it has a program, an expression.
type templatePiece struct {
	text       string
	expression expression
}

// parseTemplate reads a template. A brace that stands for itself is doubled.
func parseTemplate(source string, o compileOptions) (template, []*errMistake) {
	t := template{source: source}
	var text strings.Builder
	for i := 0; i < len(source); {
		switch {
		case strings.HasPrefix(source[i:], "{{"), strings.HasPrefix(source[i:], "}}"):
			text.WriteByte(source[i])
			i += 2
		case source[i] == '{':
			end := closing(source, i)
			if end < 0 {
				line, column := lineAndColumn(source, i)
				return t, []*errMistake{{line, column, "a brace without its end"}}
			}
			e, mistakes := compile(source[i+1:end], o)
			line, column := lineAndColumn(source, i+1)
			for _, m := range mistakes {
				if m.line == 1 {
					m.column += column - 1
				}
				m.line += line - 1
			}
			if len(mistakes) > 0 {
				return t, mistakes
			}
			t.pieces = append(t.pieces, templatePiece{text: text.String()}, templatePiece{expression: e})
			text.Reset()
			i = end + 1
		default:
			text.WriteByte(source[i])
			i++
		}
	}
	t.pieces = append(t.pieces, templatePiece{text: text.String()})
	if len(t.pieces) > 2*maxPieces+1 {
		return t, []*errMistake{{1, 1, fmt.Sprintf("more than %d expressions in one text", maxPieces)}}
	}
	return t, nil
}

// lineAndColumn returns where a byte stands, both 1-based.
func lineAndColumn(source string, at int) (line, column int) {
	before := source[:at]
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
}

// closing returns the index of the brace that ends the expression which starts
// at open, or -1. Braces in texts do not count.
func closing(source string, open int) int {
	depth := 0
	var quote byte
	for i := open; i < len(source); i++ {
		switch c := source[i]; {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// render fills a template in. What is not known is said so.
func (t template) render(ctx context.Context, s scope) (string, error) {
	var b strings.Builder
	for _, p := range t.pieces {
		b.WriteString(p.text)
		if p.expression.program == nil {
			continue
		}
		out, _, err := p.expression.evaluate(ctx, s)
		if err != nil {
			return "", err
		}
		if types.IsUnknown(out) && p.expression.choice {
			continue // words that are said only where they hold
		}
		b.WriteString(clean(word(out)))
		if b.Len() > maxRendered {
			return strings.ToValidUTF8(b.String()[:maxRendered], "") + "…", nil
		}
	}
	return b.String(), nil
}

// word says a value inside of a sentence.
func word(v ref.Val) string {
	switch v := v.(type) {
	case types.String:
		return string(v)
	case *value:
		if v.fact != nil && v.fact.Kind == fact.String && v.fact.Secret == nil {
			return v.fact.Text
		}
		return fact.Show(v.fact)
	case types.Int, types.Double, types.Bool:
		return fmt.Sprint(v.Value())
	}
	return "something that is not known"
}

// clean makes one line of what a repository says, without characters that change
// how the text around them reads.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unprintable(r) {
			return ' '
		}
		return r
	}, text)
}

// unprintable reports characters that no text for people holds: controls but for
// the end of a line, and the marks that turn the direction of writing.
func unprintable(r rune) bool {
	return r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError)
}

// cut shortens a text to a number of characters.
func cut(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
