package django

import (
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

func (i *interpreter) call(f *frame, n python.Node) *object {
	fn := n.Child(python.RoleFunction)
	if fn.Is(python.KindName) && (fn.Text() == "include") && i.isOutside(f, fn, "split_settings") {
		i.include(f, n)
		return objectOf(fact.None())
	}
	if fn.Is(python.KindName) && (fn.Text() == "globals" || fn.Text() == "locals" || fn.Text() == "vars") {
		if names := i.namesOf(f, n); names != nil {
			return &object{names: names}
		}
		return unknown("what " + fn.Text() + "() holds")
	}
	if fn.Is(python.KindName) && (fn.Text() == "exec" || fn.Text() == "execfile") && f.lookup(fn.Text()) == nil {
		// How a local_settings.py that is no module is run.
		if i.execute(f, n) {
			return objectOf(fact.None())
		}
		i.overridden(f, "what "+fn.Text()+" runs")
		return objectOf(fact.None())
	}
	o := i.eval(f, fn)
	args := i.arguments(f, n)
	if o.method != nil && !hasEffect(fn) && hasEffect(n) {
		o = i.eval(f, fn) // A.append(A.pop())
	}
	if o.function == nil && o.class == nil && !strings.HasPrefix(o.outside, "builtins.") {
		i.handedOut(fn.Dotted(), args)
	}
	switch {
	case o.method != nil:
		return i.callMethod(f, o.method, args, n)
	case o.function != nil:
		return i.callFunction(f, o.function, o.self, args, n)
	case o.class != nil:
		return i.construct(f, o.class, args, n)
	case o.reader != nil:
		return objectOf(i.read(f, o.reader, "", args, n))
	case o.outside != "":
		return i.callOutside(f, o.outside, args, n)
	}
	v := o.value()
	if r := random(v); r != nil {
		return objectOf(r)
	}
	if out, ok := pathMethod(v, "__call__", args.values()); ok { // environ.Path: root("media")
		return objectOf(derived(out, v))
	}
	i.handedNames(args, spell(fn, 3))
	return objectOf(i.guessed(f, fn, args, lost(v)))
}

func (i *interpreter) isOutside(f *frame, n python.Node, prefix string) bool {
	o := f.lookup(n.Text())
	return o != nil && strings.HasPrefix(o.outside, prefix)
}
