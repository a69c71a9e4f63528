package secrets

import (
	"strings"
)

// strength is how much a value looks like something that opens a door.
type strength int

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
