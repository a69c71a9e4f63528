package review

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
)

// drawFindings draws findings over a few paths, rules and identities, small enough that
// findings come, go, come back and collide.
func drawFindings(t *rapid.T, label string) []finding.Finding {
	n := rapid.IntRange(0, 14).Draw(t, label)
	var list []finding.Finding
	for range n {
		path := rapid.SampledFrom([]string{"a.py", "b.py", "c.py", "\xff.py"}).Draw(t, "path")
		make := rapid.SampledFrom([]func(string, int) finding.Finding{secret, note}).Draw(t, "rule")
		f := make(path, rapid.IntRange(0, 12).Draw(t, "line"))
		f.Severity = rapid.SampledFrom(finding.Severities()).Draw(t, "severity")
		f.Path = rapid.SampledFrom([]string{path, path, path, "renamed.py"}).Draw(t, "moved to")
		f.EndLine = f.Line + rapid.IntRange(0, 3).Draw(t, "more lines")
		list = append(list, f)
	}
	finding.Sort(list)
	return list
}

func drawPush(t *rapid.T, in Input, number int) Input {
	in.Run = fmt.Sprintf("01RUN%d", number)
	in.PullRequest.Head = fmt.Sprintf("%040x", number+1)
	in.PullRequest.Draft = rapid.Bool().Draw(t, "draft")
	in.Policy.Limits.Inline = rapid.IntRange(0, 6).Draw(t, "inline limit")
	in.Policy.Limits.FileLevel = rapid.IntRange(0, 2).Draw(t, "file-level limit")
	in.Files = nil
	for _, path := range []string{"a.py", "b.py", "renamed.py"} {
		if rapid.Bool().Draw(t, "touched "+path) {
			in.Files = append(in.Files, modified(path, rapid.IntRange(1, 6).Draw(t, "first"), rapid.IntRange(7, 12).Draw(t, "last")))
		}
	}
	in.Files = append(in.Files, diff.File{Status: diff.Renamed, OldPath: "c.py", Path: "d.py"})
	in.Result = &finding.Result{
		New:         drawFindings(t, "new"),
		InHistory:   drawFindings(t, "in history"),
		PreExisting: drawFindings(t, "pre-existing"),
		Suppressed:  drawFindings(t, "suppressed"),
	}
	if rapid.Bool().Draw(t, "gap") {
		path := rapid.SampledFrom([]string{"a.py", "d.py", ""}).Draw(t, "not scanned")
		in.Result.NotScanned = []finding.NotScanned{{Path: path, Reason: "too large", Blocking: rapid.Bool().Draw(t, "blocking")}}
	}
	return in
}

// After any history of pushes: planning again writes nothing, no finding is
// commented on twice, no limit is broken by a new comment, every body is
// recognised, and what blocks is never green.
func TestPlanningAgainWritesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := input()
		for push := range rapid.IntRange(1, 5).Draw(t, "pushes") {
			in = drawPush(t, in, push)
			a := Plan(in)
			checkActions(t, in, a)
			after := apply(in, a)
			again := Plan(after)
			if len(again.Inline)+len(again.FileLevel)+len(again.Edits)+len(again.Resolve) > 0 {
				t.Fatalf("push %d: planned again: %d inline, %d file-level, edits %v, resolve %v",
					push, len(again.Inline), len(again.FileLevel), again.Edits, again.Resolve)
			}
			if again.Check.Conclusion != a.Check.Conclusion || again.Check.Title != a.Check.Title {
				t.Fatalf("push %d: %s %q, again %s %q", push, a.Check.Conclusion, a.Check.Title, again.Check.Conclusion, again.Check.Title)
			}
			in = after
		}
	})
}

func checkActions(t *rapid.T, in Input, a Actions) {
	posted := make(map[finding.Fingerprint]bool)
	for _, c := range in.Existing {
		for _, f := range append(slices.Clone(c.Marker.Of), c.Marker.Key) {
			posted[f] = true
		}
	}
	for _, c := range slices.Concat(a.Inline, a.FileLevel) {
		m, ok := ParseMarker(c.Body)
		if !ok || m.Key != c.Key || m.Run != in.Run || m.Fixed || m.Gone != "" {
			t.Fatalf("marker %+v, %v", m, ok)
		}
		if posted[c.Key] {
			t.Fatalf("%s is posted a second time", c.Key)
		}
		posted[c.Key] = true
		for _, f := range m.Of {
			if posted[f] {
				t.Fatalf("%s is posted a second time, in a group", f)
			}
			posted[f] = true
		}
		if c.Line > 0 && !slices.ContainsFunc(in.Files, func(f diff.File) bool {
			_, shown := f.HunkContaining(c.Line)
			return f.Path == c.Path && shown
		}) {
			t.Fatalf("%s:%d is not in the diff", c.Path, c.Line)
		}
	}
	if len(a.Inline) > in.Policy.Limits.Inline || len(a.FileLevel) > in.Policy.Limits.FileLevel {
		t.Fatalf("%d inline and %d file-level comments over the limits %+v", len(a.Inline), len(a.FileLevel), in.Policy.Limits)
	}
	edited := make(map[int64]bool)
	for _, e := range a.Edits {
		if _, ok := ParseMarker(e.Body); !ok || edited[e.CommentID] {
			t.Fatalf("comment %d: marked %v, edited before %v", e.CommentID, ok, edited[e.CommentID])
		}
		edited[e.CommentID] = true
	}
	blocking := func(f finding.Finding) bool { return in.Policy.Blocks(f.Severity) }
	blocks := slices.ContainsFunc(in.Result.New, blocking)
	wrong := in.Result.Incomplete() || slices.ContainsFunc(in.Result.InHistory, blocking)
	if (blocks && a.Check.Conclusion != Failure) || (!blocks && wrong && a.Check.Conclusion != ActionRequired) {
		t.Fatalf("conclusion %s", a.Check.Conclusion)
	}
}
