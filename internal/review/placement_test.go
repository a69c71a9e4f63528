package review

import (
	"fmt"
	"testing"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
)

func span(f finding.Finding, first, last int) finding.Finding {
	f.Line, f.EndLine = first, last
	return f
}

// The file shows lines 10-20 and 40-50, each hunk three lines of context wide.
func twoHunks(path string) diff.File {
	return diff.File{
		Status: diff.Modified, OldPath: path, Path: path,
		Hunks: []diff.Hunk{
			{NewStart: 10, NewLines: 11, Added: []diff.Range{{First: 13, Last: 17}}},
			{NewStart: 40, NewLines: 11, Added: []diff.Range{{First: 43, Last: 47}}},
		},
	}
}

func TestPlacement(t *testing.T) {
	const path = "a.py"
	for _, tt := range []struct {
		name        string
		first, last int
		file        diff.File
		want        string
	}{
		{"an added line", 15, 15, twoHunks(path), "inline 15"},
		{"a context line", 10, 10, twoHunks(path), "inline 10"},
		{"the last context line", 50, 50, twoHunks(path), "inline 50"},
		{"between the hunks", 30, 30, twoHunks(path), "file"},
		{"before the first hunk", 9, 9, twoHunks(path), "file"},
		{"after the last hunk", 51, 51, twoHunks(path), "file"},
		{"lines of one hunk", 13, 16, twoHunks(path), "inline 13-16"},
		{"lines up to the hunk's end", 13, 20, twoHunks(path), "inline 13-20"},
		{"lines that leave the hunk", 19, 21, twoHunks(path), "inline 19"},
		{"lines from one hunk to the other", 15, 45, twoHunks(path), "inline 15"},
		{"lines that come into a hunk", 30, 45, twoHunks(path), "inline 40"},
		{"lines that miss both hunks", 22, 38, twoHunks(path), "file"},
		{"an end before the start", 15, 3, twoHunks(path), "inline 15"},
		{"the file as a whole", 0, 0, twoHunks(path), "file"},
		{"a pure rename", 15, 15, diff.File{Status: diff.Renamed, OldPath: "b.py", Path: path}, "file"},
		{"a binary file", 15, 15, diff.File{Status: diff.Added, Path: path, Binary: true}, "file"},
		{"a deleted file", 15, 15, diff.File{Status: diff.Deleted, OldPath: path, Path: path}, "annotation 15-15"},
		{"a file that is not touched", 15, 15, diff.File{Status: diff.Modified, OldPath: "b.py", Path: "b.py"}, "annotation 15-15"},
		{"a whole file that is not touched", 0, 0, diff.File{Status: diff.Modified, Path: "b.py"}, "annotation 1-1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := input(span(secret(path, 1), tt.first, tt.last))
			in.Files = []diff.File{tt.file}
			if got := placed(t, Plan(in)); got != tt.want {
				t.Errorf("placed %q, want %q", got, tt.want)
			}
		})
	}
}

// placed describes where the only finding of a plan went.
func placed(t *testing.T, a Actions) string {
	t.Helper()
	if n := len(a.Inline) + len(a.FileLevel) + len(a.Check.Annotations); n != 1 {
		t.Fatalf("the finding is said %d times", n)
	}
	switch {
	case len(a.FileLevel) == 1:
		if c := a.FileLevel[0]; c.Line != 0 || c.StartLine != 0 {
			t.Errorf("a file-level comment has lines %d-%d", c.StartLine, c.Line)
		}
		return "file"
	case len(a.Check.Annotations) == 1:
		n := a.Check.Annotations[0]
		return fmt.Sprintf("annotation %d-%d", n.StartLine, n.EndLine)
	case a.Inline[0].StartLine > 0:
		return fmt.Sprintf("inline %d-%d", a.Inline[0].StartLine, a.Inline[0].Line)
	}
	return fmt.Sprintf("inline %d", a.Inline[0].Line)
}

