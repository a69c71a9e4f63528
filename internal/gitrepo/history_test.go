package gitrepo_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/gitrepo"
)

func introducedIn(t *testing.T, repo *gitrepo.Repository, base, head string) ([]diff.Introduction, []string) {
	t.Helper()
	introductions, commits, err := repo.Introduced(context.Background(), base, head)
	if err != nil {
		t.Fatal(err)
	}
	return introductions, commits
}

func TestIntroducedListsEveryCommitOldestFirst(t *testing.T) {
	r := newRepository(t)
	base := r.commit(map[string]string{"kept": "1\n", "old name": "text\n"})
	added := r.commit(map[string]string{"secret": "value\n"})
	edited := r.commit(map[string]string{"kept": "2\n"}, "secret")
	r.git("mv", "old name", "new name")
	renamed := r.commit(nil)
	r.git("update-index", "--chmod=+x", "kept")
	r.git("commit", "-q", "-m", "mode only")
	mode := r.git("rev-parse", "HEAD")
	blob := func(where string) string { return r.git("rev-parse", where) }

	introductions, commits := introducedIn(t, r.open(), base, mode)
	if d := cmp.Diff([]string{added, edited, renamed, mode}, commits); d != "" {
		t.Errorf("commits (-want +got):\n%s", d)
	}
	want := []diff.Introduction{
		{Commit: added, Path: "secret", Mode: diff.ModeFile, Blob: blob(added + ":secret")},
		{Commit: edited, Path: "kept", Mode: diff.ModeFile, Blob: blob(edited + ":kept"), ParentBlobs: []string{blob(base + ":kept")}},
		{Commit: edited, Path: "secret", ParentBlobs: []string{blob(added + ":secret")}},
		{Commit: renamed, Path: "new name", Mode: diff.ModeFile, Blob: blob(base + ":old name")},
		{Commit: renamed, Path: "old name", ParentBlobs: []string{blob(base + ":old name")}},
	}
	if d := cmp.Diff(want, introductions); d != "" {
		t.Errorf("introductions (-want +got):\n%s", d)
	}
}

func TestIntroducedByMerges(t *testing.T) {
	r := newRepository(t)
	root := r.commit(map[string]string{"both": numbered("line", 1, 30), "left": "l\n", "right": "r\n"})
	r.git("checkout", "-q", "-b", "side")
	side := r.commit(map[string]string{"both": "top\n" + numbered("line", 1, 30), "right": "r2\n"})
	r.git("checkout", "-q", "main")
	ours := r.commit(map[string]string{"both": numbered("line", 1, 30) + "bottom\n", "left": "l2\n"})
	r.git("merge", "-q", "--no-ff", "-m", "clean", "side")
	clean := r.git("rev-parse", "HEAD")
	r.git("checkout", "-q", "-b", "evil", ours)
	r.git("merge", "-q", "--no-commit", "--no-ff", "side")
	evil := r.commit(map[string]string{"left": "neither side had this\n", "planted": "new in the merge\n"})
	blob := func(where string) string { return r.git("rev-parse", where) }
	repo := r.open()

	merged := diff.Introduction{Path: "both", Mode: diff.ModeFile, Blob: blob(clean + ":both"),
		ParentBlobs: []string{blob(ours + ":both"), blob(side + ":both")}}
	for name, test := range map[string]struct {
		head string
		want []diff.Introduction
	}{
		"a clean merge introduces only what it had to join": {clean, nil},
		"an evil merge introduces what no parent has": {evil, []diff.Introduction{
			{Path: "left", Mode: diff.ModeFile, Blob: blob(evil + ":left"), ParentBlobs: []string{blob(ours + ":left"), blob(side + ":left")}},
			{Path: "planted", Mode: diff.ModeFile, Blob: blob(evil + ":planted")},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			introductions, commits := introducedIn(t, repo, root, test.head)
			if len(commits) != 3 || commits[2] != test.head {
				t.Errorf("commits %v; want three, the merge last", commits)
			}
			var got []diff.Introduction
			for _, i := range introductions {
				if i.Commit == test.head {
					i.Commit = ""
					got = append(got, i)
				}
			}
			if d := cmp.Diff(append([]diff.Introduction{merged}, test.want...), got); d != "" {
				t.Errorf("of the merge (-want +got):\n%s", d)
			}
		})
	}
}

func TestIntroducedByARootCommitAndAnOctopus(t *testing.T) {
	r := newRepository(t)
	base := r.commit(map[string]string{"a": "1\n"})
	for _, name := range []string{"one", "two"} {
		r.git("checkout", "-q", "-b", name, base)
		r.commit(map[string]string{name: name + "\n"})
	}
	r.git("checkout", "-q", "--orphan", "unrelated")
	r.git("rm", "-rfq", ".")
	orphan := r.commit(map[string]string{"lonely": "x\n"})
	r.git("checkout", "-q", "main")
	r.git("merge", "-q", "--allow-unrelated-histories", "-m", "octopus", "unrelated")
	r.git("merge", "-q", "-m", "octopus", "one", "two")
	head := r.git("rev-parse", "HEAD")
	introductions, commits := introducedIn(t, r.open(), base, head)
	paths := map[string]string{}
	for _, i := range introductions {
		paths[i.Path] = i.Commit
	}
	if len(commits) != 5 || len(introductions) != 3 || paths["lonely"] != orphan {
		t.Errorf("commits %v, introductions %+v", commits, introductions)
	}
}

