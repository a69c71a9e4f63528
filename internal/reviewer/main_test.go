package reviewer_test

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/lintel-bot/lintel/internal/analysis"
)

// workerArgument makes the test binary a worker, as lintel's own is.
const workerArgument = "scan-worker"

// analyzer is shared by all tests of the process: its workers take a moment to
// start.
var analyzer = sync.OnceValues(func() (*analysis.Analyzer, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return analysis.NewAnalyzer(analysis.PoolOptions{
		Workers: 2, Command: []string{program, workerArgument}, Key: []byte("a key for fingerprints, of tests"),
	})
})

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == workerArgument {
		if err := analysis.ServeWorker(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if a, err := analyzer(); err == nil {
		if err := a.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}
