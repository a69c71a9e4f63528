package worker

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// tell has a worker tell a fact.
func tell(t *testing.T, p *Pool, fact string) string {
	t.Helper()
	v, err := p.Scan(context.Background(), File{Path: "a.py", Content: []byte("tell " + fact)})
	if err != nil || len(v.Findings) != 1 {
		t.Fatalf("%s: %+v, %v", fact, v, err)
	}
	return v.Findings[0].Message
}

// TestIsolation: a worker has none of what the server has.
func TestIsolation(t *testing.T) {
	t.Setenv("LINTEL_PRIVATE_KEY", "not for workers")
	// A descriptor without the close-on-exec flag, as a parent of the server
	// may have passed on.
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := listener.Close(); err != nil {
			t.Error(err)
		}
	}()
	file, err := listener.(*net.TCPListener).File()
	if err != nil {
		t.Fatal(err)
	}
	inherited, err := unix.Dup(int(file.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		for _, err := range []error{unix.Close(inherited), file.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
	}()

	memory := int64(512 << 20)
	p := newTestPool(t, func(o *Options) { o.MemoryBytes = memory })
	want := map[string]string{
		"environment": fmt.Sprintf("GOMAXPROCS=2\nGOMEMLIMIT=%d\nGOTRACEBACK=none", memory/4*3),
		"group":       "true",
		"dumpable":    "0",
		"privileges":  "1",
		"limits":      fmt.Sprintf("0/0 0/0 %d/%d", maxOpenFiles, maxOpenFiles),
	}
	for fact, value := range want {
		if told := tell(t, p, fact); told != value {
			t.Errorf("%s: %q, want %q", fact, told, value)
		}
	}
	if told := tell(t, p, "create"); !strings.Contains(told, "file too large") {
		t.Errorf("writing a file: %q", told)
	}
	if own, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); err != nil || own != 0 {
		t.Errorf("the server itself lost the right to gain privileges: %d, %v", own, err)
	}
}

// TestWorkerAsSeenFromOutside reads what the system shows of a worker that is in
// the middle of a file: neither its arguments nor its environment hold the key,
// and it has nothing open but its pipes.
func TestWorkerAsSeenFromOutside(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	leaky, err := unix.Open(os.Args[0], unix.O_RDONLY, 0) // not closed on exec
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Close(leaky); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithCancel(context.Background())
	var observer sync.WaitGroup
	observer.Go(func() {
		defer cancel()
		data, err := os.ReadFile(pipe)
		if err != nil {
			t.Error(err)
			return
		}
		observe(t, "/proc/"+strings.TrimSpace(string(data)))
	})
	p := newTestPool(t, nil)
	if _, err := p.Scan(ctx, File{Path: "a.py", Content: []byte("fifo " + pipe)}); err == nil {
		t.Error("the scan was not cancelled")
	}
	observer.Wait()
}

func observe(t *testing.T, process string) {
	for _, name := range []string{"cmdline", "environ"} {
		data, err := os.ReadFile(filepath.Join(process, name))
		if err != nil || len(data) == 0 {
			t.Errorf("%s: %d bytes, %v", name, len(data), err)
		}
		for _, form := range []string{string(testKey), hex.EncodeToString(testKey)} {
			if strings.Contains(string(data), form) {
				t.Errorf("%s holds the key: %q", name, data)
			}
		}
	}
	entries, err := os.ReadDir(filepath.Join(process, "fd"))
	if err != nil {
		t.Error(err)
	}
	for _, entry := range entries {
		target, err := os.Readlink(filepath.Join(process, "fd", entry.Name()))
		if err != nil {
			t.Error(err)
		}
		number, err := strconv.Atoi(entry.Name())
		if err != nil {
			t.Error(err)
		}
		if number > 2 && !strings.HasPrefix(target, "anon_inode:") {
			t.Errorf("descriptor %d is open: %s", number, target)
		}
	}
}

// TestWorkerDiesWithItsServer: a server that is killed leaves no worker behind,
// not even one that is in the middle of a file.
func TestWorkerDiesWithItsServer(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	argv := workerCommand(t, "server", pipe)
	server := exec.Command(argv[0], argv[1:]...)
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	worker, err := os.Open(pipe)
	if err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(worker)
	if _, err := reader.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := server.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err == nil {
		t.Error("the server ended before it was killed")
	}
	// The worker holds its end of the pipe as long as it lives.
	if rest, err := io.ReadAll(reader); err != nil || len(rest) != 0 {
		t.Errorf("read %q, %v", rest, err)
	}
	if err := worker.Close(); err != nil {
		t.Error(err)
	}
}

func TestWorkersEndWithClose(t *testing.T) {
	p := newTestPool(t, nil)
	tree, _ := crowd(10)
	scan(t, p, tree)
	var ids []int
	for range p.Size() {
		s := <-p.slots
		if s.worker != nil {
			ids = append(ids, s.worker.command.Process.Pid)
		}
		p.slots <- s
	}
	if len(ids) == 0 {
		t.Fatal("no worker ran")
	}
	p.Close()
	for _, id := range ids {
		if err := syscall.Kill(id, 0); err == nil {
			t.Errorf("worker %d is still there", id)
		}
	}
}
