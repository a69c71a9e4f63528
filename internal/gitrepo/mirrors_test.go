package gitrepo_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/gitrepo"
)

func readFile(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// pullRequest makes a repository with some history, a base branch that moved
// on, and a head with two commits that only the pull request has.
func pullRequest(t testing.TB) (r *testRepository, fork, base, head string) {
	t.Helper()
	r = newRepository(t)
	for i := range 5 {
		fork = r.commit(map[string]string{"app/views.py": numbered("view", 0, i*10), "old.txt": numbered("old", i, i)})
	}
	r.git("checkout", "-q", "-b", "feature")
	r.commit(map[string]string{"app/settings.py": "value\n", "app/views.py": numbered("view", 0, 41)})
	head = r.commit(map[string]string{"app/new.py": "new\n"}, "app/settings.py")
	r.git("update-ref", "refs/pull/1/head", head)
	r.git("checkout", "-q", "main")
	base = r.commit(map[string]string{"base.txt": "moved on\n"})
	return r, fork, base, head
}

func TestSnapshotHoldsWhatAReviewReads(t *testing.T) {
	r, fork, base, head := pullRequest(t)
	server := serve(t, r)
	s := snapshot(t, openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{}), server.remote(), base, head, 1)
	if s.MergeBase != fork || s.Base != base || s.Head != head {
		t.Errorf("snapshot of %s, %s on %s; want %s, %s on %s", s.Base, s.Head, s.MergeBase, base, head, fork)
	}
	checkWhole(t, s)
	local := r.open()
	if d := cmp.Diff(diffOf(t, local, fork, head), diffOf(t, s.Repository, fork, head)); d != "" {
		t.Errorf("the mirror's diff differs from the local one:\n%s", d)
	}
	i1, c1 := introducedIn(t, local, base, head)
	i2, c2 := introducedIn(t, s.Repository, base, head)
	if d := cmp.Diff(i1, i2) + cmp.Diff(c1, c2); d != "" || len(c1) != 2 {
		t.Errorf("the mirror's commits differ from the local ones:\n%s", d)
	}
	if id, err := s.Resolve(context.Background(), head[:12]); err != nil || id != head {
		t.Errorf("Resolve = %s, %v", id, err)
	}
}

// TestAMirrorHoldsNoContentThatNoReviewReads: that is what keeps it small.
func TestAMirrorHoldsNoContentThatNoReviewReads(t *testing.T) {
	r, fork, base, head := pullRequest(t)
	server := serve(t, r)
	s := snapshot(t, openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{}), server.remote(), base, head, 1)
	old := r.git("rev-parse", fork+"~3:app/views.py")
	before, _ := server.counts()
	if _, _, err := s.ReadBlob(context.Background(), old, 1<<20); !errors.Is(err, gitrepo.ErrMissingObject) {
		t.Errorf("ReadBlob of content from before the fork: %v; want ErrMissingObject", err)
	}
	if after, _ := server.counts(); after != before {
		t.Error("reading fetched something")
	}
}

func TestASecondSnapshotAsksTheRemoteForNothing(t *testing.T) {
	r, _, base, head := pullRequest(t)
	server := serve(t, r)
	dir := t.TempDir()
	mirrors := openMirrors(t, dir, gitrepo.MirrorOptions{})
	snapshot(t, mirrors, server.remote(), base, head, 1)
	before, _ := server.counts()
	checkWhole(t, snapshot(t, mirrors, server.remote(), base, head, 1))
	checkWhole(t, snapshot(t, openMirrors(t, dir, gitrepo.MirrorOptions{}), server.remote(), base, head, 1))
	if after, _ := server.counts(); after != before {
		t.Errorf("%d requests for what is there already", after-before)
	}
}

// TestAPushCostsWhatItChanged guards the trap that git, without references of
// its own, tells the remote nothing of what it has.
func TestAPushCostsWhatItChanged(t *testing.T) {
	r, _, base, _ := pullRequest(t)
	r.git("checkout", "-q", "feature")
	for i := range 40 { // history that costs something: long messages
		r.git("commit", "-q", "--allow-empty", "-m", pseudoRandom(i, 4000))
	}
	first := r.commit(map[string]string{"feature.py": "x\n"})
	server := serve(t, r)
	mirrors := openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{})
	snapshot(t, mirrors, server.remote(), base, first, 1)
	_, whole := server.counts()
	second := r.commit(map[string]string{"feature.py": "x\ny\n"})
	checkWhole(t, snapshot(t, mirrors, server.remote(), base, second, 2))
	_, after := server.counts()
	if pushed := after - whole; pushed > whole/10 {
		t.Errorf("a push of one line brought %d bytes, the first fetch %d", pushed, whole)
	}
}

// pseudoRandom returns text that does not compress to nothing.
func pseudoRandom(seed, bytes int) string {
	state := uint64(seed)*2654435761 + 1
	out := make([]byte, bytes)
	for i := range out {
		state = state*6364136223846793005 + 1442695040888963407
		out[i] = "abcdefghijklmnopqrstuvwxyz012345"[state>>59]
	}
	return string(out)
}

