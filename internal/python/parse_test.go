package python

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write the golden files")

// TestTrees: testdata/*.py against the dumps beside them.
func TestTrees(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.py")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			f := parse(t, string(source))
			golden := strings.TrimSuffix(path, ".py") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(dump(f)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got := dump(f); got != string(want) {
				t.Errorf("%s reads as (run with -update to keep it):\n%s", path, got)
			}
			decoded, err := Decode(f.Encode())
			if err != nil {
				t.Fatal(err)
			}
			if dump(decoded) != dump(f) {
				t.Error("the tree changes when it is encoded and decoded")
			}
			summary, err := DecodeSummary(f.Encode())
			if err != nil || !slices.Equal(summary.Uses, f.Summary().Uses) || !slices.Equal(summary.Imports, f.Summary().Imports) {
				t.Errorf("the summary alone is %+v, %v", summary, err)
			}
		})
	}
}

func parse(t testing.TB, source string, secrets ...SecretSpan) *File {
	t.Helper()
	f, err := Parse(t.Context(), []byte(source), secrets)
	if err != nil {
		t.Fatalf("%v in %.200q", err, source)
	}
	return f
}

// value returns the first assigned value.
func value(t testing.TB, source string, secrets ...SecretSpan) Node {
	t.Helper()
	for n := range parse(t, source, secrets...).Module().Children() {
		if n.Is(KindAssign) {
			return n.Child(RoleValue)
		}
	}
	t.Fatalf("no assignment in %q", source)
	return Node{}
}

func TestStrings(t *testing.T) {
	for source, want := range map[string]string{
		`"a"`:                    "a",
		`'it\'s'`:                "it's",
		`"a" 'b' "c"`:            "abc",
		"(\"a\"\n    \"b\")":     "ab",
		`r"\d+\n"`:               `\d+\n`,
		`r'\\'`:                  `\\`,
		`r'a\'b\\'`:              `a\'b\\`,
		`"\x41\u00e9\101\n"`:     "AéA\n",
		`"\N{BULLET}"`:           `\N{BULLET}`,
		`"\d"`:                   `\d`,
		"\"a\\\nb\"":             "ab",
		`"""x"y"""`:              `x"y`,
		`u"é"`:                   "é",
		`""`:                     "",
		`"\ud800"`:               "\uFFFD",
		`f"{{x}}"`:               "{x}",
		"\"\"\"one\r\ntwo\"\"\"": "one\ntwo",
	} {
		n := value(t, "x = "+source+"\n")
		if n.Text() != want || !n.Is(KindString) {
			t.Errorf("%s is %v %q, want %q", source, n.Kind(), n.Text(), want)
		}
	}
	if n := value(t, `x = b"\x41\u0041"`); !n.Is(KindBytes) || n.Text() != `A\u0041` {
		t.Errorf("bytes read as %v %q", n.Kind(), n.Text())
	}
	if n := value(t, "x = "+`"`+strings.Repeat("y", maxText+1)+`"`); !n.Has(FlagLong) || len(n.Text()) != maxText {
		t.Errorf("a long string keeps %d bytes, flag %v", len(n.Text()), n.Has(FlagLong))
	}
}

// TestSecretsAreNotHeld: what overlaps a secret is neither in the tree nor in
// what is stored of it.
func TestSecretsAreNotHeld(t *testing.T) {
	const secret = "correct-horse"
	for _, tc := range []struct{ name, source, masked string }{
		{"the whole literal", `x = "correct-horse"`, ""},
		{"a part of a URL", `x = "postgres://shop:correct-horse@db/shop"`, "postgres://shop:***@db/shop"},
		{"twice", `x = "correct-horse and correct-horse"`, "*** and ***"},
		{"beside another", `x = "a" "correct-horse"`, ""},
		{"in a docstring", "\"\"\"correct-horse\"\"\"\nx = 1", ""},
		{"in a comment", "# correct-horse\nx = 1", ""},
		{"in an f-string", `x = f"{a}correct-horse{b}"`, ""},
		{"bytes", `x = b"correct-horse"`, ""},
		{"raw", `x = r"\\correct-horse\\"`, `\\***\\`},
		{"beside what looks like it", `x = "user:correct-horse:correct-"`, "user:***:correct-"},
		{"as the user's name, too", `x = "smtp://correct-horse:correct-horse@mail"`, "smtp://***:***@mail"},
		{"with escapes around it", `x = "\tcorrect-horse"`, ""},
		{"without quotes", "x = correct-horse", ""},
		{"a format", `x = f"{a:correct-horse}"`, ""},
		{"in a pattern", "match a:\n  case 'correct-horse': pass\nx = 1", ""},
		{"in broken code", "x = 'correct-horse\ny = (", ""},
		{"in an alias", "import a as correct-horse\nx = 1", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			start := strings.Index(tc.source, secret)
			span := SecretSpan{start, start + len(secret), Secret{Kind: "password", Digest: "d", Length: len(secret)}}
			f := parse(t, tc.source, span)
			if strings.Contains(dump(f), secret) || strings.Contains(string(f.Encode()), secret) {
				t.Errorf("the secret is held:\n%s", dump(f))
			}
			if got := value(t, tc.source, span).Masked(); got != tc.masked {
				t.Errorf("masked %q, want %q", got, tc.masked)
			}
		})
	}
	// Several secrets in one literal, and one that reaches over its end.
	n := value(t, `x = "a:one@b,c:two@d"`, SecretSpan{7, 10, Secret{}}, SecretSpan{15, 18, Secret{}})
	if n.Masked() != "a:***@b,c:***@d" {
		t.Errorf("two secrets: %q", n.Masked())
	}
	if n := value(t, `x = "user:pass"`, SecretSpan{10, 40, Secret{}}); n.Masked() != "user:***" {
		t.Errorf("a secret that ends elsewhere: %q", n.Masked())
	}
	if n := value(t, `x = 12345678`, SecretSpan{4, 12, Secret{}}); !n.Is(KindOther) {
		t.Errorf("a number: %v", n.Kind())
	}
}

