package django

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// list works out a list, tuple or set display.
func (i *interpreter) list(f *frame, n python.Node) *fact.Value {
	out := &fact.Value{Kind: fact.List, Tuple: n.Is(python.KindTuple)}
	for e := range n.All(python.RoleElement) {
		if len(out.Items) >= maxElements {
			out.Open, out.Missing = true, []string{"a long list"}
			break
		}
		v := i.eval(f, e).value()
		switch {
		case e.Is(python.KindStar):
			out = concatenated(out, v)
		case out.Kind == fact.Union: // after a star of one of several lists
			out = concatenated(out, fact.ListOf(v))
		default:
			i.held(v)
			out.Items = append(out.Items, v)
		}
	}
	if n.Is(python.KindSet) {
		return distinct(out)
	}
	return out
}

// distinct is a list as a set has it: each element once.
func distinct(v *fact.Value) *fact.Value {
	return mapped(v, func(v *fact.Value) *fact.Value {
		if v.Kind != fact.List || len(v.Items) > maxUnrolled {
			return v
		}
		out := *v
		out.Items = nil
		for _, item := range v.Items {
			switch t := fact.Contains(fact.ListOf(out.Items...), item); {
			case t == fact.True && item.Env == nil:
				continue
			case t != fact.False || item.Env != nil && len(v.Items) > 1:
				out.Open, out.Missing = true, append(slices.Clip(out.Missing), undecidedBy(item)...)
				if item.Kind == fact.Unknown && item.Env == nil {
					continue
				}
			}
			out.Items = append(out.Items, item)
		}
		return &out
	})
}

// concatenated is a + b of lists; what is not known of one opens the whole.
func concatenated(a, b *fact.Value) *fact.Value {
	if a.Kind == fact.Union || b.Kind == fact.Union {
		return mapped(a, func(a *fact.Value) *fact.Value {
			return mapped(b, func(b *fact.Value) *fact.Value { return concatenated(a, b) })
		})
	}
	out := &fact.Value{Kind: fact.List, Tuple: a.Tuple, Env: firstEnv(a, b)}
	for _, v := range []*fact.Value{a, b} {
		switch v.Kind {
		case fact.List:
			out.Items = append(out.Items, v.Items...)
			if v.Open {
				out.Open, out.Missing = true, append(out.Missing, v.Missing...)
			}
		case fact.Dict:
			for _, e := range v.Entries {
				out.Items = append(out.Items, fact.Of(e.Key))
			}
			out.Open = out.Open || v.Open
		default:
			out.Open, out.Missing = true, append(out.Missing, lost(v).Missing...)
		}
	}
	out.Items = out.Items[:min(len(out.Items), maxElements)]
	return out
}

func firstEnv(values ...*fact.Value) *fact.Env {
	for _, v := range values {
		if v != nil && v.Env != nil {
			env := *v.Env
			return &env
		}
	}
	return nil
}

// dict works out a dict display.
func (i *interpreter) dict(f *frame, n python.Node) *fact.Value {
	out := &fact.Value{Kind: fact.Dict}
	for e := range n.All(python.RoleEntry) {
		if e.Is(python.KindDoubleStar) {
			out = updated(out, i.eval(f, e.Child(python.RoleValue)).value())
			continue
		}
		key := i.eval(f, e.Child(python.RoleKey)).value()
		v := i.eval(f, e.Child(python.RoleValue)).value()
		i.held(v)
		out = withEntry(out, asKey(key), v)
	}
	return out
}

// asKey lets numbers be keys.
func asKey(v *fact.Value) *fact.Value {
	if v.Kind == fact.Int {
		return derived(fact.Of(strconv.FormatInt(v.Int, 10)), v)
	}
	return v
}

// updated is a dict with the entries of another.
func updated(a, b *fact.Value) *fact.Value {
	if a.Kind == fact.Union || b.Kind == fact.Union {
		return fact.Map(a, func(a *fact.Value) *fact.Value {
			return fact.Map(b, func(b *fact.Value) *fact.Value { return updated(a, b) })
		})
	}
	if a.Kind == fact.Unknown && b.Kind == fact.Dict {
		// What is put into something unknown is certain all the same.
		a = &fact.Value{Kind: fact.Dict, Open: true, Missing: lost(a).Missing, Places: a.Places, Env: a.Env}
	}
	if a.Kind != fact.Dict {
		return lost(a, b)
	}
	out := *a
	if b.Kind != fact.Dict {
		if b.Kind == fact.Null {
			return &out
		}
		if p := pairs(b); p != nil {
			return updated(a, p)
		}
		out.Open, out.Missing = true, append(append([]string{}, a.Missing...), lost(b).Missing...)
		out.Entries = overlaid(a.Entries, b)
		return &out
	}
	if b.Open {
		out.Entries = overlaid(a.Entries, b)
	}
	result := &out
	for _, e := range b.Entries {
		result = withEntry(result, fact.Of(e.Key), e.Value)
	}
	if b.Open {
		c := *result
		c.Open, c.Missing = true, append(append([]string{}, result.Missing...), b.Missing...)
		result = &c
	}
	return result
}

