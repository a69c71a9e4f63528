package rule

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/finding"
)

// sound is a rule without mistakes.
const sound = `id: django/debug-true
title: DEBUG is on in production
family: django
quality: Security
severity: critical
severity_when:
  - {when: fromEnv(settings.DEBUG), severity: major}
for: settings
when: settings.DEBUG == true
subject: DEBUG
anchor: settings.DEBUG
message: "` + "`DEBUG` is {show(settings.DEBUG)} in `{leaf.module}`." + `"
why: |
  Errors show
  the settings.
fix:
  - Set it to False.
edit: {value: "False"}
references: [https://docs.djangoproject.com/en/stable/ref/settings/#debug]
since: "0.2"
`

func load(t testing.TB, source string) ([]*Rule, error) {
	t.Helper()
	return Load(fstest.MapFS{"django/debug-true.yml": {Data: []byte(source)}}, "test", LoadOptions{
		Fields: map[string][]string{"settings": {"DEBUG", "CACHES"}, "leaf": {"module", "path", "tier"}}, Finders: []string{"secrets"},
	})
}

func TestMistakesAreNamedWithTheirPlace(t *testing.T) {
	for _, tc := range []struct{ name, old, new, want string }{
		{"unknown key", "when: settings", "whem: settings", "django/debug-true.yml:9:1: unknown key `whem`; did you mean `when`?"},
		{"missing key", "subject: DEBUG\n", "", "django/debug-true.yml:1:3: `subject` is missing"},
		{"key twice", "since: \"0.2\"", "since: \"0.2\"\nsince: \"0.3\"", "already defined at"},
		{"severity", "severity: critical", "severity: grave", `django/debug-true.yml:5:11: unknown severity "grave"`},
		{"quality", "quality: Security", "quality: Securty", `django/debug-true.yml:4:10: unknown quality "Securty"; did you mean "Security"?`},
		{"id", "id: django/debug-true", "id: django/other", "django/debug-true.yml:1:5: the id django/other does not fit the file django/debug-true.yml"},
		{"family", "family: django", "family: shop", "django/debug-true.yml:3:9: the family shop is not that of the id"},
		{"syntax of an expression", "when: settings.DEBUG == true", "when: settings.DEBUG ==", "django/debug-true.yml:9:24: Syntax error"},
		{"a name in an expression", "when: settings.DEBUG == true", "when: setings.DEBUG == true", "django/debug-true.yml:9:7: undeclared reference to 'setings'"},
		{"a function", "when: settings.DEBUG == true", "when: isset(settings.DEBUG)", "django/debug-true.yml:9:12: undeclared reference to 'isset'"},
		{"an unknown setting", "when: settings.DEBUG == true", "when: settings.DEBGU == true", "django/debug-true.yml:9:16: DEBGU is no setting that lintel knows; did you mean DEBUG?"},
		{"no condition", "when: settings.DEBUG == true", "when: '\"a\"'", "django/debug-true.yml:9:8: a truth value is wanted here, not string"},
		{"in a block", "when: settings.DEBUG == true", "when: |\n  settings.DEBUG == true &&\n  settings.X == 1", "django/debug-true.yml:11:12: X is no setting"},
		{"in a template", "{leaf.module}", "{leaf.module +}", "django/debug-true.yml:12:"},
		{"an open brace", "{leaf.module}", "{leaf.module", "a brace without its end"},
		{"severity_when", "fromEnv(settings.DEBUG)", "fromEnv(settings.DBUG)", "django/debug-true.yml:7:29: DBUG is no setting"},
		{"a pattern", "when: settings.DEBUG == true", "when: settings.DEBUG.matches('(')", "a pattern that is none"},
		{"a fact as a truth value", "when: settings.DEBUG == true", "when: settings.CACHES == null || settings.DEBUG", "django/debug-true.yml:9:34: a fact is no truth value"},
		{"a fact as the condition", "when: settings.DEBUG == true", "when: settings.DEBUG", "django/debug-true.yml:9:7: a fact is no truth value"},
		{"a fact that is negated", "when: settings.DEBUG == true", "when: '!settings.DEBUG'", "django/debug-true.yml:9:9: a fact is no truth value"},
		{"a fact that decides", "when: settings.DEBUG == true", "when: 'settings.DEBUG ? true : false'", "django/debug-true.yml:9:8: a fact is no truth value"},
		{"a field of another variable", "{leaf.module}", "{leaf.modul}", "leaf has no modul; did you mean module?"},
		{"an entry without each", "when: settings.DEBUG == true", "when: value == true", "9:7: `value` is only there with `each`"},
		{"sometimes in a condition", "when: settings.DEBUG == true", "when: sometimes", "9:7: `sometimes` is only there in `severity_when` and `message`"},
		{"uses without a list", "when: settings.DEBUG == true", "when: uses", "9:7: `uses` is only there with a list of `uses`"},
		{"settings of a project", "for: settings", "for: project", "9:7: `settings` is not there in a rule for the project"},
		{"an element called like a variable", "when: settings.DEBUG == true", "when: settings.CACHES.exists(key, key == 'a')", "`key` is the name of a variable"},
		{"an index that is unknown", "when: settings.DEBUG == true", "when: settings['DBUG'] == true", "DBUG is no setting that lintel knows; did you mean DEBUG?"},
		{"a pattern that is computed", "when: settings.DEBUG == true", "when: settings.DEBUG.matches(string(settings.CACHES))", "9:7: the pattern of matches() has to be a literal"},
		{"an operator of version", "when: settings.DEBUG == true", "when: version(settings.DEBUG, '=>', '4.2')", "9:31: the operator of version()"},
		{"a version", "when: settings.DEBUG == true", "when: version(settings.DEBUG, '<', 'new')", "version() compares with a literal"},
		{"a function that is not offered", "when: settings.DEBUG == true", "when: timestamp('2020-01-01T00:00:00Z') == null", "undeclared reference to 'timestamp'"},
		{"texts and numbers", "when: settings.DEBUG == true", "when: size(settings.DEBUG) == 'a'", "no matching overload"},
		{"empty list", "fix:\n  - Set it to False.", "fix: []", "`fix` is empty"},
		{"reference", "[https://docs", "[http://docs", "a reference is an https address"},
		{"edit", `edit: {value: "False"}`, `edit: {value: "False", entry: "x"}`, "an edit has one of"},
		{"kind of subject", "for: settings", "for: setting", "a rule is for settings or project"},
		{"since", `since: "0.2"`, `since: soon`, `"soon" is no version`},
		{"finder", "for: settings", "finder: magic", `unknown finder "magic"`},
		{"anchor of YAML", "why: |", "why: &x |", "anchors, aliases"},
		{"no YAML", "title: DEBUG", "title: [DEBUG", "no valid YAML"},
		{"title", "title: DEBUG is", "title: DEBUG *is*", "a title is one line"},
		{"an empty text", "title: DEBUG is on in production", "title:", "2:1: `title` is empty"},
		{"a null", "title: DEBUG is on in production", "title: ~", "2:1: `title` is empty"},
		{"a number", "title: DEBUG is on in production", "title: 5", "2:8: a text is wanted here: put it in quotes"},
		{"a version that is a number", "since: \"0.2\"", "since: 0.2", "a text is wanted here: put it in quotes"},
		{"a list for a text", "title: DEBUG is on in production", "title: [DEBUG]", "2:8: a text is wanted here"},
		{"a text for a list", "fix:\n  - Set it to False.", "fix: Set it to False.", "`fix` is a list of texts"},
		{"a text for a mapping", `edit: {value: "False"}`, "edit: x", "a mapping is wanted here"},
		{"a text for a flag", "since:", "absent: maybe\nsince:", "`absent` is true or false"},
		{"an unknown key below", "severity: major}", "severty: major}", "unknown key `severty`; did you mean `severity`?"},
		{"an unknown key of an edit", `edit: {value: "False"}`, `edit: {valu: "False"}`, "unknown key `valu`; did you mean `value`?"},
		{"an edit of two lines", `edit: {value: "False"}`, `edit: {value: "False\nTrue"}`, "code of at most 200 bytes on one line"},
		{"an edit with a strange variable", `edit: {value: "False"}`, `edit: {env: {name: "a)(", cast: str}}`, `"a)(" is no name of a variable`},
		{"an edit with a strange cast", `edit: {value: "False"}`, `edit: {env: {name: DEBUG, cast: text}}`, "a cast is one of str, bool, int, float, list"},
		{"two documents", "since:", "---\nsince:", "has to hold one YAML document"},
		{"a merge key", "since:", "<<: {a: b}\nsince:", "anchors, aliases, tags and merge keys are not taken"},
		{"a tag", "title: DEBUG", "title: !!str DEBUG", "anchors, aliases, tags and merge keys are not taken"},
		{"deep nesting", "edit: {value: \"False\"}", "edit: " + strings.Repeat("{a: ", 20) + "1" + strings.Repeat("}", 20), "nests deeper than 12 levels"},
		{"brackets without end", "title: DEBUG", "title: " + strings.Repeat("[x, ", 2000) + "DEBUG", "the YAML nests too deep"},
		{"dashes without end", "title: DEBUG", "title:\n" + strings.Repeat("- ", 300) + "DEBUG", "the YAML nests too deep"},
		{"a long expression", "when: settings.DEBUG == true", "when: settings.DEBUG == true" + strings.Repeat(" || true", 500), "an expression of 4022 bytes"},
		{"a deep expression", "when: settings.DEBUG == true", "when: " + strings.Repeat("(", 200) + "true" + strings.Repeat(")", 200), "recursion limit"},
		{"many steps", "fix:\n", "fix:\n" + strings.Repeat("  - x\n", 30), "more than 20 entries in `fix`"},
		{"a long step", "fix:\n", "fix:\n  - " + strings.Repeat("x", 2001) + "\n", "a text of 2001 bytes; at most 2000"},
		{"a turned text", "Errors show", "Errors \u202e show", "a text with control characters"},
		{"a long file", "since", strings.Repeat("#", maxDocument) + "\nsince", "at most 32768"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if !strings.Contains(sound, tc.old) {
				t.Fatalf("%q is not in the rule", tc.old)
			}
			rules, err := load(t, strings.Replace(sound, tc.old, tc.new, 1))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
			if len(rules) > 0 {
				t.Error("the rule is loaded all the same")
			}
		})
	}
}

