package rule

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/lintel-bot/lintel/internal/fact"
)

// value shows a fact to CEL. What is asked of it goes through the operations;
// only macros take it as it is.
type value struct {
	fact    *fact.Value
	missing *missing
}

// missing collects during one evaluation what would decide the facts that did
// not decide something.
type missing struct {
	lists [][]string
	// turns are those of the comprehensions that are being evaluated, by number.
	turns map[int64]*turn
}

// value shows a fact to the expression that is evaluated.
func (m *missing) value(f *fact.Value) ref.Val { return &value{f, m} }

// unknown returns CEL's unknown for facts that do not decide something. Its id
// leads to what they lack.
func (m *missing) unknown(facts ...*fact.Value) ref.Val {
	m.lists = append(m.lists, texts(facts...))
	return types.NewUnknown(int64(len(m.lists)), nil)
}

// missed returns a fact that is not known because others are not.
func (m *missing) missed(facts ...*fact.Value) *fact.Value { return fact.Missed(texts(facts...)...) }

const (
	// maxMissing bounds what is listed for one question that is not decided.
	maxMissing = 8
	// maxWords bounds the characters of each: names of variables are short.
	maxWords = 200
	// The texts for what nobody gave a reason for.
	missingSecret = "the text of a secret, which is not kept"
	missingOther  = "a value that cannot be followed"
)

// texts says what facts lack.
func texts(facts ...*fact.Value) []string {
	var out []string
	for _, f := range facts {
		for _, text := range fact.Undecidedness(f) {
			if text = cut(clean(text), maxWords); !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	if len(out) == 0 {
		out = append(out, missingOther)
		if slices.ContainsFunc(facts, holdsSecret) {
			out[0] = missingSecret
		}
	}
	return out[:min(len(out), maxMissing)]
}

func holdsSecret(f *fact.Value) bool {
	if f == nil {
		return false
	}
	return f.Secret != nil || slices.ContainsFunc(f.Alternatives, func(a fact.Alternative) bool { return holdsSecret(a.Value) })
}

// tri is a truth value as CEL has it.
func (m *missing) tri(t fact.Tri, facts ...*fact.Value) ref.Val {
	switch t {
	case fact.True:
		return types.True
	case fact.False:
		return types.False
	}
	return m.unknown(facts...)
}

// of returns what an unknown lacks.
func (m *missing) of(u *types.Unknown) []string {
	var out []string
	for _, id := range u.IDs() {
		if id < 1 || int(id) > len(m.lists) {
			continue
		}
		for _, text := range m.lists[id-1] {
			if !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	slices.Sort(out)
	return out
}

// factType is the type of all facts: what a fact is, is known at run time only.
var factType = types.NewObjectType("lintel.Fact", traits.IterableType)

// ConvertToNative implements ref.Val; facts do not leave CEL that way.
func (v *value) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("a fact is no %v", t)
}

// ConvertToType implements ref.Val; conversions are operations.
func (v *value) ConvertToType(t ref.Type) ref.Val {
	if t == types.TypeType {
		return factType
	}
	return types.NewErr("a fact is no %s", t.TypeName())
}

// Equal implements ref.Val.
func (v *value) Equal(other ref.Val) ref.Val {
	o := toFact(other)
	return v.missing.tri(fact.Equal(v.fact, o), v.fact, o)
}

// Type implements ref.Val.
func (v *value) Type() ref.Type { return factType }

// Value implements ref.Val.
func (v *value) Value() any { return v.fact }

// Iterator walks over the elements of a list or the keys of a dict. One that may
// hold more ends with an element that is unknown.
func (v *value) Iterator() traits.Iterator {
	items, open := elements(v.fact)
	it := &iterator{value: v, items: items}
	if open {
		it.tail = v.missing.unknown(v.fact)
	}
	return it
}

// elements returns what a value surely holds, and whether there may be more.
func elements(f *fact.Value) (items []*fact.Value, open bool) {
	if f == nil {
		return nil, false
	}
	switch f.Kind {
	case fact.List:
		return f.Items, f.Open
	case fact.Dict:
		for _, e := range f.Entries {
			items = append(items, fact.Of(e.Key))
		}
		return items, f.Open
	case fact.Unknown, fact.Object, fact.Union:
		// A union is gone over in its ways, see ways.go.
		return nil, true
	}
	return nil, false
}

// iterator walks over facts.
type iterator struct {
	*value
	items []*fact.Value
	tail  ref.Val
	at    int
}

// HasNext is part of traits.Iterator.
func (it *iterator) HasNext() ref.Val {
	return types.Bool(it.at < len(it.items) || it.at == len(it.items) && it.tail != nil)
}

// Next is part of traits.Iterator.
func (it *iterator) Next() ref.Val {
	it.at++
	if it.at <= len(it.items) {
		return it.missing.value(it.items[it.at-1])
	}
	return it.tail
}

// maxElements bounds the elements of a list that an expression made: CEL joins
// lists without writing them out.
const maxElements = 20_000

// toFact returns the fact behind a value of CEL: its own, or that of a literal.
func toFact(v ref.Val) *fact.Value {
	left := maxElements
	return toFactWithin(v, &left)
}

func toFactWithin(v ref.Val, left *int) *fact.Value {
	if *left--; *left < 0 {
		return fact.Missed("a list of too many elements")
	}
	switch v := v.(type) {
	case *value:
		return v.fact
	case types.Bool:
		return fact.Of(bool(v))
	case types.Int:
		return fact.Of(int64(v))
	case types.Uint:
		return fact.Of(int64(v))
	case types.Double:
		return fact.Of(float64(v))
	case types.String:
		return fact.Of(string(v))
	case types.Null:
		return fact.None()
	case traits.Mapper:
		dict := &fact.Value{Kind: fact.Dict}
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			name := toFactWithin(key, left)
			if name.Kind != fact.String || *left < 0 {
				return fact.Missed("a key that is no text")
			}
			dict.Entries = append(dict.Entries, fact.Entry{Key: name.Text, Value: toFactWithin(v.Get(key), left)})
		}
		// CEL's maps have no order, and people compare what is shown.
		slices.SortFunc(dict.Entries, func(a, b fact.Entry) int { return strings.Compare(a.Key, b.Key) })
		return dict
	case traits.Lister:
		list := &fact.Value{Kind: fact.List}
		for it := v.Iterator(); it.HasNext() == types.True; {
			list.Items = append(list.Items, toFactWithin(it.Next(), left))
			if *left < 0 {
				return fact.Missed("a list of too many elements")
			}
		}
		return list
	}
	return fact.Missed(missingOther)
}
