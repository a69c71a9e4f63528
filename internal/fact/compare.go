package fact

import "strings"

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
