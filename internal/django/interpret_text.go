package django

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// text is a string literal, or what may be known of a secret.
func text(n python.Node) *fact.Value {
	if s, ok := n.Secret(); ok {
		return &fact.Value{Kind: fact.String, Secret: &fact.Secret{
			Kind: s.Kind, Digest: s.Digest, Prefix: s.Prefix, Masked: n.Masked(), Length: s.Length, Distinct: s.Distinct, Weak: s.Weak,
		}}
	}
	if n.Has(python.FlagLong) {
		return fact.Missed("a long text")
	}
	return fact.Of(n.Text())
}

// joinText appends to a text. Of a text that is known in part only its being a
// text is known.
func joinText(a, b *fact.Value) *fact.Value {
	switch {
	case a.Kind == fact.Union || b.Kind == fact.Union:
		return fact.Map(a, func(a *fact.Value) *fact.Value {
			return fact.Map(b, func(b *fact.Value) *fact.Value { return joinText(a, b) })
		})
	case random(a, b) != nil:
		return random(a, b)
	case a.Kind != fact.String || a.Secret != nil:
		return lost(a, b)
	case b.Kind == fact.Int:
		b = &fact.Value{Kind: fact.String, Text: strconv.FormatInt(b.Int, 10), Env: b.Env}
	case b.Kind != fact.String || b.Secret != nil:
		return lost(a, b)
	}
	if len(a.Text)+len(b.Text) > maxTextBytes {
		return fact.Missed("a long text")
	}
	return &fact.Value{Kind: fact.String, Text: a.Text + b.Text, Env: firstEnv(a, b)}
}

// percent works out "text %s" % values, for %s and %d only.
func percent(format, values *fact.Value) *fact.Value {
	items := []*fact.Value{values}
	switch {
	case format.Secret != nil:
		return lost(format, values)
	case values.Kind == fact.List:
		items = values.Items
	case values.Kind == fact.Dict:
		return named(format, values, "%(", ")s")
	}
	parts := strings.Split(strings.ReplaceAll(format.Text, "%d", "%s"), "%s")
	if len(parts) != len(items)+1 {
		return lost(format, values)
	}
	out := fact.Of(parts[0])
	for at, item := range items {
		out = joinText(joinText(out, item), fact.Of(parts[at+1]))
	}
	return out
}

// named fills in the places of a format that name a key.
func named(format, values *fact.Value, opening, closing string) *fact.Value {
	out := fact.Of("")
	rest := format.Text
	for {
		before, after, ok := strings.Cut(rest, opening)
		out = joinText(out, fact.Of(before))
		if !ok {
			return out
		}
		key, tail, ok := strings.Cut(after, closing)
		if !ok {
			return lost(format, values)
		}
		out = joinText(out, fact.Field(values, key))
		rest = tail
	}
}

// textMethod works out a method of a text.
func textMethod(v *fact.Value, name string, args []*fact.Value) (*fact.Value, bool) {
	if v.Kind == fact.Unknown && v.Env != nil {
		switch name {
		case "lower", "upper", "strip", "rstrip", "lstrip", "replace", "title", "format", "encode", "decode":
			return v, true
		case "split":
			return cast(v, "list"), true
		case "startswith", "endswith":
			return truth(fact.Undecided, v), true
		}
	}
	if v.Kind == fact.Null && v.Env != nil {
		return lost(v), true
	}
	if v.Kind != fact.String {
		return nil, false
	}
	var texts []string
	for _, a := range args {
		if a.Kind != fact.String || a.Secret != nil || a.Env != nil {
			if name == "startswith" || name == "endswith" {
				return truth(fact.Undecided, v, a), true
			}
			if name != "join" {
				return lost(v, a), true
			}
		}
		texts = append(texts, a.Text)
	}
	if v.Secret != nil {
		switch name {
		case "startswith":
			if len(texts) == 1 && v.Secret.Prefix != "" && strings.HasPrefix(v.Secret.Prefix, texts[0]) {
				return truth(fact.True, v), true
			}
			return truth(fact.Undecided, v), true
		case "strip", "encode", "decode":
			return v, true
		}
		return lost(v), true
	}
	one := func(i int) string {
		if i < len(texts) {
			return texts[i]
		}
		return ""
	}
	result := func(text string) (*fact.Value, bool) { return derived(fact.Of(text), v), true }
	switch name {
	case "lower", "casefold":
		return result(strings.ToLower(v.Text))
	case "upper":
		return result(strings.ToUpper(v.Text))
	case "title":
		out, inside := []rune(strings.ToLower(v.Text)), false
		for at, r := range out {
			if !inside {
				out[at] = unicode.ToTitle(r)
			}
			inside = unicode.IsLetter(r)
		}
		return result(string(out))
	case "capitalize":
		return result(strings.ToUpper(v.Text[:min(1, len(v.Text))]) + strings.ToLower(v.Text[min(1, len(v.Text)):]))
	case "strip", "rstrip", "lstrip":
		cut := one(0)
		if cut == "" {
			cut = " \t\r\n"
		}
		switch name {
		case "rstrip":
			return result(strings.TrimRight(v.Text, cut))
		case "lstrip":
			return result(strings.TrimLeft(v.Text, cut))
		}
		return result(strings.Trim(v.Text, cut))
	case "encode", "decode":
		return v, true
	case "replace":
		if len(texts) >= 2 {
			return result(strings.ReplaceAll(v.Text, texts[0], texts[1]))
		}
	case "startswith":
		return truth(fact.TriOf(strings.HasPrefix(v.Text, one(0))), v), true
	case "endswith":
		return truth(fact.TriOf(strings.HasSuffix(v.Text, one(0))), v), true
	case "isupper":
		return truth(fact.TriOf(v.Text == strings.ToUpper(v.Text) && v.Text != strings.ToLower(v.Text)), v), true
	case "isdigit":
		_, err := strconv.ParseUint(v.Text, 10, 64)
		return truth(fact.TriOf(err == nil), v), true
	case "split", "splitlines":
		var parts []string
		switch {
		case name == "splitlines":
			parts = strings.Split(v.Text, "\n")
		case one(0) == "":
			parts = strings.Fields(v.Text)
		default:
			parts = strings.Split(v.Text, texts[0])
		}
		out := &fact.Value{Kind: fact.List}
		for _, part := range parts[:min(len(parts), maxElements)] {
			out.Items = append(out.Items, fact.Of(part))
		}
		return cast(derived(out, v), "list"), true
	case "join":
		if len(args) == 1 {
			if r := random(args[0]); r != nil {
				return r, true
			}
			items, ok := elementsOf(args[0])
			if !ok {
				return lost(v, args[0]), true
			}
			out := fact.Of("")
			for at, item := range items {
				if at > 0 {
					out = joinText(out, v)
				}
				out = joinText(out, item)
			}
			return out, true
		}
	}
	return nil, false
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
