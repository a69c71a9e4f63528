package django

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
)

// filtered is filter(None, v): what is true of it.
func filtered(by, v *fact.Value) *fact.Value {
	items, ok := elementsOf(v)
	if !ok || by.Kind != fact.Null {
		return lost(v)
	}
	out := &fact.Value{Kind: fact.List}
	for _, item := range items {
		switch t := fact.Truthy(item); {
		case t == fact.Undecided || item.Env != nil:
			out.Open, out.Missing = true, append(out.Missing, undecidedBy(item)...)
		case t == fact.True:
			out.Items = append(out.Items, item)
		}
	}
	return derived(out, v)
}

// ordered sorts texts, or turns a list around.
func ordered(name string, items []*fact.Value) ([]*fact.Value, bool) {
	out := slices.Clone(items)
	if name == "reversed" {
		slices.Reverse(out)
		return out, true
	}
	for _, item := range out {
		if item.Kind != fact.String || item.Secret != nil || item.Env != nil {
			return nil, false
		}
	}
	slices.SortFunc(out, func(a, b *fact.Value) int { return strings.Compare(a.Text, b.Text) })
	return out, true
}

// pairs is dict(v) of a list of pairs, or nil.
func pairs(v *fact.Value) *fact.Value {
	items, ok := elementsOf(v)
	if !ok || v.Kind != fact.List {
		return nil
	}
	out := fact.DictOf()
	for _, item := range items {
		if item.Kind != fact.List || item.Open || len(item.Items) != 2 {
			return nil
		}
		out = withEntry(out, asKey(item.Items[0]), item.Items[1])
	}
	return out
}

// counted works out functions over numbers.
func counted(name string, args []*fact.Value) (*fact.Value, bool) {
	switch name {
	case "enumerate":
		items, ok := elementsOf(args[0])
		if !ok || len(args) != 1 {
			return nil, false
		}
		out := fact.ListOf()
		for at, item := range items {
			out.Items = append(out.Items, fact.ListOf(fact.Of(at), item))
		}
		return derived(out, args[0]), true
	case "isinstance":
		if len(args) != 2 || args[1].Kind != fact.Object || args[0].Env != nil {
			return nil, false
		}
		kind, known := map[string]fact.Kind{"builtins.str": fact.String, "builtins.dict": fact.Dict, "builtins.bool": fact.Bool}[args[1].Text]
		switch args[0].Kind {
		case fact.Null, fact.Bool, fact.Int, fact.Float, fact.String, fact.List, fact.Dict:
			return truth(fact.TriOf(args[0].Kind == kind)), known
		}
		return nil, false
	}
	var numbers []int64
	for _, v := range args {
		if v.Kind != fact.Int || v.Env != nil {
			return nil, false
		}
		numbers = append(numbers, v.Int)
	}
	switch name {
	case "min":
		return fact.Of(slices.Min(numbers)), true
	case "max":
		return fact.Of(slices.Max(numbers)), true
	}
	start, end := int64(0), numbers[0]
	if len(numbers) > 1 {
		start, end = numbers[0], numbers[1]
	}
	if len(numbers) > 2 || end-start > maxUnrolled || end < start && end-start < -maxUnrolled {
		return nil, false
	}
	out := fact.ListOf()
	for n := start; n < end; n++ {
		out.Items = append(out.Items, fact.Of(n))
	}
	return out, true
}

// repeated is a list, or a text, times a number.
func repeated(a, b *fact.Value) (*fact.Value, bool) {
	if a.Kind == fact.Int {
		a, b = b, a
	}
	if b.Kind != fact.Int || b.Int < 0 || b.Int > maxUnrolled {
		return nil, false
	}
	switch {
	case a.Kind == fact.List && len(a.Items)*int(b.Int) <= maxElements:
		out := &fact.Value{Kind: fact.List, Tuple: a.Tuple, Open: a.Open, Missing: a.Missing}
		for range b.Int {
			out.Items = append(out.Items, a.Items...)
		}
		return derived(out, a, b), true
	case a.Kind == fact.String && a.Secret == nil && len(a.Text)*int(b.Int) <= maxTextBytes:
		return derived(fact.Of(strings.Repeat(a.Text, int(b.Int))), a, b), true
	}
	return nil, false
}

// asText is str(v).
func asText(v *fact.Value) *fact.Value {
	switch v.Kind {
	case fact.String:
		return v
	case fact.Int:
		return derived(fact.Of(strconv.FormatInt(v.Int, 10)), v)
	case fact.Bool:
		return derived(fact.Of(map[bool]string{true: "True", false: "False"}[v.Bool]), v)
	case fact.Null:
		return derived(fact.Of("None"), v)
	}
	if r := random(v); r != nil {
		return r
	}
	return lost(v)
}