func TestIntroducedAgainstAMovedBase(t *testing.T) {
	r := newRepository(t)
	r.commit(map[string]string{"a": "1\n"})
	r.git("checkout", "-q", "-b", "feature")
	first := r.commit(map[string]string{"f": "1\n"})
	r.git("checkout", "-q", "main")
	moved := r.commit(map[string]string{"a": "2\n"})
	r.git("checkout", "-q", "feature")
	r.git("merge", "-q", "-m", "update the branch", "main")
	merge := r.git("rev-parse", "HEAD")
	introductions, commits := introducedIn(t, r.open(), moved, merge)
	if d := cmp.Diff([]string{first, merge}, commits); d != "" {
		t.Errorf("commits of the base branch must not be listed (-want +got):\n%s", d)
	}
	if len(introductions) != 1 || introductions[0].Path != "f" {
		t.Errorf("introductions %+v; want only f", introductions)
	}
	if i, c := introducedIn(t, r.open(), merge, moved); len(i)+len(c) != 0 {
		t.Errorf("a head that the base contains introduces nothing, got %v %v", i, c)
	}
}

func TestMergeBase(t *testing.T) {
	r := newRepository(t)
	root := r.commit(map[string]string{"a": "1\n"})
	r.git("checkout", "-q", "-b", "left")
	left := r.commit(map[string]string{"left": "1\n"})
	r.git("checkout", "-q", "-b", "right", root)
	right := r.commit(map[string]string{"right": "1\n"})
	// A criss-cross: each side merges the other's tip.
	r.git("merge", "-q", "-m", "left into right", left)
	rightTip := r.git("rev-parse", "HEAD")
	r.git("checkout", "-q", "left")
	r.git("merge", "-q", "-m", "right into left", right)
	leftTip := r.git("rev-parse", "HEAD")
	r.git("checkout", "-q", "--orphan", "unrelated")
	unrelated := r.commit(map[string]string{"other": "1\n"})
	repo := r.open()
	ctx := context.Background()

	for name, test := range map[string]struct{ a, b, want string }{
		"simple":                 {left, right, root},
		"one contains the other": {root, leftTip, root},
		"same":                   {left, left, left},
		"criss-cross":            {leftTip, rightTip, strings.Fields(r.git("merge-base", leftTip, rightTip))[0]},
	} {
		for range 3 {
			if got, err := repo.MergeBase(ctx, test.a, test.b); err != nil || got != test.want {
				t.Errorf("%s: MergeBase = %s, %v; want %s", name, got, err, test.want)
			}
		}
	}
	if n := len(strings.Fields(r.git("merge-base", "--all", leftTip, rightTip))); n != 2 {
		t.Fatalf("the criss-cross has %d merge bases, want 2", n)
	}
	if _, err := repo.MergeBase(ctx, left, unrelated); !errors.Is(err, gitrepo.ErrNoMergeBase) {
		t.Errorf("unrelated histories: %v; want ErrNoMergeBase", err)
	}
	if _, err := repo.MergeBase(ctx, left, strings.Repeat("1", 40)); !errors.Is(err, gitrepo.ErrMissingObject) {
		t.Errorf("an absent commit: %v; want ErrMissingObject", err)
	}
}

// TestShallowHistory: a checkout of a few commits must never give a wrong merge
// base or hide commits.
func TestShallowHistory(t *testing.T) {
	r := newRepository(t)
	var commits []string
	for i := range 6 {
		commits = append(commits, r.commit(map[string]string{"main": numbered("m", 0, i)}))
	}
	r.git("checkout", "-q", "-b", "feature", commits[3])
	r.commit(map[string]string{"f": "1\n"})
	head := r.commit(map[string]string{"f": "2\n"})
	ctx := context.Background()
	for name, test := range map[string]struct {
		depth string
		fails bool
	}{
		"one commit":             {"1", true},
		"cut inside the change":  {"2", true},
		"cut at the fork itself": {"3", false},
		"cut before the fork":    {"4", false},
	} {
		t.Run(name, func(t *testing.T) {
			clone := filepath.Join(t.TempDir(), "clone")
			runGit(t, "", nil, "clone", "-q", "--no-single-branch", "--depth", test.depth, "file://"+r.dir, clone)
			repo := openRepository(t, clone)
			base, baseErr := repo.MergeBase(ctx, commits[5], head)
			_, introduced, listErr := repo.Introduced(ctx, commits[5], head)
			if test.fails {
				if !errors.Is(baseErr, gitrepo.ErrShallow) || !errors.Is(listErr, gitrepo.ErrShallow) {
					t.Errorf("MergeBase: %s, %v; Introduced: %v; want ErrShallow", base, baseErr, listErr)
				}
				return
			}
			if baseErr != nil || base != commits[3] || listErr != nil || len(introduced) != 2 {
				t.Errorf("MergeBase = %s, %v; Introduced = %v, %v", base, baseErr, introduced, listErr)
			}
		})
	}
}
