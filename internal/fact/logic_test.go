package fact

import (
	"slices"
	"testing"
)

func env(name string, fallback *Value) *Value {
	v := *fallback
	v.Env = &Env{Names: []string{name}}
	return &v
}

func either(a, b *Value) *Value {
	return UnionOf(Alternative{a, "`X` is set"}, Alternative{b, "`X` is not set"})
}

func secretOf(digest string) *Value {
	return &Value{Kind: String, Secret: &Secret{Digest: digest, Length: 9}}
}

func open(v *Value) *Value {
	c := *v
	c.Open, c.Missing = true, []string{"module local"}
	return &c
}

func TestEqualKnowsWhatItCannotKnow(t *testing.T) {
	one, two, a, unknown := Of(1), Of(2), Of("a"), Missed("x")
	for _, tc := range []struct {
		name string
		a, b *Value
		want Tri
	}{
		{"the same number", one, Of(1), True},
		{"another number", one, two, False},
		{"int and float", one, Of(1.0), True},
		{"number and text", one, a, False},
		{"null and nothing", None(), nil, True},
		{"unknown", unknown, a, Undecided},
		{"unknown and unknown", unknown, unknown, Undecided},
		{"environment with a fallback", env("A", a), a, True},
		{"union that agrees", either(ListOf(one), one), two, False},
		{"union that disagrees", either(one, two), one, Undecided},
		{"secret and itself", secretOf("d"), secretOf("d"), True},
		{"secret and another", secretOf("d"), secretOf("e"), False},
		{"secret and a text", secretOf("d"), a, Undecided},
		{"secret and nothing", secretOf("d"), Of(""), False},
		{"lists", ListOf(one, two), ListOf(one, two), True},
		{"lists of another order", ListOf(one, two), ListOf(two, one), False},
		{"an open list", open(ListOf(one)), ListOf(one), Undecided},
		{"dicts in another order", DictOf(Entry{"a", one}, Entry{"b", two}), DictOf(Entry{"b", two}, Entry{"a", one}), True},
		{"an open dict with another value", open(DictOf(Entry{"a", one})), DictOf(Entry{"a", two}), False},
		{"an open dict", open(DictOf(Entry{"a", one})), DictOf(Entry{"a", one}), Undecided},
	} {
		if got := Equal(tc.a, tc.b); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
		if got := Equal(tc.b, tc.a); got != tc.want {
			t.Errorf("%s, the other way round: %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestContainsAndTruthy(t *testing.T) {
	a, b := Of("a"), Of("b")
	for _, tc := range []struct {
		name               string
		container, element *Value
		want               Tri
	}{
		{"in a list", ListOf(a), a, True},
		{"not in a list", ListOf(a), b, False},
		{"in an open list", open(ListOf(a)), a, True},
		{"perhaps in an open list", open(ListOf(a)), b, Undecided},
		{"beside an unknown element", ListOf(a, Missed("x")), b, Undecided},
		{"a key", DictOf(Entry{"a", b}), a, True},
		{"perhaps a key", open(DictOf()), a, Undecided},
		{"a part of a text", Of("cat"), a, True},
		{"no container", None(), a, False},
		{"in an unknown", Missed("x"), a, Undecided},
		{"in both", either(ListOf(a), ListOf(a, b)), a, True},
		{"in one of both", either(ListOf(a), ListOf(a, b)), b, Undecided},
	} {
		if got := Contains(tc.container, tc.element); got != tc.want {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
	for _, tc := range []struct {
		v    *Value
		want Tri
	}{
		{nil, False}, {None(), False}, {Of(""), False}, {Of("False"), True}, {Of(0), False}, {Of(2), True}, {secretOf("d"), True},
		{ListOf(), False}, {open(ListOf()), Undecided}, {open(ListOf(a)), True}, {Missed(), Undecided}, {either(Of(1), Of(true)), True},
		{either(Of(1), Of(false)), Undecided}, {&Value{Kind: Object, Text: "f"}, Undecided},
	} {
		if got := Truthy(tc.v); got != tc.want {
			t.Errorf("truth of %s: %v, want %v", Show(tc.v), got, tc.want)
		}
	}
}

func TestFieldOfWhatIsNotThere(t *testing.T) {
	d := DictOf(Entry{"a", Of(1)})
	if got := Field(d, "b"); got.Kind != Null {
		t.Errorf("a key that is not there: %s", Show(got))
	}
	if got := Field(None(), "b"); got.Kind != Null {
		t.Errorf("a key of null: %s", Show(got))
	}
	if got := Field(open(d), "b"); got.Kind != Unknown || !slices.Equal(got.Missing, []string{"module local"}) {
		t.Errorf("a key of an open dict: %+v", got)
	}
	if got := Field(either(d, DictOf(Entry{"a", Of(2)})), "a"); got.Kind != Union || len(got.Alternatives) != 2 {
		t.Errorf("a key of a union: %s", Show(got))
	}
	if got := Undecidedness(Field(either(d, DictOf()), "a")); !slices.Equal(got, []string{"whether `X` is set", "whether `X` is not set"}) {
		t.Errorf("what decides it: %q", got)
	}
}

func TestShowNeverShowsASecret(t *testing.T) {
	for want, v := range map[string]*Value{
		"a literal of 9 characters":  secretOf("d"),
		`["a", "b", …]`:              open(ListOf(Of("a"), Of("b"))),
		`{"a": True}`:                DictOf(Entry{"a", Of(true)}),
		"the environment variable A": {Env: &Env{Names: []string{"A"}}},
		"None":                       nil,
		"not known":                  Missed(),
		"datetime.timedelta(…)":      {Kind: Object, Text: "datetime.timedelta"},
		`1, "x"`:                     either(Of(1), Of("x")),
	} {
		if got := Show(v); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestNestedAlternativesAreBounded: each level has two ways that hold the level
// below twice, so that the pairs would be 4 to the power of 30.
func TestNestedAlternativesAreBounded(t *testing.T) {
	a, b := Of(1), Of(1)
	for range 30 {
		a = &Value{Kind: Union, Alternatives: []Alternative{{ListOf(a, a), "x"}, {ListOf(a, a, a), "y"}}}
		b = &Value{Kind: Union, Alternatives: []Alternative{{ListOf(b, b), "x"}, {ListOf(b, b, b), "y"}}}
	}
	if got := Equal(a, b); got != Undecided {
		t.Errorf("%v", got)
	}
	if got := Contains(ListOf(a), b); got != Undecided {
		t.Errorf("%v", got)
	}
}
