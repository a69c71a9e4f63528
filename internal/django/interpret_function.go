package django

import (
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// callFunction runs a function of the repository and joins what it returns.
func (i *interpreter) callFunction(f *frame, fn *function, self *object, args arguments, n python.Node) *object {
	if i.calls++; i.calls > maxCalls || i.active[fn.node] >= maxRecursion || args.open {
		i.calls--
		i.notFollowed(f, fn, self, args, n)
		return objectOf(i.guessed(f, n.Child(python.RoleFunction), args, fact.Missed("what "+fn.node.Text()+" returns")))
	}
	i.active[fn.node]++
	defer func() {
		i.calls--
		i.active[fn.node]--
	}()
	outer := i.lastRead
	i.lastRead = nil
	out := i.runFunction(fn, self, args)
	if read := i.readBy(args); read != nil && i.fallbacks == 0 && isSwitch(out.value()) {
		// It says true or false by what a variable holds: what it falls back to is
		// what it says of that.
		i.fallbacks++
		env := &fact.Env{Names: read.Names, Reader: fn.node.Text(), Cast: "bool", Guarded: read.Guarded}
		if v := i.runFunction(fn, self, args).value(); v.Kind == fact.Bool {
			out = objectOf(readAs(v, env))
		} else {
			out = objectOf(notRead(env, v))
		}
		i.fallbacks--
	}
	if outer != nil {
		i.lastRead = outer
	}
	if name := args.value(0); name != nil && name.Kind == fact.String && readerLike(fn.node.Text()) {
		return objectOf(ownRead(out.value(), name.Text))
	}
	return out
}

// notFollowed does what a call may change that is not worked out: with arguments
// that a star hides it is run with unknown ones, and what it was given in the
// depth of a recursion may hold anything.
func (i *interpreter) notFollowed(f *frame, fn *function, self *object, args arguments, n python.Node) {
	if args.open && i.calls < maxCalls && i.active[fn.node] < maxRecursion {
		i.calls++
		i.active[fn.node]++
		i.runFunction(fn, self, args)
		i.refused = false
		i.calls--
		i.active[fn.node]--
		return
	}
	for at, o := range args.positional {
		if o.names != nil {
			i.overridden(o.names, "what "+fn.node.Text()+" sets")
		}
		if shared := args.shared(at); shared.alias != nil {
			i.rebind(shared.alias.frame, shared.alias.node, shaken(shared.fact, "what "+fn.node.Text()+" makes of it"), n)
		}
	}
}

// ownRead is what a helper that reads a variable or a secret by its name comes
// to: of several ways the one that reads the variable, if the others only tell
// what is kept outside.
func ownRead(v *fact.Value, name string) *fact.Value {
	if v.Kind != fact.Union {
		return v
	}
	var own *fact.Value
	for _, a := range v.Alternatives {
		switch {
		case a.Value.Env != nil && slices.Contains(a.Value.Env.Names, name):
			if own != nil {
				return v
			}
			own = a.Value
		case a.Value.Kind != fact.Unknown && a.Value.Kind != fact.Object:
			return v
		}
	}
	if own == nil {
		return v
	}
	return own
}

// readBy is the variable that an argument is read from, or that was read last.
func (i *interpreter) readBy(args arguments) *fact.Env {
	for _, v := range args.values() {
		if v.Env != nil {
			return v.Env
		}
	}
	return i.lastRead
}

// isSwitch reports whether a value is true or false in different ways.
func isSwitch(v *fact.Value) bool {
	if v.Kind != fact.Union {
		return false
	}
	for _, a := range v.Alternatives {
		if a.Value.Kind != fact.Bool {
			return false
		}
	}
	return true
}

// runFunction runs the body once.
func (i *interpreter) runFunction(fn *function, self *object, args arguments) *object {
	body := &region{from: i.journal.fork()}
	defer i.journal.end(body.from)
	inner := &frame{namespace: fn.module, vars: i.journal.variables(), outer: fn.defined, caller: args.frame, function: true, method: fn, self: self, body: body}
	i.bind(inner, fn, self, args)
	if fn.node.Is(python.KindLambda) {
		return i.eval(inner, fn.node.Child(python.RoleValue))
	}
	end := i.block(inner, fn.node, python.RoleBody)
	i.rejoin(body, flowReturned, end != flowRaised)
	i.refused = end == flowRaised && len(inner.returned) == 0
	if end == flowOn {
		inner.returned = append(inner.returned, fact.Alternative{Value: fact.None(), Guard: strings.Join(inner.guards, " and ")})
	}
	switch {
	case len(inner.returned) == 0:
		return objectOf(fact.Missed("what " + fn.node.Text() + " returns"))
	case len(inner.returned) == 1 && inner.kept != nil:
		return inner.kept
	}
	return objectOf(i.settle(inner.returned))
}

// settle joins what a function returns. When all of it is read from one
// variable, the function is a way to read it: the last return is what it falls
// back to.
func (i *interpreter) settle(returned []fact.Alternative) *fact.Value {
	var read *fact.Value
	var fallback *fact.Value
	for _, r := range returned {
		if r.Value.Env != nil {
			if read == nil {
				read = r.Value
			}
			continue
		}
		fallback = r.Value
	}
	if read != nil && fallback != nil && len(returned) == 2 && (read.Kind == fact.Unknown || read.Kind == fact.Null) {
		env := *read.Env
		return readAs(fallback, &env)
	}
	return unionOf(returned...)
}
