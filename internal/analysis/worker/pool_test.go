package worker

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// TestFairness: a review that comes while another has many files left gets its
// turn after the file that runs, not after all of them.
func TestFairness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := NewPool(Options{Count: 1, Command: []string{"none"}, Key: testKey, Version: testVersion})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		var order []string
		use := func(name string, times int) {
			for range times {
				s, err := p.acquire(context.Background())
				if err != nil {
					t.Error(err)
					return
				}
				synctest.Wait() // until everybody else waits for the worker
				order = append(order, name)
				p.slots <- s
			}
		}
		done := make(chan struct{})
		large, err := p.acquire(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			defer close(done)
			use("small", 1)
		}()
		synctest.Wait()
		p.slots <- large
		use("large", 3)
		<-done
		if len(order) != 4 || order[0] != "small" {
			t.Errorf("served in the order %v", order)
		}
	})
}

// TestWaitEndsWithContext: who waits for a worker need not wait for ever.
func TestWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := NewPool(Options{Count: 1, Command: []string{"none"}, Key: testKey, Version: testVersion})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		s, err := p.acquire(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		superseded := errors.New("superseded")
		ctx, cancel := context.WithCancelCause(context.Background())
		failed := make(chan error)
		go func() {
			_, err := p.Scan(ctx, File{})
			failed <- err
		}()
		synctest.Wait()
		cancel(superseded)
		if err := <-failed; !errors.Is(err, superseded) {
			t.Errorf("error %v", err)
		}
		p.slots <- s
	})
}

func TestNewPoolRefuses(t *testing.T) {
	for name, o := range map[string]Options{
		"no command":     {Key: testKey, Version: testVersion},
		"no key":         {Command: workerCommand(t), Version: testVersion},
		"a long key":     {Command: workerCommand(t), Version: testVersion, Key: make([]byte, maxKeyBytes+1)},
		"no version":     {Command: workerCommand(t), Key: testKey},
		"a long version": {Command: workerCommand(t), Key: testKey, Version: strings.Repeat("x", maxVersionBytes+1)},
	} {
		if _, err := NewPool(o); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestScanRefuses: a file over a bound is the caller's mistake, not a verdict.
func TestScanRefuses(t *testing.T) {
	p := newTestPool(t, nil)
	for name, f := range map[string]File{
		"a large file": {Content: make([]byte, MaxFileBytes+1)},
		"a long path":  {Path: strings.Repeat("x", MaxPathBytes+1)},
	} {
		if v, err := p.Scan(context.Background(), f); err == nil {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

func TestVerdicts(t *testing.T) {
	p := newTestPool(t, nil)
	tests := []struct {
		name string
		file File
		want Verdict
	}{
		{"clean", File{Path: "a.py", Content: []byte("x")}, Verdict{}},
		{"empty", File{Path: "a.py"}, Verdict{}},
		{"as large as allowed", File{Path: strings.Repeat("p", MaxPathBytes), Content: make([]byte, MaxFileBytes)}, Verdict{}},
		{"out of scope", File{Path: "a.png", Content: []byte("x")}, Verdict{OutOfScope: "binary"}},
		{"a sample out of scope", File{Path: "a.bin", Content: []byte("\x89PNG"), Sample: true}, Verdict{OutOfScope: "binary"}},
		{"a sample in scope is not scanned", File{Path: "a.py", Content: []byte("secret A"), Sample: true}, Verdict{}},
		{"undecodable", File{Path: "a.py", Content: []byte("undecodable")}, Verdict{NotScanned: "its text encoding cannot be read"}},
		{"a failure", File{Path: "a.py", Content: []byte("failing")}, Verdict{NotScanned: "the scanner failed on it"}},
		{"too many, says the engine", File{Path: "a.py", Content: []byte("toomany")}, Verdict{NotScanned: "it holds more than 1000 findings"}},
		{"too many", File{Path: "a.py", Content: []byte("many 1001")}, Verdict{NotScanned: "it holds more than 1000 findings"}},
		{"a panic", File{Path: "a.py", Content: []byte("panic")}, Verdict{NotScanned: "the scanner failed on it", Casualty: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := p.Scan(context.Background(), test.file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("verdict differs (-want +got):\n%s", diff)
			}
		})
	}
	v, err := p.Scan(context.Background(), File{Path: "a\n\xff.py", Content: []byte("many 1000")})
	if err != nil || len(v.Findings) != maxFindingsPerFile || v.Findings[0].Path != "a\n\xff.py" {
		t.Errorf("%d findings, %v", len(v.Findings), err)
	}
}

// TestEndOfContext: a review that is over lets go of its workers at once, in
// the middle of a file, and says why.
func TestEndOfContext(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	p := newTestPool(t, func(o *Options) { o.Count = 1 })
	superseded := errors.New("superseded")
	ctx, cancel := context.WithCancelCause(context.Background())
	var canceller sync.WaitGroup
	canceller.Go(func() {
		if _, err := os.ReadFile(pipe); err != nil {
			t.Error(err)
		}
		cancel(superseded)
	})
	if v, err := p.Scan(ctx, File{Path: "a.py", Content: []byte("fifo " + pipe)}); !errors.Is(err, superseded) {
		t.Errorf("verdict %+v, error %v", v, err)
	}
	canceller.Wait()
	if diff := cmp.Diff([]string{"b.py: 1 found"}, scan(t, p, files{"b.py": "secret B"})); diff != "" {
		t.Errorf("the next review differs (-want +got):\n%s", diff)
	}
}

// TestClose: closing ends a scan in the middle of a file, and later ones.
func TestClose(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	p := newTestPool(t, nil)
	var closer sync.WaitGroup
	closer.Go(func() {
		if _, err := os.ReadFile(pipe); err != nil {
			t.Error(err)
		}
		p.Close()
	})
	if _, err := p.Scan(context.Background(), File{Path: "a.py", Content: []byte("fifo " + pipe)}); !errors.Is(err, ErrClosed) {
		t.Errorf("the scan that ran: %v", err)
	}
	closer.Wait()
	if _, err := p.Scan(context.Background(), File{Path: "a.py"}); !errors.Is(err, ErrClosed) {
		t.Errorf("a later scan: %v", err)
	}
}
