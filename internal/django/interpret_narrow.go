package django

import (
	"maps"
	"slices"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// branch runs one way of an if with what its condition then says: that a
// variable is set.
func (i *interpreter) branch(f *frame, n python.Node, role python.Role, holds fact.Tri) flow {
	undo := i.narrow(f, n.Child(python.RoleTest), holds)
	defer undo()
	return i.block(f, n, role)
}

// narrow takes the variables for set that are so where a condition has a truth
// value, until undo is called. Within "if REDIS_URL:" it is not the empty text
// that the code falls back to elsewhere.
func (i *interpreter) narrow(f *frame, test python.Node, holds fact.Tri) (undo func()) {
	names := i.setBy(f, test, holds)
	if len(names) == 0 {
		return func() {}
	}
	before := make(map[string]*object)
	during := make(map[string]*object)
	for _, name := range slices.Sorted(maps.Keys(f.vars.named)) {
		o := f.vars.named[name]
		if o.fact == nil || o.fact.Env == nil || !slices.Contains(names, o.fact.Env.Names[0]) || fact.Truthy(o.fact) != fact.False || o.fact.Kind == fact.Int {
			continue
		}
		set := &fact.Value{Env: o.fact.Env, Places: o.fact.Places, Missing: []string{"environment variable " + o.fact.Env.Names[0]}}
		if o.fact.Kind == fact.Bool {
			set.Kind, set.Bool, set.Missing = fact.Bool, true, nil
		}
		before[name], during[name] = o, objectOf(set)
		f.vars.set(name, during[name])
	}
	for _, name := range names {
		i.given[name]++
	}
	return func() {
		for _, name := range names {
			i.given[name]--
		}
		for name, o := range before {
			if f.vars.named[name] == during[name] {
				f.vars.set(name, o)
			}
		}
	}
}

// setBy returns the variables that are set where a condition has a truth value.
func (i *interpreter) setBy(f *frame, test python.Node, holds fact.Tri) []string {
	switch test.Kind() {
	case python.KindNot:
		return i.setBy(f, test.Child(python.RoleValue), holds.Not())
	case python.KindBool:
		if (test.Text() == "and") != (holds == fact.True) {
			return nil
		}
		return append(i.setBy(f, test.Child(python.RoleLeft), holds), i.setBy(f, test.Child(python.RoleRight), holds)...)
	case python.KindCompare:
		operands := slices.Collect(test.All(python.RoleOperand))
		if len(operands) != 2 {
			return nil
		}
		negative := test.Text() == "!=" || test.Text() == "is not"
		switch {
		case test.Text() == "in" && holds == fact.True && operands[0].Is(python.KindString) && operands[1].Dotted() == "os.environ":
			return []string{operands[0].Text()}
		case (negative || test.Text() == "==" || test.Text() == "is") && negative == (holds == fact.True) &&
			(operands[1].Is(python.KindNone) || operands[1].Is(python.KindString) && operands[1].Text() == ""):
			return i.setBy(f, operands[0], fact.True)
		}
	case python.KindName, python.KindCall:
		if v := i.eval(f, test).value(); holds == fact.True && v.Env != nil && len(v.Env.Names) == 1 && fact.Truthy(v) == fact.False {
			return v.Env.Names
		}
	}
	return nil
}

// fallsBack is "read or other": what a variable holds, or else the other.
func fallsBack(read, other *fact.Value) *fact.Value {
	env := *read.Env
	if other.Env != nil {
		env.Names = append(slices.Clip(env.Names), other.Env.Names...)
		env.Guarded = other.Env.Guarded
	}
	return readAs(other, &env)
}
