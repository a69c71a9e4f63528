package rule

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/lintel-bot/lintel/internal/finding"
)

// update writes the golden files anew: go test ./internal/rule -update.
var update = flag.Bool("update", false, "write the golden files")

// golden compares with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n%s", path, got)
	}
}

func loadPages(t *testing.T) []*Rule {
	t.Helper()
	examples, err := os.ReadFile("testdata/debug-true.txtar")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := Load(fstest.MapFS{
		"django/debug-true.yml":   {Data: []byte(strings.Replace(sound, "when: settings.DEBUG == true", "when: |\n  settings.DEBUG == true || settings.DEBUG == 1", 1))},
		"django/debug-true.txtar": {Data: examples},
		"django/no-cache.yml": {Data: []byte(write("no-cache", "for: settings\nuses: [django.core.cache.*]\nabsent: true\neach: settings.CACHES\n"+
			"when: uses && value == null\nsubject: CACHES\nmessage: none\n"))},
		"django/x.yml":        {Data: []byte(strings.Replace(write("x", "for: project\nwhen: project.asgi == true\nsubject: P\nmessage: m\n"), "severity: major", "severity: minor", 1))},
		"secrets/aws-key.yml": {Data: []byte(strings.NewReplacer("django/", "secrets/", "family: django", "family: secrets").Replace(write("aws-key", "finder: secrets\n")))},
		"django/defaults.yml": {Data: []byte("- no rule\n")},
		"django/README.md":    {Data: []byte("# Rules\n")},
	}, "test", LoadOptions{Finders: []string{"secrets"}})
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestPages(t *testing.T) {
	for _, r := range loadPages(t) {
		golden(t, strings.ReplaceAll(r.ID, "/", "-")+".md", Page(r))
	}
}

func TestIndex(t *testing.T) { golden(t, "index.md", Index(loadPages(t))) }

// TestPagesShowNoSecret: what an example puts together from pieces is not put
// together on a page.
func TestPagesShowNoSecret(t *testing.T) {
	for _, r := range loadPages(t) {
		if r.Examples == nil {
			continue
		}
		for _, c := range r.Examples.Cases {
			if text := c.Files["config/settings.py"]; c.Name == "bad" && !strings.Contains(text, `"ABCD"`) {
				t.Errorf("the pieces are not put together: %q", text)
			}
		}
		if bytes.Contains(Page(r), []byte("ABCD")) {
			t.Errorf("%s shows it", r.ID)
		}
	}
}

func TestRulesWithAFinderHaveNoCondition(t *testing.T) {
	for _, r := range loadPages(t) {
		if r.Finder == "" {
			continue
		}
		if r.ID != "secrets/aws-key" || r.Severity != finding.Major || r.Condition != "" || r.For != "" {
			t.Errorf("%+v", r)
		}
		c, err := NewCatalogue([]*Rule{r})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Evaluate(t.Context(), []Subject{{}, {Kind: ForSettings}}); len(got) > 0 || err != nil {
			t.Errorf("it is evaluated: %v, %v", got, err)
		}
	}
}
