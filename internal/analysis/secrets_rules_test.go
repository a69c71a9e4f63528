package analysis

import (
	"slices"
	"strings"
	"testing"

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
