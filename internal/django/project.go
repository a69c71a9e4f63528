// Package django reads what a Django project is and does from its files:
// which settings modules processes really load (the leaves), what they set, by
// which evidence, and what else a rule may ask of the project as a whole.
// Nothing is run.
package django

import (
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// Version changes whenever evidence of the same content reads or encodes
// differently. It is part of the key under which Evidence is cached.
const Version = "django-3"

// Source is a tree of a repository that was read into facts.
type Source interface {
	// Files returns the paths of all regular files of the tree.
	Files() []string
	// Summary returns the summary of a Python file that was read.
	Summary(path string) (python.Summary, bool)
	// Python returns the tree of a Python file.
	Python(path string) (*python.File, error)
	// Evidence returns what ReadEvidence read from a file.
	Evidence(path string) (Evidence, bool)
}

// Options is what people configure of linking.
type Options struct {
	// Settings are the dotted names of modules, or "module:Class", that are the
	// leaves of production whatever else says. Where one of them is found, no
	// others are.
	Settings []string
	// Roots are folders that are put on the path of Python.
	Roots []string
	// Exclude reports whether a path is out of scope; nil excludes nothing.
	Exclude func(path string) bool
}

// Tier says where a leaf is loaded.
type Tier uint8

// The tiers. The zero Tier is Unknown.
const (
	Unknown Tier = iota
	Production
	Development
	Test
	Example
)

// String returns the name that rules see.
func (t Tier) String() string {
	switch t {
	case Production:
		return "production"
	case Development:
		return "development"
	case Test:
		return "test"
	case Example:
		return "example"
	default:
		return "unknown"
	}
}

// Leaf is a settings module that a process loads.
type Leaf struct {
	// Module is its dotted name, Path its file.
	Module, Path string
	// Class is set for class settings: the class that DJANGO_CONFIGURATION names.
	Class string
	// Tier is Production for every leaf that rules are evaluated on, so also for
	// those of an unknown tier in a project that has no other.
	Tier Tier
	// Reasons are the evidence for the leaf and its tier, strongest first.
	Reasons []Reason
	// Settings is a Dict from names to values, as they are in production, with
	// the defaults of the framework for what the code does not give. It is open,
	// with Missing and without defaults, when something that is not known may set
	// more. It is nil for leaves that are not of production.
	Settings *fact.Value
	// Calls is a Dict of those of ConfiguringCalls that the settings make, each a
	// Dict of its named arguments; nil where Settings is.
	Calls *fact.Value
	// Unread are the files that the leaf depends on and that are not known.
	Unread []Gap
	// root is the folder its module's name begins below.
	root string
}

// Identity names the leaf in fingerprints: "config.settings", or
// "config.settings:Production" for a class.
func (l *Leaf) Identity() string {
	if l.Class != "" {
		return l.Module + ":" + l.Class
	}
	return l.Module
}

// Reason is a piece of evidence, in words for people.
type Reason struct {
	Path string
	// Line is 1-based, or 0 when the reason is the file as such.
	Line int
	Text string
}

// Gap is a file whose content should be known and is not.
type Gap struct {
	Path string
	// Line is 1-based, or 0 when the whole file is meant.
	Line   int
	Reason string
}

// Project is a linked tree.
type Project struct {
	source   Source
	options  Options
	defaults *Defaults
	// files are the paths of all files, in order.
	files   []string
	modules *index
	// scopes are those of the roots, made when they are first asked for.
	scopes map[string]*scope
	// manifests are the files that make their folder a distribution.
	manifests map[string]bool
	// paths are folders that scripts below a root put on the path of Python.
	paths map[string][]string
	// code are the Python files that are neither test, migration nor example.
	code   []string
	leaves []*Leaf
	// served are the claims of wsgi.py and asgi.py.
	served []claim
	// notFound are the configured settings that are not in the tree.
	notFound []string
	facts    *fact.Value
	// includes counts the patterns of django-split-settings that were matched.
	includes int
}

// Link finds the leaves of a tree and interprets those of production. The error
// is that of ctx.
func Link(ctx context.Context, s Source, o Options) (*Project, error) {
	defaults, err := LoadDefaults()
	if err != nil {
		return nil, err
	}
	p := &Project{
		source: s, options: o, defaults: defaults, files: slices.Sorted(slices.Values(s.Files())), modules: newIndex(s, o),
		scopes: make(map[string]*scope), paths: make(map[string][]string), manifests: make(map[string]bool),
	}
	for _, name := range p.files {
		switch path.Base(name) {
		case "setup.py", "setup.cfg", "pyproject.toml":
			p.manifests[name] = true
		}
	}
	for _, name := range p.modules.python {
		if !p.excluded(name) && p.isCode(name) {
			p.code = append(p.code, name)
		}
	}
	if err := p.findLeaves(ctx); err != nil {
		return nil, fmt.Errorf("find the settings of a project: %w", err)
	}
	p.facts = p.projectFacts()
	if err := p.interpretLeaves(ctx); err != nil {
		return nil, fmt.Errorf("interpret settings: %w", err)
	}
	return p, nil
}

// scope returns the scope of the modules below a root.
func (p *Project) scope(root string) *scope {
	s := p.scopes[root]
	if s == nil {
		s = newScope(p.modules, p.source, root, p.paths[root]...)
		p.scopes[root] = s
	}
	return s
}

func (p *Project) excluded(path string) bool {
	return p.options.Exclude != nil && p.options.Exclude(path)
}

// Leaves returns the settings modules of every tier, sorted by identity.
func (p *Project) Leaves() []*Leaf { return p.leaves }

// NotFound returns the settings that Options names and that are not in the tree.
func (p *Project) NotFound() []string { return p.notFound }

// Facts returns what rules see as "project": a Dict.
func (p *Project) Facts() *fact.Value { return p.facts }
