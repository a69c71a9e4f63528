package review

import (
	"slices"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
)

func TestASecondRunOnTheSameHeadIsQuiet(t *testing.T) {
	in := input(secret("a.py", 1), note("a.py", 4), note("b.py", 400))
	quiet(t, Plan(next(in, in.Result.New...)))
}

func TestMovedLinesAndPathsKeepTheirComment(t *testing.T) {
	f := secret("a.py", 1)
	moved := f
	moved.Path, moved.Line, moved.EndLine = "b.py", 70, 70
	in := next(input(f), moved)
	in.PullRequest.Head = leakCommit
	in.Files = []diff.File{modified("b.py", 60, 80)}
	quiet(t, Plan(in))
}

func TestFixedIsSaidAndResolved(t *testing.T) {
	in := next(input(secret("a.py", 1)))
	a := Plan(in)
	e := only(t, a)
	if m, _ := ParseMarker(e.Body); !m.Fixed || m.Run != testRun {
		t.Errorf("marker %+v, want fixed and the run that posted it", m)
	}
	if !slices.Equal(a.Resolve, []string{in.Existing[0].Thread}) {
		t.Errorf("resolve %v", a.Resolve)
	}
	if a.Check.Conclusion != Success {
		t.Errorf("conclusion %s", a.Check.Conclusion)
	}
	quiet(t, Plan(apply(in, a)))
}

func TestResolving(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Comment)
		want   bool
	}{
		{"an open thread", func(*Comment) {}, true},
		{"a thread somebody answered", func(c *Comment) { c.Replied = true }, true},
		{"a resolved thread", func(c *Comment) { c.Resolved = true }, false},
		{"a thread the app may not resolve", func(c *Comment) { c.CanResolve = false }, false},
		{"a thread that is not known", func(c *Comment) { c.Thread = "" }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := next(input(secret("a.py", 1)))
			tt.change(&in.Existing[0])
			a := Plan(in)
			only(t, a)
			if got := len(a.Resolve) == 1; got != tt.want {
				t.Errorf("resolved %v, want %v", got, tt.want)
			}
		})
	}
}

// A crash between the edit and the resolution is made up for; a thread that a
// person opened again, saying why, is left alone.
func TestResolvingLater(t *testing.T) {
	in := next(input(secret("a.py", 1)))
	in = apply(in, Plan(in))
	in.Existing[0].Resolved = false
	if a := Plan(in); len(a.Resolve) != 1 || len(a.Edits) != 0 {
		t.Errorf("interrupted: resolve %v, edits %v", a.Resolve, a.Edits)
	}
	in.Existing[0].Replied = true
	quiet(t, Plan(in))
}

func TestComesBack(t *testing.T) {
	f := secret("a.py", 1)
	opened := input(f)
	fixed := next(opened)
	back := apply(fixed, Plan(fixed))
	result := *back.Result
	result.New = []finding.Finding{f}
	back.Result = &result
	a := Plan(back)
	e := only(t, a)
	if want := Plan(opened).Inline[0].Body; e.Body != want {
		t.Errorf("reopened as\n%s\nwant\n%s", e.Body, want)
	}
	if !strings.Contains(a.Check.Summary, "1 back again") || a.Check.Conclusion != Failure {
		t.Errorf("%s:\n%s", a.Check.Conclusion, a.Check.Summary)
	}
	quiet(t, Plan(apply(back, a)))
}

func TestRemovedButInHistory(t *testing.T) {
	f := secret("a.py", 1)
	in := next(input(f))
	in.Result.InHistory = []finding.Finding{f}
	a := Plan(in)
	e := only(t, a)
	if !strings.Contains(e.Body, "Removed in abc1234, still in this pull request's history: rotate it") {
		t.Errorf("body\n%s", e.Body)
	}
	if len(a.Resolve) != 0 {
		t.Error("the thread is resolved although the secret is out")
	}
	if a.Check.Conclusion != ActionRequired {
		t.Errorf("conclusion %s", a.Check.Conclusion)
	}
	t.Run("later pushes do not edit it again", func(t *testing.T) {
		later := apply(in, a)
		later.PullRequest.Head = leakCommit
		quiet(t, Plan(later))
	})
	t.Run("a rewritten history is fixed", func(t *testing.T) {
		rewritten := next(in)
		result := *rewritten.Result
		result.InHistory = nil
		rewritten.Result = &result
		a := Plan(rewritten)
		if m, _ := ParseMarker(only(t, a).Body); !m.Fixed || len(a.Resolve) != 1 || a.Check.Conclusion != Success {
			t.Errorf("marker %+v, resolve %v, %s", m, a.Resolve, a.Check.Conclusion)
		}
	})
	t.Run("added again it is open again", func(t *testing.T) {
		again := next(in, f)
		result := *again.Result
		result.InHistory = nil
		again.Result = &result
		if m, _ := ParseMarker(only(t, Plan(again)).Body); m.Fixed || m.Gone != "" {
			t.Errorf("marker %+v", m)
		}
	})
}

