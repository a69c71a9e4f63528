package django

import (
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// importModule runs "import a.b" and "import a.b as c".
func (i *interpreter) importModule(f *frame, n python.Node) {
	name := n.Text()
	alias := n.Child(python.RoleAlias)
	ns := i.module(f.namespace.name, name)
	if alias.Exists() {
		f.set(alias.Text(), imported(ns, name))
		return
	}
	top, _, nested := strings.Cut(name, ".")
	if !nested {
		f.set(top, imported(ns, name))
		return
	}
	if o := f.lookup(top); o != nil && (o.module != nil || o.outside != "") {
		return
	}
	if ns != nil {
		f.set(top, imported(i.module(f.namespace.name, top), top))
		return
	}
	f.set(top, &object{outside: top})
}

func imported(ns *namespace, name string) *object {
	if ns == nil {
		return &object{outside: name}
	}
	return &object{module: ns}
}

// importFrom runs "from a import b".
func (i *interpreter) importFrom(f *frame, n python.Node) flow {
	module := n.Text()
	if module == "__future__" {
		return flowOn
	}
	ns := i.module(f.namespace.name, module)
	for item := range n.All(python.RoleItem) {
		switch {
		case item.Is(python.KindWildcard):
			i.importAll(f, n, module, ns)
		case ns == nil:
			f.set(bound(item), &object{outside: module + "." + item.Text()})
		default:
			f.set(bound(item), i.member(f, n, ns, item.Text()))
		}
	}
	return flowOn
}

// member returns what a name of a module stands for: a variable, or a module
// below it.
func (i *interpreter) member(f *frame, at python.Node, ns *namespace, name string) *object {
	if o, ok := ns.vars.get(name); ok {
		if o.fact != nil {
			v := through(o.fact, f.place(at, ns.name))
			i.named(o.fact, v)
			return objectOf(v)
		}
		return o
	}
	if _, _, _, known := i.modules.resolve(ns.name, ns.name+"."+name); known {
		if below := i.module(ns.name, ns.name+"."+name); below != nil && (below.file != nil || below.path != "") {
			return &object{module: below}
		}
	}
	if len(ns.open) > 0 || ns.running {
		return objectOf(&fact.Value{Missing: missingOf(ns)})
	}
	return unknown(name + " of the module " + ns.name)
}

func missingOf(ns *namespace) []string {
	if ns.running {
		return []string{"the module " + ns.name + ", which imports itself"}
	}
	return ns.open
}

// importAll runs "from a import *".
func (i *interpreter) importAll(f *frame, n python.Node, module string, ns *namespace) {
	switch {
	case ns == nil && (module == "django.conf.global_settings"):
		return // the framework's defaults, which hold for what nobody sets
	case ns == nil:
		i.overridden(f, "module "+module)
		return
	case ns.running:
		i.gap(Gap{Path: f.namespace.path, Line: n.Line(), Reason: "it imports " + ns.name + ", which imports it"})
		f.namespace.opens("module " + ns.name)
		return
	case i.tier == Production && forDevelopment(module) && (ns.file != nil || !strings.Contains(strings.ToLower(last(module)), "local")):
		return // not there in production
	case ns.file == nil:
		// A local_settings that nobody committed is how old projects configure
		// production, too.
		i.overridden(f, "module "+strings.TrimLeft(module, "."))
		return
	}
	for _, name := range ns.order {
		o, ok := ns.vars.get(name)
		if !ok || strings.HasPrefix(name, "_") {
			continue
		}
		if o.fact != nil && isSetting(name) {
			imported := *o
			imported.fact = through(o.fact, f.place(n, ns.name))
			i.named(o.fact, imported.fact)
			o = &imported
		}
		f.set(name, o)
		if o.cell != nil {
			o.cell.slots = append(o.cell.slots, slot{f.vars, name})
		}
	}
	f.namespace.opens(ns.open...)
}

// forDevelopment reports whether a module is by its name one that production
// does not have.
func forDevelopment(module string) bool {
	for _, word := range strings.FieldsFunc(strings.ToLower(last(module)), func(r rune) bool { return r == '_' || r == '-' }) {
		if developmentWord(word) && word != "build" {
			return true
		}
	}
	return false
}

// include runs include(...) of django-split-settings, which runs other files as
// parts of this one
// (https://django-split-settings.readthedocs.io/en/latest/#api).
func (i *interpreter) include(f *frame, n python.Node) {
	for argument := range n.All(python.RoleArgument) {
		pattern := argument
		optional := false
		if argument.Is(python.KindCall) {
			optional = last(argument.Child(python.RoleFunction).Dotted()) == "optional"
			pattern = argument.Child(python.RoleArgument)
		}
		v := i.eval(f, pattern).value()
		if v.Kind != fact.String || v.Secret != nil || v.Env != nil {
			if !optional {
				i.overridden(f, "the file that "+spell(pattern, 3)+" names")
			}
			continue
		}
		modules := i.modules.included(f.namespace.name, v.Text)
		if len(modules) == 0 {
			if !(i.tier == Production && forDevelopment(strings.TrimSuffix(v.Text[strings.LastIndexByte(v.Text, '/')+1:], ".py"))) {
				i.overridden(f, "the file "+v.Text)
			}
			continue
		}
		for _, name := range modules {
			i.run(f, name, n)
		}
	}
}

// execute runs exec(open("X").read()), execfile("X") and their like, and reports
// whether the file is one of the repository.
func (i *interpreter) execute(f *frame, n python.Node) bool {
	v := i.eval(f, sourceOf(n.Child(python.RoleArgument))).value()
	if n.Child(python.RoleFunction).Text() == "execfile" {
		v = i.eval(f, n.Child(python.RoleArgument)).value()
	}
	if v.Kind != fact.String || v.Secret != nil || v.Env != nil {
		return false
	}
	name, ok := i.modules.executed(f.namespace.name, strings.TrimPrefix(v.Text, baseDirectory+"/"))
	if ok {
		i.run(&frame{namespace: f.namespace, vars: f.namespace.vars}, name, n)
	}
	return ok
}

// sourceOf returns the path in open(path).read(), compile(open(path).read(), …)
// and Path(path).read_text().
func sourceOf(n python.Node) python.Node {
	fn := n.Child(python.RoleFunction)
	switch {
	case fn.Is(python.KindName) && fn.Text() == "compile":
		return sourceOf(n.Child(python.RoleArgument))
	case fn.Is(python.KindAttribute) && (fn.Text() == "read_text" || fn.Text() == "read_bytes"):
		return fn.Child(python.RoleObject)
	case fn.Is(python.KindAttribute) && fn.Text() == "read":
		if open := fn.Child(python.RoleObject); open.Child(python.RoleFunction).Text() == "open" {
			return open.Child(python.RoleArgument)
		}
	}
	return python.Node{}
}

// run executes a module's statements in a frame's own namespace.
func (i *interpreter) run(f *frame, name string, at python.Node) {
	_, path, file, known := i.modules.resolve(f.namespace.name, name)
	if !known || file == nil {
		if path != "" {
			i.gap(Gap{Path: path, Reason: i.modules.problem(path)})
		}
		f.namespace.opens("module " + name)
		return
	}
	if i.calls++; i.calls > maxCalls {
		i.exhaust("the settings include one another too deep")
	}
	defer func() { i.calls-- }()
	own := *f.namespace
	f.namespace.path, f.namespace.file = path, file
	if len(file.Broken()) > 0 {
		i.gap(Gap{Path: path, Line: file.Broken()[0].Line, Reason: "it is no valid Python"})
	}
	i.block(f, file.Module(), python.RoleBody)
	f.namespace.path, f.namespace.file = own.path, own.file
}
