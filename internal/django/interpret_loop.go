package django

import (
	"fmt"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// loop unrolls a for over known elements. One over something unknown runs any
// number of times.
func (i *interpreter) loop(f *frame, n python.Node) flow {
	return i.eachWay(f, n.Child(python.RoleIter), func() flow { return i.loopOver(f, n) })
}

// loopOver runs a loop over what it goes over now.
func (i *interpreter) loopOver(f *frame, n python.Node) flow {
	target, iter := n.Child(python.RoleTarget), n.Child(python.RoleIter)
	over := i.eval(f, iter).value()
	items, ok := elementsOf(over)
	if !ok || len(items) > maxUnrolled {
		return i.loopOverAny(f, n, over)
	}
	r, outer := &region{from: i.journal.fork()}, f.loop
	defer i.journal.end(r.from)
	f.loop = r
	end := flowOn
	// It goes over what the list is in each round, which may change it.
	name := fmt.Sprintf(".%d", iter.Line())
	i.held(over)
	f.vars.set(name, objectOf(over))
	defer f.vars.set(name, nil)
	for at := 0; ; at++ {
		items, ok := elementsOf(f.vars.named[name].value())
		if !ok || at > maxUnrolled {
			f.loop = outer
			return i.after(f, r, flowBroke, i.loopOverAny(f, n, over), false)
		}
		if at >= len(items) {
			break
		}
		i.assign(f, target, objectOf(items[at]))
		i.sharesElement(f, target, iter, at)
		end = i.block(f, n, python.RoleBody)
		if end = i.after(f, r, flowContinued, end, end == flowContinued); end != flowOn {
			break
		}
	}
	f.loop = outer
	broke := end == flowBroke
	if end == flowOn {
		end = i.block(f, n, python.RoleElse)
	}
	return i.after(f, r, flowBroke, end, broke)
}

// loopOverAny runs a loop over elements that are not known.
func (i *interpreter) loopOverAny(f *frame, n python.Node, over *fact.Value) flow {
	target, iter := n.Child(python.RoleTarget), n.Child(python.RoleIter)
	words := "`for " + spell(target, 3) + " in " + spell(iter, 4) + "`"
	return i.anyRounds(f, n, words, func() {
		i.assign(f, target, objectOf(lost(over)))
		i.sharesSome(f, target, iter)
	})
}

// after is how it goes on behind a round, or behind the loop, that ended so;
// reached says that this end leads there.
func (i *interpreter) after(f *frame, r *region, by, end flow, reached bool) flow {
	alive := end == flowOn || reached
	if !alive {
		for _, e := range r.exits {
			if e.end == by {
				f.leave(end, negated(e.guard))
				break
			}
		}
	}
	if i.rejoin(r, by, alive) {
		return flowOn
	}
	return end
}

// while runs its body any number of times, unless it is known not to.
func (i *interpreter) while(f *frame, n python.Node) flow {
	test := n.Child(python.RoleTest)
	if i.decide(f, test) == fact.False {
		return i.block(f, n, python.RoleElse)
	}
	return i.anyRounds(f, n, "`while "+spell(test, 4)+"`", func() { i.decide(f, test) })
}

// anyRounds runs the body of a loop that nobody counts.
func (i *interpreter) anyRounds(f *frame, n python.Node, words string, begin func()) flow {
	outer, left := f.loop, false
	i.repeat(f, words, func() bool {
		r := &region{from: i.journal.fork()}
		defer i.journal.end(r.from)
		f.loop = r
		begin()
		end := i.block(f, n, python.RoleBody)
		if end == flowReturned {
			f.leave(end, words+" runs")
		}
		alive := i.rejoin(r, flowContinued, end == flowOn || end == flowContinued || end == flowBroke)
		left = left || end == flowBroke || len(r.exits) > 0
		return i.rejoin(r, flowBroke, alive)
	})
	f.loop = outer
	if !n.Child(python.RoleElse).Exists() {
		return flowOn
	}
	if left {
		return i.either(f, words+" is left", python.Node{}, func() flow { return flowOn }, func() flow { return i.block(f, n, python.RoleElse) })
	}
	return i.block(f, n, python.RoleElse)
}

const (
	// mergingRounds is how often what lists and dicts have in common before and
	// after a round is kept. What else still changes in the second round becomes
	// unknown at once, so that it comes to an end.
	mergingRounds = 3
	// maxRounds bounds the rounds until nothing changes.
	maxRounds = 6
)

// repeat runs something any number of times, or never: until what is known holds
// before and after a round.
func (i *interpreter) repeat(f *frame, words string, round func() bool) {
	guards, returned, exits := len(f.guards), len(f.returned), 0
	if f.body != nil {
		exits = len(f.body.exits)
	}
	start := make(map[slot]*object)
	for at := 0; i.step(); at++ {
		// The last round covers those before it.
		f.guards = append(f.guards[:guards:guards], words+" runs")
		f.returned = f.returned[:returned]
		if f.body != nil {
			f.body.exits = f.body.exits[:exits]
		}
		from := i.journal.fork()
		goesOn := round()
		w := i.journal.undo(from)
		i.journal.end(from)
		w.reopen()
		if !goesOn || !w.widen(start, words, at) {
			break
		}
	}
	f.guards = f.guards[:guards]
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
			if mayBeUnset(e.Value) {
				return nil, false
			}
			keys = append(keys, fact.Of(e.Key))
		}
		return keys, true
	}
	return nil, false
}
