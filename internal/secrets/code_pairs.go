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
		r.budget = maxExpressionTokens
		found, _ := r.operand(i+5, 1)
		r.add(name, nameInfo{class: classPassword, kind: kindPassword}, found)
	}
}

// encodedUserPassword reads "auth": "dXNlcjpwYXNz", the way Docker and npm
// keep the login of a registry: base64 of user:password.
func (r *codeReader) encodedUserPassword(i int, name string) {
	if !r.is(i+1, ":") && !r.is(i+1, "=") || r.kind(i+2) != tokenString {
		return
	}
	t := r.tokens[i+2]
	decoded, ok := decodeBase64(r.text(i + 2))
	if !ok || t.end-t.start < 8 {
		return
	}
	user, password, ok := strings.Cut(strings.TrimSpace(decoded), ":")
	if !ok || user == "" || password == "" {
		return
	}
	r.add(name, nameInfo{class: classPassword, kind: kindPassword}, []literal{{start: int(t.start), end: int(t.end), value: password}})
	if n := len(r.found); n > 0 && r.found[n-1].start == int(t.start) {
		r.found[n-1].encoded = true
	}
}

// pairNames are the names of calls and pairs whose secret has no name of its
// own: login(user, password), auth=(user, password), Fernet(key).
var pairNames = newKeywordSet([]string{"auth", "login", "fernet", "create_superuser", "create_user", "jwt"})

// callArgument reads the string literal that is the nth argument of a call,
// such as server.login("user", "password"), smtplib's way to log in, or
// create_superuser("root", "root@shop.io", "password").
func (r *codeReader) callArgument(i int, name string, n int) {
	if !r.is(i+1, "(") {
		return
	}
	r.budget = maxArgumentTokens
	end := r.closing(i + 1)
	j := r.skipNewlines(i + 2)
	for ; n > 0 && j < end-1; n-- {
		if r.kind(j) == tokenWord && r.is(j+1, "=") {
			return
		}
		j = r.skipNewlines(r.nextComma(j, end) + 1)
	}
	if j >= end-1 || r.kind(j) != tokenString {
		return
	}
	info := nameInfo{class: classPassword, kind: kindPassword}
	switch name {
	case "login":
		info.kind = kindMailPassword
	case "Fernet", "encode", "decode":
		info = nameInfo{class: classSecret, kind: kindSigningKey}
	}
	found, _ := r.operand(j, 1)
	r.add(name, info, found)
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
