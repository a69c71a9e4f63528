package rule

import (
	"math"
	"strconv"
	"strings"
	"sync"

	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/lintel-bot/lintel/internal/fact"
)

// maxMade bounds the bytes of a text that an expression makes.
const maxMade = 64 << 10

// operations says what each operator and function does. None fails: what makes
// no sense is null, and null compares as false.
var operations = sync.OnceValue(func() map[string]operation {
	table := map[string]operation{
		operators.LogicalNot: func(_ *missing, args []ref.Val) ref.Val { return args[0].(types.Bool).Negate() },
		callThere:            func(*missing, []ref.Val) ref.Val { return types.True },
		callField: func(m *missing, args []ref.Val) ref.Val {
			index := toFact(args[1])
			return m.value(fact.Map(index, func(i *fact.Value) *fact.Value { return at(m, toFact(args[0]), i) }))
		},
		callHas: func(m *missing, args []ref.Val) ref.Val {
			f := toFact(args[0])
			return m.tri(has(f, string(args[1].(types.String))), f)
		},

		operators.Equals:        truth(fact.Equal),
		operators.NotEquals:     truth(func(a, b *fact.Value) fact.Tri { return fact.Equal(a, b).Not() }),
		operators.In:            truth(func(element, container *fact.Value) fact.Tri { return fact.Contains(container, element) }),
		operators.Less:          order(func(sign int) bool { return sign < 0 }),
		operators.LessEquals:    order(func(sign int) bool { return sign <= 0 }),
		operators.Greater:       order(func(sign int) bool { return sign > 0 }),
		operators.GreaterEquals: order(func(sign int) bool { return sign >= 0 }),

		operators.Add:      add,
		operators.Subtract: arithmetic(func(a, b int64) (int64, bool) { return a - b, (a-b < a) == (b > 0) }, func(a, b float64) float64 { return a - b }),
		operators.Multiply: arithmetic(multiply, func(a, b float64) float64 { return a * b }),
		operators.Divide:   arithmetic(divide, func(a, b float64) float64 { return a / b }),
		operators.Modulo:   arithmetic(remainder, math.Mod),
		operators.Negate: func(m *missing, args []ref.Val) ref.Val {
			zero := &value{fact.Of(0), m}
			return arithmetic(func(a, b int64) (int64, bool) { return a - b, b != math.MinInt64 }, func(a, b float64) float64 { return a - b })(m, []ref.Val{zero, args[0]})
		},

		"startsWith": ofTexts(strings.HasPrefix),
		"endsWith":   ofTexts(strings.HasSuffix),
		"contains":   ofTexts(strings.Contains),
		// The pattern is a literal, so that decorate replaces it.
		"matches":    ofTexts(func(_, _ string) bool { return false }),
		"lowerAscii": change(strings.ToLower),
		"upperAscii": change(strings.ToUpper),
		"trim":       change(strings.TrimSpace),
		"replace": func(m *missing, args []ref.Val) ref.Val {
			old, replacement := toFact(args[1]).Text, toFact(args[2]).Text
			return changeText(m, args[0], func(s string) *fact.Value {
				if n := strings.Count(s, old); len(s)+n*(len(replacement)-len(old)) > maxMade {
					return fact.None()
				}
				return fact.Of(strings.ReplaceAll(s, old, replacement))
			})
		},
		"split": func(m *missing, args []ref.Val) ref.Val {
			return changeText(m, args[0], func(s string) *fact.Value {
				list := fact.ListOf()
				for part := range strings.SplitSeq(s, toFact(args[1]).Text) {
					list.Items = append(list.Items, fact.Of(part))
				}
				return list
			})
		},
		"size": count(size),

		"int": convert(func(f *fact.Value) *fact.Value {
			switch f.Kind {
			case fact.Int:
				return f
			case fact.Float:
				if math.Abs(f.Float) < 1<<62 {
					return fact.Of(int64(f.Float))
				}
			case fact.Bool:
				if f.Bool {
					return fact.Of(1)
				}
				return fact.Of(0)
			case fact.String:
				if n, err := strconv.ParseInt(strings.TrimSpace(f.Text), 10, 64); err == nil {
					return fact.Of(n)
				}
			}
			return fact.None()
		}),
		"double": convert(func(f *fact.Value) *fact.Value {
			switch f.Kind {
			case fact.Float:
				return f
			case fact.Int:
				return fact.Of(float64(f.Int))
			case fact.String:
				if n, err := strconv.ParseFloat(strings.TrimSpace(f.Text), 64); err == nil {
					return fact.Of(n)
				}
			}
			return fact.None()
		}),
		"string": convert(func(f *fact.Value) *fact.Value {
			switch f.Kind {
			case fact.String:
				return f
			case fact.Bool, fact.Int, fact.Float:
				return fact.Of(fact.Show(f))
			}
			return fact.None()
		}),
	}
	for name, do := range questions() {
		table[name] = do
	}
	return table
})

