package rule

import (
	"regexp"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/lintel-bot/lintel/internal/fact"
)

// functions are those of ours: questions about how a value is given.
func functions() []cel.EnvOption {
	return []cel.EnvOption{
		question("isSet", func(f *fact.Value) fact.Tri {
			switch {
			case f == nil || f.Default:
				return fact.False
			case f.Kind == fact.Null && len(f.Places) == 0:
				return fact.False
			case f.Kind == fact.Unknown && len(f.Places) == 0 && f.Env == nil:
				return fact.Undecided
			}
			return fact.True
		}),
		question("fromEnv", func(f *fact.Value) fact.Tri { return fact.TriOf(f != nil && f.Env != nil) }),
		question("required", func(f *fact.Value) fact.Tri {
			return fact.TriOf(f != nil && f.Env != nil && f.Kind == fact.Unknown)
		}),
		question("guarded", func(f *fact.Value) fact.Tri { return fact.TriOf(f != nil && f.Env != nil && f.Env.Guarded) }),
		question("isLiteral", func(f *fact.Value) fact.Tri {
			switch {
			case f == nil || f.Default || f.Kind == fact.Null && len(f.Places) == 0, f.Kind == fact.Object:
				return fact.False
			case f.Kind == fact.Unknown:
				if f.Env != nil {
					return fact.False
				}
				return fact.Undecided
			}
			return fact.True
		}),
		question("isSecret", func(f *fact.Value) fact.Tri {
			if f != nil && f.Kind == fact.Unknown && f.Env == nil {
				return fact.Undecided
			}
			return fact.TriOf(f != nil && f.Secret != nil)
		}),
		question("weak", func(f *fact.Value) fact.Tri { return fact.TriOf(f != nil && f.Secret != nil && f.Secret.Weak) }),
		question("truthy", fact.Truthy),
		answer("env", types.StringType, func(f *fact.Value) ref.Val {
			if f == nil || f.Env == nil || len(f.Env.Names) == 0 {
				return types.String("")
			}
			return types.String(f.Env.Names[0])
		}),
		answer("cast", types.StringType, func(f *fact.Value) ref.Val {
			if f == nil || f.Env == nil {
				return types.String("")
			}
			return types.String(f.Env.Cast)
		}),
		answer("callee", types.StringType, func(f *fact.Value) ref.Val {
			if f == nil || f.Kind == fact.Unknown && f.Env == nil {
				return nil
			}
			if f.Kind != fact.Object {
				return types.String("")
			}
			return types.String(f.Text)
		}),
		answer("kind", types.StringType, func(f *fact.Value) ref.Val {
			if name := kindName(f); name != "" {
				return types.String(name)
			}
			return nil
		}),
		answer("length", types.IntType, func(f *fact.Value) ref.Val {
			if n, ok := sizeOf(f); ok {
				return types.Int(n)
			}
			return nil
		}),
		answer("distinct", types.IntType, func(f *fact.Value) ref.Val {
			switch {
			case f == nil || f.Kind == fact.Unknown:
				return nil
			case f.Secret != nil:
				return types.Int(f.Secret.Distinct)
			}
			seen := make(map[rune]bool)
			for _, r := range f.Text {
				seen[r] = true
			}
			return types.Int(len(seen))
		}),
		answer("prefix", types.StringType, func(f *fact.Value) ref.Val {
			if f == nil || f.Secret == nil {
				return types.String("")
			}
			return types.String(f.Secret.Prefix)
		}),
		cel.Function("hasField", cel.Overload("hasField_dyn_string", []*cel.Type{cel.DynType, cel.StringType}, cel.BoolType,
			cel.BinaryBinding(func(v, field ref.Val) ref.Val {
				own, ok := v.(*value)
				if !ok {
					return types.NewErr("has() of something that is no fact")
				}
				return own.missing.tri(present(own.fact, string(field.(types.String))), own.fact)
			}))),
		cel.Function("show", cel.Overload("show_dyn", []*cel.Type{cel.DynType}, cel.StringType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.String(fact.Show(toFact(v))) }))),
		cel.Function("some", cel.Overload("some_dyn", []*cel.Type{cel.DynType}, cel.DynType,
			cel.UnaryBinding(func(v ref.Val) ref.Val {
				f, ok := v.(*value)
				if !ok {
					return types.DefaultTypeAdapter.NativeToValue([]ref.Val{v})
				}
				list := &fact.Value{Kind: fact.List, Items: []*fact.Value{f.fact}}
				if f.fact != nil && f.fact.Kind == fact.Union {
					list.Items = nil
					for _, a := range f.fact.Alternatives {
						list.Items = append(list.Items, a.Value)
					}
				}
				return f.wrap(list)
			}))),
		cel.Function("version", cel.Overload("version_dyn_string_string",
			[]*cel.Type{cel.DynType, cel.StringType, cel.StringType}, cel.BoolType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				v, ok := args[0].(*value)
				if !ok {
					return types.NewErr("version() compares a fact")
				}
				operator, wanted := string(args[1].(types.String)), string(args[2].(types.String))
				return v.missing.tri(fact.Each(v.fact, func(f *fact.Value) fact.Tri {
					if f == nil || f.Kind != fact.String {
						return fact.Undecided
					}
					return compareVersions(f.Text, operator, wanted)
				}), v.fact)
			}))),
	}
}

