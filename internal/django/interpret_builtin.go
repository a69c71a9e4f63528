package django

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// isBuiltin reports whether a name is one of Python's own that settings call. A
// module that may set anything is not taken to hide these.
func isBuiltin(name string) bool {
	return strings.Contains(" __import__ abs all any bool bytes dict enumerate eval exec filter float format frozenset getattr globals hasattr int isinstance "+
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

// setattr sets a name of a module.
func (i *interpreter) setattr(f *frame, args arguments, n python.Node) *object {
	if len(args.positional) == 3 && args.positional[0].module != nil {
		ns := args.positional[0].module
		if name := args.value(1); name.Kind == fact.String && name.Secret == nil && name.Env == nil {
			ns.set(name.Text, objectOf(through(args.value(2), f.place(n, name.Text))))
		} else {
			i.overridden(&frame{namespace: ns, vars: ns.vars}, "what setattr sets")
		}
	}
	return objectOf(fact.None())
}

// formatted is text.format(...).
func formatted(v *fact.Value, args arguments) *fact.Value {
	if v.Kind != fact.String || v.Secret != nil {
		return lost(append([]*fact.Value{v}, args.values()...)...)
	}
	out := derived(fact.Of(""), v)
	rest, next := v.Text, 0
	for rest != "" {
		at := strings.IndexAny(rest, "{}")
		if at < 0 {
			return joinText(out, fact.Of(rest))
		}
		out = joinText(out, fact.Of(rest[:at]))
		if strings.HasPrefix(rest[at:], "{{") || strings.HasPrefix(rest[at:], "}}") {
			out, rest = joinText(out, fact.Of(rest[at:at+1])), rest[at+2:]
			continue
		}
		field, tail, ok := strings.Cut(rest[at+1:], "}")
		if !ok || rest[at] == '}' {
			return lost(v)
		}
		var part *fact.Value
		if field == "" {
			part = args.value(next)
			next++
		} else if index, err := strconv.Atoi(field); err == nil && index >= 0 {
			part = args.value(index)
		} else {
			part = args.keyword(field)
		}
		if part == nil {
			return lost(append([]*fact.Value{v}, args.values()...)...)
		}
		out, rest = joinText(out, part), tail
	}
	return out
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