func TestForcePushRebaseAndMovedBase(t *testing.T) {
	r, fork, base, head := pullRequest(t)
	server := serve(t, r)
	mirrors := openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{})
	snapshot(t, mirrors, server.remote(), base, head, 1)

	r.git("checkout", "-q", "feature")
	r.git("rebase", "-q", "main")
	rebased := r.git("rev-parse", "HEAD")
	s := snapshot(t, mirrors, server.remote(), base, rebased, 1)
	checkWhole(t, s)
	if s.MergeBase != base {
		t.Errorf("after a rebase the merge base is %s, want %s", s.MergeBase, base)
	}
	r.git("reset", "-q", "--hard", fork)
	forced := r.commit(map[string]string{"forced.py": "x\n"})
	r.git("checkout", "-q", "main")
	moved := r.commit(map[string]string{"base.txt": "moved again\n"})
	s = snapshot(t, mirrors, server.remote(), moved, forced, 1)
	checkWhole(t, s)
	if _, commits := introducedIn(t, s.Repository, moved, forced); s.MergeBase != fork || len(commits) != 1 {
		t.Errorf("after a force push: merge base %s, commits %v; want %s and one", s.MergeBase, commits, fork)
	}
	checkWhole(t, snapshot(t, mirrors, server.remote(), base, head, 1))
}

func TestHeadOfADeletedForkComesThroughThePullRequest(t *testing.T) {
	r, fork, base, _ := pullRequest(t)
	// The head's only name is the one GitHub gives it.
	r.git("checkout", "-q", "--detach", fork)
	head := r.commit(map[string]string{"from-fork.py": "x\n"})
	r.git("update-ref", "refs/pull/9/head", head)
	r.git("checkout", "-q", "main")
	server := serve(t, r)
	mirrors := openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{})
	checkWhole(t, snapshot(t, mirrors, server.remote(), base, head, 9))
}

func TestCommitsThatAreGone(t *testing.T) {
	r, _, base, head := pullRequest(t)
	server := serve(t, r)
	mirrors := openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{})
	absent := strings.Repeat("12", 20)
	for name, test := range map[string]struct {
		base, head string
		pull       int
	}{
		"head": {base, absent, 1},
		"base": {absent, head, 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := mirrors.Snapshot(context.Background(), server.remote(), test.base, test.head, test.pull)
			if !errors.Is(err, gitrepo.ErrCommitGone) || !strings.Contains(err.Error(), absent) {
				t.Errorf("error %v; want ErrCommitGone naming the commit", err)
			}
		})
	}
	checkWhole(t, snapshot(t, mirrors, server.remote(), base, head, 1))
}

func TestUnrelatedHistoriesAndCrissCross(t *testing.T) {
	r, fork, base, head := pullRequest(t)
	r.git("checkout", "-q", "--orphan", "unrelated")
	unrelated := r.commit(map[string]string{"x": "y\n"})
	r.git("checkout", "-q", "-f", "-b", "left", base)
	r.git("merge", "-q", "-m", "head into base", head)
	left := r.git("rev-parse", "HEAD")
	r.git("checkout", "-q", "-b", "right", head)
	r.git("merge", "-q", "-m", "base into head", base)
	right := r.commit(map[string]string{"right.py": "x\n"})
	server := serve(t, r)
	mirrors := openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{})
	if _, err := mirrors.Snapshot(context.Background(), server.remote(), base, unrelated, 1); !errors.Is(err, gitrepo.ErrNoMergeBase) {
		t.Errorf("error %v; want ErrNoMergeBase", err)
	}
	s := snapshot(t, mirrors, server.remote(), left, right, 1)
	checkWhole(t, s)
	if want := strings.Fields(r.git("merge-base", left, right))[0]; s.MergeBase != want || want == fork {
		t.Errorf("merge base %s, want %s", s.MergeBase, want)
	}
}

func TestARemoteWithoutFiltersIsMirroredWhole(t *testing.T) {
	r, _, base, head := pullRequest(t)
	server := serve(t, r)
	r.git("config", "uploadpack.allowFilter", "false")
	mirrors := openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{})
	checkWhole(t, snapshot(t, mirrors, server.remote(), base, head, 1))
}

func TestConcurrentSnapshotsOfOneRepository(t *testing.T) {
	r, fork, base, head := pullRequest(t)
	heads := []string{head, fork}
	r.git("checkout", "-q", "-B", "more", fork)
	for i := range 4 {
		heads = append(heads, r.commit(map[string]string{"more.py": numbered("x", 0, i)}))
	}
	server := serve(t, r)
	mirrors := openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{})
	var wait sync.WaitGroup
	for i := range 12 {
		wait.Go(func() {
			s, err := mirrors.Snapshot(context.Background(), server.remote(), base, heads[i%len(heads)], i)
			if err != nil {
				t.Error(err)
				return
			}
			checkWhole(t, s)
			if err := s.Release(); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}

func TestSubmodulesAreNotFetched(t *testing.T) {
	r, fork, base, _ := pullRequest(t)
	r.git("checkout", "-q", "-B", "modules", fork)
	r.write(".gitmodules", "[submodule \"m\"]\n\tpath = m\n\turl = ext::sh -c touch% pwned\n")
	r.git("add", ".gitmodules")
	r.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("34", 20)+",m")
	r.git("commit", "-q", "-m", "a submodule")
	head := r.git("rev-parse", "HEAD")
	server := serve(t, r)
	s := snapshot(t, openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{}), server.remote(), base, head, 1)
	files := diffOf(t, s.Repository, s.MergeBase, head)
	if len(files) != 2 || files[1].Mode.Regular() || files[1].Hunks != nil {
		t.Errorf("Diff = %+v", files)
	}
	if found, err := filepath.Glob(filepath.Join(r.dir, "pwned*")); err != nil || len(found) > 0 {
		t.Errorf("the submodule's URL ran: %v, %v", found, err)
	}
}
