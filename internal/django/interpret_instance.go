package django

import (
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// instance is an object of a class, with the attributes that were set on it.
type instance struct {
	class *class
	vars  *variables
	// after is set for super(): members are those of the classes after it.
	after *class
}

// classes are those that are asked for a member, in order.
func (on *instance) classes() []*class {
	all := on.class.linear()
	if at := slices.Index(all, on.after); on.after != nil && at >= 0 {
		return all[at+1:]
	}
	return all
}

// superOf is super(), or super(Class, self), within a method.
func (i *interpreter) superOf(f *frame, args arguments) *object {
	at := f
	for at != nil && at.method == nil {
		at = at.outer
	}
	if at == nil || at.method.owner == nil || at.self == nil {
		return unknown("super()")
	}
	c, after := at.self.class, at.method.owner
	if at.self.instance != nil {
		c = at.self.instance.class
	}
	if len(args.positional) > 0 && args.positional[0].class != nil {
		after = args.positional[0].class
	}
	if c == nil {
		return unknown("super()")
	}
	return &object{instance: &instance{class: c, after: after, vars: i.journal.variables()}}
}

// construct makes an object of a class: it runs __init__, or takes the arguments
// for the fields of a data class.
func (i *interpreter) construct(f *frame, c *class, args arguments, n python.Node) *object {
	made := &object{instance: &instance{class: c, vars: i.journal.variables()}}
	if start, ok := i.classMember(c, "__init__"); ok {
		if start.function != nil {
			i.callFunction(f, start.function, made, args, n)
		}
		return made
	}
	for key, o := range args.keywords {
		made.instance.vars.set(key, o)
	}
	if len(args.positional) > 0 {
		at := 0
		for s := range c.node.All(python.RoleBody) {
			if target := s.Child(python.RoleTarget); s.Is(python.KindAssign) && s.Child(python.RoleAnnotation).Exists() && at < len(args.positional) {
				made.instance.vars.set(target.Text(), args.positional[at])
				at++
			}
		}
	}
	return made
}

// classAttribute returns what a class gives by a name.
func (i *interpreter) classAttribute(on *object, name string) *object {
	o, ok := i.classMember(on.class, name)
	switch {
	case !ok:
		return unknown(name + " of a class")
	case o.function != nil && decorated(o.function.node, "classmethod"):
		return &object{function: o.function, self: on}
	}
	return o
}

// instanceMember returns an attribute of an object: what was set on it, what a
// property returns, a method, or an attribute of its class.
func (i *interpreter) instanceMember(on *instance, name string) *object {
	if o, ok := on.vars.get(name); ok {
		return o
	}
	c := on.class
	o, ok := memberOf(on.classes(), name)
	if !ok {
		if i.readsEnvironment(c) {
			return objectOf(i.variableRead(c.node.Text(), fact.Of(i.fieldPrefix(c)+strings.ToUpper(name)), nil, true))
		}
		return unknown(name + " of an object")
	}
	if o.function != nil {
		switch {
		case isProperty(o.function.node):
			return i.callFunction(o.function.defined, o.function, whole(on), arguments{}, o.function.node)
		case decorated(o.function.node, "staticmethod"):
			return &object{function: o.function}
		case decorated(o.function.node, "classmethod"):
			return &object{function: o.function, self: &object{class: c}}
		}
		return &object{function: o.function, self: whole(on)}
	}
	if o.fact != nil && i.readsEnvironment(c) {
		// A field of pydantic's settings: the variable, with the field's default.
		fallback := o.fact
		if fallback.Kind == fact.Object && last(fallback.Text) == "Field" {
			// Field(default) and Field(default=..., description=...)
			switch {
			case len(fallback.Items) > 0:
				fallback = fallback.Items[0]
			default:
				fallback = fallback.Get("default")
			}
		}
		v := i.variableRead(c.node.Text(), fact.Of(i.fieldPrefix(c)+strings.ToUpper(name)), fallback, true)
		switch v.Kind {
		case fact.Bool:
			v = cast(v, "bool")
		case fact.Int:
			v = cast(v, "int")
		case fact.List:
			v = cast(v, "list")
		}
		return objectOf(v)
	}
	i.held(o.fact) // of the class, too
	return o
}

// fieldPrefix is what stands before the names of fields in the environment.
func (i *interpreter) fieldPrefix(c *class) string {
	if o, ok := i.classMember(c, "model_config"); ok {
		if p := fact.Field(o.value(), "env_prefix"); p.Kind == fact.String {
			return strings.ToUpper(p.Text)
		}
	}
	if o, ok := i.classMember(c, "Config"); ok && o.class != nil {
		if p, ok := o.class.vars.get("env_prefix"); ok && p.value().Kind == fact.String {
			return strings.ToUpper(p.value().Text)
		}
	}
	return ""
}

// decorated reports whether a function has a decorator of that name.
func decorated(n python.Node, name string) bool {
	for d := range n.All(python.RoleDecorator) {
		if last(d.Dotted()) == name {
			return true
		}
	}
	return false
}

// whole is the object that super() is of.
func whole(on *instance) *object {
	if on.after == nil {
		return &object{instance: on}
	}
	return &object{instance: &instance{class: on.class, vars: on.vars}}
}
