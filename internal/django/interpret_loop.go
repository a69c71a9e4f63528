package django

import (
	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

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
