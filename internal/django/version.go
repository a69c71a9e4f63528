package django

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
)

// distribution is one whose version rules ask for.
type distribution struct {
	// name is the normalised one, title what people call it.
	name, title string
	// newest is the newest version that the rules know. A project that only says
	// which version it needs at least may run anything up to it.
	newest string
}

// versioned are the distributions of which lock files are read for the version.
func versioned() []distribution {
	return []distribution{{"django", "Django", "6.1"}, {"redis", "redis-py", "8.1"}}
}

// versionOf returns the version of a distribution: from a lock file, else from
// what the project asks for. A lower bound alone gives a union of it and the
// newest.
func versionOf(d distribution, marks map[MarkKind][]placedMark) *fact.Value {
	named := func(m placedMark) bool { return m.Name != d.name }
	locked := slices.DeleteFunc(production(marks[MarkLocked]), named)
	if v := lowest(locked, func(m placedMark) string { return m.Detail }); v != nil {
		return v
	}
	var asked []placedMark
	for _, m := range marks[MarkDependency] {
		if m.Name == d.name && m.Stage != StageTest && m.Stage != StageDevelopment {
			asked = append(asked, m)
		}
	}
	if v := lowest(asked, func(m placedMark) string { return pinned(m.Detail) }); v != nil {
		return v
	}
	if v := lowest(asked, func(m placedMark) string { return bounded(m.Detail) }); v != nil {
		return v
	}
	if v := lowest(asked, func(m placedMark) string { return atLeast(m.Detail) }); v != nil {
		newest := fact.Of(d.newest).At(v.Places...)
		return fact.UnionOf(
			fact.Alternative{Value: v, Guard: "the oldest " + d.title + " that is allowed is installed"},
			fact.Alternative{Value: newest, Guard: "the newest " + d.title + " is installed"},
		)
	}
	return fact.Missed("the version of " + d.title)
}

// lowest returns the lowest of the versions that marks give, or nil.
func lowest(marks []placedMark, version func(placedMark) string) *fact.Value {
	var found *fact.Value
	for _, m := range marks {
		text := version(m)
		if text == "" || found != nil && compareVersions(text, found.Text) >= 0 {
			continue
		}
		found = fact.Of(text).At(fact.Place{Path: m.path, Line: m.Line, EndLine: m.Line, Symbol: m.Name})
	}
	return found
}

// clausePattern is one clause of a constraint.
var clausePattern = regexp.MustCompile(`^(===|==|~=|!=|<=|>=|<|>|\^|~|=)?\s*v?([0-9]+(?:\.[0-9]+)*)(\.\*|\.?[a-z][a-z0-9.]*)?$`)

// clauses returns the operators and versions of a constraint.
func clauses(constraint string) [][2]string {
	var out [][2]string
	for part := range strings.SplitSeq(strings.ReplaceAll(constraint, " ", ","), ",") {
		if m := clausePattern.FindStringSubmatch(strings.TrimSpace(part)); m != nil {
			out = append(out, [2]string{m[1], m[2]})
		}
	}
	return out
}

// pinned returns the version that a constraint leaves alone: ==4.2.1, ==4.2.*.
func pinned(constraint string) string {
	for _, c := range clauses(constraint) {
		if c[0] == "==" || c[0] == "===" || c[0] == "=" {
			return c[1]
		}
	}
	return ""
}

// bounded returns the lower bound of a constraint that has an upper one no more
// than a major version away: ~=4.2, ^4.2, >=4.2,<5.
func bounded(constraint string) string {
	all := clauses(constraint)
	lower := atLeast(constraint)
	if lower == "" {
		return ""
	}
	for _, c := range all {
		if c[0] == "~=" || c[0] == "^" || c[0] == "~" {
			return lower
		}
		if (c[0] == "<" || c[0] == "<=") && compareVersions(c[1], nextMajor(lower)) <= 0 {
			return lower
		}
	}
	return ""
}

func nextMajor(version string) string { return strconv.Itoa(leadingNumber(version) + 1) }

// atLeast returns the lower bound of a constraint.
func atLeast(constraint string) string {
	all := clauses(constraint)
	i := slices.IndexFunc(all, func(c [2]string) bool {
		return c[0] == ">=" || c[0] == ">" || c[0] == "~=" || c[0] == "^" || c[0] == "~" || c[0] == ""
	})
	if i < 0 {
		return ""
	}
	return all[i][1]
}
