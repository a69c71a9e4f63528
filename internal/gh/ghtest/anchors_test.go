package ghtest_test

import (
	"context"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

// Where a comment on a line of the head is after a push.
func TestCommentsFollowTheirLine(t *testing.T) {
	changed := strings.Replace(lines(1, 40), "line 10\nline 11\n", "changed 10\nchanged 11\n", 1)
	for _, c := range []struct {
		name string
		push ghtest.Commit
		// where is zero when the comment is outdated.
		path  string
		where int
	}{
		{"another file changes", ghtest.Commit{Files: map[string]string{"new.py": "three\n"}}, "app.py", 11},
		{"two lines are added above", ghtest.Commit{Files: map[string]string{"app.py": "a\nb\n" + changed}}, "app.py", 13},
		{"a line is removed above", ghtest.Commit{Files: map[string]string{"app.py": strings.TrimPrefix(changed, "line 1\n")}}, "app.py", 10},
		{"a line is added right above", ghtest.Commit{Files: map[string]string{"app.py": strings.Replace(changed, "changed 10\n", "changed 10\nx\n", 1)}}, "app.py", 12},
		{"a line is added below", ghtest.Commit{Files: map[string]string{"app.py": changed + "end\n"}}, "app.py", 11},
		{"the line changes", ghtest.Commit{Files: map[string]string{"app.py": strings.Replace(changed, "changed 11", "again 11", 1)}}, "app.py", 0},
		{"the line is as in the base again", ghtest.Commit{Files: map[string]string{"app.py": lines(1, 40)}}, "app.py", 0},
		{"the file is removed", ghtest.Commit{Delete: []string{"app.py"}}, "app.py", 0},
		{"the file is renamed", ghtest.Commit{Files: map[string]string{"shop.py": changed}, Delete: []string{"app.py"}}, "shop.py", 11},
		{"a rebase onto the base", ghtest.Commit{Base: "main", Files: map[string]string{"app.py": changed}}, "app.py", 11},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, ghtest.Options{})
			original := w.pull.Head()
			if _, err := w.pull.CommentOn("lintel[bot]", ghtest.NewComment{Path: "app.py", Line: 11, Body: "here"}); err != nil {
				t.Fatal(err)
			}
			if _, err := w.pull.Push(c.push); err != nil {
				t.Fatal(err)
			}
			got := w.pull.Comments()[0]
			if got.Path != c.path || got.Line != c.where || got.Outdated != (c.where == 0) {
				t.Errorf("now at %s:%d, outdated %v; want %s:%d", got.Path, got.Line, got.Outdated, c.path, c.where)
			}
			if got.OriginalLine != 11 || got.OriginalCommit != original {
				t.Errorf("originally at %d of %s", got.OriginalLine, got.OriginalCommit)
			}
			listed, _, err := w.client.PullRequests.ListComments(context.Background(), "acme", "shop", 1, nil)
			if err != nil {
				t.Fatal(err)
			}
			if (listed[0].Line == nil) != (c.where == 0) || listed[0].GetLine() != c.where {
				t.Errorf("the API says line %v, want %d", listed[0].Line, c.where)
			}
		})
	}
}

func TestAnOutdatedCommentComesBack(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	if _, err := w.pull.CommentOn("lintel[bot]", ghtest.NewComment{Path: "new.py", Line: 2, StartLine: 1, Body: "here"}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.pull.CommentOn("lintel[bot]", ghtest.NewComment{Path: "new.py", Body: "on the file"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		content     string
		start, line int
	}{{"one\ntwo\n", 1, 2}, {"one\nchanged\n", 0, 0}, {"zero\none\ntwo\n", 2, 3}, {"one\nbetween\ntwo\n", 0, 0}} {
		if _, err := w.pull.Push(ghtest.Commit{Files: map[string]string{"new.py": c.content}}); err != nil {
			t.Fatal(err)
		}
		got := w.pull.Comments()
		if got[0].StartLine != c.start || got[0].Line != c.line {
			t.Errorf("%q: at %d to %d, want %d to %d", c.content, got[0].StartLine, got[0].Line, c.start, c.line)
		}
		if got[1].Outdated || !got[1].File {
			t.Errorf("%q: the comment on the file: %+v", c.content, got[1])
		}
	}
	if _, err := w.pull.Push(ghtest.Commit{Delete: []string{"new.py"}}); err != nil {
		t.Fatal(err)
	}
	if got := w.pull.Comments()[1]; !got.Outdated {
		t.Errorf("the comment on a file that is gone: %+v", got)
	}
}

// The base branch moves on and the head is rebased: a comment on the left keeps
// its line of the base.
func TestCommentsOnTheLeftFollowTheBase(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	if _, err := w.pull.CommentOn("lintel[bot]", ghtest.NewComment{Path: "app.py", Line: 10, Side: "LEFT", Body: "here"}); err != nil {
		t.Fatal(err)
	}
	w.commit(ghtest.Commit{Files: map[string]string{"app.py": "first\n" + lines(1, 40)}})
	changed := strings.Replace(lines(1, 40), "line 10\nline 11\n", "changed 10\nchanged 11\n", 1)
	if _, err := w.pull.Push(ghtest.Commit{Base: "main", Files: map[string]string{"app.py": "first\n" + changed}}); err != nil {
		t.Fatal(err)
	}
	if got := w.pull.Comments()[0]; got.Line != 11 || got.Side != "LEFT" {
		t.Errorf("now at %d %s, want 11 LEFT", got.Line, got.Side)
	}
}
