package rule

import (
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// text is a scalar that is a text, and where its content stands.
type text struct {
	value string
	// at is where the scalar begins.
	at    *token.Position
	style style
	// indent is that of the lines of a block.
	indent int
	lines  [][]rune
}

// style is how a scalar is written, and with it how its content is escaped.
type style int

const (
	plain style = iota
	single
	double
	literal
	folded
)

// scalar reads a text.
func (d *document) scalar(n ast.Node) (text, bool) {
	t := text{at: n.GetToken().Position, lines: d.lines}
	switch n := n.(type) {
	case *ast.LiteralNode:
		t.value, t.style = strings.TrimRight(n.Value.Value, "\n"), literal
		if n.Start.Type == token.FoldedType {
			t.style = folded
		}
		for _, line := range d.lines[min(t.at.Line, len(d.lines)):] {
			if text := strings.TrimLeft(string(line), " "); text != "" {
				t.indent = len(line) - len([]rune(text))
				break
			}
		}
		return t, true
	case *ast.StringNode:
		t.value = n.Value
		switch n.Token.Type {
		case token.SingleQuoteType:
			t.style = single
		case token.DoubleQuoteType:
			t.style = double
		}
		return t, true
	case *ast.NullNode:
		return t, true
	case ast.ScalarNode:
		d.mistake(t.at, "a text is wanted here: put it in quotes")
		return t, false
	}
	d.mistake(t.at, "a text is wanted here")
	return t, false
}

// position returns where a line and column of the content stand in the file.
func (t text) position(line, column int) *token.Position {
	p := *t.at
	if t.style == literal {
		p.Line, p.Column = t.at.Line+line, t.indent+column
		return &p
	}
	content := []rune(t.value)
	end := 0
	for ; line > 1 && end < len(content); end++ {
		if content[end] == '\n' {
			line--
		}
	}
	end = max(0, min(end+column-1, len(content)))
	c := cursor{lines: t.lines, line: t.at.Line - 1, column: t.at.Column - 1}
	switch t.style {
	case folded:
		c.next()
	case single, double:
		c.column++
	}
	for _, r := range content[:end] {
		c.pass(r, t.style)
	}
	if c.ended() && end < len(content) {
		c.next()
	}
	p.Line, p.Column = c.line+1, c.column+1
	return &p
}

// cursor walks through the lines of a file along the content of a scalar. Both
// its numbers are 0-based.
type cursor struct {
	lines        [][]rune
	line, column int
}

// at returns a rune of the line, counted from the cursor, or 0.
func (c *cursor) at(ahead int) rune {
	if c.line >= len(c.lines) || c.column+ahead >= len(c.lines[c.line]) {
		return 0
	}
	return c.lines[c.line][c.column+ahead]
}

// ended reports whether nothing is left of the line.
func (c *cursor) ended() bool {
	return c.line < len(c.lines) && c.column <= len(c.lines[c.line]) && strings.TrimSpace(string(c.lines[c.line][c.column:])) == ""
}

// next goes to the first rune of the next line that has one.
func (c *cursor) next() {
	for c.line+1 < len(c.lines) {
		c.line++
		c.column = 0
		for unicode.IsSpace(c.at(0)) {
			c.column++
		}
		if !c.ended() {
			return
		}
	}
}

// pass goes over what stands for one rune of the content.
func (c *cursor) pass(r rune, s style) {
	if c.ended() {
		c.next()
		if unicode.IsSpace(r) {
			return // the end of the line stood for it
		}
	}
	switch {
	case unicode.IsSpace(r) && !unicode.IsSpace(c.at(0)) && c.at(0) != '\\':
		// A blank line stood for it, and next() went over that.
	case s == single && c.at(0) == '\'' && c.at(1) == '\'':
		c.column += 2
	case s == double && c.at(0) == '\\':
		switch c.at(1) {
		case 'x':
			c.column += 4
		case 'u':
			c.column += 6
		case 'U':
			c.column += 10
		default:
			c.column += 2
		}
	default:
		c.column++
	}
}
