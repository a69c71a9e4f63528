package review

import (
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/finding"
)

// A retry of a run finds the comments that its first attempt posted. They are
// new all the same; to the next run they are still open.
func TestCommentsOfTheSameRunAreNew(t *testing.T) {
	in := input(secret("a.py", 1))
	retried := apply(in, Plan(in))
	if got := Plan(retried).Check.Summary; !strings.Contains(got, "**1 new**\n") {
		t.Errorf("the retry says\n%s", got)
	}
	later := next(in, in.Result.New...)
	if got := Plan(later).Check.Summary; !strings.Contains(got, "**0 new** · 1 still open\n") {
		t.Errorf("the next run says\n%s", got)
	}
}

// Of two comments on one finding the older stays as it was when the newer one
// opens again: it was never fixed.
func TestAClosedTwinKeepsWhatItSays(t *testing.T) {
	f := secret("a.py", 1)
	in := next(input(f), f)
	twin := in.Existing[0]
	twin.ID, twin.Thread = 2000, "PRRT_twin"
	in.Existing = append(in.Existing, twin)
	result := *in.Result
	result.New, result.PreExisting = nil, []finding.Finding{f}
	in.Result = &result
	back := next(in, f)
	back.Result.PreExisting = nil
	if e := only(t, Plan(back)); e.CommentID != 2000 {
		t.Errorf("comment %d is edited", e.CommentID)
	}
}

func TestAListHangsOnOneLine(t *testing.T) {
	var four []finding.Finding
	for line := 1; line <= 4; line++ {
		four = append(four, span(secret("a.py", line), line, line+5))
	}
	a := Plan(input(four...))
	if len(a.Inline) != 1 || a.Inline[0].StartLine != 0 || a.Inline[0].Line != 1 {
		t.Errorf("inline %+v", a.Inline)
	}
}

func TestEveryFindingOfAListCountsAsLeftOut(t *testing.T) {
	in := input(secret("a.py", 1), secret("a.py", 2), secret("a.py", 3), secret("a.py", 4))
	in.Policy.Limits.Inline = 0
	if got := Plan(in).Check.Summary; !strings.Contains(got, "4 more findings are listed only here.") {
		t.Errorf("summary\n%s", got)
	}
}
