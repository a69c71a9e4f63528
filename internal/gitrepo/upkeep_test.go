package gitrepo_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/gitrepo"
)

// mirrorsIn lists the mirrors of a directory.
func mirrorsIn(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "[0-9]*"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range found {
		found[i] = filepath.Base(found[i])
	}
	return found
}

func remoteWithID(server *remoteServer, id int64) gitrepo.Remote {
	remote := server.remote()
	remote.RepositoryID = id
	return remote
}

func TestBudgetEvictsWhatWasUsedLongestAgo(t *testing.T) {
	r, _, base, _ := pullRequest(t)
	r.git("checkout", "-q", "feature")
	head := r.commit(map[string]string{"bulk": pseudoRandom(1, 200_000)})
	server := serve(t, r)
	dir := t.TempDir()
	// One mirror takes some 160 kB: three are too many.
	mirrors := openMirrors(t, dir, gitrepo.MirrorOptions{Budget: 400_000})
	ctx := context.Background()
	take := func(id int64) *gitrepo.Snapshot {
		t.Helper()
		s, err := mirrors.Snapshot(ctx, remoteWithID(server, id), base, head, 1)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	release := func(s *gitrepo.Snapshot) {
		t.Helper()
		for range 2 { // the second does nothing
			if err := s.Release(); err != nil {
				t.Fatal(err)
			}
		}
	}
	one, two, three := take(1), take(2), take(3)
	if got := mirrorsIn(t, dir); len(got) != 3 {
		t.Fatalf("mirrors %v; those in use must stay", got)
	}
	checkWhole(t, one)
	release(two)
	if got := fmt.Sprint(mirrorsIn(t, dir)); got != "[1.0 3.0]" {
		t.Errorf("mirrors %v; want the unused one gone", got)
	}
	release(one)
	release(three)
	release(take(1))
	release(take(4))
	if got := fmt.Sprint(mirrorsIn(t, dir)); got != "[1.0 4.0]" {
		t.Errorf("mirrors %v; want the one used longest ago gone", got)
	}
	checkWhole(t, snapshot(t, mirrors, remoteWithID(server, 3), base, head, 1))

	// The order of use outlives the process.
	again := t.TempDir()
	if err := os.Rename(dir, filepath.Join(again, "mirrors")); err != nil {
		t.Fatal(err)
	}
	openMirrors(t, filepath.Join(again, "mirrors"), gitrepo.MirrorOptions{Budget: 200_000})
	if got := mirrorsIn(t, filepath.Join(again, "mirrors")); len(got) != 1 {
		t.Errorf("after a restart with a smaller budget: mirrors %v; want one", got)
	}
}

func TestARepositoryAboveTheBudgetIsRefused(t *testing.T) {
	r, _, base, _ := pullRequest(t)
	r.git("checkout", "-q", "feature")
	head := r.commit(map[string]string{"bulk": pseudoRandom(1, 500_000)})
	server := serve(t, r)
	dir := t.TempDir()
	mirrors := openMirrors(t, dir, gitrepo.MirrorOptions{Budget: 100_000})
	if _, err := mirrors.Snapshot(context.Background(), server.remote(), base, head, 1); !errors.Is(err, gitrepo.ErrTooLarge) {
		t.Errorf("error %v; want ErrTooLarge", err)
	}
	if got := mirrorsIn(t, dir); len(got) != 0 {
		t.Errorf("mirrors %v were kept", got)
	}
}

func TestAStalledFetchIsEnded(t *testing.T) {
	r, _, base, head := pullRequest(t)
	server := serve(t, r)
	release := make(chan struct{})
	server.intercept(func(_ http.ResponseWriter, req *http.Request) bool {
		select {
		case <-req.Context().Done(): // git has gone
		case <-release:
			t.Error("git did not go")
		}
		return true
	})
	guard := time.AfterFunc(time.Minute, func() { close(release) })
	defer guard.Stop()

	dir := t.TempDir()
	short := openMirrors(t, dir, gitrepo.MirrorOptions{FetchTimeout: 300 * time.Millisecond})
	if _, err := short.Snapshot(context.Background(), server.remote(), base, head, 1); err == nil || !strings.Contains(err.Error(), "took too long") {
		t.Errorf("error %v; want one about the time", err)
	}
	long := openMirrors(t, t.TempDir(), gitrepo.MirrorOptions{})
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if _, err := long.Snapshot(ctx, server.remote(), base, head, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v; want the context's", err)
	}
	// Closing ends what is under way.
	started := make(chan struct{}, 10)
	server.intercept(func(_ http.ResponseWriter, req *http.Request) bool {
		started <- struct{}{}
		<-req.Context().Done()
		return true
	})
	result := make(chan error, 1)
	go func() {
		_, err := long.Snapshot(context.Background(), server.remote(), base, head, 1)
		result <- err
	}()
	<-started
	if err := long.Close(); err != nil {
		t.Error(err)
	}
	if err := <-result; err == nil || !strings.Contains(err.Error(), "closed") {
		t.Errorf("error %v; want one about closing", err)
	}
	if _, err := long.Snapshot(context.Background(), server.remote(), base, head, 1); err == nil {
		t.Error("closed mirrors give a snapshot")
	}
	server.intercept(func(http.ResponseWriter, *http.Request) bool { return false })
	checkWhole(t, snapshot(t, openMirrors(t, dir, gitrepo.MirrorOptions{}), server.remote(), base, head, 1))
}

// TestAFetchCutInTheMiddleLeavesNothingBehind cuts the connection while the
// pack comes, again and again, and then lets it through.
func TestAFetchCutInTheMiddleLeavesNothingBehind(t *testing.T) {
	r, _, base, _ := pullRequest(t)
	r.git("checkout", "-q", "feature")
	head := r.commit(map[string]string{"bulk": pseudoRandom(1, 300_000)})
	server := serve(t, r)
	dir := t.TempDir()
	mirrors := openMirrors(t, dir, gitrepo.MirrorOptions{})
	server.intercept(func(w http.ResponseWriter, req *http.Request) bool {
		if req.Method != http.MethodPost {
			return false
		}
		w.Header().Set("Content-Type", "application/x-git-upload-pack-result")
		if _, err := w.Write([]byte("000dpackfile\n")); err != nil {
			t.Error(err)
		}
		panic(http.ErrAbortHandler)
	})
	for range 2 {
		if _, err := mirrors.Snapshot(context.Background(), server.remote(), base, head, 1); err == nil {
			t.Fatal("a cut fetch gave a snapshot")
		}
	}
	for name := range filesBelow(t, dir) {
		if strings.Contains(name, "tmp_") || strings.HasSuffix(name, ".lock") {
			t.Errorf("left behind: %s", name)
		}
	}
	server.intercept(func(http.ResponseWriter, *http.Request) bool { return false })
	checkWhole(t, snapshot(t, mirrors, server.remote(), base, head, 1))
}

func TestLeftoversOfACrashAreRemoved(t *testing.T) {
	r, _, base, head := pullRequest(t)
	server := serve(t, r)
	dir := t.TempDir()
	first := openMirrors(t, dir, gitrepo.MirrorOptions{})
	s, err := first.Snapshot(context.Background(), server.remote(), base, head, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Release(), first.Close()); err != nil {
		t.Fatal(err)
	}
	mirror := filepath.Join(dir, "7.0")
	leftovers := []string{
		filepath.Join(mirror, "config.lock"), filepath.Join(mirror, "refs", "lintel", "1", "head.lock"),
		filepath.Join(mirror, "objects", "pack", "tmp_pack_x1"), filepath.Join(mirror, "objects", "tmp_objdir-x", "pack", "p"),
		filepath.Join(dir, "8.0.new", "HEAD"), filepath.Join(dir, "9.3.old", "HEAD"),
		filepath.Join(dir, "10.0", "HEAD"), // an older generation
	}
	for _, name := range leftovers {
		writeFile(t, name, "left", 0o600)
	}
	writeFile(t, filepath.Join(dir, "10.1", "HEAD"), "", 0o600) // its replacement, damaged
	writeFile(t, filepath.Join(dir, "somebody's file"), "kept", 0o600)

	second := openMirrors(t, dir, gitrepo.MirrorOptions{})
	for _, name := range leftovers {
		if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there (%v)", name, err)
		}
	}
	if readFile(t, filepath.Join(dir, "somebody's file")) != "kept" {
		t.Error("a file that is not ours was touched")
	}
	before, _ := server.counts()
	checkWhole(t, snapshot(t, second, server.remote(), base, head, 1))
	if after, _ := server.counts(); after != before {
		t.Error("the mirror was not taken over")
	}
	r.git("checkout", "-q", "feature")
	next := r.commit(map[string]string{"n": "x\n"})
	checkWhole(t, snapshot(t, second, server.remote(), base, next, 1))
	checkWhole(t, snapshot(t, second, remoteWithID(server, 10), base, next, 1))
	if got := fmt.Sprint(mirrorsIn(t, dir)); got != "[10.2 7.0]" {
		t.Errorf("mirrors %v; want the damaged one replaced", got)
	}
}

