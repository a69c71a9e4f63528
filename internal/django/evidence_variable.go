package django

import (
	"path"
	"regexp"
	"slices"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// unsafePattern finds the variables by which a process gives up a protection,
// and what they are given. Of other variables nothing is kept: what they are
// given may be a secret.
var unsafePattern = regexp.MustCompile(`\b(DJANGO_ALLOW_ASYNC_UNSAFE|OAUTHLIB_INSECURE_TRANSPORT)\b["'\]]*[ \t]*(?:=>|:=|[=:,]|[ \t])?[ \t]*["'(]*([A-Za-z0-9]+)?`)

// unsafeVariables marks those of a line.
func (r *reader) unsafeVariables(line string, i int) {
	for _, m := range unsafePattern.FindAllStringSubmatch(line, -1) {
		value := m[2]
		if value == "" {
			value = r.valueNear(i)
		}
		r.mark(MarkVariable, m[1], value, i+1)
	}
}

// environment returns the variables of that kind that production has, as far as
// files tell.
func (p *Project) environment(marks []placedMark) *fact.Value {
	out := fact.DictOf()
	for _, m := range append(production(marks), p.assignedVariables()...) {
		if out.Get(m.Name) == nil {
			place := fact.Place{Path: m.path, Line: m.Line, EndLine: m.Line, Symbol: m.Name}
			out.Entries = append(out.Entries, fact.Entry{Key: m.Name, Value: fact.Of(m.Detail).At(place)})
		}
	}
	return out
}

// assignedVariables are those that modules of settings and entry points of
// servers assign themselves: os.environ["X"] = "true".
func (p *Project) assignedVariables() []placedMark {
	var out []placedMark
	looked := 0
	for _, name := range p.code {
		s, ok := p.source.Summary(name)
		if !ok || !imports(s, "os") && !imports(s, "os.environ") || looked >= maxSettingsModules {
			continue
		}
		base := path.Base(name)
		if base != "wsgi.py" && base != "asgi.py" && (len(p.knownSettings(name)) < minSettings || p.ofAnotherTier(name)) {
			continue
		}
		looked++
		f, err := p.source.Python(name)
		if err != nil {
			continue
		}
		for n := range f.Module().Children() {
			if m, ok := variableOf(n); ok {
				m.path = name
				out = append(out, m)
			}
		}
	}
	return out
}

// ofAnotherTier reports whether a file is a leaf of another tier than
// production.
func (p *Project) ofAnotherTier(name string) bool {
	return slices.ContainsFunc(p.leaves, func(l *Leaf) bool { return l.Path == name && l.Tier != Production })
}

// variableOf returns the variable that a statement sets.
func variableOf(n python.Node) (placedMark, bool) {
	var key, value python.Node
	switch {
	case n.Is(python.KindAssign):
		target := n.Child(python.RoleTarget)
		if !target.Is(python.KindSubscript) || last(target.Child(python.RoleObject).Dotted()) != "environ" {
			return placedMark{}, false
		}
		key, value = target.Child(python.RoleIndex), n.Child(python.RoleValue)
	case n.Is(python.KindExpression):
		call := n.Child(python.RoleValue)
		if !call.Is(python.KindCall) || call.Child(python.RoleFunction).Dotted() != "os.environ.setdefault" {
			return placedMark{}, false
		}
		arguments := slices.Collect(call.All(python.RoleArgument))
		if len(arguments) < 2 {
			return placedMark{}, false
		}
		key, value = arguments[0], arguments[1]
	}
	if !key.Is(python.KindString) || !value.Is(python.KindString) || !unsafePattern.MatchString(key.Text()) {
		return placedMark{}, false
	}
	return placedMark{Mark: Mark{Kind: MarkVariable, Name: key.Text(), Detail: value.Text(), Line: n.Line()}}, true
}
