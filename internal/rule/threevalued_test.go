package rule

import (
	"slices"
	"strings"
	"testing"

	"cel.dev/cel-go/common/types"

	"github.com/lintel-bot/lintel/internal/fact"
)

// facts are one of each way to be known in part.
func facts() *fact.Value {
	one, a, b := fact.Of(1), fact.Of("a"), fact.Of("b")
	place := fact.Place{Path: "settings.py", Line: 3}
	given := func(v *fact.Value) *fact.Value { return v.At(place) }
	open := func(v *fact.Value, missing string) *fact.Value {
		c := *v
		c.Open, c.Missing = true, []string{missing}
		return &c
	}
	fallback := func(v *fact.Value, guarded bool) *fact.Value {
		c := *v
		c.Env = &fact.Env{Names: []string{"VARIABLE"}, Cast: "str", Reader: "os.environ.get", Guarded: guarded}
		return &c
	}
	either := func(x, y *fact.Value) *fact.Value {
		return &fact.Value{Kind: fact.Union, Alternatives: []fact.Alternative{{Value: x, Guard: "`SWITCH` is set"}, {Value: y, Guard: "`SWITCH` is not set"}}}
	}
	secret := given(&fact.Value{Kind: fact.String, Secret: &fact.Secret{Kind: "django-secret-key", Digest: "d", Prefix: "django-insecure-", Length: 50, Distinct: 30, Weak: true}})
	entry := func(name string, v *fact.Value) fact.Entry { return fact.Entry{Key: name, Value: v} }
	return fact.DictOf(
		entry("ON", given(fact.Of(true))), entry("OFF", given(fact.Of(false))), entry("ONE", given(one)), entry("A", given(a)), entry("EMPTY", given(fact.Of(""))),
		entry("HALF", given(fact.Of(0.5))), entry("NOTHING", given(fact.None())), entry("UNKNOWN", given(fact.Missed("module local"))),
		entry("LIST", given(fact.ListOf(a, b))), entry("OPENLIST", given(open(fact.ListOf(a), "what extends it"))),
		entry("HOLED", given(fact.ListOf(a, fact.Missed("the second element")))), entry("NONE", given(fact.ListOf())),
		entry("DICT", given(fact.DictOf(entry("k", a), entry("z", fact.None())))), entry("OPENDICT", given(open(fact.DictOf(entry("k", a)), "what updates it"))),
		entry("AGREE", given(either(fact.ListOf(a, one), fact.ListOf(a, b)))), entry("DISAGREE", given(either(a, b))), entry("BOTHTRUE", given(either(one, a))),
		entry("MAYBEDICT", given(either(fact.DictOf(entry("k", a)), fact.DictOf()))),
		entry("FALLBACK", given(fallback(a, false))), entry("GUARDED", given(fallback(secret, true))),
		entry("REQUIRED", given(&fact.Value{Env: &fact.Env{Names: []string{"VARIABLE"}, Cast: "bool"}, Missing: []string{"environment variable VARIABLE"}})),
		entry("SECRET", secret), entry("OBJECT", given(&fact.Value{Kind: fact.Object, Text: "datetime.timedelta"})),
		entry("DEFAULT", &fact.Value{Kind: fact.Bool, Default: true}), entry("PERHAPS", fact.Missed("module local")),
		entry("VERSION", fact.Of("4.2.1")), entry("OPENNONE", given(open(fact.ListOf(), "what extends it"))), entry("KEY", given(fact.Of("k"))),
		entry("BIG", given(fact.Of(int64(1)<<62))), entry("NUMBERS", given(either(one, fact.Of(2)))), entry("DIGITS", given(fact.Of(" 42 "))),
		entry("TIME", given(&fact.Value{Kind: fact.Object, Text: "datetime.timedelta", Entries: []fact.Entry{entry("days", fact.Of(2)), entry("minutes", fact.Of(3))}})),
		entry("POSITIONAL", given(&fact.Value{Kind: fact.Object, Text: "datetime.timedelta", Items: []*fact.Value{one, fact.Of(0.5)}})),
		entry("OPENTIME", given(&fact.Value{Kind: fact.Object, Text: "datetime.timedelta", Entries: []fact.Entry{entry("days", fact.Missed("environment variable DAYS"))}})),
		entry("PATH", given(&fact.Value{Kind: fact.Object, Text: "pathlib.Path", Items: []*fact.Value{fact.Of("static/cache")}})), entry("OBJECT2", given(&fact.Value{Kind: fact.Object, Text: "shop.thing"})),
		entry("EITHERFALLBACK", given(fallback(either(a, b), false))), entry("LONGTEXT", given(fact.Of("postgres://db.internal/shop"))),
		entry("SAME", given(&fact.Value{Kind: fact.Union, Alternatives: []fact.Alternative{{Value: a.At(place), Guard: "`SWITCH` is set"}, {Value: given(fact.Of("a")), Guard: "`SWITCH` is not set"}}})),
	)
}

