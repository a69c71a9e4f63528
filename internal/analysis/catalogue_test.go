package analysis

import (
	"os"
	"testing"

	"github.com/lintel-bot/lintel/internal/rule"
)

// TestCatalogue: every built-in rule has examples, and says of them what they
// expect. RULE=django/debug-true runs those of one rule.
func TestCatalogue(t *testing.T) {
	c, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	a := newRealAnalyzer(t, 0)
	wanted := os.Getenv("RULE")
	for _, r := range c.Rules() {
		if wanted != "" && r.ID != wanted {
			continue
		}
		t.Run(r.ID, func(t *testing.T) {
			tested, err := a.TestRules(t.Context(), []*rule.Rule{r})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range tested[0].Mismatches {
				t.Error(m)
			}
		})
	}
}
