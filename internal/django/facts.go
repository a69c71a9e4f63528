package django

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

const (
	// maxURLFiles bounds how many URLconfs are read; projects of a hundred apps
	// stay below.
	maxURLFiles = 400
	// maxURLs bounds the paths that rules see.
	maxURLs = 5000
)

// projectFacts returns what rules see as "project".
func (p *Project) projectFacts() *fact.Value {
	marks := p.marksByKind()
	dependencies := p.dependencies(marks[MarkDependency])
	marks[MarkServer] = slices.DeleteFunc(marks[MarkServer], p.servesOther)
	servers := p.servers(marks)
	urls := p.urls()
	imported, count := p.imported()
	_, proxied := p.firstUse("SECURE_PROXY_SSL_HEADER")
	var versions []fact.Entry
	for _, d := range versioned() {
		versions = append(versions, fact.Entry{Key: d.name, Value: versionOf(d, marks)})
	}
	return fact.DictOf(append(versions,
		fact.Entry{Key: "dependencies", Value: dependencies},
		fact.Entry{Key: "servers", Value: servers},
		fact.Entry{Key: "served", Value: p.servedSettings()},
		fact.Entry{Key: "asgi", Value: fact.Of(p.isASGI(marks[MarkServer]))},
		fact.Entry{Key: "tls_proxy", Value: fact.Of(proxied || len(production(marks[MarkProxy])) > 0).At(places(marks[MarkProxy])...)},
		fact.Entry{Key: "pgbouncer", Value: fact.Of(len(production(marks[MarkPool])) > 0).At(places(marks[MarkPool])...)},
		fact.Entry{Key: "urls", Value: urls},
		fact.Entry{Key: "imports", Value: imported},
		fact.Entry{Key: "python_files", Value: fact.Of(count)},
		fact.Entry{Key: "celery_namespace", Value: p.celeryNamespace()},
		fact.Entry{Key: "environment", Value: p.environment(marks[MarkVariable])},
	)...)
}

// servedSettings are the settings modules that wsgi.py and asgi.py load where the
// environment names none.
func (p *Project) servedSettings() *fact.Value {
	var items []*fact.Value
	for _, c := range p.served[:min(len(p.served), maxFactPlaces)] {
		items = append(items, fact.Of(c.module).At(fact.Place{Path: c.reason.Path, Line: c.reason.Line, EndLine: c.reason.Line, Symbol: c.module}))
	}
	return fact.ListOf(items...)
}

// placedMark is a Mark and where it is.
type placedMark struct {
	Mark
	path string
	file FileKind
}

func (p *Project) marksByKind() map[MarkKind][]placedMark {
	marks := make(map[MarkKind][]placedMark)
	for _, name := range p.files {
		e, ok := p.source.Evidence(name)
		if !ok || p.excluded(name) {
			continue
		}
		for _, m := range e.Marks {
			if m.Stage == "" {
				m.Stage = e.Stage
			}
			marks[m.Kind] = append(marks[m.Kind], placedMark{Mark: m, path: name, file: e.Kind})
		}
	}
	return marks
}

// production returns the marks that are not only for tests, development or
// examples.
func production(marks []placedMark) []placedMark {
	return slices.DeleteFunc(slices.Clone(marks), func(m placedMark) bool {
		return m.Stage != "" && m.Stage != StageProduction || placeOf(path.Dir(m.path)) != ""
	})
}

func places(marks []placedMark) []fact.Place {
	var out []fact.Place
	for _, m := range production(marks) {
		if len(out) < maxFactPlaces {
			out = append(out, fact.Place{Path: m.path, Line: m.Line, EndLine: m.Line, Symbol: m.Name})
		}
	}
	return out
}

// maxFactPlaces bounds the places of one fact of the project: some are enough to
// show it.
const maxFactPlaces = 5

// names returns a list of the names of marks, each once, in order, with the
// first place of each.
func names(marks []placedMark) []*fact.Value {
	first := make(map[string]placedMark)
	for _, m := range marks {
		if _, ok := first[m.Name]; !ok {
			first[m.Name] = m
		}
	}
	var items []*fact.Value
	for _, name := range slices.Sorted(maps.Keys(first)) {
		m := first[name]
		items = append(items, fact.Of(name).At(fact.Place{Path: m.path, Line: m.Line, EndLine: m.Line, Symbol: name}))
	}
	return items
}

// dependencies returns the distributions that the project needs when it runs. It
// is open when nothing lists any.
func (p *Project) dependencies(marks []placedMark) *fact.Value {
	marks = slices.DeleteFunc(slices.Clone(marks), func(m placedMark) bool {
		return m.Stage == StageTest || m.Stage == StageDevelopment || placeOf(path.Dir(m.path)) != ""
	})
	marks = append(marks, p.setupRequirements()...)
	v := fact.ListOf(names(marks)...)
	if len(v.Items) == 0 {
		v.Open, v.Missing = true, []string{"the dependencies of the project"}
	}
	return v
}

// setupRequirements returns what the setup.py files of the tree require.
func (p *Project) setupRequirements() []placedMark {
	var marks []placedMark
	for _, name := range p.files {
		if path.Base(name) != "setup.py" || p.excluded(name) {
			continue
		}
		f, err := p.source.Python(name)
		if err != nil {
			continue
		}
		r := &reader{kind: kindSetup, path: name, seen: make(map[Mark]bool)}
		for n := range calls(f, "setup", "setuptools.setup") {
			for k := range n.All(python.RoleKeyword) {
				if k.Text() != "install_requires" {
					continue
				}
				value := k.Child(python.RoleValue)
				if value.Is(python.KindName) {
					for _, given := range assigned(f, value.Text()) {
						r.required(given)
					}
				}
				r.required(value)
			}
		}
		for _, m := range r.marks {
			marks = append(marks, placedMark{Mark: m, path: name, file: kindSetup})
		}
	}
	return marks
}

