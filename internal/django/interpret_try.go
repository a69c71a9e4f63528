package django

import (
	"maps"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// try runs a body and what it does when it fails.
func (i *interpreter) try(f *frame, n python.Node) flow {
	before := f.snapshot()
	missing := len(f.namespace.open)
	end := i.block(f, n, python.RoleBody)
	absent := len(f.namespace.open) > missing
	handlers := slices.Collect(n.All(python.RoleHandler))
	if end == flowRaised && len(handlers) > 0 {
		f.restore(before)
		end = i.block(f, handlers[0], python.RoleBody)
	} else if end == flowOn && (absent || i.mayFail(n)) {
		i.handlers(f, before, handlers)
	}
	if end == flowOn {
		end = i.block(f, n, python.RoleElse)
	}
	if last := i.block(f, n, python.RoleFinally); last != flowOn {
		return last
	}
	return end
}

// mayFail reports whether a body reads the environment in a way that fails, or
// imports what may not be there.
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
			found = found || readerLike(c.Child(python.RoleFunction).Dotted())
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
func (i *interpreter) handlers(f *frame, before map[string]*object, handlers []python.Node) {
	after := f.snapshot()
	for _, h := range handlers {
		f.restore(before)
		end := i.block(f, h, python.RoleBody)
		failed := f.snapshot()
		f.restore(after)
		if end == flowRaised || end == flowReturned {
			continue
		}
		names := slices.Sorted(maps.Keys(failed))
		for _, name := range names {
			a, b := after[name], failed[name]
			if b == before[name] || a == b {
				continue
			}
			switch {
			case a == nil:
				f.set(name, joined(b, nil, "`"+name+"` cannot be read", name))
			case a.fact != nil && b.fact != nil && a.fact.Env != nil && a.fact.Kind == fact.Unknown:
				f.set(name, objectOf(readAs(b.fact, a.fact.Env)))
			default:
				f.set(name, joined(b, a, "what `"+name+"` comes from is missing", name))
			}
		}
		return
	}
}
