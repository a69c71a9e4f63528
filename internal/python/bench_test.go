package python

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	treesitter "github.com/tree-sitter/go-tree-sitter"
	treesitterpython "github.com/tree-sitter/tree-sitter-python/bindings/go"
)

// benchmarkTree returns the sources to measure with: those below the folder
// that LINTEL_BENCH_TREE names, or generated ones.
func benchmarkTree(b *testing.B) [][]byte {
	b.Helper()
	var out [][]byte
	dir := os.Getenv("LINTEL_BENCH_TREE")
	if dir == "" {
		for i := range 200 {
			out = append(out, []byte(strings.Repeat(fmt.Sprintf(generated, i, i, i), 20)))
		}
		return out
	}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || filepath.Ext(path) != ".py" {
			return err
		}
		source, err := os.ReadFile(path)
		out = append(out, source)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return out
}

const generated = `
class Order%d(models.Model):
    """One order."""
    total = models.DecimalField(max_digits=10, decimal_places=2, default=%d)

    def pay(self, request, card=None):
        # Comments are skipped.
        if not card or self.total <= 0:
            raise ValueError(f"no card for {self.pk}")
        response = requests.post(settings.PAYMENTS["url"], json={"order": self.pk, "n": [1, 2, %d]}, timeout=5)
        return [line for line in response.json().get("lines", []) if line["amount"] > 0]
`

func measure(b *testing.B, read func(source []byte)) {
	tree := benchmarkTree(b)
	size := 0
	for _, source := range tree {
		size += len(source)
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		for _, source := range tree {
			read(source)
		}
	}
}

// BenchmarkBareParse is the parser alone: what facts are measured against.
func BenchmarkBareParse(b *testing.B) {
	p := treesitter.NewParser()
	defer p.Close()
	if err := p.SetLanguage(treesitter.NewLanguage(treesitterpython.Language())); err != nil {
		b.Fatal(err)
	}
	measure(b, func(source []byte) { p.Parse(source, nil).Close() })
}

// BenchmarkFacts is everything from source to stored facts.
func BenchmarkFacts(b *testing.B) {
	p, err := NewParser()
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	measure(b, func(source []byte) {
		f, err := p.Parse(b.Context(), source, nil)
		if err != nil {
			b.Fatal(err)
		}
		f.Encode()
	})
}

// BenchmarkDecode reads stored facts back.
func BenchmarkDecode(b *testing.B) {
	var encoded [][]byte
	size := 0
	for _, source := range benchmarkTree(b) {
		f, err := Parse(b.Context(), source, nil)
		if err != nil {
			b.Fatal(err)
		}
		encoded = append(encoded, f.Encode())
		size += len(encoded[len(encoded)-1])
	}
	b.SetBytes(int64(size))
	for b.Loop() {
		for _, data := range encoded {
			if _, err := Decode(data); err != nil {
				b.Fatal(err)
			}
		}
	}
}
