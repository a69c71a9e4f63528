package gitrepo_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/lintel-bot/lintel/internal/gitrepo"
)

// benchmarkRepository has some thousand files, 300 of which the head edits.
func benchmarkRepository(b *testing.B) (r *testRepository, base, head string) {
	b.Helper()
	r = newRepository(b)
	files := map[string]string{}
	for i := range 3_000 {
		files[fmt.Sprintf("app%d/module%d.py", i%50, i)] = numbered("line of code", i, i+200)
	}
	base = r.commit(files)
	edits := map[string]string{}
	for i := range 300 {
		edits[fmt.Sprintf("app%d/module%d.py", i%50, i)] = numbered("line of code", i, i+100) + "edited\n" + numbered("line of code", i+101, i+200)
	}
	return r, base, r.commit(edits)
}

func BenchmarkDiff(b *testing.B) {
	r, base, head := benchmarkRepository(b)
	repo := r.open()
	for b.Loop() {
		files, err := repo.Diff(context.Background(), base, head)
		if err != nil || len(files) != 300 {
			b.Fatalf("%d files, %v", len(files), err)
		}
	}
}

func BenchmarkReadBlob(b *testing.B) {
	r, _, head := benchmarkRepository(b)
	r.git("gc", "-q")
	repo := r.open()
	entries, err := repo.Tree(context.Background(), head)
	if err != nil {
		b.Fatal(err)
	}
	next, bytes := 0, int64(0)
	for b.Loop() {
		_, size, err := repo.ReadBlob(context.Background(), entries[next%len(entries)].Blob, 1<<20)
		if err != nil {
			b.Fatal(err)
		}
		next, bytes = next+1, bytes+size
	}
	b.SetBytes(bytes / int64(next))
}

func BenchmarkIntroduced(b *testing.B) {
	r, base, _ := benchmarkRepository(b)
	for i := range 50 {
		r.commit(map[string]string{"app1/module1.py": numbered("commit", 0, i)})
	}
	head := r.git("rev-parse", "HEAD")
	repo := r.open()
	for b.Loop() {
		if _, commits, err := repo.Introduced(context.Background(), base, head); err != nil || len(commits) != 51 {
			b.Fatalf("%d commits, %v", len(commits), err)
		}
	}
}

// BenchmarkSnapshotOfAPush fetches one more commit over HTTP each time.
func BenchmarkSnapshotOfAPush(b *testing.B) {
	r, base, _ := benchmarkRepository(b)
	server := serve(b, r)
	mirrors := openMirrors(b, b.TempDir(), gitrepo.MirrorOptions{})
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		head := r.commit(map[string]string{"app1/module1.py": numbered("push", i, i+10)})
		b.StartTimer()
		s, err := mirrors.Snapshot(context.Background(), server.remote(), base, head, i)
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Release(); err != nil {
			b.Fatal(err)
		}
	}
}
