package django

import (
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// class is a class of the repository.
type class struct {
	node   python.Node
	module *namespace
	vars   *variables
	bases  []*object

	defined *frame
}

const (
	// maxBases bounds how many classes one inherits from, all told.
	maxBases = 50
	// maxVisits bounds the ways that lead to them; there can be very many.
	maxVisits = 1000
)

// define runs the body of a class.
func (i *interpreter) define(f *frame, n python.Node) *class {
	c := &class{node: n, module: f.namespace, defined: f}
	for base := range n.All(python.RoleBase) {
		c.bases = append(c.bases, i.eval(f, base))
	}
	inner := &frame{namespace: f.namespace, vars: i.journal.variables(), outer: f}
	i.block(inner, n, python.RoleBody)
	c.vars = inner.vars
	for _, o := range c.vars.named {
		if o.function != nil && o.function.defined == inner {
			o.function.owner = c
		}
	}
	return c
}

// linear is the order in which a class and its bases are asked for a name:
// depth first, where the last of equals counts, which is C3's order for every
// hierarchy that C3 accepts and that has no crossing bases.
func (c *class) linear() []*class {
	var out []*class
	visits := 0
	var visit func(*class)
	visit = func(c *class) {
		if visits++; visits > maxVisits || len(out) >= maxBases {
			return
		}
		if at := slices.Index(out, c); at >= 0 {
			out = slices.Delete(out, at, at+1)
		}
		out = append(out, c)
		for _, base := range c.bases {
			if base.class != nil {
				visit(base.class)
			}
		}
	}
	visit(c)
	return out
}

func (i *interpreter) classMember(c *class, name string) (*object, bool) {
	return memberOf(c.linear(), name)
}

func memberOf(classes []*class, name string) (*object, bool) {
	for _, at := range classes {
		if o, ok := at.vars.get(name); ok {
			return o, true
		}
	}
	return nil, false
}

// readsEnvironment reports whether objects of a class are filled from the
// environment (https://docs.pydantic.dev/latest/concepts/pydantic_settings/).
func (i *interpreter) readsEnvironment(c *class) bool {
	for _, at := range c.linear() {
		for _, base := range at.bases {
			if strings.HasSuffix(base.outside, ".BaseSettings") {
				return true
			}
		}
	}
	return false
}

func isProperty(n python.Node) bool {
	for d := range n.All(python.RoleDecorator) {
		switch last(d.Dotted()) {
		case "property", "cached_property", "classproperty", "pristinemethod":
			return true
		}
	}
	return false
}

// classSettings returns the settings that a class gives: its upper-case
// attributes and what its properties of such a name return, over those of the
// module around it
// (https://django-configurations.readthedocs.io/en/stable/patterns/).
func (i *interpreter) classSettings(c *class, module *fact.Value) *fact.Value {
	out := *module
	out.Entries = slices.DeleteFunc(slices.Clone(module.Entries), func(e fact.Entry) bool { return e.Value.Kind == fact.Object })
	names := make(map[string]bool)
	for _, at := range c.linear() {
		for name := range at.vars.named {
			names[name] = isSetting(name)
		}
		for _, base := range at.bases {
			if base.class == nil && base.outside == "" {
				out.Open, out.Missing = true, append(slices.Clip(out.Missing), "a base of the class "+c.node.Text())
			}
		}
	}
	for name, is := range names {
		if !is {
			continue
		}
		given := i.instanceMember(&instance{class: c, vars: i.journal.variables()}, name).value()
		v := i.configurationValue(name, given)
		if given.Kind == fact.Object && last(given.Text) == "EmailURLValue" {
			// It stands for the settings of mail, whatever it is called.
			for _, e := range v.Entries {
				out = *withEntry(&out, fact.Of(e.Key), e.Value)
			}
			continue
		}
		out = *withEntry(&out, fact.Of(name), v)
	}
	slices.SortFunc(out.Entries, func(a, b fact.Entry) int { return strings.Compare(a.Key, b.Key) })
	return &out
}

// configurationValue is what values.BooleanValue(True) and its like stand for: a
// variable of the setting's own name
// (https://django-configurations.readthedocs.io/en/stable/values/).
func (i *interpreter) configurationValue(name string, v *fact.Value) *fact.Value {
	if v.Kind != fact.Object || !strings.HasSuffix(v.Text, "Value") || !strings.Contains(v.Text, "values.") && !strings.Contains(v.Text, "configurations") {
		return v
	}
	variable := name
	if n := v.Get("environ_name"); n != nil && n.Kind == fact.String {
		variable = n.Text
	}
	prefix := "DJANGO_"
	if p := v.Get("environ_prefix"); p != nil {
		prefix = ""
		if p.Kind == fact.String && p.Text != "" {
			prefix = p.Text + "_"
		}
	}
	kind := strings.TrimSuffix(last(v.Text), "Value")
	var fallback *fact.Value
	if len(v.Items) > 0 {
		fallback = v.Items[0]
	} else if d := v.Get("default"); d != nil {
		fallback = d
	}
	if kind == "DatabaseURL" || kind == "CacheURL" || kind == "EmailURL" {
		prefix = ""
	}
	if e := v.Get("environ"); e != nil && fact.Truthy(e) == fact.False && fallback != nil {
		return fallback
	}
	required := kind == "Secret" || fallback == nil && fact.Truthy(v.Get("environ_required")) == fact.True
	if fallback == nil && !required {
		fallback = fact.None()
	}
	out := i.variableRead("configurations.values."+last(v.Text), fact.Of(prefix+variable), fallback, required)
	if kind == "DatabaseURL" {
		env := &fact.Env{Names: []string{"DATABASE_URL"}, Reader: v.Text, Cast: "url"}
		if n := v.Get("environ_name"); n != nil {
			env.Names = []string{n.Text}
		}
		return fact.DictOf(fact.Entry{Key: "default", Value: parseDatabase(fallback, env)}).At(v.Places...)
	}
	switch kind {
	case "CacheURL", "EmailURL":
		env := &fact.Env{Names: []string{map[string]string{"CacheURL": "CACHE_URL", "EmailURL": "EMAIL_URL"}[kind]}, Reader: v.Text, Cast: "url"}
		if n := v.Get("environ_name"); n != nil && n.Kind == fact.String {
			env.Names = []string{n.Text}
		}
		if kind == "EmailURL" {
			return parseMail(fallback, env).At(v.Places...)
		}
		return fact.DictOf(fact.Entry{Key: "default", Value: parseCache(fallback, env)}).At(v.Places...)
	case "Boolean":
		out = asBool(out)
	case "Integer", "PositiveInteger":
		out = asNumber(out, "int")
	case "List", "Tuple", "Set":
		out = castTo(out, "list")
	}
	c := *out
	c.Places = v.Places
	return &c
}
