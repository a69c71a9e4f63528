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
	fails := i.mayRaise || len(f.namespace.open) > missing || i.mayFail(n)
	i.mayRaise = raises
	handlers := slices.Collect(n.All(python.RoleHandler))
	switch {
	case len(handlers) == 0:
	case end == flowRaised:
		i.journal.undo(from)
		end = i.handled(f, handlers)
	case fails && end != flowOn:
		end = i.handledOrLeft(f, from, end, handlers)
	case fails:
		i.handlers(f, from, handlers)
	}
	if end == flowOn {
		end = i.block(f, n, python.RoleElse)
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

// mayFail reports whether a body reads the environment or a file in a way that
// fails, or imports what may not be there.
func (i *interpreter) mayFail(n python.Node) bool {
	found := false
	var walk func(python.Node)
	walk = func(c python.Node) {
		if found || !i.step() {
			return
		}
		switch c.Kind() {
		case python.KindSubscript:
			found = strings.HasSuffix(c.Child(python.RoleObject).Dotted(), "environ")
		case python.KindCall:
			name := c.Child(python.RoleFunction).Dotted()
			found = found || readerLike(name) || last(name) == "open"
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
	return found
}

// handlers runs what happens when a variable or a module is missing, and joins
// it with what the body left: a variable that the body requires has what the
// handler assigns to fall back to.
func (i *interpreter) handlers(f *frame, from fork, handlers []python.Node) {
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
			case a == b:
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
