package fact

import (
	"slices"
	"strings"
)

// Tri is a truth value of three: what a fact does not decide is Undecided.
type Tri int8

// The truth values.
const (
	Undecided Tri = iota
	True
	False
)

// TriOf returns the truth value of a bool.
func TriOf(b bool) Tri {
	if b {
		return True
	}
	return False
}

// Not negates; Undecided stays.
func (t Tri) Not() Tri {
	switch t {
	case True:
		return False
	case False:
		return True
	}
	return Undecided
}

// And is true when both are, and false when one is false.
func (t Tri) And(o Tri) Tri {
	switch {
	case t == False || o == False:
		return False
	case t == True && o == True:
		return True
	}
	return Undecided
}

// Or is true when one is, and false when both are false.
func (t Tri) Or(o Tri) Tri { return t.Not().And(o.Not()).Not() }

// Each asks every alternative of a value and returns the answer they agree on.
func Each(v *Value, ask func(*Value) Tri) Tri {
	if v == nil || v.Kind != Union {
		return ask(v)
	}
	answer := Undecided
	for i, a := range v.Alternatives {
		switch t := Each(a.Value, ask); {
		case t == Undecided, i > 0 && t != answer:
			return Undecided
		default:
			answer = t
		}
	}
	return answer
}

// Truthy is Python's truth of a value.
func Truthy(v *Value) Tri {
	return Each(v, func(v *Value) Tri {
		switch v.kind() {
		case Null:
			return False
		case Bool:
			return TriOf(v.Bool)
		case Int:
			return TriOf(v.Int != 0)
		case Float:
			return TriOf(v.Float != 0)
		case String:
			return TriOf(v.Secret != nil || v.Text != "")
		case List:
			return sized(len(v.Items), v.Open)
		case Dict:
			return sized(len(v.Entries), v.Open)
		}
		return Undecided
	})
}

func sized(n int, open bool) Tri {
	if n == 0 && open {
		return Undecided
	}
	return TriOf(n > 0)
}

func (v *Value) kind() Kind {
	if v == nil {
		return Null
	}
	return v.Kind
}

const (
	// maxDepth bounds how deep values are followed; settings nest a few levels.
	maxDepth = 40
	// maxWork bounds the parts that one question looks at. Values share parts, so
	// a small one can be the root of more than anybody can count.
	maxWork = 20_000
)

// Equal compares two values. A secret equals only itself, by its digest.
func Equal(a, b *Value) Tri {
	c := comparison{work: maxWork}
	return c.equal(a, b, maxDepth)
}

// comparison counts down the work of one.
type comparison struct{ work int }

func (c *comparison) equal(a, b *Value, depth int) Tri {
	if c.work--; depth == 0 || c.work < 0 {
		return Undecided
	}
	if a == b && a.kind() != Unknown && a.kind() != Union && a.kind() != Object && (a == nil || !a.Open) && (a == nil || len(a.Items)+len(a.Entries) == 0) {
		return True
	}
	return Each(a, func(a *Value) Tri {
		return Each(b, func(b *Value) Tri { return c.equalPlain(a, b, depth) })
	})
}

func (c *comparison) equalPlain(a, b *Value, depth int) Tri {
	ka, kb := a.kind(), b.kind()
	if ka == Unknown || kb == Unknown {
		return Undecided
	}
	if ka != kb {
		if number(ka) && number(kb) {
			return TriOf(asFloat(a) == asFloat(b))
		}
		if ka == Object || kb == Object {
			return Undecided
		}
		return False
	}
	switch ka {
	case Null:
		return True
	case Bool:
		return TriOf(a.Bool == b.Bool)
	case Int:
		return TriOf(a.Int == b.Int)
	case Float:
		return TriOf(a.Float == b.Float)
	case String:
		return equalText(a, b)
	case List:
		return c.equalLists(a, b, depth)
	case Dict:
		return c.equalDicts(a, b, depth)
	}
	// Objects of one name may still differ in what was not followed.
	if a.Text != b.Text {
		return Undecided
	}
	if len(a.Items)+len(a.Entries)+len(b.Items)+len(b.Entries) == 0 {
		return True
	}
	return Undecided
}

func equalText(a, b *Value) Tri {
	switch {
	case a.Secret == nil && b.Secret == nil:
		return TriOf(a.Text == b.Text)
	case a.Secret != nil && b.Secret != nil:
		return TriOf(a.Secret.Digest == b.Secret.Digest && a.Secret.Length == b.Secret.Length)
	case a.Secret != nil && b.Text == "" || b.Secret != nil && a.Text == "":
		return False
	}
	return Undecided
}

