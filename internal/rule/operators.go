package rule

import (
	"strings"

	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"

	"github.com/lintel-bot/lintel/internal/fact"
)

// decorate puts operators of ours in the place of CEL's own, which answer false
// where a fact stands on their right side, and know no texts but CEL's.
func decorate(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, ok := i.(interpreter.InterpretableCall)
	if !ok {
		return i, nil
	}
	args := call.Args()
	if operate := binaryOperator(call.Function()); operate != nil && len(args) == 2 {
		return &threeValued{call, args, func(m *missing, v []ref.Val) ref.Val {
			a, b := toFact(v[0]), toFact(v[1])
			return m.tri(operate(a, b), a, b)
		}}, nil
	}
	if convert := textFunction(call.Function()); convert != nil && len(args) == 1 {
		return &threeValued{call, args, func(m *missing, v []ref.Val) ref.Val {
			return &value{fact.Map(toFact(v[0]), func(f *fact.Value) *fact.Value {
				if f == nil || f.Kind != fact.String || f.Secret != nil {
					return f
				}
				changed := *f
				changed.Text = convert(f.Text)
				return &changed
			}), m}
		}}, nil
	}
	if call.Function() == "size" && len(args) == 1 {
		return &threeValued{call, args, func(m *missing, v []ref.Val) ref.Val {
			f := toFact(v[0])
			if n, known := sizeOf(f); known {
				return types.Int(n)
			}
			return m.unknown(f)
		}}, nil
	}
	if call.Function() == operators.LogicalNot && len(args) == 1 {
		return &threeValued{call, args, func(m *missing, v []ref.Val) ref.Val {
			f := toFact(v[0])
			if f != nil && f.Kind != fact.Bool && f.Kind != fact.Union && f.Kind != fact.Unknown {
				return types.NewErr("! of a fact that is no bool: use truthy()")
			}
			return m.tri(fact.Truthy(f).Not(), f)
		}}, nil
	}
	return i, nil
}

// binaryOperator returns what an operator or function of two asks, or nil.
func binaryOperator(name string) func(a, b *fact.Value) fact.Tri {
	compare := func(ask func(int) bool) func(a, b *fact.Value) fact.Tri {
		return func(a, b *fact.Value) fact.Tri { return fact.Compare(a, b, ask) }
	}
	text := func(ask func(a, b string) bool) func(a, b *fact.Value) fact.Tri {
		return func(a, b *fact.Value) fact.Tri { return fact.Text(a, b, ask) }
	}
	switch name {
	case operators.Equals:
		return fact.Equal
	case operators.NotEquals:
		return func(a, b *fact.Value) fact.Tri { return fact.Equal(a, b).Not() }
	case operators.In, operators.OldIn:
		return func(element, container *fact.Value) fact.Tri { return fact.Contains(container, element) }
	case operators.Less:
		return compare(func(sign int) bool { return sign < 0 })
	case operators.LessEquals:
		return compare(func(sign int) bool { return sign <= 0 })
	case operators.Greater:
		return compare(func(sign int) bool { return sign > 0 })
	case operators.GreaterEquals:
		return compare(func(sign int) bool { return sign >= 0 })
	case "startsWith":
		return text(strings.HasPrefix)
	case "endsWith":
		return text(strings.HasSuffix)
	case "contains":
		return text(strings.Contains)
	case "matches":
		return text(matches)
	}
	return nil
}

func textFunction(name string) func(string) string {
	switch name {
	case "lowerAscii":
		return strings.ToLower
	case "upperAscii":
		return strings.ToUpper
	case "trim":
		return strings.TrimSpace
	}
	return nil
}

// threeValued is a call that is ours where a fact is among its arguments, and
// CEL's own elsewhere.
type threeValued struct {
	interpreter.InterpretableCall
	args    []interpreter.InterpretableV2
	operate func(m *missing, args []ref.Val) ref.Val
}

// Exec implements interpreter.InterpretableV2.
func (c *threeValued) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	values := make([]ref.Val, len(c.args))
	var m *missing
	var unknown *types.Unknown
	for i, arg := range c.args {
		v := arg.Exec(frame)
		if types.IsError(v) {
			return v
		}
		unknown, _ = types.MaybeMergeUnknowns(v, unknown)
		values[i] = v
		if found := factsIn(v, 0); found != nil {
			m = found
		}
	}
	switch {
	case unknown != nil:
		return unknown
	case m == nil:
		return c.InterpretableCall.Exec(frame)
	}
	return c.operate(m, values)
}

// Eval implements interpreter.Interpretable.
func (c *threeValued) Eval(vars interpreter.Activation) ref.Val {
	return c.Exec(interpreter.AsFrame(vars))
}

// maxLiteralDepth bounds how deep facts are looked for in list literals.
const maxLiteralDepth = 4

// factsIn returns the evaluation that a value is or holds a fact of.
func factsIn(v ref.Val, depth int) *missing {
	switch v := v.(type) {
	case *value:
		return v.missing
	case traits.Mapper:
		return nil
	case traits.Lister:
		if depth == maxLiteralDepth {
			return nil
		}
		for it := v.Iterator(); it.HasNext() == types.True; {
			if m := factsIn(it.Next(), depth+1); m != nil {
				return m
			}
		}
	}
	return nil
}
