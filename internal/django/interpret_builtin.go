package django

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// builtin works out a function of Python's own.
func (i *interpreter) builtin(name string, args arguments) (*fact.Value, bool) {
	first := args.value(0)
	if first == nil {
		switch name {
		case "dict":
			out := &fact.Value{Kind: fact.Dict}
			for _, key := range sortedKeys(args.keywords) {
				out.Entries = append(out.Entries, fact.Entry{Key: key, Value: args.keywords[key].value()})
			}
			return out, !args.open
		case "list", "tuple", "set", "frozenset":
			return &fact.Value{Kind: fact.List, Tuple: name == "tuple"}, true
		}
		return nil, false
	}
	if first.Kind == fact.Union {
		rest := args
		return fact.Map(first, func(v *fact.Value) *fact.Value {
			rest.positional = append([]*object{objectOf(v)}, args.positional[1:]...)
			if out, ok := i.builtin(name, rest); ok {
				return out
			}
			return lost(v)
		}), true
	}
	switch name {
	case "bool":
		out := truth(fact.Truthy(first), first)
		if first.Env != nil && first.Env.Cast == "str" {
			out = cast(out, "truth")
		}
		return out, true
	case "str":
		return asText(first), true
	case "int", "float":
		return asNumber(first, name), true
	case "list", "tuple", "set", "frozenset", "sorted", "reversed":
		if items, ok := elementsOf(first); ok {
			if name == "sorted" || name == "reversed" {
				items, ok = ordered(name, items)
				if !ok || len(args.keywords) > 0 {
					return lost(first), true
				}
			}
			out := derived(&fact.Value{Kind: fact.List, Tuple: name == "tuple", Items: items}, first)
			if name == "set" || name == "frozenset" {
				out = distinct(out)
			}
			return out, true
		}
		if first.Kind == fact.List {
			out := *first
			out.Tuple = name == "tuple"
			return &out, true
		}
		return lost(first), true
	case "dict":
		c := *first
		out := &c
		if first.Kind != fact.Dict {
			if out = pairs(first); out == nil {
				return lost(first), true
			}
		}
		for _, key := range sortedKeys(args.keywords) {
			out = withEntry(out, fact.Of(key), args.keywords[key].value())
		}
		return out, true
	case "len":
		if items, ok := elementsOf(first); ok {
			return derived(fact.Of(len(items)), first), true
		}
		if first.Kind == fact.String {
			n := len([]rune(first.Text))
			if first.Secret != nil {
				n = first.Secret.Length
			}
			return derived(fact.Of(n), first), true
		}
		return lost(first), true
	case "any", "all":
		items, ok := elementsOf(first)
		if !ok {
			return truth(fact.Undecided, first), true
		}
		answer := fact.TriOf(name == "all")
		for _, item := range items {
			if name == "all" {
				answer = answer.And(fact.Truthy(item))
			} else {
				answer = answer.Or(fact.Truthy(item))
			}
		}
		return truth(answer, items...), true
	case "filter":
		return filtered(first, args.value(1)), true
	case "map":
		return lost(args.value(len(args.positional) - 1)), true
	case "range", "min", "max", "enumerate", "isinstance":
		if v, ok := counted(name, args.values()); ok {
			return v, true
		}
		return lost(args.values()...), true
	case "dir":
		if module := args.positional[0].module; module != nil {
			out := &fact.Value{Kind: fact.List, Open: len(module.open) > 0, Missing: module.open}
			for _, name := range slices.Sorted(maps.Keys(module.vars.named)) {
				out.Items = append(out.Items, fact.Of(name))
			}
			return out, true
		}
		return lost(first), true
	case "getattr":
		return i.getattr(args), true
	case "open":
		return fact.Missed(fileContent), true
	case "zip", "sum", "round", "abs", "hasattr", "print":
		return lost(args.values()...), true
	}
	return nil, false
}

// getattr reads a name of a module, with its fallback.
func (i *interpreter) getattr(args arguments) *fact.Value {
	name := args.value(1)
	if name == nil || name.Kind != fact.String {
		return lost(args.values()...)
	}
	on := args.positional[0]
	if on.module != nil {
		if o, ok := on.module.vars.get(name.Text); ok {
			return o.value()
		}
		if len(on.module.open) == 0 {
			if d := args.value(2); d != nil {
				return d
			}
		}
		out := fact.Missed(on.module.open...)
		if d := args.value(2); d != nil {
			// A module of the operator's: its setting, or what it falls back to.
			c := *d
			c.Env = &fact.Env{Names: []string{name.Text}, Reader: "getattr", Cast: "str"}
			return &c
		}
		return out
	}
	return lost(args.values()...)
}

// isBuiltin reports whether a name is one of Python's own that settings call. A
// module that may set anything is not taken to hide these.
func isBuiltin(name string) bool {
	return strings.Contains(" __import__ abs all any bool bytes dict dir enumerate eval exec filter float format frozenset getattr globals hasattr int isinstance "+
		"len list locals map max min open print range reversed round set setattr sorted str sum super tuple type vars zip "+
		"ImportError ModuleNotFoundError KeyError ValueError TypeError Exception RuntimeError EnvironmentError ", " "+name+" ")
}

// moduleByName is what import_module returns.
func (i *interpreter) moduleByName(f *frame, name *fact.Value) *object {
	if name == nil || name.Kind != fact.String || name.Secret != nil || name.Env != nil {
		return unknown("the module that is imported by its name")
	}
	if name.Text == f.namespace.name {
		return &object{module: f.namespace}
	}
	return imported(i.module(f.namespace.name, name.Text), name.Text)
}

// setattr sets a name of a module, of a class or of an object.
func (i *interpreter) setattr(f *frame, args arguments, n python.Node) *object {
	if len(args.positional) != 3 {
		return objectOf(fact.None())
	}
	on, name, v := args.positional[0], args.value(1), args.value(2)
	switch {
	case namesIn(on) != nil:
		i.setName(namesIn(on), name, v, f.place(n, ""))
	case on.instance != nil && name.Kind == fact.String && name.Secret == nil && name.Env == nil:
		on.instance.vars.set(name.Text, objectOf(v))
	case on.instance != nil:
		i.overriddenIn(on.instance.vars, "the names that are worked out")
	}
	return objectOf(fact.None())
}

// maxDecoded bounds a text that is read as JSON; defaults in settings are short.
const maxDecoded = 4000

// decoded is what a text means as JSON or as a Python literal of the same look.
func decoded(v *fact.Value) *fact.Value {
	if v.Kind != fact.String || v.Secret != nil || len(v.Text) > maxDecoded {
		return lost(v)
	}
	text := strings.TrimSpace(v.Text)
	switch text {
	case "True", "False":
		return derived(fact.Of(text == "True"), v)
	case "None":
		return derived(fact.None(), v)
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	var data any
	if d.Decode(&data) != nil || d.More() {
		return lost(v)
	}
	return derived(fromJSON(data), v)
}

// fromJSON is the value of what encoding/json decoded; it bounds nesting.
func fromJSON(data any) *fact.Value {
	switch data := data.(type) {
	case bool:
		return fact.Of(data)
	case string:
		return fact.Of(data)
	case json.Number:
		return number(data.String())
	case []any:
		out := fact.ListOf()
		for _, item := range data {
			out.Items = append(out.Items, fromJSON(item))
		}
		return out
	case map[string]any:
		out := fact.DictOf()
		for _, key := range slices.Sorted(maps.Keys(data)) {
			out.Entries = append(out.Entries, fact.Entry{Key: key, Value: fromJSON(data[key])})
		}
		return out
	}
	return fact.None()
}
