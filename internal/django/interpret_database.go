package django

import (
	"net/url"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
)

// databaseURL is what dj_database_url and the db() of readers make: the entry of
// DATABASES that a URL stands for
// (https://github.com/jazzband/dj-database-url#url-schema).
func (i *interpreter) databaseURL(reader string, args arguments) *fact.Value {
	var source *fact.Value
	var env *fact.Env
	switch {
	case reader == "dj_database_url.parse":
		source = args.either(0, "url")
		if source != nil && source.Env != nil {
			cast := *source.Env
			cast.Cast = "url"
			env = &cast
		}
	case reader == "dj_database_url.config":
		name := args.either(0, "env")
		variable := "DATABASE_URL"
		if name != nil && name.Kind == fact.String && name.Secret == nil {
			variable = name.Text
		}
		env = &fact.Env{Names: []string{variable}, Reader: reader, Cast: "url"}
		source = args.either(1, "default")
	default:
		name := args.either(0, "var")
		variable := "DATABASE_URL"
		if name != nil && name.Kind == fact.String && name.Secret == nil {
			variable = name.Text
		}
		env = &fact.Env{Names: []string{variable}, Reader: reader, Cast: "url"}
		source = args.either(1, "default")
	}
	out := eachURL(source, env, parseDatabase)
	for _, key := range []string{"conn_max_age", "conn_health_checks", "engine"} {
		if v := args.keyword(key); v != nil {
			out = withEntry(out, fact.Of(strings.ToUpper(key)), v)
		}
	}
	if reader == "dj_database_url.config" || reader == "dj_database_url.parse" {
		if out.Kind == fact.Union || out.Get("CONN_MAX_AGE") == nil {
			out = withEntry(out, fact.Of("CONN_MAX_AGE"), fact.Of(0))
		}
		if args.keyword("conn_health_checks") == nil {
			out = withEntry(out, fact.Of("CONN_HEALTH_CHECKS"), fact.Of(false))
		}
	}
	if v := args.keyword("ssl_require"); v != nil {
		required := fact.DictOf(fact.Entry{Key: "sslmode", Value: fact.Of("require")})
		switch fact.Truthy(v) {
		case fact.True:
			out = withEntry(out, fact.Of("OPTIONS"), derived(required, v).At(v.Places...))
		case fact.Undecided:
			out = withEntry(out, fact.Of("OPTIONS"), fact.UnionOf(
				fact.Alternative{Value: required, Guard: "`ssl_require` holds"},
				fact.Alternative{Value: lost(v)},
			))
		}
	}
	return out
}

// parseDatabase is the entry for a URL that may not be known.
func parseDatabase(source *fact.Value, env *fact.Env) *fact.Value {
	variable := ""
	if env != nil {
		variable = "environment variable " + env.Names[0]
	}
	opened := func() *fact.Value {
		return &fact.Value{Kind: fact.Dict, Open: true, Missing: []string{variable}, Env: env}
	}
	if source == nil || source.Kind != fact.String {
		if env == nil {
			return lost(source)
		}
		return opened()
	}
	text := source.Text
	if source.Secret != nil {
		text = source.Secret.Masked
	}
	if scheme, name, ok := strings.Cut(text, "://"); ok && strings.HasPrefix(scheme, "sqlite") && (name == "" || name == ":memory:") {
		text = scheme + ":///:memory:"
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" {
		return opened()
	}
	entry := func(name string, v *fact.Value) fact.Entry {
		c := *v
		c.Env, c.Places = env, source.Places
		return fact.Entry{Key: name, Value: &c}
	}
	out := fact.DictOf(entry("ENGINE", fact.Of(engineOf(u.Scheme))))
	out.Env, out.Places = env, source.Places
	name := strings.TrimPrefix(u.Path, "/")
	out.Entries = append(out.Entries, entry("NAME", fact.Of(name)), entry("USER", fact.Of(u.User.Username())))
	if password, ok := u.User.Password(); ok {
		v := fact.Of(password)
		if source.Secret != nil {
			v = &fact.Value{Kind: fact.String, Secret: source.Secret}
		}
		out.Entries = append(out.Entries, entry("PASSWORD", v))
	}
	out.Entries = append(out.Entries, entry("HOST", fact.Of(u.Hostname())), entry("PORT", fact.Of(u.Port())))
	options := fact.DictOf()
	for _, key := range []string{"sslmode", "sslrootcert", "connect_timeout", "options"} {
		if v := u.Query().Get(key); v != "" {
			options.Entries = append(options.Entries, entry(key, fact.Of(v)))
		}
	}
	if len(options.Entries) > 0 {
		out.Entries = append(out.Entries, entry("OPTIONS", options))
	}
	if v := u.Query().Get("conn_max_age"); v != "" {
		out.Entries = append(out.Entries, entry("CONN_MAX_AGE", number(v)))
	}
	return out
}

// engineOf is the backend for the scheme of a URL.
func engineOf(scheme string) string {
	switch strings.ToLower(scheme) {
	case "postgres", "postgresql", "psql", "pgsql":
		return "django.db.backends.postgresql"
	case "postgis":
		return "django.contrib.gis.db.backends.postgis"
	case "mysql", "mysql2":
		return "django.db.backends.mysql"
	case "sqlite", "sqlite3":
		return "django.db.backends.sqlite3"
	case "spatialite":
		return "django.contrib.gis.db.backends.spatialite"
	case "oracle":
		return "django.db.backends.oracle"
	}
	return scheme
}
