package django

import (
	"strconv"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// elementsPerStep is how many elements of a built value cost as much as a step.
const elementsPerStep = 8

// eval works out an expression. It never returns nil.
func (i *interpreter) eval(f *frame, n python.Node) *object {
	if i.nesting++; i.nesting > maxNesting {
		i.exhaust("the settings nest too deep")
	}
	defer func() { i.nesting-- }()
	if !n.Exists() || !i.step() {
		return unknown()
	}
	o := i.evaluate(f, n)
	if o.fact == nil {
		named := *o
		named.place = f.place(n, "")
		return &named
	}
	v := o.fact
	// What is built counts as work: a loop that doubles a list takes few steps.
	i.steps += (len(v.Items) + len(v.Entries) + len(v.Text)) / elementsPerStep
	if v.Kind == fact.Unknown && len(v.Missing) == 0 {
		named := *v
		named.Missing = []string{"what `" + spell(n, 3) + "` is"}
		v = &named
	}
	return objectOf(placed(v, f.place(n, "")))
}

func (i *interpreter) evaluate(f *frame, n python.Node) *object {
	switch n.Kind() {
	case python.KindName:
		return i.name(f, n.Text())
	case python.KindAttribute:
		return i.attribute(f, n)
	case python.KindString, python.KindBytes:
		return objectOf(text(n))
	case python.KindNumber:
		return objectOf(number(n.Text()))
	case python.KindTrue:
		return objectOf(fact.Of(true))
	case python.KindFalse:
		return objectOf(fact.Of(false))
	case python.KindNone:
		return objectOf(fact.None())
	case python.KindList, python.KindTuple, python.KindSet:
		return objectOf(i.list(f, n))
	case python.KindDict:
		return objectOf(i.dict(f, n))
	case python.KindFormat:
		return objectOf(i.format(f, n))
	case python.KindBinary:
		return objectOf(i.binary(n.Text(), i.eval(f, n.Child(python.RoleLeft)).value(), i.eval(f, n.Child(python.RoleRight)).value()))
	case python.KindUnary:
		return objectOf(negative(n.Text(), i.eval(f, n.Child(python.RoleValue)).value()))
	case python.KindNot:
		v := i.eval(f, n.Child(python.RoleValue)).value()
		if v.Env != nil && (i.tier == Production || i.tier == Unknown) {
			// "not DEBUG" as a value: production does not run with what it falls back to.
			if t, ok := i.assume(f, n.Child(python.RoleValue)); ok {
				return objectOf(truth(t.Not(), v))
			}
		}
		return objectOf(truth(fact.Truthy(v).Not(), v))
	case python.KindBool:
		return i.boolean(f, n)
	case python.KindCompare:
		return objectOf(i.compare(f, n))
	case python.KindConditional:
		return i.ternary(f, n)
	case python.KindSubscript:
		return i.subscript(f, n)
	case python.KindCall:
		return i.call(f, n)
	case python.KindLambda:
		return &object{function: &function{node: n, defined: f, module: f.namespace}}
	case python.KindWalrus:
		o := i.eval(f, n.Child(python.RoleValue))
		i.assign(f, n.Child(python.RoleTarget), o)
		return o
	case python.KindComprehension:
		return objectOf(i.comprehension(f, n))
	case python.KindSlice:
		return objectOf(fact.Missed("a slice"))
	case python.KindStar, python.KindAwait:
		return i.eval(f, n.Child(python.RoleValue))
	}
	return unknown("what " + spell(n, 2) + " is")
}

func number(source string) *fact.Value {
	source = strings.ReplaceAll(source, "_", "")
	if n, err := strconv.ParseInt(source, 0, 64); err == nil {
		return fact.Of(n)
	}
	if x, err := strconv.ParseFloat(source, 64); err == nil {
		return fact.Of(x)
	}
	return fact.Missed("the number " + source[:min(len(source), 20)])
}

func (i *interpreter) name(f *frame, name string) *object {
	if o := f.lookup(name); o != nil {
		return o
	}
	if len(f.namespace.open) > 0 && !isBuiltin(name) {
		return objectOf(&fact.Value{Missing: f.namespace.open})
	}
	return &object{outside: "builtins." + name}
}

func (i *interpreter) attribute(f *frame, n python.Node) *object {
	object_ := i.eval(f, n.Child(python.RoleObject))
	return i.attributeOf(f, object_, n.Text(), n)
}

func (i *interpreter) attributeOf(f *frame, on *object, name string, n python.Node) *object {
	switch {
	case on.module != nil && name == "__dict__", on.class != nil && name == "__dict__":
		return &object{names: namesIn(on)}
	case on.module != nil:
		return i.member(f, n, on.module, name)
	case on.outside != "":
		return &object{outside: on.outside + "." + name}
	case on.class != nil:
		return i.classAttribute(on, name)
	case on.instance != nil:
		return i.instanceMember(on.instance, name)
	case on.reader != nil:
		return &object{method: &boundMethod{on: on, name: name, target: n.Child(python.RoleObject)}}
	}
	v := on.value()
	if c, _ := i.configOf(v); c != nil {
		return &object{method: &boundMethod{on: on, name: name, target: n.Child(python.RoleObject)}}
	}
	switch {
	case v.Kind == fact.String && (name == "parent" || name == "parents"):
		return objectOf(pathOf(baseDirectory))
	case v.Kind == fact.Object:
		return objectOf(&fact.Value{Kind: fact.Object, Text: v.Text + "()." + name, Env: v.Env})
	}
	return &object{method: &boundMethod{on: on, name: name, target: n.Child(python.RoleObject)}}
}

func (i *interpreter) boolean(f *frame, n python.Node) *object {
	left := i.eval(f, n.Child(python.RoleLeft))
	v := left.value()
	t := fact.Truthy(v)
	if left.fact == nil && (left.outside == "" || strings.HasPrefix(left.outside, "builtins.")) && left.method == nil {
		t = fact.True
	}
	and := n.Text() == "and"
	switch {
	case t == fact.True && and, t == fact.False && !and:
		if v.Env == nil {
			return i.eval(f, n.Child(python.RoleRight))
		}
		right := i.possible(f, n.Child(python.RoleRight), i.guard(f, n.Child(python.RoleLeft)))
		// "os.environ.get(X) or y": y is what it falls back to.
		return objectOf(fallsBack(v, right.value()))
	case t != fact.Undecided:
		if v.Env != nil && i.mayChange(n.Child(python.RoleRight)) {
			// What it falls back to does not lead there, what is set may.
			i.possible(f, n.Child(python.RoleRight), i.guard(f, n.Child(python.RoleLeft)))
		}
		return left
	}
	right := i.possible(f, n.Child(python.RoleRight), i.guard(f, n.Child(python.RoleLeft))).value()
	if v.Env != nil && v.Kind == fact.Unknown && !and {
		return objectOf(fallsBack(v, right))
	}
	guard := i.guard(f, n.Child(python.RoleLeft))
	if and {
		return objectOf(fact.UnionOf(fact.Alternative{Value: right, Guard: guard}, fact.Alternative{Value: v, Guard: negated(guard)}))
	}
	return objectOf(fact.UnionOf(fact.Alternative{Value: v, Guard: guard}, fact.Alternative{Value: right, Guard: negated(guard)}))
}

// possible works out an expression that is not reached in every case.
func (i *interpreter) possible(f *frame, n python.Node, guard string) *object {
	if !i.mayChange(n) {
		return i.eval(f, n)
	}
	var o *object
	i.perhaps(f, guard, func() { o = i.eval(f, n) })
	return o
}

func (i *interpreter) ternary(f *frame, n python.Node) *object {
	test := n.Child(python.RoleTest)
	switch i.decide(f, test) {
	case fact.True:
		return i.eval(f, n.Child(python.RoleValue))
	case fact.False:
		return i.eval(f, n.Child(python.RoleElse))
	}
	guard := i.guard(f, test)
	var then, other *object
	way := func(part python.Role, holds fact.Tri, o **object) func() flow {
		return func() flow {
			undo := i.narrow(f, test, holds)
			defer undo()
			*o = i.eval(f, n.Child(part))
			return flowOn
		}
	}
	i.either(f, guard, python.Node{}, way(python.RoleValue, fact.True, &then), way(python.RoleElse, fact.False, &other))
	return joined(then, other, guard)
}

func (i *interpreter) format(f *frame, n python.Node) *fact.Value {
	out := fact.Of("")
	for part := range n.All(python.RolePart) {
		out = joinText(out, i.eval(f, part).value())
	}
	return out
}
