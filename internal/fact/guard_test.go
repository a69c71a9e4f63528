package fact_test

import (
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/fact"
)

func TestGuards(t *testing.T) {
	for _, c := range []struct{ a, b, join, common string }{
		{"", "", "", ""},
		{"`A`", "", "`A`", ""},
		{"`A`", "not `A`", "`A` and not `A`", ""},
		{"`A` and `B`", "`B`", "`A` and `B`", "`B`"},
		{"`A and B`", "`A and C`", "`A and B` and `A and C`", ""},
		{"`A` and not `B and C`", "not `B and C` and `D`", "`A` and not `B and C` and `D`", "not `B and C`"},
	} {
		if got := fact.JoinGuards(c.a, c.b); got != c.join {
			t.Errorf("where %s and %s: %q, want %q", c.a, c.b, got, c.join)
		}
		if got := fact.CommonGuard(c.a, c.b); got != c.common {
			t.Errorf("common to %s and %s: %q, want %q", c.a, c.b, got, c.common)
		}
	}
	long := "`" + strings.Repeat("x", 280) + "`"
	if got, want := fact.JoinGuards(long, "`yes`"), long+" and `yes`"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	cut := fact.JoinGuards(fact.JoinGuards(long, "`yes, and no`"), "`more`")
	if want := long + " and `yes, and no` and …"; cut != want {
		t.Errorf("got %q, want %q", cut, want)
	}
}

// TestSameUnderEitherGuard: what is the same under a condition and under its
// opposite does not hang on it.
func TestSameUnderEitherGuard(t *testing.T) {
	v := fact.UnionOf(
		fact.Alternative{Value: fact.Of(1), Guard: "`A` and `B`"},
		fact.Alternative{Value: fact.Of(2), Guard: "not `B`"},
		fact.Alternative{Value: fact.Of(1), Guard: "not `A` and `B`"},
	)
	if len(v.Alternatives) != 2 || v.Alternatives[0].Guard != "`B`" {
		t.Errorf("got %+v", v.Alternatives)
	}
}

func TestImplies(t *testing.T) {
	for _, c := range []struct {
		guard, other string
		want         bool
	}{
		{"", "", true},
		{"`A`", "", true},
		{"", "`A`", false},
		{"`A` and not `B`", "not `B`", true},
		{"`A` and not `B`", "`B`", false},
		{"`A and B` and `C`", "`C` and `A and B`", true},
		{"`A and B`", "`A`", false},
	} {
		if got := fact.Implies(c.guard, c.other); got != c.want {
			t.Errorf("%s implies %s: %t, want %t", c.guard, c.other, got, c.want)
		}
	}
}

func TestSayGuard(t *testing.T) {
	for guard, want := range map[string]string{
		"":                               "",
		"`A and B` and not `C`":          "`A and B` is true and `C` is false",
		"not `for x in names` runs":      "not `for x in names` runs",
		"the newest Django is installed": "the newest Django is installed",
		"`A` and …":                      "`A` is true and …",
	} {
		if got := fact.SayGuard(guard); got != want {
			t.Errorf("%s: %q, want %q", guard, got, want)
		}
	}
}