func TestRuleFindsAndWords(t *testing.T) {
	rules, err := load(t, sound)
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewCatalogue(rules)
	if err != nil {
		t.Fatal(err)
	}
	place := fact.Place{Path: "base.py", Line: 7, EndLine: 7, Symbol: "DEBUG"}
	through := fact.Place{Path: "prod.py", Line: 1, EndLine: 1, Symbol: "base"}
	for _, tc := range []struct {
		name     string
		debug    *fact.Value
		severity finding.Severity
		missing  string
	}{
		{"on", fact.Of(true).At(place, through), finding.Critical, ""},
		{"on by default", &fact.Value{Kind: fact.Bool, Bool: true, Env: &fact.Env{Names: []string{"D"}}, Places: []fact.Place{place, through}}, finding.Major, ""},
		{"off", fact.Of(false), 0, ""},
		{"not known", fact.Missed("environment variable D"), 0, "environment variable D"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			out, err := c.Evaluate(t.Context(), []Subject{{Kind: ForSettings, Identity: "prod", Path: "prod.py", Vars: map[string]*fact.Value{
				"settings": fact.DictOf(fact.Entry{Key: "DEBUG", Value: tc.debug}),
				"leaf":     fact.DictOf(fact.Entry{Key: "module", Value: fact.Of("prod")}),
			}}, {Kind: ForProject}})
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case tc.severity == 0 && tc.missing == "":
				if len(out) > 0 {
					t.Errorf("%+v", out)
				}
			case len(out) != 1:
				t.Fatalf("%d outcomes", len(out))
			case tc.missing != "":
				if u := out[0].Undecided; u == nil || !slices.Equal(u.Missing, []string{tc.missing}) || u.Subject != "DEBUG in prod" {
					t.Errorf("undecided %+v", u)
				}
			default:
				f := out[0].Finding
				if f.Severity != tc.severity || f.Path != "base.py" || f.Line != 7 || f.Message != "`DEBUG` is True in `prod`." ||
					f.Why != "Errors show the settings." || len(f.Trace) != 2 || f.Fingerprint != finding.NewFingerprint("django/debug-true", "prod", "DEBUG") {
					t.Errorf("finding %+v", f)
				}
			}
		})
	}
}

