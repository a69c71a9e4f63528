package policy

import (
	"testing"

	"github.com/lintel-bot/lintel/internal/finding"
)

func TestDefaultBlocksMajorAndCommentsMinor(t *testing.T) {
	p := Default()
	for severity, want := range map[finding.Severity]struct{ blocks, comments bool }{
		finding.Critical:   {true, true},
		finding.Major:      {true, true},
		finding.Minor:      {false, true},
		finding.Suggestion: {false, false},
	} {
		if p.Blocks(severity) != want.blocks || p.Comments(severity) != want.comments {
			t.Errorf("%v: blocks %v, comments %v, want %+v", severity, p.Blocks(severity), p.Comments(severity), want)
		}
	}
}

func TestWithoutThresholdNothingBlocks(t *testing.T) {
	p := Default()
	p.FailOn = 0
	if p.Blocks(finding.Critical) {
		t.Error("a critical finding blocks although nothing should")
	}
}
