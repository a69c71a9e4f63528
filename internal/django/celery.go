package django

import (
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// maxCeleryApps bounds how many files are read that configure Celery; a project
// has one.
const maxCeleryApps = 20

// celeryNamespace is what stands before the names of Celery's settings: "CELERY"
// with config_from_object("django.conf:settings", namespace="CELERY"), under
// which CELERY_TASK_TIME_LIMIT counts; the empty text without a namespace, where
// only the names from before Celery 4 do, as CELERYD_TASK_TIME_LIMIT
// (https://docs.celeryq.dev/en/stable/userguide/configuration.html#new-lowercase-settings).
// It is unknown where no call says it, or two say different things.
func (p *Project) celeryNamespace() *fact.Value {
	unknown := fact.Missed("the namespace of Celery's settings")
	var found *fact.Value
	read := 0
	for _, name := range p.code {
		s, _ := p.source.Summary(name)
		if !slices.ContainsFunc(s.Uses, func(r python.Reference) bool { return last(r.Name) == "config_from_object" }) {
			continue
		}
		f, err := p.source.Python(name)
		if read++; read > maxCeleryApps || err != nil {
			return unknown
		}
		named := false
		for n := range callsOf(f, func(function string) bool { return last(function) == "Celery" }) {
			named = named || keyword(n, "namespace").Exists()
		}
		for n := range callsOf(f, func(function string) bool { return last(function) == "config_from_object" }) {
			if !readsSettings(n.Child(python.RoleArgument), s) {
				continue
			}
			namespace, given := "", keyword(n, "namespace")
			switch {
			case given.Is(python.KindString):
				namespace = strings.ToUpper(given.Text())
			case given.Exists() && !given.Is(python.KindNone), named:
				return unknown
			}
			if found != nil && found.Text != namespace {
				return unknown
			}
			if found == nil {
				start, end := n.Span()
				found = fact.Of(namespace).At(fact.Place{Path: name, Line: n.Line(), EndLine: n.EndLine(), Start: start, End: end, Symbol: "config_from_object"})
			}
		}
	}
	if found == nil {
		return unknown
	}
	return found
}

// readsSettings reports whether an object that Celery is configured from is
// Django's settings.
func readsSettings(n python.Node, s python.Summary) bool {
	if n.Is(python.KindString) {
		return n.Text() == "django.conf:settings" || n.Text() == "django.conf.settings"
	}
	name := n.Dotted()
	return name == "django.conf.settings" || name == "settings" && slices.ContainsFunc(s.Imports, func(r python.Reference) bool { return r.Name == "django.conf.settings" })
}

// keyword returns the value of a keyword argument of a call.
func keyword(call python.Node, name string) python.Node {
	for k := range call.All(python.RoleKeyword) {
		if k.Text() == name {
			return k.Child(python.RoleValue)
		}
	}
	return python.Node{}
}
