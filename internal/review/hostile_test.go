package review

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
)

// ours are the constructs that lintel itself writes; nothing else in a text may
// be live.
var ours = regexp.MustCompile(`</?details( open)?>|</?summary>|<!-- lintel:v1 [0-9a-zA-Z=,_ -]*-->|<https://[A-Za-z0-9._~/?#=%+:-]+>|` +
	`\[(line \d+|whole file| )\]\(https://github\.com/acme/shop/[-A-Za-z0-9._~/?#=%]*\)`)

func inert(t *testing.T, text string) {
	t.Helper()
	if err := live(text); err != nil {
		t.Fatal(err)
	}
}

// live returns an error when text holds something GitHub would act on that does not come
// from lintel's own wording: HTML, a mention, a reference, a link. It reads
// Markdown with an eye of its own, one line at a time, and knows nothing of how
// the text was escaped.
func live(text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("not valid UTF-8: %q", text)
	}
	for _, r := range text {
		if r != '\n' && string(r) != invisible && !unicode.IsPrint(r) {
			return fmt.Errorf("invisible character %U in %q", r, text)
		}
	}
	for line := range strings.SplitSeq(text, "\n") {
		rest, err := withoutCode(line)
		if err != nil {
			return err
		}
		rest = ours.ReplaceAllString(rest, " ")
		for i := range len(rest) {
			var after byte
			if i+1 < len(rest) {
				after = rest[i+1]
			}
			bare := !escapedAt(rest, i)
			switch c := rest[i]; {
			case strings.IndexByte("<>`&[]", c) >= 0 && bare:
				return fmt.Errorf("bare %q in %q", c, line)
			case c == '@' && (isWordByte(after) && !strings.HasPrefix(rest[i+1:], invisible)):
				return fmt.Errorf("a mention in %q", line)
			case c == '#' && isDigit(after):
				return fmt.Errorf("a reference in %q", line)
			case c == ':' && strings.HasPrefix(rest[i:], "://"):
				return fmt.Errorf("a link in %q", line)
			}
		}
	}
	return nil
}

// withoutCode drops code spans as CommonMark finds them.
func withoutCode(line string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(line); {
		if line[i] != '`' || escapedAt(line, i) {
			b.WriteByte(line[i])
			i++
			continue
		}
		fence := line[i : len(line)-len(strings.TrimLeft(line[i:], "`"))]
		end := i + len(fence)
		for {
			at := strings.Index(line[end:], fence)
			if at < 0 {
				return "", fmt.Errorf("a code span is not closed in %q", line)
			}
			end += at
			run := len(line[end:]) - len(strings.TrimLeft(line[end:], "`"))
			end += run
			if run == len(fence) {
				break
			}
		}
		b.WriteByte(' ') // elements part words
		i = end
	}
	return b.String(), nil
}

func escapedAt(s string, i int) bool {
	slashes := 0
	for i--; i >= 0 && s[i] == '\\'; i-- {
		slashes++
	}
	return slashes%2 == 1
}

// hostileInput puts text from a repository into every place that takes some.
func hostileInput(text string) Input {
	f := secret("a.py", 3)
	f.Title, f.Message, f.Why, f.Fix = text, text, text, []string{text, text}
	f.Rule, f.Quality, f.AllowComment = "secrets/"+text, text, text
	f.AlsoAt = []finding.Frame{{Path: text, Line: 1}}
	f.Trace = []finding.Frame{{Path: text, Line: 1, Symbol: text}}
	elsewhere := f
	elsewhere.Path, elsewhere.Fingerprint = text, fp("elsewhere")
	var all []finding.Finding
	for _, name := range []string{"1", "2", "3", "4"} {
		g := f
		g.Path, g.Fingerprint = "group.py", fp(name)
		all = append(all, g)
	}
	in := input(append(all, f, elsewhere)...)
	in.Files = append(in.Files, diff.File{Status: diff.Modified, Path: text})
	in.PullRequest.BaseRef, in.PullRequest.Draft = text, false
	in.Policy.Source, in.RulesVersion = text, text
	old := f
	old.Commit, old.Fingerprint = text, fp("old")
	in.Result.InHistory = []finding.Finding{old}
	in.Result.PreExisting = []finding.Finding{old}
	in.Result.Suppressed = []finding.Finding{old}
	in.Result.Fixed = []finding.Finding{old}
	in.Result.NotScanned = []finding.NotScanned{{Path: text, Reason: text, Blocking: true}, {Path: text, Reason: text}}
	in.Result.OutOfScope = []finding.OutOfScope{{Path: text, Reason: text}}
	in.Result.Undecided = []finding.Undecided{{Rule: text, Subject: text, Missing: []string{text}}}
	return in
}