// TestEveryOperatorAgainstWhatIsNotKnown is the meaning of expressions: for each
// operator, macro and function, what it answers to facts that decide it, and to
// those that do not.
func TestEveryOperatorAgainstWhatIsNotKnown(t *testing.T) {
	const isUnknown = "unknown"
	for expression, want := range map[string]string{
		// ==
		`settings.A == "a"`: "true", `settings.A == "b"`: "false", `settings.A == 1`: "false", `settings.ONE == 1.0`: "true",
		`"a" == settings.A`: "true", `"b" == settings.A`: "false", `"a" == settings.UNKNOWN`: isUnknown, `"a" == settings.DISAGREE`: isUnknown,
		`settings.UNKNOWN == "a"`: isUnknown, `settings.NOTHING == null`: "true", `settings.MISSING == null`: "true", `null == settings.A`: "false",
		`settings.LIST == ["a", "b"]`: "true", `["a", "b"] == settings.LIST`: "true", `["a"] == settings.OPENLIST`: isUnknown,
		`settings.OPENLIST == ["a"]`: isUnknown, `["a", "b"] == settings.HOLED`: isUnknown, `["x", "b"] == settings.HOLED`: "false",
		`settings.DISAGREE == "a"`: isUnknown, `settings.DISAGREE == "c"`: "false", `settings.FALLBACK == "a"`: "true",
		`settings.REQUIRED == true`: isUnknown, `settings.SECRET == "x"`: isUnknown, `settings.SECRET == ""`: "false",
		`settings.SECRET == settings.SECRET`: "true", `settings.DICT == {"k": "a", "z": null}`: "true", `{"k": "a"} == settings.OPENDICT`: isUnknown,
		`settings.OBJECT == 1`: isUnknown, `[settings.A] == ["a"]`: "true", `[settings.UNKNOWN] == ["a"]`: isUnknown,
		// !=
		`settings.A != "b"`: "true", `"a" != settings.A`: "false", `settings.UNKNOWN != "a"`: isUnknown, `"a" != settings.OPENLIST`: "true",
		`["a"] != settings.OPENLIST`: isUnknown, `settings.NOTHING != null`: "false",
		// < <= > >=
		`settings.ONE < 2`: "true", `2 > settings.ONE`: "true", `settings.ONE >= 1`: "true", `settings.ONE <= 0`: "false", `settings.HALF < 1`: "true",
		`settings.UNKNOWN < 2`: isUnknown, `2 < settings.UNKNOWN`: isUnknown, `settings.NOTHING < 2`: "false", `settings.A < 2`: "false",
		`settings.A < "b"`: "true", `settings.SECRET < "b"`: isUnknown, `settings.REQUIRED > 1`: isUnknown, `settings.BOTHTRUE > 0`: isUnknown,
		// in
		`"a" in settings.LIST`: "true", `"c" in settings.LIST`: "false", `"a" in settings.OPENLIST`: "true", `"b" in settings.OPENLIST`: isUnknown,
		`"b" in settings.HOLED`: isUnknown, `"k" in settings.DICT`: "true", `"x" in settings.DICT`: "false", `"x" in settings.OPENDICT`: isUnknown,
		`"a" in settings.AGREE`: "true", `"b" in settings.AGREE`: isUnknown, `"c" in settings.AGREE`: "false", `"a" in settings.UNKNOWN`: isUnknown,
		`"a" in settings.NOTHING`: "false", `settings.A in ["a", "b"]`: "true", `settings.A in ["b"]`: "false", `settings.UNKNOWN in ["a"]`: isUnknown,
		`settings.DISAGREE in ["a", "b"]`: "true", `settings.DISAGREE in ["a"]`: isUnknown, `settings.A in settings.OPENLIST`: "true",
		// size
		`size(settings.LIST) == 2`: "true", `size(settings.OPENLIST) == 1`: isUnknown, `settings.LIST.size() == 2`: "true", `size(settings.NONE) == 0`: "true",
		`size(settings.AGREE) == 2`: "true", `size(settings.UNKNOWN) == 0`: isUnknown, `size(settings.NOTHING) == 0`: "true", `size(settings.SECRET) == 50`: "true",
		`size(settings.DICT) > 1`: "true", `size(settings.OPENDICT) > 0`: isUnknown,
		// fields and indices
		`settings.DICT.k == "a"`: "true", `settings["DICT"]["k"] == "a"`: "true", `settings.DICT.x == null`: "true", `settings.DICT.x.y.z == null`: "true",
		`settings.OPENDICT.k == "a"`: "true", `settings.OPENDICT.x == null`: isUnknown, `settings.UNKNOWN.x == 1`: isUnknown, `settings.MAYBEDICT.k == "a"`: isUnknown,
		`settings.MAYBEDICT.k == "b"`: "false", `settings.LIST[0] == "a"`: "true", `settings.LIST[-1] == "b"`: "true", `settings.LIST[9] == null`: "true",
		`settings.OPENLIST[0] == "a"`: isUnknown, `settings.UNKNOWN[0] == "a"`: isUnknown,
		// has
		`has(settings.A)`: "true", `has(settings.MISSING)`: "false", `has(settings.DICT.k)`: "true", `has(settings.DICT.x)`: "false", `has(settings.DICT.z)`: "false",
		`has(settings.OPENDICT.x)`: isUnknown, `has(settings.MAYBEDICT.k)`: isUnknown, `has(settings.UNKNOWN.x)`: isUnknown,
		// && || ! ?:
		`settings.UNKNOWN == 1 && settings.A == "b"`: "false", `settings.A == "b" && settings.UNKNOWN == 1`: "false", `settings.UNKNOWN == 1 && settings.A == "a"`: isUnknown,
		`settings.UNKNOWN == 1 || settings.A == "a"`: "true", `settings.UNKNOWN == 1 || settings.A == "b"`: isUnknown, `!(settings.UNKNOWN == 1)`: isUnknown,
		`!(settings.A == "b")`: "true", `settings.UNKNOWN == 1 ? true : false`: isUnknown, `settings.A == "a" ? settings.LIST[0] == "a" : false`: "true",
		// what may be there is not taken for what is
		`settings.OPENNONE.exists(x, true)`: isUnknown, `settings.OPENNONE.all(x, false)`: isUnknown, `size(settings.OPENLIST.map(x, 1)) == 2`: isUnknown,
		`settings.OPENNONE.exists(x, x == "a" || settings.ON == true)`: isUnknown, `settings.OPENLIST.filter(x, true) == ["a"]`: isUnknown,
		`settings.OPENLIST.all(x, x == "a" || settings.ON == true)`: "true", `settings.OPENLIST.exists(x, settings.OFF == true)`: "false",
		`settings.LIST.exists(x, settings.OPENLIST.exists(y, y == x))`: "true", `settings.LIST.all(x, settings.OPENLIST.exists(y, y == x))`: isUnknown,
		`settings.LIST.all(x, settings.LIST.exists(y, y == x))`: "true", `settings.OPENNONE.exists(x, settings.LIST.exists(y, y == "a"))`: isUnknown,
		// of a list that is one of two, each is gone over
		`settings.AGREE.exists(x, x == "c")`: "false", `settings.AGREE.all(x, x != "c")`: "true", `settings.AGREE.filter(x, x == "a") == ["a"]`: "true", `size(settings.AGREE.map(x, x)) == 2`: "true",
		`settings.AGREE.map(x, x) == ["a", "b"]`: isUnknown, `settings.AGREE.exists(x, settings.AGREE.exists(y, x == y && y == "a"))`: "true", `settings.LIST.all(x, settings.AGREE.exists(y, y == "a"))`: "true",
		`settings.AGREE.map(x, x).exists(y, y == "a")`: "true", `settings.MAYBEDICT.exists(k, k == "z")`: "false", `settings.MAYBEDICT.exists(k, k == "k")`: isUnknown,
		// by a fact
		`settings.DICT[settings.KEY] == "a"`: "true", `settings.DICT[settings.UNKNOWN] == "a"`: isUnknown, `settings.LIST[settings.ONE] == "b"`: "true",
		`{"a": 1, "b": 2}[settings.A] == 1`: "true", `{"a": 1}[settings.DISAGREE] == 1`: isUnknown, `{"a": 1, "b": 1}[settings.DISAGREE] == 1`: "true",
		`settings.DICT.exists(k, settings.DICT[k] == "a")`: "true", `settings.OPENDICT.all(k, settings.OPENDICT[k] == "a")`: isUnknown,
		// numbers
		`settings.ONE + 1 == 2`: "true", `settings.ONE - 1 == 0`: "true", `settings.ONE * 60 * 60 == 3600`: "true", `settings.ONE / 2 == 0`: "true", `settings.ONE % 2 == 1`: "true",
		`-settings.ONE == -1`: "true", `settings.HALF + 1 == 1.5`: "true", `settings.HALF * 2 == 1`: "true", `settings.A + 1 == null`: "true", `settings.A - 1 == null`: "true",
		`settings.ONE / 0 == null`: "true", `settings.ONE % 0 == null`: "true", `settings.HALF / 0.0 == null`: "true", `settings.BIG * 2 == null`: "true", `settings.BIG + settings.BIG == null`: "true",
		`-settings.BIG - settings.BIG - 1 == null`: "true", `settings.UNKNOWN + 1 == 2`: isUnknown, `1 + settings.REQUIRED == 2`: isUnknown, `settings.UNKNOWN * 0 == 0`: isUnknown, `-settings.UNKNOWN == 1`: isUnknown,
		`settings.NUMBERS * 2 > 1`: "true", `settings.NUMBERS - 1 == 0`: isUnknown, `settings.NOTHING + 1 > 0`: "false", `settings.ONE % 2.0 == 1.0`: "true",
		`int(settings.DIGITS) == 42`: "true", `int(settings.HALF) == 0`: "true", `int(settings.ON) == 1`: "true", `double(settings.DIGITS) > 41.5`: "true", `string(settings.ONE) == "1"`: "true",
		`string(settings.ON) == "True"`: "true", `string(settings.NOTHING) == "a"`: "false", `int(settings.UNKNOWN) == 1`: isUnknown, `double(settings.ONE) == 1.0`: "true",
		// lists and texts that are put together
		`settings.LIST + ["c"] == ["a", "b", "c"]`: "true", `"c" in settings.OPENLIST + ["c"]`: "true", `"z" in settings.OPENLIST + ["c"]`: isUnknown, `["c"] + settings.LIST == ["c", "a", "b"]`: "true",
		`settings.A + "b" == "ab"`: "true", `"x" + settings.DISAGREE in ["xa", "xb"]`: "true", `settings.SECRET + "x" == "x"`: isUnknown, `settings.LIST + settings.NOTHING == null`: "true",
		`settings.VERSION.split(".")[0] == "4"`: "true", `settings.VERSION.replace(".", "") == "421"`: "true", `settings.UNKNOWN.split(".")[0] == "4"`: isUnknown,
		// a fallback that is a union is a fallback in each of its ways
		`fromEnv(settings.EITHERFALLBACK)`: "true", `env(settings.EITHERFALLBACK) == "VARIABLE"`: "true", `isLiteral(settings.EITHERFALLBACK)`: "true",
		`some(settings.EITHERFALLBACK).exists(x, fromEnv(x) && x == "b")`: "true",
		// what is not there, and what may not be
		`isSet(settings.UNKNOWN.x)`: isUnknown, `isSet(settings.REQUIRED.x)`: isUnknown, `fromEnv(settings.REQUIRED.x)`: "true", `isLiteral(settings.REQUIRED.x)`: "false", `isSet(settings.MAYBEDICT.k)`: isUnknown,
		`has(settings.OBJECT.x)`: isUnknown, `has(settings.REQUIRED)`: "true", `fromEnv(settings.PERHAPS)`: isUnknown, `required(settings.PERHAPS)`: isUnknown, `weak(settings.PERHAPS)`: isUnknown,
		`guarded(settings.PERHAPS)`: isUnknown, `weak(settings.A)`: "true", `weak(settings.LONGTEXT)`: "false", `version("4.2", "<", "4.10")`: "true", `version(settings.NOTHING, "<", "5")`: isUnknown,
		// times and paths
		`seconds(settings.ONE) == 1`: "true", `seconds(settings.HALF) < 1`: "true", `seconds(settings.TIME) == 2 * 86400 + 3 * 60`: "true", `seconds(settings.POSITIONAL) == 86400.5`: "true",
		`seconds(settings.OPENTIME) > 1`: isUnknown, `seconds(settings.OBJECT2) > 1`: isUnknown, `seconds(settings.NOTHING) > 1`: "false", `seconds(settings.NUMBERS) >= 1`: "true",
		`path(settings.PATH) == "static/cache"`: "true", `path(settings.PATH).startsWith(path(settings.A))`: "false", `path(settings.OBJECT2) == "a"`: isUnknown,
		`show(1) == "1"`: "true", `isSet("a")`: "true", `uses`: "false",
		// macros
		`settings.LIST.exists(x, x == "a")`: "true", `settings.LIST.exists(x, x == "c")`: "false", `settings.OPENLIST.exists(x, x == "a")`: "true",
		`settings.OPENLIST.exists(x, x == "b")`: isUnknown, `settings.HOLED.exists(x, x == "b")`: isUnknown, `settings.UNKNOWN.exists(x, x == "b")`: isUnknown,
		`settings.NOTHING.exists(x, x == 1)`: "false", `settings.AGREE.exists(x, x == "a")`: "true", `settings.AGREE.exists(x, x == "b")`: isUnknown,
		`settings.LIST.all(x, x != "c")`: "true", `settings.LIST.all(x, x == "a")`: "false", `settings.OPENLIST.all(x, x == "a")`: isUnknown,
		`settings.OPENLIST.all(x, x == "b")`: "false", `settings.NONE.all(x, x == 1)`: "true", `settings.UNKNOWN.all(x, x == 1)`: isUnknown,
		`settings.LIST.exists_one(x, x == "a")`: "true", `settings.OPENLIST.exists_one(x, x == "a")`: isUnknown,
		`settings.LIST.filter(x, x == "a") == ["a"]`: "true", `settings.OPENLIST.filter(x, x == "a") == ["a"]`: isUnknown, `settings.LIST.map(x, x) == ["a", "b"]`: "true",
		`size(settings.OPENLIST.map(x, x)) == 2`: isUnknown, `settings.DICT.exists(k, k == "k")`: "true", `settings.OPENDICT.exists(k, k == "x")`: isUnknown,
		`settings.DICT.all(k, settings.DICT[k] != "b")`: "true",
		// texts
		`settings.A.startsWith("a")`: "true", `settings.A.endsWith("b")`: "false", `settings.A.contains("a")`: "true", `settings.A.matches("^a$")`: "true",
		`settings.UNKNOWN.startsWith("a")`: isUnknown, `settings.NOTHING.startsWith("a")`: "false", `settings.ON.endsWith("a")`: "false", `settings.SECRET.contains("a")`: isUnknown,
		`settings.UNKNOWN.matches("a")`: isUnknown, `settings.DISAGREE.matches("^[ab]$")`: "true", `settings.DISAGREE.contains("a")`: isUnknown,
		`settings.A.lowerAscii() == "a"`: "true", `settings.UNKNOWN.lowerAscii() == "a"`: isUnknown, `settings.A.upperAscii().startsWith("A")`: "true",
		`settings.DISAGREE.upperAscii() in ["A", "B"]`: "true", `settings.REQUIRED.endsWith("x")`: isUnknown,
		// how a value is given
		`isSet(settings.A)`: "true", `isSet(settings.MISSING)`: "false", `isSet(settings.DEFAULT)`: "false", `isSet(settings.PERHAPS)`: isUnknown, `isSet(settings.UNKNOWN)`: "true",
		`isSet(settings.OPENDICT.x)`: isUnknown, `isSet(settings.REQUIRED)`: "true",
		`fromEnv(settings.FALLBACK)`: "true", `fromEnv(settings.A)`: "false", `fromEnv(settings.REQUIRED)`: "true", `env(settings.FALLBACK) == "VARIABLE"`: "true", `env(settings.A) == ""`: "true",
		`required(settings.REQUIRED)`: "true", `required(settings.FALLBACK)`: "false", `guarded(settings.GUARDED)`: "true", `guarded(settings.FALLBACK)`: "false",
		`cast(settings.REQUIRED) == "bool"`: "true", `cast(settings.A) == ""`: "true",
		`isLiteral(settings.A)`: "true", `isLiteral(settings.SECRET)`: "true", `isLiteral(settings.REQUIRED)`: "false", `isLiteral(settings.UNKNOWN)`: isUnknown, `isLiteral(settings.DEFAULT)`: "false",
		`isLiteral(settings.OBJECT)`: "false", `isLiteral(settings.MISSING)`: "false",
		`isSecret(settings.SECRET)`: "true", `isSecret(settings.A)`: "false", `isSecret(settings.UNKNOWN)`: isUnknown, `isSecret(settings.REQUIRED)`: "false", `weak(settings.SECRET)`: "true",
		`length(settings.SECRET) < 60`: "true", `length(settings.UNKNOWN) < 60`: isUnknown, `distinct(settings.SECRET) == 30`: "true", `distinct(settings.A) == 1`: "true", `distinct(settings.UNKNOWN) == 1`: isUnknown,
		`prefix(settings.SECRET) == "django-insecure-"`: "true", `prefix(settings.A) == ""`: "true",
		`truthy(settings.ON)`: "true", `truthy(settings.EMPTY)`: "false", `truthy(settings.UNKNOWN)`: isUnknown, `truthy(settings.BOTHTRUE)`: "true", `truthy(settings.NOTHING)`: "false",
		`truthy(settings.OPENLIST)`: "true", `truthy(settings.REQUIRED)`: isUnknown,
		`kind(settings.A) == "string"`: "true", `kind(settings.UNKNOWN) == "string"`: isUnknown, `kind(settings.DISAGREE) == "string"`: "true", `kind(settings.BOTHTRUE) == "string"`: isUnknown, `kind(settings.NOTHING) == "null"`: "true",
		`callee(settings.OBJECT) == "datetime.timedelta"`: "true", `callee(settings.A) == ""`: "true", `callee(settings.UNKNOWN) == ""`: isUnknown,
		`some(settings.DISAGREE).exists(x, x == "a")`: "true", `some(settings.DISAGREE).exists(x, x == "c")`: "false", `some(settings.A).exists(x, x == "a")`: "true", `some(settings.UNKNOWN).exists(x, x == "a")`: isUnknown,
		`show(settings.SECRET) == "a literal of 50 characters"`: "true", `show(settings.UNKNOWN) == "not known"`: "true",
		`version(settings.VERSION, ">=", "4.2")`: "true", `version(settings.VERSION, "<", "4.2")`: "false", `version(settings.VERSION, "==", "4")`: "true", `version(settings.UNKNOWN, ">", "1")`: isUnknown,
	} {
		e, mistakes := compile(expression, compileOptions{})
		if len(mistakes) > 0 {
			t.Errorf("%s: %v", expression, mistakes[0])
			continue
		}
		out, missing, err := e.evaluate(t.Context(), scope{facts: map[string]*fact.Value{varSettings: facts()}})
		got := isUnknown
		switch {
		case err != nil:
			got = err.Error()
		case out.Type() != types.UnknownType:
			got = strings.ToLower(string(out.ConvertToType(types.StringType).(types.String)))
		case len(missing) == 0 && !strings.Contains(expression, "SECRET"):
			t.Errorf("%s: unknown, and nothing says why", expression)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", expression, got, want)
		}
	}
}

