package rule

import (
	"strconv"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"

	"github.com/lintel-bot/lintel/internal/fact"
)

// questions are the functions of ours that ask how a value is given.
func questions() map[string]operation {
	return map[string]operation{
		"isSet": question(func(f *fact.Value) fact.Tri {
			switch {
			case f == nil || f.Default:
				return fact.False
			case f.Kind == fact.Null && len(f.Places) == 0:
				return fact.False
			case f.Kind == fact.Unknown && (f.Open || len(f.Places) == 0 && f.Env == nil):
				return fact.Undecided
			}
			return fact.True
		}),
		"fromEnv":  question(func(f *fact.Value) fact.Tri { return given(f, f != nil && f.Env != nil) }),
		"required": question(func(f *fact.Value) fact.Tri { return given(f, f != nil && f.Env != nil && f.Kind == fact.Unknown) }),
		"guarded":  question(func(f *fact.Value) fact.Tri { return given(f, f != nil && f.Env != nil && f.Env.Guarded) }),
		"isLiteral": question(func(f *fact.Value) fact.Tri {
			switch {
			case f == nil || f.Default || f.Kind == fact.Null && len(f.Places) == 0, f.Kind == fact.Object:
				return fact.False
			case f.Kind == fact.Unknown:
				return given(f, false)
			}
			return fact.True
		}),
		"isSecret": question(func(f *fact.Value) fact.Tri { return given(f, f != nil && f.Secret != nil) }),
		"weak":     question(func(f *fact.Value) fact.Tri { return given(f, f != nil && weak(f)) }),
		"truthy":   question(fact.Truthy),

		"env": answer(func(f *fact.Value) string {
			if f.Env == nil || len(f.Env.Names) == 0 {
				return ""
			}
			return f.Env.Names[0]
		}),
		"cast": answer(func(f *fact.Value) string {
			if f.Env == nil {
				return ""
			}
			return f.Env.Cast
		}),
		"callee": answer(func(f *fact.Value) string {
			if f.Kind != fact.Object {
				return ""
			}
			return f.Text
		}),
		"prefix": answer(func(f *fact.Value) string {
			if f.Secret == nil {
				return ""
			}
			return f.Secret.Prefix
		}),
		"kind": func(m *missing, args []ref.Val) ref.Val {
			return m.value(fact.Map(toFact(args[0]), func(f *fact.Value) *fact.Value {
				if name := kindName(f); name != "" {
					return fact.Of(name)
				}
				return m.missed(f)
			}))
		},
		"seconds":  func(m *missing, args []ref.Val) ref.Val { return m.value(fact.Map(toFact(args[0]), seconds)) },
		"path":     func(m *missing, args []ref.Val) ref.Val { return m.value(fact.Map(toFact(args[0]), pathText)) },
		"length":   count(size),
		"distinct": count(distinct),

		"show": func(_ *missing, args []ref.Val) ref.Val { return types.String(fact.Show(toFact(args[0]))) },
		"some": func(m *missing, args []ref.Val) ref.Val {
			f := flat(spread(toFact(args[0])))
			list := fact.ListOf(f)
			if f != nil && f.Kind == fact.Union {
				list.Items = nil
				for _, a := range f.Alternatives {
					list.Items = append(list.Items, a.Value)
				}
			}
			return m.value(list)
		},
		"before": func(m *missing, args []ref.Val) ref.Val {
			f, first, second := toFact(args[0]), toFact(args[1]), toFact(args[2])
			return m.tri(fact.Each(spread(f), func(f *fact.Value) fact.Tri { return before(f, first, second) }), f)
		},
		"version": func(m *missing, args []ref.Val) ref.Val {
			f := toFact(args[0])
			holds := versionOperator(toFact(args[1]).Text)
			wanted := versionParts(toFact(args[2]).Text)
			return m.tri(fact.Each(f, func(f *fact.Value) fact.Tri {
				if f == nil || f.Kind != fact.String || len(versionParts(f.Text)) == 0 {
					return fact.Undecided
				}
				return fact.TriOf(holds(compareVersions(versionParts(f.Text), wanted)))
			}), f)
		},
	}
}

