package secrets

import (
	"math"
	"strings"
)

// strength is how much a value looks like something that opens a door.
type strength int

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

// judgeValue says what a value assigned to a name of the given class is worth.
// It is pure, and knows nothing of the file.
func judgeValue(name string, class nameClass, value string) strength {
	trimmed := strings.TrimSpace(value)
	if len(trimmed) < minValueBytes(class) || len(trimmed) > maxValueBytes {
		return strengthNone
	}
	if isPlaceholder(trimmed) || isReference(trimmed) || isHash(trimmed) || sameAsName(name, trimmed) {
		return strengthNone
	}
	switch class {
	case classPassword:
		return judgePassword(trimmed)
	case classDjangoKey:
		return judgeDjangoKey(trimmed)
	case classSecret:
		return judgeSecret(trimmed)
	case classKey:
		return judgeKey(trimmed)
	}
	return strengthNone
}

// maxValueBytes bounds an assigned value; longer ones are data, and keys that
// are longer than this have a shape of their own (PEM).
const maxValueBytes = 4096

func minValueBytes(class nameClass) int {
	switch class {
	case classPassword, classDjangoKey:
		return 3
	case classSecret:
		return 8
	}
	return 20
}

func judgePassword(v string) strength {
	if defaultWords[strings.ToLower(strings.Trim(v, "0123456789!@#$%^&*._-/"))] || isSequence(v) || isDigits(v) && len(v) <= 6 {
		return strengthDefault
	}
	if isDigits(v) && len(v) < 10 {
		return strengthWeak
	}
	if typeWords[strings.ToLower(v)] {
		return strengthNone
	}
	if strings.ContainsAny(v, " \t\n") {
		return judgeSpaced(v)
	}
	identifier := looksLikeIdentifier(v)
	if identifier && strings.ContainsAny(v, "_/:") {
		// The name of another thing: "smtp_password": "mail_settings".
		return strengthDefault
	}
	if identifier || isEmail(v) || saysUnreal(v) {
		return strengthWeak
	}
	if len(v) < 4 || characterClasses(v) == 1 && len(v) <= 12 && !isDigits(v) {
		return strengthWeak
	}
	return strengthReal
}

// judgeSpaced judges a password with spaces: mostly prose ("Enter your
// password"), but Gmail's app passwords are four groups of four letters
// (https://support.google.com/accounts/answer/185833).
func judgeSpaced(v string) strength {
	groups := strings.Fields(v)
	if len(groups) == 4 {
		app := true
		for _, g := range groups {
			app = app && len(g) == 4 && runOf(g, 0, isLower) == 4
		}
		if app && distinct(v) >= 8 {
			return strengthReal
		}
	}
	if len(groups) <= 4 && characterClasses(strings.Join(groups, "")) >= 3 && strings.ContainsAny(v, "0123456789") &&
		!strings.ContainsAny(v, ",.:?()<>{}") {
		return strengthWeak
	}
	return strengthNone
}

func judgeDjangoKey(v string) strength {
	random := strings.TrimPrefix(v, "django-insecure-")
	switch {
	case strings.ContainsAny(v, "\n\t"):
		return strengthNone
	case defaultWords[strings.ToLower(v)] || typeWords[strings.ToLower(v)]:
		return strengthDefault
	case strings.Count(v, " ") > 1 && entropy(v) < 4.2, len(random) < 12, saysUnreal(random), looksLikeIdentifier(random), isSequence(random), entropy(random) < 3:
		return strengthWeak
	}
	return strengthReal
}

func judgeSecret(v string) strength {
	if strings.ContainsAny(v, " \t\n") || isPath(v) || typeWords[strings.ToLower(v)] {
		return strengthNone
	}
	if isPublic(v) || isEmail(v) || isUUID(v) && strings.Count(v, "0") > 16 {
		return strengthNone
	}
	if defaultWords[strings.ToLower(strings.Trim(v, "0123456789!._-"))] || isSequence(v) {
		return strengthDefault
	}
	if looksLikeIdentifier(v) {
		return strengthNone
	}
	if saysUnreal(v) {
		return strengthWeak
	}
	if entropy(v) < 3 || characterClasses(v) < 2 {
		if strings.ContainsAny(v, "0123456789") && characterClasses(v) > 1 || len(v) >= 24 && entropy(v) >= 3 {
			return strengthWeak
		}
		return strengthNone
	}
	return strengthReal
}

func judgeKey(v string) strength {
	if strings.ContainsAny(v, " \t\n/:") || isUUID(v) || isPublic(v) || looksLikeIdentifier(v) || saysUnreal(v) {
		return strengthNone
	}
	if characterClasses(v) < 2 || entropy(v) < 3.3 || !strings.ContainsAny(v, "0123456789") && entropy(v) < 4 {
		return strengthNone
	}
	if entropy(v) < 3.7 || longestLetters(v) > 12 && characterClasses(v) < 3 {
		return strengthWeak
	}
	return strengthReal
}

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

// isPath reports whether a value is an absolute path: words between slashes.
// Base64 begins with a slash once in 64 times, so the words have to be ones.
func isPath(v string) bool {
	if v[0] != '/' {
		return false
	}
	for _, part := range strings.Split(v[1:], "/") {
		if part != "" && (!capitalised(part) || !readable(part) && len(part) > 6) {
			return false
		}
	}
	return true
}

