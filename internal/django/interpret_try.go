package django

import (
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// try runs a body and what it does when it fails.
func (i *interpreter) try(f *frame, n python.Node) flow {
	from := i.journal.fork()
	defer i.journal.end(from)
	missing, raises := len(f.namespace.open), i.mayRaise
	i.mayRaise = false
	end := i.block(f, n, python.RoleBody)
	reads, calls := i.mayFail(n)
	reads = reads || i.mayRaise || len(f.namespace.open) > missing
	i.mayRaise = raises
	handlers := slices.Collect(n.All(python.RoleHandler))
	raised := end == flowRaised
	if end == flowOn {
		end = i.block(f, n, python.RoleElse)
	}
	switch {
	case len(handlers) == 0 || !raised && !reads && !calls:
	case raised:
		i.journal.undo(from)
		end = i.handled(f, handlers)
	case end != flowOn:
		end = i.handledOrLeft(f, from, end, handlers)
	default:
		i.handlers(f, from, handlers, reads)
	}
	if last := i.block(f, n, python.RoleFinally); last != flowOn {
		return last
	}
	return end
}

// handled runs one of the handlers: which one, nobody knows.
func (i *interpreter) handled(f *frame, handlers []python.Node) flow {
	if len(handlers) == 1 {
		return i.block(f, handlers[0], python.RoleBody)
	}
	return i.either(f, "`"+spell(handlers[0].Child(python.RoleTest), 3)+"` is raised", python.Node{},
		func() flow { return i.block(f, handlers[0], python.RoleBody) },
		func() flow { return i.handled(f, handlers[1:]) })
}

// handledOrLeft runs what happens when a body fails that returns otherwise, or
// leaves a loop.
func (i *interpreter) handledOrLeft(f *frame, from fork, end flow, handlers []python.Node) flow {
	f.leave(end, "nothing fails")
	body := i.journal.undo(from)
	handled := i.handled(f, handlers)
	if handled == flowRaised {
		i.journal.undo(from)
		body.redo()
		return end
	}
	return handled
}

// mayFail reports whether a body reads the environment in a way that fails, and
// whether it imports or calls what may fail otherwise.
func (i *interpreter) mayFail(n python.Node) (reads, calls bool) {
	var walk func(python.Node)
	walk = func(c python.Node) {
		if reads || !i.step() {
			return
		}
		switch c.Kind() {
		case python.KindSubscript:
			reads = strings.HasSuffix(c.Child(python.RoleObject).Dotted(), "environ")
		case python.KindCall:
			calls = true
			reads = reads || readerLike(c.Child(python.RoleFunction).Dotted())
		case python.KindImport, python.KindFromImport:
			calls = true
		case python.KindFunction, python.KindClass:
			return
		}
		for child := range c.Children() {
			walk(child)
		}
	}
	for s := range n.All(python.RoleBody) {
		walk(s)
	}
	return reads, calls
}

// handlers runs what happens when a variable or a module is missing, and joins
// it with what the body left: a variable that the body requires has what the
// handler assigns to fall back to. Without reads it is an import or a call that
// may fail: what it is taken to give, a module or a function, stays so.
func (i *interpreter) handlers(f *frame, from fork, handlers []python.Node, reads bool) {
	body := i.journal.undo(from)
	var ways []*way
	for _, h := range handlers {
		start := i.journal.fork()
		end := i.block(f, h, python.RoleBody)
		f.leave(end, "`"+spell(h.Child(python.RoleTest), 3)+"` is raised")
		w := i.journal.undo(start)
		i.journal.end(start)
		if end == flowOn {
			ways = append(ways, w)
		}
	}
	body.redo()
	for _, w := range ways {
		for _, s := range w.slots {
			a, b := s.in.named[s.name], w.after[s]
			switch {
			case a == b, !reads && a != nil && a.fact == nil:
			case a == nil:
				s.in.set(s.name, joined(b, nil, "`"+s.name+"` cannot be read"))
			case a.fact != nil && b != nil && b.fact != nil && a.fact.Env != nil && a.fact.Kind == fact.Unknown:
				s.in.set(s.name, objectOf(readAs(b.fact, a.fact.Env)))
			default:
				s.in.set(s.name, joined(b, a, "what `"+s.name+"` comes from is missing"))
			}
		}
		w.reopen()
	}
}
