package django

import (
	"slices"

	"github.com/lintel-bot/lintel/internal/fact"
)

// identity is that of a list or dict: values that have the same are one, and
// what changes it through one of its holders is seen through all of them.
type identity struct {
	// named is true for one that a name stands for, and many for one that may be
	// reached in other ways, too.
	named, many bool
}

// identify returns the identity of a value that Python can change in its place.
func (i *interpreter) identify(v *fact.Value) *identity {
	if v == nil || v.Tuple || v.Kind != fact.List && v.Kind != fact.Dict && v.Kind != fact.Union {
		return nil
	}
	for _, a := range v.Alternatives {
		i.identify(a.Value)
	}
	id := i.identities[v]
	if id == nil {
		id = &identity{}
		i.identities[v] = id
	}
	return id
}

// named records that one more name stands for v, there as bound.
func (i *interpreter) named(v, bound *fact.Value) {
	if id := i.identify(v); id != nil {
		id.many, id.named = id.many || id.named, true
		i.sameAs(v, bound)
		for _, a := range v.Alternatives {
			i.named(a.Value, a.Value)
		}
	}
}

// sameAs gives a copy of a value its identity.
func (i *interpreter) sameAs(v, bound *fact.Value) {
	if id := i.identities[v]; id != nil {
		i.identities[bound] = id
	}
	if len(v.Alternatives) == len(bound.Alternatives) {
		for at, a := range v.Alternatives {
			if a.Value != bound.Alternatives[at].Value {
				i.sameAs(a.Value, bound.Alternatives[at].Value)
			}
		}
	}
}

// held records that a list, a dict or an object holds values.
func (i *interpreter) held(values ...*fact.Value) {
	for _, v := range values {
		if id := i.identify(v); id != nil {
			id.many = true
			i.held(ways(v)...)
		}
	}
}

func ways(v *fact.Value) []*fact.Value {
	var out []*fact.Value
	for _, a := range v.Alternatives {
		out = append(out, a.Value)
	}
	return out
}

// moved puts what a list or dict has become wherever it is held.
func (i *interpreter) moved(f *frame, before, after *fact.Value) { i.movedIf(f, before, after, "") }

// movedIf is moved for one of several that is changed under a condition: what
// holds it in any case may hold what it was.
func (i *interpreter) movedIf(f *frame, before, after *fact.Value, guard string) {
	id := i.identities[before]
	if id == nil || before == after || after == nil {
		return
	}
	if i.identities[after] == nil {
		next := *id
		i.identities[after] = &next
	}
	if !id.many {
		return
	}
	m := &move{i: i, id: id, after: after, guard: guard, opposite: negated(guard), done: make(map[visit]*fact.Value), seen: make(map[*variables]bool)}
	for _, ns := range i.loaded {
		m.variables(ns.vars)
	}
	m.frames(f)
	i.steps += len(m.done) / changesPerStep
}

// move is a walk over all that holds values.
type move struct {
	i     *interpreter
	id    *identity
	after *fact.Value
	// guard is the condition of the change; empty if it is one in any case.
	guard, opposite string
	done            map[visit]*fact.Value
	seen            map[*variables]bool
}

type visit struct {
	value *fact.Value
	sure  bool
}

func (m *move) frames(f *frame) {
	for ; f != nil && !m.seen[f.vars]; f = f.caller {
		for at := f; at != nil; at = at.outer {
			m.variables(at.vars)
		}
		if f.self != nil {
			m.object(f.self)
		}
	}
}

func (m *move) variables(vars *variables) {
	if vars == nil || m.seen[vars] {
		return
	}
	m.seen[vars] = true
	for name, o := range vars.named {
		m.object(o)
		if o.fact == nil {
			continue
		}
		if v := m.value(o.fact, m.guard == ""); v != o.fact {
			other := *o
			other.fact = v
			vars.set(name, &other)
		}
	}
}

// object walks over what can be looked into.
func (m *move) object(o *object) {
	switch {
	case o.class != nil:
		m.variables(o.class.vars)
		for _, base := range o.class.bases {
			m.object(base)
		}
	case o.instance != nil:
		m.variables(o.instance.vars)
		if !m.seen[o.instance.class.vars] {
			m.object(&object{class: o.instance.class})
		}
	case o.function != nil:
		m.frames(o.function.defined)
	}
}

// value is what becomes of a value; sure is true where the condition of the
// change holds.
func (m *move) value(v *fact.Value, sure bool) *fact.Value {
	switch {
	case v == nil || v == m.after:
		return v
	case m.i.identities[v] == m.id && sure:
		return m.after
	case len(v.Items)+len(v.Entries)+len(v.Alternatives) == 0 && m.i.identities[v] != m.id:
		return v
	}
	at := visit{v, sure}
	if out, ok := m.done[at]; ok {
		return out
	}
	if m.done[at] = v; !m.i.step() {
		return v
	}
	if m.i.identities[v] == m.id {
		m.done[at] = &fact.Value{Kind: fact.Union, Places: v.Places, Alternatives: []fact.Alternative{
			{Value: m.after, Guard: m.guard}, {Value: v, Guard: negated(m.guard)},
		}}
		return m.done[at]
	}
	out := *v
	out.Items, out.Entries, out.Alternatives = slices.Clone(v.Items), slices.Clone(v.Entries), slices.Clone(v.Alternatives)
	changed, nested := false, false
	part := func(p **fact.Value, sure bool) {
		w := m.value(*p, sure)
		changed, nested = changed || w != *p, nested || w != nil && w.Kind == fact.Union
		*p = w
	}
	for at := range out.Items {
		part(&out.Items[at], sure)
	}
	for at := range out.Entries {
		part(&out.Entries[at].Value, sure)
	}
	nested = false
	for at, a := range out.Alternatives {
		if !sure && fact.Implies(a.Guard, m.opposite) {
			continue
		}
		part(&out.Alternatives[at].Value, sure || fact.Implies(a.Guard, m.guard))
	}
	if !changed {
		return v
	}
	if nested {
		out = *unionOf(out.Alternatives...)
	}
	if id := m.i.identities[v]; id != nil {
		m.i.identities[&out] = id
	}
	m.done[at] = &out
	return &out
}

// copied is a list or dict of its own that holds the same, or with deep, copies.
func copied(v *fact.Value, deep bool, depth int) *fact.Value {
	out := *v
	if !deep && v.Kind != fact.Union || depth == 0 {
		return &out
	}
	out.Items, out.Entries, out.Alternatives = slices.Clone(v.Items), slices.Clone(v.Entries), slices.Clone(v.Alternatives)
	for at, item := range v.Items {
		out.Items[at] = copied(item, deep, depth-1)
	}
	for at, e := range v.Entries {
		out.Entries[at].Value = copied(e.Value, deep, depth-1)
	}
	for at, a := range v.Alternatives {
		out.Alternatives[at].Value = copied(a.Value, deep, depth-1)
	}
	return &out
}