func TestCommentsCarryTheirAnnotation(t *testing.T) {
	a := Plan(input(span(secret("a.py", 3), 3, 5)))
	if got := a.Inline[0].Annotation; got.Path != "a.py" || got.StartLine != 3 || got.EndLine != 5 || got.Level != "failure" || got.Message == "" {
		t.Errorf("annotation %+v", got)
	}
}

func TestCommentsAreOrderedBySeverityThenPath(t *testing.T) {
	a := Plan(input(note("a.py", 1), secret("b.py", 2), secret("a.py", 9), note("b.py", 1)))
	var got string
	for _, c := range a.Inline {
		got += fmt.Sprintf("%s:%d ", c.Path, c.Line)
	}
	if want := "a.py:9 b.py:2 a.py:1 b.py:1 "; got != want {
		t.Errorf("order %q, want %q", got, want)
	}
}

func TestWhatGetsAComment(t *testing.T) {
	suggestion := note("a.py", 1)
	suggestion.Severity = finding.Suggestion
	nameless := secret("a\xff.py", 1)
	newline := secret("a\nb.py", 1)
	for _, tt := range []struct {
		name                string
		draft               bool
		finding             finding.Finding
		comment, annotation bool
	}{
		{"a critical secret", false, secret("a.py", 1), true, false},
		{"a minor finding", false, note("a.py", 1), true, false},
		{"a suggestion", false, suggestion, false, true},
		{"a critical secret in a draft", true, secret("a.py", 1), true, false},
		{"a minor finding in a draft", true, note("a.py", 1), false, true},
		{"a path that is not UTF-8", false, nameless, false, false},
		{"a path with a newline", false, newline, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := input(tt.finding)
			in.PullRequest.Draft = tt.draft
			a := Plan(in)
			if got := len(a.Inline) == 1; got != tt.comment {
				t.Errorf("comment %v, want %v", got, tt.comment)
			}
			if got := len(a.Check.Annotations) == 1; got != tt.annotation {
				t.Errorf("annotation %v, want %v", got, tt.annotation)
			}
			if want := Success; tt.finding.Severity < finding.Major && a.Check.Conclusion != want {
				t.Errorf("conclusion %s, want %s", a.Check.Conclusion, want)
			}
		})
	}
}

func TestADraftThatIsCriticalWithoutASecretWaits(t *testing.T) {
	f := note("a.py", 1)
	f.Severity = finding.Critical
	in := input(f)
	in.PullRequest.Draft = true
	a := Plan(in)
	if len(a.Inline) != 0 || a.Check.Conclusion != Failure {
		t.Errorf("got %d comments and %s, want none and failure", len(a.Inline), a.Check.Conclusion)
	}
	in.PullRequest.Draft = false
	if a := Plan(in); len(a.Inline) != 1 {
		t.Errorf("got %d comments once it is ready, want one", len(a.Inline))
	}
}

func TestGroups(t *testing.T) {
	var four []finding.Finding
	for line := 1; line <= 4; line++ {
		four = append(four, secret("a.py", line*7))
	}
	t.Run("three are three comments", func(t *testing.T) {
		if a := Plan(input(four[:3]...)); len(a.Inline) != 3 {
			t.Errorf("%d comments", len(a.Inline))
		}
	})
	t.Run("four are one comment, on the first that the diff shows", func(t *testing.T) {
		in := input(four...)
		in.Files = []diff.File{modified("a.py", 10, 20)}
		a := Plan(in)
		if len(a.Inline) != 1 || a.Inline[0].Line != 14 || a.Inline[0].StartLine != 0 {
			t.Fatalf("inline %+v", a.Inline)
		}
		if m, _ := ParseMarker(a.Inline[0].Body); len(m.Of) != 4 || m.Key != groupKey(four[0]) {
			t.Errorf("marker %+v", m)
		}
	})
	t.Run("another rule, another file are apart", func(t *testing.T) {
		mixed := append([]finding.Finding{note("a.py", 60), secret("b.py", 60)}, four...)
		if a := Plan(input(mixed...)); len(a.Inline) != 3 {
			t.Errorf("%d comments, want a group and two singles", len(a.Inline))
		}
	})
}

