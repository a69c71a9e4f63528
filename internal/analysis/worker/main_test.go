package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

const (
	// workerArgument makes the test binary a worker with the engine of
	// engine_test.go. What follows it says how it misbehaves from the start.
	workerArgument = "scan-worker"
	testVersion    = "test-1"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == workerArgument {
		if err := runWorker(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func buildEngine(key []byte) (Engine, error) { return &lineEngine{key: key}, nil }

func runWorker(behaviour []string) error {
	build, version := buildEngine, testVersion
	if len(behaviour) > 0 {
		switch behaviour[0] {
		case "refuses":
			return errors.New("this worker refuses to start")
		case "cannot build":
			build = func([]byte) (Engine, error) { return nil, errors.New("a rule does not compile") }
		case "other rules":
			version = "test-2"
		case "server":
			return runServer(behaviour[1])
		}
	}
	return Serve(context.Background(), os.Stdin, os.Stdout, version, build)
}

// runServer scans a file at which its worker stalls.
func runServer(pipe string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	p, err := NewPool(Options{Command: []string{program, workerArgument}, Key: testKey, Version: testVersion})
	if err != nil {
		return err
	}
	defer p.Close()
	_, err = p.Scan(context.Background(), File{Path: "a.py", Content: []byte("hold " + pipe)})
	return err
}

// workerCommand returns the argument list of a worker.
func workerCommand(tb testing.TB, behaviour ...string) []string {
	tb.Helper()
	program, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	return append([]string{program, workerArgument}, behaviour...)
}

var testKey = []byte("a key for fingerprints, of tests")

// newTestPool returns a pool that is closed with the test. The change function
// may be nil.
func newTestPool(tb testing.TB, change func(*Options)) *Pool {
	tb.Helper()
	o := Options{Count: 2, Command: workerCommand(tb), Key: testKey, Version: testVersion}
	if change != nil {
		change(&o)
	}
	p, err := NewPool(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(p.Close)
	return p
}

// files are contents by path.
type files map[string]string

// scan scans files in the order of their paths, as many at a time as the pool
// takes, and says what became of each that is not clean.
func scan(t *testing.T, p *Pool, tree files) []string {
	t.Helper()
	var paths []string
	for path := range tree {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	lines := make([]string, len(paths))
	places := make(chan struct{}, p.Size())
	var running sync.WaitGroup
	for i, path := range paths {
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			v, err := p.Scan(context.Background(), File{Blob: path, Path: path, Content: []byte(tree[path])})
			if err != nil {
				t.Errorf("%s: %v", path, err)
			}
			switch {
			case v.OutOfScope != "":
				lines[i] = path + ": " + v.OutOfScope
			case v.NotScanned != "":
				lines[i] = path + ": " + v.NotScanned
			case len(v.Findings) > 0:
				lines[i] = fmt.Sprintf("%s: %d found", path, len(v.Findings))
			}
		})
	}
	running.Wait()
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}