// isPublic knows keys that are published on purpose.
func isPublic(v string) bool {
	for _, prefix := range []string{"pk_live_", "pk_test_", "pk_", "pk.", "ssh-rsa ", "ssh-ed25519 ", "AAAAB3Nza", "AAAAC3Nza", "UA-", "G-", "GTM-", "pubkey-"} {
		if strings.HasPrefix(v, prefix) {
			return true
		}
	}
	// The site keys of reCAPTCHA stand in every page that uses it.
	return len(v) == 40 && strings.HasPrefix(v, "6L")
}

// isEmail reports whether a value is an e-mail address, which is an account
// and not its secret.
func isEmail(v string) bool {
	user, host, ok := strings.Cut(v, "@")
	return ok && user != "" && strings.Contains(host, ".") && runOf(host, 0, func(c byte) bool { return isWordOrDash(c) || c == '.' }) == len(host) &&
		!strings.ContainsAny(user, "!#$%^&*()") && isLetter(host[len(host)-1])
}

func isUUID(v string) bool {
	if len(v) != 36 {
		return false
	}
	for i := range len(v) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if v[i] != '-' {
				return false
			}
		} else if !isHexDigit(v[i]) {
			return false
		}
	}
	return true
}

// looksLikeIdentifier reports whether a value is words joined by dashes,
// underscores, dots, slashes, colons or humps, without digits to speak of:
// something a person wrote to name a thing.
func looksLikeIdentifier(v string) bool {
	joints, letters, humps, capitals := 0, 0, 0, 0
	for i := range len(v) {
		switch c := v[i]; {
		case isLetter(c):
			letters++
			if isUpper(c) {
				capitals++
			}
			if i > 0 && isUpper(c) && isLower(v[i-1]) {
				humps++
			}
		case c == '-' || c == '_' || c == '.' || c == '/' || c == ':' || c == '[' || c == ']':
			joints++
		case isDigit(c) && i == len(v)-1 && joints > 0 && oneCase(v):
		default:
			return false
		}
	}
	if letters < 3 {
		return false
	}
	longest := longestLetters(v)
	switch {
	case joints > 0:
		// Random text with dashes has no long run of one case.
		return oneCase(v) && letters >= 3*joints || capitalised(v) && longest >= 4 && humps <= joints+1
	case humps > 0:
		return humps <= len(v)/4 && capitals <= humps+2 && readable(v) && len(v) <= 40
	}
	return oneCase(v) && readable(v) && len(v) <= 40 || capitalised(v) && readable(v) && len(v) <= 20
}

func oneCase(v string) bool { return v == strings.ToLower(v) || v == strings.ToUpper(v) }

// capitalised reports whether capitals stand only at the beginning of words.
func capitalised(v string) bool {
	for i := 1; i < len(v); i++ {
		if isUpper(v[i]) && isLetter(v[i-1]) {
			return false
		}
	}
	return true
}

// readable reports whether the letters of a value alternate the way words do:
// no run of six consonants, and between one fifth and two thirds vowels.
func readable(v string) bool {
	vowels, letters, run := 0, 0, 0
	for i := range len(v) {
		c := v[i] | 0x20
		if !isLower(c) {
			run = 0
			continue
		}
		letters++
		if strings.IndexByte("aeiouy", c) >= 0 {
			vowels++
			run = 0
		} else if run++; run >= 6 {
			return false
		}
	}
	return letters > 0 && vowels*5 >= letters && vowels*3 <= letters*2
}

func longestLetters(v string) int {
	longest, run := 0, 0
	for i := range len(v) {
		if isLetter(v[i]) {
			run++
			longest = max(longest, run)
		} else {
			run = 0
		}
	}
	return longest
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

// isSequence reports whether a value walks along the keyboard or the alphabet.
func isSequence(v string) bool {
	lower := strings.ToLower(v)
	for _, s := range []string{"0123456789", "1234567890", "abcdef", "qwerty", "asdfgh", "12345678", "87654321"} {
		if strings.HasPrefix(lower, s) && (len(v) <= len(s)+4 || strings.Count(lower, s) > 1 || strings.Contains(lower, "0123456789")) || len(lower) >= 3 && strings.HasPrefix(s, lower) {
			return true
		}
	}
	return false
}

func isDigits(v string) bool { return runOf(v, 0, isDigit) == len(v) }

func distinctRunes(v string) int {
	seen := map[rune]bool{}
	for _, r := range v {
		if seen[r] = true; len(seen) > 2 {
			break
		}
	}
	return len(seen)
}

func distinct(v string) int {
	var seen [256]bool
	n := 0
	for i := range len(v) {
		if !seen[v[i]] {
			seen[v[i]] = true
			n++
		}
	}
	return n
}

// characterClasses counts lower case, upper case, digits and everything else.
func characterClasses(v string) int {
	var lower, upper, digit, other int
	for i := range len(v) {
		switch c := v[i]; {
		case isLower(c):
			lower = 1
		case isUpper(c):
			upper = 1
		case isDigit(c):
			digit = 1
		default:
			other = 1
		}
	}
	return lower + upper + digit + other
}

// entropy is Shannon's, in bits per byte.
func entropy(v string) float64 {
	var count [256]int
	for i := range len(v) {
		count[v[i]]++
	}
	bits := 0.0
	for _, n := range count {
		if n > 0 {
			p := float64(n) / float64(len(v))
			bits -= p * math.Log2(p)
		}
	}
	return bits
}
