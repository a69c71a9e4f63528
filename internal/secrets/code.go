package secrets

import (
	"context"
	"strings"
)

// candidate is a value that may be a secret, where it stands and what it is
// called. It never leaves the package.
type candidate struct {
	// kind is an id of the kind table.
	kind string
	// name is what the value is assigned to; may be empty.
	name  string
	value string
	// start and end are offsets into the document's text.
	start, end int
	strength   strength
	// shaped is true where the value itself has the form of a provider's key,
	// whatever it is called.
	shaped bool
	// fallback is true for a literal that holds only where the environment has
	// nothing: environ.get("SECRET_KEY", "literal").
	fallback bool
	// local is true for a URL of this machine or of a container beside it.
	local bool
	// encoded is true where value is what the text at start decodes to; several
	// such values can share one range.
	encoded bool
	// harmless is true for a key that opens little, see isHarmless.
	harmless bool
	// proven is true where a checksum or a parser confirms the value.
	proven bool
}

// extractor finds candidates in a document. Extraction by syntax tree can take
// the place of one without the rest noticing.
type extractor interface {
	extract(ctx context.Context, d *document) ([]candidate, error)
}

// Bounds of the reader of assignments: how deep expressions nest, how many
// literals one name can have (a list of fallback keys), and how many tokens an
// expression is followed.
const (
	maxExpressionDepth  = 8
	maxLiteralsPerName  = 32
	maxExpressionTokens = 1000
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

// literal is a string literal that an expression can evaluate to.
type literal struct {
	start, end int
	value      string
	fallback   bool
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

// annotated reads what follows "name:", either a value or a type and then,
// behind "=", a value.
func (r *codeReader) annotated(i int) []literal {
	if r.kind(i) == tokenWord {
		depth := 0
		for j := i; j < i+40 && r.kind(j) != tokenNewline && r.kind(j) != tokenEOF; j++ {
			switch r.text(j) {
			case "[", "(", "{", "<":
				depth++
			case "]", ")", "}", ">":
				depth--
			case ",":
				if depth <= 0 {
					return r.expression(i, 0)
				}
			case "=":
				if depth == 0 && r.kind(j) == tokenPunctuation {
					return r.expression(j+1, 0)
				}
			}
			if depth < 0 {
				break
			}
		}
	}
	return r.expression(i, 0)
}

// expression returns the literals that the expression from token i on can
// come to. Inside brackets (depth above zero) line ends mean nothing.
func (r *codeReader) expression(i, depth int) []literal {
	found, _ := r.parse(i, depth)
	return found
}

// parse reads one expression and returns the index of the token behind it.
func (r *codeReader) parse(i, depth int) ([]literal, int) {
	var found []literal
	for r.budget > 0 && depth <= maxExpressionDepth {
		r.budget--
		if depth > 0 {
			i = r.skipNewlines(i)
		}
		var got []literal
		got, i = r.operand(i, depth)
		found = append(found, got...)
		// The other branch of "a or b", "a if c else b", "c ? a : b".
		next, more := r.alternative(i, depth)
		if !more {
			return found, i
		}
		i = next
	}
	return found, i
}

// alternative finds the operator that offers another value for the same name.
func (r *codeReader) alternative(i, depth int) (int, bool) {
	j := i
	if depth > 0 {
		j = r.skipNewlines(j)
	}
	switch r.text(j) {
	case "or", "||", "??", "?:", "else":
		return j + 1, true
	case "if":
		for k := j; k < j+40 && r.kind(k) != tokenEOF && (depth > 0 || r.kind(k) != tokenNewline); k++ {
			if r.text(k) == "else" && r.kind(k) == tokenWord {
				return k + 1, true
			}
		}
	case "?":
		return j + 1, true
	case ":":
		if r.kind(j-1) == tokenString && r.ternary(j) {
			return j + 1, true
		}
	}
	return i, false
}

// ternary reports whether the colon at token i belongs to a "c ? a : b" on the
// same line.
func (r *codeReader) ternary(i int) bool {
	for k := i; k > i-12 && k >= 0 && r.kind(k) != tokenNewline; k-- {
		if r.is(k, "?") {
			return true
		}
	}
	return false
}

// operand reads a literal, a bracketed expression, a call or a name.
func (r *codeReader) operand(i, depth int) ([]literal, int) {
	switch r.kind(i) {
	case tokenString:
		return r.strings(i, depth)
	case tokenWord:
		return r.nameOrCall(i, depth)
	case tokenPunctuation:
		switch r.text(i) {
		case "(", "[":
			return r.elements(i, depth)
		case "{":
			return nil, r.closing(i)
		case "!", "&", "*", "-":
			return r.operand(i+1, depth)
		}
	}
	return nil, i
}

// strings reads one literal and those concatenated to it, by standing next to
// it or by a plus sign.
func (r *codeReader) strings(i, depth int) ([]literal, int) {
	first := r.tokens[i]
	l := literal{start: int(first.start), end: int(first.end)}
	var b strings.Builder
	template := false
	for r.kind(i) == tokenString && b.Len() <= maxValueBytes {
		t := r.tokens[i]
		b.WriteString(unescape(r.d.text[t.start:t.end]))
		template = template || t.template
		l.end = int(t.end)
		i++
		j := i
		if depth > 0 {
			j = r.skipNewlines(j)
		}
		if r.is(j, "+") || r.is(j, ".") && r.d.syntax == syntaxCode && strings.HasSuffix(r.d.path, ".php") {
			k := r.skipNewlines(j + 1)
			if r.kind(k) != tokenString {
				// Something computed follows: what it comes to is not known.
				template = true
				break
			}
			i = k
			continue
		}
		if r.kind(j) == tokenString {
			i = j
		}
	}
	l.value = b.String()
	for r.is(i, ".") && r.kind(i+1) == tokenWord && r.is(i+2, "(") {
		template = template || r.text(i+1) == "format" || r.text(i+1) == "join"
		i = r.closing(i + 2)
	}
	if r.is(i, "%") || r.is(i, "[") || template {
		return nil, i + 1
	}
	return []literal{l}, i
}

// elements reads the expressions in a bracket.
func (r *codeReader) elements(i, depth int) ([]literal, int) {
	end := r.closing(i)
	var found []literal
	for j := i + 1; j < end-1 && r.budget > 0; {
		r.budget--
		got, next := r.parse(j, depth+1)
		found = append(found, got...)
		next = max(next, j+1)
		for next < end-1 && !r.is(next, ",") {
			next++
		}
		j = next + 1
	}
	return found, end
}

// closing returns the index behind the bracket that closes the one at i, or
// the place where the budget ends.
func (r *codeReader) closing(i int) int {
	depth, j := 0, i
	for ; j < len(r.tokens) && r.budget > 0; j++ {
		r.budget--
		if r.kind(j) != tokenPunctuation {
			continue
		}
		switch r.text(j) {
		case "(", "[", "{":
			depth++
		case ")", "]", "}":
			depth--
			if depth <= 0 {
				return j + 1
			}
		}
	}
	return j
}

// envReaders read a variable of the environment and take a literal for when
// it is not set. Keys are lower case.
var envReaders = set("get", "getenv", "env", "config", "str", "string", "get_value", "getstring", "getordefault", "get_env", "get_env_variable",
	"env_var", "get_secret", "environ_get", "secret", "getproperty", "fetch", "pop", "env_get", "get_string", "getconfig", "get_config", "bool", "lookup", "getattr", "text", "url")

// envSetters give a name a value as their second argument.
var envSetters = set("setdefault", "setenv", "putenv", "define", "setproperty", "set", "put", "add", "append", "setitem", "environ_setdefault", "let_env")

func takesDefault(callee string) bool {
	c := strings.ToLower(callee)
	return envReaders[c] || envSetters[c] || strings.HasPrefix(c, "get_") && strings.Contains(c, "env") || strings.HasPrefix(c, "env_")
}

// wrappers give back what they are given, as far as secrets are concerned.
var wrappers = set("secretstr", "str", "bytes", "string", "b64decode", "mark_safe", "field", "value", "securestring", "quote", "quote_plus", "from", "secret", "base64decode", "sensitive", "nonsensitive", "password", "encode", "url_quote", "pydanticsecret", "bytearray")

// nameOrCall reads a dotted name, and the literals of the call behind it.
func (r *codeReader) nameOrCall(i, depth int) ([]literal, int) {
	last := i
	for r.kind(i) == tokenWord {
		last = i
		i++
		if r.is(i, ".") && r.kind(i+1) == tokenWord {
			i++
			continue
		}
		if w := r.text(last); w == "await" || w == "new" || w == "not" {
			continue
		}
		break
	}
	for r.is(i, "[") {
		i = r.closing(i)
	}
	if !r.is(i, "(") {
		return nil, i
	}
	end := r.closing(i)
	callee := strings.ToLower(r.text(last))
	var found []literal
	switch {
	case envReaders[callee] || strings.Contains(callee, "env"):
		found = r.arguments(i, end, depth, false)
		for n := range found {
			found[n].fallback = true
		}
	case wrappers[callee]:
		found = r.arguments(i, end, depth, true)
	}
	i = end
	for r.is(i, ".") && r.kind(i+1) == tokenWord {
		i += 2
		if r.is(i, "(") {
			i = r.closing(i)
		}
	}
	return found, i
}

// arguments returns the literals among the arguments of a call: with first,
// those of the first one, else those of the second one; and of one named
// default or fallback in any place.
func (r *codeReader) arguments(open, end, depth int, first bool) []literal {
	var found []literal
	position := 0
	for j := open + 1; j < end-1 && r.budget > 0; position++ {
		r.budget--
		j = r.skipNewlines(j)
		named := r.kind(j) == tokenWord && (r.is(j+1, "=") || r.is(j+1, ":"))
		wanted := !named && (first && position == 0 || !first && position == 1)
		if named {
			switch r.text(j) {
			case "default", "fallback", "default_value", "defaultValue":
				wanted = true
			}
			j += 2
		}
		next := j
		if wanted {
			var got []literal
			got, next = r.parse(j, depth+1)
			found = append(found, got...)
		}
		next = r.nextComma(max(next, j), end)
		j = next + 1
	}
	return found
}

// nextComma returns the index of the next comma at the depth of token i.
func (r *codeReader) nextComma(i, end int) int {
	for i < end-1 && !r.is(i, ",") {
		if r.is(i, "(") || r.is(i, "[") || r.is(i, "{") {
			i = r.closing(i)
			continue
		}
		i++
	}
	return i
}

// defaultOf reads the argument behind the comma at token i, as the value of
// the name that stands before it in the same call.
func (r *codeReader) defaultOf(comma int, fallback bool) []literal {
	j := r.skipNewlines(comma + 1)
	for n := 0; n < 4 && r.kind(j) == tokenWord && r.is(j+1, "="); n++ {
		if name := r.text(j); name == "default" || name == "fallback" {
			j += 2
			break
		}
		j = r.nextComma(j+2, min(len(r.tokens), j+maxExpressionTokens))
		j = r.skipNewlines(j + 1)
	}
	found := r.expression(j, 1)
	for n := range found {
		found[n].fallback = fallback
	}
	return found
}
