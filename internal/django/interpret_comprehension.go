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
			over := i.eval(f, c.Child(python.RoleIter)).value()
			if over.Kind != fact.Union || !i.mayChange(n) {
				return mapped(over, func(over *fact.Value) *fact.Value { return i.comprehensionOver(f, n, over) })
			}
			// It yields one of several lists, but what it changes on the way is done for
			// one of them only.
			from := i.journal.fork()
			v := mapped(over, func(over *fact.Value) *fact.Value { return i.comprehensionOver(f, n, over) })
			i.journal.undo(from)
			i.journal.end(from)
			i.comprehensionOver(f, n, lost(over))
			return v
		}
	}
	return lost()
}

func (i *interpreter) comprehensionOver(f *frame, n python.Node, over *fact.Value) *fact.Value {
	inner := &frame{namespace: f.namespace, vars: i.journal.variables(), outer: f, function: f.function}
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
	g := generator{frame: inner, dict: out.Kind == fact.Dict, yield: func(perhaps string) {
		if len(out.Items)+len(out.Entries) >= maxElements {
			out.Open = true
			return
		}
		if out.Kind == fact.Dict {
			key, v := asKey(i.eval(inner, element.Child(python.RoleKey)).value()), i.eval(inner, element.Child(python.RoleValue)).value()
			if perhaps != "" && key.Kind == fact.String {
				before := unset()
				if held := out.Get(key.Text); held != nil {
					before = held
				}
				v = unionOf(fact.Alternative{Value: v, Guard: perhaps}, fact.Alternative{Value: before, Guard: negated(perhaps)})
			}
			out = withEntry(out, key, v)
			return
		}
		out.Items = append(out.Items, i.eval(inner, element).value())
	}}
	if i.mayChange(n) {
		g.changes = func() {
			for _, part := range []python.Node{element, element.Child(python.RoleKey), element.Child(python.RoleValue)} {
				if part.Exists() && !part.Is(python.KindPair) {
					i.eval(inner, part)
				}
			}
		}
	}
	if !i.generate(g, clauses, over) {
		open := *out
		open.Open, open.Missing = true, []string{"what " + spell(clauses[0].Child(python.RoleIter), 2) + " holds"}
		out = &open
	}
	if n.Text() == "set" {
		out = distinct(out)
	}
	for _, c := range clauses {
		// What the environment holds is gone over as its fallback is.
		if v := i.eval(inner, c.Child(python.RoleIter)).value(); v.Env != nil && out.Env == nil {
			out = derived(out, v)
		}
	}
	return out
}

// generator is what a comprehension does in each round.
type generator struct {
	frame *frame
	// yield takes an element; perhaps is the condition on which it is there, if
	// nobody decides that.
	yield func(perhaps string)
	// dict is true where that can be told of an element.
	dict    bool
	perhaps string
	// changes runs a round for what it changes besides, nil if it changes nothing.
	changes func()
}

// generate yields for each round of the clauses, and reports false when one goes
// over what is not known.
func (i *interpreter) generate(g generator, clauses []python.Node, over *fact.Value) bool {
	if len(clauses) == 0 {
		g.yield(g.perhaps)
		return true
	}
	clause := clauses[0]
	if over == nil {
		over = i.eval(g.frame, clause.Child(python.RoleIter)).value()
	}
	items, ok := elementsOf(over)
	if !ok || len(items) > maxElements {
		i.generateAny(g, clauses, over)
		return false
	}
	for _, item := range items {
		if !i.step() {
			return false
		}
		i.assign(g.frame, clause.Child(python.RoleTarget), objectOf(item))
		keep, inner := fact.True, g
		for test := range clause.All(python.RoleTest) {
			holds := i.decide(g.frame, test)
			if holds == fact.Undecided && g.dict && inner.perhaps == "" {
				holds, inner.perhaps = fact.True, i.guard(g.frame, test)
			}
			keep = keep.And(holds)
		}
		all := keep == fact.False
		switch {
		case keep == fact.True && inner.perhaps != g.perhaps:
			i.perhaps(g.frame, inner.perhaps, func() { all = i.generate(inner, clauses[1:], nil) })
		case keep == fact.True:
			all = i.generate(g, clauses[1:], nil)
		}
		if all {
			continue
		}
		i.generateAny(g, clauses, over)
		return false
	}
	return true
}

// generateAny runs any number of rounds for what they change.
func (i *interpreter) generateAny(g generator, clauses []python.Node, over *fact.Value) {
	if g.changes == nil {
		return
	}
	words := "`for " + spell(clauses[0].Child(python.RoleTarget), 3) + " in " + spell(clauses[0].Child(python.RoleIter), 4) + "`"
	i.repeat(g.frame, words, func() bool {
		for at, c := range clauses {
			element := lost(over)
			if at > 0 {
				element = lost(i.eval(g.frame, c.Child(python.RoleIter)).value())
			}
			i.assign(g.frame, c.Child(python.RoleTarget), objectOf(element))
			for test := range c.All(python.RoleTest) {
				i.decide(g.frame, test)
			}
		}
		g.changes()
		return true
	})
}

// mayChange reports whether an expression may do more than have a value.
func (i *interpreter) mayChange(n python.Node) bool {
	switch n.Kind() {
	case python.KindWalrus:
		return true
	case python.KindCall:
		if fn := n.Child(python.RoleFunction); !fn.Is(python.KindName) || !isBuiltin(fn.Text()) || fn.Text() == "setattr" || fn.Text() == "exec" {
			return true
		}
	case python.KindLambda:
		return false
	}
	for c := range n.Children() {
		if i.step() && i.mayChange(c) {
			return true
		}
	}
	return false
}
