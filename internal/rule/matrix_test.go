package rule

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/lintel-bot/lintel/internal/fact"
)

// columns are the ways in which a fact may be known, by the setting that has it.
func columns() []string {
	return []string{
		"A",        // "a"
		"LIST",     // ["a", "b"]
		"OPENLIST", // ["a", …]
		"DICT2",    // {"k": "a"}
		"OPENDICT", // {"k": "a", …}
		"UNKNOWN",
		"SAME",     // "a" in either of two ways
		"DISAGREE", // "a" or "b"
		"FALLBACK", // from the environment, else "a"
		"REQUIRED", // from the environment
		"SECRET",
		"NOTHING", // null
		"MISSING", // given nowhere
	}
}

// matrix has a row for every operator, macro and function: what it answers to
// the fact of each column, t(rue), f(alse) or u(nknown). $ stands for the fact.
func matrix() map[string]string {
	const equalsA = "t f f f f u t u t u u f f"
	return map[string]string{
		//                         A L O D O U S D F R S N M
		`@ == "a"`:                equalsA,
		`"a" == @`:                equalsA,
		`@ != "a"`:                "f t t t t u f u f u u t t",
		`"a" != @`:                "f t t t t u f u f u u t t",
		`@ == ["a", "b"]`:         "f t u f f u f f f u f f f",
		`["a", "b"] == @`:         "f t u f f u f f f u f f f",
		`[@] == ["a"]`:            equalsA,
		`["a"] == [@]`:            equalsA,
		`@ == {"k": "a"}`:         "f f f t u u f f f u f f f",
		`{"k": "a"} == @`:         "f f f t u u f f f u f f f",
		`{"x": @} == {"x": "a"}`:  equalsA,
		`@ == null`:               "f f f f f u f f f u f t t",
		`null == @`:               "f f f f f u f f f u f t t",
		`@ in ["a", "b"]`:         "t f f f f u t t t u u f f",
		`@ in ["a"]`:              equalsA,
		`"a" in @`:                "t t t f u u t u t u u f f",
		`"z" in @`:                "f f u f u u f f f u u f f",
		`"k" in @`:                "f f u t t u f f f u u f f",
		`"a" in [@]`:              equalsA,
		`@ < "b"`:                 equalsA,
		`@ <= "b"`:                "t f f f f u t t t u u f f",
		`@ > "a"`:                 "f f f f f u f u f u u f f",
		`@ >= "a"`:                "t f f f f u t t t u u f f",
		`"b" > @`:                 equalsA,
		`@ < 1`:                   "f f f f f u f f f u f f f",
		`1 >= @`:                  "f f f f f u f f f u f f f",
		`@ + "x" == "ax"`:         equalsA,
		`"x" + @ == "xa"`:         equalsA,
		`@ + ["c"] == ["a", "c"]`: "f f u f f u f f f u u f f",
		`@ - 1 == null`:           "t t t t t u t t t u t t t",
		`@ * 2 == null`:           "t t t t t u t t t u t t t",
		`@ / 2 == null`:           "t t t t t u t t t u t t t",
		`@ % 2 == null`:           "t t t t t u t t t u t t t",
		`-@ == null`:              "t t t t t u t t t u t t t",
		`size(@) == 1`:            "t f u t u u t t t u f f f",
		`@.size() == 1`:           "t f u t u u t t t u f f f",
		`@.k == "a"`:              "f f f t t u f f f u f f f",
		`@["k"] == "a"`:           "f f f t t u f f f u f f f",
		`@.z == null`:             "t t t t u u t t t u t t t",
		`@.z.y == null`:           "t t t t u u t t t u t t t",
		`@[0] == "a"`:             "f t u f f u f f f u f f f",
		`@[-1] == "b"`:            "f t u f f u f f f u f f f",
		`@[7] == null`:            "t t u t t u t t t u t t t",
		`{"a": 1}[@] == 1`:        equalsA,
		`has(@)`:                  "t t t t t t t t t t t f f",
		`has(@.k)`:                "f f f t t u f f f u f f f",
		`has(@.z)`:                "f f f f u u f f f u f f f",
		`!(@ == "a")`:             "f t t t t u f u f u u t t",
		`@ == "a" && true`:        equalsA,
		`@ == "a" && false`:       "f f f f f f f f f f f f f",
		`false && @ == "a"`:       "f f f f f f f f f f f f f",
		`@ == "a" || true`:        "t t t t t t t t t t t t t",
		`@ == "a" || false`:       equalsA,
		`@ == "a" ? true : false`: equalsA,
		`true ? @ == "a" : true`:  equalsA,

		`@.exists(x, x == "a")`:           "f t t f u u f f f u f f f",
		`@.exists(x, x == "z")`:           "f f u f u u f f f u f f f",
		`@.exists(x, true)`:               "f t t t t u f f f u f f f",
		`@.exists(x, false)`:              "f f f f f f f f f f f f f",
		`["a", "b"].exists(x, x == @)`:    "t f f f f u t u t u u f f",
		`@.all(x, x != "z")`:              "t t u t u u t t t u t t t",
		`@.all(x, x == "z")`:              "t f f f f u t t t u t t t",
		`@.all(x, false)`:                 "t f f f f u t t t u t t t",
		`@.all(x, true)`:                  "t t t t t t t t t t t t t",
		`@.exists_one(x, x == "a")`:       "f t u f u u f f f u f f f",
		`@.filter(x, x == "a") == ["a"]`:  "f t u f u u f f f u f f f",
		`size(@.filter(x, true)) == 2`:    "f t u f u u f f f u f f f",
		`@.map(x, x) == ["a", "b"]`:       "f t u f u u f f f u f f f",
		`size(@.map(x, 1)) == 2`:          "f t u f u u f f f u f f f",
		`@.map(x, x == "a", x) == ["a"]`:  "f t u f u u f f f u f f f",
		`some(@).exists(x, x == "a")`:     "t f f f f u t t t u u f f",
		`some(@).all(x, x in ["a", "b"])`: "t f f f f u t t t u u f f",
		`@.startsWith("a")`:               equalsA,
		`"abc".startsWith(string(@))`:     equalsA,
		`@.endsWith("a")`:                 equalsA,
		`@.contains("a")`:                 equalsA,
		`@.matches("^a$")`:                equalsA,
		`@.matches("^[ab]$")`:             "t f f f f u t t t u u f f",
		`@.lowerAscii() == "a"`:           equalsA,
		`@.upperAscii() == "A"`:           equalsA,
		`@.trim() == "a"`:                 equalsA,
		`@.replace("a", "c") == "c"`:      equalsA,
		`@.split(",") == ["a"]`:           equalsA,
		`string(@) == "a"`:                equalsA,
		`int(@) == 1`:                     "f f f f f u f f f u u f f",
		`double(@) == 1.0`:                "f f f f f u f f f u u f f",
		`isSet(@)`:                        "t t t t t t t t t t t t f",
		`fromEnv(@)`:                      "f f f f f u f f t t f f f",
		`required(@)`:                     "f f f f f u f f f t f f f",
		`guarded(@)`:                      "f f f f f u f f f f f f f",
		`isLiteral(@)`:                    "t t t t t u t t t f t t f",
		`isSecret(@)`:                     "f f f f f u f f f f t f f",
		`weak(@)`:                         "t f f f f u t t t f t f f",
		`truthy(@)`:                       "t t t t t u t t t u t f f",
		`env(@) == "VARIABLE"`:            "f f f f f u f f t t f f f",
		`cast(@) == "str"`:                "f f f f f u f f t f f f f",
		`callee(@) == ""`:                 "t t t t t u t t t t t t t",
		`kind(@) == "string"`:             "t f f f f u t t t u t f f",
		`prefix(@) == ""`:                 "t t t t t u t t t t f t t",
		`length(@) == 1`:                  "t f u t u u t t t u f f f",
		`distinct(@) == 1`:                "t f f f f u t t t u f f f",
		`seconds(@) == 1`:                 "f f f f f u f f f u f f f",
		`path(@) == "a"`:                  equalsA,
		`show(@) == "\"a\""`:              "t f f f f f f f t f f f f",
		`before(@, "a", "b")`:             "f t u f f u f f f u f f f",
		`before(@, "b", "a")`:             "f f u f f u f f f u f f f",
		`before([@, "b"], "a", "b")`:      "t f f f f u t u t u u f f",
		`version(@, ">=", "4")`:           "u u u u u u u u u u u u u",
	}
}

