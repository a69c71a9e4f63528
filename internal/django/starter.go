package django

import (
	"path"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/python"
)

// starter reads a file that starts a process for the settings it names.
type starter struct {
	file    *python.File
	path    string
	kind    claimKind
	stage   Stage
	claims  []claim
	folders []string
	// class is true while what is read names a class.
	class bool
}

// maxStartDepth bounds how deep such a file is looked into: manage.py sets the
// variable in main, or in a condition there.
const maxStartDepth = 40

func (s *starter) read(n python.Node, depth int) {
	if depth > maxStartDepth || len(s.claims) >= maxClaims {
		return
	}
	switch n.Kind() {
	case python.KindCall:
		s.call(n)
	case python.KindAssign:
		for target := range n.All(python.RoleTarget) {
			if target.Is(python.KindSubscript) && isEnviron(target.Child(python.RoleObject).Dotted()) {
				s.variable(target.Child(python.RoleIndex), n.Child(python.RoleValue))
			}
		}
	}
	for c := range n.Children() {
		s.read(c, depth+1)
	}
}

func isEnviron(name string) bool { return name == "os.environ" || name == "environ" }

func (s *starter) call(n python.Node) {
	name := n.Child(python.RoleFunction).Dotted()
	arguments := slices.Collect(n.All(python.RoleArgument))
	switch {
	case strings.HasSuffix(name, "environ.setdefault") && len(arguments) == 2, strings.HasSuffix(name, "putenv") && len(arguments) == 2:
		s.variable(arguments[0], arguments[1])
	case strings.HasPrefix(name, "sys.path.") && len(arguments) > 0:
		s.folder(arguments[len(arguments)-1])
	}
}

// variable notes what a variable is set to, if it names settings.
func (s *starter) variable(name, value python.Node) {
	switch name.Text() {
	case "DJANGO_SETTINGS_MODULE":
		s.class = false
	case "DJANGO_CONFIGURATION":
		s.class = true
	default:
		return
	}
	s.value(value, name.Text(), 0)
}

// value notes the modules that an expression may give.
func (s *starter) value(n python.Node, variable string, depth int) {
	if depth > maxStartDepth || len(s.claims) >= maxClaims {
		return
	}
	switch n.Kind() {
	case python.KindString:
		text := n.Text()
		if !identifier(strings.ReplaceAll(text, ".", "")) || strings.Contains(text, "..") || strings.HasPrefix(text, ".") || strings.HasSuffix(text, ".") {
			return
		}
		c := claim{kind: s.kind, stage: s.stage, reason: Reason{Path: s.path, Line: n.Line()}}
		if s.class {
			c.class = text
		} else {
			c.module = text
		}
		c.reason.Text = s.words(text, variable)
		s.claims = append(s.claims, c)
	case python.KindFormat:
		// f"config.settings.{environment}": the package and any of its members.
		if first := n.Child(python.RolePart); first.Is(python.KindString) && strings.HasSuffix(first.Text(), ".") {
			s.member(first.Text(), n.Line(), variable)
		}
	case python.KindBinary:
		left := n.Child(python.RoleLeft)
		if left.Is(python.KindString) && strings.HasSuffix(left.Text(), ".") {
			s.member(left.Text(), n.Line(), variable)
		}
	case python.KindName:
		for _, given := range assigned(s.file, n.Text()) {
			s.value(given, variable, depth+1)
		}
	case python.KindCall:
		// os.environ.get("SETTINGS", "config.settings"): the fallback.
		first := true
		for c := range n.Children() {
			if c.Role() == python.RoleArgument && !first || c.Role() == python.RoleKeyword && c.Text() == "default" {
				if c.Is(python.KindKeyword) {
					c = c.Child(python.RoleValue)
				}
				s.value(c, variable, depth+1)
			} else if c.Role() == python.RoleArgument {
				first = false
			}
		}
	case python.KindConditional:
		s.value(n.Child(python.RoleValue), variable, depth+1)
		s.value(n.Child(python.RoleElse), variable, depth+1)
	case python.KindBool:
		s.value(n.Child(python.RoleLeft), variable, depth+1)
		s.value(n.Child(python.RoleRight), variable, depth+1)
	}
}

// member notes a package whose member the environment names.
func (s *starter) member(prefix string, line int, variable string) {
	if s.class {
		return
	}
	s.claims = append(s.claims, claim{
		kind: s.kind, stage: s.stage, module: prefix + "*",
		reason: Reason{Path: s.path, Line: line, Text: "the environment chooses `" + variable + "` below `" + strings.TrimSuffix(prefix, ".") + "`"},
	})
}

// words says for people what a script does with a module.
func (s *starter) words(module, variable string) string {
	what := "this script"
	switch {
	case s.kind == claimServed:
		what = "the WSGI or ASGI application"
	case s.kind == claimCelery:
		what = "the Celery application"
	case path.Base(s.path) == "manage.py":
		what = "`manage.py`"
	}
	return what + " sets `" + variable + "` to `" + module + "`" + stageWords(s.stage)
}

// folder notes the folder that a file puts on the path of Python, where it is
// spelled with words relative to the file's own folder.
func (s *starter) folder(n python.Node) {
	var parts []string
	var collect func(n python.Node, depth int)
	collect = func(n python.Node, depth int) {
		if n.Is(python.KindString) && depth > 0 {
			parts = append(parts, n.Text())
		}
		for c := range n.Children() {
			if depth < 8 {
				collect(c, depth+1)
			}
		}
	}
	collect(n, 0)
	if len(parts) == 0 {
		return
	}
	folder := path.Join(append([]string{path.Dir(s.path)}, parts...)...)
	if !strings.HasPrefix(folder, "..") && !path.IsAbs(folder) {
		s.folders = append(s.folders, folder)
	}
}

// assigned returns what a name is assigned in a file, anywhere.
func assigned(f *python.File, name string) []python.Node {
	var values []python.Node
	var find func(n python.Node, depth int)
	find = func(n python.Node, depth int) {
		if n.Is(python.KindAssign) {
			for target := range n.All(python.RoleTarget) {
				if target.Is(python.KindName) && target.Text() == name {
					values = append(values, n.Child(python.RoleValue))
				}
			}
		}
		for c := range n.Children() {
			if depth < maxStartDepth && len(values) < 8 {
				find(c, depth+1)
			}
		}
	}
	find(f.Module(), 0)
	return values
}

// identifier reports whether s is spelled as a name of Python.
func identifier(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