func TestLimits(t *testing.T) {
	var many []finding.Finding
	for i := range 42 {
		many = append(many, secret(fmt.Sprintf("f%02d.py", i), 5))
	}
	t.Run("inline", func(t *testing.T) {
		a := Plan(input(many...))
		if len(a.Inline) != 25 || len(a.Check.Annotations) != 17 {
			t.Errorf("%d comments and %d annotations, want 25 and 17", len(a.Inline), len(a.Check.Annotations))
		}
	})
	t.Run("file-level", func(t *testing.T) {
		in := input(many...)
		for i := range in.Files {
			in.Files[i].Hunks = nil
		}
		a := Plan(in)
		if len(a.FileLevel) != 5 || len(a.Check.Annotations) != 37 {
			t.Errorf("%d comments and %d annotations, want 5 and 37", len(a.FileLevel), len(a.Check.Annotations))
		}
	})
	t.Run("annotations", func(t *testing.T) {
		in := input(many...)
		in.Policy.Limits.Annotations = 3
		if a := Plan(in); len(a.Check.Annotations) != 3 {
			t.Errorf("%d annotations", len(a.Check.Annotations))
		}
	})
	t.Run("open comments count, whatever run posted them", func(t *testing.T) {
		first := input(many[:20]...)
		in := next(first, many...)
		in.Files = input(many...).Files
		if a := Plan(in); len(a.Inline) != 5 {
			t.Errorf("%d new comments beside 20 open ones, want 5", len(a.Inline))
		}
	})
	t.Run("fixed comments make room", func(t *testing.T) {
		first := input(many[:20]...)
		in := next(first, many[15:]...)
		in.Files = input(many...).Files
		if a := Plan(in); len(a.Inline) != 20 || len(a.Edits) != 15 {
			t.Errorf("%d new comments and %d edits, want 20 and 15", len(a.Inline), len(a.Edits))
		}
	})
	t.Run("outdated comments count as inline ones", func(t *testing.T) {
		in := next(input(many[:20]...), many...)
		for i := range in.Existing {
			in.Existing[i].Line = 0
		}
		in.Files = input(many...).Files
		if a := Plan(in); len(a.Inline) != 10 {
			t.Errorf("%d new comments, want 10: five of the open ones could be file-level", len(a.Inline))
		}
	})
	t.Run("a group names no more findings than its marker holds", func(t *testing.T) {
		var crowd []finding.Finding
		for line := range maxGroupSize + 7 {
			crowd = append(crowd, secret("a.py", line+1))
		}
		in := input(crowd...)
		a := Plan(in)
		if m, ok := ParseMarker(a.Inline[0].Body); !ok || len(m.Of) != maxGroupSize || len(a.Inline) != 1 {
			t.Fatalf("%d comments, marker of %d, %v", len(a.Inline), len(m.Of), ok)
		}
		if len(a.Inline[0].Body) > 65_000 {
			t.Errorf("the body has %d bytes", len(a.Inline[0].Body))
		}
		again := Plan(apply(in, a))
		quiet(t, again)
		if len(again.Check.Annotations) != 7 {
			t.Errorf("%d annotations, want the 7 left out", len(again.Check.Annotations))
		}
	})
}

func TestTheSameFingerprintTwiceIsOneFinding(t *testing.T) {
	f := secret("a.py", 1)
	again := f
	again.Path, again.Line, again.EndLine = "b.py", 2, 2
	a := Plan(input(f, again))
	if len(a.Inline) != 1 || a.Check.Title != "1 blocking · 41 files" {
		t.Errorf("%d comments, title %q", len(a.Inline), a.Check.Title)
	}
}
