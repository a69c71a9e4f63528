package analysis

import (
	"testing"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/rule"
)

// TestEntriesThatShareAValueAreOneFinding: one line that spoils several caches
// has one comment, which keeps its identity whichever entry is worst.
func TestEntriesThatShareAValueAreOneFinding(t *testing.T) {
	outcome := func(each, identity, name string, line int, severity finding.Severity) rule.Outcome {
		o := rule.Outcome{Rule: &rule.Rule{ID: "django/x", Each: each}, Identity: identity, Name: name}
		o.Finding = finding.Finding{
			Rule: "django/x", Severity: severity, Path: "prod.py", Line: line, Message: name + " is bad.", Fingerprint: finding.NewFingerprint("django/x", identity, name),
		}
		if line > 0 {
			o.Places = []fact.Place{{Path: "prod.py", Line: line}}
		}
		return o
	}
	const each = "settings.CACHES"
	for _, c := range []struct {
		name     string
		outcomes []rule.Outcome
		want     []string
	}{
		{"shared", []rule.Outcome{outcome(each, "prod", "B", 3, finding.Minor), outcome(each, "prod", "A", 3, finding.Minor)}, []string{"A is bad. The same for `B`."}},
		{"the worst words it", []rule.Outcome{outcome(each, "prod", "B", 3, finding.Major), outcome(each, "prod", "A", 3, finding.Minor)}, []string{"B is bad. The same for `A`."}},
		{"in two leaves", []rule.Outcome{
			outcome(each, "prod", "A", 3, finding.Minor), outcome(each, "prod", "B", 3, finding.Minor),
			outcome(each, "staging", "A", 3, finding.Minor), outcome(each, "staging", "B", 3, finding.Minor),
		}, []string{"A is bad. The same for `B`. The same in `staging`."}},
		{"of their own", []rule.Outcome{outcome(each, "prod", "A", 3, finding.Minor), outcome(each, "prod", "B", 4, finding.Minor)}, []string{"A is bad.", "B is bad."}},
		{"missing in each", []rule.Outcome{outcome(each, "prod", "A", 0, finding.Minor), outcome(each, "prod", "B", 0, finding.Minor)}, []string{"A is bad.", "B is bad."}},
		{"two settings of a line", []rule.Outcome{outcome("", "prod", "A", 3, finding.Minor), outcome("", "prod", "B", 3, finding.Minor)}, []string{"A is bad.", "B is bad."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			groups := grouped(c.outcomes)
			if len(groups) != len(c.want) {
				t.Fatalf("%d findings, want %d", len(groups), len(c.want))
			}
			for i, g := range groups {
				f := g.finding()
				if f.Message != c.want[i] {
					t.Errorf("got %q, want %q", f.Message, c.want[i])
				}
				if first := finding.NewFingerprint("django/x", "prod", "A"); i == 0 && f.Fingerprint != first {
					t.Errorf("the fingerprint is %v, want that of A in prod", f.Fingerprint)
				}
			}
		})
	}
}
