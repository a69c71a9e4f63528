package django

import (
	"slices"
	"sort"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// arguments are those of a call, worked out.
type arguments struct {
	nodes      []python.Node
	positional []*object
	keywords   map[string]*object
	// frame is the caller's.
	frame *frame
	// open is true when a star hides some.
	open bool
}

func (a arguments) value(at int) *fact.Value {
	if at < len(a.positional) {
		return a.positional[at].value()
	}
	return nil
}

func (a arguments) keyword(name string) *fact.Value {
	if o, ok := a.keywords[name]; ok {
		return o.value()
	}
	return nil
}

// either returns the argument by position or by one of its names, or nil.
func (a arguments) either(at int, names ...string) *fact.Value {
	if at >= 0 && at < len(a.positional) {
		return a.positional[at].value()
	}
	for _, name := range names {
		if v := a.keyword(name); v != nil {
			return v
		}
	}
	return nil
}

func (a arguments) values() []*fact.Value {
	out := make([]*fact.Value, len(a.positional))
	for at := range a.positional {
		out[at] = a.positional[at].value()
	}
	return out
}

func (i *interpreter) arguments(f *frame, n python.Node) arguments {
	a := arguments{frame: f, keywords: make(map[string]*object)}
	for c := range n.All(python.RoleArgument) {
		switch c.Kind() {
		case python.KindStar:
			items, ok := elementsOf(i.eval(f, c.Child(python.RoleValue)).value())
			a.open = a.open || !ok
			for _, item := range items {
				a.nodes, a.positional = append(a.nodes, c), append(a.positional, objectOf(item))
			}
		case python.KindDoubleStar:
			v := i.eval(f, c.Child(python.RoleValue)).value()
			a.open = a.open || v.Kind != fact.Dict || v.Open
			for _, e := range v.Entries {
				a.keywords[e.Key] = objectOf(e.Value)
			}
		default:
			a.nodes, a.positional = append(a.nodes, c), append(a.positional, i.eval(f, c))
		}
	}
	for k := range n.All(python.RoleKeyword) {
		a.keywords[k.Text()] = i.eval(f, k.Child(python.RoleValue))
	}
	return a
}

func (i *interpreter) call(f *frame, n python.Node) *object {
	fn := n.Child(python.RoleFunction)
	if fn.Is(python.KindName) && (fn.Text() == "include") && i.isOutside(f, fn, "split_settings") {
		i.include(f, n)
		return objectOf(fact.None())
	}
	if fn.Is(python.KindName) && (fn.Text() == "globals" || fn.Text() == "locals" || fn.Text() == "vars") {
		return objectOf(f.namespace.settings())
	}
	if fn.Is(python.KindName) && (fn.Text() == "exec" || fn.Text() == "execfile") && f.lookup(fn.Text()) == nil {
		// How a local_settings.py that is no module is run.
		i.overridden(f, "what "+fn.Text()+" runs")
		return objectOf(fact.None())
	}
	o := i.eval(f, fn)
	args := i.arguments(f, n)
	switch {
	case o.method != nil:
		return i.callMethod(f, o.method, args, n)
	case o.function != nil:
		return i.callFunction(f, o.function, o.self, args, n)
	case o.class != nil:
		return i.construct(f, o.class, args, n)
	case o.reader != nil:
		return objectOf(i.read(f, o.reader, "", args, n))
	case o.outside != "":
		return i.callOutside(f, o.outside, args, n)
	}
	v := o.value()
	if out, ok := pathMethod(v, "__call__", args.values()); ok { // environ.Path: root("media")
		return objectOf(derived(out, v))
	}
	return objectOf(i.guessed(f, fn, args, lost(v)))
}

func (i *interpreter) isOutside(f *frame, n python.Node, prefix string) bool {
	o := f.lookup(n.Text())
	return o != nil && strings.HasPrefix(o.outside, prefix)
}

// callFunction runs a function of the repository and joins what it returns.
func (i *interpreter) callFunction(f *frame, fn *function, self *object, args arguments, n python.Node) *object {
	if i.calls++; i.calls > maxCalls || args.open {
		i.calls--
		return objectOf(i.guessed(f, n.Child(python.RoleFunction), args, fact.Missed("what "+fn.node.Text()+" returns")))
	}
	defer func() { i.calls-- }()
	outer := i.lastRead
	i.lastRead = nil
	out := i.runFunction(fn, self, args)
	if read := i.readBy(args); read != nil && i.fallbacks == 0 && isSwitch(out.value()) {
		// It says true or false by what a variable holds: what it falls back to is
		// what it says of that.
		i.fallbacks++
		env := &fact.Env{Names: read.Names, Reader: fn.node.Text(), Cast: "bool", Guarded: read.Guarded}
		if v := i.runFunction(fn, self, args).value(); v.Kind == fact.Bool {
			out = objectOf(readAs(v, env))
		} else {
			out = objectOf(notRead(env, v))
		}
		i.fallbacks--
	}
	if outer != nil {
		i.lastRead = outer
	}
	if name := args.value(0); name != nil && name.Kind == fact.String && readerLike(fn.node.Text()) {
		return objectOf(ownRead(out.value(), name.Text))
	}
	return out
}

// ownRead is what a helper that reads a variable or a secret by its name comes
// to: of several ways the one that reads the variable, if the others only tell
// what is kept outside.
func ownRead(v *fact.Value, name string) *fact.Value {
	if v.Kind != fact.Union {
		return v
	}
	var own *fact.Value
	for _, a := range v.Alternatives {
		switch {
		case a.Value.Env != nil && slices.Contains(a.Value.Env.Names, name):
			if own != nil {
				return v
			}
			own = a.Value
		case a.Value.Kind != fact.Unknown && a.Value.Kind != fact.Object:
			return v
		}
	}
	if own == nil {
		return v
	}
	return own
}

// readBy is the variable that an argument is read from, or that was read last.
func (i *interpreter) readBy(args arguments) *fact.Env {
	for _, v := range args.values() {
		if v.Env != nil {
			return v.Env
		}
	}
	return i.lastRead
}

// isSwitch reports whether a value is true or false in different ways.
func isSwitch(v *fact.Value) bool {
	if v.Kind != fact.Union {
		return false
	}
	for _, a := range v.Alternatives {
		if a.Value.Kind != fact.Bool {
			return false
		}
	}
	return true
}

// runFunction runs the body once.
func (i *interpreter) runFunction(fn *function, self *object, args arguments) *object {
	inner := &frame{namespace: fn.module, vars: make(map[string]*object), outer: fn.defined, function: true, method: fn, self: self}
	i.bind(inner, fn, self, args)
	if fn.node.Is(python.KindLambda) {
		return i.eval(inner, fn.node.Child(python.RoleValue))
	}
	end := i.block(inner, fn.node, python.RoleBody)
	i.refused = end == flowRaised && len(inner.returned) == 0
	if end == flowOn {
		inner.returned = append(inner.returned, fact.Alternative{Value: fact.None(), Guard: strings.Join(inner.guards, " and ")})
	}
	switch {
	case len(inner.returned) == 0:
		return objectOf(fact.Missed("what " + fn.node.Text() + " returns"))
	case len(inner.returned) == 1 && inner.kept != nil:
		return inner.kept
	}
	return objectOf(i.settle(inner.returned))
}

// settle joins what a function returns. When all of it is read from one
// variable, the function is a way to read it: the last return is what it falls
// back to.
func (i *interpreter) settle(returned []fact.Alternative) *fact.Value {
	var read *fact.Value
	var fallback *fact.Value
	for _, r := range returned {
		if r.Value.Env != nil {
			if read == nil {
				read = r.Value
			}
			continue
		}
		fallback = r.Value
	}
	if read != nil && fallback != nil && len(returned) == 2 && (read.Kind == fact.Unknown || read.Kind == fact.Null) {
		env := *read.Env
		return readAs(fallback, &env)
	}
	return unionOf(returned...)
}

// bind gives a function its arguments.
func (i *interpreter) bind(inner *frame, fn *function, self *object, args arguments) {
	at := 0
	if self != nil {
		args.positional = append([]*object{self}, args.positional...)
	}
	for p := range fn.node.All(python.RoleParameter) {
		name := p.Text()
		switch {
		case p.Has(python.FlagStar):
			rest := &fact.Value{Kind: fact.List}
			for ; at < len(args.positional); at++ {
				rest.Items = append(rest.Items, args.positional[at].value())
			}
			inner.vars[name] = objectOf(rest)
		case p.Has(python.FlagDoubleStar):
			rest := &fact.Value{Kind: fact.Dict}
			for _, key := range sortedKeys(args.keywords) {
				if _, taken := inner.vars[key]; !taken {
					rest.Entries = append(rest.Entries, fact.Entry{Key: key, Value: args.keywords[key].value()})
				}
			}
			inner.vars[name] = objectOf(rest)
		case !p.Has(python.FlagKeywordOnly) && at < len(args.positional):
			inner.vars[name] = args.shared(at)
			at++
		case args.keywords[name] != nil:
			inner.vars[name] = args.keywords[name]
		case p.Child(python.RoleDefault).Exists():
			inner.vars[name] = i.eval(fn.defined, p.Child(python.RoleDefault))
		default:
			inner.vars[name] = unknown("the argument " + name)
		}
	}
}

func sortedKeys(m map[string]*object) []string {
	out := make([]string, 0, len(m))
	for key := range m {
		out = append(out, key)
	}
	sort.Strings(out)
	return out
}

// callMethod runs a method of a value. Those that change a list or dict bind the
// name that holds it to a changed copy.
func (i *interpreter) callMethod(f *frame, m *boundMethod, args arguments, n python.Node) *object {
	if m.on.reader != nil {
		return objectOf(i.read(f, m.on.reader, m.name, args, n))
	}
	v := m.on.value()
	if m.name == "format" {
		return objectOf(fact.Map(v, func(v *fact.Value) *fact.Value { return formatted(v, args) }))
	}
	if out, ok := pathMethod(v, m.name, args.values()); ok {
		return objectOf(derived(out, v))
	}
	if changed, result, ok := mutated(v, m.name, args); ok {
		if len(changed.Places) > 0 {
			c := *changed
			c.Places = append(slices.Clip(changed.Places[:min(len(changed.Places), maxChain)]), f.place(n, m.target.Dotted()))
			changed = &c
		}
		if v.Kind == fact.Union {
			i.update(f, m.target, n, func(v *fact.Value) *fact.Value {
				c, _, _ := mutated(v, m.name, args)
				if c == nil {
					return lost(v)
				}
				return c
			})
			return objectOf(result)
		}
		i.rebind(f, m.target, changed, n)
		return objectOf(result)
	}
	return objectOf(fact.Map(v, func(v *fact.Value) *fact.Value {
		if out, ok := textMethod(v, m.name, args.values()); ok {
			return out
		}
		return containerMethod(v, m.name, args)
	}))
}

// containerMethod works out a method that changes nothing.
func containerMethod(v *fact.Value, name string, args arguments) *fact.Value {
	if v.Kind == fact.Dict {
		switch name {
		case "get":
			key := args.value(0)
			if key != nil && key.Kind == fact.Null && key.Env != nil && args.either(1, "default") != nil {
				return cast(derived(args.either(1, "default"), key), "map")
			}
			if key == nil || key.Kind != fact.String {
				return lost(v, key)
			}
			found := fact.Field(v, key.Text)
			if found.Kind == fact.Null && len(found.Places) == 0 {
				if d := args.either(1, "default"); d != nil {
					return d
				}
			}
			return found
		case "keys", "values", "items":
			out := &fact.Value{Kind: fact.List, Open: v.Open, Missing: v.Missing}
			for _, e := range v.Entries {
				switch name {
				case "keys":
					out.Items = append(out.Items, fact.Of(e.Key))
				case "values":
					out.Items = append(out.Items, e.Value)
				default:
					out.Items = append(out.Items, fact.ListOf(fact.Of(e.Key), e.Value))
				}
			}
			return out
		case "copy":
			return v
		}
	}
	if v.Kind == fact.List {
		switch name {
		case "copy":
			return v
		case "union":
			if other := args.value(0); other != nil {
				return concatenated(v, other)
			}
		case "index", "count":
			return fact.Missed("a place in a list")
		}
	}
	// What a method makes of a variable's value is not the variable any more: its
	// text may be the path of a file.
	out := *lost(v)
	out.Env = nil
	return &out
}

// mutated returns a changed copy of a list or dict, and what the method returns.
func mutated(v *fact.Value, name string, args arguments) (changed, result *fact.Value, ok bool) {
	if v.Kind == fact.Union {
		out := fact.Map(v, func(v *fact.Value) *fact.Value {
			if c, _, ok := mutated(v, name, args); ok {
				return c
			}
			return lost(v)
		})
		_, _, ok := mutated(v.Alternatives[0].Value, name, args)
		return out, fact.Missed("what " + name + " returns"), ok
	}
	first := args.value(0)
	if first == nil {
		first = fact.None()
	}
	list := v.Kind == fact.List
	switch {
	case list && (name == "append" || name == "add"):
		return concatenated(v, fact.ListOf(first)).At(v.Places...), fact.None(), true
	case list && (name == "extend" || name == "update"):
		return concatenated(v, first).At(v.Places...), fact.None(), true
	case list && name == "insert":
		out := *v
		out.Items = slices.Clone(v.Items)
		at := len(out.Items)
		if first.Kind == fact.Int && first.Int >= 0 {
			at = min(int(first.Int), at)
		}
		if item := args.value(1); item != nil {
			out.Items = slices.Insert(out.Items, at, item)
		}
		return &out, fact.None(), true
	case list && (name == "remove" || name == "discard"):
		out := *v
		out.Items = slices.DeleteFunc(slices.Clone(v.Items), func(item *fact.Value) bool { return fact.Equal(item, first) == fact.True })
		return &out, fact.None(), true
	case list && name == "clear":
		return &fact.Value{Kind: fact.List, Places: v.Places}, fact.None(), true
	case list && (name == "sort" || name == "reverse"):
		return v, fact.None(), true
	case list && name == "pop":
		out := *v
		out.Open, out.Missing = true, append(slices.Clip(v.Missing), "which element is taken out")
		return &out, fact.Missed("an element of a list"), true
	case v.Kind == fact.Dict && name == "update":
		out := v
		if len(args.positional) > 0 {
			out = updated(out, first)
		}
		for _, key := range sortedKeys(args.keywords) {
			out = withEntry(out, fact.Of(key), args.keywords[key].value())
		}
		return out, fact.None(), true
	case v.Kind == fact.Dict && name == "setdefault":
		if first.Kind == fact.String && v.Get(first.Text) != nil {
			return v, v.Get(first.Text), true
		}
		item := args.value(1)
		if item == nil {
			item = fact.None()
		}
		return withEntry(v, first, item), item, true
	case v.Kind == fact.Dict && name == "pop":
		found := fact.None()
		if first.Kind == fact.String {
			found = fact.Field(v, first.Text)
		}
		return withoutEntry(v, first), found, true
	case v.Kind == fact.Dict && name == "clear":
		return &fact.Value{Kind: fact.Dict, Places: v.Places}, fact.None(), true
	}
	return nil, nil, false
}

// callOutside runs what is known of functions outside of the repository.
func (i *interpreter) callOutside(f *frame, name string, args arguments, n python.Node) *object {
	if o, ok := i.callReader(f, name, args, n); ok {
		return o
	}
	if v, ok := i.builtin(strings.TrimPrefix(name, "builtins."), args); ok && strings.HasPrefix(name, "builtins.") {
		return objectOf(v)
	}
	if first := args.value(0); last(name) == "strtobool" && first != nil {
		return objectOf(asBool(first))
	}
	switch name {
	case "builtins.super":
		return i.superOf(f, args)
	case "importlib.import_module", "builtins.__import__", "django.utils.importlib.import_module":
		return i.moduleByName(f, args.value(0))
	case "builtins.setattr":
		return i.setattr(f, args, n)
	case "pathlib.Path", "pathlib.PurePath", "environ.Path", "path.Path", "unipath.Path", "builtins.Path":
		first := args.value(0)
		switch {
		case first == nil || first.Kind == fact.String && first.Secret == nil && strings.HasSuffix(first.Text, ".py"):
			return objectOf(pathOf(baseDirectory))
		case first.Kind == fact.String && first.Secret == nil:
			out := pathOf(first.Text)
			for _, v := range args.values()[1:] {
				out = joinPath(out, v)
			}
			return objectOf(derived(out, first, out))
		}
		return objectOf(first)
	case "os.path.join", "posixpath.join":
		return objectOf(joined_(args.values()))
	case "os.path.dirname", "os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expanduser", "os.getcwd", "os.path.split":
		if first := args.value(0); first != nil && first.Env != nil {
			return objectOf(first)
		}
		return objectOf(pathOf(baseDirectory))
	case "os.path.exists", "os.path.isfile", "os.path.isdir":
		return objectOf(fact.Missed("whether a file is there"))
	case "os.fspath", "django.utils.translation.gettext_lazy", "django.utils.translation.gettext", "django.utils.translation.ugettext_lazy",
		"django.urls.reverse_lazy", "django.utils.functional.lazy", "copy.deepcopy", "copy.copy", "typing.cast":
		if v := args.value(len(args.positional) - 1); v != nil && len(args.positional) > 0 {
			return objectOf(v)
		}
	case "json.loads", "ast.literal_eval", "yaml.safe_load":
		if first := args.value(0); first != nil {
			return objectOf(cast(fact.Map(first, decoded), "json"))
		}
	case "builtins.next":
		if first := args.value(0); first != nil && len(args.positional) == 2 {
			if items, ok := elementsOf(first); ok && len(items) > 0 {
				return objectOf(items[0])
			} else if ok {
				return args.positional[1]
			}
		}
	case "django.core.management.utils.get_random_secret_key", "secrets.token_urlsafe", "secrets.token_hex", "uuid.uuid4", "os.urandom",
		"django.utils.crypto.get_random_string", "secrets.token_bytes", "secrets.choice", "random.choice":
		return objectOf(&fact.Value{Kind: fact.Object, Text: name})
	case "warnings.warn", "logging.warning", "builtins.print", "os.environ.setdefault":
		return objectOf(fact.None())
	}
	v := &fact.Value{Kind: fact.Object, Text: strings.TrimPrefix(name, "builtins."), Items: args.values()}
	for _, key := range sortedKeys(args.keywords) {
		v.Entries = append(v.Entries, fact.Entry{Key: key, Value: args.keywords[key].value()})
	}
	return objectOf(i.guessed(f, n.Child(python.RoleFunction), args, v))
}

func joined_(parts []*fact.Value) *fact.Value {
	if len(parts) == 0 {
		return fact.Missed()
	}
	out := parts[0]
	if out.Kind != fact.String {
		out = derived(pathOf(baseDirectory), out)
	}
	for _, part := range parts[1:] {
		out = joinPath(out, part)
	}
	return out
}

// builtin works out a function of Python's own.
func (i *interpreter) builtin(name string, args arguments) (*fact.Value, bool) {
	first := args.value(0)
	if first == nil {
		switch name {
		case "dict":
			out := &fact.Value{Kind: fact.Dict}
			for _, key := range sortedKeys(args.keywords) {
				out.Entries = append(out.Entries, fact.Entry{Key: key, Value: args.keywords[key].value()})
			}
			return out, !args.open
		case "list", "tuple", "set", "frozenset":
			return &fact.Value{Kind: fact.List}, true
		}
		return nil, false
	}
	if first.Kind == fact.Union {
		rest := args
		return fact.Map(first, func(v *fact.Value) *fact.Value {
			rest.positional = append([]*object{objectOf(v)}, args.positional[1:]...)
			if out, ok := i.builtin(name, rest); ok {
				return out
			}
			return lost(v)
		}), true
	}
	switch name {
	case "bool":
		out := truth(fact.Truthy(first), first)
		if first.Env != nil && first.Env.Cast == "str" {
			out = cast(out, "truth")
		}
		return out, true
	case "str":
		return asText(first), true
	case "int", "float":
		return asNumber(first, name), true
	case "list", "tuple", "set", "frozenset", "sorted", "reversed":
		if items, ok := elementsOf(first); ok {
			if name == "sorted" || name == "reversed" {
				items, ok = ordered(name, items)
				if !ok || len(args.keywords) > 0 {
					return lost(first), true
				}
			}
			return derived(&fact.Value{Kind: fact.List, Items: items}, first), true
		}
		if first.Kind == fact.List {
			return first, true
		}
		return lost(first), true
	case "dict":
		out := first
		if first.Kind != fact.Dict {
			if out = pairs(first); out == nil {
				return lost(first), true
			}
		}
		for _, key := range sortedKeys(args.keywords) {
			out = withEntry(out, fact.Of(key), args.keywords[key].value())
		}
		return out, true
	case "len":
		if items, ok := elementsOf(first); ok {
			return derived(fact.Of(len(items)), first), true
		}
		if first.Kind == fact.String {
			n := len([]rune(first.Text))
			if first.Secret != nil {
				n = first.Secret.Length
			}
			return derived(fact.Of(n), first), true
		}
		return lost(first), true
	case "any", "all":
		items, ok := elementsOf(first)
		if !ok {
			return truth(fact.Undecided, first), true
		}
		answer := fact.TriOf(name == "all")
		for _, item := range items {
			if name == "all" {
				answer = answer.And(fact.Truthy(item))
			} else {
				answer = answer.Or(fact.Truthy(item))
			}
		}
		return truth(answer, items...), true
	case "filter":
		return filtered(first, args.value(1)), true
	case "map":
		return lost(args.value(len(args.positional) - 1)), true
	case "range", "min", "max", "enumerate", "isinstance":
		if v, ok := counted(name, args.values()); ok {
			return v, true
		}
		return lost(args.values()...), true
	case "getattr":
		return i.getattr(args), true
	case "open":
		return fact.Missed("what a file holds"), true
	case "zip", "sum", "round", "abs", "hasattr", "print":
		return lost(args.values()...), true
	}
	return nil, false
}

// getattr reads a name of a module, with its fallback.
func (i *interpreter) getattr(args arguments) *fact.Value {
	name := args.value(1)
	if name == nil || name.Kind != fact.String {
		return lost(args.values()...)
	}
	on := args.positional[0]
	if on.module != nil {
		if o, ok := on.module.vars[name.Text]; ok {
			return o.value()
		}
		if len(on.module.open) == 0 {
			if d := args.value(2); d != nil {
				return d
			}
		}
		out := fact.Missed(on.module.open...)
		if d := args.value(2); d != nil {
			// A module of the operator's: its setting, or what it falls back to.
			c := *d
			c.Env = &fact.Env{Names: []string{name.Text}, Reader: "getattr", Cast: "str"}
			return &c
		}
		return out
	}
	return lost(args.values()...)
}

// asNumber casts to a number.
func asNumber(v *fact.Value, name string) *fact.Value {
	switch v.Kind {
	case fact.Int, fact.Float, fact.Bool:
		return cast(v, name)
	case fact.String:
		if v.Secret == nil {
			if n := number(strings.TrimSpace(v.Text)); n.Kind != fact.Unknown {
				return cast(derived(n, v), name)
			}
		}
	}
	return cast(lost(v), name)
}

// asBool casts a text as people spell truth.
func asBool(v *fact.Value) *fact.Value {
	switch v.Kind {
	case fact.String:
		if v.Secret == nil && truthWord(v.Text) {
			return cast(derived(fact.Of(!falseWord(v.Text)), v), "bool")
		}
		if v.Text == "" && v.Secret == nil {
			return cast(derived(fact.Of(false), v), "bool")
		}
	case fact.Bool:
		return cast(v, "bool")
	case fact.Int:
		return cast(derived(fact.Of(v.Int != 0), v), "bool")
	case fact.Null:
		return cast(derived(fact.Of(false), v), "bool")
	}
	return cast(lost(v), "bool")
}
