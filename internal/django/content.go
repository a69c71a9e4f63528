package django

import (
	"context"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/python"
)

const (
	// minSettings is from how many settings of Django or packages around it that
	// a module assigns it is taken for one of settings. One or two are found in
	// modules of other kinds: a test's DEBUG, an app's own defaults.
	minSettings = 3
	// maxSettingsModules bounds how many modules are looked at as settings.
	maxSettingsModules = 300
	// maxImports bounds the imports of one such module that are followed.
	maxImports = 300
	// maxIncludes bounds the patterns by which modules include others: each is
	// matched with all files.
	maxIncludes = 200
)

// settingsModule is a module that looks like one of settings.
type settingsModule struct {
	path, root, module string
	known              []python.Reference
	// stars and others are the paths of settings modules that it imports all of,
	// or names of.
	stars, others []string
	// includes are the files that it includes with django-split-settings.
	includes []string
	// lost is true when a relative import leads nowhere: the file is copied to
	// where its neighbours are, or one of them is not in the repository.
	lost bool
	// unread is true for a file that only its name shows to hold settings.
	unread bool
	// starLine is where the first star import stands.
	starLine int
}

// findSettings returns the modules that look like settings, by path.
func (p *Project) findSettings(ctx context.Context) (map[string]*settingsModule, error) {
	found := make(map[string]*settingsModule)
	var maybe []*settingsModule
	for _, name := range p.modules.python {
		s, ok := p.source.Summary(name)
		if !ok && !p.excluded(name) && unreadSettings(name) {
			root := p.modules.rootOf(name)
			found[name] = &settingsModule{path: name, root: root, module: moduleName(root, name), unread: true}
		}
		if !ok || p.excluded(name) || within(name, "migrations") || within(name, "management") || imports(s, "django.conf.settings") {
			continue
		}
		m := &settingsModule{path: name, known: p.knownSettings(name)}
		stem := strings.TrimSuffix(strings.TrimSuffix(name, ".py"), "/__init__")
		named := namedForSettings(stem)
		switch {
		case named && len(m.known) >= minSettings, len(m.known) >= 2*minSettings && core(m.known):
			found[name] = m
		case named && (len(m.known) > 0 || hasStar(s)):
			maybe = append(maybe, m)
		default:
			continue
		}
		m.root = p.modules.rootOf(name)
		m.module = moduleName(m.root, name)
		if len(found)+len(maybe) >= maxSettingsModules {
			break
		}
	}
	// What imports all of a settings module is one too, and so on; so is what sets
	// anything beside one, in its folder.
	for _, m := range slices.Concat(slices.Collect(maps.Values(found)), maybe) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p.importsOf(m)
	}
	for changed := true; changed; {
		changed = false
		for _, m := range maybe {
			if found[m.path] != nil {
				continue
			}
			extends := slices.ContainsFunc(m.stars, func(s string) bool { return found[s] != nil })
			beside := len(m.known) > 0 && slices.Contains(tokensOf(path.Base(path.Dir(m.path))), "settings")
			if extends || beside {
				found[m.path] = m
				changed = true
			}
		}
	}
	return found, nil
}

// knownSettings returns the settings of the table that a module assigns.
func (p *Project) knownSettings(name string) []python.Reference {
	s, _ := p.source.Summary(name)
	var known []python.Reference
	for _, r := range s.Names {
		if p.defaults.Known(r.Name) {
			known = append(known, r)
		}
	}
	return known
}

// importsOf notes which local modules m imports.
func (p *Project) importsOf(m *settingsModule) {
	summary, _ := p.source.Summary(m.path)
	scope := p.scope(m.root)
	for _, r := range summary.Imports[:min(len(summary.Imports), maxImports)] {
		if module, star := strings.CutSuffix(r.Name, "*"); star {
			if strings.Trim(module, ".") != "" {
				module = strings.TrimSuffix(module, ".")
			}
			_, place, known := scope.locate(m.module, module)
			m.lost = m.lost || place == "" && module[0] == '.'
			if known && strings.HasSuffix(place, ".py") {
				m.stars = append(m.stars, place)
				if m.starLine == 0 {
					m.starLine = r.Line
				}
			}
			continue
		}
		place, ok := scope.named(m.module, r.Name)
		if ok {
			m.others = append(m.others, place)
		} else if r.Name[0] == '.' {
			m.lost = true
		}
	}
	if imports(summary, "split_settings.tools.include") || imports(summary, "split_settings.tools.*") || imports(summary, "split_settings.tools") {
		m.includes = p.included(m.path)
	}
}

