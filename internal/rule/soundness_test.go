package rule

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"github.com/lintel-bot/lintel/internal/fact"
)

// TestWhatIsDecidedIsSo draws settings, forgets a part of what is known of them,
// and asks both the same: where the one that knows less answers, it answers what
// the one that knows all does.
func TestWhatIsDecidedIsSo(t *testing.T) {
	decided := 0
	rapid.Check(t, func(t *rapid.T) {
		d := drawer{t}
		whole, part := make([]fact.Entry, 0, 2), make([]fact.Entry, 0, 2)
		for _, name := range []string{"X", "Y"} {
			v := d.value(3)
			whole = append(whole, fact.Entry{Key: name, Value: v})
			part = append(part, fact.Entry{Key: name, Value: d.forget(v, 3)})
		}
		for range 10 {
			source := d.truth(3, nil)
			e, mistakes := compile(source, compileOptions{truth: true})
			if len(mistakes) > 0 {
				continue // a text compared with a number
			}
			full, _, err := e.condition(t.Context(), scope{facts: map[string]*fact.Value{varSettings: fact.DictOf(whole...)}})
			if err != nil || full == fact.Undecided {
				t.Fatalf("%s of %s: %v, %v", source, shown(whole), full, err)
			}
			less, missing, err := e.condition(t.Context(), scope{facts: map[string]*fact.Value{varSettings: fact.DictOf(part...)}})
			if err != nil || less != fact.Undecided && less != full || (less == fact.Undecided) != (len(missing) > 0) {
				t.Fatalf("%s of\n%s: %v, but of\n%s: %v, missing %q, %v", source, shown(whole), full, shown(part), less, missing, err)
			}
			if less != fact.Undecided {
				decided++
			}
		}
	})
	if decided == 0 {
		t.Error("nothing was decided")
	}
}

// drawer draws values and expressions.
type drawer struct{ *rapid.T }

func (d drawer) among(n int) int { return rapid.IntRange(0, n-1).Draw(d.T, "choice") }

func (d drawer) of(texts ...string) string { return texts[d.among(len(texts))] }

// value draws a value of which everything is known.
func (d drawer) value(depth int) *fact.Value {
	kinds := 7
	if depth == 0 {
		kinds = 5
	}
	switch d.among(kinds) {
	case 0:
		return fact.None()
	case 1:
		return fact.Of(d.among(2) == 0)
	case 2:
		return fact.Of(d.among(3))
	case 3, 4:
		return fact.Of(d.of("a", "b", "ab", "", "A"))
	case 5:
		list := fact.ListOf()
		for range d.among(4) {
			list.Items = append(list.Items, d.value(depth-1))
		}
		return list
	}
	dict := fact.DictOf()
	for _, key := range []string{"a", "k", "z"} {
		if d.among(2) == 0 {
			dict.Entries = append(dict.Entries, fact.Entry{Key: key, Value: d.value(depth - 1)})
		}
	}
	return dict
}

// forget draws what may be known of a value by somebody who does not know all.
func (d drawer) forget(v *fact.Value, depth int) *fact.Value {
	switch d.among(6) {
	case 0:
		return fact.Missed("something")
	case 1:
		if depth > 0 {
			known, other := d.forget(v, depth-1), d.forget(d.value(depth-1), 0)
			if d.among(2) == 0 {
				return fact.UnionOf(fact.Alternative{Value: known, Guard: "`A`"}, fact.Alternative{Value: other, Guard: "not `A`"})
			}
			return fact.UnionOf(fact.Alternative{Value: other, Guard: "`A`"}, fact.Alternative{Value: known, Guard: "not `A`"})
		}
	}
	out := *v
	out.Items, out.Entries = nil, nil
	lose := (len(v.Items) > 0 || len(v.Entries) > 0 || v.Kind == fact.List || v.Kind == fact.Dict) && d.among(3) == 0
	for _, item := range v.Items {
		if lose && d.among(2) == 0 {
			continue
		}
		out.Items = append(out.Items, d.forget(item, depth-1))
	}
	for _, e := range v.Entries {
		if lose && d.among(2) == 0 {
			continue
		}
		out.Entries = append(out.Entries, fact.Entry{Key: e.Key, Value: d.forget(e.Value, depth-1)})
	}
	if lose {
		out.Open, out.Missing = true, []string{"what changes it"}
	}
	return &out
}

