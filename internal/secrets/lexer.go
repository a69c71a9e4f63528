package secrets

import "strings"

// tokenKind is the kind of a token.
type tokenKind uint8

const (
	tokenEOF tokenKind = iota
	tokenWord
	tokenString
	tokenNumber
	tokenPunctuation
	tokenNewline
)

// token is a lexical element common to Python, JavaScript, HCL, JSON, TOML
// and their relatives. A string's start and end exclude its quotes.
//
// It is kept small, since a file of nothing but brackets has one per byte;
// MaxContent fits its offsets.
type token struct {
	kind tokenKind
	// template is true for a string with parts filled in at run time.
	template   bool
	start, end int32
}

// maxStringBytes bounds a string that runs over several lines: beyond it the
// quote that opened it was an apostrophe.
const maxStringBytes = 64 << 10

// lexer cuts a text into tokens on demand. It knows no language: comments are
// lexed like code, since a commented-out key is still a key, and a quote that
// is not closed on its line is punctuation.
type lexer struct {
	text string
	at   int
	// comment is true behind the mark of a comment, up to the end of the line:
	// a stray quote there must not swallow the code below.
	comment bool
	// backticks and multi say whether the language has strings in backticks and
	// strings over several lines.
	backticks, multi bool
	// failed holds the multi-line quotes that never closed, so that a text full
	// of them is not searched again for each.
	failed map[string]bool
}

// lex returns all tokens of a document.
func lex(d *document) []token {
	l := &lexer{text: d.text, failed: map[string]bool{}, multi: d.syntax == syntaxCode || d.syntax == syntaxData}
	switch extension(d.path) {
	case "js", "jsx", "ts", "tsx", "mjs", "cjs", "vue", "svelte", "go":
		l.backticks = true
	}
	tokens := make([]token, 0, len(d.text)/5+1)
	for {
		t := l.next()
		if t.kind == tokenEOF {
			return tokens
		}
		tokens = append(tokens, t)
	}
}

func (l *lexer) next() token {
	for l.at < len(l.text) {
		c := l.text[l.at]
		switch {
		case c == '\n' || c == '\r':
			l.at++
			l.comment = false
			return token{kind: tokenNewline, start: int32(l.at - 1), end: int32(l.at)}
		case c == ' ' || c == '\t' || c == '\f' || c == '\v':
			l.at++
		case c == '\\' && l.at+1 < len(l.text) && (l.text[l.at+1] == '\n' || l.text[l.at+1] == '\r'):
			// A continued line.
			l.at += 2
		case isLetter(c) || c == '_' || c >= 0x80 || c == '$' && l.at+1 < len(l.text) && isLetter(l.text[l.at+1]):
			return l.word()
		case isDigit(c):
			start := l.at
			l.at += runOf(l.text, l.at, func(c byte) bool { return isWord(c) || c == '.' })
			return token{kind: tokenNumber, start: int32(start), end: int32(l.at)}
		case c == '"' || c == '\'' || c == '`' && l.backticks:
			return l.quoted(false)
		default:
			return l.punctuation()
		}
	}
	return token{kind: tokenEOF}
}

// word reads a name, or the prefix of a Python string and that string.
func (l *lexer) word() token {
	start := l.at
	l.at++
	for l.at < len(l.text) && (isWord(l.text[l.at]) || l.text[l.at] >= 0x80) {
		l.at++
	}
	if l.at < len(l.text) && (l.text[l.at] == '"' || l.text[l.at] == '\'') && l.at-start <= 2 {
		prefix := strings.ToLower(l.text[start:l.at])
		if strings.Trim(prefix, "rbfu") == "" {
			return l.quoted(strings.Contains(prefix, "f"))
		}
	}
	return token{kind: tokenWord, start: int32(start), end: int32(l.at)}
}

// quoted reads a string that starts at l.at.
func (l *lexer) quoted(format bool) token {
	open := l.at
	quote := l.text[open : open+1]
	multi := quote == "`" && !l.comment
	if l.multi && !l.comment && quote != "`" && strings.HasPrefix(l.text[open:], quote+quote+quote) {
		quote, multi = l.text[open:open+3], true
	}
	start := open + len(quote)
	end := l.closing(start, quote, multi)
	if end < 0 {
		l.at = open + 1
		return token{kind: tokenPunctuation, start: int32(open), end: int32(open + 1)}
	}
	l.at = end + len(quote)
	inner := l.text[start:end]
	template := format && strings.Contains(inner, "{") || quote == "`" && strings.Contains(inner, "${")
	return token{kind: tokenString, start: int32(start), end: int32(end), template: template}
}

// closing returns the offset of the quote that closes a string, or -1.
func (l *lexer) closing(start int, quote string, multi bool) int {
	if multi && l.failed[quote] {
		return -1
	}
	limit := min(len(l.text), start+maxStringBytes)
	for i := start; i < limit; i++ {
		switch c := l.text[i]; {
		case c == '\\':
			i++
		case (c == '\n' || c == '\r') && !multi:
			return -1
		case c == quote[0] && strings.HasPrefix(l.text[i:], quote):
			return i
		}
	}
	if multi {
		l.failed[quote] = true
	}
	return -1
}

// operators of more than one byte that matter for telling an assignment from
// a comparison.
var operators = []string{"===", "!==", "||=", "??=", "==", "!=", "<=", ">=", "=>", ":=", "||", "??", "?:", "&&", "->", "+=", "?="}

// beginsOperator holds the first bytes of operators. Read only.
var beginsOperator = func() (t [256]bool) {
	for _, op := range operators {
		t[op[0]] = true
	}
	return t
}()

func (l *lexer) punctuation() token {
	start := l.at
	if l.text[start] == '#' || strings.HasPrefix(l.text[start:], "//") && (start == 0 || l.text[start-1] != ':') {
		l.comment = true
	}
	if beginsOperator[l.text[start]] {
		for _, op := range operators {
			if strings.HasPrefix(l.text[start:], op) {
				l.at += len(op)
				return token{kind: tokenPunctuation, start: int32(start), end: int32(l.at)}
			}
		}
	}
	l.at++
	return token{kind: tokenPunctuation, start: int32(start), end: int32(l.at)}
}
