package django

import (
	"strconv"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// binary works out an operator.
func (i *interpreter) binary(operator string, a, b *fact.Value) *fact.Value {
	if a.Kind == fact.Union || b.Kind == fact.Union {
		return fact.Map(a, func(a *fact.Value) *fact.Value {
			return fact.Map(b, func(b *fact.Value) *fact.Value { return i.binary(operator, a, b) })
		})
	}
	switch operator {
	case "+":
		switch {
		case a.Kind == fact.String || b.Kind == fact.String:
			return joinText(a, b)
		case a.Kind == fact.List || b.Kind == fact.List:
			return concatenated(a, b)
		}
	case "|":
		switch {
		case a.Kind == fact.Dict:
			return updated(a, b)
		case a.Kind == fact.List:
			return concatenated(a, b)
		}
	case "/":
		if a.Kind == fact.String || b.Kind == fact.String {
			return joinPath(a, b)
		}
	case "%":
		if a.Kind == fact.String {
			return percent(a, b)
		}
	case "*":
		if v, ok := repeated(a, b); ok {
			return v
		}
	case "-", "&", "^":
		if operator == "-" && a.Kind == fact.String && a.Secret == nil && b.Kind == fact.Int {
			return derived(pathOf(baseDirectory), a) // environ.Path(__file__) - 2
		}
		if a.Kind == fact.List && b.Kind == fact.List && !b.Open {
			out := *a
			out.Items = nil
			for _, item := range a.Items {
				t := fact.Contains(b, item)
				if t == fact.Undecided {
					return lost(a, b)
				}
				if (t == fact.True) == (operator == "&") {
					out.Items = append(out.Items, item)
				}
			}
			return &out
		}
	}
	if v, ok := arithmetic(operator, a, b); ok {
		return derived(v, a, b)
	}
	return lost(a, b)
}

// arithmetic works out an operator of numbers.
func arithmetic(operator string, a, b *fact.Value) (*fact.Value, bool) {
	if a.Kind == fact.Int && b.Kind == fact.Int {
		x, y := a.Int, b.Int
		switch operator {
		case "+":
			return fact.Of(x + y), true
		case "-":
			return fact.Of(x - y), true
		case "*":
			return fact.Of(x * y), true
		case "//":
			if y != 0 {
				return fact.Of(x / y), true
			}
		case "%":
			if y != 0 {
				return fact.Of(x % y), true
			}
		case "**":
			if y >= 0 && y < 40 {
				out := int64(1)
				for range y {
					out *= x
				}
				return fact.Of(out), true
			}
		}
	}
	x, okX := float(a)
	y, okY := float(b)
	if !okX || !okY {
		return nil, false
	}
	switch operator {
	case "+":
		return fact.Of(x + y), true
	case "-":
		return fact.Of(x - y), true
	case "*":
		return fact.Of(x * y), true
	case "/":
		if y != 0 {
			return fact.Of(x / y), true
		}
	}
	return nil, false
}

func float(v *fact.Value) (float64, bool) {
	switch v.Kind {
	case fact.Int:
		return float64(v.Int), true
	case fact.Float:
		return v.Float, true
	}
	return 0, false
}

func negative(operator string, v *fact.Value) *fact.Value {
	switch {
	case operator == "-" && v.Kind == fact.Int:
		return derived(fact.Of(-v.Int), v)
	case operator == "-" && v.Kind == fact.Float:
		return derived(fact.Of(-v.Float), v)
	case operator == "+":
		return v
	}
	return lost(v)
}

// truth is a truth value as Python has it, computed from others.
func truth(t fact.Tri, from ...*fact.Value) *fact.Value {
	if t == fact.Undecided {
		return cast(lost(from...), "bool")
	}
	return cast(derived(fact.Of(t == fact.True), from...), "bool")
}

// compare works out a comparison.
func (i *interpreter) compare(f *frame, n python.Node) *fact.Value {
	if t, ok := i.assumeSurroundings(f, n); ok {
		return truth(t)
	}
	var operands []*fact.Value
	var in string
	for o := range n.All(python.RoleOperand) {
		value := i.eval(f, o)
		operands, in = append(operands, value.value()), value.outside
	}
	operators := strings.Split(n.Text(), ",")
	if len(operands) == 2 && (in == "os.environ" || in == "environ") && (n.Text() == "in" || n.Text() == "not in") {
		// "X" in os.environ: not, as far as the code decides it.
		if v := i.variableRead("os.environ", operands[0], fact.Of(n.Text() == "not in"), false); v != nil {
			return cast(v, "truth")
		}
	}
	if len(operands) != len(operators)+1 {
		return lost(operands...)
	}
	if len(operands) == 2 && (n.Text() == "is" || n.Text() == "is not" || n.Text() == "==" || n.Text() == "!=") {
		if t := sameReference(operands[0], operands[1]); t != fact.Undecided {
			return truth(inverted(n, t))
		}
	}
	answer := fact.True
	for at, operator := range operators {
		answer = answer.And(relation(operator, operands[at], operands[at+1]))
	}
	return truth(answer, operands...)
}

// sameReference compares two names of what is no data: bool is bool, and neither
// str nor None.
func sameReference(a, b *fact.Value) fact.Tri {
	if b.Kind == fact.Object && a.Kind != fact.Object {
		a, b = b, a
	}
	if a.Kind != fact.Object || !strings.HasPrefix(a.Text, "builtins.") || len(a.Items)+len(a.Entries) > 0 {
		return fact.Undecided
	}
	switch {
	case b.Kind == fact.Null:
		return fact.False
	case b.Kind == fact.Object && strings.HasPrefix(b.Text, "builtins.") && len(b.Items)+len(b.Entries) == 0:
		return fact.TriOf(a.Text == b.Text)
	}
	return fact.Undecided
}

func relation(operator string, a, b *fact.Value) fact.Tri {
	switch operator {
	case "==", "is":
		return fact.Equal(a, b)
	case "!=", "<>", "is not":
		return fact.Equal(a, b).Not()
	case "in":
		return fact.Contains(b, a)
	case "not in":
		return fact.Contains(b, a).Not()
	case "<":
		return fact.Compare(a, b, func(sign int) bool { return sign < 0 })
	case "<=":
		return fact.Compare(a, b, func(sign int) bool { return sign <= 0 })
	case ">":
		return fact.Compare(a, b, func(sign int) bool { return sign > 0 })
	case ">=":
		return fact.Compare(a, b, func(sign int) bool { return sign >= 0 })
	}
	return fact.Undecided
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

// Paths are texts to rules: the folder that the settings are in is not known,
// and stands at the beginning of theirs as baseDirectory.

func pathOf(text string) *fact.Value { return fact.Of(text) }

// pathMethod works out a method that only paths have.
func pathMethod(v *fact.Value, name string, args []*fact.Value) (*fact.Value, bool) {
	if v.Kind != fact.String || v.Secret != nil {
		return nil, false
	}
	switch name {
	case "resolve", "absolute", "expanduser", "as_posix":
		return v, true
	case "joinpath", "path", "__call__":
		for _, a := range args {
			v = joinPath(v, a)
		}
		return v, true
	case "exists", "is_file", "is_dir":
		return fact.Missed("whether a file is there"), true
	case "read_text", "read_bytes", "open":
		return fact.Missed("what a file holds"), true
	}
	return nil, false
}

// baseDirectory stands for the part of a path that is not known.
const baseDirectory = "/…"

// joinPath appends to a path, as / and os.path.join do.
func joinPath(a, b *fact.Value) *fact.Value {
	switch {
	case b.Kind == fact.Union:
		return fact.Map(b, func(b *fact.Value) *fact.Value { return joinPath(a, b) })
	case b.Kind == fact.String && b.Secret == nil && strings.HasPrefix(b.Text, "/"):
		return derived(pathOf(b.Text), b)
	case a.Kind == fact.String && a.Secret == nil && b.Kind == fact.String && b.Secret == nil:
		return derived(pathOf(strings.TrimSuffix(a.Text, "/")+"/"+b.Text), a, b)
	}
	return lost(a, b)
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
	case "title", "capitalize":
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
