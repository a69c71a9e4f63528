package django

import (
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
)

// unionOf joins alternatives. Where there are more ways than a union holds, it
// keeps of lists what all of them have, and of dicts what each entry may be.
func unionOf(alternatives ...fact.Alternative) *fact.Value {
	v := fact.UnionOf(alternatives...)
	if v.Kind != fact.Unknown {
		return v
	}
	var flat []fact.Alternative
	for _, a := range alternatives {
		if a.Value.Kind == fact.Union {
			flat = append(flat, a.Value.Alternatives...)
			continue
		}
		flat = append(flat, a)
	}
	same := func(kind fact.Kind) bool {
		return !slices.ContainsFunc(flat, func(a fact.Alternative) bool { return a.Value.Kind != kind })
	}
	if len(flat) > 1 && len(v.Missing) > 0 {
		v = fact.Missed(conditions(flat)...)
	}
	switch {
	case len(flat) < 2:
		return v
	case same(fact.List):
		return commonItems(flat, v.Missing)
	case same(fact.Dict):
		return commonEntries(flat)
	}
	return v
}

// commonItems is a list that holds what all of the alternatives do, and perhaps
// more.
func commonItems(alternatives []fact.Alternative, missing []string) *fact.Value {
	first := alternatives[0].Value
	out := &fact.Value{Kind: fact.List, Tuple: first.Tuple, Open: true, Missing: missing, Places: first.Places}
	for _, item := range first.Items {
		if !slices.ContainsFunc(alternatives[1:], func(a fact.Alternative) bool { return !holdsItem(a.Value, item) }) {
			out.Items = append(out.Items, item)
		}
	}
	return out
}

func holdsItem(v, item *fact.Value) bool {
	return slices.ContainsFunc(v.Items, func(other *fact.Value) bool { return other == item || fact.Equal(other, item) == fact.True })
}

// commonEntries is a dict whose entries are what they are in one of the
// alternatives each.
func commonEntries(alternatives []fact.Alternative) *fact.Value {
	out := &fact.Value{Kind: fact.Dict, Places: alternatives[0].Value.Places}
	seen := make(map[string]bool)
	for _, a := range alternatives {
		if a.Value.Open {
			out.Open, out.Missing = true, append(out.Missing, a.Value.Missing...)
		}
		for _, e := range a.Value.Entries {
			if seen[e.Key] {
				continue
			}
			seen[e.Key] = true
			var ways []fact.Alternative
			for _, other := range alternatives {
				value := other.Value.Get(e.Key)
				switch {
				case value == nil && other.Value.Open:
					value = fact.Field(other.Value, e.Key)
				case value == nil:
					value = unset()
				}
				ways = append(ways, fact.Alternative{Value: value, Guard: other.Guard})
			}
			out.Entries = append(out.Entries, fact.Entry{Key: e.Key, Value: unionOf(ways...)})
		}
	}
	return out
}

// column is a list of what each element may be, for one of several lists of one
// length; nil for any other value.
func column(v *fact.Value) *fact.Value {
	if v.Kind != fact.Union {
		return nil
	}
	first := v.Alternatives[0].Value
	out := &fact.Value{Kind: fact.List, Env: v.Env}
	for at := range first.Items {
		var ways []fact.Alternative
		for _, a := range v.Alternatives {
			if a.Value.Kind != fact.List || a.Value.Open || len(a.Value.Items) != len(first.Items) {
				return nil
			}
			ways = append(ways, fact.Alternative{Value: a.Value.Items[at], Guard: a.Guard})
		}
		out.Items = append(out.Items, unionOf(ways...))
	}
	return out
}

// mapped is fact.Map that keeps what it can of too many ways.
func mapped(v *fact.Value, change func(*fact.Value) *fact.Value) *fact.Value {
	if v.Kind != fact.Union {
		return change(v)
	}
	var ways []fact.Alternative
	for _, a := range v.Alternatives {
		ways = append(ways, fact.Alternative{Value: mapped(a.Value, change), Guard: a.Guard})
	}
	return unionOf(ways...)
}

// maxConditions bounds the conditions that are named for what has too many ways.
const maxConditions = 8

// conditions are those that the guards of alternatives consist of.
func conditions(alternatives []fact.Alternative) []string {
	var out []string
	for _, a := range alternatives {
		for part := range strings.SplitSeq(a.Guard, " and ") {
			part = "whether " + strings.TrimPrefix(part, "not ")
			if a.Guard != "" && len(out) < maxConditions && !slices.Contains(out, part) {
				out = append(out, part)
			}
		}
	}
	return out
}
