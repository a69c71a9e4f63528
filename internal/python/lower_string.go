package python

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// piece is a part of a string literal: text, or an expression in it.
type piece struct {
	text       string
	expression int // an interpolation, or 0
	start, end uint32
	raw        bool // text is the source as it stands
}

// stringLiteral lowers a string, or several that stand side by side.
func (l *lowerer) stringLiteral(i int, role Role) {
	if l.source[l.nodes[i].start] == '`' { // repr() in Python 2
		l.leaf(i, KindOther, role, "")
		return
	}
	var pieces []piece
	prefixes := ""
	if l.symbol(i) == symConcatenated {
		for c := l.first(i); c < l.after(i); c = l.after(c) {
			if l.symbol(c) == symString {
				pieces, prefixes = l.pieces(c, pieces, prefixes)
			}
		}
	} else {
		pieces, prefixes = l.pieces(i, nil, "")
	}
	kind, whole := KindString, KindFormat
	if strings.Contains(prefixes, "b") {
		kind = KindBytes
	}
	template := strings.Contains(prefixes, "t")
	if template { // no text, but an object that holds the parts
		whole = KindOther
	}
	formatted := template
	for _, p := range pieces {
		formatted = formatted || p.expression != 0
	}
	if !formatted {
		l.literal(i, kind, role, pieces)
		return
	}
	at := l.open(i, whole, role, "")
	for n := 0; n < len(pieces); {
		if pieces[n].expression != 0 {
			l.interpolation(pieces[n].expression)
			n++
			continue
		}
		end := n
		for end < len(pieces) && pieces[end].expression == 0 {
			end++
		}
		l.literal(i, kind, RolePart, pieces[n:end])
		n = end
	}
	l.close(at)
}

// interpolation lowers what stands in braces. Where a conversion or a format
// changes how it is written, it is a part of something else.
func (l *lowerer) interpolation(i int) {
	inner := l.child(i, l.grammar.fields.expression)
	if inner == 0 || l.holdsError(i) {
		l.leaf(i, KindOther, RolePart, "")
		return
	}
	if l.after(inner) == l.after(i) && !strings.HasPrefix(strings.TrimLeft(l.source[l.nodes[inner].end:l.nodes[i].end], " \t)"), "=") {
		l.expression(inner, RolePart)
		return
	}
	at := l.open(i, KindOther, RolePart, "")
	l.expression(inner, RolePart)
	for c := l.after(inner); c < l.after(i); c = l.after(c) {
		for in := l.first(c); in < l.after(c); in = l.after(in) {
			switch l.symbol(in) {
			case symInterpolation:
				l.interpolation(in)
			case symFormatExpression:
				if width := l.only(in); width != 0 {
					l.expression(width, RolePart)
				}
			}
		}
	}
	l.close(at)
}

// literal appends a String or Bytes, without its text where a secret stands.
func (l *lowerer) literal(i int, kind Kind, role Role, pieces []piece) {
	if secret, ok := l.secretIn(pieces); ok {
		at := l.open(i, kind, role, "")
		l.file.nodes[at].flags |= FlagSecret
		l.file.nodes[at].text = uint32(len(l.file.secrets))
		l.file.secrets = append(l.file.secrets, secret)
		l.close(at)
		return
	}
	text := ""
	if len(pieces) == 1 {
		text = pieces[0].text
	} else {
		var b strings.Builder
		for _, p := range pieces {
			b.WriteString(p.text)
		}
		text = b.String()
	}
	long := len(text) > maxText
	if long {
		text = text[:maxText]
	}
	at := l.leaf(i, kind, role, text)
	if long {
		l.flag(at, FlagLong)
	}
}

// secretIn returns what stands in for the pieces when a secret overlaps them.
func (l *lowerer) secretIn(pieces []piece) (maskedSecret, bool) {
	if len(l.secrets) == 0 {
		return maskedSecret{}, false
	}
	for _, p := range pieces {
		found := l.overlapping(p.start, p.end)
		if len(found) == 0 {
			continue
		}
		out := maskedSecret{Secret: found[0].Secret}
		if len(pieces) == 1 && p.raw {
			out.masked = mask(l.source, p, found)
		}
		return out, true
	}
	return maskedSecret{}, false
}

