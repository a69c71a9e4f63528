package secrets

import (
	"strings"
)

const (
	// strengthNone is no secret: a placeholder, a reference, a hash.
	strengthNone strength = iota
	// strengthDefault is a word everybody tries first: postgres, admin.
	strengthDefault
	// strengthWeak may be real but does not look it: one plain word, or words
	// that say "insecure" or "for development".
	strengthWeak
	// strengthReal looks like a secret somebody uses.
	strengthReal
)

// isPlaceholder reports whether a value asks to be replaced.
func isPlaceholder(v string) bool {
	lower := strings.ToLower(v)
	for _, word := range placeholderParts {
		if strings.Contains(lower, word) {
			return true
		}
	}
	for _, prefix := range placeholderPrefixes {
		if strings.HasPrefix(lower, prefix) {
			return true
		}
	}
	return placeholderWords[strings.Trim(lower, "-_*.!<>[]{}()'\"")] || v[0] == '<' && v[len(v)-1] == '>' ||
		v[0] == '[' && v[len(v)-1] == ']' || strings.HasSuffix(v, "***") || strings.HasSuffix(v, "***...") || isWrapped(v, '#') || isWrapped(v, '@') || isWrapped(v, '%') ||
		distinctRunes(v) <= 2
}

// isWrapped reports whether a value is a name between two marks: @TOKEN@.
func isWrapped(v string, mark byte) bool {
	return len(v) > 2 && v[0] == mark && v[len(v)-1] == mark && runOf(v, 1, isWordOrDash) == len(v)-2
}

// isReference reports whether a value names where the real one is: a
// variable, a template, a call, a path, the entry of a secret store.
func isReference(v string) bool {
	for _, part := range []string{"${", "{{", "}}", "{%", "<%=", "#{", "ENC[", "secretKeyRef", "getenv", "process.env", "os.environ", "://"} {
		if strings.Contains(v, part) {
			return true
		}
	}
	lower := strings.ToLower(v)
	for _, prefix := range []string{"arn:", "ssm:", "vault:", "secret:", "secrets:", "secrets.", "op://", "ref+", "file:", "env:", "env.", "env(", "/run/", "/etc/", "/var/",
		"./", "../", "~/", "projects/", "awssm", "aws-sm:", "gcp:", "azurekv", "!ref", "!sub", "!getatt", "!secret", "!vault", "!importvalue", "!join", "!reference", "!env", "!unusable", "@microsoft.keyvault", "keyvault:", "data.", "var.", "local.", "module.", "self.", "this.", "settings.", "config.", "kms:", "resolve:", "http://", "https://", "s3://"} {
		if strings.HasPrefix(lower, prefix) {
			return true
		}
	}
	if v[0] == '$' && len(v) > 1 && runOf(v, 1, isWord) == len(v)-1 && !isDigit(v[1]) && (v[1:] == strings.ToUpper(v[1:]) || v[1:] == lower[1:]) {
		return true
	}
	// Django's keys may hold any of $ % ( ), so these count only where the whole
	// value is written that way.
	if strings.HasPrefix(v, "$(") && (strings.HasSuffix(v, ")") || len(v) < 40) || strings.HasPrefix(v, "((") && strings.HasSuffix(v, "))") || isNamedFormat(v) {
		return true
	}
	if v[0] == '{' && v[len(v)-1] == '}' {
		return true
	}
	return isCall(v) || isDottedName(v) || isFormatVerb(v)
}

// isNamedFormat reports whether a value holds %(name)s.
func isNamedFormat(v string) bool {
	for at := strings.Index(v, "%("); at >= 0; {
		n := runOf(v, at+2, isWord)
		if n > 0 && strings.HasPrefix(v[at+2+n:], ")s") {
			return true
		}
		next := strings.Index(v[at+1:], "%(")
		if next < 0 {
			return false
		}
		at += 1 + next
	}
	return false
}

func isFormatVerb(v string) bool { return len(v) <= 3 && v[0] == '%' }

// isCall reports whether a value is written like a call: name(…).
func isCall(v string) bool {
	open := strings.IndexByte(v, '(')
	if open < 1 || v[len(v)-1] != ')' {
		return false
	}
	arguments := v[open+1 : len(v)-1]
	return runOf(v, 0, func(c byte) bool { return isWord(c) || c == '.' }) == open && !isDigit(v[0]) &&
		runOf(arguments, 0, func(c byte) bool { return isWord(c) || strings.IndexByte(" ,.'\"=:/-[]{}", c) >= 0 }) == len(arguments)
}

// isDottedName reports whether a value is a dotted identifier such as
// settings.base.PASSWORD: at least one dot, words without digits between.
func isDottedName(v string) bool {
	parts := strings.Split(v, ".")
	if len(parts) < 2 {
		return false
	}
	for _, p := range parts {
		if len(p) < 2 || runOf(p, 0, func(c byte) bool { return isLetter(c) || c == '_' }) != len(p) {
			return false
		}
	}
	return true
}

// isHash reports whether a value is a one-way hash in a form that password
// stores use (https://docs.djangoproject.com/en/5.2/topics/auth/passwords/),
// or a checksum with its name in front.
func isHash(v string) bool {
	for _, prefix := range []string{"pbkdf2_", "argon2", "bcrypt", "scrypt$", "scrypt:", "pbkdf2:", "$2a$", "$2b$", "$2y$", "$argon2", "$1$", "$5$", "$6$",
		"$apr1$", "$y$", "md5$", "sha1$", "sha256$", "unsalted_", "crypt$", "{SHA", "{SSHA", "{bcrypt}", "{crypt}", "sha256:", "sha512:", "sha256-", "sha384-", "sha512-", "sha1:", "md5:", "SCRAM-SHA"} {
		if strings.HasPrefix(v, prefix) {
			return true
		}
	}
	// Django marks a password that cannot be used with ! and 40 characters.
	if v[0] == '!' && (len(v) == 1 || len(v) == 41 && runOf(v, 1, isWord) == 40) {
		return true
	}
	// A checksum with the name of its tool in front: x-sha256:….
	i := strings.Index(v, "sha256:")
	return i > 0 && i < 12 && runOf(v, i+len("sha256:"), isHexDigit) >= 32
}

// sameAsName reports whether a value repeats the name it is assigned to, the
// way constants and form fields do.
func sameAsName(name, v string) bool {
	squash := func(s string) string {
		return strings.ToLower(strings.Map(func(r rune) rune {
			if r == '_' || r == '-' || r == '.' || r == ' ' {
				return -1
			}
			return r
		}, s))
	}
	n, s := squash(name), squash(v)
	return s == n || len(s) >= 4 && (strings.HasSuffix(n, s) && strings.IndexFunc(v, func(r rune) bool { return r < 'A' && r != '-' && r != '_' && r != '.' }) < 0 || strings.HasSuffix(s, n) && looksLikeIdentifier(v) && len(n) >= 4)
}

// saysUnreal reports whether a value holds a word, between other characters
// than letters, that says it is not meant for production.
func saysUnreal(v string) bool {
	lower := strings.ToLower(v)
	for _, long := range unrealParts {
		if strings.Contains(lower, long) {
			return true
		}
	}
	for _, w := range strings.FieldsFunc(lower, func(r rune) bool { return r < 'a' || r > 'z' }) {
		// In long random text three letters come together by chance.
		if unrealWords[w] && (len(w) > 3 || len(v) < 32) {
			return true
		}
	}
	return false
}
