package django

import (
	"slices"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// alias is a second way to reach a list or dict: a change through one name is
// seen through the other, too.
type alias struct {
	frame *frame
	// node is the expression that holds it; with key, it holds what has it there.
	node python.Node
	key  *fact.Value
	// some is true for one of its elements, nobody knows which.
	some bool
}

// maxAliases bounds a chain of names for one list or dict.
const maxAliases = 8

// shares records that a name of the frame stands for the list or dict that
// something else holds.
func (f *frame) shares(name string, a alias) {
	o := f.lookup(name)
	if o == nil || o.fact == nil || !a.some && !changeable(o.fact, a.node) || a.node.Is(python.KindName) && a.node.Text() == name {
		return
	}
	shared := *o
	if a.node.Is(python.KindName) && a.key == nil && !a.some {
		if source := f.slot(a.node.Text()); source != nil {
			source.share(&shared)
			f.change(name, &shared)
			shared.cell.slots = append(shared.cell.slots, *f.slot(name))
		}
		return
	}
	shared.alias = &a
	f.change(name, &shared)
}

// cell lists the names for one list or dict. One that was bound anew since is no
// longer one of them: it stands for an object without the cell.
type cell struct{ slots []slot }

// slot is where a name is bound.
func (f *frame) slot(name string) *slot {
	for at := f; at != nil; at = at.outer {
		if _, ok := at.vars.get(name); ok {
			return &slot{at.vars, name}
		}
	}
	if _, ok := f.namespace.vars.get(name); ok {
		return &slot{f.namespace.vars, name}
	}
	return nil
}

// share lets an object stand for the list or dict that a name stands for.
func (s *slot) share(o *object) {
	source := *s.in.named[s.name]
	if source.cell == nil {
		source.cell = &cell{slots: []slot{*s}}
		s.in.set(s.name, &source)
	}
	o.cell, o.alias = source.cell, source.alias
}

// changed sets the other names to what a change by one of them made of it.
func (c *cell) changed(v *fact.Value) {
	for _, s := range c.slots {
		if o := s.in.named[s.name]; o != nil && o.cell == c && o.fact != v {
			other := *o
			other.fact = v
			s.in.set(s.name, &other)
		}
	}
}

// changeable reports whether a value may be changed in its place: a list, a dict,
// or an element of one that nobody knows.
func changeable(v *fact.Value, n python.Node) bool {
	switch v.Kind {
	case fact.List, fact.Dict, fact.Union:
		return true
	case fact.Unknown:
		return v.Env == nil && n.Is(python.KindSubscript)
	}
	return false
}

// sharesElement is shares for the target of a loop over lists or dicts.
func (i *interpreter) sharesElement(f *frame, target, over python.Node, at int) {
	if over.Is(python.KindList, python.KindTuple) {
		// for apps in (INSTALLED_APPS, OTHERS): apps.append(…)
		elements := slices.Collect(over.All(python.RoleElement))
		if at < len(elements) && target.Is(python.KindName) && elements[at].Is(python.KindName, python.KindSubscript, python.KindAttribute) {
			f.shares(target.Text(), alias{frame: f, node: elements[at]})
		}
		return
	}
	target, over, ok := elementTarget(target, over)
	if !ok {
		return
	}
	switch v := i.eval(f, over).value(); {
	case v.Kind == fact.Dict && at < len(v.Entries):
		f.shares(target.Text(), alias{frame: f, node: over, key: fact.Of(v.Entries[at].Key)})
	case v.Kind == fact.List:
		f.shares(target.Text(), alias{frame: f, node: over, key: fact.Of(at)})
	}
}

// sharesSome is sharesElement where the elements are not known.
func (i *interpreter) sharesSome(f *frame, target, over python.Node) {
	if target, over, ok := elementTarget(target, over); ok {
		if changeable(i.eval(f, over).value(), over) {
			f.shares(target.Text(), alias{frame: f, node: over, some: true})
		}
	}
}

// elementTarget returns the name that a loop over a list, or over a dict's
// values, gives to an element, and the expression that holds the elements.
func elementTarget(target, over python.Node) (name, holder python.Node, ok bool) {
	if over.Is(python.KindCall) {
		fn := over.Child(python.RoleFunction)
		if !fn.Is(python.KindAttribute) || fn.Text() != "values" && fn.Text() != "items" {
			return target, over, false
		}
		over = fn.Child(python.RoleObject)
		if fn.Text() == "items" {
			last := python.Node{}
			for element := range target.All(python.RoleElement) {
				last = element
			}
			target = last
		}
	}
	return target, over, target.Is(python.KindName) && over.Is(python.KindName, python.KindSubscript, python.KindAttribute)
}

// shared is an argument that a function may change for its caller.
func (a arguments) shared(at int) *object {
	o := a.positional[at]
	if at >= len(a.nodes) || a.frame == nil || o.fact == nil || !changeable(o.fact, a.nodes[at]) ||
		!a.nodes[at].Is(python.KindName, python.KindSubscript, python.KindAttribute) {
		return o
	}
	shared := *o
	shared.alias = &alias{frame: a.frame, node: a.nodes[at]}
	return &shared
}

// changed puts a changed copy where a name is bound, and where the same list or
// dict is held otherwise.
func (i *interpreter) changed(f *frame, name string, v *fact.Value, at python.Node) {
	before := f.lookup(name)
	o := objectOf(v)
	if before == nil {
		f.change(name, o)
		return
	}
	o.alias, o.cell = before.alias, before.cell
	f.change(name, o)
	defer i.moved(f, before.fact, v)
	if o.cell != nil {
		o.cell.changed(v)
		i.steps += len(o.cell.slots)
	}
	if o.alias == nil {
		return
	}
	if i.aliases++; i.aliases <= maxAliases {
		a := o.alias
		switch {
		case a.some:
			v = weakened(i.eval(a.frame, a.node).value(), v)
		case a.key != nil:
			v = withEntry(i.eval(a.frame, a.node).value(), a.key, v)
		}
		i.rebind(a.frame, a.node, v, at)
	}
	i.aliases--
}
