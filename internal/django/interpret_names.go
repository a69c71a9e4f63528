package django

import (
	"maps"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// namesOf is the dict of names that globals(), locals() and vars() return, or nil
// where it is none that the code changes the names by.
func (i *interpreter) namesOf(f *frame, n python.Node) *frame {
	first := n.Child(python.RoleArgument)
	switch fn := n.Child(python.RoleFunction).Text(); {
	case fn == "globals":
		return f.namespace.frame()
	case !first.Exists() && f.outer == nil:
		return f.namespace.frame()
	case !first.Exists() && !f.function:
		return f // the body of a class
	case fn == "vars" && first.Exists():
		return namesIn(i.eval(f, first))
	}
	return nil
}

// namesIn is vars(o), or o.__dict__.
func namesIn(o *object) *frame {
	switch {
	case o.module != nil:
		return o.module.frame()
	case o.class != nil:
		return &frame{namespace: o.class.module, vars: o.class.vars, outer: o.class.defined}
	}
	return nil
}

func (ns *namespace) frame() *frame { return &frame{namespace: ns, vars: ns.vars} }

// dict is the names of a frame as a value.
func (f *frame) dict() *fact.Value {
	out := &fact.Value{Kind: fact.Dict, Open: len(f.namespace.open) > 0, Missing: f.namespace.open}
	for _, name := range slices.Sorted(maps.Keys(f.vars.named)) {
		if o := f.vars.named[name]; o.fact != nil && !strings.HasPrefix(name, ".") {
			out.Entries = append(out.Entries, fact.Entry{Key: name, Value: o.value()})
		}
	}
	return out
}

// nameIn is globals()[key].
func (i *interpreter) nameIn(names *frame, key *fact.Value) *object {
	if key == nil || key.Kind != fact.String || key.Secret != nil || key.Env != nil {
		return objectOf(lost(key))
	}
	return i.name(names, key.Text)
}

// setName is globals()[key] = v. A name that is not known may be any.
func (i *interpreter) setName(names *frame, key, v *fact.Value, at fact.Place) {
	if key == nil || key.Kind != fact.String || key.Secret != nil || key.Env != nil {
		i.overridden(names, "the names that are worked out")
		return
	}
	at.Symbol = key.Text
	bound := through(v, at)
	i.named(v, bound)
	names.set(key.Text, objectOf(bound))
}

// namesMethod runs a method of globals().
func (i *interpreter) namesMethod(f, names *frame, name string, args arguments, n python.Node) *object {
	first, second := args.value(0), args.either(1, "default")
	at := f.place(n, "")
	known := first != nil && first.Kind == fact.String && first.Secret == nil && first.Env == nil
	var before *object
	if known {
		before, _ = names.vars.get(first.Text)
	}
	switch name {
	case "update":
		if first != nil {
			for _, way := range alternatives(first) {
				i.inject(names, way, len(alternatives(first)) > 1, at)
			}
		}
		for _, key := range sortedKeys(args.keywords) {
			i.setName(names, fact.Of(key), args.keywords[key].value(), at)
		}
		if args.open {
			i.overridden(names, "what updates the settings")
		}
		return objectOf(fact.None())
	case "setdefault", "__setitem__":
		if second == nil {
			second = fact.None()
		}
		if before != nil && name == "setdefault" {
			return before
		}
		i.setName(names, first, second, at)
		return objectOf(second)
	case "get", "pop":
		o := i.nameIn(names, first)
		if known && before == nil && len(names.namespace.open) == 0 {
			if o = objectOf(fact.None()); second != nil {
				o = objectOf(second)
			}
		}
		if known && before != nil && name == "pop" {
			names.vars.set(first.Text, nil)
		}
		if !known && name == "pop" {
			i.overridden(names, "the names that are worked out")
		}
		return o
	case "clear", "popitem":
		i.overridden(names, "what "+name+" leaves")
		return objectOf(fact.None())
	}
	return objectOf(containerMethod(names.dict(), name, args))
}

// handedNames records that a function which is not followed was given globals(),
// or locals(), to set what it likes: django_heroku.settings(locals()).
func (i *interpreter) handedNames(args arguments, function string) {
	for _, o := range args.positional {
		if o.names != nil {
			i.overridden(o.names, "what "+function+" sets")
		}
	}
}

// inject sets names from a dict, or perhaps from it.
func (i *interpreter) inject(names *frame, v *fact.Value, perhaps bool, at fact.Place) {
	for _, e := range v.Entries {
		at.Symbol = e.Key
		o := objectOf(placed(e.Value, at))
		if before, _ := names.vars.get(e.Key); perhaps {
			o = joined(o, before, "the settings are updated so")
		}
		names.set(e.Key, o)
	}
	if v.Kind != fact.Dict || v.Open {
		i.overridden(names, "what updates the settings")
	}
}

// overridden records that something unknown may set anything: more names, and
// others for those that are set.
func (i *interpreter) overridden(f *frame, missing string) {
	f.namespace.opens(missing)
	vars := f.namespace.vars
	if f.outer != nil && !f.function {
		vars = f.vars // the body of a class
	}
	i.overriddenIn(vars, missing)
}

func (i *interpreter) overriddenIn(vars *variables, missing string) {
	for _, name := range slices.Sorted(maps.Keys(vars.named)) {
		o := vars.named[name]
		if o.fact == nil || !isSetting(name) || mayBe(o.fact, missing) {
			continue
		}
		vars.set(name, objectOf(fact.UnionOf(
			fact.Alternative{Value: o.fact},
			fact.Alternative{Value: fact.Missed(missing)},
		)))
	}
}

// mayBe reports whether a value is already taken for what is missing.
func mayBe(v *fact.Value, missing string) bool {
	return slices.ContainsFunc(alternatives(v), func(a *fact.Value) bool {
		return a.Kind == fact.Unknown && a.Env == nil && slices.Contains(a.Missing, missing)
	})
}