func (c *comparison) equalLists(a, b *Value, depth int) Tri {
	answer := True
	for i := range min(len(a.Items), len(b.Items)) {
		answer = answer.And(c.equal(a.Items[i], b.Items[i], depth-1))
	}
	switch {
	case a.Open || b.Open:
		if answer == False && !a.Open && !b.Open {
			return False
		}
		return Undecided
	case len(a.Items) != len(b.Items):
		return False
	}
	return answer
}

func (c *comparison) equalDicts(a, b *Value, depth int) Tri {
	answer := True
	for _, e := range a.Entries {
		switch other := b.Get(e.Key); {
		case other != nil:
			answer = answer.And(c.equal(e.Value, other, depth-1))
		case b.Open:
			answer = answer.And(Undecided)
		default:
			return False
		}
	}
	for _, e := range b.Entries {
		if a.Get(e.Key) == nil {
			if !a.Open {
				return False
			}
			answer = answer.And(Undecided)
		}
	}
	if a.Open || b.Open {
		answer = answer.And(Undecided)
	}
	return answer
}

func number(k Kind) bool { return k == Int || k == Float }

func asFloat(v *Value) float64 {
	if v.Kind == Int {
		return float64(v.Int)
	}
	return v.Float
}

// Contains is Python's "element in container": an element of a list, a key of a
// dict, a part of a string.
func Contains(container, element *Value) Tri {
	return Each(element, func(element *Value) Tri {
		return Each(container, func(c *Value) Tri { return contains(c, element) })
	})
}

func contains(c, element *Value) Tri {
	switch c.kind() {
	case List:
		answer := False
		for _, item := range c.Items {
			answer = answer.Or(Equal(item, element))
		}
		if c.Open {
			answer = answer.Or(Undecided)
		}
		return answer
	case Dict:
		switch {
		case element.kind() == Unknown || element.kind() == Object || element != nil && element.Secret != nil:
			return Undecided
		case element.kind() != String:
			return openness(c.Open) // keys are texts
		}
		return TriOf(c.Get(element.Text) != nil).Or(openness(c.Open))
	case String:
		return Text(c, element, strings.Contains)
	case Null, Bool, Int, Float:
		return False
	}
	return Undecided
}

func openness(open bool) Tri {
	if open {
		return Undecided
	}
	return False
}

// Text asks about the texts of two values; it is undecided where one is not
// known, and false where one is no string.
func Text(a, b *Value, ask func(a, b string) bool) Tri {
	return Each(a, func(a *Value) Tri {
		return Each(b, func(b *Value) Tri {
			switch {
			case a.kind() == Unknown || b.kind() == Unknown || a.kind() == Object || b.kind() == Object:
				return Undecided
			case a.kind() != String || b.kind() != String:
				return False
			case a.Secret != nil || b.Secret != nil:
				return Undecided
			}
			return TriOf(ask(a.Text, b.Text))
		})
	})
}

// Compare orders two numbers, or two strings: less asks about the sign of
// a - b. It is false for what has no order.
func Compare(a, b *Value, ask func(sign int) bool) Tri {
	return Each(a, func(a *Value) Tri {
		return Each(b, func(b *Value) Tri {
			ka, kb := a.kind(), b.kind()
			switch {
			case ka == Unknown || kb == Unknown || ka == Object || kb == Object:
				return Undecided
			case number(ka) && number(kb):
				return TriOf(ask(sign(asFloat(a), asFloat(b))))
			case ka == String && kb == String && a.Secret == nil && b.Secret == nil:
				return TriOf(ask(sign(a.Text, b.Text)))
			case ka == String && kb == String:
				return Undecided
			}
			return False
		})
	})
}