// required marks the requirements in a list of Python.
func (r *reader) required(n python.Node) {
	for e := range n.All(python.RoleElement) {
		if e.Is(python.KindString) {
			r.requirement(e.Text(), e.Line())
		}
	}
}

// calls yields the calls of functions by their dotted names, anywhere in a file.
func calls(f *python.File, functions ...string) func(yield func(python.Node) bool) {
	return callsOf(f, func(name string) bool { return slices.Contains(functions, name) })
}

// callsOf yields the calls of functions whose dotted names are wanted.
func callsOf(f *python.File, wanted func(name string) bool) func(yield func(python.Node) bool) {
	return func(yield func(python.Node) bool) {
		var walk func(n python.Node, depth int) bool
		walk = func(n python.Node, depth int) bool {
			if n.Is(python.KindCall) && wanted(n.Child(python.RoleFunction).Dotted()) && !yield(n) {
				return false
			}
			for c := range n.Children() {
				if depth < maxStartDepth && !walk(c, depth+1) {
					return false
				}
			}
			return true
		}
		walk(f.Module(), 0)
	}
}

// servers returns what serves the project where it is deployed; where nothing
// says, what serves it anywhere but in tests.
func (p *Project) servers(marks map[MarkKind][]placedMark) *fact.Value {
	found := slices.DeleteFunc(production(marks[MarkServer]), func(m placedMark) bool {
		// Without another word a stack of containers is what developers start.
		return m.Name == "runserver" && m.Stage == "" && m.file == kindCompose
	})
	deployed := slices.DeleteFunc(slices.Clone(found), func(m placedMark) bool { return m.Name == "runserver" && m.Stage == "" })
	if len(deployed) > 0 {
		found = deployed
	}
	v := fact.ListOf(names(found)...)
	if len(v.Items) == 0 {
		v.Open, v.Missing = true, []string{"the server that runs the project"}
	}
	return v
}

// servesOther reports whether a server serves a module of the tree that has
// nothing to do with Django: repositories hold small services of other kinds.
func (p *Project) servesOther(m placedMark) bool {
	if m.Detail == "" || strings.Contains(m.Detail, "wsgi") || strings.Contains(m.Detail, "asgi") {
		return false
	}
	_, file, ok := p.modules.near(m.Detail, m.path)
	if !ok {
		return false
	}
	s, _ := p.source.Summary(file)
	return !slices.ContainsFunc(s.Imports, func(r python.Reference) bool {
		return strings.HasPrefix(r.Name, "django") || strings.HasPrefix(r.Name, "channels.")
	})
}

// isASGI reports whether a server of ASGI runs the project where it is deployed.
func (p *Project) isASGI(servers []placedMark) bool {
	return slices.ContainsFunc(production(servers), func(m placedMark) bool {
		switch m.Name {
		case "daphne", "uvicorn", "hypercorn":
			return true
		case "granian", "gunicorn":
			return strings.Contains(m.Detail, "asgi")
		}
		return false
	})
}

// imported returns the distributions and top-level modules that code imports
// which is no test, and how many Python files the tree has.
func (p *Project) imported() (*fact.Value, int) {
	count := 0
	for _, name := range p.modules.python {
		if !p.excluded(name) {
			count++
		}
	}
	first := make(map[string]fact.Place)
	for _, name := range p.code {
		s, ok := p.source.Summary(name)
		if !ok {
			continue
		}
		for _, r := range s.Imports {
			top, _, _ := strings.Cut(r.Name, ".")
			if _, seen := first[top]; top != "" && !seen {
				first[top] = fact.Place{Path: name, Line: r.Line, EndLine: r.Line, Symbol: top}
			}
		}
	}
	v := fact.ListOf()
	for _, top := range slices.Sorted(maps.Keys(first)) {
		v.Items = append(v.Items, fact.Of(top).At(first[top]))
	}
	return v, count
}

// firstUse returns where a setting is assigned first in code that is no test.
func (p *Project) firstUse(setting string) (fact.Place, bool) {
	for _, name := range p.code {
		s, _ := p.source.Summary(name)
		for _, r := range s.Names {
			if r.Name == setting {
				return fact.Place{Path: name, Line: r.Line, EndLine: r.Line, Symbol: setting}, true
			}
		}
	}
	return fact.Place{}, false
}

// urls returns the paths of URLconfs as they are spelled there.
func (p *Project) urls() *fact.Value {
	v := fact.ListOf()
	read := 0
	for _, name := range p.code {
		s, _ := p.source.Summary(name)
		if !slices.ContainsFunc(s.Uses, func(r python.Reference) bool { return isRoute(r.Name) }) {
			continue
		}
		if read++; read > maxURLFiles {
			v.Open, v.Missing = true, []string{"the other URLconfs"}
			break
		}
		f, err := p.source.Python(name)
		if err != nil {
			v.Open, v.Missing = true, []string{"the URLs in " + name}
			continue
		}
		for n := range calls(f, "path", "re_path", "url", "urls.path", "urls.re_path", "urls.url", "django.urls.path") {
			first := n.Child(python.RoleArgument)
			if first.Is(python.KindString) && len(v.Items) < maxURLs {
				start, end := first.Span()
				v.Items = append(v.Items, fact.Of(first.Text()).At(fact.Place{Path: name, Line: first.Line(), EndLine: first.EndLine(), Start: start, End: end, Symbol: "url"}))
			}
		}
	}
	return v
}

// isRoute reports whether a name is that of a function that makes a route.
func isRoute(name string) bool {
	switch name {
	case "django.urls.path", "django.urls.re_path", "django.conf.urls.url", "django.urls.url":
		return true
	}
	return false
}
