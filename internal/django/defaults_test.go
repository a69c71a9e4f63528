package django

import (
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/fact"
)

func TestDefaults(t *testing.T) {
	d, err := LoadDefaults()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, version, want string }{
		{"DEBUG", "", "False"},
		{"ALLOWED_HOSTS", "5.2", "[]"},
		{"EMAIL_TIMEOUT", "", "None"},
		{"CACHES", "", `{"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}`},
		{"SESSION_COOKIE_AGE", "", "1209600"},
		{"X_FRAME_OPTIONS", "2.2", `"SAMEORIGIN"`},
		{"X_FRAME_OPTIONS", "3.0.1", `"DENY"`},
		{"USE_TZ", "4.2", "False"},
		{"USE_TZ", "10.0", "True"},
		{"SECURE_REFERRER_POLICY", "3.0", "None"},
		{"SECURE_REFERRER_POLICY", "3.1", `"same-origin"`},
	} {
		version := fact.Missed("the version of Django")
		if test.version != "" {
			version = fact.Of(test.version)
		}
		v := d.Value(test.name, version)
		if got := fact.Show(v); got != test.want || !v.Default {
			t.Errorf("%s in %q is %s (default %v), want %s", test.name, test.version, got, v.Default, test.want)
		}
	}
	if v := d.Value("USE_TZ", fact.Missed("the version of Django")); v.Kind != fact.Union || len(v.Alternatives) != 2 || v.Alternatives[0].Guard != "Django is older than 5.0" || v.Alternatives[1].Guard != "Django is 5.0 or later" {
		t.Errorf("USE_TZ in an unknown version: %+v", v)
	}
	if v := d.Value("NO_SUCH_SETTING", nil); v != nil || d.Known("NO_SUCH_SETTING") {
		t.Errorf("a setting that nobody knows: %+v", v)
	}
	for _, name := range []string{"CELERY_TASK_ALWAYS_EAGER", "REST_FRAMEWORK", "CORS_ALLOW_ALL_ORIGINS", "CHANNEL_LAYERS", "RQ_QUEUES", "HUEY", "Q_CLUSTER", "AWS_DEFAULT_ACL", "STORAGES", "PASSWORD_HASHERS"} {
		if !d.Known(name) {
			t.Errorf("%s is not known", name)
		}
	}
	if names := d.Names(); len(names) < 200 {
		t.Errorf("%d settings", len(names))
	}
}

func TestParseDefaultsIsStrict(t *testing.T) {
	const head = "- package: x\n  source: https://x.test/\n  settings:\n"
	if _, err := parseDefaults([]byte(head + "    - {name: A, value: [1, {b: c}]}\n    - {name: B}\n")); err != nil {
		t.Errorf("a table without mistakes: %v", err)
	}
	for _, test := range []struct{ data, want string }{
		{"- package: x\n  settings: []\n", "source"},
		{"- source: https://x.test/\n  settings: []\n", "without a name"},
		{head + "    - {name: A, vale: 1}\n", "vale"},
		{head + "    - {name: A}\n    - {name: A}\n", "twice"},
		{head + "    - {name: a b}\n", "no name"},
		{head + "    - {name: A, value: 1, changes: [{value: 2}]}\n", "both"},
		{head + "    - {name: A, changes: [{before: \"1\", value: 2}]}\n", "last change"},
		{head + "    - {name: A, changes: [{value: 1}, {value: 2}]}\n", "last change"},
		{head + "    - {name: A, value: 2020-01-01T00:00:00Z, more: 1}\n", "more"},
		{"x: [", ""},
	} {
		if _, err := parseDefaults([]byte(test.data)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %q", test.data, err, test.want)
		}
	}
}

func TestCompareVersions(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{{"4.2", "4.2.0", 0}, {"4.10", "4.9", 1}, {"3.2", "4.0", -1}, {"5.0rc1", "5.0", 0}, {"", "0", 0}, {"10", "9.9", 1}} {
		got := compareVersions(test.a, test.b)
		if (got < 0) != (test.want < 0) || (got > 0) != (test.want > 0) {
			t.Errorf("%s and %s: %d", test.a, test.b, got)
		}
	}
}

// TestDefaultsFillOnlyWhatIsClosed: what something unknown may set has no
// default.
func TestDefaultsFillOnlyWhatIsClosed(t *testing.T) {
	d, err := LoadDefaults()
	if err != nil {
		t.Fatal(err)
	}
	p := &Project{defaults: d, facts: fact.DictOf()}
	given := fact.DictOf(fact.Entry{Key: "DEBUG", Value: fact.Of(true)})
	closed := p.withDefaults(given)
	if v := closed.Get("DEBUG"); v == nil || !v.Bool || v.Default {
		t.Errorf("what is given: %+v", v)
	}
	if v := closed.Get("ALLOWED_HOSTS"); v == nil || !v.Default {
		t.Errorf("what is not given: %+v", v)
	}
	open := *given
	open.Open = true
	if v := p.withDefaults(&open).Get("ALLOWED_HOSTS"); v != nil {
		t.Errorf("what local_settings may give: %+v", v)
	}
	if len(given.Entries) != 1 {
		t.Error("the given settings were changed")
	}
}
