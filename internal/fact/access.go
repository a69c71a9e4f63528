package fact

// Field returns what stands under a key of a dict, a keyword of an object, or
// what the alternatives have there. What is not there is null, and unknown
// where it might be.
func Field(v *Value, key string) *Value {
	switch v.kind() {
	case Unknown:
		return &Value{Missing: v.Missing, Env: v.Env, Places: v.Places, Open: true}
	case Union:
		return Map(v, func(v *Value) *Value { return Field(v, key) })
	case Dict, Object:
		if found := v.Get(key); found != nil {
			return found
		}
		if v.Open || v.Kind == Object {
			return &Value{Missing: v.missing(), Open: true}
		}
	}
	return None()
}

// Item returns an element of a list by its index, negative ones from the end.
func Item(v *Value, index int) *Value {
	switch v.kind() {
	case Unknown, Object:
		return Missed(v.missing()...)
	case Union:
		return Map(v, func(v *Value) *Value { return Item(v, index) })
	case List:
		switch {
		case v.Open:
			// An element that may be there moves the others.
			return Missed(v.missing()...)
		case index < 0:
			index += len(v.Items)
		}
		if index >= 0 && index < len(v.Items) {
			return v.Items[index]
		}
	}
	return None()
}