func TestADamagedMirrorIsFetchedAnewWhileOthersReadOn(t *testing.T) {
	packs := func(t *testing.T, mirror, pattern string) []string {
		found, err := filepath.Glob(filepath.Join(mirror, "objects", "pack", pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		for _, name := range found {
			if err := os.Chmod(name, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return found
	}
	for name, damage := range map[string]func(t *testing.T, mirror string){
		"packs cut short": func(t *testing.T, mirror string) {
			for _, name := range packs(t, mirror, "*.pack") {
				if err := os.Truncate(name, 100); err != nil {
					t.Fatal(err)
				}
			}
		},
		"packs overwritten": func(t *testing.T, mirror string) {
			for _, name := range packs(t, mirror, "*.pack") {
				data := []byte(readFile(t, name))
				for i := 12; i < len(data)-20; i++ {
					data[i] ^= 0x5a
				}
				writeFile(t, name, string(data), 0o600)
			}
		},
		"indexes gone": func(t *testing.T, mirror string) {
			for _, name := range packs(t, mirror, "*.idx") {
				if err := os.Remove(name); err != nil {
					t.Fatal(err)
				}
			}
		},
		"head gone": func(t *testing.T, mirror string) {
			if err := os.Remove(filepath.Join(mirror, "HEAD")); err != nil {
				t.Fatal(err)
			}
		},
		"references to nothing": func(t *testing.T, mirror string) {
			packs(t, mirror, "*.pack")
			if err := os.RemoveAll(filepath.Join(mirror, "objects", "pack")); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r, _, base, head := pullRequest(t)
			server := serve(t, r)
			dir := t.TempDir()
			mirrors := openMirrors(t, dir, gitrepo.MirrorOptions{})
			reading := snapshot(t, mirrors, server.remote(), base, head, 1)
			if _, err := reading.Tree(context.Background(), head); err != nil {
				t.Fatal(err)
			}
			damage(t, filepath.Join(dir, "7.0"))
			r.git("checkout", "-q", "feature")
			next := r.commit(map[string]string{"next.py": "x\n"})
			checkWhole(t, snapshot(t, mirrors, server.remote(), base, next, 1))
			checkWhole(t, snapshot(t, mirrors, server.remote(), base, head, 1))
			if err := reading.Release(); err != nil {
				t.Error(err)
			}
			if got := mirrorsIn(t, dir); len(got) != 1 {
				t.Errorf("mirrors %v; want one", got)
			}
		})
	}
}

func TestManyPushesKeepAMirrorSmall(t *testing.T) {
	r, _, base, _ := pullRequest(t)
	r.git("checkout", "-q", "feature")
	server := serve(t, r)
	dir := t.TempDir()
	mirrors := openMirrors(t, dir, gitrepo.MirrorOptions{})
	var last *gitrepo.Snapshot
	for i := range 45 {
		head := r.commit(map[string]string{"app/views.py": numbered("view", i, 80+i)})
		s, err := mirrors.Snapshot(context.Background(), server.remote(), base, head, i*64)
		if err != nil {
			t.Fatal(err)
		}
		if last = s; i < 44 {
			if err := s.Release(); err != nil {
				t.Fatal(err)
			}
		}
	}
	checkWhole(t, last)
	if err := last.Release(); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "7.0", "objects", "pack", "*.pack"))
	if err != nil || len(found) == 0 || len(found) > 42 {
		t.Errorf("%d packs, %v", len(found), err)
	}
	refs, err := filepath.Glob(filepath.Join(dir, "7.0", "refs", "lintel", "*", "*"))
	if err != nil || len(refs) > 2 {
		t.Errorf("references %v, %v; want at most two for one slot", refs, err)
	}
}

// TestAMirrorThatCannotBeReadIsReplaced damages the content of one file only,
// which nothing notices before somebody reads it.
func TestAMirrorThatCannotBeReadIsReplaced(t *testing.T) {
	r, _, base, _ := pullRequest(t)
	r.git("checkout", "-q", "feature")
	head := r.commit(map[string]string{"bulk": pseudoRandom(1, 100_000)})
	blob := r.git("rev-parse", head+":bulk")
	server := serve(t, r)
	dir := t.TempDir()
	mirrors := openMirrors(t, dir, gitrepo.MirrorOptions{})
	damaged, err := mirrors.Snapshot(context.Background(), server.remote(), base, head, 1)
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "7.0", "objects", "pack", "*.pack"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range found {
		data := []byte(readFile(t, name))
		if len(data) < 50_000 {
			continue
		}
		for i := len(data) / 2; i < len(data)/2+1000; i++ {
			data[i] ^= 0x5a
		}
		if err := os.Chmod(name, 0o600); err != nil {
			t.Fatal(err)
		}
		writeFile(t, name, string(data), 0o600)
	}
	if data, _, err := damaged.ReadBlob(context.Background(), blob, 1<<20); err == nil {
		t.Errorf("damaged content was read: %d bytes", len(data))
	}
	if err := damaged.Release(); err != nil {
		t.Fatal(err)
	}
	checkWhole(t, snapshot(t, mirrors, server.remote(), base, head, 1))
	if got := fmt.Sprint(mirrorsIn(t, dir)); got != "[7.1]" {
		t.Errorf("mirrors %v; want a new one", got)
	}
}
