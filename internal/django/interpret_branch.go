package django

import (
	"fmt"
	"maps"
	"slices"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// conditional runs an if. A condition that nobody decides runs both ways, and
// what they leave behind is joined.
func (i *interpreter) conditional(f *frame, n python.Node) flow {
	test := n.Child(python.RoleTest)
	switch i.decide(f, test) {
	case fact.True:
		return i.block(f, n, python.RoleBody)
	case fact.False:
		return i.block(f, n, python.RoleElse)
	}
	return i.either(f, i.guard(f, test), test,
		func() flow { return i.branch(f, n, python.RoleBody, fact.True) },
		func() flow { return i.branch(f, n, python.RoleElse, fact.False) })
}

// either runs two ways of which one is taken, and joins what they leave behind.
// test is the condition that nobody decides, if it is one.
func (i *interpreter) either(f *frame, guard string, test python.Node, then, otherwise func() flow) flow {
	from := i.journal.fork()
	defer i.journal.end(from)
	f.guards = append(f.guards, guard)
	thenEnd := then()
	f.leave(thenEnd, guard)
	thenWay := i.journal.undo(from)
	f.guards[len(f.guards)-1] = negated(guard)
	elseEnd := otherwise()
	f.guards = f.guards[:len(f.guards)-1]
	switch {
	case thenEnd == flowRaised && elseEnd == flowRaised:
		return flowRaised
	case thenEnd == flowRaised:
		i.mayRaise = true
		i.failClosed(f, test, fact.True)
		return elseEnd
	case elseEnd == flowRaised:
		i.mayRaise = true
		i.journal.undo(from)
		thenWay.redo()
		i.failClosed(f, test, fact.False)
		return thenEnd
	case thenEnd == flowOn && elseEnd == flowOn:
		i.join(from, thenWay, guard)
		return flowOn
	case thenEnd != flowOn && elseEnd != flowOn:
		return elseEnd
	}
	// What follows runs where the way was taken that goes on.
	taken, end := negated(guard), thenEnd
	if elseEnd != flowOn {
		taken, end = guard, elseEnd
		f.leave(elseEnd, negated(guard))
		i.journal.undo(from)
		thenWay.redo()
	}
	if end == flowReturned {
		f.guards = append(f.guards, taken)
	}
	return flowOn
}

// perhaps runs what may not run.
func (i *interpreter) perhaps(f *frame, guard string, run func()) {
	i.either(f, guard, python.Node{}, func() flow { run(); return flowOn }, func() flow { return flowOn })
}

// joined is what a name stands for after two ways.
func joined(a, b *object, guard string) *object {
	switch {
	case a == nil || b == nil:
		// Set on one way only: perhaps not set at all.
		set, when := a, guard
		if a == nil {
			set, when = b, negated(guard)
		}
		if set.fact == nil {
			return set
		}
		return objectOf(fact.UnionOf(fact.Alternative{Value: set.fact, Guard: when}, fact.Alternative{Value: unset(), Guard: negated(when)}))
	case a.fact == nil && b.fact == nil && a.outside == b.outside && a.function == b.function && a.class == b.class && a.module == b.module && a.reader == b.reader &&
		a.instance == b.instance && a.names == b.names && a.method == b.method:
		return a
	}
	if v := withFallback(a.value(), b.value()); v != nil {
		return objectOf(v)
	}
	if v := withFallback(b.value(), a.value()); v != nil {
		return objectOf(v)
	}
	o := objectOf(unionOf(fact.Alternative{Value: a.value(), Guard: guard}, fact.Alternative{Value: b.value(), Guard: negated(guard)}))
	if a.cell == b.cell {
		o.cell = a.cell
	}
	if a.alias == b.alias {
		o.alias = a.alias
	}
	return o
}

// withFallback is a variable that one way reads, with what the other way has in
// its place; nil when that is not how they differ.
func withFallback(read, other *fact.Value) *fact.Value {
	if read.Env == nil || read.Kind != fact.Unknown && read.Kind != fact.Null || other.Env != nil || other.Kind == fact.Unknown || other.Default {
		return nil
	}
	return readAs(other, read.Env)
}

// unset stands for a name that was not assigned on one way.
func unset() *fact.Value { return &fact.Value{Kind: fact.Null, Default: true} }

// mayBeUnset reports whether a value may not be there.
func mayBeUnset(v *fact.Value) bool {
	return slices.ContainsFunc(alternatives(v), func(v *fact.Value) bool { return v.Default })
}

// failClosed marks the variables in a condition under which the process refuses
// to run: whoever does not set them gets no insecure fallback but an error. when
// is the truth of the condition at which it refuses.
func (i *interpreter) failClosed(f *frame, test python.Node, when fact.Tri) {
	if !test.Exists() || fact.Truthy(i.eval(f, test).value()) == when.Not() {
		return // the fallback passes
	}
	i.mark(f, test)
}

func (i *interpreter) mark(f *frame, n python.Node) {
	if n.Is(python.KindName) {
		if _, known := assumeName(n.Text()); !known {
			i.markName(f, n.Text())
		}
		return
	}
	if n.Is(python.KindString) && isSetting(n.Text()) {
		// if "SECRET_KEY" not in os.environ: raise
		for _, name := range slices.Sorted(maps.Keys(f.vars.named)) {
			if o := f.vars.named[name]; o.fact != nil && o.fact.Env != nil && slices.Contains(o.fact.Env.Names, n.Text()) {
				i.markName(f, name)
			}
		}
		return
	}
	for c := range n.Children() {
		if i.step() {
			i.mark(f, c)
		}
	}
}

func (i *interpreter) markName(f *frame, name string) {
	o := f.lookup(name)
	if o == nil || o.fact == nil || o.fact.Env == nil || o.fact.Env.Guarded {
		return
	}
	marked := *o.fact
	env := *o.fact.Env
	env.Guarded = true
	marked.Env = &env
	if marked.Kind == fact.Null {
		// Without a value nothing starts: it is as one that is required.
		marked.Kind, marked.Missing = fact.Unknown, []string{"environment variable " + env.Names[0]}
	}
	f.change(name, objectOf(&marked))
}

// match runs the cases whose pattern may be that of the subject.
func (i *interpreter) match(f *frame, n python.Node) flow {
	subject := n.Child(python.RoleSubject)
	return i.cases(f, subject, i.eval(f, subject).value(), slices.Collect(n.All(python.RoleCase)))
}

func (i *interpreter) cases(f *frame, subject python.Node, v *fact.Value, cases []python.Node) flow {
	for at, c := range cases {
		holds, known := i.matches(f, subject, v, c)
		switch {
		case !known:
			guard := fmt.Sprintf("`%s` is that of case %d", spell(subject, 3), at+1)
			return i.either(f, guard, python.Node{},
				func() flow { return i.block(f, c, python.RoleBody) },
				func() flow { return i.cases(f, subject, v, cases[at+1:]) })
		case holds:
			return i.block(f, c, python.RoleBody)
		}
	}
	return flowOn
}

func (i *interpreter) matches(f *frame, subject python.Node, v *fact.Value, c python.Node) (holds, known bool) {
	for pattern := range c.All(python.RolePattern) {
		any, literal := true, python.Node{}
		for part := range pattern.All(python.RolePart) {
			any = false
			if part.Is(python.KindString, python.KindName) {
				literal = part
			}
		}
		switch {
		case any:
			return true, true
		case literal.Is(python.KindString):
			if t, ok := i.assumeWord(subject, v, literal.Text()); ok {
				if t == fact.True {
					return true, true
				}
				continue
			}
			if !decided(v) {
				return false, false
			}
			if fact.Equal(v, fact.Of(literal.Text())) == fact.True {
				return true, true
			}
		default:
			return false, false
		}
	}
	return false, true
}
