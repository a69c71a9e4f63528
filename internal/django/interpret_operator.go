package django

import (
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// binary works out an operator.
func (i *interpreter) binary(operator string, a, b *fact.Value) *fact.Value {
	if a.Kind == fact.Union || b.Kind == fact.Union {
		return fact.Map(a, func(a *fact.Value) *fact.Value {
			return fact.Map(b, func(b *fact.Value) *fact.Value { return i.binary(operator, a, b) })
		})
	}
	switch operator {
	case "+":
		switch {
		case a.Kind == fact.String || b.Kind == fact.String:
			return joinText(a, b)
		case a.Kind == fact.List || b.Kind == fact.List:
			return concatenated(a, b)
		}
	case "|":
		switch {
		case a.Kind == fact.Dict:
			return updated(a, b)
		case a.Kind == fact.List:
			return distinct(concatenated(a, b))
		}
	case "/":
		if a.Kind == fact.String || b.Kind == fact.String {
			return joinPath(a, b)
		}
	case "%":
		if a.Kind == fact.String {
			return percent(a, b)
		}
	case "*":
		if v, ok := repeated(a, b); ok {
			return v
		}
	case "-", "&", "^":
		if operator == "-" && a.Kind == fact.String && a.Secret == nil && b.Kind == fact.Int {
			return derived(pathOf(baseDirectory), a) // environ.Path(__file__) - 2
		}
		if a.Kind == fact.List && b.Kind == fact.List && !b.Open {
			left, ok := common(a, b, operator == "&")
			if operator == "^" && ok && !a.Open {
				var right *fact.Value
				if right, ok = common(b, a, false); ok {
					return concatenated(left, right)
				}
			}
			if !ok || operator == "^" {
				return lost(a, b)
			}
			return left
		}
	}
	if v, ok := arithmetic(operator, a, b); ok {
		return derived(v, a, b)
	}
	return lost(a, b)
}

// arithmetic works out an operator of numbers.
func arithmetic(operator string, a, b *fact.Value) (*fact.Value, bool) {
	if a.Kind == fact.Int && b.Kind == fact.Int {
		x, y := a.Int, b.Int
		switch operator {
		case "+":
			return fact.Of(x + y), true
		case "-":
			return fact.Of(x - y), true
		case "*":
			return fact.Of(x * y), true
		case "//":
			if y != 0 {
				return fact.Of(x / y), true
			}
		case "%":
			if y != 0 {
				return fact.Of(x % y), true
			}
		case "**":
			if y >= 0 && y < 40 {
				out := int64(1)
				for range y {
					out *= x
				}
				return fact.Of(out), true
			}
		}
	}
	x, okX := float(a)
	y, okY := float(b)
	if !okX || !okY {
		return nil, false
	}
	switch operator {
	case "+":
		return fact.Of(x + y), true
	case "-":
		return fact.Of(x - y), true
	case "*":
		return fact.Of(x * y), true
	case "/":
		if y != 0 {
			return fact.Of(x / y), true
		}
	}
	return nil, false
}

func float(v *fact.Value) (float64, bool) {
	switch v.Kind {
	case fact.Int:
		return float64(v.Int), true
	case fact.Float:
		return v.Float, true
	}
	return 0, false
}

func negative(operator string, v *fact.Value) *fact.Value {
	switch {
	case operator == "-" && v.Kind == fact.Int:
		return derived(fact.Of(-v.Int), v)
	case operator == "-" && v.Kind == fact.Float:
		return derived(fact.Of(-v.Float), v)
	case operator == "+":
		return v
	}
	return lost(v)
}

// truth is a truth value as Python has it, computed from others.
func truth(t fact.Tri, from ...*fact.Value) *fact.Value {
	if t == fact.Undecided {
		return cast(lost(from...), "bool")
	}
	return cast(derived(fact.Of(t == fact.True), from...), "bool")
}

// compare works out a comparison.
func (i *interpreter) compare(f *frame, n python.Node) *fact.Value {
	if !hasEffect(n) {
		if t, ok := i.assumeSurroundings(f, n); ok {
			return truth(t)
		}
	}
	var operands []*fact.Value
	var in string
	for o := range n.All(python.RoleOperand) {
		value := i.eval(f, o)
		operands, in = append(operands, value.value()), value.outside
	}
	operators := strings.Split(n.Text(), ",")
	if len(operands) == 2 && (in == "os.environ" || in == "environ") && (n.Text() == "in" || n.Text() == "not in") {
		// "X" in os.environ: not, as far as the code decides it.
		if v := i.variableRead("os.environ", operands[0], fact.Of(n.Text() == "not in"), false); v != nil {
			return cast(v, "truth")
		}
	}
	if len(operands) != len(operators)+1 {
		return lost(operands...)
	}
	if len(operands) == 2 && (n.Text() == "is" || n.Text() == "is not" || n.Text() == "==" || n.Text() == "!=") {
		if t := sameReference(operands[0], operands[1]); t != fact.Undecided {
			return truth(inverted(n, t))
		}
	}
	answer := fact.True
	for at, operator := range operators {
		answer = answer.And(relation(operator, operands[at], operands[at+1]))
	}
	return truth(answer, operands...)
}

// sameReference compares two names of what is no data: bool is bool, and neither
// str nor None.
func sameReference(a, b *fact.Value) fact.Tri {
	if b.Kind == fact.Object && a.Kind != fact.Object {
		a, b = b, a
	}
	if a.Kind != fact.Object || !strings.HasPrefix(a.Text, "builtins.") || len(a.Items)+len(a.Entries) > 0 {
		return fact.Undecided
	}
	switch {
	case b.Kind == fact.Null:
		return fact.False
	case b.Kind == fact.Object && strings.HasPrefix(b.Text, "builtins.") && len(b.Items)+len(b.Entries) == 0:
		return fact.TriOf(a.Text == b.Text)
	}
	return fact.Undecided
}

func relation(operator string, a, b *fact.Value) fact.Tri {
	if a.Kind == fact.Union || b.Kind == fact.Union {
		return fact.Each(a, func(a *fact.Value) fact.Tri {
			return fact.Each(b, func(b *fact.Value) fact.Tri { return relation(operator, a, b) })
		})
	}
	switch {
	case a.Kind == fact.Bool && b.Kind != fact.Bool && operator[0] != 'i' && operator[0] != 'n':
		a = asNumber(a, "int") // True == 1
	case b.Kind == fact.Bool && a.Kind != fact.Bool && operator[0] != 'i' && operator[0] != 'n':
		b = asNumber(b, "int")
	case (a.Kind == fact.List || a.Kind == fact.Bool) && operator[0] != 'i' && operator[0] != 'n' && operator != "==" && operator != "!=":
		return fact.Undecided
	}
	switch operator {
	case "==", "is":
		return fact.Equal(a, b)
	case "!=", "<>", "is not":
		return fact.Equal(a, b).Not()
	case "in":
		return fact.Contains(b, a)
	case "not in":
		return fact.Contains(b, a).Not()
	case "<":
		return fact.Compare(a, b, func(sign int) bool { return sign < 0 })
	case "<=":
		return fact.Compare(a, b, func(sign int) bool { return sign <= 0 })
	case ">":
		return fact.Compare(a, b, func(sign int) bool { return sign > 0 })
	case ">=":
		return fact.Compare(a, b, func(sign int) bool { return sign >= 0 })
	}
	return fact.Undecided
}

// common is a list of the elements that another has, or those that it has not.
func common(a, b *fact.Value, both bool) (*fact.Value, bool) {
	out := *a
	out.Items = nil
	for _, item := range a.Items {
		t := fact.Contains(b, item)
		if t == fact.Undecided || item.Env != nil || slices.ContainsFunc(b.Items, func(v *fact.Value) bool { return v.Env != nil }) {
			return nil, false
		}
		if (t == fact.True) == both {
			out.Items = append(out.Items, item)
		}
	}
	return derived(&out, a, b), true
}
