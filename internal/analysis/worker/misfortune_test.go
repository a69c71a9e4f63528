package worker

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// crowd returns clean neighbours, each with a secret of its own, so that it
// shows which of them were judged.
func crowd(n int) (files, []string) {
	tree := make(files)
	var want []string
	for i := range n {
		path := fmt.Sprintf("n%03d.py", i)
		tree[path] = fmt.Sprintf("secret N%d", i)
		want = append(want, path+": 1 found")
	}
	return tree, want
}

// TestMisfortune: whatever a file does to its worker costs that file only.
func TestMisfortune(t *testing.T) {
	tests := []struct{ content, reason string }{
		{"panic", "the scanner failed on it"},
		{"exit", "the scanner died on it"},
		{"allocate", "the scanner ran out of memory on it"},
		{"stall", "the scan took longer than 1s"},
		{"garbage", "the scanner gave no usable answer for it"},
		{"huge", "the scanner gave no usable answer for it"},
	}
	for _, test := range tests {
		t.Run(test.content, func(t *testing.T) {
			var logged bytes.Buffer
			p := newTestPool(t, func(o *Options) {
				o.MemoryBytes = 512 << 20
				if test.content == "stall" {
					o.FileTimeout = time.Second
				}
				o.Logger = slog.New(slog.NewTextHandler(&logged, nil))
			})
			tree, want := crowd(40)
			tree["n020z.py"] = test.content
			want = append(want, "n020z.py: "+test.reason)
			slices.Sort(want)
			if diff := cmp.Diff(want, scan(t, p, tree)); diff != "" {
				t.Errorf("result differs (-want +got):\n%s", diff)
			}
			if logged.Len() == 0 {
				t.Error("nothing was logged")
			}
			if strings.Contains(logged.String(), "hunter2") {
				t.Errorf("the log holds content:\n%s", logged.String())
			}
		})
	}
}

// TestInnocentNeighbour: a worker that dies of what earlier files left behind
// is replaced, and the file that was there is tried again.
func TestInnocentNeighbour(t *testing.T) {
	for _, content := range []string{"wear", "stale"} {
		t.Run(content, func(t *testing.T) {
			p := newTestPool(t, func(o *Options) {
				o.Count = 1
			})
			tree, want := crowd(5)
			tree["m1.py"], tree["m2.py"] = content, content
			if diff := cmp.Diff(want, scan(t, p, tree)); diff != "" {
				t.Errorf("result differs (-want +got):\n%s", diff)
			}
		})
	}
}

// TestKilledWorker kills the worker in the middle of a file.
func TestKilledWorker(t *testing.T) {
	tests := []struct {
		name string
		// kills is how often the worker is killed before the file behaves.
		kills int
		want  []string
	}{
		{name: "once: the file is tried again, and judged", kills: 1},
		{name: "twice: only that file is not scanned", kills: 2, want: []string{"n020victim.py: the scanner died on it"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			pipe := filepath.Join(t.TempDir(), "pipe")
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			var killer sync.WaitGroup
			killer.Go(func() {
				for kill := 1; kill <= test.kills; kill++ {
					if err := killReader(pipe, kill == test.kills); err != nil {
						t.Error(err)
					}
				}
			})
			tree, want := crowd(40)
			tree["n020victim.py"] = "fifo " + pipe
			got := scan(t, newTestPool(t, nil), tree)
			killer.Wait()
			want = append(want, test.want...)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("result differs (-want +got):\n%s", diff)
			}
		})
	}
}

// killReader waits until a worker writes its id into the pipe, and kills it.
func killReader(pipe string, last bool) error {
	data, err := os.ReadFile(pipe)
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return err
	}
	if last {
		if err := os.Remove(pipe); err != nil {
			return err
		}
	}
	return syscall.Kill(pid, syscall.SIGKILL)
}

// TestWorkerCannotStart: without a worker nothing is judged, so the run fails.
func TestWorkerCannotStart(t *testing.T) {
	tests := []struct {
		name    string
		command []string
		want    string
	}{
		{"no such program", []string{"/nowhere/lintel"}, "no such file"},
		{"another program", []string{"/bin/false"}, "the worker died"},
		{"it refuses", workerCommand(t, "refuses"), "this worker refuses to start"},
		{"its rules do not compile", workerCommand(t, "cannot build"), "a rule does not compile"},
		{"it runs other rules", workerCommand(t, "other rules"), "runs other rules"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := newTestPool(t, func(o *Options) { o.Command = test.command })
			v, err := p.Scan(context.Background(), File{Path: "a.py"})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("verdict %+v, error %v; want one with %q", v, err, test.want)
			}
		})
	}
}
