package rule

import (
	"fmt"
	"reflect"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/lintel-bot/lintel/internal/fact"
)

// value shows a fact to CEL. What the fact does not decide becomes CEL's
// unknown, whose id leads to what is missing.
type value struct {
	fact    *fact.Value
	missing *missing
}

// missing collects during one evaluation what would decide the facts.
type missing struct{ texts [][]string }

// unknown returns CEL's unknown for facts that do not decide something.
func (m *missing) unknown(facts ...*fact.Value) ref.Val {
	var texts []string
	for _, f := range facts {
		texts = append(texts, fact.Undecidedness(f)...)
	}
	m.texts = append(m.texts, texts)
	return types.NewUnknown(int64(len(m.texts)), nil)
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
	seen := make(map[string]bool)
	for _, id := range u.IDs() {
		if id < 1 || int(id) > len(m.texts) {
			continue
		}
		for _, text := range m.texts[id-1] {
			if !seen[text] {
				seen[text] = true
				out = append(out, text)
			}
		}
	}
	return out
}

func (v *value) wrap(f *fact.Value) ref.Val { return &value{f, v.missing} }

// factType is the type of all facts: it can do everything, since what a fact is
// is known at run time only.
var factType = types.NewObjectType("lintel.Fact",
	traits.ContainerType|traits.IndexerType|traits.IterableType|traits.SizerType)

// ConvertToNative is for values that leave CEL; facts do not.
func (v *value) ConvertToNative(t reflect.Type) (any, error) {
	return nil, fmt.Errorf("a fact is no %v", t)
}

// ConvertToType turns a decided scalar into CEL's own value.
func (v *value) ConvertToType(t ref.Type) ref.Val {
	if t == types.TypeType {
		return factType
	}
	native := v.native()
	if native == nil {
		return v.missing.unknown(v.fact)
	}
	return native.ConvertToType(t)
}

// native returns CEL's own value of a decided scalar, or nil.
func (v *value) native() ref.Val {
	switch {
	case v.fact == nil || v.fact.Kind == fact.Null:
		return types.NullValue
	case v.fact.Kind == fact.Bool:
		return types.Bool(v.fact.Bool)
	case v.fact.Kind == fact.Int:
		return types.Int(v.fact.Int)
	case v.fact.Kind == fact.Float:
		return types.Double(v.fact.Float)
	case v.fact.Kind == fact.String && v.fact.Secret == nil:
		return types.String(v.fact.Text)
	}
	return nil
}

// Equal is CEL's ==.
func (v *value) Equal(other ref.Val) ref.Val {
	o := toFact(other)
	return v.missing.tri(fact.Equal(v.fact, o), v.fact, o)
}

// Type is the same for all facts.
func (v *value) Type() ref.Type { return factType }

// Value returns the fact.
func (v *value) Value() any { return v.fact }

// Contains is CEL's in.
func (v *value) Contains(element ref.Val) ref.Val {
	e := toFact(element)
	return v.missing.tri(fact.Contains(v.fact, e), v.fact, e)
}

// Get is CEL's index and field selection. What is not there is null.
func (v *value) Get(index ref.Val) ref.Val {
	switch i := index.(type) {
	case types.String:
		return v.wrap(fact.Field(v.fact, string(i)))
	case types.Int:
		return v.wrap(fact.Item(v.fact, int(i)))
	case *types.Unknown:
		return i
	}
	return types.NewErr("a fact has no index of this type")
}

// present reports whether a dict has a key whose value is not null.
func present(f *fact.Value, name string) fact.Tri {
	if f != nil && f.Kind == fact.Unknown {
		return fact.Undecided
	}
	return fact.Each(fact.Field(f, name), func(found *fact.Value) fact.Tri {
		switch {
		case found == nil || found.Kind == fact.Null:
			return fact.False
		case found.Kind == fact.Unknown && found.Env == nil && len(found.Places) == 0:
			return fact.Undecided
		}
		return fact.True
	})
}

// Size is asked by CEL to count the cost of an operation; what rules see of
// size() is in operators.go.
func (v *value) Size() ref.Val {
	items, _ := elements(v.fact)
	return types.Int(len(items) + 1)
}

// sizeOf returns the size of a value, if it is known.
func sizeOf(f *fact.Value) (n int, known bool) {
	if f == nil {
		return 0, true
	}
	switch f.Kind {
	case fact.Null:
		return 0, true
	case fact.String:
		if f.Secret != nil {
			return f.Secret.Length, true
		}
		return len([]rune(f.Text)), true
	case fact.List:
		return len(f.Items), !f.Open
	case fact.Dict:
		return len(f.Entries), !f.Open
	case fact.Union:
		for i, a := range f.Alternatives {
			size, ok := sizeOf(a.Value)
			if !ok || i > 0 && size != n {
				return 0, false
			}
			n = size
		}
		return n, true
	}
	return 0, false
}

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

// elements returns what a value surely holds, and whether there may be more. Of
// a union it is what all alternatives hold.
func elements(f *fact.Value) (items []*fact.Value, open bool) {
	if f == nil {
		return nil, false
	}
	switch f.Kind {
	case fact.Null, fact.Bool, fact.Int, fact.Float, fact.String:
		return nil, false
	case fact.List:
		return f.Items, f.Open
	case fact.Dict:
		for _, e := range f.Entries {
			items = append(items, fact.Of(e.Key))
		}
		return items, f.Open
	case fact.Union:
		first, open := elements(f.Alternatives[0].Value)
		for _, item := range first {
			if fact.Contains(f, item) == fact.True {
				items = append(items, item)
			}
		}
		open = open || len(items) < len(first)
		for _, a := range f.Alternatives[1:] {
			others, more := elements(a.Value)
			open = open || more || len(others) != len(items)
		}
		return items, open
	}
	return nil, true
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
		element := it.items[it.at-1]
		if key := (&value{fact: element}).native(); key != nil && len(element.Places) == 0 && element.Env == nil {
			return key // can be an index
		}
		return it.wrap(element)
	}
	return it.tail
}

// toFact returns the fact behind a value of CEL: its own, or that of a literal.
func toFact(v ref.Val) *fact.Value {
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
		var entries []fact.Entry
		for it := v.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			text, ok := key.(types.String)
			if !ok {
				return fact.Missed("a key that is no text")
			}
			entries = append(entries, fact.Entry{Key: string(text), Value: toFact(v.Get(key))})
		}
		return fact.DictOf(entries...)
	case traits.Lister:
		var items []*fact.Value
		for it := v.Iterator(); it.HasNext() == types.True; {
			items = append(items, toFact(it.Next()))
		}
		return fact.ListOf(items...)
	}
	return fact.Missed()
}
