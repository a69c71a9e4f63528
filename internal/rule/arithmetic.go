package rule

import (
	"math"

	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/lintel-bot/lintel/internal/fact"
)

// add joins numbers, texts and lists.
func add(m *missing, args []ref.Val) ref.Val {
	// The lists that CEL's macros grow.
	if list, ok := args[0].(traits.Lister); ok {
		if _, ok := args[1].(traits.Lister); ok {
			return list.Add(args[1])
		}
	}
	numbers := arithmetic(func(a, b int64) (int64, bool) { return a + b, (a+b > a) == (b > 0) }, func(a, b float64) float64 { return a + b })
	a, b := toFact(args[0]), toFact(args[1])
	return m.value(both(a, b, func(a, b *fact.Value) *fact.Value {
		switch {
		case a == nil || b == nil:
			return fact.None()
		case a.Kind == fact.List && b.Kind == fact.List:
			items := append(append(make([]*fact.Value, 0, len(a.Items)+len(b.Items)), a.Items...), b.Items...)
			return &fact.Value{Kind: fact.List, Items: items, Open: a.Open || b.Open, Missing: append(append([]string{}, a.Missing...), b.Missing...)}
		case a.Secret != nil || b.Secret != nil:
			return m.missed(a, b)
		case a.Kind == fact.String && b.Kind == fact.String:
			if len(a.Text)+len(b.Text) > maxMade {
				return fact.None()
			}
			return fact.Of(a.Text + b.Text)
		}
		return toFact(numbers(m, []ref.Val{m.value(a), m.value(b)}))
	}))
}

// both asks about every pair of alternatives.
func both(a, b *fact.Value, ask func(a, b *fact.Value) *fact.Value) *fact.Value {
	return fact.Map(a, func(a *fact.Value) *fact.Value {
		return fact.Map(b, func(b *fact.Value) *fact.Value { return ask(a, b) })
	})
}

// arithmetic computes with numbers; of what is none, and of what overflows, the
// result is null.
func arithmetic(integers func(a, b int64) (int64, bool), floats func(a, b float64) float64) operation {
	return func(m *missing, args []ref.Val) ref.Val {
		return m.value(both(toFact(args[0]), toFact(args[1]), func(a, b *fact.Value) *fact.Value {
			switch {
			case a == nil || b == nil:
				return fact.None()
			case a.Kind == fact.Unknown || b.Kind == fact.Unknown || a.Kind == fact.Object || b.Kind == fact.Object:
				return m.missed(a, b)
			case a.Kind == fact.Int && b.Kind == fact.Int:
				if n, ok := integers(a.Int, b.Int); ok {
					return fact.Of(n)
				}
				return fact.None()
			}
			x, isNumber := float(a)
			y, isNumberToo := float(b)
			if result := floats(x, y); isNumber && isNumberToo && !math.IsNaN(result) && !math.IsInf(result, 0) {
				return fact.Of(result)
			}
			return fact.None()
		}))
	}
}

func float(f *fact.Value) (float64, bool) {
	switch f.Kind {
	case fact.Int:
		return float64(f.Int), true
	case fact.Float:
		return f.Float, true
	}
	return 0, false
}

func multiply(a, b int64) (int64, bool) {
	if a == 0 || b == 0 {
		return 0, true
	}
	product := a * b
	return product, product/b == a && !(a == -1 && b == math.MinInt64) && !(b == -1 && a == math.MinInt64)
}

func divide(a, b int64) (int64, bool) {
	if b == 0 || a == math.MinInt64 && b == -1 {
		return 0, false
	}
	return a / b, true
}

func remainder(a, b int64) (int64, bool) {
	if b == 0 || b == -1 {
		return 0, b == -1
	}
	return a % b, true
}
