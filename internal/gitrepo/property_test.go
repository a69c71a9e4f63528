package gitrepo_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lintel-bot/lintel/internal/diff"
)

// lineText draws one line, with a liking for what a diff is made of.
func lineText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"", "a", "b", "-- a/f", "++ b/f", "@@ -1 +1 @@", "diff --git a/f b/f", "\\ No newline at end of file", "x\r", "index 0..1", " "}),
		rapid.StringMatching(`[a-c]{1,3}`),
	)
}

// drawFile draws lines, and whether the last one lacks its newline.
func drawFile(t *rapid.T, name string) []string {
	lines := rapid.SliceOfN(lineText(), 0, 40).Draw(t, name)
	for i := range lines {
		lines[i] += "\n"
	}
	if n := len(lines); n > 0 && rapid.Bool().Draw(t, name+" ends without newline") {
		if lines[n-1] = strings.TrimSuffix(lines[n-1], "\n"); lines[n-1] == "" {
			lines = lines[:n-1]
		}
	}
	return lines
}

// edit draws a changed copy of lines.
func edit(t *rapid.T, lines []string) []string {
	out := slices.Clone(lines)
	for range rapid.IntRange(0, 6).Draw(t, "edits") {
		at := rapid.IntRange(0, len(out)).Draw(t, "at")
		switch {
		case rapid.Bool().Draw(t, "insert") || at == len(out):
			out = slices.Insert(out, at, lineText().Draw(t, "inserted")+"\n")
		default:
			out = slices.Delete(out, at, at+1)
		}
	}
	for i := range out[:max(len(out)-1, 0)] { // only the last line may lack its newline
		if !strings.HasSuffix(out[i], "\n") {
			out[i] += "\n"
		}
	}
	return out
}

// TestAddedLinesAreThoseThatTurnTheBaseIntoTheHead: whatever was edited, the
// head without its added lines must be the base without as many lines as were
// deleted, hunk by hunk, in order.
func TestAddedLinesAreThoseThatTurnTheBaseIntoTheHead(t *testing.T) {
	r := newRepository(t)
	// Each check is two real commits of many files: few checks see many edits.
	const pairs = 60
	if err := flag.Set("rapid.checks", "15"); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		base, head := map[string]string{}, map[string]string{}
		before, after := map[string][]string{}, map[string][]string{}
		for i := range rapid.IntRange(1, pairs).Draw(rt, "files") {
			name := fmt.Sprintf("f%d", i)
			before[name] = drawFile(rt, name)
			after[name] = edit(rt, before[name])
			base[name], head[name] = strings.Join(before[name], ""), strings.Join(after[name], "")
		}
		r.git("rm", "-rfq", "--ignore-unmatch", ".")
		b := r.commit(base)
		h := r.commit(head)
		repo := r.open()
		files, err := repo.Diff(context.Background(), b, h)
		if err != nil {
			rt.Fatal(err)
		}
		counts := numstat(rt, r.git("diff", "--numstat", "--text", b, h))
		seen := map[string]bool{}
		for _, file := range files {
			if file.Status != diff.Modified {
				rt.Fatalf("%s is %c", file.Path, file.Status)
			}
			seen[file.Path] = true
			checkReconstruction(rt, file, before[file.Path], after[file.Path])
			if want := counts[file.Path]; file.AddedLines() != want {
				rt.Fatalf("%s: %d added lines, git counts %d", file.Path, file.AddedLines(), want)
			}
		}
		for name := range before {
			if !seen[name] && base[name] != head[name] {
				rt.Fatalf("%s changed and is not listed", name)
			}
		}
	})
}

// numstat reads how many lines git itself counts as added, by path.
func numstat(t *rapid.T, out string) map[string]int {
	counts := map[string]int{}
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		added, err := strconv.Atoi(fields[0])
		if err != nil {
			t.Fatalf("numstat %q: %v", line, err)
		}
		counts[fields[2]] = added
	}
	return counts
}

// checkReconstruction rebuilds the base from the head and the hunks: outside of
// hunks the two are the same, and inside the kept lines are.
func checkReconstruction(t *rapid.T, file diff.File, before, after []string) {
	oldAt, newAt := 0, 0 // lines compared so far
	for _, hunk := range file.Hunks {
		oldFirst, newFirst := firstLine(hunk.OldStart, hunk.OldLines), firstLine(hunk.NewStart, hunk.NewLines)
		if !slices.Equal(before[oldAt:oldFirst], after[newAt:newFirst]) {
			t.Fatalf("%s differs before hunk %+v", file.Path, hunk)
		}
		oldAt, newAt = oldFirst+hunk.OldLines, newFirst+hunk.NewLines
		var kept []string
		for line := newFirst + 1; line <= newAt; line++ {
			if !file.IsAdded(line) {
				kept = append(kept, after[line-1])
			}
		}
		if !isSubsequence(kept, before[oldFirst:oldAt]) {
			t.Fatalf("%s: the lines kept in hunk %+v, %q, are not in the base's %q", file.Path, hunk, kept, before[oldFirst:oldAt])
		}
	}
	if !slices.Equal(before[oldAt:], after[newAt:]) {
		t.Fatalf("%s differs after its last hunk", file.Path)
	}
}

// firstLine is the index of a hunk's first line. A side without lines gives the
// line before it (https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html).
func firstLine(start, lines int) int {
	if lines == 0 {
		return start
	}
	return start - 1
}

func isSubsequence(part, whole []string) bool {
	for _, line := range whole {
		if len(part) > 0 && part[0] == line {
			part = part[1:]
		}
	}
	return len(part) == 0
}
