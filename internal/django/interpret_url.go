package django

import (
	"net/url"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// castBy is what a project's own function, or that of an URL reader, makes of a
// text that decouple read; nil when that is not known.
func (i *interpreter) castBy(f *frame, by *object, v *fact.Value, n python.Node) *fact.Value {
	switch {
	case by.outside == "dj_database_url.parse":
		return parseDatabase(v, v.Env)
	case by.function == nil:
		return nil
	case v.Kind == fact.Unknown:
		return cast(v, by.function.node.Text())
	}
	plain := *v
	plain.Env = nil
	out := *i.callFunction(f, by.function, nil, arguments{frame: f, positional: []*object{objectOf(&plain)}}, n).value()
	out.Env = v.Env
	return cast(&out, "call")
}

// serviceURL is what env.cache(), env.email_url() and their like make of a URL:
// an entry of CACHES, or the settings of mail.
func (i *interpreter) serviceURL(reader string, args arguments) *fact.Value {
	mail := strings.Contains(reader, "email")
	variable := "CACHE_URL"
	if mail {
		variable = "EMAIL_URL"
	}
	var source *fact.Value
	var env *fact.Env
	if strings.HasSuffix(reader, ".parse") {
		if source = args.value(0); source != nil && source.Env != nil {
			env = source.Env
		}
	} else {
		if name := args.either(0, "var", "name", "env"); name != nil && name.Kind == fact.String && name.Secret == nil {
			variable = name.Text
		}
		source = args.either(1, "default")
		env = &fact.Env{Names: []string{variable}, Reader: reader, Cast: "url"}
	}
	if !mail && source != nil && source.Kind == fact.Null && strings.HasPrefix(reader, "environ.") {
		// Of no URL django-environ makes {}: no cache.
		return &fact.Value{Kind: fact.Dict, Env: env, Places: source.Places}
	}
	parse := parseCache
	if mail {
		parse = parseMail
	}
	return eachURL(source, env, parse)
}

// eachURL parses a URL, or each of several that it may be.
func eachURL(source *fact.Value, env *fact.Env, parse func(*fact.Value, *fact.Env) *fact.Value) *fact.Value {
	asURL := func(env *fact.Env) *fact.Env {
		if env == nil || env.Cast == "url" {
			return env
		}
		out := *env
		out.Cast = "url"
		return &out
	}
	if source == nil || source.Kind != fact.Union {
		return parse(source, asURL(env))
	}
	return mapped(source, func(v *fact.Value) *fact.Value {
		if v.Env != nil {
			return parse(v, asURL(v.Env))
		}
		return parse(v, asURL(env))
	})
}

// parseURL is the URL that a value holds, if it is known.
func parseURL(v *fact.Value) *url.URL {
	if v == nil || v.Kind != fact.String {
		return nil
	}
	text := v.Text
	if v.Secret != nil {
		text = v.Secret.Masked
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" {
		return nil
	}
	return u
}

// notRead is what a part of an URL is that only the environment holds.
func notRead(env *fact.Env, source *fact.Value) *fact.Value {
	if env == nil {
		return lost(source)
	}
	return &fact.Value{Env: env, Missing: []string{"environment variable " + env.Names[0]}}
}

// parseCache is the entry of CACHES for a URL
// (https://django-environ.readthedocs.io/en/latest/types.html#environ-env-cache-url).
func parseCache(source *fact.Value, env *fact.Env) *fact.Value {
	u := parseURL(source)
	if u == nil {
		out := *notRead(env, source)
		out.Kind, out.Open = fact.Dict, true
		return &out
	}
	backend := map[string]string{
		"locmem": "django.core.cache.backends.locmem.LocMemCache", "locmemcache": "django.core.cache.backends.locmem.LocMemCache",
		"dummy": "django.core.cache.backends.dummy.DummyCache", "dummycache": "django.core.cache.backends.dummy.DummyCache",
		"file": "django.core.cache.backends.filebased.FileBasedCache", "filecache": "django.core.cache.backends.filebased.FileBasedCache",
		"db": "django.core.cache.backends.db.DatabaseCache", "dbcache": "django.core.cache.backends.db.DatabaseCache",
		"memcache": "django.core.cache.backends.memcached.PyMemcacheCache", "pymemcache": "django.core.cache.backends.memcached.PyMemcacheCache",
		"pymemcached": "django.core.cache.backends.memcached.PyMemcacheCache", "memcached": "django.core.cache.backends.memcached.PyMemcacheCache",
		"pylibmc":    "django.core.cache.backends.memcached.PyLibMCCache",
		"rediscache": "django.core.cache.backends.redis.RedisCache", "redis": "django.core.cache.backends.redis.RedisCache",
		"rediss": "django.core.cache.backends.redis.RedisCache",
	}[strings.ToLower(u.Scheme)]
	if backend == "" {
		out := *notRead(env, source)
		out.Kind, out.Open = fact.Dict, true
		return &out
	}
	location := source
	if !strings.HasPrefix(u.Scheme, "redis") {
		location = fact.Of(u.Host + u.Path)
	}
	part := func(v *fact.Value) *fact.Value {
		c := *v
		c.Env, c.Places = env, source.Places
		return &c
	}
	out := part(fact.DictOf(fact.Entry{Key: "BACKEND", Value: part(fact.Of(backend))}, fact.Entry{Key: "LOCATION", Value: part(location)}))
	if u.RawQuery != "" {
		// What the query sets is not followed.
		out.Open, out.Missing = true, []string{"the query of a cache's URL"}
	}
	return out
}

// parseMail is the settings for the URL of a mail server
// (https://django-environ.readthedocs.io/en/latest/types.html#environ-env-email-url).
func parseMail(source *fact.Value, env *fact.Env) *fact.Value {
	names := []string{"EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", "EMAIL_USE_SSL"}
	out := &fact.Value{Kind: fact.Dict, Env: env}
	u := parseURL(source)
	backends := map[string]string{
		"smtp": "smtp", "smtps": "smtp", "smtp+tls": "smtp", "smtp+ssl": "smtp", "submission": "smtp", "submit": "smtp",
		"consolemail": "console", "console": "console", "filemail": "filebased", "file": "filebased", "memorymail": "locmem", "memory": "locmem", "dummymail": "dummy", "dummy": "dummy",
	}
	if u == nil || backends[u.Scheme] == "" {
		for _, name := range names {
			out.Entries = append(out.Entries, fact.Entry{Key: name, Value: notRead(env, source)})
		}
		return out
	}
	password, hasPassword := u.User.Password()
	secret := fact.Of(password)
	if hasPassword && source.Secret != nil {
		secret = &fact.Value{Kind: fact.String, Secret: source.Secret}
	}
	port := fact.None()
	if u.Port() != "" {
		port = number(u.Port())
	}
	values := []*fact.Value{
		fact.Of("django.core.mail.backends." + backends[u.Scheme] + ".EmailBackend"), fact.Of(u.Hostname()), port, fact.Of(u.User.Username()), secret,
		fact.Of(u.Scheme == "smtps" || u.Scheme == "smtp+tls" || u.Scheme == "submission" || u.Scheme == "submit"), fact.Of(u.Scheme == "smtp+ssl"),
	}
	for at, name := range names {
		c := *values[at]
		c.Env, c.Places = env, source.Places
		out.Entries = append(out.Entries, fact.Entry{Key: name, Value: &c})
	}
	return out
}
