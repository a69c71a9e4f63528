package django

import (
	"slices"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

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