// before reports whether a list has one element somewhere ahead of another.
func before(list, first, second *fact.Value) fact.Tri {
	switch {
	case list == nil || list.Kind != fact.List && list.Kind != fact.Unknown:
		return fact.False
	case list.Kind == fact.Unknown:
		return fact.Undecided
	}
	seen, ordered := fact.False, fact.TriOf(false)
	if list.Open {
		ordered = fact.Undecided
	}
	for _, item := range list.Items {
		ordered = ordered.Or(seen.And(fact.Equal(item, second)))
		seen = seen.Or(fact.Equal(item, first))
	}
	return ordered
}

// question asks every way in which a value may be given.
func question(ask func(*fact.Value) fact.Tri) operation {
	return func(m *missing, args []ref.Val) ref.Val {
		f := toFact(args[0])
		return m.tri(fact.Each(spread(f), ask), f)
	}
}

// answer is a text about a value that somebody gave; of one that is not known
// and not read from the environment it is not known either.
func answer(ask func(*fact.Value) string) operation {
	return func(m *missing, args []ref.Val) ref.Val {
		return m.value(fact.Map(spread(toFact(args[0])), func(f *fact.Value) *fact.Value {
			switch {
			case f == nil:
				return fact.Of("")
			case f.Kind == fact.Unknown && f.Env == nil:
				return m.missed(f)
			}
			return fact.Of(ask(f))
		}))
	}
}

// given is yes or no for a value of which is known how it is given.
func given(f *fact.Value, answer bool) fact.Tri {
	if f != nil && f.Kind == fact.Unknown && f.Env == nil {
		return fact.Undecided
	}
	return fact.TriOf(answer)
}

// spread says of each alternative of a union that is a fallback that it is one.
func spread(f *fact.Value) *fact.Value {
	if f == nil || f.Kind != fact.Union || f.Env == nil {
		return f
	}
	out := *f
	out.Alternatives = nil
	for _, a := range f.Alternatives {
		if a.Value != nil && a.Value.Env == nil {
			v := *a.Value
			v.Env = f.Env
			a.Value = &v
		}
		out.Alternatives = append(out.Alternatives, a)
	}
	return &out
}

// fewCharacters is how many different characters a text has that nobody drew at
// random.
const fewCharacters = 5

// weak reports whether a secret is a well-known or placeholder-like word, and
// whether another text would be one.
func weak(f *fact.Value) bool {
	switch {
	case f.Secret != nil:
		return f.Secret.Weak
	case f.Kind != fact.String:
		return false
	}
	text := strings.ToLower(f.Text)
	for _, word := range []string{"change", "secret", "password", "insecure", "example", "default", "dummy", "replace", "todo", "xxx"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	n, _ := distinct(f)
	return n < fewCharacters
}

// distinct counts the different characters of a text.
func distinct(f *fact.Value) (n int, known bool) {
	switch {
	case f == nil || f.Kind == fact.Null:
		return 0, true
	case f.Kind == fact.Unknown || f.Kind == fact.Object:
		return 0, false
	case f.Secret != nil:
		return f.Secret.Distinct, true
	case f.Kind != fact.String:
		return -1, true
	}
	seen := make(map[rune]bool)
	for _, r := range f.Text {
		seen[r] = true
	}
	return len(seen), true
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

// versionOperator returns when an operator of version() holds, or nil.
func versionOperator(name string) func(sign int) bool {
	switch name {
	case "<":
		return func(sign int) bool { return sign < 0 }
	case "<=":
		return func(sign int) bool { return sign <= 0 }
	case ">":
		return func(sign int) bool { return sign > 0 }
	case ">=":
		return func(sign int) bool { return sign >= 0 }
	case "==":
		return func(sign int) bool { return sign == 0 }
	}
	return nil
}

// compareVersions compares as many parts as the wanted version has, so that
// 4.2.1 is "4.2".
func compareVersions(found, wanted []int) int {
	for i, want := range wanted {
		have := 0
		if i < len(found) {
			have = found[i]
		}
		switch {
		case have < want:
			return -1
		case have > want:
			return 1
		}
	}
	return 0
}

// versionParts returns the dotted numbers that a version begins with.
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
