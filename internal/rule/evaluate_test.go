package rule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/finding"
)

// write returns a rule with the given keys besides those that every rule has.
func write(name, body string) string {
	return "id: django/" + name + "\nfamily: django\ntitle: A title\nquality: Reliability\nseverity: major\nwhy: why\nfix: [mend it]\nreferences: [https://example.com]\nsince: \"0.2\"\n" + body
}

func catalogue(t testing.TB, rules map[string]string) *Catalogue {
	t.Helper()
	files := fstest.MapFS{}
	for name, source := range rules {
		files["django/"+name+".yml"] = &fstest.MapFile{Data: []byte(source)}
	}
	loaded, err := Load(files, "test", LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := NewCatalogue(loaded)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// outcomes evaluates one rule on one leaf and words what came of it.
func outcomes(t testing.TB, body string, settings *fact.Value, uses ...fact.Place) []string {
	t.Helper()
	got, err := catalogue(t, map[string]string{"x": write("x", body)}).Evaluate(t.Context(), []Subject{{
		Kind: ForSettings, Identity: "prod", Path: "prod.py", Vars: map[string]*fact.Value{"settings": settings},
		Uses: func([]string) []fact.Place { return uses },
	}})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range got {
		switch {
		case o.Failed != "":
			out = append(out, "failed: "+o.Failed)
		case o.Undecided != nil:
			out = append(out, fmt.Sprintf("undecided: %s: %s", o.Undecided.Subject, strings.Join(o.Undecided.Missing, ", ")))
		default:
			out = append(out, fmt.Sprintf("%s at %s: %s %s", o.Name, place(o.Finding.Path, o.Finding.Line), o.Finding.Severity, o.Finding.Message))
		}
	}
	return out
}

func twoWays(a, b *fact.Value) *fact.Value {
	return &fact.Value{Kind: fact.Union, Alternatives: []fact.Alternative{{Value: a, Guard: "`X`"}, {Value: b, Guard: "not `X`"}}}
}

func TestEvaluate(t *testing.T) {
	at := func(v *fact.Value, line int) *fact.Value {
		return v.At(fact.Place{Path: "base.py", Line: line, EndLine: line})
	}
	database := func(line int, age int) *fact.Value {
		return at(fact.DictOf(fact.Entry{Key: "AGE", Value: at(fact.Of(age), line+1)}), line)
	}
	two := fact.DictOf(fact.Entry{Key: "default", Value: database(3, 0)}, fact.Entry{Key: "other", Value: database(6, 60)})
	open := *two
	open.Open, open.Missing = true, []string{"what updates it"}
	either := &fact.Value{Kind: fact.Union, Alternatives: []fact.Alternative{{Value: two, Guard: "`A` is set"}, {Value: fact.DictOf(fact.Entry{Key: "default", Value: database(9, 60)}), Guard: "`A` is not set"}}}
	// An entry that does not hang on what another does, in settings that a module
	// of the deployment may replace.
	rest := &fact.Value{Kind: fact.Union, Alternatives: []fact.Alternative{
		{Value: two, Guard: "`A`"}, {Value: fact.DictOf(fact.Entry{Key: "default", Value: database(3, 0)}), Guard: "not `A`"}, {Value: fact.Missed("module local")},
	}}
	both := twoWays(two, fact.DictOf(fact.Entry{Key: "default", Value: database(9, 0)}))
	settings := func(v *fact.Value) *fact.Value { return fact.DictOf(fact.Entry{Key: "DATABASES", Value: v}) }
	const each = "for: settings\neach: settings.DATABASES\nwhen: value.AGE == 0\nsubject: DATABASES.{key}\nanchors: [value.AGE, value]\nmessage: '{key} has {value.AGE}'\n"
	many := &fact.Value{Kind: fact.Dict}
	for i := range maxEntries + 1 {
		many.Entries = append(many.Entries, fact.Entry{Key: fmt.Sprint(i), Value: fact.Of(1)})
	}

	for _, tc := range []struct {
		name, body string
		settings   *fact.Value
		uses       []fact.Place
		want       []string
	}{
		{"an entry of two", each, settings(two), nil, []string{"DATABASES.default at base.py:4: major default has 0"}},
		{"an open dict", each, settings(&open), nil, []string{
			"DATABASES.default at base.py:4: major default has 0", "undecided: more of DATABASES in prod: what updates it",
		}},
		{"in one of two ways", each, settings(either), nil, []string{"DATABASES.default at base.py:4: major default has 0 This holds where `A` is set."}},
		{"milder for an entry of one of two ways", each + "severity_when: [{when: sometimes, severity: minor}]\n", settings(either), nil,
			[]string{"DATABASES.default at base.py:4: minor default has 0 This holds where `A` is set."}},
		{"an entry that is wrong in both ways", each + "severity_when: [{when: sometimes, severity: minor}]\n", settings(both), nil,
			[]string{"DATABASES.default at base.py:4: major default has 0"}},
		{"an entry that is wrong in all ways but an unknown one", each, settings(rest), nil,
			[]string{"DATABASES.default at base.py:4: major default has 0 This holds unless module local says otherwise.", "undecided: more of DATABASES in prod: whether `A`, module local"}},
		{"nothing to go over", each, settings(fact.None()), nil, nil},
		{"something unknown to go over", each, settings(fact.Missed("module local")), nil, []string{"undecided: more of DATABASES in prod: module local"}},
		{"an entry that is unknown", each, settings(fact.DictOf(fact.Entry{Key: "default", Value: fact.Missed("environment variable URL")})), nil,
			[]string{"undecided: DATABASES.default in prod: environment variable URL"}},
		{"too many entries", each, settings(many), nil, []string{"failed: the rule django/x could not be evaluated: settings.DATABASES has more than 2000 entries"}},
		{"a list", "for: settings\neach: settings.DATABASES\nwhen: value == \"b\"\nsubject: the element {key}\nanchor: value\nmessage: '{value}'\n",
			settings(fact.ListOf(fact.Of("a"), at(fact.Of("b"), 7))), nil, []string{"the element 1 at base.py:7: major b"}},
		{"a file as a whole", "for: settings\nwhen: settings.CACHES == null\nsubject: CACHES\nanchor: settings.CACHES\nmessage: none\n", settings(two), nil, []string{"CACHES at prod.py: major none"}},
		{"the second anchor", "for: settings\nwhen: settings.CACHES == null\nsubject: CACHES\nanchors: [settings.CACHES, settings.DATABASES.other]\nmessage: none\n",
			settings(two), nil, []string{"CACHES at base.py:6: major none"}},
		{"worse where", "for: settings\nwhen: settings.DATABASES.default.AGE == 0\nsubject: X\nmessage: m\nseverity_when: [{when: settings.X == 1, severity: minor}, {when: settings.DATABASES.other.AGE > 1, severity: critical}]\n",
			settings(two), nil, []string{"X at prod.py: critical m"}},
		{"a severity that is not decided is passed over", "for: settings\nwhen: settings.A.AGE == 0\nsubject: X\nmessage: m\nseverity_when: [{when: settings.U == 1, severity: critical}]\n",
			fact.DictOf(fact.Entry{Key: "A", Value: database(1, 0)}, fact.Entry{Key: "U", Value: fact.Missed("x")}), nil, []string{"X at prod.py: major m"}},
		{"used", "for: settings\nuses: [a.b]\nwhen: uses && settings.CACHES == null\nsubject: X\nmessage: m\n", settings(two), []fact.Place{{Path: "views.py", Line: 3}}, []string{"X at prod.py: major m"}},
		{"not used", "for: settings\nuses: [a.b]\nwhen: uses && settings.U == null\nsubject: X\nmessage: m\n", fact.DictOf(fact.Entry{Key: "U", Value: fact.Missed("x")}), nil, nil},
		{"the way that is wrong", "for: settings\nwhen: some(settings.A).exists(x, x == 1)\nsubject: A\nanchor: settings.A\nmessage: 'it is {settings.A}.'\n",
			fact.DictOf(fact.Entry{Key: "A", Value: twoWays(at(fact.Missed("x"), 3), at(fact.Of(1), 5))}), nil, []string{"A at base.py:5: major it is 1. This holds where `X` is false."}},
		{"milder where it is wrong in one way only", "for: settings\nwhen: some(settings.A).exists(x, x == 1)\nsubject: A\nanchor: settings.A\nmessage: 'it is{sometimes ? \" sometimes\" : \"\"}.'\nseverity_when: [{when: sometimes, severity: minor}]\n",
			fact.DictOf(fact.Entry{Key: "A", Value: twoWays(at(fact.Missed("x"), 3), at(fact.Of(1), 5))}), nil, []string{"A at base.py:5: minor it is sometimes. This holds where `X` is false."}},
		{"not milder where it is wrong either way", "for: settings\nwhen: some(settings.A).exists(x, x > 0)\nsubject: A\nanchor: settings.A\nmessage: m\nseverity_when: [{when: sometimes, severity: minor}]\n",
			fact.DictOf(fact.Entry{Key: "A", Value: twoWays(at(fact.Of(2), 3), at(fact.Of(1), 5))}), nil, []string{"A at base.py:3: major m"}},
		{"wrong either way", "for: settings\nwhen: settings.A > 0\nsubject: A\nanchor: settings.A\nmessage: 'it is {settings.A}.'\n",
			fact.DictOf(fact.Entry{Key: "A", Value: twoWays(at(fact.Of(2), 3), at(fact.Of(1), 5))}), nil, []string{"A at base.py:3: major it is 2."}},
		{"wrong only together", "for: settings\nwhen: size(some(settings.A)) == 2\nsubject: A\nanchor: settings.A\nmessage: 'it is {show(settings.A)}.'\n",
			fact.DictOf(fact.Entry{Key: "A", Value: twoWays(at(fact.Of(2), 3), at(fact.Of(1), 5))}), nil, []string{"A at base.py:3: major it is 2, 1."}},
		{"a way inside of a way", "for: settings\nwhen: some(settings.A).exists(x, some(x.b).exists(y, y == 1))\nsubject: A\nanchors: [settings.A.b, settings.A]\nmessage: 'it is {settings.A.b}.'\n",
			fact.DictOf(fact.Entry{Key: "A", Value: twoWays(at(fact.DictOf(), 3), at(fact.DictOf(fact.Entry{Key: "b", Value: twoWays(at(fact.Of(7), 8), at(fact.Of(1), 9))}), 5))}), nil,
			[]string{"A at base.py:9: major it is 1. This holds where `X` is false."}},
		{"a way of an entry", "for: settings\neach: settings.D\nwhen: some(value.b).exists(y, y == 1)\nsubject: D.{key}\nanchors: [value.b, value]\nmessage: m\n",
			fact.DictOf(fact.Entry{Key: "D", Value: fact.DictOf(fact.Entry{Key: "k", Value: at(fact.DictOf(fact.Entry{Key: "b", Value: twoWays(at(fact.Of(7), 8), at(fact.Of(1), 9))}), 5)})}), nil,
			[]string{"D.k at base.py:9: major m This holds where `X` is false."}},
		{"words that are said where they hold", "for: settings\nwhen: settings.A == null\nsubject: X\nmessage: 'it is{settings.U == 1 ? \" one\" : \" none\"}{settings.A == null ? \" null\" : \"\"}.'\n",
			fact.DictOf(fact.Entry{Key: "U", Value: fact.Missed("x")}), nil, []string{"X at prod.py: major it is null."}},
		{"words for what is not known", "for: settings\nwhen: settings.A == null\nsubject: X\nmessage: '{settings.U} and {show(settings.U)} and {settings.U == 1} {{and}}'\n",
			fact.DictOf(fact.Entry{Key: "U", Value: fact.Missed("x")}), nil, []string{"X at prod.py: major not known and not known and something that is not known {and}"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := outcomes(t, tc.body, tc.settings, tc.uses...); !slices.Equal(got, tc.want) {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

// TestAnEntryStandsInEachOfItsWays: what is wrong in two ways is one outcome,
// with the places of both, so that a change of either can be commented on.
func TestAnEntryStandsInEachOfItsWays(t *testing.T) {
	way := func(line int) *fact.Value {
		return fact.DictOf(fact.Entry{Key: "default", Value: fact.Of(1).At(fact.Place{Path: "base.py", Line: line})})
	}
	c := catalogue(t, map[string]string{"x": write("x", "for: settings\neach: settings.D\nwhen: value == 1\nsubject: D.{key}\nanchor: value\nmessage: m\n")})
	got, err := c.Evaluate(t.Context(), []Subject{{Kind: ForSettings, Vars: map[string]*fact.Value{"settings": fact.DictOf(fact.Entry{Key: "D", Value: twoWays(way(3), way(7))})}}})
	if err != nil || len(got) != 1 || len(got[0].Places) != 2 || got[0].Places[1].Line != 7 {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestTextsAreBounded: a long text of the repository is cut, and not in the
// middle of a character.
func TestTextsAreBounded(t *testing.T) {
	long := fact.Of(strings.Repeat("é", 5000))
	got := outcomes(t, "for: settings\nwhen: settings.A != null\nsubject: '{settings.A}'\nmessage: '{settings.A}{settings.A}'\n", fact.DictOf(fact.Entry{Key: "A", Value: long}))
	if len(got) != 1 || len(got[0]) > 2*maxRendered+100 || strings.ContainsRune(got[0], '\uFFFD') {
		t.Errorf("%d bytes", len(got[0]))
	}
}

// TestTextsOfTheRepositoryStayOnTheirLine: no character of it changes how the
// words around read.
func TestTextsOfTheRepositoryStayOnTheirLine(t *testing.T) {
	got := outcomes(t, "for: settings\nwhen: settings.A != null\nsubject: A\nmessage: 'it is {settings.A}.'\n", fact.DictOf(fact.Entry{Key: "A", Value: fact.Of("a\n\x1b[31mb\u202ec\xff")}))
	if want := []string{"A at prod.py: major it is a  [31mb c ."}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	got = outcomes(t, "for: settings\nwhen: settings.A == 1\nsubject: A\nmessage: m\n", fact.DictOf(fact.Entry{Key: "A", Value: fact.Missed("environment variable " + strings.Repeat("X\n", 5000))}))
	if len(got) != 1 || len(got[0]) > 300 || strings.Contains(got[0], "\n") {
		t.Errorf("%q", got)
	}
}

// TestATraceLeadsToTheLeaf: from where the value is given through what brings it
// to where it counts.
func TestATraceLeadsToTheLeaf(t *testing.T) {
	v := fact.Of(true).At(fact.Place{Path: "base.py", Line: 41, EndLine: 42, Symbol: "DEBUG"}, fact.Place{Path: "prod.py", Line: 3, Symbol: "base"}, fact.Place{Path: "prod.py", Line: 3})
	c := catalogue(t, map[string]string{"x": write("x", "for: settings\nwhen: settings.DEBUG == true\nsubject: DEBUG\nanchor: settings.DEBUG\nmessage: m\n")})
	got, err := c.Evaluate(t.Context(), []Subject{{Kind: ForSettings, Identity: "prod", Path: "prod.py", Vars: map[string]*fact.Value{"settings": fact.DictOf(fact.Entry{Key: "DEBUG", Value: v})}}})
	if err != nil || len(got) != 1 {
		t.Fatal(got, err)
	}
	f := got[0].Finding
	want := []finding.Frame{{Path: "base.py", Line: 41, Symbol: "DEBUG"}, {Path: "prod.py", Line: 3, Symbol: "base"}}
	if f.Line != 41 || f.EndLine != 42 || !slices.Equal(f.Trace, want) || got[0].Value != v || len(got[0].Places) != 3 {
		t.Errorf("%+v", f)
	}
}

// TestOutcomesComeInOrder: by rule, then by subject.
func TestOutcomesComeInOrder(t *testing.T) {
	const body = "for: settings\nwhen: settings.A == null\nsubject: A\nmessage: m\n"
	c := catalogue(t, map[string]string{"b": write("b", body), "a": write("a", body), "c": write("c", "for: project\nwhen: project.django == null\nsubject: P\nmessage: m\n")})
	subject := func(name string) Subject {
		return Subject{Kind: ForSettings, Identity: name, Vars: map[string]*fact.Value{"settings": fact.DictOf()}}
	}
	got, err := c.Evaluate(t.Context(), []Subject{subject("two"), subject("one"), {Kind: ForProject, Vars: map[string]*fact.Value{"project": fact.DictOf()}}})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, o := range got {
		order = append(order, o.Rule.ID+" "+o.Identity)
	}
	if want := []string{"django/a two", "django/a one", "django/b two", "django/b one", "django/c "}; !slices.Equal(order, want) {
		t.Errorf("%q", order)
	}
}

// TestCostlyRulesFail: what takes too long is said, and the other rules go on.
func TestCostlyRulesFail(t *testing.T) {
	many := &fact.Value{Kind: fact.List}
	for i := range 3000 {
		many.Items = append(many.Items, fact.Of(fmt.Sprintf("%d %s", i, strings.Repeat("x", 200))))
	}
	settings := fact.DictOf(fact.Entry{Key: "MANY", Value: many})
	for name, when := range map[string]string{
		"nested macros":       `settings.MANY.all(a, settings.MANY.all(b, settings.MANY.all(c, a + b + c != "")))`,
		"comparing wholes":    `settings.MANY.all(a, settings.MANY == settings.MANY && a != "")`,
		"lists that double":   `[1].map(x, x) != [] && ` + strings.Repeat(`[[1]].map(x, x + x).exists(y, size(y) > 0) && `, 20) + "size(" + strings.Repeat("[", 30) + "1" + strings.Repeat("].map(x, x + x)", 30) + ") > 0 && settings.MANY.all(a, settings.MANY.all(b, true))",
		"patterns":            `settings.MANY.all(a, settings.MANY.all(b, b.matches("(x+x+)+y") == false))`,
		"texts that grow":     `settings.MANY.all(a, settings.MANY.all(b, a` + strings.Repeat(`.replace("x", "xxxxxxxxxx")`, 30) + ` == null))`,
		"an index of indices": `settings.MANY.all(a, settings.MANY.all(b, settings.MANY[0] != a + b))`,
	} {
		t.Run(name, func(t *testing.T) {
			got := outcomes(t, "for: settings\nwhen: '"+when+"'\nsubject: X\nmessage: m\n", settings)
			if len(got) != 1 || got[0] != "failed: the rule django/x could not be evaluated: its expression takes too long" {
				t.Errorf("%q", got)
			}
		})
	}
}

// TestEntriesShareTheirTime: a rule that is slow for each of many entries fails
// once, in the time that one may take.
func TestEntriesShareTheirTime(t *testing.T) {
	many := &fact.Value{Kind: fact.List}
	for i := range 500 {
		many.Items = append(many.Items, fact.Of(i))
	}
	start := time.Now()
	got := outcomes(t, "for: settings\neach: settings.MANY\nwhen: settings.MANY.all(a, settings.MANY.filter(b, b == a) != [])\nsubject: X {key}\nmessage: m\n", fact.DictOf(fact.Entry{Key: "MANY", Value: many}))
	if len(got) != 1 || !strings.HasPrefix(got[0], "failed: ") || time.Since(start) > 2*timeLimit {
		t.Errorf("%d outcomes after %v: %.200q", len(got), time.Since(start), got)
	}
}

func TestEvaluateEndsWithItsContext(t *testing.T) {
	c := catalogue(t, map[string]string{"x": write("x", "for: settings\nwhen: settings.A == null\nsubject: A\nmessage: m\n")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Evaluate(ctx, []Subject{{Kind: ForSettings}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