// hasMacro makes has(a.b) a function of ours: CEL's own knows only yes and no.
func hasMacro() cel.Macro {
	return cel.GlobalMacro("has", 1, func(f cel.MacroExprFactory, _ ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
		if args[0].Kind() != ast.SelectKind {
			return nil, f.NewError(args[0].ID(), "has() takes a field: has(a.b)")
		}
		s := args[0].AsSelect()
		return f.NewCall("hasField", s.Operand(), f.NewLiteral(types.String(s.FieldName()))), nil
	})
}

// question is a function of one fact with a truth value.
func question(name string, ask func(*fact.Value) fact.Tri) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_dyn", []*cel.Type{cel.DynType}, cel.BoolType,
		cel.UnaryBinding(func(v ref.Val) ref.Val {
			f := toFact(v)
			t := fact.Each(f, ask)
			if own, ok := v.(*value); ok {
				return own.missing.tri(t, f)
			}
			return types.Bool(t == fact.True)
		})))
}

// answer is a function of one fact; nil means that the fact does not decide it,
// and so do alternatives that disagree.
func answer(name string, result *cel.Type, ask func(*fact.Value) ref.Val) cel.EnvOption {
	return cel.Function(name, cel.Overload(name+"_dyn", []*cel.Type{cel.DynType}, result,
		cel.UnaryBinding(func(v ref.Val) ref.Val {
			f := toFact(v)
			out := ask(f)
			if f != nil && f.Kind == fact.Union {
				out = ask(f.Alternatives[0].Value)
				for _, a := range f.Alternatives[1:] {
					if other := ask(a.Value); out == nil || other == nil || out.Equal(other) != types.True {
						out = nil
						break
					}
				}
			}
			if out != nil {
				return out
			}
			if own, ok := v.(*value); ok {
				return own.missing.unknown(f)
			}
			return types.NewErr("%s() of something that is no fact", name)
		})))
}

func kindName(f *fact.Value) string {
	if f == nil {
		return "null"
	}
	switch f.Kind {
	case fact.Null:
		return "null"
	case fact.Bool:
		return "bool"
	case fact.Int:
		return "int"
	case fact.Float:
		return "float"
	case fact.String:
		return "string"
	case fact.List:
		return "list"
	case fact.Dict:
		return "dict"
	case fact.Object:
		return "object"
	}
	return ""
}

// compareVersions compares dotted numbers; what is no number ends a version.
func compareVersions(a, operator, b string) fact.Tri {
	left, right := versionParts(a), versionParts(b)
	if len(left) == 0 || len(right) == 0 {
		return fact.Undecided
	}
	sign := 0
	for i := range right {
		l := 0
		if i < len(left) {
			l = left[i]
		}
		if l != right[i] {
			sign = 1
			if l < right[i] {
				sign = -1
			}
			break
		}
	}
	switch operator {
	case "<":
		return fact.TriOf(sign < 0)
	case "<=":
		return fact.TriOf(sign <= 0)
	case ">":
		return fact.TriOf(sign > 0)
	case ">=":
		return fact.TriOf(sign >= 0)
	case "==":
		return fact.TriOf(sign == 0)
	}
	return fact.Undecided
}

func versionParts(text string) []int {
	var out []int
	for part := range strings.SplitSeq(text, ".") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 {
			break
		}
		out = append(out, n)
	}
	return out
}

// matches is RE2's search, as CEL's own. A pattern that does not compile is
// refused when the rule is loaded.
func matches(text, pattern string) bool {
	re, err := regexp.Compile(pattern)
	return err == nil && re.MatchString(text)
}