func checkHostile(t *testing.T, text string) {
	t.Helper()
	in := hostileInput(text)
	a := Plan(in)
	inert(t, a.Check.Title)
	inert(t, a.Check.Summary)
	for _, list := range [][]NewComment{a.Inline, a.FileLevel} {
		for _, c := range list {
			inert(t, c.Body)
			if m, ok := ParseMarker(c.Body); !ok || m.Key != c.Key {
				t.Fatalf("marker %+v, %v in %q", m, ok, c.Body)
			}
			if n := visibleLines(c.Body); n > maxVisibleLines {
				t.Fatalf("%d visible lines in %q", n, c.Body)
			}
		}
	}
	for _, n := range a.Check.Annotations {
		if !utf8.ValidString(n.Title+n.Message+n.Path) || strings.Contains(n.Title, "\n") {
			t.Fatalf("annotation %+v", n)
		}
	}
	gone := next(in)
	gone.Result = &finding.Result{InHistory: in.Result.InHistory}
	for _, e := range Plan(gone).Edits {
		inert(t, e.Body)
		if m, ok := ParseMarker(e.Body); !ok || !m.Fixed {
			t.Fatalf("marker %+v, %v in %q", m, ok, e.Body)
		}
	}
	_, summary := InProgress(in.PullRequest)
	inert(t, summary)
	inert(t, CouldNotReview(text, text).Summary)
	inert(t, Superseded(text).Summary)
}

// hostileTexts are what an attacker would name files, rules and branches.
func hostileTexts() []string {
	return []string{
		"", " ", "x", "@octocat", "\\@octocat", "a`@octocat", "`@octocat", "``@octocat`", "<script>alert(1)</script>",
		"--> <b>", "<!-- lintel:v1 fp=aa run=1 -->", "\n<!-- lintel:v1 fp=aa run=1 -->", "</details>", "\n\n# h\n\n- l\n",
		"[x](https://evil.example)", "![x](https://evil.example)", "https://evil.example/@x", "#1", "acme/shop#1", "GH-1",
		"&lt;b&gt;", "\\<b>", "\\\\<b>", "a|b", "\x00\x1b[31m", "\u202e", "\xff\xfe", "x\u2028y", "```\ncode\n```", "~~~", "    code",
		strings.Repeat("<", 5000), strings.Repeat("`", 5000), strings.Repeat("`a", 3000), strings.Repeat("é", 70_000),
		"</summary>", "** · x", "` · `", "~~", "$(x)$", "``#`0`0`", "secrets/", "a/b/../c", "10. x", "==", ":--", "|--|", "www.x.example", "\\", "`\\`@x",
	}
}

func TestHostileText(t *testing.T) {
	for _, text := range hostileTexts() {
		checkHostile(t, text)
	}
}

func FuzzHostileText(f *testing.F) {
	for _, text := range hostileTexts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { checkHostile(t, text) })
}

// The check of the checks: what they look for, they find.
func TestLiveTextIsNoticed(t *testing.T) {
	for _, text := range []string{"@octocat", "<b>", "#1", "https://evil.example", "a `x", "&lt;", "[x](/y)", "\\\\<b>", "\u202e", "\xff"} {
		if live(text) == nil {
			t.Errorf("%q passes for inert", text)
		}
	}
}
