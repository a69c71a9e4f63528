package django

import (
	"slices"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// object is what a name stands for: a value, or something that can be called or
// looked into. Exactly one of its fields is set.
type object struct {
	fact     *fact.Value
	function *function
	class    *class
	module   *namespace
	// outside is the dotted name of something outside of the repository.
	outside string
	reader  *envReader
	// names are those of a module or a class as a dict: globals().
	names *frame
	// instance is an object of a class.
	instance *instance
	// self is what a function is a method of.
	self *object
	// place is where the expression stands that names what is no fact.
	place fact.Place
	// alias is what else holds the same list or dict.
	alias *alias
	// cell is set where several names stand for one list or dict.
	cell *cell
	// method is a function with the object it belongs to.
	method *boundMethod
}

// function is a def or a lambda.
type function struct {
	node    python.Node
	defined *frame
	module  *namespace
	// owner is the class whose body defines it.
	owner *class
}

// boundMethod is a method of a value: its name and what it is called on.
type boundMethod struct {
	on   *object
	name string
	// target is the expression that holds on, for methods that change it.
	target python.Node
}

func objectOf(v *fact.Value) *object { return &object{fact: v} }

func unknown(missing ...string) *object { return objectOf(fact.Missed(missing...)) }

// value returns the fact that an object is to a rule.
func (o *object) value() *fact.Value {
	switch {
	case o == nil:
		return fact.Missed()
	case o.fact != nil:
		return o.fact
	}
	v := o.named()
	if o.place.Path != "" {
		v.Places = []fact.Place{o.place}
	}
	return v
}

// named is the name of what is no fact.
func (o *object) named() *fact.Value {
	switch {
	case o.outside != "":
		return &fact.Value{Kind: fact.Object, Text: o.outside}
	case o.names != nil:
		return o.names.dict()
	case o.function != nil:
		return &fact.Value{Kind: fact.Object, Text: o.function.module.name + "." + o.function.node.Text()}
	case o.class != nil:
		return &fact.Value{Kind: fact.Object, Text: o.class.module.name + "." + o.class.node.Text()}
	case o.instance != nil:
		return &fact.Value{Kind: fact.Object, Text: o.instance.class.module.name + "." + o.instance.class.node.Text()}
	case o.module != nil:
		return &fact.Value{Kind: fact.Object, Text: o.module.name}
	case o.method != nil && o.method.on.fact != nil:
		return fact.Missed(lost(o.method.on.fact).Missing...)
	}
	return fact.Missed()
}

// derived is a value that was computed from others: it is read from the
// environment if one of them is, and what is unknown stays so.
func derived(v *fact.Value, from ...*fact.Value) *fact.Value {
	out := *v
	out.Places = nil
	for _, f := range from {
		if f == nil {
			continue
		}
		if f.Env != nil && out.Env == nil {
			env := *f.Env
			out.Env = &env
		}
	}
	return &out
}

// lost is what becomes of values that are not known well enough to compute with.
func lost(from ...*fact.Value) *fact.Value {
	out := &fact.Value{}
	for _, f := range from {
		if f == nil {
			continue
		}
		for _, m := range fact.Undecidedness(f) {
			if !slices.Contains(out.Missing, m) {
				out.Missing = append(out.Missing, m)
			}
		}
		if f.Env != nil && out.Env == nil {
			env := *f.Env
			out.Env = &env
		}
	}
	return out
}

// undecidedBy is what would decide values that count as what variables fall back
// to, too.
func undecidedBy(values ...*fact.Value) []string {
	var out []string
	for _, v := range values {
		if v.Env != nil && v.Kind != fact.Unknown {
			out = append(out, "environment variable "+v.Env.Names[0])
		}
		out = append(out, fact.Undecidedness(v)...)
	}
	return out
}

// cast returns v as read from the environment with a cast, if it is.
func cast(v *fact.Value, name string) *fact.Value {
	if v.Env == nil {
		return v
	}
	env := *v.Env
	env.Cast = name
	return readAs(v, &env)
}

// placed returns v as given at a place, unless it was given elsewhere.
func placed(v *fact.Value, p fact.Place) *fact.Value {
	bare := func(a fact.Alternative) bool { return len(a.Value.Places) == 0 }
	ways := v.Kind == fact.Union && slices.ContainsFunc(v.Alternatives, bare)
	if len(v.Places) > 0 && !ways {
		return v
	}
	out := *v
	if len(v.Places) == 0 {
		out.Places = []fact.Place{p}
	}
	if ways {
		out.Alternatives = slices.Clone(v.Alternatives)
		for at, a := range out.Alternatives {
			if !a.Value.Default {
				out.Alternatives[at].Value = placed(a.Value, p)
			}
		}
	}
	return &out
}

// through returns v with a further place through which it came.
func through(v *fact.Value, p fact.Place) *fact.Value {
	out := *v
	if n := len(v.Places); n > 0 {
		first := v.Places[0]
		if first.Symbol == "" {
			first.Symbol = p.Symbol
		}
		out.Places = append([]fact.Place{first}, v.Places[1:]...)
		if last := v.Places[n-1]; last.Path == p.Path && last.Line == p.Line || n >= maxChain {
			return &out
		}
	}
	out.Places = append(slices.Clip(out.Places), p)
	if v.Kind == fact.Union {
		out.Alternatives = nil
		for _, a := range v.Alternatives {
			out.Alternatives = append(out.Alternatives, fact.Alternative{Value: through(a.Value, p), Guard: a.Guard})
		}
	}
	return &out
}

// maxChain bounds the places of one value.
const maxChain = 12

// decided reports whether a value is what it is wherever the process runs: not
// read from the environment, and not one of several.
func decided(v *fact.Value) bool {
	return v != nil && v.Env == nil && v.Kind != fact.Unknown && v.Kind != fact.Union && v.Kind != fact.Object
}
