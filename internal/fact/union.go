package fact

import (
	"slices"
)

// maxAlternatives bounds a union; beyond it nothing is known.
const maxAlternatives = 16

// Map replaces each alternative of a union, or the value that is none.
func Map(v *Value, change func(*Value) *Value) *Value {
	if v.kind() != Union {
		return change(v)
	}
	out := make([]Alternative, 0, len(v.Alternatives))
	for _, a := range v.Alternatives {
		out = append(out, Alternative{Map(a.Value, change), a.Guard})
	}
	return UnionOf(out...)
}

// UnionOf joins alternatives: unions among them are taken apart, equal ones
// become one, and one that is left stands for itself.
func UnionOf(alternatives ...Alternative) *Value {
	var flat []Alternative
	for _, a := range alternatives {
		if a.Value.kind() == Union {
			for _, inner := range a.Value.Alternatives {
				flat = append(flat, Alternative{inner.Value, JoinGuards(a.Guard, inner.Guard)})
			}
			continue
		}
		flat = append(flat, a)
	}
	var out []Alternative
	for _, a := range flat {
		at := slices.IndexFunc(out, func(o Alternative) bool { return same(o.Value, a.Value) })
		if at < 0 {
			out = append(out, a)
			continue
		}
		out[at].Guard = CommonGuard(out[at].Guard, a.Guard)
	}
	switch {
	case len(out) == 0:
		return Missed()
	case len(out) == 1:
		return out[0].Value
	case len(out) > maxAlternatives:
		var missing []string
		for _, a := range out {
			if a.Guard != "" {
				missing = append(missing, "whether "+a.Guard)
			}
		}
		return Missed(unique(missing)...)
	}
	return &Value{Kind: Union, Alternatives: out, Places: out[0].Value.Places}
}

// same reports whether two values are known to be one: equal, and given at the
// same place and in the same way.
func same(a, b *Value) bool {
	if a == b {
		return true
	}
	pa, _ := a.Place()
	pb, _ := b.Place()
	return pa == pb && (a.Env == nil) == (b.Env == nil) && Equal(a, b) == True
}
