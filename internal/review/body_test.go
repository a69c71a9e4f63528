package review

import (
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/finding"
)

// visibleLines counts what a person sees before unfolding anything.
func visibleLines(body string) int {
	visible, _, _ := strings.Cut(body, "\n\n<details>")
	return strings.Count(visible, "\n") + 1
}

func TestCommentBodies(t *testing.T) {
	everywhere := secret("config/settings.py", 12)
	everywhere.AlsoAt = []finding.Frame{
		{Path: "a.py", Line: 1}, {Path: "b.py", Line: 2}, {Path: "c.py", Line: 3}, {Path: "d.py", Line: 4}, {Path: "e.py", Line: 5},
	}
	everywhere.AllowComment = "gitleaks:allow"
	everywhere.Trace = []finding.Frame{
		{Path: "shop/urls.py", Line: 14}, {Path: "shop/views.py", Line: 52, Symbol: "checkout"}, {Path: "shop/mail.py", Line: 18, Symbol: "send_receipt"},
	}
	everywhere.Fix = []string{"One.", "Two.", "Three.", "Four.", "Five.", "Six."}
	mended := note("config/settings.py", 12)
	mended.Suggestion = &finding.Replacement{Line: 12, EndLine: 12, Text: "X = 1  # ``` @everyone </details>"}
	beside := note("config/settings.py", 500)
	beside.Suggestion = &finding.Replacement{Line: 500, EndLine: 500, Text: "X = 1"}
	whole := note("config/settings.py", 0)
	outside := note("config/settings.py", 500)
	for _, tt := range []struct {
		name     string
		findings []finding.Finding
	}{
		{"comment-secret", []finding.Finding{secret("config/settings.py", 12)}},
		{"comment-everything", []finding.Finding{everywhere}},
		{"comment-minor", []finding.Finding{note("config/settings.py", 12)}},
		{"comment-suggestion", []finding.Finding{mended}},
		{"comment-suggestion-outside-the-diff", []finding.Finding{beside}},
		{"comment-whole-file", []finding.Finding{whole}},
		{"comment-outside-the-diff", []finding.Finding{outside}},
		{"comment-group", []finding.Finding{
			secret("config/settings.py", 12), secret("config/settings.py", 14), secret("config/settings.py", 18), secret("config/settings.py", 40),
		}},
		{"comment-large-group", []finding.Finding{
			secret("s.py", 1), secret("s.py", 2), secret("s.py", 3), secret("s.py", 4), secret("s.py", 5), secret("s.py", 6), secret("s.py", 7),
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := Plan(input(tt.findings...))
			comments := append(a.Inline, a.FileLevel...)
			if len(comments) != 1 {
				t.Fatalf("got %d comments, want one", len(comments))
			}
			body := comments[0].Body
			golden(t, tt.name, body)
			if n := visibleLines(body); n > maxVisibleLines {
				t.Errorf("%d visible lines, want at most %d", n, maxVisibleLines)
			}
			if m, ok := ParseMarker(body); !ok || m.Key != comments[0].Key || m.Run != testRun {
				t.Errorf("marker %+v, %v, want key %s and run %s", m, ok, comments[0].Key, testRun)
			}
		})
	}
}

func TestClosedBodies(t *testing.T) {
	f := secret("config/settings.py", 12)
	for name, gone := range map[string]func(*finding.Result){
		"closed-fixed":   func(*finding.Result) {},
		"closed-history": func(r *finding.Result) { r.InHistory = []finding.Finding{f} },
		"closed-base":    func(r *finding.Result) { r.PreExisting = []finding.Finding{f} },
		"closed-allowed": func(r *finding.Result) { r.Suppressed = []finding.Finding{f} },
	} {
		t.Run(name, func(t *testing.T) {
			in := next(input(f))
			gone(in.Result)
			golden(t, name, only(t, Plan(in)).Body)
		})
	}
}

// However often a comment changes its state, it folds what it said once.
func TestOriginalIsFoldedOnce(t *testing.T) {
	f := secret("config/settings.py", 12)
	in := next(input(f))
	in.Result.InHistory = []finding.Finding{f}
	in = apply(in, Plan(in))
	result := *in.Result
	result.InHistory = nil
	in.Result = &result
	body := only(t, Plan(in)).Body
	if n := strings.Count(body, foldOriginal); n != 1 {
		t.Errorf("%d folds of the original in\n%s", n, body)
	}
	if !strings.HasPrefix(body, "✅ **Fixed** in abc1234 · ~~AWS access key committed~~\n") {
		t.Errorf("body begins %q", body[:80])
	}
}

// Someone with write access can edit the comment's text; only its marker counts.
func TestClosingAnEditedComment(t *testing.T) {
	in := next(input(secret("a.py", 1)))
	for name, text := range map[string]string{
		"emptied":          "",
		"rewritten":        "never mind\n\n",
		"grown":            strings.Repeat("long ", 20_000) + "\n\n",
		"with CRLF":        strings.ReplaceAll(originalBody(in.Existing[0].Body), "\n", "\r\n") + "\r\n\r\n",
		"with a fold left": foldOriginal + "\n",
	} {
		in.Existing[0].Body = text + in.Existing[0].Marker.String()
		body := only(t, Plan(in)).Body
		if m, ok := ParseMarker(body); !ok || !m.Fixed {
			t.Errorf("%s: marker %+v, %v, want fixed", name, m, ok)
		}
		if len(body) > 65_000 {
			t.Errorf("%s: %d bytes", name, len(body))
		}
	}
}
