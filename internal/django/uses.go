package django

import (
	"path"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// maxUses bounds the sites of one question; nobody looks at more.
const maxUses = 500

// isCode reports whether a Python file is neither test nor migration, example or
// documentation, by its path.
func (p *Project) isCode(name string) bool {
	base := path.Base(name)
	if placed := p.place(p.modules.rootOf(name), name); placed == StageTest || placed == StageExample && !p.inApp(name) || within(name, "migrations") || base == "conftest.py" || base == "runtests.py" || base == "setup.py" || base == "noxfile.py" {
		return false
	}
	stem := strings.TrimSuffix(base, ".py")
	return !strings.HasPrefix(stem, "test_") && !strings.HasSuffix(stem, "_test") && !strings.HasSuffix(stem, "_tests") && stem != "tests" && stem != "test" && stem != "factories"
}

// inApp reports whether the folder for which a file would be taken for an example
// is an app of the project: one that is called "docs" or "samples".
func (p *Project) inApp(name string) bool {
	for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
		if placeOfPart(path.Base(folder)) != StageExample {
			continue
		}
		for _, file := range []string{"apps.py", "models.py", "views.py", "models/__init__.py"} {
			if p.modules.files[path.Join(folder, "__init__.py")] && p.modules.files[path.Join(folder, file)] {
				return true
			}
		}
	}
	return false
}

// Uses returns the sites in code that is neither test nor migration where a name
// is used, as python.Summary has them in Uses and Imports, in order. A pattern
// that ends in ".*" matches whatever begins with the rest.
func (p *Project) Uses(patterns []string) []fact.Place {
	var out []fact.Place
	for _, name := range p.code {
		s, ok := p.source.Summary(name)
		if !ok {
			continue
		}
		// A call says more than the import it needs: both together are one site.
		used := matching(s.Uses, patterns)
		if len(used) == 0 {
			used = matching(s.Imports, patterns)
		}
		for _, r := range used {
			if len(out) >= maxUses {
				return out
			}
			out = append(out, fact.Place{Path: name, Line: r.Line, EndLine: r.Line, Symbol: r.Name})
		}
	}
	return out
}

func matching(references []python.Reference, patterns []string) []python.Reference {
	var out []python.Reference
	for _, r := range references {
		if slices.ContainsFunc(patterns, func(pattern string) bool { return matches(r.Name, pattern) }) {
			out = append(out, r)
		}
	}
	return out
}

// matches reports whether a dotted name is what a pattern means: the name, a
// member of it ("cache.get" of "cache"), or anything below "prefix.*".
func matches(name, pattern string) bool {
	// Called for every name that a project uses, so it makes no strings.
	prefix, below := strings.CutSuffix(pattern, ".*")
	rest, ok := strings.CutPrefix(name, prefix)
	return ok && (rest == "" && !below || strings.HasPrefix(rest, "."))
}
