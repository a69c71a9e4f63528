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
	first := n.Child(python.RoleTarget)
	for target := range n.All(python.RoleTarget) {
		i.assign(f, target, o)
		if target.Is(python.KindName) && value.Is(python.KindName, python.KindSubscript, python.KindAttribute) {
			f.shares(target.Text(), alias{frame: f, node: value})
		} else if target != first && target.Is(python.KindName) && first.Is(python.KindName) {
			f.shares(target.Text(), alias{frame: f, node: first})
		}
	}
}

// assign binds what a target spells.
func (i *interpreter) assign(f *frame, target python.Node, o *object) {
	switch target.Kind() {
	case python.KindName:
		if o.fact != nil {
			v := through(o.fact, f.place(target, target.Text()))
			i.named(o.fact, v)
			o = objectOf(v)
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
			i.assign(f, element, objectOf(partOf(v, v.Items[at])))
		}
		at++
	}
}

// store changes an entry of a dict or list that a name holds: X["a"]["b"] = v.
// The name is bound to a changed copy.
func (i *interpreter) store(f *frame, target python.Node, v *fact.Value) {
	container := target.Child(python.RoleObject)
	i.held(v)
	if target.Is(python.KindAttribute) {
		switch o := i.eval(f, container); {
		case o.module != nil:
			o.module.set(target.Text(), objectOf(v))
		case o.instance != nil:
			o.instance.vars.set(target.Text(), objectOf(v))
		case o.class != nil:
			o.class.vars.set(target.Text(), objectOf(v))
		}
		return
	}
	holder := i.eval(f, container)
	if holder.names != nil {
		if index := target.Child(python.RoleIndex); !index.Is(python.KindSlice) {
			i.setName(holder.names, i.eval(f, index).value(), v, f.place(target, ""))
		}
		return
	}
	before := holder.value()
	if target.Child(python.RoleIndex).Is(python.KindSlice) {
		if before.Kind == fact.Union {
			i.update(f, container, target, func(c *fact.Value) *fact.Value { return i.spliced(f, c, v, target.Child(python.RoleIndex)) })
			return
		}
		after := i.spliced(f, before, v, target.Child(python.RoleIndex))
		i.rebind(f, container, after, target)
		i.moved(f, before, after)
		return
	}
	key := asKeyFor(before, i.eval(f, target.Child(python.RoleIndex)).value())
	if before.Kind != fact.Union {
		after := withEntry(before, key, v)
		i.rebind(f, container, after, target)
		i.moved(f, before, after)
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
		holder := container.Child(python.RoleObject)
		if key := i.eval(f, container.Child(python.RoleIndex)).value(); key.Kind == fact.String && key.Secret == nil || key.Kind == fact.Int {
			i.store(f, container, v)
		} else {
			i.rebind(f, holder, weakened(i.eval(f, holder).value(), v), at)
		}
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
	}
}

func (i *interpreter) delete(f *frame, target python.Node) {
	switch target.Kind() {
	case python.KindName:
		f.set(target.Text(), nil)
	case python.KindSubscript:
		container := target.Child(python.RoleObject)
		key := i.eval(f, target.Child(python.RoleIndex)).value()
		holder := i.eval(f, container)
		if holder.names != nil {
			i.namesMethod(f, holder.names, "pop", arguments{positional: []*object{objectOf(key)}}, target)
			return
		}
		before := holder.value()
		if before.Kind == fact.Union {
			i.update(f, container, target, func(c *fact.Value) *fact.Value { return withoutEntry(c, key) })
			return
		}
		after := withoutEntry(before, key)
		i.rebind(f, container, after, target)
		i.moved(f, before, after)
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
		if inPlace(left) {
			if left.Kind == fact.Union {
				i.update(f, target, n, func(left *fact.Value) *fact.Value { return i.binary(n.Text(), left, right).At(left.Places...) })
				return
			}
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
		if inPlace(left) {
			i.moved(f, left, v)
		}
	}
}

// inPlace reports whether += changes a value in its place, whatever else holds
// it. It does not change a tuple.
func inPlace(v *fact.Value) bool {
	return slices.ContainsFunc(alternatives(v), func(v *fact.Value) bool { return (v.Kind == fact.List || v.Kind == fact.Dict) && !v.Tuple })
}
