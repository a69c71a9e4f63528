package secrets

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strings"
	"testing"

	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/report"

	"github.com/lintel-bot/lintel/rules"
)

// TestNearSpansMissNothing holds that running the rules on the lines around
// their keywords finds what running them on the whole file does: for every
// rule, strings made from its own pattern are planted in a file.
func TestNearSpansMissNothing(t *testing.T) {
	e, err := sharedEngine()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	planted := 0
	for _, id := range e.near.Config.OrderedRules {
		rule := e.near.Config.Rules[id]
		pattern, err := syntax.Parse(rule.Regex.String(), syntax.Perl)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		pattern = pattern.Simplify()
		for range 8 {
			var b strings.Builder
			generate(&b, random, pattern, 0)
			for _, around := range []string{"%s\n", "    call(\"%s\")\n", "x = '%s';"} {
				text := strings.Repeat("first = task(settings.name)\n", 40) + fmt.Sprintf(around, b.String()) +
					"\n" + strings.Repeat("last = test_api(word)\n", 40)
				whole := detected(findIn(context.Background(), e.near, "a.tf", text), id)
				if len(whole) == 0 {
					continue
				}
				planted++
				d, err := newDocument("a.tf", []byte(text))
				if err != nil {
					t.Fatal(err)
				}
				var near []string
				spans, _ := e.spans(d)
				for _, s := range spans {
					near = append(near, detected(findIn(context.Background(), e.near, "a.tf", d.text[s.start:s.end]), id)...)
				}
				if !slices.Equal(whole, near) {
					t.Errorf("%s: %d found in the whole file, %d near its keywords", id, len(whole), len(near))
				}
			}
		}
	}
	if planted < len(e.near.Config.OrderedRules) {
		t.Errorf("only %d strings were found at all, for %d rules", planted, len(e.near.Config.OrderedRules))
	}
}

// generate writes a string that a pattern matches, as far as one can without
// regard to word boundaries.
func generate(b *strings.Builder, r *rand.Rand, re *syntax.Regexp, depth int) {
	if depth > 40 {
		return
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			b.WriteRune(c)
		}
	case syntax.OpCharClass:
		for range 50 {
			i := 2 * r.IntN(len(re.Rune)/2)
			lo, hi := re.Rune[i], min(re.Rune[i+1], '~')
			if lo <= hi && lo >= ' ' {
				b.WriteRune(lo + rune(r.IntN(int(hi-lo)+1)))
				return
			}
		}
		b.WriteRune(' ')
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('a')
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range re.Sub {
			generate(b, r, sub, depth+1)
		}
	case syntax.OpAlternate:
		generate(b, r, re.Sub[r.IntN(len(re.Sub))], depth+1)
	case syntax.OpQuest:
		if r.IntN(2) == 0 {
			generate(b, r, re.Sub[0], depth+1)
		}
	case syntax.OpStar:
		for range r.IntN(3) {
			generate(b, r, re.Sub[0], depth+1)
		}
	case syntax.OpPlus:
		for range 1 + r.IntN(3) {
			generate(b, r, re.Sub[0], depth+1)
		}
	case syntax.OpRepeat:
		for range re.Min {
			generate(b, r, re.Sub[0], depth+1)
		}
	}
}

