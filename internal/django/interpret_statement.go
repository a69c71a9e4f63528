package django

import (
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// flow says how a block ended.
type flow uint8

const (
	// flowOn: the statement after it runs.
	flowOn flow = iota
	// flowRaised: nothing after it runs, the process refuses to.
	flowRaised
	// flowReturned: a function returned.
	flowReturned
	// flowBroke and flowContinued: a loop was left, or the round of one.
	flowBroke
	flowContinued
)

// block runs the children of a node that have a role.
func (i *interpreter) block(f *frame, n python.Node, role python.Role) flow {
	if i.nesting++; i.nesting > maxNesting {
		i.exhaust("the settings nest too deep")
	}
	defer func() { i.nesting-- }()
	for s := range n.All(role) {
		if !i.step() {
			return flowRaised
		}
		if end := i.statement(f, s); end != flowOn {
			return end
		}
	}
	return flowOn
}

func (i *interpreter) statement(f *frame, n python.Node) flow {
	switch n.Kind() {
	case python.KindImport:
		i.importModule(f, n)
	case python.KindFromImport:
		return i.importFrom(f, n)
	case python.KindAssign:
		i.assignment(f, n)
	case python.KindAugAssign:
		i.augmented(f, n)
	case python.KindExpression:
		return i.expressionStatement(f, n.Child(python.RoleValue))
	case python.KindIf:
		return i.conditional(f, n)
	case python.KindTry:
		return i.try(f, n)
	case python.KindFor:
		return i.loop(f, n)
	case python.KindWhile:
		return i.while(f, n)
	case python.KindWith:
		for item := range n.All(python.RoleItem) {
			v := i.eval(f, item.Child(python.RoleValue))
			if target := item.Child(python.RoleTarget); target.Exists() {
				i.assign(f, target, v)
			}
		}
		return i.block(f, n, python.RoleBody)
	case python.KindFunction:
		f.set(n.Text(), &object{function: &function{node: n, defined: f, module: f.namespace}})
	case python.KindClass:
		f.set(n.Text(), &object{class: i.define(f, n)})
	case python.KindReturn:
		i.returns(f, n)
		return flowReturned
	case python.KindRaise:
		return flowRaised
	case python.KindAssert:
		return i.assert(f, n)
	case python.KindDelete:
		for target := range n.All(python.RoleTarget) {
			i.delete(f, target)
		}
	case python.KindScope:
		names := &f.globals
		if n.Text() == "nonlocal" {
			names = &f.nonlocals
		}
		if *names == nil {
			*names = make(map[string]bool)
		}
		for name := range n.All(python.RoleTarget) {
			(*names)[name.Text()] = true
		}
	case python.KindMatch:
		return i.match(f, n)
	case python.KindJump:
		switch n.Text() {
		case "break":
			return flowBroke
		case "continue":
			return flowContinued
		}
	}
	return flowOn
}

func (i *interpreter) returns(f *frame, n python.Node) {
	o := objectOf(fact.None())
	if v := n.Child(python.RoleValue); v.Exists() {
		o = i.eval(f, v)
	}
	f.kept = o
	f.returned = append(f.returned, fact.Alternative{Value: o.value(), Guard: strings.Join(f.guards, " and ")})
}

// expressionStatement runs a call for what it changes.
func (i *interpreter) expressionStatement(f *frame, n python.Node) flow {
	if n.Is(python.KindCall) {
		if exits(n.Child(python.RoleFunction).Dotted()) {
			return flowRaised
		}
		if i.loadsSettings(f, n) {
			return flowOn
		}
	}
	i.refused = false
	i.eval(f, n)
	if n.Is(python.KindCall) && i.refused {
		i.refused = false
		return flowRaised
	}
	return flowOn
}

// exits reports whether a function ends the process.
func exits(name string) bool {
	return name == "sys.exit" || name == "exit" || name == "quit" || name == "os._exit"
}

// loadsSettings handles Settings.load_settings(__name__): a class of the
// project's own puts its attributes into the module.
func (i *interpreter) loadsSettings(f *frame, n python.Node) bool {
	fn := n.Child(python.RoleFunction)
	named := false
	for a := range n.All(python.RoleArgument) {
		named = named || a.Dotted() == "__name__"
	}
	if !named || !fn.Is(python.KindAttribute) {
		return false
	}
	o := i.eval(f, fn.Child(python.RoleObject))
	c := o.class
	if c == nil && o.instance != nil {
		c = o.instance.class
	}
	if c == nil {
		return false
	}
	for _, e := range i.classSettings(c, &fact.Value{Kind: fact.Dict}).Entries {
		f.namespace.set(e.Key, objectOf(through(e.Value, f.place(n, e.Key))))
	}
	return true
}

func (i *interpreter) assert(f *frame, n python.Node) flow {
	test := n.Child(python.RoleTest)
	if i.decide(f, test) == fact.False {
		return flowRaised
	}
	i.failClosed(f, test, fact.False)
	return flowOn
}
