package django

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

const (
	// maxSteps bounds the statements and expressions of one leaf. The largest
	// settings of public projects take some ten thousand.
	maxSteps = 400_000
	// maxModules bounds the modules one leaf is made of.
	maxModules = 200
	// maxCalls bounds how deep calls of functions nest; settings call helpers that
	// call helpers.
	maxCalls = 12
	// maxRecursion bounds how often a function calls itself.
	maxRecursion = 4
	// maxNesting bounds how deep expressions and blocks are followed.
	maxNesting = 300
	// maxElements bounds a list or dict that is built.
	maxElements = 3000
	// maxUnrolled bounds the rounds of a loop over known elements.
	maxUnrolled = 200
	// maxTextBytes bounds a text that is built.
	maxTextBytes = 4000
)

// interpret works out the settings of a leaf, a module or "module:Class", as a
// process in production has them. It returns a Dict, the calls that configure
// libraries, and what could not be read.
func interpret(ctx context.Context, m modules, leaf string, tier Tier) (settings, calls *fact.Value, gaps []Gap) {
	i := &interpreter{ctx: ctx, modules: m, tier: tier, loaded: make(map[string]*namespace), given: make(map[string]int), active: make(map[python.Node]int), identities: make(map[*fact.Value]*identity)}
	i.journal.steps = &i.steps
	module, class, _ := strings.Cut(leaf, ":")
	ns := i.module("", module)
	if ns == nil || ns.file == nil {
		return &fact.Value{Kind: fact.Dict, Open: true, Missing: []string{"module " + module}}, i.configuredCalls(), i.gaps
	}
	if i.exhausted != "" {
		// What was not run may set anything else.
		i.gap(Gap{Path: ns.path, Reason: i.exhausted})
		i.overridden(ns.frame(), "what "+i.exhausted)
	}
	settings = ns.settings()
	if class != "" {
		if c, ok := ns.vars.get(class); ok && c.class != nil {
			settings = i.classSettings(c.class, settings)
		}
	}
	if i.exhausted != "" {
		i.gap(Gap{Path: ns.path, Reason: i.exhausted})
		settings.Open = true
		settings.Missing = append(settings.Missing, "what "+i.exhausted)
	}
	return settings, i.configuredCalls(), i.gaps
}

// interpreter works out one leaf. It runs settings over values that may be known
// in part; what it does not follow becomes unknown, never a guess.
type interpreter struct {
	ctx     context.Context
	modules modules
	tier    Tier
	loaded  map[string]*namespace
	gaps    []Gap
	// configurations are the calls that configure libraries, as they came.
	configurations []configuration
	steps          int
	calls          int
	// active counts the calls of each function that are being run.
	active  map[python.Node]int
	nesting int
	// refused is true after a call that only raises.
	refused bool
	// mayRaise is true after a way that raises while the other goes on.
	mayRaise bool
	// fallbacks is positive while conditions go by what variables fall back to.
	fallbacks int
	// lastRead is the first variable that was read since it was reset.
	lastRead *fact.Env
	// aliases counts the names that are followed for one change.
	aliases int
	// given counts the conditions around that say that a variable is set.
	given   map[string]int
	journal journal
	// identities are those of the lists and dicts that something holds.
	identities map[*fact.Value]*identity
	// configs are the ConfigParsers that were made.
	configs []*configFile
	// exhausted says which bound was hit; empty while none was.
	exhausted string
}

// namespace is a module that was run, or is being run.
type namespace struct {
	name, path string
	file       *python.File
	vars       *variables
	// order is that of the first assignments.
	order []string
	// open lists what may set more names.
	open    []string
	running bool
}

func (ns *namespace) set(name string, o *object) {
	if _, known := ns.vars.get(name); !known {
		ns.order = append(ns.order, name)
	}
	ns.vars.set(name, o)
}

// settings returns the upper-case names.
func (ns *namespace) settings() *fact.Value {
	out := &fact.Value{Kind: fact.Dict, Open: len(ns.open) > 0, Missing: ns.open}
	names := slices.Clone(ns.order)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if o, ok := ns.vars.get(name); ok && isSetting(name) {
			out.Entries = append(out.Entries, fact.Entry{Key: name, Value: o.value()})
		}
	}
	return out
}

