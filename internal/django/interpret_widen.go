package django

import (
	"slices"

	"github.com/lintel-bot/lintel/internal/fact"
)

// widen makes the names that a round of a loop changes stand for what they are
// before and after it, and reports whether there was anything to do: if not, any
// further round changes nothing, either. start is what they were at first.
func (w *way) widen(start map[slot]*object, words string, round int) bool {
	changed := false
	for _, s := range w.slots {
		before, after := w.before[s], w.after[s]
		if _, ok := start[s]; !ok {
			start[s] = before
		}
		if round < maxRounds && coversObject(before, after) {
			continue
		}
		changed = true
		if round == 0 || round < mergingRounds && container(before) && container(after) {
			s.in.set(s.name, merged(before, after, words))
			continue
		}
		s.in.set(s.name, joined(unknown("what "+words+" makes of "+s.name), start[s], words+" runs"))
	}
	return changed && round < maxRounds
}

func container(o *object) bool {
	return o != nil && o.fact != nil && (o.fact.Kind == fact.List || o.fact.Kind == fact.Dict)
}

// merged is what a name stands for before or after a round.
func merged(before, after *object, words string) *object {
	if before == nil || after == nil || before.fact == nil || after.fact == nil {
		return joined(after, before, words+" runs")
	}
	work := maxCovered
	out := *before
	out.fact = merge(before.fact, after.fact, words, &work)
	return &out
}

// merge is what is certain of a value before and after a round: of lists and
// dicts what both hold, and that there may be more.
func merge(before, after *fact.Value, words string, work *int) *fact.Value {
	switch {
	case *work < 0:
		return fact.Missed("what " + words + " makes of it")
	case covers(before, after, work):
		return before
	case after.Kind != fact.Unknown && after.Kind != fact.Union && covers(after, before, work):
		return after
	}
	ways := append(alternatives(before), alternatives(after)...)
	kind := func(kind fact.Kind) bool {
		return !slices.ContainsFunc(ways, func(v *fact.Value) bool { return v.Kind != kind || !sameEnv(v.Env, before.Env) })
	}
	if !kind(fact.List) && !kind(fact.Dict) {
		return unionOf(fact.Alternative{Value: before, Guard: negated(words + " runs")}, fact.Alternative{Value: after, Guard: words + " runs"})
	}
	first := *ways[0]
	out := &first
	out.Places = after.Places
	out.Open, out.Missing = true, []string{"what " + words + " adds"}
	for _, v := range ways {
		for _, m := range v.Missing {
			if !slices.Contains(out.Missing, m) {
				out.Missing = append(out.Missing, m)
			}
		}
	}
	for _, v := range ways[1:] {
		var items []*fact.Value
		for at, item := range out.Items {
			if at < len(v.Items) && v.Items[at] == item {
				items = append(items, item)
				continue
			}
			if *work -= len(v.Items); *work > 0 && holdsItem(v, item) {
				items = append(items, item)
			}
		}
		out.Items = items
		var entries []fact.Entry
		for _, e := range out.Entries {
			if other := v.Get(e.Key); other != nil {
				entries = append(entries, fact.Entry{Key: e.Key, Value: merge(e.Value, other, words, work)})
			}
		}
		out.Entries = entries
	}
	return out
}

func alternatives(v *fact.Value) []*fact.Value {
	if v.Kind != fact.Union {
		return []*fact.Value{v}
	}
	var out []*fact.Value
	for _, a := range v.Alternatives {
		out = append(out, alternatives(a.Value)...)
	}
	return out
}

// maxCovered bounds the parts that are compared; beyond it nothing is covered.
const maxCovered = 20_000

// coversObject is covers for what names stand for.
func coversObject(w, v *object) bool {
	switch {
	case w == v:
		return true
	case w == nil:
		return false
	case v == nil:
		return w.fact != nil && slices.ContainsFunc(alternatives(w.fact), func(a *fact.Value) bool { return a.Default })
	case w.fact != nil:
		work := maxCovered
		return covers(w.fact, v.value(), &work)
	case v.fact != nil:
		return false
	case w.function != nil && v.function != nil:
		return w.function.node == v.function.node && w.self == v.self
	case w.class != nil && v.class != nil:
		return w.class.node == v.class.node
	}
	return w.module == v.module && w.outside == v.outside && w.reader == v.reader && w.instance == v.instance && w.method == nil && v.method == nil &&
		w.function == v.function && w.class == v.class
}

// covers reports whether all that v may be is something that w may be.
func covers(w, v *fact.Value, work *int) bool {
	if *work--; *work < 0 {
		return false
	}
	switch {
	case w == v:
		return true
	case v.Kind == fact.Union:
		return !slices.ContainsFunc(v.Alternatives, func(a fact.Alternative) bool { return !covers(w, a.Value, work) })
	case w.Kind == fact.Union:
		return slices.ContainsFunc(w.Alternatives, func(a fact.Alternative) bool { return covers(a.Value, v, work) })
	case w.Kind == fact.Unknown:
		return w.Env == nil || sameEnv(w.Env, v.Env)
	case w.Kind != v.Kind || !sameEnv(w.Env, v.Env) || w.Default != v.Default || w.Text != v.Text:
		return false
	case !w.Open && w.Kind != fact.Object && (v.Open || len(w.Entries) != len(v.Entries)):
		return false
	case w.Kind == fact.Object && (len(w.Items) != len(v.Items) || len(w.Entries) != len(v.Entries)):
		return false
	}
	for _, e := range w.Entries {
		if other := v.Get(e.Key); other == nil || !covers(e.Value, other, work) {
			return false
		}
	}
	switch {
	case w.Kind == fact.List && w.Open:
		return !slices.ContainsFunc(w.Items, func(item *fact.Value) bool {
			return !slices.ContainsFunc(v.Items, func(other *fact.Value) bool { return covers(item, other, work) })
		})
	case w.Kind == fact.List || w.Kind == fact.Object:
		return slices.EqualFunc(w.Items, v.Items, func(a, b *fact.Value) bool { return covers(a, b, work) })
	case w.Kind == fact.Dict:
		return true
	}
	return fact.Equal(w, v) == fact.True
}

func sameEnv(a, b *fact.Env) bool {
	if a == nil || b == nil {
		return a == b
	}
	return slices.Equal(a.Names, b.Names) && a.Guarded == b.Guarded && a.Cast == b.Cast
}

// weakened is a list or dict of which one element, nobody knows which, may have
// become v in its place.
func weakened(container, v *fact.Value) *fact.Value {
	return mapped(container, func(c *fact.Value) *fact.Value {
		changed := func(element *fact.Value) *fact.Value {
			switch element.Kind {
			case fact.List, fact.Dict, fact.Union, fact.Unknown:
				return unionOf(fact.Alternative{Value: element, Guard: "not this one is changed"}, fact.Alternative{Value: v, Guard: "this one is changed"})
			}
			return element
		}
		if c.Kind != fact.List && c.Kind != fact.Dict {
			return c
		}
		out := *c
		out.Items, out.Entries = nil, nil
		for _, item := range c.Items {
			out.Items = append(out.Items, changed(item))
		}
		for _, e := range c.Entries {
			out.Entries = append(out.Entries, fact.Entry{Key: e.Key, Value: changed(e.Value)})
		}
		return &out
	})
}
