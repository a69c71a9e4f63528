package django

import (
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
)

// asNumber casts to a number.
func asNumber(v *fact.Value, name string) *fact.Value {
	switch v.Kind {
	case fact.Bool:
		n := int64(0)
		if v.Bool {
			n = 1
		}
		return cast(derived(fact.Of(n), v), name)
	case fact.Float:
		if name == "int" {
			return cast(derived(fact.Of(int64(v.Float)), v), name)
		}
		return cast(v, name)
	case fact.Int:
		return cast(v, name)
	case fact.String:
		if v.Secret == nil {
			if n := number(strings.TrimSpace(v.Text)); n.Kind != fact.Unknown {
				return cast(derived(n, v), name)
			}
		}
	}
	return cast(lost(v), name)
}

// asBool casts a text as people spell truth.
func asBool(v *fact.Value) *fact.Value {
	switch v.Kind {
	case fact.String:
		if v.Secret == nil && truthWord(v.Text) {
			return cast(derived(fact.Of(!falseWord(v.Text)), v), "bool")
		}
		if v.Text == "" && v.Secret == nil {
			return cast(derived(fact.Of(false), v), "bool")
		}
	case fact.Bool:
		return cast(v, "bool")
	case fact.Int:
		return cast(derived(fact.Of(v.Int != 0), v), "bool")
	case fact.Null:
		return cast(derived(fact.Of(false), v), "bool")
	}
	return cast(lost(v), "bool")
}

// castName is the name of what a cast makes of a text.
func castName(v *fact.Value) string {
	if v == nil {
		return "str"
	}
	switch last(v.Text) {
	case "bool", "boolean", "strtobool":
		return "bool"
	case "int", "float", "list", "tuple", "dict", "json":
		return last(v.Text)
	case "Csv", "CommaSeparatedStrings":
		return "list"
	}
	return "str"
}

// smartCast is the cast that django-environ takes from the type of a default
// (https://django-environ.readthedocs.io/en/latest/tips.html#smart-casting).
func smartCast(fallback *fact.Value) string {
	if fallback == nil {
		return ""
	}
	switch fallback.Kind {
	case fact.Bool:
		return "bool"
	case fact.Int:
		return "int"
	case fact.Float:
		return "float"
	case fact.List:
		return "list"
	case fact.Dict:
		return "dict"
	}
	return ""
}

// castTo is what a reader makes of a text, or of its fallback.
func castTo(v *fact.Value, kind string) *fact.Value {
	name := kind
	switch kind {
	case "boolean":
		name = "bool"
	case "tuple", "csv":
		name = "list"
	}
	switch {
	case kind == "":
		return v
	case v.Kind == fact.Union:
		out := *fact.Map(v, func(v *fact.Value) *fact.Value { return castTo(v, kind) })
		out.Env = v.Env
		return cast(&out, name)
	case v.Kind == fact.Null:
		return cast(v, name) // readers cast what they read, but not a fallback of None
	}
	switch kind {
	case "bool", "boolean":
		return asBool(v)
	case "int", "float", "decimal", "port":
		return asNumber(v, kind)
	case "list", "tuple", "csv":
		if v.Kind == fact.String && v.Secret == nil {
			out := &fact.Value{Kind: fact.List}
			for part := range strings.SplitSeq(v.Text, ",") {
				if part = strings.TrimSpace(part); part != "" {
					out.Items = append(out.Items, fact.Of(part))
				}
			}
			return cast(derived(out, v).At(v.Places...), "list")
		}
		return cast(v, "list")
	case "search_url", "search", "channels", "channels_url":
		return cast(lost(v), "url")
	}
	return cast(v, kind)
}

// castOf is the cast that a reader's name tells of: get_bool, env_int.
func castOf(name string) string {
	for part := range strings.SplitSeq(strings.ToLower(name), "_") {
		switch part {
		case "bool", "boolean":
			return "bool"
		case "int", "integer":
			return "int"
		case "float":
			return "float"
		case "list":
			return "list"
		}
	}
	return ""
}
