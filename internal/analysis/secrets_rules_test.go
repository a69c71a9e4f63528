package analysis

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/rule"
	"github.com/lintel-bot/lintel/internal/secrets"
)

// TestEveryKindOfSecretHasARule: what the scanner can report is documented, in
// the words that it uses.
func TestEveryKindOfSecretHasARule(t *testing.T) {
	c, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	kinds, err := secrets.Kinds()
	if err != nil {
		t.Fatal(err)
	}
	words := func(steps []string) string { return strings.Join(strings.Fields(strings.Join(steps, " ")), " ") }
	known := make(map[string]bool)
	for _, k := range kinds {
		id := "secrets/" + k.ID
		known[id] = true
		r, ok := c.Rule(id)
		switch {
		case !ok:
			t.Errorf("%s has no rule", id)
		case r.Finder != finderSecrets || r.Title != k.Title || r.Severity != k.Severity || words([]string{r.Why}) != words([]string{k.Why}) || words(r.Fix) != words(k.Fix):
			t.Errorf("%s: the rule says %q, %v, %q, %q; the scanner %q, %v, %q, %q", id, r.Title, r.Severity, r.Why, r.Fix, k.Title, k.Severity, k.Why, k.Fix)
		default:
			checkExamplesOfSecret(t, r)
			for _, page := range address.FindAllString(strings.Join(k.Fix, " "), -1) {
				if !slices.Contains(r.References, page) {
					t.Errorf("%s: the fix names %s, the references do not", id, page)
				}
			}
		}
	}
	for _, r := range c.Rules() {
		if r.Finder != "" && !known[r.ID] {
			t.Errorf("%s is a rule about no kind of secret", r.ID)
		}
	}
	if len(kinds) < 200 || !slices.ContainsFunc(kinds, func(k secrets.KindInfo) bool { return k.ID == "aws-access-token" }) {
		t.Errorf("only %d kinds", len(kinds))
	}
}

// address finds the pages that a step names.
var address = regexp.MustCompile("https://[^\\s`]+")

// checkExamplesOfSecret: TestCatalogue holds that the scanner says of the
// examples what they expect; this one that they show what the rule promises. One
// is as severe as the rule can be, and a file that is reported is there without
// its secret too, so that a scanner which reports both is found out.
func checkExamplesOfSecret(t *testing.T, r *rule.Rule) {
	worst := finding.Severity(0)
	reported := make(map[string]bool)
	for _, c := range r.Examples.Cases {
		for _, want := range c.Findings {
			worst = max(worst, want.Severity)
			reported[want.Path] = true
		}
	}
	if worst != r.Severity {
		t.Errorf("%s is %v, its worst example %v", r.ID, r.Severity, worst)
	}
	counterpart := slices.ContainsFunc(r.Examples.Cases, func(c rule.Case) bool {
		return len(c.Findings) == 0 && slices.ContainsFunc(slices.Collect(maps.Keys(c.Files)), func(name string) bool { return reported[name] })
	})
	if !counterpart {
		t.Errorf("%s: no good example has a file that a bad one has", r.ID)
	}
}
