package django

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/python"
)

// idiom is how a file reads the environment.
type idiom struct {
	// env is the name of an Env of django-environ or environs.
	env string
	// config and csv are the names of decouple's config and Csv.
	config, csv string
	// environ is how os.environ is spelled.
	environ string
}

// EnvRead returns an expression that reads a variable from the environment in
// the way that f already has the imports for, and that fails where the variable
// is missing. cast is "str", "bool", "int", "float" or "list". ok is false when
// nothing is imported for it, or when it cannot be cast safely in that way.
func EnvRead(f *python.File, variable, cast string) (expression string, ok bool) {
	if f == nil || !identifier(variable) {
		return "", false
	}
	i := idiomOf(f)
	casts := []string{"bool", "int", "float", "list"}
	switch {
	case cast != "str" && !slices.Contains(casts, cast):
		return "", false
	case i.env != "" && cast == "str":
		return fmt.Sprintf("%s(%q)", i.env, variable), true
	case i.env != "":
		return fmt.Sprintf("%s.%s(%q)", i.env, cast, variable), true
	case i.config != "" && cast == "str":
		return fmt.Sprintf("%s(%q)", i.config, variable), true
	case i.config != "" && cast == "list":
		if i.csv == "" {
			return "", false
		}
		return fmt.Sprintf("%s(%q, cast=%s())", i.config, variable, i.csv), true
	case i.config != "":
		return fmt.Sprintf("%s(%q, cast=%s)", i.config, variable, cast), true
	case i.environ == "":
		return "", false
	}
	read := fmt.Sprintf("%s[%q]", i.environ, variable)
	switch cast {
	case "bool":
		// bool("False") is true, so the text is compared.
		return read + `.lower() in ("1", "true", "yes")`, true
	case "list":
		return read + `.split(",")`, true
	case "int", "float":
		return cast + "(" + read + ")", true
	}
	return read, true
}

// idiomOf reads the imports and assignments of a module's body.
func idiomOf(f *python.File) idiom {
	var i idiom
	makers := make(map[string]bool) // names that make an Env
	configs := make(map[string]bool)
	for n := range f.Module().Children() {
		switch n.Kind() {
		case python.KindImport:
			i.module(n, makers)
		case python.KindFromImport:
			for item := range n.All(python.RoleItem) {
				switch n.Text() + "." + item.Text() {
				case "environ.Env", "environ.FileAwareEnv", "environs.Env", "environs.FileAwareEnv":
					makers[bound(item)] = true
				case "environs.env":
					i.env = bound(item)
				case "decouple.config":
					i.config = bound(item)
				case "decouple.AutoConfig", "decouple.Config":
					configs[bound(item)] = true
				case "decouple.Csv":
					i.csv = bound(item)
				case "os.environ":
					i.environ = bound(item)
				}
			}
		case python.KindAssign:
			i.assign(n, makers, configs)
		}
	}
	if i.env == "" && usesEnv(f) {
		i.env = "env"
	}
	return i
}

// module notes what "import x" and "import x as y" bind.
func (i *idiom) module(n python.Node, makers map[string]bool) {
	name := n.Text()
	alias := n.Child(python.RoleAlias)
	top := name
	if alias.Exists() {
		top = alias.Text()
	}
	switch {
	case name == "environ" || name == "environs":
		makers[top+".Env"] = true
		makers[top+".FileAwareEnv"] = true
	case name == "os":
		i.environ = top + ".environ"
	case strings.HasPrefix(name, "os.") && !alias.Exists():
		i.environ = "os.environ"
	}
}

// assign notes the name of an Env or a config that is made.
func (i *idiom) assign(n python.Node, makers, configs map[string]bool) {
	target, value := n.Child(python.RoleTarget), n.Child(python.RoleValue)
	if !target.Is(python.KindName) {
		return
	}
	if value.Is(python.KindCall) {
		function := value.Child(python.RoleFunction).Dotted()
		switch {
		case makers[function]:
			i.env = target.Text()
			return
		case configs[function]:
			i.config = target.Text()
			return
		}
	}
	// A name that is given something else is that no more.
	switch target.Text() {
	case i.env:
		i.env = ""
	case i.config:
		i.config = ""
	}
}

// usesEnv reports whether a file reads with an Env called env that it has from
// another module, as what lies over base.py mostly does: it says so by what it
// calls.
func usesEnv(f *python.File) bool {
	foreign, named := false, false
	for n := range f.Module().Children() {
		switch n.Kind() {
		case python.KindFromImport:
			for item := range n.All(python.RoleItem) {
				named = named || bound(item) == "env"
				foreign = foreign || named || item.Is(python.KindWildcard)
			}
		case python.KindAssign, python.KindFunction:
			if n.Text() == "env" || n.Child(python.RoleTarget).Text() == "env" {
				return false
			}
		}
	}
	if !foreign {
		return false
	}
	for range calls(f, "env") {
		// A function of that name would do as well, but then nobody says of what.
		if named {
			return true
		}
		break
	}
	for range calls(f, "env.bool", "env.str", "env.int", "env.float", "env.list", "env.db", "env.db_url", "env.url", "env.cache", "env.cache_url", "env.email_url", "env.json", "env.tuple") {
		return true
	}
	return false
}