// truth draws an expression with a truth value; elements are the names that the
// macros around it give.
func (d drawer) truth(depth int, elements []string) string {
	if depth == 0 {
		return fmt.Sprintf("%s == %s", d.term(0, elements), d.term(0, elements))
	}
	a := func() string { return d.term(depth-1, elements) }
	element := fmt.Sprintf("e%d", len(elements))
	inner := func() string { return d.truth(depth-1, append(append([]string{}, elements...), element)) }
	switch d.among(15) {
	case 0:
		return fmt.Sprintf("%s == %s", a(), a())
	case 1:
		return fmt.Sprintf("%s != %s", a(), a())
	case 2:
		return fmt.Sprintf("%s %s %s", a(), d.of("<", "<=", ">", ">="), a())
	case 3:
		return fmt.Sprintf("%s in %s", a(), a())
	case 4:
		return fmt.Sprintf("!(%s)", d.truth(depth-1, elements))
	case 5:
		return fmt.Sprintf("(%s) && (%s)", d.truth(depth-1, elements), d.truth(depth-1, elements))
	case 6:
		return fmt.Sprintf("(%s) || (%s)", d.truth(depth-1, elements), d.truth(depth-1, elements))
	case 7:
		return fmt.Sprintf("((%s) ? (%s) : (%s))", d.truth(depth-1, elements), d.truth(depth-1, elements), d.truth(depth-1, elements))
	case 8, 9:
		return fmt.Sprintf("%s.%s(%s, %s)", a(), d.of("exists", "all", "exists_one"), element, inner())
	case 10:
		return fmt.Sprintf("has(%s.%s)", a(), d.of("a", "k"))
	case 11:
		return fmt.Sprintf("truthy(%s)", a())
	case 12:
		return fmt.Sprintf(`%s.%s("%s")`, a(), d.of("startsWith", "endsWith", "contains", "matches"), d.of("a", "b", ""))
	case 13:
		return fmt.Sprintf(`kind(%s) == "%s"`, a(), d.of("null", "list", "dict", "string", "int"))
	}
	return fmt.Sprintf("size(%s) %s %d", a(), d.of("==", "<", ">="), d.among(3))
}

// term draws an expression with a value.
func (d drawer) term(depth int, elements []string) string {
	simple := append([]string{"settings.X", "settings.Y", "settings.X", "settings.Y", `"a"`, "1", "null", "true", `["a"]`, `{"k": "a"}`}, elements...)
	simple = append(simple, elements...)
	if depth == 0 {
		return simple[d.among(len(simple))]
	}
	a := func() string { return d.term(depth-1, elements) }
	element := fmt.Sprintf("e%d", len(elements))
	inner := append(append([]string{}, elements...), element)
	switch d.among(13) {
	case 0:
		return fmt.Sprintf("%s.%s", a(), d.of("a", "k", "z"))
	case 1:
		return fmt.Sprintf("%s[%s]", a(), d.of("0", "1", "-1", `"k"`))
	case 2:
		return fmt.Sprintf("%s[%s]", a(), a())
	case 3:
		return fmt.Sprintf("(%s + %s)", a(), a())
	case 4:
		return fmt.Sprintf("%s.filter(%s, %s)", a(), element, d.truth(depth-1, inner))
	case 5:
		return fmt.Sprintf("%s.map(%s, %s)", a(), element, d.term(depth-1, inner))
	case 6:
		return fmt.Sprintf("%s.map(%s, %s, %s)", a(), element, d.truth(depth-1, inner), d.term(depth-1, inner))
	case 7:
		return fmt.Sprintf("%s.%s()", a(), d.of("lowerAscii", "upperAscii", "trim"))
	case 8:
		return fmt.Sprintf("[%s, %s]", a(), a())
	case 9:
		return fmt.Sprintf("(%s %s %s)", a(), d.of("-", "*", "/", "%"), a())
	case 10:
		return fmt.Sprintf("%s(%s)", d.of("int", "string", "double", "length", "distinct", "seconds", "path"), a())
	case 11:
		return fmt.Sprintf(`%s.split("%s")`, a(), d.of("a", ""))
	}
	return simple[d.among(len(simple))]
}

// shown words settings with everything that is known of them.
func shown(entries []fact.Entry) string {
	var out string
	for _, e := range entries {
		out += fmt.Sprintf("%s = %s; ", e.Key, spelled(e.Value))
	}
	return out
}

func spelled(v *fact.Value) string {
	if v == nil {
		return "nil"
	}
	more := ""
	if v.Open {
		more = " …"
	}
	switch v.Kind {
	case fact.List:
		out := "["
		for _, item := range v.Items {
			out += spelled(item) + ","
		}
		return out + more + "]"
	case fact.Dict:
		out := "{"
		for _, e := range v.Entries {
			out += e.Key + ": " + spelled(e.Value) + ","
		}
		return out + more + "}"
	case fact.Union:
		out := "("
		for _, a := range v.Alternatives {
			out += spelled(a.Value) + " | "
		}
		return out + ")"
	}
	return fact.Show(v)
}
