package django

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/python"
)

const (
	// maxClassDepth bounds how far bases of classes are followed over modules.
	maxClassDepth = 12
	// maxClasses bounds the classes of one module.
	maxClasses = 100
)

// settingsClass is a class of django-configurations.
type settingsClass struct {
	name, path string
	line       int
	// bases are the names of those of its bases that are such classes too.
	bases []string
}

// withClasses replaces the candidates whose settings are classes by one for each
// class that may be loaded.
func (p *Project) withClasses(ctx context.Context, list []*candidate, claims []claim) ([]*candidate, error) {
	if !p.hasClasses() {
		return list, nil
	}
	var out []*candidate
	for _, c := range list {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		classes := p.classesOf(c.root, c.module, c.path, 0)
		if len(classes) == 0 {
			out = append(out, c)
			continue
		}
		based := make(map[string]bool)
		for _, class := range classes {
			for _, b := range class.bases {
				based[b] = true
			}
		}
		for _, name := range slices.Sorted(maps.Keys(classes)) {
			class := classes[name]
			one := &candidate{
				root: c.root, module: c.module, path: class.path, class: name, settings: &settingsModule{path: class.path},
				nature: natureOfClass(name), place: c.place, bases: c.bases,
			}
			for _, cl := range claims {
				if cl.class == name && (cl.module == "" || cl.module == c.module) {
					one.add(cl)
				}
			}
			neutral := based[name] || name == "Base" || name == "Common"
			if len(one.claims) == 0 && neutral && one.nature == "" {
				continue
			}
			one.why = append(one.why, Reason{Path: class.path, Line: class.line, Text: "it is a class of django-configurations in `" + c.module + "`"})
			out = append(out, one)
		}
	}
	return out, nil
}

// hasClasses reports whether any module of the tree imports django-configurations.
func (p *Project) hasClasses() bool {
	return slices.ContainsFunc(p.modules.python, func(name string) bool {
		s, _ := p.source.Summary(name)
		return slices.ContainsFunc(s.Imports, func(r python.Reference) bool {
			return r.Name == "configurations" || strings.HasPrefix(r.Name, "configurations.")
		})
	})
}

// classesOf returns the classes of django-configurations that a module defines or
// imports, by the name they have there.
func (p *Project) classesOf(root, module, file string, depth int) map[string]settingsClass {
	classes := make(map[string]settingsClass)
	f, err := p.source.Python(file)
	if err != nil || depth > maxClassDepth {
		return classes
	}
	foreign := map[string]bool{"configurations.Configuration": true}
	scope := p.scope(root)
	for n := range f.Module().Children() {
		switch n.Kind() {
		case python.KindFromImport:
			if n.Text() == "configurations" {
				for item := range n.All(python.RoleItem) {
					if item.Text() == "Configuration" {
						foreign[bound(item)] = true
					}
				}
				continue
			}
			name, place, known := scope.locate(module, n.Text())
			if !known || !strings.HasSuffix(place, ".py") || place == file {
				continue
			}
			theirs := p.classesOf(root, name, place, depth+1)
			for item := range n.All(python.RoleItem) {
				if item.Is(python.KindWildcard) {
					maps.Copy(classes, theirs)
				} else if class, ok := theirs[item.Text()]; ok {
					classes[bound(item)] = class
				}
			}
		case python.KindClass:
			class := settingsClass{name: n.Text(), path: file, line: n.Line()}
			is := false
			for base := range n.All(python.RoleBase) {
				name := base.Dotted()
				if _, ok := classes[name]; ok {
					class.bases = append(class.bases, name)
					is = true
				}
				is = is || foreign[name]
			}
			if is && len(classes) < maxClasses {
				classes[class.name] = class
			}
		}
	}
	return classes
}

// bound returns the name that an item of an import binds.
func bound(item python.Node) string {
	if alias := item.Child(python.RoleAlias); alias.Exists() {
		return alias.Text()
	}
	return item.Text()
}