func detected(found []report.Finding, id string) []string {
	var out []string
	for _, f := range found {
		if f.RuleID == id {
			out = append(out, f.Secret)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Trap: the third time gitleaks' own loader extends its defaults in one
// process, it yields one rule.
func TestRulesLoadTheSameEveryTime(t *testing.T) {
	for i := range 4 {
		e, err := newEngine(config.DefaultConfig, rules.SecretsOverlay())
		if err != nil {
			t.Fatal(err)
		}
		if n := len(e.near.Config.Rules) + len(e.whole.Config.Rules); n < 190 {
			t.Fatalf("load %d has %d rules", i+1, n)
		}
	}
}

// Trap: gitleaks panics on a bad pattern, reads files named by extend, and
// ignores keys it does not know.
func TestBadRulesAreErrors(t *testing.T) {
	const rule = "[[rules]]\nid = \"x\"\nkeywords = [\"x\"]\n"
	for _, c := range []struct{ name, overlay, want string }{
		{"bad pattern", rule + "regex = '''('''\n", "bad pattern"},
		{"backreference", rule + "regex = '''(a)\\1'''\n", "bad pattern"},
		{"extend", "[extend]\nuseDefault = true\n", `unknown key "extend"`},
		{"unknown key", rule + "regex = '''x'''\nseverity = \"high\"\n", `unknown key "rules.severity"`},
		{"no keywords", "[[rules]]\nid = \"x\"\nregex = '''x'''\n", "no keywords"},
		{"unknown scope", rule + "regex = '''x'''\nscope = \"line\"\n", `unknown scope "line"`},
		{"same id", "[[rules]]\nid = \"jwt\"\nkeywords = [\"x\"]\nregex = '''x'''\n", "exists already"},
		{"drop of nothing", "[[drop]]\nids = [\"nosuch\"]\nreason = \"r\"\n", `unknown rule "nosuch"`},
		{"change of nothing", "[[change]]\nid = \"nosuch\"\nreason = \"r\"\n", `unknown rule "nosuch"`},
		{"drop without reason", "[[drop]]\nids = [\"jwt\"]\n", "no reason"},
		{"change without reason", "[[change]]\nid = \"jwt\"\n", "no reason"},
		{"bad group", rule + "regex = '''x'''\nsecretGroup = 3\n", "secret group"},
		{"bad condition", rule + "regex = '''x'''\n[[rules.allowlists]]\ncondition = \"xor\"\nregexes = ['''x''']\n", "condition"},
		{"bad target", rule + "regex = '''x'''\n[[rules.allowlists]]\nregexTarget = \"file\"\nregexes = ['''x''']\n", "target"},
		{"bad allowlist", rule + "regex = '''x'''\n[[rules.allowlists]]\npaths = ['''(''']\n", "bad pattern"},
		{"not TOML", "rules = [", "parsing the rule overlay"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := newEngine(config.DefaultConfig, c.overlay)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got error %v, want one with %q", err, c.want)
			}
		})
	}
}

// Trap: one of the patterns of gitleaks' global allowlist is anchored wrongly
// and hides keys that contain "false" or begin with "true".
func TestKeysWithTrueAndFalseAreFound(t *testing.T) {
	for _, value := range []string{"true8Kd0sLqPz3Vb7Nm2Xc5R", "Kd0sLqPz3falseVb7Nm2Xc5R", "Kd0sLqPz3Vb7Nm2Xc5Rnull"} {
		if found := scanText(t, "a.py", "API_TOKEN = '"+value+"'\n"); len(found) != 1 {
			t.Errorf("%d findings for a token with a truth value in it", len(found))
		}
	}
}

// Trap: on a last line without line feed gitleaks takes the whole fragment for
// the line, so that any allow comment in the file silences it.
func TestLastLineWithoutLineFeed(t *testing.T) {
	key := makeValue(t, rand.New(rand.NewPCG(1, 1)), "akia")
	found := scanText(t, "a.py", "x = 1  # gitleaks:allow\ny = 2\nz = '"+key+"'")
	if len(found) != 1 || found[0].Line != 3 || found[0].AllowComment != "" {
		t.Errorf("want one finding on line 3 without an allow comment, got\n%s", describe(found))
	}
}

// Trap: matches that begin on the line of a name, and Kubernetes manifests,
// are reported where the value is.
func TestLineIsThatOfTheValue(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct {
		path, text string
		line       int
	}{
		{"a.py", "discord_token =\n  '" + makeValue(t, random, "hex64") + "'\n", 2},
		{"s.yaml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\ndata:\n  a: b\n  password: aEc3a2t3MkxxCg==\n", 7},
		{"s.yaml", "kind: ConfigMap\n---\nkind: Secret\nstringData:\n  token: " + makeValue(t, random, "alnum32") + "\n", 5},
		{"a.py", "\n\nSECRET_KEY = env(\n    'KEY',\n    default='" + makeValue(t, random, "django") + "',\n)\n", 5},
		{"a.tf", "variable \"db_password\" {\n  type = string\n\n  default = \"hG7kkw2Lq\"\n}\n", 4},
		{"a.py", "a\n-----\n" + makeValue(t, random, "pem"), 3},
	} {
		found := scanText(t, c.path, c.text)
		if len(found) != 1 || found[0].Line != c.line {
			t.Errorf("want one finding on line %d of\n%s\ngot\n%s", c.line, c.text, describe(found))
		}
	}
}

// Trap: rules are a map, so what gitleaks returns has a random order.
func TestOrderIsFixed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for range 5 {
		for _, shape := range []string{"akia", "ghp", "slack-bot", "stripe-live", "sendgrid", "npm"} {
			fmt.Fprintf(&b, "call('%s')\n", makeValue(t, random, shape))
		}
	}
	want := describe(scanText(t, "a.py", b.String()))
	for range 20 {
		if got := describe(scanText(t, "a.py", b.String())); got != want {
			t.Fatalf("two scans differ:\n%s\n%s", want, got)
		}
	}
}

// Trap: pieces of a file joined into one text match across the joint. Here a
// name and a value that never stood together must not become a secret.
func TestNoMatchAcrossDistance(t *testing.T) {
	value := makeValue(t, rand.New(rand.NewPCG(1, 1)), "hex32")
	text := "discord =\n" + strings.Repeat("\n# nothing\n", 30) + "'" + value + "'\n"
	if found := scanText(t, "a.py", text); len(found) != 0 {
		t.Errorf("found\n%s", describe(found))
	}
}

// endingContext ends after it was asked a number of times.
type endingContext struct {
	context.Context
	asked, limit int
}

func (c *endingContext) Err() error {
	if c.asked++; c.asked > c.limit {
		return context.DeadlineExceeded
	}
	return nil
}

func (c *endingContext) Done() <-chan struct{} {
	if c.asked >= c.limit {
		closed := make(chan struct{})
		close(closed)
		return closed
	}
	return nil
}

// Trap: when its context ends, gitleaks returns what it has and no error. A
// scan that ends early must be an error at whatever moment, without findings.
func TestEndedContextIsAnError(t *testing.T) {
	s := newTestScanner(t)
	random := rand.New(rand.NewPCG(1, 1))
	var b strings.Builder
	for range 40 {
		fmt.Fprintf(&b, "call('%s')\n%s", makeValue(t, random, "akia"), strings.Repeat("pass\n", 60))
	}
	want, err := s.Scan(context.Background(), "a.py", []byte(b.String()))
	if err != nil || len(want) != 40 {
		t.Fatalf("%d findings, error %v", len(want), err)
	}
	errs := 0
	for limit := range 80 {
		found, err := s.Scan(&endingContext{Context: context.Background(), limit: limit}, "a.py", []byte(b.String()))
		if err == nil {
			if len(found) != len(want) {
				t.Fatalf("limit %d: %d of %d findings without an error", limit, len(found), len(want))
			}
			continue
		}
		errs++
		if !errors.Is(err, context.DeadlineExceeded) || found != nil {
			t.Fatalf("limit %d: error %v with %d findings", limit, err, len(found))
		}
	}
	if errs < 20 {
		t.Errorf("the context ended a scan only %d times", errs)
	}
}