func (i *interpreter) subscript(f *frame, n python.Node) *object {
	on := i.eval(f, n.Child(python.RoleObject))
	index := n.Child(python.RoleIndex)
	if on.outside == "os.environ" || on.outside == "environ" {
		return objectOf(i.environment(f, "os.environ", []python.Node{index}, nil, true))
	}
	if on.outside == "sys.modules" {
		return i.moduleByName(f, i.eval(f, index).value())
	}
	if index.Is(python.KindSlice) {
		return objectOf(slice(on.value(), index, func(part python.Node) *fact.Value { return i.eval(f, part).value() }))
	}
	if on.names != nil {
		return i.nameIn(on.names, i.eval(f, index).value())
	}
	key := i.eval(f, index).value()
	v := on.value()
	if c, section := i.configOf(v); c != nil && key.Kind == fact.String && key.Secret == nil {
		if section != "" {
			return objectOf(i.option(c, section, key, nil, ""))
		}
		return objectOf(&fact.Value{Kind: fact.Object, Text: v.Text, Items: append(slices.Clip(v.Items), key)})
	}
	if v.Kind == fact.Dict && key.Env != nil {
		// CONFIG[ENVIRONMENT]: production takes its own.
		for _, e := range v.Entries {
			if productionWord(e.Key) && (i.tier == Production || i.tier == Unknown) {
				return objectOf(e.Value)
			}
		}
		if key.Kind != fact.String || key.Secret != nil || v.Get(key.Text) == nil || developmentWord(key.Text) {
			return objectOf(lost(v, key))
		}
		return objectOf(cast(derived(v.Get(key.Text), key), "map"))
	}
	switch key = asKeyFor(v, key); {
	case key.Kind == fact.String && key.Secret == nil:
		return objectOf(mapped(v, func(v *fact.Value) *fact.Value {
			if v.Kind == fact.Dict && !v.Open && v.Get(key.Text) == nil {
				i.mayRaise = true
				return fact.Missed("`" + key.Text + "` is not there")
			}
			return fact.Field(v, key.Text)
		}))
	case key.Kind == fact.Int:
		v = mapped(v, func(v *fact.Value) *fact.Value {
			if v.Kind == fact.List && !v.Open && (int(key.Int) >= len(v.Items) || int(key.Int) < -len(v.Items)) {
				i.mayRaise = true
				return fact.Missed("an element that is not there")
			}
			return element(v, int(key.Int))
		})
		return objectOf(partOf(key, v))
	}
	return objectOf(lost(v, key))
}

// element is what a list or a text has at an index.
func element(v *fact.Value, index int) *fact.Value {
	if v.Kind == fact.List {
		return partOf(v, fact.Item(v, index))
	}
	if v.Kind != fact.String || v.Secret != nil {
		return lost(v)
	}
	letters := []rune(v.Text)
	if index < 0 {
		index += len(letters)
	}
	if index < 0 || index >= len(letters) {
		return lost(v)
	}
	return derived(fact.Of(string(letters[index])), v)
}

// partOf is an element of a list: what is read from a variable as a whole is so
// in its parts.
func partOf(v, item *fact.Value) *fact.Value {
	if v.Env == nil || item.Env != nil {
		return item
	}
	return readAs(item, v.Env)
}

func asKeyFor(v, key *fact.Value) *fact.Value {
	if v.Kind == fact.Dict {
		return asKey(key)
	}
	return key
}

// slice cuts a known list or text.
func slice(v *fact.Value, n python.Node, eval func(python.Node) *fact.Value) *fact.Value {
	if v.Kind == fact.Union {
		return mapped(v, func(v *fact.Value) *fact.Value { return slice(v, n, eval) })
	}
	var bounds []int
	for part := range n.All(python.RolePart) {
		b := eval(part)
		if b.Kind != fact.Int || b.Env != nil {
			return lost(v, b)
		}
		bounds = append(bounds, int(b.Int))
	}
	first, last, ok := cut(n, bounds)
	if !ok || v.Kind != fact.List || v.Open {
		return lost(v)
	}
	within := func(at int) int {
		if at < 0 {
			at += len(v.Items)
		}
		return min(max(at, 0), len(v.Items))
	}
	out := *v
	start, end := 0, len(v.Items)
	if first != nil {
		start = within(*first)
	}
	if last != nil {
		end = within(*last)
	}
	out.Items = slices.Clip(v.Items[start:max(start, end)])
	return &out
}

