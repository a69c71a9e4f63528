package secrets

import (
	"strings"
)

// literal is a string literal that an expression can evaluate to.
type literal struct {
	start, end int
	value      string
	fallback   bool
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
// the place where the budget ends; always one behind i, so that callers that
// loop come to an end.
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
	return max(j, i+1)
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
				if !first {
					// config.get("site", "secret", fallback=…): the second is a name.
					found = nil
				}
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
