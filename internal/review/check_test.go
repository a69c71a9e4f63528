package review

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/lintel-bot/lintel/internal/finding"
)

func withSeverity(f finding.Finding, s finding.Severity) finding.Finding {
	f.Severity = s
	return f
}

func inHistory(path string, line int) finding.Finding {
	f := secret(path, line)
	f.Commit = leakCommit
	return f
}

func TestConclusionAndTitle(t *testing.T) {
	blocking := []finding.Finding{secret("a.py", 1), withSeverity(note("a.py", 2), finding.Major)}
	notes := []finding.Finding{note("b.py", 1), note("b.py", 2), withSeverity(note("b.py", 3), finding.Suggestion)}
	gap := func(paths ...string) func(*Input) {
		return func(in *Input) {
			for _, p := range paths {
				in.Result.NotScanned = append(in.Result.NotScanned, finding.NotScanned{Path: p, Reason: "too large", Blocking: true})
			}
		}
	}
	history := func(in *Input) { in.Result.InHistory = []finding.Finding{inHistory("c.py", 1)} }
	both := func(in *Input) { gap("x.py")(in); history(in) }
	for _, tt := range []struct {
		name       string
		new        []finding.Finding
		change     func(*Input)
		conclusion Conclusion
		title      string
	}{
		{"clean", nil, nil, Success, "No new findings · 41 files"},
		{"clean, one file", nil, func(in *Input) { in.Result.Stats.Files = 1 }, Success, "No new findings · 1 file"},
		{"nothing in scope", nil, func(in *Input) { in.Result.Stats.Files = 0 }, Success, "No new findings · 0 files"},
		{"blocking and notes", append(blocking, notes...), nil, Failure, "2 blocking · 3 to review · 41 files"},
		{"blocking", blocking[:1], nil, Failure, "1 blocking · 41 files"},
		{"notes", notes, nil, Success, "3 to review · 41 files"},
		{"a threshold of critical", blocking, func(in *Input) { in.Policy.FailOn = finding.Critical }, Failure, "1 blocking · 1 to review · 41 files"},
		{"a threshold of never", blocking, func(in *Input) { in.Policy.FailOn = 0 }, Success, "2 to review · 41 files"},
		{"pre-existing never blocks", nil, func(in *Input) { in.Result.PreExisting = blocking }, Success, "No new findings · 41 files"},
		{"suppressed never blocks", nil, func(in *Input) { in.Result.Suppressed = blocking }, Success, "No new findings · 41 files"},
		{"incomplete", nil, gap("x.py", "y.py", "z.py"), ActionRequired, "Scan incomplete: 3 files"},
		{"incomplete, one file named twice", nil, gap("x.py", "x.py"), ActionRequired, "Scan incomplete: 1 file"},
		{"incomplete with notes", notes, gap("x.py"), ActionRequired, "Scan incomplete: 1 file · 3 to review"},
		{"a gap the base has too", nil, func(in *Input) {
			in.Result.NotScanned = []finding.NotScanned{{Path: "x.py", Reason: "too large"}}
		}, Success, "No new findings · 41 files"},
		{"history", nil, history, ActionRequired, "1 secret in history · 41 files"},
		{"history under a threshold of never", nil, func(in *Input) { history(in); in.Policy.FailOn = 0 }, Success, "1 in history to review · 41 files"},
		{"a harmless secret in history", notes, func(in *Input) {
			history(in)
			in.Result.InHistory[0].Severity = finding.Suggestion
		}, Success, "3 to review · 1 in history to review · 41 files"},
		{"harmless and harmful history", nil, func(in *Input) {
			in.Result.InHistory = []finding.Finding{inHistory("c.py", 1), withSeverity(inHistory("d.py", 1), finding.Minor)}
		}, ActionRequired, "1 secret in history · 1 in history to review · 41 files"},
		{"history and incomplete", nil, both, ActionRequired, "1 secret in history · Scan incomplete: 1 file"},
		{"a failure stays a failure and says all", blocking, both, Failure, "2 blocking · 1 in history · scan incomplete · 41 files"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := input(tt.new...)
			if tt.change != nil {
				tt.change(&in)
			}
			got := Plan(in).Check
			if got.Conclusion != tt.conclusion || got.Title != tt.title {
				t.Errorf("got %s %q, want %s %q", got.Conclusion, got.Title, tt.conclusion, tt.title)
			}
		})
	}
}

