package secrets

import (
	"context"
	"strings"
)

// Bounds of the reader of assignments: how deep expressions nest, how many
// literals one name can have (a list of fallback keys), and how many tokens an
// expression is followed.
const (
	maxExpressionDepth  = 8
	maxLiteralsPerName  = 32
	maxExpressionTokens = 1000
	// maxArgumentTokens is how far the arguments of a call are followed that
	// takes a secret without a name.
	maxArgumentTokens = 120
	// maxBlockTokens is how far into a Terraform variable block its default is
	// looked for.
	maxBlockTokens = 200
)

// codeExtractor reads assignments of string literals to names that promise a
// secret, in any language with quoted strings.
type codeExtractor struct{}

func (codeExtractor) extract(ctx context.Context, d *document) ([]candidate, error) {
	if d.place == placeGenerated || d.syntax == syntaxYAML || d.syntax == syntaxLines || d.syntax == syntaxShell || d.syntax == syntaxDockerfile {
		return nil, nil
	}
	if !nameParts.in(d.text) && !pairNames.in(d.text) {
		return nil, nil
	}
	r := &codeReader{d: d, tokens: lex(d)}
	for i := range r.tokens {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		r.visit(i)
	}
	return r.found, nil
}

type codeReader struct {
	d      *document
	tokens []token
	found  []candidate
	// budget counts down the tokens that one expression may span.
	budget int
}

func (r *codeReader) text(i int) string {
	if i < 0 || i >= len(r.tokens) {
		return ""
	}
	return r.d.text[r.tokens[i].start:r.tokens[i].end]
}

func (r *codeReader) is(i int, punctuation string) bool {
	return i >= 0 && i < len(r.tokens) && r.tokens[i].kind == tokenPunctuation && r.text(i) == punctuation
}

func (r *codeReader) kind(i int) tokenKind {
	if i < 0 || i >= len(r.tokens) {
		return tokenEOF
	}
	return r.tokens[i].kind
}

// skipNewlines returns the index of the first token from i on that is none.
func (r *codeReader) skipNewlines(i int) int {
	for r.kind(i) == tokenNewline {
		i++
	}
	return i
}

// visit looks at token i as the name of something.
func (r *codeReader) visit(i int) {
	t := r.tokens[i]
	if t.kind != tokenWord && t.kind != tokenString || t.end-t.start > maxNameBytes || t.end == t.start {
		return
	}
	name := r.text(i)
	switch name {
	case "variable":
		r.terraformVariable(i)
		return
	case "name", "key", "Name", "Key":
		r.nameValuePair(i)
	case "auth", "basic_auth", "_auth":
		r.userPasswordTuple(i, name)
		r.encodedUserPassword(i, name)
	case "login", "HTTPBasicAuth":
		r.callArgument(i, name, 1)
	case "set_password", "make_password", "Fernet":
		r.callArgument(i, name, 0)
	case "create_superuser", "create_user":
		r.callArgument(i, name, 2)
	case "encode", "decode":
		if r.text(i-2) == "jwt" {
			r.callArgument(i, name, 1)
		}
	}
	if t.kind == tokenString && !nameLike(name) {
		return
	}
	info := classifyName(name)
	if info.class == classNone {
		return
	}
	r.budget = maxExpressionTokens
	next := i + 1
	if t.kind == tokenString && r.is(next, "]") {
		next++
	}
	switch {
	case r.is(next, "=") || r.is(next, ":=") || r.is(next, "=>") || r.is(next, "||=") || r.is(next, "??=") || r.is(next, "?="):
		r.add(name, info, r.expression(next+1, 0))
	case r.is(next, ":") || r.is(next, "?") && r.is(next+1, ":"):
		if r.is(next, "?") {
			next++
		}
		r.add(name, info, r.annotated(next+1))
	case r.is(next, ",") && t.kind == tokenString && r.is(i-1, "(") && takesDefault(r.text(i-2)):
		r.add(name, info, r.defaultOf(next, envReaders[strings.ToLower(r.text(i-2))]))
	case r.is(next, ",") && t.kind == tokenString && r.kind(i-1) == tokenNewline && takesDefault(r.callee(i)):
		r.add(name, info, r.defaultOf(next, envReaders[strings.ToLower(r.callee(i))]))
	}
}

// callee returns the name of the call whose first argument is token i, where
// that stands on a line of its own.
func (r *codeReader) callee(i int) string {
	for i--; r.kind(i) == tokenNewline; i-- {
	}
	if !r.is(i, "(") {
		return ""
	}
	return r.text(i - 1)
}

func nameLike(s string) bool {
	return (isLetter(s[0]) || s[0] == '_') && runOf(s, 0, func(c byte) bool { return isWordOrDash(c) || c == '.' }) == len(s)
}

func (r *codeReader) add(name string, info nameInfo, literals []literal) {
	for n, l := range literals {
		if n == maxLiteralsPerName {
			return
		}
		s := judgeValue(name, info.class, l.value)
		if s == strengthNone {
			continue
		}
		if info.pretend && s > strengthWeak {
			s = strengthWeak
		}
		r.found = append(r.found, candidate{
			kind: kindForName(r.d, name, info), name: name, value: l.value, start: l.start, end: l.end,
			strength: s, fallback: l.fallback,
		})
	}
}

// kindForName refines what the name says by where it stands: "PASSWORD" as a
// key in Django settings is the one of DATABASES.
func kindForName(d *document, name string, info nameInfo) string {
	if info.kind == kindPassword && name == "PASSWORD" && strings.HasSuffix(d.path, ".py") {
		return kindDatabasePassword
	}
	if info.kind == kindDjangoKey {
		switch extension(d.path) {
		case "rb", "js", "ts", "tsx", "java", "go", "php", "cs", "rs":
			return kindSigningKey
		}
	}
	return info.kind
}