func TestBrokenCodeGivesFactsForTheRest(t *testing.T) {
	f := parse(t, "A = 1\ndef broken(:\n    pass\n\nB = 2\n")
	if len(f.Broken()) == 0 {
		t.Error("nothing is called broken")
	}
	for _, name := range []string{"A", "B"} {
		if !slices.ContainsFunc(f.Summary().Names, func(r Reference) bool { return r.Name == name }) {
			t.Errorf("%s is not known: %+v", name, f.Summary().Names)
		}
	}
	if f := parse(t, "A = 1\n"); len(f.Broken()) != 0 {
		t.Errorf("sound code is broken at %v", f.Broken())
	}
}

func TestBounds(t *testing.T) {
	for name, tc := range map[string]struct {
		source string
		want   error
	}{
		"lists":            {strings.Repeat("[", 5000) + strings.Repeat("]", 5000), ErrTooDeep},
		"open lists":       {strings.Repeat("[", 200_000), nil},
		"not":              {"x = " + strings.Repeat("not ", 50_000) + "y", ErrTooDeep},
		"attributes":       {"x = a" + strings.Repeat(".b", 100_000), ErrTooDeep},
		"a long sum":       {"x = 1" + strings.Repeat(" + 1", 2000), nil},
		"an endless sum":   {"x = 1" + strings.Repeat(" + 1", 100_000), ErrTooDeep},
		"elif":             {"if a:\n  b\n" + strings.Repeat("elif a:\n  b\n", 20_000), ErrTooDeep},
		"a long name":      {"match a:\n  case a" + strings.Repeat(".b", 100_000) + ": pass", ErrTooDeep},
		"many chains":      {strings.Repeat("x = a"+strings.Repeat(".b", 2900)+"()\n", 300), nil},
		"indented blocks":  {indented(2000), nil},
		"nested f-strings": {strings.Repeat("f'{", 200_000), nil},
		"unary":            {"x = " + strings.Repeat("-", 500_000) + "1", ErrTooDeep},
		"too large":        {strings.Repeat("#", MaxSource+1), ErrTooLarge},
		"20 MB":            {strings.Repeat("x = 1\n", 3_500_000), ErrTooLarge},
		"one long line":    {"x = [" + strings.Repeat("1,", 500_000) + "]", nil},
		"no Python":        {strings.Repeat("}{)(\x00'\"", 50_000), nil},
		"nothing":          {"", nil},
		"only a new line":  {"\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			f, err := Parse(ctx, []byte(tc.source), nil)
			// Without a bound that is known beforehand, either end is a good one.
			if tc.want == nil && err != nil && !errors.Is(err, ErrTooDeep) && !errors.Is(err, ErrTooLarge) || tc.want != nil && !errors.Is(err, tc.want) {
				t.Fatalf("error %v, want %v", err, tc.want)
			}
			if err == nil {
				if _, err := Decode(f.Encode()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if _, err := Parse(t.Context(), []byte("x = 1"+strings.Repeat(" + 1", 2000)), nil); err != nil {
		t.Errorf("a sum of 2,000 terms, as generated code has: %v", err)
	}
}

// indented nests so many blocks.
func indented(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "if a:\n")
	}
	b.WriteString(strings.Repeat(" ", n) + "pass\n")
	return b.String()
}

// TestChainsThatPeopleWrite: what is long but no attack is read.
func TestChainsThatPeopleWrite(t *testing.T) {
	for name, source := range map[string]string{
		"elif":     "if a:\n  b\n" + strings.Repeat("elif a:\n  b\n", 1000) + "else:\n  c\n",
		"sum":      "x = \"a\"" + strings.Repeat(" + \"a\"", 2000),
		"strings":  "x = (" + strings.Repeat("\"a\"\n", 5000) + ")",
		"list":     "x = [" + strings.Repeat("1, ", 20_000) + "]",
		"calls":    "x = a" + strings.Repeat(".b()", 500),
		"brackets": "x = " + strings.Repeat("(", 190) + "1" + strings.Repeat(")", 190),
		"blocks":   indented(90),
	} {
		f, err := Parse(t.Context(), []byte(source), nil)
		if err != nil || len(f.Broken()) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDottedNames(t *testing.T) {
	for source, want := range map[string]string{
		"x = a": "a", "x = a.b.c": "a.b.c", "x = a().b": "", "x = a[0].b": "", "x = 1": "",
		"x = a" + strings.Repeat(".b", maxDotted-1): "a" + strings.Repeat(".b", maxDotted-1),
		"x = a" + strings.Repeat(".b", maxDotted):   "",
	} {
		if got := value(t, source).Dotted(); got != want {
			t.Errorf("%s is %q, want %q", source, got, want)
		}
	}
}

func TestAClosedParserReadsNothing(t *testing.T) {
	p, err := NewParser()
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	p.Close()
	if _, err := p.Parse(t.Context(), []byte("x = 1\n"), nil); err == nil {
		t.Error("it reads")
	}
}

func TestTimeIsBounded(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := Parse(ctx, []byte(strings.Repeat("x = [1, 2, {3: 4}]\n", 100_000)), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want that the time is over", err)
	}
}
