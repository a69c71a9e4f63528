package django

import (
	"slices"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// update changes what an expression holds in each of the ways that it may be,
// from the name on: the ways of what is inside go with those of what is around.
func (i *interpreter) update(f *frame, n, at python.Node, change func(*fact.Value) *fact.Value) {
	var moves []func()
	guards := i.guardsOf(f, n)
	i.updateWays(f, n, at, func(before *fact.Value) *fact.Value {
		after := change(before)
		moves = append(moves, func() { i.movedIf(f, before, after, guards(before)) })
		return after
	})
	for _, move := range moves {
		move()
	}
}

// guardsOf tells when an expression is one of the lists or dicts that it may be.
func (i *interpreter) guardsOf(f *frame, n python.Node) func(*fact.Value) string {
	const some = "this one is changed"
	if !n.Is(python.KindName) {
		return func(*fact.Value) string { return some }
	}
	v := i.eval(f, n).value()
	return func(way *fact.Value) string {
		for _, a := range v.Alternatives {
			if a.Value == way && a.Guard != "" {
				return a.Guard
			}
		}
		if v == way {
			return ""
		}
		return some
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