func TestSummaries(t *testing.T) {
	t.Run("passed", func(t *testing.T) {
		golden(t, "summary-passed", Plan(input()).Check.Summary)
	})
	t.Run("passed with notes", func(t *testing.T) {
		in := input(note("b.py", 1))
		in.Result.Fixed = []finding.Finding{note("c.py", 1), note("c.py", 2)}
		golden(t, "summary-notes", Plan(in).Check.Summary)
	})
	t.Run("blocked", func(t *testing.T) {
		in := input(secret("config/settings.py", 12), withSeverity(note("config/settings.py", 30), finding.Major), note("b.py", 1))
		golden(t, "summary-blocked", Plan(in).Check.Summary)
	})
	t.Run("incomplete", func(t *testing.T) {
		in := input()
		in.Result.NotScanned = []finding.NotScanned{
			{Path: "legacy/dump.sql", Reason: "12 MiB, over the bound of 5 MiB"},
			{Path: "shop/data.py", Reason: "the scan of this file took longer than 30 s", Blocking: true},
			{Path: "shop/old.py", Reason: "not valid UTF-8", Blocking: true},
		}
		golden(t, "summary-incomplete", Plan(in).Check.Summary)
	})
	t.Run("history", func(t *testing.T) {
		in := input()
		in.Result.InHistory = []finding.Finding{inHistory("config/settings.py", 12)}
		golden(t, "summary-history", Plan(in).Check.Summary)
	})
	t.Run("history that does not block", func(t *testing.T) {
		in := input()
		in.Result.InHistory = []finding.Finding{withSeverity(inHistory("shop/tests.py", 12), finding.Suggestion)}
		golden(t, "summary-history-notes", Plan(in).Check.Summary)
	})
	t.Run("everything", func(t *testing.T) {
		golden(t, "summary-everything", Plan(everything()).Check.Summary)
	})
	t.Run("draft", func(t *testing.T) {
		in := input(secret("a.py", 1), note("a.py", 2))
		in.PullRequest.Draft = true
		golden(t, "summary-draft", Plan(in).Check.Summary)
	})
}

// everything is a second push with something for every part of the summary.
func everything() Input {
	allowed := secret("a.py", 9)
	allowed.AllowComment = "gitleaks:allow"
	stays, goes := secret("a.py", 1), secret("a.py", 2)
	in := next(input(stays, goes), stays, allowed, note("a.py", 4), withSeverity(note("docs/guide.md", 5), finding.Suggestion))
	finding.Sort(in.Result.New)
	in.Policy.Limits.Inline = 2
	r := in.Result
	r.InHistory = []finding.Finding{inHistory("b.py", 3)}
	r.Fixed = []finding.Finding{note("c.py", 1)}
	r.PreExisting = []finding.Finding{secret("old.py", 1), note("old.py", 2), note("old.py", 3)}
	r.Suppressed = []finding.Finding{secret("tests/keys.py", 1)}
	r.Undecided = []finding.Undecided{{Rule: "django/debug-true", Subject: "config.settings.production", Missing: []string{"DEBUG"}}}
	r.NotScanned = []finding.NotScanned{{Path: "x.py", Reason: "not valid UTF-8", Blocking: true}}
	r.OutOfScope = []finding.OutOfScope{
		{Path: "a.png", Reason: "binary"}, {Path: "b.png", Reason: "binary"}, {Path: "lib", Reason: "submodule"},
	}
	return in
}

// Rows are cut before anything else is, and the summary stays in its limit
// whatever is in it.
func TestSummaryStaysInItsLimit(t *testing.T) {
	long := strings.Repeat("directory/", 40)
	in := everything()
	for i := range 3000 {
		in.Result.New = append(in.Result.New, secret(fmt.Sprintf("%s%d.py", long, i), i+1))
		in.Result.InHistory = append(in.Result.InHistory, inHistory(fmt.Sprintf("%s%d.py", long, i), i+1))
		in.Result.NotScanned = append(in.Result.NotScanned, finding.NotScanned{Path: fmt.Sprintf("%s%d.py", long, i), Reason: "too large", Blocking: true})
	}
	c := WorstOf(Plan(in).Check, []Other{{Number: 12, Conclusion: Failure}})
	if len(c.Summary) > maxSummary || !utf8.ValidString(c.Summary) {
		t.Fatalf("%d bytes, valid %v", len(c.Summary), utf8.ValidString(c.Summary))
	}
	if len(c.Summary) < maxSummary-2000 {
		t.Errorf("only %d of %d bytes are used", len(c.Summary), maxSummary)
	}
	for _, want := range []string{
		"### ⛔ Blocked", "### Must fix", "### In history only", "### To review", "<summary>Not scanned (3001)</summary>",
		"- and ", "Config: built-in defaults · rules `2026.11` · 3.2 s\n",
	} {
		if !strings.Contains(c.Summary, want) {
			t.Errorf("%q was cut", want)
		}
	}
	if got, want := strings.Count(c.Summary, "<details"), strings.Count(c.Summary, "</details>"); got != want {
		t.Errorf("%d folds open, %d close", got, want)
	}
	if len(c.Annotations) > in.Policy.Limits.Annotations {
		t.Errorf("%d annotations", len(c.Annotations))
	}
}

func TestAnnotations(t *testing.T) {
	f := withSeverity(secret("a.py", 0), finding.Suggestion)
	f.Title = strings.Repeat("é", 400) + "\n\u202e"
	f.Message = strings.Repeat("message ", 20_000)
	a := Plan(input(f)).Check.Annotations
	if len(a) != 1 {
		t.Fatalf("%d annotations", len(a))
	}
	if got := a[0]; got.StartLine != 1 || got.EndLine != 1 || got.Level != "notice" ||
		utf8.RuneCountInString(got.Title) > 255 || len(got.Message) > 64<<10 || strings.Contains(got.Title, "\n") {
		t.Errorf("annotation %+v", got)
	}
	for s, want := range map[finding.Severity]string{
		finding.Critical: "failure", finding.Major: "failure", finding.Minor: "warning", finding.Suggestion: "notice",
	} {
		if got := level(s); got != want {
			t.Errorf("level of %s is %q, want %q", s, got, want)
		}
	}
}

func TestNoResultIsNeverGreen(t *testing.T) {
	if c := Plan(Input{Run: testRun}).Check; c.Conclusion != Failure {
		t.Errorf("conclusion %s", c.Conclusion)
	}
}