func TestExamplesSayWhatTheyExpect(t *testing.T) {
	e, err := ParseExamples("x.txtar", []byte("# why\nbad settings.py:1 critical \"is True\"\nbad other.py major\ngood\nunknown missing \"variable\"\n-- bad/settings.py --\nKEY = \"{{AB|CD}}\"\n-- bad/other.py --\n-- good/a.py --\nx = {{a}}\n-- unknown/a.py --\n"))
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Cases) != 3 || len(e.Cases[0].Findings) != 2 || e.Cases[0].Findings[0] != (Expected{"settings.py", 1, finding.Critical, "is True", 2}) ||
		e.Cases[0].Findings[1].Line != 0 || e.Cases[0].Files["settings.py"] != "KEY = \"ABCD\"\n" || e.Cases[1].Files["a.py"] != "x = {{a}}\n" || !e.Cases[2].Undecided {
		t.Errorf("%+v", e.Cases)
	}
	bad := e.Cases[0]
	if got := bad.Mismatches([]finding.Finding{{Path: "settings.py", Line: 1, Severity: finding.Critical, Message: "it is True"}, {Path: "x.py", Line: 1, Severity: finding.Minor}}, nil); len(got) != 2 {
		t.Errorf("mismatches %q", got)
	}
	if got := e.Cases[1].Mismatches(nil, []finding.Undecided{{Missing: []string{"x"}}}); len(got) != 1 {
		t.Errorf("a good case that is not decided: %q", got)
	}
	if got := e.Cases[2].Mismatches(nil, nil); len(got) != 1 {
		t.Errorf("an unknown case that is decided: %q", got)
	}
	for text, want := range map[string]string{
		"ugly a.py:1 major\n-- ugly/a.py --\n": "a case is called bad", "bad a.py:1 grave\n-- bad/a.py --\n": "unknown severity", "bad a.py:x major\n-- bad/a.py --\n": "is no line",
		"good\n": "has no files", "good\n-- good/a --\n-- other/a --\n": "in no case", "good x\n-- good/a --\n": "expects nothing",
		"bad b.py:1 major\n-- bad/a.py --\n": "x.txtar:1: the case bad has no file b.py", "good\nbad a.py:2 major\n-- good/a --\n-- bad/a.py --\nx\n": "x.txtar:2: a.py has 1 lines",
		"good\n-- good/../a --\n": "x.txtar:2: good/../a is no path", "good\n-- good/a --\nx\n-- good/a --\ny\n": "x.txtar:4: the file good/a is there twice",
		"good\n-- good/a --\nx\ny\n-- bad/a --\n": "x.txtar:5: the file bad/a is in no case", "unknown because\n-- unknown/a --\n": "an unknown case says missing",
		"bad a.py:1 major really\n-- bad/a.py --\nx\n": "is no quoted text",
	} {
		if _, err := ParseExamples("x.txtar", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestCatalogueRefusesAnIDTwiceAndKnowsTheNearest(t *testing.T) {
	rules, err := load(t, sound)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewCatalogue(rules, rules); err == nil || !strings.Contains(err.Error(), "is taken by") {
		t.Errorf("the same id twice: %v", err)
	}
	c, err := NewCatalogue(rules)
	if err != nil {
		t.Fatal(err)
	}
	for asked, want := range map[string]string{"django/debug-tru": "django/debug-true", "debug-true": "django/debug-true", "terraform/x": ""} {
		if got := c.Nearest(asked); got != want {
			t.Errorf("nearest to %s: %q, want %q", asked, got, want)
		}
	}
}

// FuzzLoad: any bytes are rules or mistakes.
func FuzzLoad(f *testing.F) {
	f.Add(sound)
	f.Add("id: [")
	f.Add("a: &a [*a, *a]\n")
	f.Fuzz(func(t *testing.T, source string) {
		rules, err := load(t, source)
		if err == nil && len(rules) != 1 {
			t.Errorf("%d rules and no error", len(rules))
		}
		for _, r := range rules {
			r.evaluate(t.Context(), Subject{Kind: r.For, Vars: map[string]*fact.Value{"settings": facts()}})
		}
	})
}

// FuzzExamples: any bytes are examples or mistakes.
func FuzzExamples(f *testing.F) {
	f.Add("bad a.py:1 major\n-- bad/a.py --\nx\n")
	f.Fuzz(func(t *testing.T, data string) {
		e, err := ParseExamples("x.txtar", []byte(data))
		if err != nil {
			return
		}
		for _, c := range e.Cases {
			c.Mismatches(nil, nil)
		}
	})
}

// FuzzExpression: any expression is a mistake, or is evaluated, or hits a bound.
// No error comes of what facts hold, and no panic that CEL would make one of.
func FuzzExpression(f *testing.F) {
	for _, seed := range []string{
		"settings.DEBUG == true", "settings.LIST.all(x, settings.LIST.exists(y, y == x))", "some(settings.DISAGREE)[0] in ['a']",
		"settings.AGREE.map(x, x + 1).filter(y, y == null)", "{'a': settings.A}[settings.A].split('')", "has(settings.A.b) ? settings.LIST[-1] : -settings.BIG",
	} {
		f.Add(seed)
	}
	for row := range matrix() {
		f.Add(strings.ReplaceAll(row, "@", "settings.AGREE"))
	}
	settings := facts()
	f.Fuzz(func(t *testing.T, source string) {
		e, mistakes := compile(source, compileOptions{})
		if len(mistakes) > 0 {
			return
		}
		if _, err := e.of(t.Context(), scope{facts: map[string]*fact.Value{varSettings: settings}}); err != nil && !errors.Is(err, errBound) {
			t.Error(err)
		}
	})
}
