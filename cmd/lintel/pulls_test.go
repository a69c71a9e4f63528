package main

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

var updatePulls = flag.Bool("update", false, "write what lintel says into the transcripts of pull requests")

// TestPullRequestTranscripts plays each pull request in testdata/pulls through
// the real server and the fake GitHub, and compares the check and the comments
// with what stands at its end. The files under base/ are on the default branch
// before; each push-N/ changes files, an empty one is deleted.
func TestPullRequestTranscripts(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/pulls/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no transcripts: %v", err)
	}
	w := newWorld(t)
	w.start()
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) { w.playTranscript(t, name, path) })
	}
}

const transcriptFile = "review.md"

func (w *world) playTranscript(t *testing.T, name, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pushes, want := map[string]map[string]string{}, ""
	kept := archive.Files[:0]
	for _, f := range archive.Files {
		if f.Name == transcriptFile {
			want = string(f.Data)
			continue
		}
		kept = append(kept, f)
		push, file, _ := strings.Cut(f.Name, "/")
		if pushes[push] == nil {
			pushes[push] = map[string]string{}
		}
		pushes[push][file] = os.Expand(string(f.Data), func(name string) string { return plantedValues()[name] })
	}
	repository, err := w.github.CreateRepository("acme", name)
	if err != nil {
		t.Fatal(err)
	}
	shop := w.shop
	w.shop = repository
	defer func() { w.shop = shop }()
	w.push("", pushes["base"])
	delete(pushes, "base")
	var got strings.Builder
	var pull *ghtest.PullRequest
	for _, push := range slices.Sorted(maps.Keys(pushes)) {
		w.push("feature", pushes[push])
		if pull == nil {
			pull = w.open("feature")
		}
		fmt.Fprintf(&got, "# %s\n\n%s", push, transcript(w.check(pull), pull))
	}
	if *updatePulls {
		archive.Files = append(kept, txtar.File{Name: transcriptFile, Data: []byte(got.String())})
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got.String() != want {
		t.Errorf("lintel says (run with -update to keep it):\n%s", got.String())
	}
}

// push commits files to a branch; empty ones are deleted.
func (w *world) push(branch string, files map[string]string) {
	w.t.Helper()
	change := ghtest.Commit{Branch: branch, Files: map[string]string{}, Message: "Change " + branch}
	for path, content := range files {
		if content == "" {
			change.Delete = append(change.Delete, path)
		} else {
			change.Files[path] = content
		}
	}
	slices.Sort(change.Delete)
	if _, err := w.shop.Commit(change); err != nil {
		w.t.Fatal(err)
	}
}

// transcript is what a person sees of a review, without what differs from run
// to run.
func transcript(check ghtest.CheckRun, pull *ghtest.PullRequest) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## Check: %s · %s\n\n%s\n\n", check.Conclusion, check.Title, check.Summary)
	for _, a := range check.Annotations {
		fmt.Fprintf(&b, "## Annotation %s:%d %s\n\n%s\n\n%s\n\n", a.Path, a.StartLine, a.Level, a.Title, a.Message)
	}
	comments := slices.SortedFunc(slices.Values(pull.Comments()), func(a, b ghtest.Comment) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.ID, b.ID))
	})
	for _, c := range comments {
		at := fmt.Sprintf("%s:%d", c.Path, c.Line)
		if c.Line == 0 {
			at = c.Path + " as a whole"
		}
		fmt.Fprintf(&b, "## Comment on %s\n\n%s\n\n", at, c.Body)
	}
	text := b.String()
	for _, v := range varying {
		text = v.pattern.ReplaceAllString(text, v.replacement)
	}
	return text
}

// varying is what each run makes anew.
var varying = []struct {
	pattern     *regexp.Regexp
	replacement string
}{
	{regexp.MustCompile(`http://127\.0\.0\.1:\d+`), "https://github.example"},
	{regexp.MustCompile(`\b[0-9a-f]{40}\b`), "COMMIT"},
	{regexp.MustCompile(`\b[0-9a-f]{7}\b`), "commit"},
	{regexp.MustCompile(`(fp|of)=[0-9a-f,]+`), "$1=…"},
	{regexp.MustCompile(`run=\w+`), "run=…"},
	{regexp.MustCompile(`(#discussion_r)\d+`), "${1}N"},
	{regexp.MustCompile(`rules \S+ · [0-9.]+ s`), "rules … · … s"},
	{regexp.MustCompile(`[0-9.]+ s\b`), "… s"},
}