func TestEveryOperatorMacroAndFunctionAgainstEveryKindOfFact(t *testing.T) {
	answers := map[string]fact.Tri{"t": fact.True, "f": fact.False, "u": fact.Undecided}
	settings := matrixFacts()
	for row, wants := range matrix() {
		for i, want := range strings.Fields(wants) {
			source := strings.ReplaceAll(row, "@", "settings."+columns()[i])
			e, mistakes := compile(source, compileOptions{truth: true})
			if len(mistakes) > 0 {
				t.Errorf("%s: %v", source, mistakes[0])
				break
			}
			got, missing, err := e.condition(t.Context(), scope{facts: map[string]*fact.Value{varSettings: settings}})
			if err != nil || got != answers[want] {
				t.Errorf("%s: %v, %v; want %s", source, got, err, want)
			}
			if (got == fact.Undecided) != (len(missing) > 0) {
				t.Errorf("%s: %v, and missing is %q", source, got, missing)
			}
		}
	}
}

// TestOneOfTwoAnswersWhatBothAnswer: whatever is asked of a value that is one of
// two, the answer is the one that they agree on.
func TestOneOfTwoAnswersWhatBothAnswer(t *testing.T) {
	answers := map[string]fact.Tri{"t": fact.True, "f": fact.False, "u": fact.Undecided}
	settings := matrixFacts()
	for row, wants := range matrix() {
		if strings.Contains(row, "some(") || strings.Contains(row, "show(") {
			continue // they ask about the ways themselves
		}
		e, mistakes := compile(strings.ReplaceAll(row, "@", "settings.X"), compileOptions{truth: true})
		if len(mistakes) > 0 {
			t.Fatal(mistakes[0])
		}
		want := strings.Fields(wants)
		for i, a := range columns() {
			for j, b := range columns() {
				agreed := answers[want[i]]
				if want[i] != want[j] {
					agreed = fact.Undecided
				}
				union := &fact.Value{Kind: fact.Union, Alternatives: []fact.Alternative{{Value: orNull(settings.Get(a)), Guard: "`A`"}, {Value: orNull(settings.Get(b)), Guard: "not `A`"}}}
				got, missing, err := e.condition(t.Context(), scope{facts: map[string]*fact.Value{varSettings: fact.DictOf(fact.Entry{Key: "X", Value: union})}})
				if err != nil || got != agreed || (got == fact.Undecided) != (len(missing) > 0) {
					t.Errorf("%s of %s or %s: %v, missing %q, %v; want %v", row, a, b, got, missing, err, agreed)
				}
			}
		}
	}
}

