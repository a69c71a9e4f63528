package analysis

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/diff"
)

// step is one commit of a history: its tree, and its parents by their place in
// the list (default: the step before).
type step struct {
	tree    files
	parents []int
}

func TestHistory(t *testing.T) {
	tests := []struct {
		name string
		// steps are commits 1, 2, …; base is the tip of the base branch, and
		// mergeBase what the last step is compared with, both by place.
		steps           []step
		base, mergeBase int
		exclude         string
		want            []string
	}{
		{
			name:  "added and taken out again is in history only",
			steps: []step{{tree: files{"a.py": "x"}}, {tree: files{"a.py": "x\nsecret A"}}, {tree: files{"a.py": "y"}}},
			want:  []string{"history a.py:2 in 2"},
		},
		{
			name:  "added and taken out so that nothing differs",
			steps: []step{{tree: files{"a.py": "x"}}, {tree: files{"a.py": "secret A"}}, {tree: files{"a.py": "x"}}},
			want:  []string{"history a.py:1 in 2"},
		},
		{
			name:  "added in a file of its own that went away",
			steps: []step{{tree: files{"a.py": "x"}}, {tree: files{"a.py": "x", ".env": "secret A"}}, {tree: files{"a.py": "x"}}},
			want:  []string{"history .env:1 in 2"},
		},
		{
			name: "moved on its way: the commit that brought it is named",
			steps: []step{
				{tree: files{"a.py": "x"}}, {tree: files{"a.py": "secret A"}}, {tree: files{"a.py": "x", "b.py": "secret A"}},
				{tree: files{"a.py": "y"}},
			},
			want: []string{"history a.py:1 in 2"},
		},
		{
			name:  "still in the head is new, not history",
			steps: []step{{tree: files{"a.py": "x"}}, {tree: files{"a.py": "secret A"}}, {tree: files{"a.py": "x\nsecret A"}}},
			want:  []string{"new a.py:2"},
		},
		{
			name:  "moved to another file of the head is new, not history",
			steps: []step{{tree: files{"a.py": "x"}}, {tree: files{"a.py": "secret A"}}, {tree: files{"a.py": "x", "b.py": "secret A"}}},
			want:  []string{"new b.py:1"},
		},
		{
			name:  "taken out of the base and put back leaks nothing",
			steps: []step{{tree: files{"a.py": "secret A"}}, {tree: files{"a.py": "x"}}, {tree: files{"a.py": "secret A"}}},
		},
		{
			name: "changed around a secret of the base, then put back",
			steps: []step{
				{tree: files{"a.py": "secret A"}}, {tree: files{"a.py": "y\nsecret A"}}, {tree: files{"a.py": "secret A"}},
			},
		},
		{
			name: "a secret of the base that a commit copied and took out",
			steps: []step{
				{tree: files{"a.py": "secret A"}}, {tree: files{"a.py": "x\nsecret A", "b.py": "secret A"}}, {tree: files{"a.py": "secret A"}},
			},
		},
		{
			name:  "fixed by the change is not history",
			steps: []step{{tree: files{"a.py": "secret A"}}, {tree: files{"a.py": "secret A\nx"}}, {tree: files{"a.py": "x"}}},
			want:  []string{"fixed a.py:1"},
		},
		{
			name: "an evil merge brings a secret that neither parent has",
			steps: []step{
				{tree: files{"a.py": "x"}}, {tree: files{"a.py": "y"}}, {tree: files{"a.py": "z"}, parents: []int{0}},
				{tree: files{"a.py": "secret A"}, parents: []int{1, 2}}, {tree: files{"a.py": "y"}},
			},
			want: []string{"history a.py:1 in 4"},
		},
		{
			name: "what a merge takes over from the base branch is the base's",
			steps: []step{
				{tree: files{"a.py": "x"}}, {tree: files{"a.py": "x\nsecret A"}}, // the base branch
				{tree: files{"a.py": "x", "b.py": "y"}, parents: []int{0}},
				{tree: files{"a.py": "x\nsecret A\nsecret B", "b.py": "y"}, parents: []int{2, 1}},
				{tree: files{"a.py": "z", "b.py": "y"}},
			},
			base: 1, mergeBase: 1,
			want: []string{"fixed a.py:2", "history a.py:3 in 4"},
		},
		{
			name: "an old content of the base branch that came back leaks nothing",
			steps: []step{
				{tree: files{"a.py": "secret A"}}, {tree: files{"a.py": "clean"}}, // the base branch took it out
				{tree: files{"a.py": "secret A\nx"}, parents: []int{0}},
				{tree: files{"a.py": "clean"}, parents: []int{2, 1}},
			},
			base: 1, mergeBase: 1,
		},
		{
			name: "each commit that leaks is named",
			steps: []step{
				{tree: files{"a.py": "x"}}, {tree: files{"a.py": "secret A"}}, {tree: files{"a.py": "y\nsecret B"}}, {tree: files{"a.py": "y"}},
			},
			want: []string{"history a.py:1 in 2", "history a.py:2 in 3"},
		},
		{
			name: "twice in one commit is one finding, and the comment in it allows nothing",
			steps: []step{
				{tree: files{"a.py": "x"}}, {tree: files{"a.py": "secret A allow", "b.py": "secret A allow"}}, {tree: files{"a.py": "y"}},
			},
			want: []string{"history a.py:1 also b.py:1 (test:allow) in 2"},
		},
		{
			name: "what is out of scope in a commit is counted, once",
			steps: []step{
				{tree: files{"a.py": "x"}},
				{tree: files{"a.py": "x", "gen/a.py": "secret A", "logo.png": "1", "link@": "a.py", "lib/": "12"}},
				{tree: files{"a.py": "x", "gen/a.py": "secret B", "logo.png": "2", "link@": "b.py", "lib/": "13"}},
				{tree: files{"a.py": "x"}},
			},
			exclude: "gen/",
			want: []string{
				"out of scope gen/a.py: excluded by configuration", "out of scope lib: submodule",
				"out of scope link: symbolic link", "out of scope logo.png: binary",
			},
		},
		{
			name: "what was not scanned in a commit blocks, and says where",
			steps: []step{
				{tree: files{"a.py": "x"}}, {tree: files{"a.py": "x", "b.py": "undecodable"}}, {tree: files{"a.py": "x"}},
			},
			want: []string{"blocking b.py: undecodable (in commit 0000000000)"},
		},
		{
			name: "what the base has not scanned either is a note",
			steps: []step{
				{tree: files{"a.py": "undecodable"}}, {tree: files{"a.py": "x"}}, {tree: files{"a.py": "undecodable"}},
			},
			want: []string{"note a.py: undecodable (in commit 0000000000)"},
		},
		{
			name: "what the head has not scanned is named once",
			steps: []step{
				{tree: files{"a.py": "x"}}, {tree: files{"a.py": "undecodable"}}, {tree: files{"a.py": "undecodable", "b.py": "x"}},
			},
			want: []string{"blocking a.py: undecodable"},
		},
	}
	a := newTestAnalyzer(2)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := newMemory()
			for i, s := range test.steps {
				parents := s.parents
				if parents == nil && i > 0 {
					parents = []int{i - 1}
				}
				m.commit(s.tree, parents...)
			}
			c := Change{MergeBase: m.id(test.mergeBase), Base: m.id(test.base), Head: m.id(len(test.steps) - 1)}
			exclude := func(path string) bool { return test.exclude != "" && strings.HasPrefix(path, test.exclude) }
			result, _, err := a.Compare(context.Background(), m, c, Options{Exclude: exclude})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, summarise(result)); diff != "" {
				t.Errorf("result differs (-want +got):\n%s", diff)
			}
		})
	}
}

