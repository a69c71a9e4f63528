package rule

import (
	"fmt"
	"testing"

	"github.com/lintel-bot/lintel/internal/fact"
)

// BenchmarkEvaluate measures a catalogue of the size of ours on the leaves of a
// large project: 150 rules, 10 leaves of 400 settings.
func BenchmarkEvaluate(b *testing.B) {
	rules := make(map[string]string)
	for i := range 150 {
		name := fmt.Sprintf("rule-%d", i)
		body := "for: settings\nwhen: settings.DEBUG == true && !fromEnv(settings.DEBUG)\nsubject: DEBUG\nmessage: m\n"
		switch i % 3 {
		case 1:
			body = "for: settings\neach: settings.DATABASES\nwhen: value.ENGINE.contains(\"postgres\") && value.CONN_MAX_AGE == 0\nsubject: DATABASES.{key}\nmessage: m\n"
		case 2:
			body = "for: settings\nwhen: settings.MIDDLEWARE.exists(m, m.startsWith(\"debug_toolbar.\")) && !(\"whitenoise\" in settings.INSTALLED_APPS)\nsubject: MIDDLEWARE\nmessage: m\n"
		}
		rules[name] = write(name, body)
	}
	c := catalogue(b, rules)
	settings := fact.DictOf()
	for i := range 400 {
		settings.Entries = append(settings.Entries, fact.Entry{Key: fmt.Sprintf("SETTING_%d", i), Value: fact.Of(i)})
	}
	list := func(n int) *fact.Value {
		l := fact.ListOf()
		for i := range n {
			l.Items = append(l.Items, fact.Of(fmt.Sprintf("django.middleware.number%d", i)))
		}
		return l
	}
	database := fact.DictOf(fact.Entry{Key: "ENGINE", Value: fact.Of("django.db.backends.postgresql")}, fact.Entry{Key: "CONN_MAX_AGE", Value: fact.Of(60)})
	settings.Entries = append(settings.Entries,
		fact.Entry{Key: "DEBUG", Value: fact.Of(false)}, fact.Entry{Key: "MIDDLEWARE", Value: list(15)}, fact.Entry{Key: "INSTALLED_APPS", Value: list(40)},
		fact.Entry{Key: "DATABASES", Value: fact.DictOf(fact.Entry{Key: "default", Value: database}, fact.Entry{Key: "replica", Value: database})},
	)
	var subjects []Subject
	for i := range 10 {
		subjects = append(subjects, Subject{Kind: ForSettings, Identity: fmt.Sprint(i), Vars: map[string]*fact.Value{"settings": settings}})
	}
	for b.Loop() {
		if _, err := c.Evaluate(b.Context(), subjects); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLoad measures what every start of a worker pays for one rule.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := load(b, sound); err != nil {
			b.Fatal(err)
		}
	}
}
