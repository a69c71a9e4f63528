package django

import (
	"maps"
	"slices"
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
	// flowLeft: break or continue.
	flowLeft
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
		i.forget(f, n, "a while loop")
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
		if f.globals == nil {
			f.globals = make(map[string]bool)
		}
		for name := range n.All(python.RoleTarget) {
			f.globals[name.Text()] = true
		}
	case python.KindMatch:
		return i.match(f, n)
	case python.KindJump:
		if n.Text() != "pass" {
			return flowLeft
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

func (i *interpreter) assignment(f *frame, n python.Node) {
	value := n.Child(python.RoleValue)
	if !value.Exists() {
		return
	}
	o := i.eval(f, value)
	for target := range n.All(python.RoleTarget) {
		i.assign(f, target, o)
		if target.Is(python.KindName) && value.Is(python.KindName, python.KindSubscript, python.KindAttribute) {
			f.shares(target.Text(), alias{frame: f, node: value})
		}
	}
}

// assign binds what a target spells.
func (i *interpreter) assign(f *frame, target python.Node, o *object) {
	switch target.Kind() {
	case python.KindName:
		if o.fact != nil {
			o = objectOf(through(o.fact, f.place(target, target.Text())))
		}
		f.set(target.Text(), o)
	case python.KindTuple, python.KindList:
		i.unpack(f, target, o)
	case python.KindSubscript, python.KindAttribute:
		i.store(f, target, o.value())
	case python.KindStar:
		i.assign(f, target.Child(python.RoleValue), unknown("what a star takes"))
	}
}

func (i *interpreter) unpack(f *frame, target python.Node, o *object) {
	v := o.value()
	if ways := column(v); ways != nil {
		v = ways
	}
	at := 0
	elements := slices.Collect(target.All(python.RoleElement))
	for _, element := range elements {
		if rest := len(v.Items) - len(elements) + 1; element.Is(python.KindStar) && v.Kind == fact.List && !v.Open && rest >= 0 {
			i.assign(f, element.Child(python.RoleValue), objectOf(&fact.Value{Kind: fact.List, Items: v.Items[at : at+rest], Env: v.Env}))
			at += rest
			continue
		}
		if element.Is(python.KindStar) || v.Kind != fact.List || v.Open || at >= len(v.Items) {
			i.assign(f, element, objectOf(lost(v)))
		} else {
			i.assign(f, element, objectOf(v.Items[at]))
		}
		at++
	}
}

// store changes an entry of a dict or list that a name holds: X["a"]["b"] = v.
// The name is bound to a changed copy.
func (i *interpreter) store(f *frame, target python.Node, v *fact.Value) {
	container := target.Child(python.RoleObject)
	if target.Is(python.KindAttribute) {
		switch o := i.eval(f, container); {
		case o.module != nil:
			o.module.set(target.Text(), objectOf(v))
		case o.instance != nil:
			o.instance.setMember(target.Text(), v)
		case o.class != nil:
			o.class.vars[target.Text()] = objectOf(v)
			if !slices.Contains(o.class.order, target.Text()) {
				o.class.order = append(o.class.order, target.Text())
			}
		}
		return
	}
	before := i.eval(f, container).value()
	if target.Child(python.RoleIndex).Is(python.KindSlice) {
		if before.Kind == fact.List {
			// X[0:0] = [...]: more elements, or others.
			before = concatenated(before, lost(v)).At(before.Places...)
		} else {
			before = lost(before)
		}
		i.rebind(f, container, before, target)
		return
	}
	key := asKeyFor(before, i.eval(f, target.Child(python.RoleIndex)).value())
	if before.Kind != fact.Union {
		i.rebind(f, container, withEntry(before, key, v), target)
		return
	}
	i.update(f, container, target, func(c *fact.Value) *fact.Value { return withEntry(c, key, v) })
}

// rebind puts a changed copy in the place of what an expression holds.
func (i *interpreter) rebind(f *frame, container python.Node, v *fact.Value, at python.Node) {
	switch container.Kind() {
	case python.KindName:
		i.changed(f, container.Text(), v, at)
	case python.KindSubscript:
		i.store(f, container, v)
	case python.KindAttribute:
		i.store(f, container, v)
	case python.KindCall:
		if fn := container.Child(python.RoleFunction); fn.Is(python.KindAttribute) && (fn.Text() == "setdefault" || fn.Text() == "get") {
			// X.setdefault("k", {})["a"] = v
			key := i.eval(f, container.Child(python.RoleArgument)).value()
			holder := fn.Child(python.RoleObject)
			i.rebind(f, holder, withEntry(i.eval(f, holder).value(), asKey(key), v), at)
			return
		}
		// globals()["X"] = v, locals()["X"] = v, vars()["X"] = v
		if name := container.Child(python.RoleFunction).Text(); name == "globals" || name == "locals" || name == "vars" {
			i.inject(f, v, at)
		}
	}
}

// inject sets names from a dict.
func (i *interpreter) inject(f *frame, v *fact.Value, at python.Node) {
	if v.Kind != fact.Dict {
		i.overridden(f, "what updates the settings")
		return
	}
	for _, e := range v.Entries {
		f.namespace.set(e.Key, objectOf(placed(e.Value, f.place(at, e.Key))))
	}
	if v.Open {
		i.overridden(f, "what updates the settings")
	}
}

// withEntry returns a container with a changed entry.
func withEntry(v, key, entry *fact.Value) *fact.Value {
	return fact.Map(v, func(v *fact.Value) *fact.Value {
		switch {
		case v == nil || v.Kind == fact.Unknown || v.Kind == fact.Object:
			if key.Kind == fact.String && key.Secret == nil && v != nil {
				return &fact.Value{
					Kind: fact.Dict, Open: true, Missing: append([]string{}, lost(v).Missing...), Places: v.Places, Env: v.Env,
					Entries: []fact.Entry{{Key: key.Text, Value: entry}},
				}
			}
			return lost(v)
		case v.Kind == fact.Dict && key.Kind == fact.String && key.Secret == nil:
			out := *v
			out.Entries = slices.Clone(v.Entries)
			for at := range out.Entries {
				if out.Entries[at].Key == key.Text {
					out.Entries[at].Value = entry
					return &out
				}
			}
			if len(out.Entries) < maxElements {
				out.Entries = append(out.Entries, fact.Entry{Key: key.Text, Value: entry})
			}
			return &out
		case v.Kind == fact.Dict:
			out := *v
			out.Open, out.Missing = true, append(slices.Clip(v.Missing), fact.Undecidedness(key)...)
			return &out
		case v.Kind == fact.List && key.Kind == fact.Int && !v.Open:
			at := int(key.Int)
			if at < 0 {
				at += len(v.Items)
			}
			if at >= 0 && at < len(v.Items) {
				out := *v
				out.Items = slices.Clone(v.Items)
				out.Items[at] = entry
				return &out
			}
		}
		return lost(v, key)
	})
}

func (i *interpreter) delete(f *frame, target python.Node) {
	switch target.Kind() {
	case python.KindName:
		delete(f.vars, target.Text())
		if f.outer == nil {
			delete(f.namespace.vars, target.Text())
		}
	case python.KindSubscript:
		container := target.Child(python.RoleObject)
		key := i.eval(f, target.Child(python.RoleIndex)).value()
		i.rebind(f, container, withoutEntry(i.eval(f, container).value(), key), target)
	case python.KindTuple:
		for element := range target.All(python.RoleElement) {
			i.delete(f, element)
		}
	}
}

func withoutEntry(v, key *fact.Value) *fact.Value {
	return fact.Map(v, func(v *fact.Value) *fact.Value {
		if v == nil || v.Kind != fact.Dict || key.Kind != fact.String {
			return lost(v, key)
		}
		out := *v
		out.Entries = slices.DeleteFunc(slices.Clone(v.Entries), func(e fact.Entry) bool { return e.Key == key.Text })
		return &out
	})
}

func (i *interpreter) augmented(f *frame, n python.Node) {
	target := n.Child(python.RoleTarget)
	right := i.eval(f, n.Child(python.RoleValue)).value()
	left := i.eval(f, target).value()
	v := i.binary(n.Text(), left, right)
	if len(v.Places) == 0 {
		c := *v
		c.Places = append(slices.Clip(left.Places), f.place(n, target.Dotted()))
		v = &c
	}
	switch target.Kind() {
	case python.KindName:
		if left.Kind == fact.List || left.Kind == fact.Dict {
			i.changed(f, target.Text(), v, n)
			return
		}
		f.set(target.Text(), objectOf(v))
	case python.KindSubscript, python.KindAttribute:
		if left.Kind == fact.Union {
			i.update(f, target, n, func(left *fact.Value) *fact.Value { return i.binary(n.Text(), left, right) })
			return
		}
		i.store(f, target, v)
	}
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

// loop unrolls a for over known elements; what it changes otherwise is lost.
func (i *interpreter) loop(f *frame, n python.Node) flow {
	over := i.eval(f, n.Child(python.RoleIter)).value()
	items, ok := elementsOf(over)
	if !ok || len(items) > maxUnrolled {
		i.forget(f, n, "a loop")
		return flowOn
	}
	for at, item := range items {
		i.assign(f, n.Child(python.RoleTarget), objectOf(item))
		i.sharesElement(f, n.Child(python.RoleTarget), n.Child(python.RoleIter), at)
		switch end := i.block(f, n, python.RoleBody); end {
		case flowRaised, flowReturned:
			return end
		}
	}
	return i.block(f, n, python.RoleElse)
}

// elementsOf returns what a value yields when it is gone over, if that is known.
func elementsOf(v *fact.Value) ([]*fact.Value, bool) {
	switch {
	case v == nil || v.Open:
		return nil, false
	case v.Kind == fact.List:
		return v.Items, true
	case v.Kind == fact.Dict:
		var keys []*fact.Value
		for _, e := range v.Entries {
			keys = append(keys, fact.Of(e.Key))
		}
		return keys, true
	}
	return nil, false
}

// forget makes what a block assigns unknown.
func (i *interpreter) forget(f *frame, n python.Node, why string) {
	for c := range n.Children() {
		switch c.Kind() {
		case python.KindAssign, python.KindAugAssign:
			for target := range c.All(python.RoleTarget) {
				root := target
				for root.Is(python.KindSubscript, python.KindAttribute) {
					root = root.Child(python.RoleObject)
				}
				if root.Is(python.KindName) {
					f.set(root.Text(), unknown("what "+why+" makes of "+root.Text()))
				}
			}
		case python.KindFunction, python.KindClass, python.KindLambda:
		default:
			if i.step() {
				i.forget(f, c, why)
			}
		}
	}
}

func (i *interpreter) assert(f *frame, n python.Node) flow {
	test := n.Child(python.RoleTest)
	if i.decide(f, test) == fact.False {
		return flowRaised
	}
	i.failClosed(f, test, fact.False)
	return flowOn
}

// snapshot and restore let a branch run without being meant.
func (f *frame) snapshot() map[string]*object { return maps.Clone(f.vars) }

func (f *frame) restore(vars map[string]*object) {
	clear(f.vars)
	maps.Copy(f.vars, vars)
}