func TestGoneOtherwise(t *testing.T) {
	f := secret("a.py", 1)
	for want, put := range map[Gone]func(*finding.Result){
		GoneToBase:  func(r *finding.Result) { r.PreExisting = []finding.Finding{f} },
		GoneAllowed: func(r *finding.Result) { r.Suppressed = []finding.Finding{f} },
	} {
		in := next(input(f))
		put(in.Result)
		a := Plan(in)
		if m, _ := ParseMarker(only(t, a).Body); m.Gone != want || m.Fixed {
			t.Errorf("marker %+v, want %s", m, want)
		}
		if len(a.Resolve) != 1 || a.Check.Conclusion != Success {
			t.Errorf("%s: resolve %v, %s", want, a.Resolve, a.Check.Conclusion)
		}
		quiet(t, Plan(apply(in, a)))
	}
}

func TestNothingIsFixedThatWasNotJudged(t *testing.T) {
	for name, put := range map[string]func(*Input){
		"not scanned": func(in *Input) {
			in.Result.NotScanned = []finding.NotScanned{{Path: "a.py", Reason: "too large", Blocking: true}}
		},
		"nothing scanned": func(in *Input) {
			in.Result.NotScanned = []finding.NotScanned{{Reason: "the worker died", Blocking: true}}
		},
		"renamed and not scanned": func(in *Input) {
			in.Files = []diff.File{{Status: diff.Renamed, OldPath: "a.py", Path: "b.py"}}
			in.Result.NotScanned = []finding.NotScanned{{Path: "b.py", Reason: "too large", Blocking: true}}
		},
		"out of scope": func(in *Input) {
			in.Result.OutOfScope = []finding.OutOfScope{{Path: "a.py", Reason: "binary"}}
		},
		"not scanned, seen in history": func(in *Input) {
			in.Result.NotScanned = []finding.NotScanned{{Path: "a.py", Reason: "too large", Blocking: true}}
			in.Result.InHistory = []finding.Finding{secret("a.py", 1)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			in := next(input(secret("a.py", 1)))
			put(&in)
			quiet(t, Plan(in))
		})
	}
	t.Run("another file's gap does not matter", func(t *testing.T) {
		in := next(input(secret("a.py", 1)))
		in.Result.NotScanned = []finding.NotScanned{{Path: "z.py", Reason: "too large", Blocking: true}}
		only(t, Plan(in))
	})
}

func TestGroupsLive(t *testing.T) {
	var all []finding.Finding
	for line := 1; line <= 9; line++ {
		all = append(all, secret("a.py", line))
	}
	opened := input(all[:5]...)
	markerOf := func(t *testing.T, in Input) Marker {
		t.Helper()
		m, ok := ParseMarker(only(t, Plan(in)).Body)
		if !ok {
			t.Fatal("no marker")
		}
		return m
	}
	t.Run("grows", func(t *testing.T) {
		in := next(opened, all[:7]...)
		if m := markerOf(t, in); len(m.Of) != 7 {
			t.Errorf("of %d, want 7", len(m.Of))
		}
		quiet(t, Plan(apply(in, Plan(in))))
	})
	t.Run("shrinks, and is no single comment for that", func(t *testing.T) {
		in := next(opened, all[0])
		if m := markerOf(t, in); len(m.Of) != 1 || m.Fixed {
			t.Errorf("marker %+v", m)
		}
		quiet(t, Plan(apply(in, Plan(in))))
	})
	t.Run("is fixed when all of it is", func(t *testing.T) {
		in := next(opened)
		m := markerOf(t, in)
		if !m.Fixed || len(m.Of) != 5 {
			t.Errorf("marker %+v", m)
		}
		fixed := apply(in, Plan(in))
		quiet(t, Plan(fixed))
		t.Run("and opens again for one of its findings", func(t *testing.T) {
			back := next(fixed, all[2])
			if m := markerOf(t, back); m.Fixed || len(m.Of) != 1 {
				t.Errorf("marker %+v", m)
			}
		})
		t.Run("and stays closed for another one", func(t *testing.T) {
			other := next(fixed, all[8])
			if a := Plan(other); len(a.Inline) != 1 || len(a.Edits) != 0 {
				t.Errorf("%d comments and %d edits, want a single comment", len(a.Inline), len(a.Edits))
			}
		})
		t.Run("and opens again for another group", func(t *testing.T) {
			other := next(fixed, all[5:]...)
			if m := markerOf(t, other); m.Fixed || len(m.Of) != 4 {
				t.Errorf("marker %+v", m)
			}
			quiet(t, Plan(apply(other, Plan(other))))
		})
	})
	t.Run("single comments do not become a group", func(t *testing.T) {
		in := next(input(all[:3]...), all[:4]...)
		if a := Plan(in); len(a.Inline) != 1 || len(a.Edits) != 0 {
			t.Errorf("%d comments and %d edits, want one more single comment", len(a.Inline), len(a.Edits))
		}
	})
}

// Two comments on one finding can only come from a write that was thought
// lost. Both tell the truth, and only one comes back.
func TestTwoCommentsOnOneFinding(t *testing.T) {
	f := secret("a.py", 1)
	in := next(input(f), f)
	twin := in.Existing[0]
	twin.ID, twin.Thread = 2000, "PRRT_twin"
	in.Existing = append(in.Existing, twin)
	quiet(t, Plan(in))
	fixed := next(in)
	if a := Plan(fixed); len(a.Edits) != 2 || len(a.Resolve) != 2 {
		t.Errorf("%d edits, %d resolved, want both", len(a.Edits), len(a.Resolve))
	}
	back := next(fixed, f)
	if e := only(t, Plan(back)); e.CommentID != 2000 {
		t.Errorf("comment %d comes back, want the newer", e.CommentID)
	}
	quiet(t, Plan(apply(back, Plan(back))))
}
