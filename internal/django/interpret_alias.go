package django

import (
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
}

// maxAliases bounds a chain of names for one list or dict.
const maxAliases = 8

// shares records that a name of the frame stands for the list or dict that
// something else holds.
func (f *frame) shares(name string, a alias) {
	o := f.lookup(name)
	if o == nil || o.fact == nil || o.fact.Kind != fact.List && o.fact.Kind != fact.Dict && o.fact.Kind != fact.Union || a.node.Is(python.KindName) && a.node.Text() == name {
		return
	}
	shared := *o
	shared.alias = &a
	f.change(name, &shared)
}

// sharesElement is shares for the target of a loop over lists or dicts.
func (i *interpreter) sharesElement(f *frame, target, over python.Node, at int) {
	key := fact.Of(at)
	if over.Is(python.KindCall) {
		fn := over.Child(python.RoleFunction)
		if !fn.Is(python.KindAttribute) || fn.Text() != "values" && fn.Text() != "items" {
			return
		}
		over = fn.Child(python.RoleObject)
		v := i.eval(f, over).value()
		if v.Kind != fact.Dict || at >= len(v.Entries) {
			return
		}
		key = fact.Of(v.Entries[at].Key)
		if fn.Text() == "items" {
			last := python.Node{}
			for element := range target.All(python.RoleElement) {
				last = element
			}
			target = last
		}
	} else if i.eval(f, over).value().Kind != fact.List {
		return
	}
	if target.Is(python.KindName) && over.Is(python.KindName, python.KindSubscript, python.KindAttribute) {
		f.shares(target.Text(), alias{f, over, key})
	}
}

// shared is an argument that a function may change for its caller.
func (a arguments) shared(at int) *object {
	o := a.positional[at]
	if at >= len(a.nodes) || a.frame == nil || o.fact == nil || o.fact.Kind != fact.List && o.fact.Kind != fact.Dict ||
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
	if before == nil || before.alias == nil {
		f.change(name, o)
		return
	}
	o.alias = before.alias
	f.change(name, o)
	if i.aliases++; i.aliases <= maxAliases {
		a := o.alias
		if a.key != nil {
			v = withEntry(i.eval(a.frame, a.node).value(), a.key, v)
		}
		i.rebind(a.frame, a.node, v, at)
	}
	i.aliases--
}