// TestHistoryBounds: what lies beyond a bound is named and blocks.
func TestHistoryBounds(t *testing.T) {
	none := func(string) bool { return false }
	commits := make([]string, maxCommits+5)
	var introductions []diff.Introduction
	for i := range commits {
		commits[i] = fmt.Sprintf("%040x", i)
		introductions = append(introductions, diff.Introduction{
			Commit: commits[i], Path: "a.py", Mode: diff.ModeFile, Blob: fmt.Sprint(i),
		})
	}
	if h := newHistory(introductions, commits, none); len(h.introductions) != maxCommits || h.cut == "" {
		t.Errorf("%d introductions of too many commits, cut %q", len(h.introductions), h.cut)
	}
	if h := newHistory(introductions[:maxCommits], commits[:maxCommits], none); len(h.introductions) != maxCommits || h.cut != "" {
		t.Errorf("%d introductions of as many commits as allowed, cut %q", len(h.introductions), h.cut)
	}
	many := make([]diff.Introduction, maxIntroductions+1)
	for i := range many {
		many[i].Commit = commits[0]
	}
	h := newHistory(many, commits[:1], none)
	if len(h.introductions) != maxIntroductions || h.cut == "" {
		t.Errorf("%d introductions, cut %q", len(h.introductions), h.cut)
	}
	if h := newHistory(many[1:], commits[:1], none); h.cut != "" {
		t.Errorf("as many as allowed, cut %q", h.cut)
	}
}

// TestCutHistoryBlocks: the bound reaches the result.
func TestCutHistoryBlocks(t *testing.T) {
	m := newMemory()
	base := m.commit(files{"a.py": "x"})
	head := base
	for range maxCommits + 1 {
		head = m.commit(files{"a.py": "x"}, head)
	}
	head = m.commit(files{"a.py": "y"}, head)
	result, _, err := newTestAnalyzer(2).Compare(context.Background(), m, m.change(base, head), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"blocking : the change has 10002 commits; those after the first 10000 were not scanned one by one"}
	if diff := cmp.Diff(want, summarise(result)); diff != "" {
		t.Errorf("result differs (-want +got):\n%s", diff)
	}
}
