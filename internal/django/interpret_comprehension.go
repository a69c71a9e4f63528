package django

import (
	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// comprehension works out one over known elements, in a frame of its own; over
// one of several lists it is one of several, too.
func (i *interpreter) comprehension(f *frame, n python.Node) *fact.Value {
	for c := range n.All(python.RolePart) {
		if c.Is(python.KindForClause) {
			return mapped(i.eval(f, c.Child(python.RoleIter)).value(), func(over *fact.Value) *fact.Value {
				return i.comprehensionOver(f, n, over)
			})
		}
	}
	return lost()
}

func (i *interpreter) comprehensionOver(f *frame, n python.Node, over *fact.Value) *fact.Value {
	inner := &frame{namespace: f.namespace, vars: make(map[string]*object), outer: f, function: f.function}
	out := &fact.Value{Kind: fact.List}
	if n.Text() == "dict" {
		out.Kind = fact.Dict
	}
	var clauses []python.Node
	for c := range n.All(python.RolePart) {
		if c.Is(python.KindForClause) {
			clauses = append(clauses, c)
		}
	}
	element := n.Child(python.RoleElement)
	if !i.generate(inner, clauses, over, func() {
		if len(out.Items)+len(out.Entries) >= maxElements {
			out.Open = true
			return
		}
		if out.Kind == fact.Dict {
			out = withEntry(out, asKey(i.eval(inner, element.Child(python.RoleKey)).value()), i.eval(inner, element.Child(python.RoleValue)).value())
			return
		}
		out.Items = append(out.Items, i.eval(inner, element).value())
	}) {
		open := *out
		open.Open, open.Missing = true, []string{"what " + spell(clauses[0].Child(python.RoleIter), 2) + " holds"}
		out = &open
	}
	for _, c := range clauses {
		// What the environment holds is gone over as its fallback is.
		if v := i.eval(inner, c.Child(python.RoleIter)).value(); v.Env != nil && out.Env == nil {
			out = derived(out, v)
		}
	}
	return out
}

// generate calls yield for each round of the clauses, and reports false when
// one goes over what is not known.
func (i *interpreter) generate(f *frame, clauses []python.Node, over *fact.Value, yield func()) bool {
	if len(clauses) == 0 {
		yield()
		return true
	}
	if over == nil {
		over = i.eval(f, clauses[0].Child(python.RoleIter)).value()
	}
	items, ok := elementsOf(over)
	if !ok || len(items) > maxElements {
		return false
	}
	for _, item := range items {
		if !i.step() {
			return false
		}
		i.assign(f, clauses[0].Child(python.RoleTarget), objectOf(item))
		keep := fact.True
		for test := range clauses[0].All(python.RoleTest) {
			keep = keep.And(i.decide(f, test))
		}
		switch keep {
		case fact.Undecided:
			return false
		case fact.True:
			if !i.generate(f, clauses[1:], nil, yield) {
				return false
			}
		}
	}
	return true
}
