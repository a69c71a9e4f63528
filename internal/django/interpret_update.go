package django

import (
	"slices"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// update changes what an expression holds in each of the ways that it may be,
// from the name on: the ways of what is inside go with those of what is around.
func (i *interpreter) update(f *frame, n, at python.Node, change func(*fact.Value) *fact.Value) {
	var moves [][2]*fact.Value
	i.updateWays(f, n, at, func(before *fact.Value) *fact.Value {
		after := change(before)
		moves = append(moves, [2]*fact.Value{before, after})
		return after
	})
	for _, m := range moves {
		i.moved(f, m[0], m[1])
	}
}

func (i *interpreter) updateWays(f *frame, n, at python.Node, change func(*fact.Value) *fact.Value) {
	switch n.Kind() {
	case python.KindName:
		v := mapped(i.eval(f, n).value(), change)
		if len(v.Places) > 0 && len(v.Places) < maxChain {
			c := *v
			c.Places = append(slices.Clip(v.Places), f.place(at, n.Text()))
			v = &c
		}
		i.changed(f, n.Text(), v, at)
		return
	case python.KindSubscript:
		if index := n.Child(python.RoleIndex); !index.Is(python.KindSlice) {
			key := i.eval(f, index).value()
			if key.Kind != fact.String && key.Kind != fact.Int || key.Secret != nil {
				i.rebind(f, n, mapped(i.eval(f, n).value(), change), at)
				return
			}
			i.updateWays(f, n.Child(python.RoleObject), at, func(c *fact.Value) *fact.Value {
				key := asKeyFor(c, key)
				return withEntry(c, key, mapped(entryOf(c, key), change))
			})
			return
		}
	}
	i.rebind(f, n, mapped(i.eval(f, n).value(), change), at)
}

// entryOf is what a dict or a list holds at a key.
func entryOf(c, key *fact.Value) *fact.Value {
	switch {
	case key.Kind == fact.String && key.Secret == nil:
		return fact.Field(c, key.Text)
	case key.Kind == fact.Int:
		return fact.Item(c, int(key.Int))
	}
	return lost(c, key)
}