// truth is a question about two facts.
func truth(ask func(a, b *fact.Value) fact.Tri) operation {
	return func(m *missing, args []ref.Val) ref.Val {
		a, b := toFact(args[0]), toFact(args[1])
		return m.tri(ask(a, b), a, b)
	}
}

func order(ask func(sign int) bool) operation {
	return truth(func(a, b *fact.Value) fact.Tri { return fact.Compare(a, b, ask) })
}

func ofTexts(ask func(a, b string) bool) operation {
	return truth(func(a, b *fact.Value) fact.Tri { return fact.Text(a, b, ask) })
}

// count is a question whose answer is a number.
func count(ask func(*fact.Value) (n int, known bool)) operation {
	return func(m *missing, args []ref.Val) ref.Val {
		f := toFact(args[0])
		return m.value(fact.Map(f, func(f *fact.Value) *fact.Value {
			n, known := ask(f)
			switch {
			case !known:
				return m.missed(f)
			case n < 0:
				return fact.None()
			}
			return fact.Of(n)
		}))
	}
}

// convert changes what is known; a secret stays unknown.
func convert(change func(*fact.Value) *fact.Value) operation {
	return func(m *missing, args []ref.Val) ref.Val {
		return m.value(fact.Map(toFact(args[0]), func(f *fact.Value) *fact.Value {
			switch {
			case f == nil:
				return fact.None()
			case f.Kind == fact.Unknown || f.Kind == fact.Object || f.Secret != nil:
				return m.missed(f)
			}
			return change(f)
		}))
	}
}

// changeText makes something of a text; of what is none it is null.
func changeText(m *missing, of ref.Val, change func(string) *fact.Value) ref.Val {
	return convert(func(f *fact.Value) *fact.Value {
		if f.Kind != fact.String {
			return fact.None()
		}
		return change(f.Text)
	})(m, []ref.Val{of})
}

func change(change func(string) string) operation {
	return func(m *missing, args []ref.Val) ref.Val {
		return changeText(m, args[0], func(s string) *fact.Value { return fact.Of(change(s)) })
	}
}

// at is f[index].
func at(m *missing, f, index *fact.Value) *fact.Value {
	switch {
	case index == nil:
		return fact.None()
	case index.Kind == fact.String && index.Secret == nil:
		return fact.Field(f, index.Text)
	case index.Kind == fact.Int && index.Int == int64(int(index.Int)):
		return fact.Item(f, int(index.Int))
	case index.Kind == fact.Unknown || index.Kind == fact.Object || index.Secret != nil:
		return m.missed(index)
	}
	return fact.None()
}

// has reports whether a dict has a key, or an object a keyword, that is not
// null.
func has(f *fact.Value, name string) fact.Tri {
	return fact.Each(f, func(f *fact.Value) fact.Tri {
		switch {
		case f == nil:
			return fact.False
		case f.Kind == fact.Unknown:
			return fact.Undecided
		case f.Kind != fact.Dict && f.Kind != fact.Object:
			return fact.False
		}
		found := f.Get(name)
		if found == nil && (f.Open || f.Kind == fact.Object) {
			return fact.Undecided
		}
		return fact.Each(found, func(found *fact.Value) fact.Tri {
			switch {
			case found == nil || found.Kind == fact.Null:
				return fact.False
			case found.Kind == fact.Unknown && found.Env == nil && len(found.Places) == 0:
				return fact.Undecided
			}
			return fact.True
		})
	})
}

// size is that of a text, list or dict; other values have none.
func size(f *fact.Value) (n int, known bool) {
	if f == nil {
		return 0, true
	}
	switch f.Kind {
	case fact.Null:
		return 0, true
	case fact.String:
		if f.Secret != nil {
			return f.Secret.Length, true
		}
		return len([]rune(f.Text)), true
	case fact.List:
		return len(f.Items), !f.Open
	case fact.Dict:
		return len(f.Entries), !f.Open
	case fact.Unknown, fact.Object:
		return 0, false
	}
	return -1, true
}