// named returns the file of the module that an import binds, or binds a name of.
func (s *scope) named(from, name string) (string, bool) {
	if _, place, known := s.locate(from, name); known && strings.HasSuffix(place, ".py") {
		return place, true
	}
	module := strings.TrimRight(parent(name), ".")
	if dots := len(name) - len(strings.TrimLeft(name, ".")); dots > 0 && module == "" {
		module = name[:dots]
	}
	if module == "" {
		return "", false
	}
	_, place, known := s.locate(from, module)
	return place, known && strings.HasSuffix(place, ".py")
}

// included returns the files that a module includes with django-split-settings.
func (p *Project) included(name string) []string {
	f, err := p.source.Python(name)
	if err != nil {
		return nil
	}
	var patterns []string
	var find func(n python.Node, depth int)
	find = func(n python.Node, depth int) {
		if n.Is(python.KindCall) && hasAny([]string{n.Child(python.RoleFunction).Dotted()}, "include", "optional", "tools.include", "split_settings.tools.include") {
			for a := range n.All(python.RoleArgument) {
				if pattern := patternOf(a); pattern != "" && len(patterns) < maxIncludes {
					patterns = append(patterns, path.Join(path.Dir(name), pattern))
				}
			}
		}
		for c := range n.Children() {
			if depth < maxStartDepth {
				find(c, depth+1)
			}
		}
	}
	find(f.Module(), 0)
	var files []string
	for _, pattern := range patterns {
		if p.includes++; len(pattern) <= maxPattern && p.includes <= maxIncludes {
			files = append(files, p.modules.matching(pattern)...)
		}
	}
	return files
}

// patternOf returns the pattern that an argument of include spells, with a star
// for what the environment decides.
func patternOf(n python.Node) string {
	switch n.Kind() {
	case python.KindString:
		return n.Text()
	case python.KindFormat:
		var b strings.Builder
		for part := range n.All(python.RolePart) {
			if part.Is(python.KindString) {
				b.WriteString(part.Text())
			} else {
				b.WriteByte('*')
			}
		}
		return b.String()
	case python.KindCall:
		if f := n.Child(python.RoleFunction); f.Is(python.KindAttribute) && f.Text() == "format" {
			return placeholder.ReplaceAllString(f.Child(python.RoleObject).Text(), "*")
		}
	}
	return ""
}

// placeholder is one in a text for str.format.
var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

func imports(s python.Summary, name string) bool {
	return slices.ContainsFunc(s.Imports, func(r python.Reference) bool { return r.Name == name })
}

func hasStar(s python.Summary) bool {
	return slices.ContainsFunc(s.Imports, func(r python.Reference) bool { return strings.HasSuffix(r.Name, "*") })
}

// unreadSettings reports whether a file that could not be read is by its name one
// of settings of production, which then have to be named as not judged.
func unreadSettings(name string) bool {
	stem := strings.TrimSuffix(name, ".py")
	return stageOfTokens(tokensOf(path.Base(stem))) == StageProduction && hasAny(tokensOf(stem), "settings", "config", "conf")
}

// core reports whether settings are among those that hardly anything but a
// settings module assigns.
func core(known []python.Reference) bool {
	return slices.ContainsFunc(known, func(r python.Reference) bool {
		switch r.Name {
		case "INSTALLED_APPS", "ROOT_URLCONF", "DATABASES", "MIDDLEWARE", "WSGI_APPLICATION", "TEMPLATES":
			return true
		}
		return false
	})
}

// namedForSettings reports whether the last parts of a path are such as settings
// modules have: settings, config, production, base.
func namedForSettings(stem string) bool {
	for i := 0; i < 3 && stem != "." && stem != "/"; i++ {
		for _, t := range tokensOf(path.Base(stem)) {
			switch t {
			case "settings", "setting", "config", "configs", "configuration", "configurations", "conf", "django", "localsettings":
				return true
			case "base", "common", "defaults", "default", "shared", "main", "core", "global", "env", "docker", "main_settings":
				if i == 0 {
					return true
				}
			}
			if i == 0 && stageOfToken(t) != "" {
				return true
			}
		}
		stem = path.Dir(stem)
	}
	return false
}

// signs reports whether the content of a module shows that it is one of settings.
func (m *settingsModule) signs() bool {
	return len(m.known) > 0 || len(m.stars) > 0 || len(m.includes) > 0 || m.unread
}

// reason says for people what shows that a module holds settings.
func (m *settingsModule) reason() Reason {
	switch {
	case m.unread:
		return Reason{Path: m.path, Text: "it could not be read"}
	case len(m.known) == 0:
		return Reason{Path: m.path, Line: m.starLine, Text: "it extends other settings"}
	}
	names := make([]string, 0, 3)
	for _, r := range m.known[:min(3, len(m.known))] {
		names = append(names, "`"+r.Name+"`")
	}
	text := "it sets " + strings.Join(names, ", ")
	if more := len(m.known) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return Reason{Path: m.path, Line: m.known[0].Line, Text: text}
}
