package analysis

import (
	"context"
	"testing"

	"github.com/lintel-bot/lintel/internal/analysis/worker"
)

// inProcess runs the real engine in this process, to show what the pipes cost.
type inProcess struct {
	engine worker.Engine
	size   int
}

func (s inProcess) Size() int { return s.size }

func (s inProcess) Scan(ctx context.Context, f worker.File) (worker.Verdict, error) {
	if reason, ok := s.engine.InScope(f.Path, f.Content); !ok {
		return worker.Verdict{OutOfScope: reason}, nil
	}
	findings, err := s.engine.Scan(ctx, f.Path, f.Content)
	return worker.Verdict{Findings: findings}, err
}

// BenchmarkCompare judges a change of 3,500 files in two commits, with two
// workers: their processes against the same engine in this one.
func BenchmarkCompare(b *testing.B) {
	e, err := newEngine(testKey)
	if err != nil {
		b.Fatal(err)
	}
	for name, a := range map[string]*Analyzer{
		"workers":   newRealAnalyzer(b, 2),
		"inprocess": newAnalyzer(inProcess{engine: e, size: 2}, func() {}),
	} {
		b.Run(name, func(b *testing.B) {
			m, c := largeChange(3500)
			compare := func() int64 {
				result, _, err := a.Compare(context.Background(), m, c, Options{})
				if err != nil {
					b.Fatal(err)
				}
				return result.Stats.Bytes
			}
			b.SetBytes(compare()) // also starts the workers
			for b.Loop() {
				compare()
			}
		})
	}
}