func sign[T float64 | string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Field returns what stands under a key of a dict, a keyword of an object, or
// what the alternatives have there. What is not there is null, and unknown
// where it might be.
func Field(v *Value, key string) *Value {
	switch v.kind() {
	case Unknown:
		return &Value{Missing: v.Missing, Env: v.Env, Places: v.Places, Open: true}
	case Union:
		return Map(v, func(v *Value) *Value { return Field(v, key) })
	case Dict, Object:
		if found := v.Get(key); found != nil {
			return found
		}
		if v.Open || v.Kind == Object {
			return &Value{Missing: v.missing(), Open: true}
		}
	}
	return None()
}

// Item returns an element of a list by its index, negative ones from the end.
func Item(v *Value, index int) *Value {
	switch v.kind() {
	case Unknown, Object:
		return Missed(v.missing()...)
	case Union:
		return Map(v, func(v *Value) *Value { return Item(v, index) })
	case List:
		switch {
		case v.Open:
			// An element that may be there moves the others.
			return Missed(v.missing()...)
		case index < 0:
			index += len(v.Items)
		}
		if index >= 0 && index < len(v.Items) {
			return v.Items[index]
		}
	}
	return None()
}

// missing says what would decide a value, with a word for the case that nobody
// said it.
func (v *Value) missing() []string {
	if len(v.Missing) > 0 {
		return v.Missing
	}
	if v.Kind == Object {
		return []string{"the result of " + v.Text}
	}
	return nil
}

// maxAlternatives bounds a union; beyond it nothing is known.
const maxAlternatives = 16

// Map replaces each alternative of a union, or the value that is none.
func Map(v *Value, change func(*Value) *Value) *Value {
	if v.kind() != Union {
		return change(v)
	}
	out := make([]Alternative, 0, len(v.Alternatives))
	for _, a := range v.Alternatives {
		out = append(out, Alternative{Map(a.Value, change), a.Guard})
	}
	return UnionOf(out...)
}

// UnionOf joins alternatives: unions among them are taken apart, equal ones
// become one, and one that is left stands for itself.
func UnionOf(alternatives ...Alternative) *Value {
	var flat []Alternative
	for _, a := range alternatives {
		if a.Value.kind() == Union {
			for _, inner := range a.Value.Alternatives {
				flat = append(flat, Alternative{inner.Value, joinGuards(a.Guard, inner.Guard)})
			}
			continue
		}
		flat = append(flat, a)
	}
	var out []Alternative
	for _, a := range flat {
		if !slices.ContainsFunc(out, func(o Alternative) bool { return same(o.Value, a.Value) }) {
			out = append(out, a)
		}
	}
	switch {
	case len(out) == 0:
		return Missed()
	case len(out) == 1:
		return out[0].Value
	case len(out) > maxAlternatives:
		var missing []string
		for _, a := range out {
			if a.Guard != "" {
				missing = append(missing, "whether "+a.Guard)
			}
		}
		return Missed(unique(missing)...)
	}
	return &Value{Kind: Union, Alternatives: out, Places: out[0].Value.Places}
}

// maxGuard bounds the words for the conditions of one alternative; people do not
// read more.
const maxGuard = 300

func joinGuards(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	parts := strings.Split(a, " and ")
	for part := range strings.SplitSeq(b, " and ") {
		switch {
		case slices.Contains(parts, part):
		case len(a)+len(part) > maxGuard:
			return strings.TrimSuffix(a, " and …") + " and …"
		default:
			a += " and " + part
		}
	}
	return a
}

// same reports whether two values are known to be one: equal, and given at the
// same place and in the same way.
func same(a, b *Value) bool {
	if a == b {
		return true
	}
	pa, _ := a.Place()
	pb, _ := b.Place()
	return pa == pb && (a.Env == nil) == (b.Env == nil) && Equal(a, b) == True
}

// Undecidedness lists what would decide a value: its own missing inputs and the
// guards of its unions.
func Undecidedness(v *Value) []string {
	var out []string
	work := maxWork
	collectMissing(v, maxDepth, &work, &out)
	return unique(out)
}

func collectMissing(v *Value, depth int, work *int, out *[]string) {
	if *work--; v == nil || depth == 0 || *work < 0 {
		return
	}
	*out = append(*out, v.missing()...)
	for _, item := range v.Items {
		if item.kind() == Unknown || item.kind() == Union {
			collectMissing(item, depth-1, work, out)
		}
	}
	for _, e := range v.Entries {
		if e.Value.kind() == Unknown || e.Value.kind() == Union {
			collectMissing(e.Value, depth-1, work, out)
		}
	}
	for _, a := range v.Alternatives {
		if a.Guard != "" {
			*out = append(*out, "whether "+strings.TrimPrefix(a.Guard, "not "))
		}
		if a.Value.kind() == Unknown {
			collectMissing(a.Value, depth-1, work, out)
		}
	}
}

func unique(texts []string) []string {
	var out []string
	for _, t := range texts {
		if t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}