// isSetting reports whether Django takes a name for a setting
// (https://docs.djangoproject.com/en/stable/topics/settings/#creating-your-own-settings).
func isSetting(name string) bool {
	return name != "" && name == strings.ToUpper(name) && name != strings.ToLower(name) && name[0] != '_'
}

func (i *interpreter) gap(g Gap) {
	if !slices.Contains(i.gaps, g) {
		i.gaps = append(i.gaps, g)
	}
}

// step counts the work and reports whether there may be more.
func (i *interpreter) step() bool {
	i.steps++
	if i.steps > maxSteps || i.steps%256 == 0 && i.ctx.Err() != nil {
		i.exhaust(fmt.Sprintf("the settings take more than %d steps to work out", maxSteps))
	}
	return i.exhausted == ""
}

func (i *interpreter) exhaust(reason string) {
	if i.exhausted == "" {
		i.exhausted = reason
	}
}

// module runs a module once. It returns nil for one outside of the repository;
// one that is not there, or could not be read, has no file and is open.
func (i *interpreter) module(from, name string) *namespace {
	module, path, file, known := i.modules.resolve(from, name)
	if !known {
		return nil
	}
	if ns, ok := i.loaded[module]; ok {
		return ns
	}
	ns := &namespace{name: module, path: path, file: file, vars: i.journal.variables()}
	i.loaded[module] = ns
	switch {
	case len(i.loaded) > maxModules:
		i.exhaust(fmt.Sprintf("the settings consist of more than %d modules", maxModules))
		ns.file, ns.open = nil, []string{"module " + module}
		return ns
	case file == nil && path != "":
		i.gap(Gap{Path: path, Reason: i.modules.problem(path)})
		ns.open = []string{"module " + module}
		return ns
	case file == nil:
		ns.open = []string{"module " + module}
		return ns
	}
	for _, span := range file.Broken() {
		i.gap(Gap{Path: path, Line: span.Line, Reason: "it is no valid Python"})
		ns.opens("module " + module)
		break
	}
	ns.running = true
	f := ns.frame()
	ns.set("__name__", objectOf(fact.Of(module)))
	ns.set("__file__", objectOf(fact.Of(path)))
	i.block(f, file.Module(), python.RoleBody)
	ns.running = false
	// A module runs once, whichever way was taken when it first did.
	ns.vars.born = 0
	return ns
}

// frame is where statements run: a module, a class or a function.
type frame struct {
	namespace *namespace
	vars      *variables
	// outer is the frame around a function or class; nil for a module.
	outer *frame
	// caller is the frame that calls a function.
	caller *frame
	// returned collects what a function returns.
	returned []fact.Alternative
	// kept is the reference that it returns, if that is all.
	kept *object
	// guards say under which conditions that nobody decides the code runs.
	guards []string
	// globals are the names that a function declares as the module's, and nonlocals
	// those of the function around it.
	globals, nonlocals map[string]bool
	// method is the function that runs, and self what it is a method of.
	method *function
	self   *object
	// body is what return leaves, and loop what break does.
	body, loop *region
	// function is true inside of a function.
	function bool
}

func (f *frame) lookup(name string) *object {
	for at := f; at != nil; at = at.outer {
		if o, ok := at.vars.get(name); ok {
			return o
		}
	}
	if o, ok := f.namespace.vars.get(name); ok {
		return o
	}
	return nil
}

// change puts another object where a name is bound: in the frame, or around it.
func (f *frame) change(name string, o *object) {
	for at := f; at != nil; at = at.outer {
		if _, ok := at.vars.get(name); ok {
			at.vars.set(name, o)
			return
		}
	}
	f.set(name, o)
}

func (f *frame) set(name string, o *object) {
	switch {
	case f.outer == nil || f.globals[name]:
		f.namespace.set(name, o)
		return
	case f.nonlocals[name]:
		f.outer.change(name, o)
		return
	}
	f.vars.set(name, o)
}

// place is where a node stands.
func (f *frame) place(n python.Node, symbol string) fact.Place {
	start, end := n.Span()
	return fact.Place{Path: f.namespace.path, Line: n.Line(), EndLine: n.EndLine(), Start: start, End: end, Symbol: symbol}
}