// cut tells the two bounds of a slice by their places in the source; it is not
// ok where there may be a step.
func cut(n python.Node, bounds []int) (first, last *int, ok bool) {
	start, end := n.Span()
	parts := slices.Collect(n.All(python.RolePart))
	switch len(parts) {
	case 0:
		return nil, nil, true
	case 1:
		switch from, to := parts[0].Span(); {
		case from == start:
			return &bounds[0], nil, true
		case from == start+1 && to == end:
			return nil, &bounds[0], true
		}
	case 2:
		from, to := parts[0].Span()
		next, last := parts[1].Span()
		if from == start && last == end && next == to+1 {
			return &bounds[0], &bounds[1], true
		}
	}
	return nil, nil, false
}

// spliced is a list after X[0:0] = v; what any other slice leaves is not known.
func (i *interpreter) spliced(f *frame, before, v *fact.Value, n python.Node) *fact.Value {
	var bounds []*fact.Value
	for part := range n.All(python.RolePart) {
		bounds = append(bounds, i.eval(f, part).value())
	}
	if before.Kind != fact.List {
		return lost(before)
	}
	if len(bounds) != 2 || bounds[0].Kind != fact.Int || fact.Equal(bounds[0], bounds[1]) != fact.True || before.Open {
		return shaken(before, "what is put into a list")
	}
	at := min(max(int(bounds[0].Int), 0), len(before.Items))
	start, rest := *before, *before
	start.Items, rest.Items = before.Items[:at], before.Items[at:]
	return concatenated(concatenated(&start, v), &rest).At(before.Places...)
}

// overlaid are the entries of a dict that is updated with what is not known: what
// is read from a variable leaves them where the variable is not set.
func overlaid(entries []fact.Entry, by *fact.Value) []fact.Entry {
	if by.Env == nil {
		return perhaps(entries, lost(by), "the update has `%s`")
	}
	out := slices.Clone(entries)
	for at, e := range out {
		if e.Value.Env == nil {
			out[at].Value = readAs(e.Value, by.Env)
		}
	}
	return out
}

// perhaps are entries each of which may be something else.
func perhaps(entries []fact.Entry, other *fact.Value, guard string) []fact.Entry {
	out := slices.Clone(entries)
	for at, e := range out {
		when := fmt.Sprintf(guard, e.Key)
		out[at].Value = unionOf(fact.Alternative{Value: e.Value, Guard: negated(when)}, fact.Alternative{Value: other, Guard: when})
	}
	return out
}

// isKey reports whether a text is a known key of a dict.
func isKey(key *fact.Value) bool {
	return key.Kind == fact.String && key.Secret == nil && key.Env == nil
}

// withEntry returns a container with a changed entry.
func withEntry(v, key, entry *fact.Value) *fact.Value {
	return fact.Map(v, func(v *fact.Value) *fact.Value {
		switch {
		case v == nil || v.Kind == fact.Unknown || v.Kind == fact.Object:
			if isKey(key) && v != nil {
				return &fact.Value{
					Kind: fact.Dict, Open: true, Missing: append([]string{}, lost(v).Missing...), Places: v.Places, Env: v.Env,
					Entries: []fact.Entry{{Key: key.Text, Value: entry}},
				}
			}
			return lost(v)
		case v.Kind == fact.Dict && isKey(key):
			out := *v
			out.Entries = slices.Clone(v.Entries)
			for at := range out.Entries {
				if out.Entries[at].Key == key.Text {
					out.Entries[at].Value = entry
					return &out
				}
			}
			if len(out.Entries) < maxElements {
				out.Entries = append(out.Entries, fact.Entry{Key: key.Text, Value: entry})
			}
			return &out
		case v.Kind == fact.Dict:
			out := *v
			out.Open, out.Missing = true, append(slices.Clip(v.Missing), undecidedBy(key)...)
			out.Entries = perhaps(v.Entries, entry, "the key is `%s`")
			return &out
		case v.Kind == fact.List && key.Kind == fact.Int && key.Env == nil && !v.Open:
			at := int(key.Int)
			if at < 0 {
				at += len(v.Items)
			}
			if at >= 0 && at < len(v.Items) {
				out := *v
				out.Items = slices.Clone(v.Items)
				out.Items[at] = entry
				return &out
			}
		}
		return lost(v, key)
	})
}

func withoutEntry(v, key *fact.Value) *fact.Value {
	return fact.Map(v, func(v *fact.Value) *fact.Value {
		if v != nil && v.Kind == fact.List && !v.Open && key.Kind == fact.Int && key.Env == nil {
			at := int(key.Int)
			if at < 0 {
				at += len(v.Items)
			}
			if at >= 0 && at < len(v.Items) {
				out := *v
				out.Items = slices.Delete(slices.Clone(v.Items), at, at+1)
				return &out
			}
		}
		if v == nil || v.Kind != fact.Dict || !isKey(key) {
			return lost(v, key)
		}
		out := *v
		out.Entries = slices.DeleteFunc(slices.Clone(v.Entries), func(e fact.Entry) bool { return e.Key == key.Text })
		return &out
	})
}
