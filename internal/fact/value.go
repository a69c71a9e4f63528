// Package fact holds what is known of a value that a repository gives to
// something: a setting, an argument, an attribute. Much of it is known only in
// part (a list that another module may extend, a value that an environment
// variable decides), and a rule must be able to tell "no" from "cannot be
// known". Families build these values, package rule shows them to expressions.
// A value is never changed after it was built, so values may share parts.
package fact

// Kind says what a Value is. The zero Kind is Unknown.
type Kind uint8

// The kinds of values.
const (
	// Unknown: nothing is known; Missing says what would decide it.
	Unknown Kind = iota
	// Null is Python's None, and HCL's null.
	Null
	Bool
	Int
	Float
	// String has Text, unless it classified as a secret: then Secret is set and
	// Text is empty.
	String
	// List stands for lists, tuples and sets.
	List
	Dict
	// Object is the result of a call, or a reference, that is not followed
	// further: Text is its dotted name ("datetime.timedelta"), Items are its
	// positional and Entries its keyword arguments.
	Object
	// Union is one of Alternatives; which one is decided outside of the code.
	Union
)

// Value is what is known of one value.
type Value struct {
	Kind  Kind
	Bool  bool
	Int   int64
	Float float64
	Text  string
	// Secret describes a string that is not held.
	Secret *Secret
	// Items are the elements of a List and the positional arguments of an
	// Object.
	Items []*Value
	// Entries are those of a Dict, in the order of the source, each key once,
	// and the keyword arguments of an Object.
	Entries []Entry
	// Tuple is true for a List that Python cannot change in its place.
	Tuple bool
	// Open is true for a List or Dict that may hold more than is listed, and for
	// an Unknown that may not be there at all.
	Open bool
	// Alternatives are those of a Union, at least two.
	Alternatives []Alternative
	// Env is set for a value read from the environment. The other fields are
	// then what the code uses where the environment has nothing; Kind is Unknown
	// when it has no such fallback.
	Env *Env
	// Missing says what would decide an Unknown, an open List or an open Dict,
	// in words for people: "environment variable DEBUG", "module local_settings".
	Missing []string
	// Places says where the value was given: first the expression itself, then
	// the statements through which it reached the place where it counts (an
	// import, an update). Empty for what the code does not give.
	Places []Place
	// Default is true for a value that the code does not give: it is what the
	// framework uses then.
	Default bool
}

// Entry is one entry of a Dict. A key that is no literal makes the Dict open.
type Entry struct {
	Key   string
	Value *Value
}

// Alternative is one value of a Union.
type Alternative struct {
	Value *Value
	// Guard says when it holds, in words for people: "`USE_S3` is true".
	Guard string
}

// Env says how a value is read from the environment.
type Env struct {
	// Names are the variables, first the one that is asked first.
	Names []string
	// Reader is the dotted name of what reads: "os.environ.get", "env.bool",
	// "decouple.config".
	Reader string
	// Cast is what becomes of the text: "str", "bool", "int", "float", "list",
	// "url"; or "truth" for a text whose mere presence counts as true, as in
	// bool(os.environ.get("DEBUG")).
	Cast string
	// Guarded is true when the code refuses to run in production with the
	// fallback: it raises unless another value was given.
	Guarded bool
}

// Secret describes a string that classified as a secret: everything that may be
// known of it.
type Secret struct {
	// Kind is that of the secrets family: "django-secret-key".
	Kind string
	// Digest is the keyed digest that the secrets family uses in fingerprints.
	Digest string
	// Prefix is the part of it that its provider publishes: "AKIA",
	// "django-insecure-". Mostly empty.
	Prefix string
	// Masked is the text around it with "***" in its place, where the secret is
	// only a part: "postgres://shop:***@db/shop". Mostly empty.
	Masked string
	// Length is in characters; Distinct counts different ones.
	Length, Distinct int
	// Weak is true for a well-known or placeholder-like word.
	Weak bool
}

// Place is a place in the repository. Lines are 1-based and inclusive; Start
// and End are byte offsets of the expression in the file, both zero where they
// are not known.
type Place struct {
	Path          string
	Line, EndLine int
	Start, End    int
	// Symbol names what is there: a setting, a module, a function.
	Symbol string
}

// Get returns the entry of a Dict or the keyword argument of an Object, or nil.
func (v *Value) Get(key string) *Value {
	if v == nil {
		return nil
	}
	for _, e := range v.Entries {
		if e.Key == key {
			return e.Value
		}
	}
	return nil
}

// Place returns where the value was given, if the code gives it.
func (v *Value) Place() (Place, bool) {
	if v == nil || len(v.Places) == 0 {
		return Place{}, false
	}
	return v.Places[0], true
}
