package django

import (
	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// maxLoopWays bounds the ways in which a loop is run: a few databases with a
// replica or without.
const maxLoopWays = 4

// eachWay runs a loop once for each of the lists or dicts that a name may stand
// for, as if it stood for that one, and joins what they leave behind.
func (i *interpreter) eachWay(f *frame, over python.Node, run func() flow) flow {
	if over.Is(python.KindCall) {
		switch fn := over.Child(python.RoleFunction); fn.Text() {
		case "values", "items", "keys":
			over = fn.Child(python.RoleObject)
		}
	}
	o := (*object)(nil)
	if over.Is(python.KindName) {
		o = f.lookup(over.Text())
	}
	if o == nil || o.fact == nil || o.fact.Kind != fact.Union || len(o.fact.Alternatives) > maxLoopWays {
		return run()
	}
	var way func(ways []fact.Alternative) flow
	as := func(v *fact.Value) flow {
		one := *o
		one.fact = v
		f.change(over.Text(), &one)
		end := run()
		if f.lookup(over.Text()) == &one {
			f.change(over.Text(), o)
		}
		return end
	}
	way = func(ways []fact.Alternative) flow {
		if len(ways) == 1 {
			return as(ways[0].Value)
		}
		guard := ways[0].Guard
		if guard == "" {
			guard = "`" + over.Text() + "` is one of several"
			if missing := fact.Undecidedness(ways[0].Value); len(missing) > 0 {
				guard = "`" + over.Text() + "` comes from " + missing[0]
			}
		}
		return i.either(f, guard, python.Node{}, func() flow { return as(ways[0].Value) }, func() flow { return way(ways[1:]) })
	}
	return way(o.fact.Alternatives)
}
