package secrets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLocateLeavesOutNothingThatScanReports: what Scan finds on a line lies in a
// span that Locate gives for that line, under the same fingerprint.
func TestLocateLeavesOutNothingThatScanReports(t *testing.T) {
	s := newTestScanner(t)
	cases := 0
	for _, p := range corpus() {
		if !strings.HasSuffix(p.path, ".py") {
			continue
		}
		source, _ := p.expand(t)
		content := []byte(source)
		findings, err := s.Scan(t.Context(), p.path, content)
		if err != nil {
			t.Fatal(err)
		}
		text, located, err := s.Locate(t.Context(), p.path, content)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			cases++
			held := false
			for _, l := range located {
				line := 1 + strings.Count(text[:l.Start], "\n")
				held = held || Fingerprint(l.Digest) == f.Fingerprint && line == f.Line
			}
			if !held {
				t.Errorf("%s in %s line %d is not located", f.Rule, p.path, f.Line)
			}
		}
	}
	if cases < 20 {
		t.Errorf("only %d findings in Python were compared", cases)
	}
}

// BenchmarkLocate measures what taking secrets out of Python costs, on the tree
// that LINTEL_BENCH_TREE names or on this package's corpus.
func BenchmarkLocate(b *testing.B) {
	s := newTestScanner(b)
	var contents [][]byte
	size := 0
	add := func(content []byte) {
		contents = append(contents, content)
		size += len(content)
	}
	if dir := os.Getenv("LINTEL_BENCH_TREE"); dir != "" {
		err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			if err != nil || !info.Mode().IsRegular() || filepath.Ext(path) != ".py" {
				return err
			}
			content, err := os.ReadFile(path)
			add(content)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	} else {
		for _, p := range corpus() {
			source, _ := p.expand(b)
			add([]byte(source))
		}
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		for _, content := range contents {
			if _, _, err := s.Locate(b.Context(), "module.py", content); err != nil {
				b.Fatal(err)
			}
		}
	}
}
