package django

import (
	"strconv"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// elementsPerStep is how many elements of a built value cost as much as a step.
const elementsPerStep = 8

// eval works out an expression. It never returns nil.
func (i *interpreter) eval(f *frame, n python.Node) *object {
	if i.nesting++; i.nesting > maxNesting {
		i.exhaust("the settings nest too deep")
	}
	defer func() { i.nesting-- }()
	if !n.Exists() || !i.step() {
		return unknown()
	}
	o := i.evaluate(f, n)
	if o.fact == nil {
		named := *o
		named.place = f.place(n, "")
		return &named
	}
	v := o.fact
	// What is built counts as work: a loop that doubles a list takes few steps.
	i.steps += (len(v.Items) + len(v.Entries) + len(v.Text)) / elementsPerStep
	if v.Kind == fact.Unknown && len(v.Missing) == 0 {
		named := *v
		named.Missing = []string{"what `" + spell(n, 3) + "` is"}
		v = &named
	}
	return objectOf(placed(v, f.place(n, "")))
}

func (i *interpreter) evaluate(f *frame, n python.Node) *object {
	switch n.Kind() {
	case python.KindName:
		return i.name(f, n.Text())
	case python.KindAttribute:
		return i.attribute(f, n)
	case python.KindString, python.KindBytes:
		return objectOf(text(n))
	case python.KindNumber:
		return objectOf(number(n.Text()))
	case python.KindTrue:
		return objectOf(fact.Of(true))
	case python.KindFalse:
		return objectOf(fact.Of(false))
	case python.KindNone:
		return objectOf(fact.None())
	case python.KindList, python.KindTuple, python.KindSet:
		return objectOf(i.list(f, n))
	case python.KindDict:
		return objectOf(i.dict(f, n))
	case python.KindFormat:
		return objectOf(i.format(f, n))
	case python.KindBinary:
		return objectOf(i.binary(n.Text(), i.eval(f, n.Child(python.RoleLeft)).value(), i.eval(f, n.Child(python.RoleRight)).value()))
	case python.KindUnary:
		return objectOf(negative(n.Text(), i.eval(f, n.Child(python.RoleValue)).value()))
	case python.KindNot:
		v := i.eval(f, n.Child(python.RoleValue)).value()
		if v.Env != nil && (i.tier == Production || i.tier == Unknown) {
			// "not DEBUG" as a value: production does not run with what it falls back to.
			if t, ok := i.assume(f, n.Child(python.RoleValue)); ok {
				return objectOf(truth(t.Not(), v))
			}
		}
		return objectOf(truth(fact.Truthy(v).Not(), v))
	case python.KindBool:
		return i.boolean(f, n)
	case python.KindCompare:
		return objectOf(i.compare(f, n))
	case python.KindConditional:
		return i.ternary(f, n)
	case python.KindSubscript:
		return i.subscript(f, n)
	case python.KindCall:
		return i.call(f, n)
	case python.KindLambda:
		return &object{function: &function{node: n, defined: f, module: f.namespace}}
	case python.KindWalrus:
		o := i.eval(f, n.Child(python.RoleValue))
		i.assign(f, n.Child(python.RoleTarget), o)
		return o
	case python.KindComprehension:
		return objectOf(i.comprehension(f, n))
	case python.KindSlice:
		return objectOf(fact.Missed("a slice"))
	case python.KindStar, python.KindAwait:
		return i.eval(f, n.Child(python.RoleValue))
	}
	return unknown("what " + spell(n, 2) + " is")
}

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

func number(source string) *fact.Value {
	source = strings.ReplaceAll(source, "_", "")
	if n, err := strconv.ParseInt(source, 0, 64); err == nil {
		return fact.Of(n)
	}
	if x, err := strconv.ParseFloat(source, 64); err == nil {
		return fact.Of(x)
	}
	return fact.Missed("the number " + source[:min(len(source), 20)])
}

func (i *interpreter) name(f *frame, name string) *object {
	if o := f.lookup(name); o != nil {
		return o
	}
	if len(f.namespace.open) > 0 && !isBuiltin(name) {
		return objectOf(&fact.Value{Missing: f.namespace.open})
	}
	return &object{outside: "builtins." + name}
}

func (i *interpreter) attribute(f *frame, n python.Node) *object {
	object_ := i.eval(f, n.Child(python.RoleObject))
	return i.attributeOf(f, object_, n.Text(), n)
}

func (i *interpreter) attributeOf(f *frame, on *object, name string, n python.Node) *object {
	switch {
	case on.module != nil:
		return i.member(f, n, on.module, name)
	case on.outside != "":
		return &object{outside: on.outside + "." + name}
	case on.class != nil:
		return i.classAttribute(on, name)
	case on.instance != nil:
		return i.instanceMember(on.instance, name)
	case on.reader != nil:
		return &object{method: &boundMethod{on: on, name: name, target: n.Child(python.RoleObject)}}
	}
	v := on.value()
	switch {
	case v.Kind == fact.String && (name == "parent" || name == "parents"):
		return objectOf(pathOf(baseDirectory))
	case v.Kind == fact.Object:
		return objectOf(&fact.Value{Kind: fact.Object, Text: v.Text + "()." + name, Env: v.Env})
	}
	return &object{method: &boundMethod{on: on, name: name, target: n.Child(python.RoleObject)}}
}

// list works out a list, tuple or set display.
func (i *interpreter) list(f *frame, n python.Node) *fact.Value {
	out := &fact.Value{Kind: fact.List}
	for e := range n.All(python.RoleElement) {
		if len(out.Items) >= maxElements {
			out.Open, out.Missing = true, []string{"a long list"}
			break
		}
		v := i.eval(f, e).value()
		if e.Is(python.KindStar) {
			out = concatenated(out, v)
			continue
		}
		out.Items = append(out.Items, v)
	}
	return out
}

// concatenated is a + b of lists; what is not known of one opens the whole.
func concatenated(a, b *fact.Value) *fact.Value {
	if a.Kind == fact.Union || b.Kind == fact.Union {
		return mapped(a, func(a *fact.Value) *fact.Value {
			return mapped(b, func(b *fact.Value) *fact.Value { return concatenated(a, b) })
		})
	}
	out := &fact.Value{Kind: fact.List, Env: firstEnv(a, b)}
	for _, v := range []*fact.Value{a, b} {
		switch v.Kind {
		case fact.List:
			out.Items = append(out.Items, v.Items...)
			if v.Open {
				out.Open, out.Missing = true, append(out.Missing, v.Missing...)
			}
		case fact.Dict:
			for _, e := range v.Entries {
				out.Items = append(out.Items, fact.Of(e.Key))
			}
			out.Open = out.Open || v.Open
		default:
			out.Open, out.Missing = true, append(out.Missing, lost(v).Missing...)
		}
	}
	out.Items = out.Items[:min(len(out.Items), maxElements)]
	return out
}

func firstEnv(values ...*fact.Value) *fact.Env {
	for _, v := range values {
		if v != nil && v.Env != nil {
			env := *v.Env
			return &env
		}
	}
	return nil
}

// dict works out a dict display.
func (i *interpreter) dict(f *frame, n python.Node) *fact.Value {
	out := &fact.Value{Kind: fact.Dict}
	for e := range n.All(python.RoleEntry) {
		if e.Is(python.KindDoubleStar) {
			out = updated(out, i.eval(f, e.Child(python.RoleValue)).value())
			continue
		}
		key := i.eval(f, e.Child(python.RoleKey)).value()
		v := i.eval(f, e.Child(python.RoleValue)).value()
		out = withEntry(out, asKey(key), v)
	}
	return out
}

// asKey lets numbers be keys.
func asKey(v *fact.Value) *fact.Value {
	if v.Kind == fact.Int {
		return fact.Of(strconv.FormatInt(v.Int, 10))
	}
	return v
}

// updated is a dict with the entries of another.
func updated(a, b *fact.Value) *fact.Value {
	if a.Kind == fact.Union || b.Kind == fact.Union {
		return fact.Map(a, func(a *fact.Value) *fact.Value {
			return fact.Map(b, func(b *fact.Value) *fact.Value { return updated(a, b) })
		})
	}
	if a.Kind != fact.Dict {
		return lost(a, b)
	}
	out := *a
	if b.Kind != fact.Dict {
		if b.Kind == fact.Null {
			return &out
		}
		out.Open, out.Missing = true, append(append([]string{}, a.Missing...), lost(b).Missing...)
		return &out
	}
	result := &out
	for _, e := range b.Entries {
		result = withEntry(result, fact.Of(e.Key), e.Value)
	}
	if b.Open {
		c := *result
		c.Open, c.Missing = true, append(append([]string{}, result.Missing...), b.Missing...)
		result = &c
	}
	return result
}

func (i *interpreter) boolean(f *frame, n python.Node) *object {
	left := i.eval(f, n.Child(python.RoleLeft))
	v := left.value()
	t := fact.Truthy(v)
	if left.fact == nil {
		t = fact.True
	}
	and := n.Text() == "and"
	switch {
	case t == fact.True && and, t == fact.False && !and:
		right := i.eval(f, n.Child(python.RoleRight))
		if v.Env == nil {
			return right
		}
		// "os.environ.get(X) or y": y is what it falls back to.
		return objectOf(fallsBack(v, right.value()))
	case t != fact.Undecided:
		return left
	}
	right := i.eval(f, n.Child(python.RoleRight)).value()
	if v.Env != nil && v.Kind == fact.Unknown && !and {
		return objectOf(fallsBack(v, right))
	}
	guard := i.guard(f, n.Child(python.RoleLeft))
	if and {
		return objectOf(fact.UnionOf(fact.Alternative{Value: right, Guard: guard}, fact.Alternative{Value: v, Guard: negated(guard)}))
	}
	return objectOf(fact.UnionOf(fact.Alternative{Value: v, Guard: guard}, fact.Alternative{Value: right, Guard: negated(guard)}))
}

func (i *interpreter) ternary(f *frame, n python.Node) *object {
	test := n.Child(python.RoleTest)
	switch i.decide(f, test) {
	case fact.True:
		return i.eval(f, n.Child(python.RoleValue))
	case fact.False:
		return i.eval(f, n.Child(python.RoleElse))
	}
	guard := i.guard(f, test)
	undo := i.narrow(f, test, fact.True)
	then := i.eval(f, n.Child(python.RoleValue))
	undo()
	undo = i.narrow(f, test, fact.False)
	other := i.eval(f, n.Child(python.RoleElse))
	undo()
	return joined(then, other, guard, "")
}

func (i *interpreter) subscript(f *frame, n python.Node) *object {
	on := i.eval(f, n.Child(python.RoleObject))
	index := n.Child(python.RoleIndex)
	if on.outside == "os.environ" || on.outside == "environ" {
		return objectOf(i.environment(f, "os.environ", []python.Node{index}, nil, true))
	}
	if on.outside == "sys.modules" {
		return i.moduleByName(f, i.eval(f, index).value())
	}
	if index.Is(python.KindSlice) {
		return objectOf(slice(on.value(), index, func(part python.Node) *fact.Value { return i.eval(f, part).value() }))
	}
	if call := n.Child(python.RoleObject); call.Is(python.KindCall) {
		switch call.Child(python.RoleFunction).Text() {
		case "globals", "locals", "vars":
			return i.name(f, i.eval(f, index).value().Text)
		}
	}
	key := i.eval(f, index).value()
	v := on.value()
	if v.Kind == fact.Dict && key.Env != nil {
		// CONFIG[ENVIRONMENT]: production takes its own.
		for _, e := range v.Entries {
			if productionWord(e.Key) && (i.tier == Production || i.tier == Unknown) {
				return objectOf(e.Value)
			}
		}
		if key.Kind != fact.String || key.Secret != nil || !switchKeys(v) {
			return objectOf(lost(v, key))
		}
		return objectOf(cast(derived(fact.Field(v, key.Text), key), "map"))
	}
	switch key = asKeyFor(v, key); {
	case key.Kind == fact.String && key.Secret == nil:
		return objectOf(fact.Field(v, key.Text))
	case key.Kind == fact.Int:
		return objectOf(fact.Item(v, int(key.Int)))
	}
	return objectOf(lost(v, key))
}

// switchKeys reports whether a dict is a table of words for true and false.
func switchKeys(v *fact.Value) bool {
	for _, e := range v.Entries {
		if !truthWord(e.Key) {
			return false
		}
	}
	return !v.Open
}

func asKeyFor(v, key *fact.Value) *fact.Value {
	if v.Kind == fact.Dict {
		return asKey(key)
	}
	return key
}

// slice cuts a known list or text.
func slice(v *fact.Value, n python.Node, eval func(python.Node) *fact.Value) *fact.Value {
	if v.Kind == fact.Union {
		return mapped(v, func(v *fact.Value) *fact.Value { return slice(v, n, eval) })
	}
	var bounds []int
	for part := range n.All(python.RolePart) {
		b := eval(part)
		if b.Kind != fact.Int || b.Env != nil {
			return lost(v, b)
		}
		bounds = append(bounds, int(b.Int))
	}
	if len(bounds) != 1 || v.Kind != fact.List || v.Open {
		return lost(v)
	}
	// One bound: its place in the source tells which.
	at := bounds[0]
	if at < 0 {
		at = max(len(v.Items)+at, 0)
	}
	at = min(at, len(v.Items))
	start, _ := n.Span()
	first, _ := n.Child(python.RolePart).Span()
	out := *v
	if first == start {
		out.Items = v.Items[at:]
	} else {
		out.Items = v.Items[:at]
	}
	return &out
}

func (i *interpreter) format(f *frame, n python.Node) *fact.Value {
	out := fact.Of("")
	for part := range n.All(python.RolePart) {
		out = joinText(out, i.eval(f, part).value())
	}
	return out
}

// joinText appends to a text. Of a text that is known in part only its being a
// text is known.
func joinText(a, b *fact.Value) *fact.Value {
	switch {
	case a.Kind == fact.Union || b.Kind == fact.Union:
		return fact.Map(a, func(a *fact.Value) *fact.Value {
			return fact.Map(b, func(b *fact.Value) *fact.Value { return joinText(a, b) })
		})
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

// comprehension works out one over known elements, in a frame of its own; over
// one of several lists it is one of several, too.
func (i *interpreter) comprehension(f *frame, n python.Node) *fact.Value {
	for c := range n.All(python.RolePart) {
		if c.Is(python.KindForClause) {
			return mapped(i.eval(f, c.Child(python.RoleIter)).value(), func(over *fact.Value) *fact.Value {
				return i.comprehensionOver(f, n, over)
			})
		}
	}
	return lost()
}

func (i *interpreter) comprehensionOver(f *frame, n python.Node, over *fact.Value) *fact.Value {
	inner := &frame{namespace: f.namespace, vars: make(map[string]*object), outer: f, function: f.function}
	out := &fact.Value{Kind: fact.List}
	if n.Text() == "dict" {
		out.Kind = fact.Dict
	}
	var clauses []python.Node
	for c := range n.All(python.RolePart) {
		if c.Is(python.KindForClause) {
			clauses = append(clauses, c)
		}
	}
	element := n.Child(python.RoleElement)
	if !i.generate(inner, clauses, over, func() {
		if len(out.Items)+len(out.Entries) >= maxElements {
			out.Open = true
			return
		}
		if out.Kind == fact.Dict {
			out = withEntry(out, asKey(i.eval(inner, element.Child(python.RoleKey)).value()), i.eval(inner, element.Child(python.RoleValue)).value())
			return
		}
		out.Items = append(out.Items, i.eval(inner, element).value())
	}) {
		open := *out
		open.Open, open.Missing = true, []string{"what " + spell(clauses[0].Child(python.RoleIter), 2) + " holds"}
		out = &open
	}
	for _, c := range clauses {
		// What the environment holds is gone over as its fallback is.
		if v := i.eval(inner, c.Child(python.RoleIter)).value(); v.Env != nil && out.Env == nil {
			out = derived(out, v)
		}
	}
	return out
}

// generate calls yield for each round of the clauses, and reports false when
// one goes over what is not known.
func (i *interpreter) generate(f *frame, clauses []python.Node, over *fact.Value, yield func()) bool {
	if len(clauses) == 0 {
		yield()
		return true
	}
	if over == nil {
		over = i.eval(f, clauses[0].Child(python.RoleIter)).value()
	}
	items, ok := elementsOf(over)
	if !ok || len(items) > maxElements {
		return false
	}
	for _, item := range items {
		if !i.step() {
			return false
		}
		i.assign(f, clauses[0].Child(python.RoleTarget), objectOf(item))
		keep := fact.True
		for test := range clauses[0].All(python.RoleTest) {
			keep = keep.And(i.decide(f, test))
		}
		switch keep {
		case fact.Undecided:
			return false
		case fact.True:
			if !i.generate(f, clauses[1:], nil, yield) {
				return false
			}
		}
	}
	return true
}
