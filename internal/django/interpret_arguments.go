package django

import (
	"sort"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// arguments are those of a call, worked out.
type arguments struct {
	nodes      []python.Node
	positional []*object
	keywords   map[string]*object
	// frame is the caller's.
	frame *frame
	// open is true when a star hides some.
	open bool
}

func (a arguments) value(at int) *fact.Value {
	if at < len(a.positional) {
		return a.positional[at].value()
	}
	return nil
}

func (a arguments) keyword(name string) *fact.Value {
	if o, ok := a.keywords[name]; ok {
		return o.value()
	}
	return nil
}

// either returns the argument by position or by one of its names, or nil.
func (a arguments) either(at int, names ...string) *fact.Value {
	if at >= 0 && at < len(a.positional) {
		return a.positional[at].value()
	}
	for _, name := range names {
		if v := a.keyword(name); v != nil {
			return v
		}
	}
	return nil
}

func (a arguments) values() []*fact.Value {
	out := make([]*fact.Value, len(a.positional))
	for at := range a.positional {
		out[at] = a.positional[at].value()
	}
	return out
}

func (i *interpreter) arguments(f *frame, n python.Node) arguments {
	a := arguments{frame: f, keywords: make(map[string]*object)}
	for c := range n.All(python.RoleArgument) {
		switch c.Kind() {
		case python.KindStar:
			items, ok := elementsOf(i.eval(f, c.Child(python.RoleValue)).value())
			a.open = a.open || !ok
			for _, item := range items {
				a.nodes, a.positional = append(a.nodes, c), append(a.positional, objectOf(item))
			}
		case python.KindDoubleStar:
			v := i.eval(f, c.Child(python.RoleValue)).value()
			a.open = a.open || v.Kind != fact.Dict || v.Open
			for _, e := range v.Entries {
				a.keywords[e.Key] = objectOf(e.Value)
			}
		default:
			a.nodes, a.positional = append(a.nodes, c), append(a.positional, i.eval(f, c))
		}
	}
	for k := range n.All(python.RoleKeyword) {
		a.keywords[k.Text()] = i.eval(f, k.Child(python.RoleValue))
	}
	return a
}

// bind gives a function its arguments.
func (i *interpreter) bind(inner *frame, fn *function, self *object, args arguments) {
	at := 0
	if self != nil {
		args.positional = append([]*object{self}, args.positional...)
	}
	for p := range fn.node.All(python.RoleParameter) {
		name := p.Text()
		switch {
		case p.Has(python.FlagStar):
			rest := &fact.Value{Kind: fact.List, Tuple: true, Open: args.open}
			for ; at < len(args.positional); at++ {
				i.held(args.positional[at].value())
				rest.Items = append(rest.Items, args.positional[at].value())
			}
			if args.open {
				rest.Missing = []string{"the arguments that a star hides"}
			}
			inner.vars.set(name, objectOf(rest))
		case p.Has(python.FlagDoubleStar):
			rest := &fact.Value{Kind: fact.Dict, Open: args.open}
			if args.open {
				rest.Missing = []string{"the arguments that a star hides"}
			}
			for _, key := range sortedKeys(args.keywords) {
				if _, taken := inner.vars.get(key); !taken {
					rest.Entries = append(rest.Entries, fact.Entry{Key: key, Value: args.keywords[key].value()})
				}
			}
			inner.vars.set(name, objectOf(rest))
		case !p.Has(python.FlagKeywordOnly) && at < len(args.positional):
			i.held(args.positional[at].fact)
			inner.vars.set(name, args.shared(at))
			at++
		case args.keywords[name] != nil:
			i.held(args.keywords[name].fact)
			inner.vars.set(name, args.keywords[name])
		case args.open:
			inner.vars.set(name, unknown("the argument "+name))
		case p.Child(python.RoleDefault).Exists():
			inner.vars.set(name, i.eval(fn.defined, p.Child(python.RoleDefault)))
		default:
			inner.vars.set(name, unknown("the argument "+name))
		}
	}
}

func sortedKeys(m map[string]*object) []string {
	out := make([]string, 0, len(m))
	for key := range m {
		out = append(out, key)
	}
	sort.Strings(out)
	return out
}
