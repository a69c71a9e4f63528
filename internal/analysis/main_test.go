package analysis

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// workerArgument makes the test binary a worker, as lintel's own is.
const workerArgument = "scan-worker"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == workerArgument {
		if err := ServeWorker(context.Background(), os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

var testKey = []byte("a key for fingerprints, of tests")

// newRealAnalyzer returns an Analyzer with real workers, which is closed with
// the test.
func newRealAnalyzer(tb testing.TB, workers int) *Analyzer {
	tb.Helper()
	program, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	a, err := NewAnalyzer(PoolOptions{Workers: workers, Command: []string{program, workerArgument}, Key: testKey})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := a.Close(); err != nil {
			tb.Error(err)
		}
	})
	return a
}