func orNull(f *fact.Value) *fact.Value {
	if f == nil {
		return fact.None()
	}
	return f
}

// matrixFacts has a setting for each column.
func matrixFacts() *fact.Value {
	settings := facts()
	settings.Entries = append(settings.Entries, fact.Entry{Key: "DICT2", Value: fact.DictOf(fact.Entry{Key: "k", Value: fact.Of("a")}).At(fact.Place{Path: "settings.py", Line: 9})})
	return settings
}

// TestEverythingOfferedIsTested: no operator, macro or function is offered that
// the matrix does not name.
func TestEverythingOfferedIsTested(t *testing.T) {
	env, err := environment()
	if err != nil {
		t.Fatal(err)
	}
	called := make(map[string]bool)
	var rows strings.Builder
	for row := range matrix() {
		rows.WriteString(row)
		tree, issues := env.Parse(strings.ReplaceAll(row, "@", "settings.A"))
		if issues.Err() != nil {
			t.Fatal(issues.Err())
		}
		rewrite(tree.NativeRep())
		ast.PostOrderVisit(tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
			if e.Kind() == ast.CallKind {
				called[e.AsCall().FunctionName()] = true
			}
		}))
	}
	for name := range env.Functions() {
		if name != operators.Index && !called[name] { // an index is rewritten
			t.Errorf("%s is offered and not tested", name)
		}
		if _, ours := operations()[name]; !ours && !slices.Contains([]string{
			operators.LogicalAnd, operators.LogicalOr, operators.Conditional, operators.NotStrictlyFalse, operators.Index, callRange, callEachWay,
		}, name) {
			t.Errorf("%s is CEL's own", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(operations())) {
		if _, ok := env.Functions()[name]; !ok {
			t.Errorf("%s is defined and not offered", name)
		}
	}
	for _, macro := range env.Macros() {
		if !strings.Contains(rows.String(), macro.Function()+"(") {
			t.Errorf("the macro %s is offered and not tested", macro.Function())
		}
	}
}
