package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

// TestLargeChangeIsScannedWhole goes beyond what GitHub's own diff API gives:
// 3,000 files and 20,000 lines.
func TestLargeChangeIsScannedWhole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	files := map[string]string{}
	for n := range 3500 {
		files[fmt.Sprintf("shop/part%02d/module%04d.py", n%50, n)] = fmt.Sprintf("def f%d(x):\n    y = x + %d\n    return y\n", n, n)
	}
	var long strings.Builder
	for n := range 30000 {
		fmt.Fprintf(&long, "VALUE_%d = %d\n", n, n)
	}
	// One key at the very end of each list: where a cut would lose it.
	files["shop/zz_last.py"] = "SECRET_KEY = " + quoted(djangoKey(1)) + "\n"
	files["shop/long.py"] = long.String() + "SECRET_KEY = " + quoted(djangoKey(2)) + "\n"
	pull := w.propose("large", files)
	check := w.check(pull)
	if check.Conclusion != "failure" || !strings.Contains(check.Title, "3,502 files") && !strings.Contains(check.Title, "3502 files") {
		t.Errorf("check %s: %s", check.Conclusion, check.Title)
	}
	if strings.Contains(check.Summary, "Not scanned") {
		t.Errorf("something was not scanned:\n%s", check.Summary)
	}
	places := map[string]int{}
	for _, c := range pull.Comments() {
		places[c.Path] = c.Line
	}
	// GitHub draws no diff of a file with so many changed lines and refuses
	// comments on it: that finding becomes an annotation.
	for _, a := range check.Annotations {
		places[a.Path] = a.StartLine
	}
	if len(places) != 2 || places["shop/zz_last.py"] != 1 || places["shop/long.py"] != 30001 {
		t.Errorf("comments at %v; annotations %+v; the check says\n%s", places, check.Annotations, check.Summary)
	}
}

// TestHostileTreeIsJudgedAndItsGapsAreNamed puts everything into a pull request
// that a repository can hold and that a scanner could trip over, and one key.
func TestHostileTreeIsJudgedAndItsGapsAreNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	leak := "SECRET_KEY = " + quoted(djangoKey(1)) + "\n"
	submodule := strings.Repeat("ab", 20)
	png := "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00\x01\x02", 500)
	_, err := w.shop.Commit(ghtest.Commit{
		Branch:  "hostile",
		Message: "Try it",
		Files: map[string]string{
			"shop/keys.py":       leak,
			"link":               "/etc/passwd",
			"up":                 "../../../../etc/shadow",
			"vendor/lib":         submodule,
			"huge.sql":           string(bytes.Repeat([]byte("insert into t values (1);\n"), 50<<20/26)),
			"logo.png":           png,
			"latin1.py":          "name = '\xe9\xff'\n" + leak,
			"new\nline.py":       "x = 1\n",
			"-rf":                "y = 1\n",
			".gitattributes":     "*.py -diff binary filter=evil\nshop/* export-ignore -text\n",
			".gitmodules":        "[submodule \"lib\"]\n\tpath = vendor/lib\n\turl = file:///etc\n",
			"one_line.js":        "var x = \"" + strings.Repeat("abcdefghij", 1<<20) + "\";\n",
			"broken.py":          "SECRET\x00KEY = 1\n",
			".github/lintel.yml": "mode: advisory\nexclude: ['**']\n",
			"deep/" + strings.Repeat("d/", 100) + "f.py": "z = 1\n",
		},
		Modes: map[string]string{"link": "120000", "up": "120000", "vendor/lib": "160000"},
	})
	if err != nil {
		t.Fatal(err)
	}
	pull := w.open("hostile")
	check := w.check(pull)
	if check.Conclusion != "failure" {
		t.Errorf("check %s: %s", check.Conclusion, check.Title)
	}
	for _, gap := range []string{"huge.sql", "one_line.js", "broken.py"} {
		if !strings.Contains(check.Summary, gap) {
			t.Errorf("the summary does not name %s, which could not be scanned:\n%s", gap, check.Summary)
		}
	}
	for _, skipped := range []string{"symbolic link", "submodule", "binary"} {
		if !strings.Contains(check.Summary, skipped) {
			t.Errorf("the summary does not count what is out of scope as %s:\n%s", skipped, check.Summary)
		}
	}
	comments := pull.Comments()
	if len(comments) != 1 || !strings.HasSuffix(comments[0].Path, ".py") {
		t.Errorf("comments %+v, want one, on the key", comments)
	}
}

// TestBinaryFileAloneDoesNotBlock: out of scope is not the same as not scanned.
func TestBinaryFileAloneDoesNotBlock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	check := w.check(w.propose("logo", map[string]string{
		"static/logo.png": "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00\x01\x02", 500),
	}))
	if check.Conclusion != "success" {
		t.Errorf("check %s: %s\n%s", check.Conclusion, check.Title, check.Summary)
	}
}

// TestUndecodableFileAloneIsIncomplete: what nobody looked at is not green.
func TestUndecodableFileAloneIsIncomplete(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.start()
	pull := w.propose("broken", map[string]string{"config/broken.py": "SECRET\x00KEY = 1\n"})
	check := w.check(pull)
	if check.Conclusion != "action_required" || !strings.Contains(check.Summary, "config/broken.py") {
		t.Errorf("check %s: %s\n%s", check.Conclusion, check.Title, check.Summary)
	}
	if passing, _ := w.shop.RequiredCheck(pull.Head(), "lintel"); passing {
		t.Error("the required check passes")
	}
}
