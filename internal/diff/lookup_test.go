package diff_test

import (
	"testing"

	"github.com/lintel-bot/lintel/internal/diff"
)

// changed has a hunk with two added runs, one that only deletes, and one at
// the end of the file.
var changed = diff.File{Hunks: []diff.Hunk{
	{OldStart: 10, OldLines: 7, NewStart: 10, NewLines: 9, Added: []diff.Range{{First: 13, Last: 13}, {First: 15, Last: 16}}},
	{OldStart: 40, OldLines: 6, NewStart: 42, NewLines: 0},
	{OldStart: 60, OldLines: 3, NewStart: 61, NewLines: 4, Added: []diff.Range{{First: 64, Last: 64}}},
}}

func TestHunkContaining(t *testing.T) {
	for _, test := range []struct {
		name string
		line int
		want int // NewStart of the hunk, 0 for none
	}{
		{"line 0 is no line", 0, 0},
		{"just before the first hunk", 9, 0},
		{"first context line", 10, 10},
		{"an added line", 13, 10},
		{"last context line", 18, 10},
		{"just after the first hunk", 19, 0},
		{"a hunk without lines in the head shows none", 42, 0},
		{"first line of the last hunk", 61, 61},
		{"last line of the last hunk", 64, 61},
		{"after the last hunk", 65, 0},
		{"negative", -1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			hunk, ok := changed.HunkContaining(test.line)
			if ok != (test.want != 0) || hunk.NewStart != test.want {
				t.Errorf("HunkContaining(%d) = hunk at %d, %v; want the hunk at %d", test.line, hunk.NewStart, ok, test.want)
			}
		})
	}
}

func TestIsAdded(t *testing.T) {
	added := map[int]bool{13: true, 15: true, 16: true, 64: true}
	for line := -1; line <= 70; line++ {
		if got := changed.IsAdded(line); got != added[line] {
			t.Errorf("IsAdded(%d) = %v, want %v", line, got, added[line])
		}
	}
}

func TestAddedLines(t *testing.T) {
	if got := changed.AddedLines(); got != 4 {
		t.Errorf("AddedLines() = %d, want 4", got)
	}
	if got := (diff.File{}).AddedLines(); got != 0 {
		t.Errorf("AddedLines() of a file without hunks = %d, want 0", got)
	}
}

func TestLookupWithoutHunks(t *testing.T) {
	deleted := diff.File{Status: diff.Deleted, Hunks: []diff.Hunk{{OldStart: 1, OldLines: 3}}}
	for _, file := range []diff.File{{}, deleted} {
		for line := range 3 {
			if _, ok := file.HunkContaining(line); ok || file.IsAdded(line) {
				t.Errorf("line %d of %+v must be in no hunk", line, file)
			}
		}
	}
}
