package django

import (
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// reader is an object that reads the environment: environ.Env() and its like.
type envReader struct {
	name string
	// schemes are the casts and defaults that Env(DEBUG=(bool, False)) declares.
	schemes map[string]scheme
}

type scheme struct {
	cast     string
	fallback *fact.Value
}

// callReader runs the functions that read the environment, or make a reader.
func (i *interpreter) callReader(f *frame, name string, args arguments, n python.Node) (*object, bool) {
	switch name {
	case "os.environ.get", "os.getenv", "environ.get", "os.environ.pop", "os.environ.setdefault":
		if v := i.variableRead("os.environ.get", args.value(0), args.either(1, "default"), false); v != nil {
			return objectOf(v), true
		}
		return objectOf(fact.Missed("an environment variable")), true
	case "environ.Env", "environ.FileAwareEnv", "environs.Env", "environs.FileAwareEnv", "django_environ.Env":
		return &object{reader: i.newReader(name, args)}, true
	case "decouple.config", "decouple.AutoConfig", "decouple.Config", "prettyconf.config", "starlette.config.Config":
		if last(name) != "config" {
			return &object{reader: &envReader{name: "decouple.config"}}, true
		}
		return objectOf(i.read(f, &envReader{name: "decouple.config"}, "", args, n)), true
	case "dj_database_url.config", "dj_database_url.parse":
		return objectOf(i.databaseURL(name, args)), true
	case "dj_email_url.config", "django_cache_url.config", "dj_cache_url.config", "dj_email_url.parse", "django_cache_url.parse", "dj_cache_url.parse":
		return objectOf(i.serviceURL(name, args)), true
	case "dj_search_url.config":
		v := fact.Missed("environment variable SEARCH_URL")
		v.Env = &fact.Env{Names: []string{"SEARCH_URL"}, Reader: name, Cast: "url"}
		return objectOf(v), true
	}
	return nil, false
}

func (i *interpreter) newReader(name string, args arguments) *envReader {
	r := &envReader{name: name, schemes: make(map[string]scheme)}
	for key, o := range args.keywords {
		v := o.value()
		if v.Kind == fact.List && len(v.Items) == 2 {
			r.schemes[key] = scheme{castName(v.Items[0]), v.Items[1]}
		} else {
			r.schemes[key] = scheme{cast: castName(v)}
		}
	}
	return r
}

// read runs a reader: env("X"), env.bool("X", default=False), config("X").
func (i *interpreter) read(f *frame, r *envReader, method string, args arguments, n python.Node) *fact.Value {
	switch method {
	case "read_env", "read_envfile", "prefixed", "seal", "smart_cast":
		return fact.None()
	case "db", "db_url", "dj_db_url", "db_url_config":
		return i.databaseURL(r.name+"."+method, args)
	case "cache", "cache_url", "dj_cache_url", "email", "email_url", "dj_email_url":
		return i.serviceURL(r.name+"."+method, args)
	case "get_value", "__call__":
		method = ""
	}
	name := args.value(0)
	fallback := args.either(-1, "default")
	kind := method
	if v := args.keyword("cast"); v != nil && method == "" {
		kind = castName(v)
	}
	if fallback == nil && len(args.positional) > 1 {
		// env("X", cast, default) of django-environ names its cast first for a call,
		// env.bool("X", default) the fallback; environs and decouple the fallback.
		switch {
		case method == "" && r.name == "environ.Env" && args.positional[1].fact == nil:
			kind = castName(args.value(1))
			fallback = args.value(2)
		default:
			fallback = args.value(1)
		}
	}
	if name != nil && name.Kind == fact.String {
		if s, ok := r.schemes[name.Text]; ok {
			if kind == "" {
				kind = s.cast
			}
			if fallback == nil {
				fallback = s.fallback
			}
		}
	}
	if kind == "" && strings.HasPrefix(r.name, "environ.") {
		kind = smartCast(fallback)
	}
	v := i.variableRead(readerName(r.name, method), name, fallback, true)
	if v == nil {
		return fact.Missed("an environment variable")
	}
	if by := args.keywords["cast"]; by != nil && r.name == "decouple.config" && by.fact == nil {
		if out := i.castBy(f, by, v, n); out != nil {
			return out
		}
	}
	return castTo(v, kind)
}

func readerName(name, method string) string {
	if method == "" {
		return name
	}
	return name + "." + method
}

// environment reads os.environ["X"].
func (i *interpreter) environment(f *frame, reader string, names []python.Node, fallback *fact.Value, required bool) *fact.Value {
	if len(names) == 0 {
		return fact.Missed("an environment variable")
	}
	if v := i.variableRead(reader, i.eval(f, names[0]).value(), fallback, required); v != nil {
		return v
	}
	return fact.Missed("an environment variable")
}

// variableRead is a value read from a variable. Without a fallback it is unknown
// if the reader then fails, and null otherwise; it is nil when the variable has
// no known name.
func (i *interpreter) variableRead(reader string, name, fallback *fact.Value, required bool) *fact.Value {
	if name == nil || name.Kind != fact.String || name.Secret != nil {
		return nil
	}
	env := &fact.Env{Names: []string{name.Text}, Reader: reader, Cast: "str"}
	if i.lastRead == nil {
		i.lastRead = env
	}
	switch {
	case i.given[name.Text] > 0:
		fallback, required = nil, true
	case fallback != nil && fallback.Kind == fact.Object && strings.HasSuffix(fallback.Text, "undefined"):
		fallback = nil
	case fallback != nil && fallback.Env != nil:
		// One variable falls back to another.
		env.Names = append(env.Names, fallback.Env.Names...)
		env.Guarded = fallback.Env.Guarded
	}
	if fallback == nil {
		if required {
			return &fact.Value{Env: env, Missing: []string{"environment variable " + name.Text}}
		}
		return &fact.Value{Kind: fact.Null, Env: env}
	}
	out := *readAs(fallback, env)
	if out.Kind == fact.Unknown && len(out.Missing) > 0 && !slices.Contains(out.Missing, "environment variable "+name.Text) {
		out.Missing = append([]string{"environment variable " + name.Text}, out.Missing...)
	}
	return &out
}

// readAs is a value as what a variable falls back to: if it is one of several,
// each of them is.
func readAs(v *fact.Value, env *fact.Env) *fact.Value {
	out := *v
	out.Env = env
	if v.Kind == fact.Union {
		out.Alternatives = slices.Clone(v.Alternatives)
		for at := range out.Alternatives {
			out.Alternatives[at].Value = readAs(out.Alternatives[at].Value, env)
		}
	}
	return &out
}

// readerLike reports whether a function reads the environment or a store of
// secrets by its name.
func readerLike(name string) bool {
	name = strings.ToLower(last(name))
	for _, word := range []string{"env", "config", "secret", "getenv", "param"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// guessed is what a call comes to that was not followed: by its looks it reads a
// variable that its first argument names, or else it is v.
func (i *interpreter) guessed(_ *frame, fn python.Node, args arguments, v *fact.Value) *fact.Value {
	name := args.either(0, "name", "var", "key", "variable", "var_name", "env_name")
	if name == nil || name.Kind != fact.String || !readerLike(fn.Dotted()) && !readerModule(v.Text) || name.Secret != nil || !isSetting(strings.ReplaceAll(name.Text, "-", "_")) {
		return v
	}
	fallback := args.either(1, "default", "default_value", "fallback")
	if fallback != nil && fallback.Kind == fact.Object {
		fallback = args.keyword("default")
	}
	if out := i.variableRead(fn.Dotted(), name, fallback, true); out != nil {
		return castTo(out, castOf(last(fn.Dotted())))
	}
	return v
}

// readerModule reports whether a function comes from a module for reading the
// environment.
func readerModule(name string) bool {
	for part := range strings.SplitSeq(strings.ToLower(name), ".") {
		switch part {
		case "env", "envs", "environ", "environment", "envparse", "getenv":
			return true
		}
	}
	return false
}
