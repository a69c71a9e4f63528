package worker

import (
	"bytes"
	"context"
	"testing"
)

// BenchmarkPipe measures what handing a file to a worker costs beyond the scan:
// the engine of these tests does next to nothing.
func BenchmarkPipe(b *testing.B) {
	for name, size := range map[string]int{"1KiB": 1 << 10, "32KiB": 32 << 10, "1MiB": 1 << 20} {
		b.Run(name, func(b *testing.B) {
			p := newTestPool(b, func(o *Options) { o.Count = 1 })
			f := File{Path: "a.py", Content: bytes.Repeat([]byte("x"), size)}
			b.SetBytes(int64(size))
			for b.Loop() {
				if _, err := p.Scan(context.Background(), f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
