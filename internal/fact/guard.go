package fact

import (
	"slices"
	"strings"
)

// maxGuard bounds the words for the conditions of one alternative; people do not
// read more.
const maxGuard = 300

const (
	and  = " and "
	more = "…"
)

// conditions takes a guard apart at its "and", but not at those of the code that
// it quotes.
func conditions(guard string) []string {
	var out []string
	quoted, start := false, 0
	for i := range len(guard) {
		switch {
		case guard[i] == '`':
			quoted = !quoted
		case !quoted && strings.HasPrefix(guard[i:], and):
			out = append(out, guard[start:i])
			start = i + len(and)
		}
	}
	if start < len(guard) {
		out = append(out, guard[start:])
	}
	return out
}

// JoinGuards returns the words for what holds where both do.
func JoinGuards(a, b string) string {
	parts := conditions(a)
	for _, part := range conditions(b) {
		if slices.Contains(parts, part) {
			continue
		}
		parts = append(parts, part)
		if joined := strings.Join(parts, and); len(joined) > maxGuard {
			parts = append(slices.DeleteFunc(parts[:len(parts)-1], func(p string) bool { return p == more }), more)
			break
		}
	}
	return strings.Join(parts, and)
}

// Implies reports whether a guard has all conditions of another.
func Implies(guard, other string) bool {
	if !strings.Contains(other, and) {
		return other == "" || hasCondition(guard, other)
	}
	for _, c := range conditions(other) {
		if !hasCondition(guard, c) {
			return false
		}
	}
	return true
}

// hasCondition looks for a condition without taking the guard apart: it is asked
// for every value that a change reaches.
func hasCondition(guard, c string) bool {
	for start := 0; ; {
		at := strings.Index(guard[start:], c)
		if at < 0 {
			return false
		}
		at += start
		before, behind := guard[:at], guard[at+len(c):]
		if (before == "" || strings.HasSuffix(before, and)) && (behind == "" || strings.HasPrefix(behind, and)) && strings.Count(before, "`")%2 == 0 {
			return true
		}
		start = at + 1
	}
}

// CommonGuard returns the words for what two guards have in common: what can be
// said of a value that is the same under either.
func CommonGuard(a, b string) string {
	other := conditions(b)
	return strings.Join(slices.DeleteFunc(conditions(a), func(part string) bool { return part == more || !slices.Contains(other, part) }), and)
}

// SayGuard words a guard for a sentence: "`A` is true and `B` is false".
func SayGuard(guard string) string {
	parts := conditions(guard)
	for i, part := range parts {
		quoted, negated := strings.CutPrefix(part, "not ")
		if len(quoted) < 2 || quoted[0] != '`' || strings.IndexByte(quoted[1:], '`') != len(quoted)-2 {
			continue
		}
		parts[i] = quoted + " is true"
		if negated {
			parts[i] = quoted + " is false"
		}
	}
	return strings.Join(parts, and)
}
