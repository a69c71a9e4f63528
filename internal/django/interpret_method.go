package django

import (
	"slices"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// callMethod runs a method of a value. Those that change a list or dict bind the
// name that holds it to a changed copy.
func (i *interpreter) callMethod(f *frame, m *boundMethod, args arguments, n python.Node) *object {
	if m.on.reader != nil {
		return objectOf(i.read(f, m.on.reader, m.name, args, n))
	}
	if m.on.names != nil {
		return i.namesMethod(f, m.on.names, m.name, args, n)
	}
	v := m.on.value()
	if c, _ := i.configOf(v); c != nil {
		return objectOf(i.configMethod(v, m.name, args))
	}
	if m.name == "format" {
		return objectOf(fact.Map(v, func(v *fact.Value) *fact.Value { return formatted(v, args) }))
	}
	if out, ok := pathMethod(v, m.name, args.values()); ok {
		return objectOf(derived(out, v))
	}
	if changed, result, ok := mutated(v, m.name, args); ok {
		i.held(args.values()...)
		if len(changed.Places) > 0 {
			c := *changed
			c.Places = append(slices.Clip(changed.Places[:min(len(changed.Places), maxChain)]), f.place(n, m.target.Dotted()))
			changed = &c
		}
		if v.Kind == fact.Union {
			i.update(f, m.target, n, func(v *fact.Value) *fact.Value {
				c, _, _ := mutated(v, m.name, args)
				if c == nil {
					return lost(v)
				}
				return c
			})
			return objectOf(result)
		}
		i.rebind(f, m.target, changed, n)
		i.moved(f, v, changed)
		return objectOf(result)
	}
	if v.Kind == fact.Unknown && v.Env == nil && changes(m.name) {
		// What it is stays unknown, and so does what else holds it.
		i.rebind(f, m.target, lost(v), n)
	}
	return objectOf(fact.Map(v, func(v *fact.Value) *fact.Value {
		if out, ok := textMethod(v, m.name, args.values()); ok {
			return out
		}
		return containerMethod(v, m.name, args)
	}))
}

// containerMethod works out a method that changes nothing.
func containerMethod(v *fact.Value, name string, args arguments) *fact.Value {
	if v.Kind == fact.Dict {
		switch name {
		case "get":
			key := args.value(0)
			if key != nil && key.Kind == fact.Null && key.Env != nil && args.either(1, "default") != nil {
				return cast(derived(args.either(1, "default"), key), "map")
			}
			if key == nil || key.Kind != fact.String {
				return lost(v, key)
			}
			found := partOf(key, fact.Field(v, key.Text))
			switch d := args.either(1, "default"); {
			case d != nil && !v.Open && v.Get(key.Text) == nil:
				return partOf(key, d)
			case d != nil && v.Open && v.Get(key.Text) == nil:
				return orElse(lost(v), d, key.Text)
			}
			return found
		case "keys", "values", "items":
			out := &fact.Value{Kind: fact.List, Open: v.Open, Missing: v.Missing}
			for _, e := range v.Entries {
				switch name {
				case "keys":
					out.Items = append(out.Items, fact.Of(e.Key))
				case "values":
					out.Items = append(out.Items, e.Value)
				default:
					out.Items = append(out.Items, fact.ListOf(fact.Of(e.Key), e.Value))
				}
			}
			return out
		case "copy":
			c := *v
			return &c
		}
	}
	if v.Kind == fact.List {
		switch name {
		case "copy":
			c := *v
			return &c
		case "union":
			if other := args.value(0); other != nil {
				return distinct(concatenated(v, other))
			}
		case "index", "count":
			if at, count, ok := placeIn(v, args.value(0)); ok && len(args.positional) == 1 {
				if name == "count" {
					return fact.Of(count)
				} else if count > 0 {
					return fact.Of(at)
				}
			}
			return fact.Missed("a place in a list")
		}
	}
	if d, key := instead(v, name, args); d != nil {
		return orElse(fact.Missed(lost(v).Missing...), d, key)
	}
	// What a method makes of a variable's value is not the variable any more: its
	// text may be the path of a file.
	out := *lost(v)
	out.Env = nil
	return &out
}

// placeIn is where a list has an element first, and how often.
func placeIn(v, element *fact.Value) (at, count int, ok bool) {
	if v.Open || element == nil || element.Env != nil {
		return 0, 0, false
	}
	for n, item := range v.Items {
		t := fact.Equal(item, element)
		if t == fact.Undecided || item.Env != nil {
			return 0, 0, false
		}
		if t == fact.True {
			if count++; count == 1 {
				at = n
			}
		}
	}
	return at, count, true
}

// fileContent is what is missing where a file is read.
const fileContent = "what a file holds"

// instead is what a method of something unknown answers where that does not
// have the key, or nil.
func instead(v *fact.Value, method string, args arguments) (other *fact.Value, key string) {
	name := args.value(0)
	if v.Kind != fact.Unknown || method != "get" || name == nil || name.Kind != fact.String || name.Secret != nil {
		return nil, ""
	}
	if d := args.keyword("fallback"); d != nil && len(args.positional) == 2 && args.value(1).Kind == fact.String {
		return d, args.value(1).Text // a ConfigParser
	}
	d := args.either(1, "default")
	// Of a ConfigParser the second is the name of an option, too.
	if d == nil || d.Kind == fact.String && d.Env == nil && len(args.positional) > 1 && !slices.Contains(v.Missing, fileContent) || len(args.keywords) > 1 {
		return nil, ""
	}
	return d, name.Text
}

// orElse is what something that is not known holds at a key, or else what the
// code takes in its place.
func orElse(held, other *fact.Value, key string) *fact.Value {
	given := "`" + key + "` is given"
	return unionOf(fact.Alternative{Value: held, Guard: given}, fact.Alternative{Value: other, Guard: negated(given)})
}

// mutated returns a changed copy of a list or dict, and what the method returns.
func mutated(v *fact.Value, name string, args arguments) (changed, result *fact.Value, ok bool) {
	if v.Kind == fact.Union {
		out := fact.Map(v, func(v *fact.Value) *fact.Value {
			if c, _, ok := mutated(v, name, args); ok {
				return c
			}
			return lost(v)
		})
		ok := slices.ContainsFunc(v.Alternatives, func(a fact.Alternative) bool {
			_, _, ok := mutated(a.Value, name, args)
			return ok
		})
		return out, fact.Missed("what " + name + " returns"), ok
	}
	first := args.value(0)
	if first == nil {
		first = fact.None()
	}
	list := v.Kind == fact.List
	switch {
	case list && name == "add":
		return distinct(concatenated(v, fact.ListOf(first))).At(v.Places...), fact.None(), true
	case list && name == "append":
		return concatenated(v, fact.ListOf(first)).At(v.Places...), fact.None(), true
	case list && name == "update":
		return distinct(concatenated(v, first)).At(v.Places...), fact.None(), true
	case list && name == "extend":
		return concatenated(v, first).At(v.Places...), fact.None(), true
	case list && name == "insert":
		out := *v
		out.Items = slices.Clone(v.Items)
		at := len(out.Items)
		switch {
		case first.Kind != fact.Int || first.Env != nil:
			out.Open, out.Missing = true, append(slices.Clip(v.Missing), "the order of a list")
		case first.Int >= 0:
			at = min(int(first.Int), at)
		default:
			at = max(at+int(first.Int), 0)
		}
		if item := args.value(1); item != nil {
			out.Items = slices.Insert(out.Items, at, item)
		}
		return &out, fact.None(), true
	case list && (name == "remove" || name == "discard"):
		return without(v, first), fact.None(), true
	case list && name == "clear":
		return &fact.Value{Kind: fact.List, Places: v.Places}, fact.None(), true
	case list && (name == "sort" || name == "reverse"):
		out := *v
		by := map[string]string{"sort": "sorted", "reverse": "reversed"}[name]
		if items, ok := ordered(by, v.Items); ok && len(args.keywords) == 0 {
			out.Items = items
		} else {
			out.Open, out.Missing = true, append(slices.Clip(v.Missing), "the order of a list")
		}
		return &out, fact.None(), true
	case list && name == "pop":
		out := *v
		at := len(v.Items) - 1
		if first.Kind == fact.Int && first.Int >= 0 {
			at = int(first.Int)
		}
		if !v.Open && at >= 0 && at < len(v.Items) && (len(args.positional) == 0 || first.Kind == fact.Int && first.Int >= -1 && first.Env == nil) {
			out.Items = slices.Delete(slices.Clone(v.Items), at, at+1)
			return &out, v.Items[at], true
		}
		return shaken(v, "which element is taken out"), fact.Missed("an element of a list"), true
	case list && (name == "difference_update" || name == "intersection_update" || name == "symmetric_difference_update"):
		return shaken(v, "what "+name+" leaves"), fact.None(), true
	case v.Kind == fact.Dict && name == "popitem":
		return shaken(v, "which entry is taken out"), fact.Missed("an entry of a dict"), true
	case v.Kind == fact.Dict && name == "update", v.Kind == fact.Unknown && name == "update" && (first.Kind == fact.Dict || len(args.keywords) > 0):
		out := v
		if len(args.positional) > 0 {
			out = updated(out, first)
		}
		for _, key := range sortedKeys(args.keywords) {
			out = withEntry(out, fact.Of(key), args.keywords[key].value())
		}
		return out, fact.None(), true
	case v.Kind == fact.Dict && name == "setdefault":
		if isKey(first) && v.Get(first.Text) != nil {
			return v, v.Get(first.Text), true
		}
		item := args.value(1)
		if item == nil {
			item = fact.None()
		}
		if v.Open && first.Kind == fact.String {
			item = orElse(lost(v), item, first.Text)
		}
		return withEntry(v, first, item), item, true
	case v.Kind == fact.Dict && name == "pop":
		found := lost(v, first)
		if isKey(first) {
			d := args.either(1, "default")
			switch held := v.Get(first.Text); {
			case held != nil:
				found = held
			case d != nil && v.Open:
				found = orElse(found, d, first.Text)
			case d != nil:
				found = d
			}
		}
		return withoutEntry(v, first), found, true
	case v.Kind == fact.Dict && name == "clear":
		return &fact.Value{Kind: fact.Dict, Places: v.Places}, fact.None(), true
	}
	return nil, nil, false
}

// changes reports whether a method changes the list or dict that it is called on.
func changes(name string) bool {
	switch name {
	case "append", "add", "extend", "update", "insert", "remove", "discard", "clear", "pop", "popitem", "setdefault", "sort", "reverse",
		"difference_update", "intersection_update", "symmetric_difference_update":
		return true
	}
	return false
}

// hasEffect reports whether an expression changes a list or dict by one of its
// methods: it may be worked out only once.
func hasEffect(n python.Node) bool {
	if n.Is(python.KindLambda) {
		return false
	}
	if fn := n.Child(python.RoleFunction); n.Is(python.KindCall) && fn.Is(python.KindAttribute) && changes(fn.Text()) {
		return true
	}
	for c := range n.Children() {
		if hasEffect(c) {
			return true
		}
	}
	return false
}

// shaken is a list or dict of which nobody knows any more what it holds.
func shaken(v *fact.Value, why string) *fact.Value {
	out := *v
	out.Items, out.Entries = nil, nil
	out.Open, out.Missing = true, append(slices.Clip(v.Missing), why)
	return &out
}

// without is a list from which the first of its elements was taken that is equal
// to one; those that may be that one may be gone.
func without(v, element *fact.Value) *fact.Value {
	out := *v
	out.Items = nil
	for at, item := range v.Items {
		t := fact.Equal(item, element)
		if item.Env != nil || element.Env != nil {
			t = fact.Undecided
		}
		switch t {
		case fact.True:
			out.Items = append(out.Items, v.Items[at+1:]...)
			return &out
		case fact.False:
			out.Items = append(out.Items, item)
		default:
			out.Open, out.Missing = true, append(slices.Clip(out.Missing), undecidedBy(element, item)...)
		}
	}
	return &out
}