func TestUnknownSaysWhatIsMissing(t *testing.T) {
	for expression, want := range map[string][]string{
		`settings.UNKNOWN == 1`:                             {"module local"},
		`settings.REQUIRED == true`:                         {"environment variable VARIABLE"},
		`settings.DISAGREE == "a"`:                          {"whether `SWITCH` is set", "whether `SWITCH` is not set"},
		`"b" in settings.OPENLIST`:                          {"what extends it"},
		`settings.OPENLIST.exists(x, x == "b")`:             {"what extends it"},
		`settings.UNKNOWN == 1 && "b" in settings.OPENLIST`: {"module local", "what extends it"},
		`settings.A == "a" && "b" in settings.OPENLIST`:     {"what extends it"},
		`settings.OPENDICT.x == 1 || settings.UNKNOWN == 1`: {"what updates it", "module local"},
	} {
		e, mistakes := compile(expression, compileOptions{truth: true})
		if len(mistakes) > 0 {
			t.Fatal(mistakes[0])
		}
		holds, missing, err := e.condition(t.Context(), scope{facts: map[string]*fact.Value{varSettings: facts()}})
		slices.Sort(missing)
		slices.Sort(want)
		if err != nil || holds != fact.Undecided || !slices.Equal(missing, want) {
			t.Errorf("%s: %v, missing %q, %v; want %q", expression, holds, missing, err, want)
		}
	}
}

func TestEvaluationIsBounded(t *testing.T) {
	many := &fact.Value{Kind: fact.List}
	for i := range 3000 {
		many.Items = append(many.Items, fact.Of(i))
	}
	e, mistakes := compile(`settings.MANY.all(a, settings.MANY.all(b, settings.MANY.all(c, a + b + c >= 0)))`, compileOptions{truth: true})
	if len(mistakes) > 0 {
		t.Fatal(mistakes[0])
	}
	_, _, err := e.condition(t.Context(), scope{facts: map[string]*fact.Value{varSettings: fact.DictOf(fact.Entry{Key: "MANY", Value: many})}})
	if err == nil {
		t.Error("27,000,000,000 steps are taken")
	}
}
