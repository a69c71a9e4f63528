package fact

// Tri is a truth value of three: what a fact does not decide is Undecided.
type Tri int8

// The truth values.
const (
	Undecided Tri = iota
	True
	False
)

// TriOf returns the truth value of a bool.
func TriOf(b bool) Tri {
	if b {
		return True
	}
	return False
}

// Not negates; Undecided stays.
func (t Tri) Not() Tri {
	switch t {
	case True:
		return False
	case False:
		return True
	}
	return Undecided
}

// And is true when both are, and false when one is false.
func (t Tri) And(o Tri) Tri {
	switch {
	case t == False || o == False:
		return False
	case t == True && o == True:
		return True
	}
	return Undecided
}

// Or is true when one is, and false when both are false.
func (t Tri) Or(o Tri) Tri { return t.Not().And(o.Not()).Not() }

// Each asks every alternative of a value and returns the answer they agree on.
func Each(v *Value, ask func(*Value) Tri) Tri {
	if v == nil || v.Kind != Union {
		return ask(v)
	}
	answer := Undecided
	for i, a := range v.Alternatives {
		switch t := Each(a.Value, ask); {
		case t == Undecided, i > 0 && t != answer:
			return Undecided
		default:
			answer = t
		}
	}
	return answer
}

// Truthy is Python's truth of a value.
func Truthy(v *Value) Tri {
	return Each(v, func(v *Value) Tri {
		switch v.kind() {
		case Null:
			return False
		case Bool:
			return TriOf(v.Bool)
		case Int:
			return TriOf(v.Int != 0)
		case Float:
			return TriOf(v.Float != 0)
		case String:
			return TriOf(v.Secret != nil || v.Text != "")
		case List:
			return sized(len(v.Items), v.Open)
		case Dict:
			return sized(len(v.Entries), v.Open)
		}
		return Undecided
	})
}

func sized(n int, open bool) Tri {
	if n == 0 && open {
		return Undecided
	}
	return TriOf(n > 0)
}

func (v *Value) kind() Kind {
	if v == nil {
		return Null
	}
	return v.Kind
}
