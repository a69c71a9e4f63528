package fact

// The constructors of values without places.

// Missed returns an unknown value and what would decide it.
func Missed(missing ...string) *Value { return &Value{Kind: Unknown, Missing: missing} }

// None returns the null value.
func None() *Value { return &Value{Kind: Null} }

// Of returns the value of a Go bool, int, int64, float64 or string; nil gives
// null and a *Value itself. Anything else is a mistake in the program.
func Of(v any) *Value {
	switch v := v.(type) {
	case nil:
		return None()
	case *Value:
		return v
	case bool:
		return &Value{Kind: Bool, Bool: v}
	case int:
		return &Value{Kind: Int, Int: int64(v)}
	case int64:
		return &Value{Kind: Int, Int: v}
	case float64:
		return &Value{Kind: Float, Float: v}
	case string:
		return &Value{Kind: String, Text: v}
	}
	panic("fact: no value of this type")
}

// ListOf returns a closed list.
func ListOf(items ...*Value) *Value { return &Value{Kind: List, Items: items} }

// DictOf returns a closed dict.
func DictOf(entries ...Entry) *Value { return &Value{Kind: Dict, Entries: entries} }

// At returns a copy of v that was given at place; later places follow.
func (v *Value) At(places ...Place) *Value {
	c := *v
	c.Places = append(append([]Place{}, places...), v.Places...)
	return &c
}
