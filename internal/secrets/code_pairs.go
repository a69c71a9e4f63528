package secrets

import "strings"

// terraformVariable reads the default of variable "db_password" { … }.
func (r *codeReader) terraformVariable(i int) {
	if r.kind(i+1) != tokenString || !r.is(i+2, "{") {
		return
	}
	name := r.text(i + 1)
	info := classifyName(name)
	if info.class == classNone {
		return
	}
	depth := 0
	for j := i + 2; j < len(r.tokens) && j < i+maxBlockTokens; j++ {
		switch {
		case r.is(j, "{") || r.is(j, "["):
			depth++
		case r.is(j, "}") || r.is(j, "]"):
			if depth--; depth == 0 {
				return
			}
		case depth == 1 && r.kind(j) == tokenWord && r.text(j) == "default" && r.is(j+1, "="):
			r.budget = maxExpressionTokens
			r.add(name, info, r.expression(j+2, 0))
		}
	}
}

// nameValuePair reads { name = "DB_PASSWORD", value = "…" } and its JSON form,
// the way container definitions carry their environment.
func (r *codeReader) nameValuePair(i int) {
	if !r.is(i+1, "=") && !r.is(i+1, ":") || r.kind(i+2) != tokenString {
		return
	}
	name := r.text(i + 2)
	if name == "" || !nameLike(name) {
		return
	}
	info := classifyName(name)
	if info.class == classNone {
		return
	}
	j := r.skipNewlines(i + 3)
	if r.is(j, ",") {
		j = r.skipNewlines(j + 1)
	}
	if strings.EqualFold(r.text(j), "value") && (r.is(j+1, "=") || r.is(j+1, ":")) {
		r.budget = maxExpressionTokens
		r.add(name, info, r.expression(j+2, 0))
	}
}

// userPasswordTuple reads auth=("user", "password").
func (r *codeReader) userPasswordTuple(i int, name string) {
	if r.is(i+1, "=") && r.is(i+2, "(") && r.kind(i+3) == tokenString && r.is(i+4, ",") && r.kind(i+5) == tokenString && r.is(i+6, ")") {
		r.secondString(i+5, name)
	}
}

// loginCall reads server.login("user", "password"), smtplib's way to log in,
// and HTTPBasicAuth("user", "password").
func (r *codeReader) loginCall(i int, name string) {
	if r.is(i+1, "(") && r.kind(i+2) == tokenString && r.is(i+3, ",") && r.kind(i+4) == tokenString && r.is(i+5, ")") {
		r.secondString(i+4, name)
	}
}

func (r *codeReader) secondString(i int, name string) {
	t := r.tokens[i]
	if t.template {
		return
	}
	info := nameInfo{class: classPassword, kind: kindPassword}
	if name == "login" {
		info.kind = kindMailPassword
	}
	r.add(name, info, []literal{{start: int(t.start), end: int(t.end), value: unescape(r.text(i))}})
}

// unescape undoes the escapes that change what a secret is: quotes and
// backslashes. Others are kept as written.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(`"'\/`, s[i+1]) >= 0 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