// maskText stands for a secret in a text around it.
const maskText = "***"

// mask returns the text of a literal with the secrets in it replaced, or nothing
// when one is all of it.
func mask(source string, p piece, secrets []SecretSpan) string {
	var b strings.Builder
	at := int(p.start)
	for _, s := range secrets {
		start, end := max(s.Start, at), min(s.End, int(p.end))
		if s.Start <= int(p.start) && s.End >= int(p.end) || end < start {
			return ""
		}
		b.WriteString(source[at:start])
		b.WriteString(maskText)
		at = end
	}
	b.WriteString(source[at:p.end])
	text := b.String()
	for _, s := range secrets {
		// A user called as the password is would tell it.
		if value := source[max(s.Start, int(p.start)):min(s.End, int(p.end))]; value != "" {
			text = strings.ReplaceAll(text, value, maskText)
		}
	}
	if len(text) > maxText {
		return ""
	}
	return text
}

// pieces appends those of one string, and its prefix in lower case.
func (l *lowerer) pieces(i int, out []piece, prefixes string) ([]piece, string) {
	opening, quotes, start, end := "", "", l.nodes[i].start, l.nodes[i].end
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		switch l.symbol(c) {
		case symStringStart:
			text := l.spelling(c)
			prefix := strings.TrimRight(text, `"'`)
			opening, quotes, start = strings.ToLower(prefix), text[len(prefix):], l.nodes[c].end
		case symStringEnd:
			// The grammar takes some of a raw string's backslashes for its end.
			end = l.nodes[c].end - uint32(len(quotes))
		}
	}
	bytes, raw, formatted := strings.ContainsRune(opening, 'b'), strings.ContainsRune(opening, 'r'), strings.ContainsAny(opening, "ft")
	add := func(from, to uint32) {
		if from >= to && (from > to || formatted) {
			return
		}
		source := l.source[from:to]
		text := source
		if strings.IndexByte(text, '\r') >= 0 {
			text = newLines(text)
		}
		if formatted && strings.ContainsAny(text, "{}") {
			text = strings.NewReplacer("{{", "{", "}}", "}").Replace(text)
		}
		if !raw {
			text = unescape(text, bytes)
		}
		out = append(out, piece{text: text, start: from, end: to, raw: text == source})
	}
	at := start
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.symbol(c) != symInterpolation {
			continue
		}
		add(at, l.nodes[c].start)
		out = append(out, piece{expression: c, start: l.nodes[c].start, end: l.nodes[c].end})
		at = l.nodes[c].end
	}
	add(at, max(at, end))
	return out, prefixes + opening
}

// newLines spells the ends of lines as Python reads them.
func newLines(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// unescape decodes the escape sequences of a literal
// (https://docs.python.org/3/reference/lexical_analysis.html#escape-sequences).
// A character by name, and what is no escape, stay as they stand.
func unescape(text string, bytes bool) string {
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch c := text[i]; c {
		case '\n':
		case '\\', '\'', '"':
			b.WriteByte(c)
		case 'a', 'b', 'f', 'n', 'r', 't', 'v':
			b.WriteByte("\a\b\f\n\r\t\v"[strings.IndexByte("abfnrtv", c)])
		case '0', '1', '2', '3', '4', '5', '6', '7':
			end := i
			for end < len(text) && end < i+3 && text[end] >= '0' && text[end] <= '7' {
				end++
			}
			writeCode(&b, text[i:end], 8)
			i = end - 1
		case 'x', 'u', 'U':
			digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
			if c != 'x' && bytes || i+1+digits > len(text) || !writeCode(&b, text[i+1:i+1+digits], 16) {
				b.WriteByte('\\')
				b.WriteByte(c)
				continue
			}
			i += digits
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return b.String()
}

// writeCode writes the character that digits number, and reports whether they
// are digits.
func writeCode(b *strings.Builder, digits string, base int) bool {
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return false
	}
	r := rune(n)
	if n > utf8.MaxRune || !utf8.ValidRune(r) {
		r = utf8.RuneError
	}
	b.WriteRune(r)
	return true
}
