package worker

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// child is one worker process and the pipes to it. One goroutine at a time
// talks to it.
type child struct {
	command    *exec.Cmd
	stdin      io.WriteCloser
	out        *bufio.Reader
	complaints *complaints
	sequence   uint64

	mu sync.Mutex
	// cause is why this side killed the process; nil while it did not.
	cause error
	// reaped is true once the process id may belong to somebody else.
	reaped bool
}

var (
	errDeadline = errors.New("over the time for a file")
	errDied     = errors.New("the worker died")
	errMemory   = errors.New("the worker ran out of memory")
	errGarbage  = errors.New("the worker gave an answer that makes no sense")
)

// collectDelay bounds the wait for the error pipe of a killed worker, which a
// process that escaped from its group could hold open.
const collectDelay = 5 * time.Second

// newChild prepares a worker. Its environment holds nothing but the settings
// of the Go runtime, so no credential of the server can be in it.
func newChild(argv []string, memory int64) (*child, error) {
	command := exec.Command(argv[0], argv[1:]...)
	command.Env = []string{
		// One file at a time: a second thread is for the garbage collector.
		"GOMAXPROCS=2",
		// The collector starts to work hard well before the kernel says no.
		fmt.Sprintf("GOMEMLIMIT=%d", memory/4*3),
		"GOTRACEBACK=none",
	}
	command.Dir = string(os.PathSeparator)
	command.WaitDelay = collectDelay
	isolate(command)
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("open a pipe: %w", err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open a pipe: %w", err), stdin.Close())
	}
	complaints := &complaints{}
	command.Stderr = complaints
	return &child{command: command, stdin: stdin, out: bufio.NewReader(stdout), complaints: complaints}, nil
}

// greet sends the key and waits until the worker is ready. Its rules must be
// those of the wanted version.
func (c *child) greet(ctx context.Context, timeout time.Duration, h hello, want string) error {
	version, alive, err := c.exchange(ctx, timeout, frameHello, h.encode(), frameReady, maxVersionBytes)
	switch {
	case err != nil:
		return err
	case !alive:
		return errDeadline
	case string(version) != want:
		return errors.New("it runs other rules than this process: was the program replaced while it ran?")
	}
	return nil
}

// ask has the worker scan one file. The worker is usable afterwards only when
// alive is true.
func (c *child) ask(ctx context.Context, timeout time.Duration, j job) (a answer, alive bool, err error) {
	c.sequence++
	j.sequence = c.sequence
	payload, alive, err := c.exchange(ctx, timeout, frameJob, j.encode(), frameAnswer, maxAnswerBytes)
	if err != nil {
		return answer{}, false, err
	}
	a, err = decodeAnswer(payload, j)
	if err != nil {
		return answer{}, false, fmt.Errorf("%w: %w", errGarbage, err)
	}
	return a, alive && a.Outcome != outcomePanicked, nil
}

// exchange sends one frame and reads one. When the time is over or ctx ends,
// the process is killed, which also ends the reading and writing here.
func (c *child) exchange(ctx context.Context, timeout time.Duration, kind frameKind, parts [][]byte,
	want frameKind, limit int) (payload []byte, alive bool, err error) {
	deadline := time.AfterFunc(timeout, func() { c.kill(errDeadline) })
	keep := context.AfterFunc(ctx, func() { c.kill(context.Cause(ctx)) })
	payload, err = c.roundTrip(kind, parts, want, limit)
	// Both are called: each also says whether its kill has begun.
	inTime, wanted := deadline.Stop(), keep()
	return payload, inTime && wanted && err == nil, err
}

func (c *child) roundTrip(kind frameKind, parts [][]byte, want frameKind, limit int) ([]byte, error) {
	writer := bufio.NewWriter(c.stdin)
	err := writeFrame(writer, kind, parts...)
	if err == nil {
		err = writer.Flush()
	}
	// After a failed write there may still be the answer to a panic, or none.
	payload, readErr := readFrame(c.out, want, limit)
	switch {
	case errors.Is(readErr, errFrame):
		return nil, fmt.Errorf("%w: %w", errGarbage, readErr)
	case readErr != nil:
		return nil, fmt.Errorf("%w: %w", errDied, readErr)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errDied, err)
	}
	return payload, nil
}

// kill ends the process group. The first cause is kept.
func (c *child) kill(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause == nil {
		c.cause = cause
	}
	if c.reaped {
		return
	}
	// The only error is that the process is gone, which is what is wanted.
	_ = killProcess(c.command.Process)
}

// end kills the process, collects it, and returns why it failed: the cause of
// an earlier kill, what its last words tell, or else err. Until it is collected
// its id cannot belong to another process, so the kill hits nobody else.
func (c *child) end(err error) error {
	c.mu.Lock()
	cause := c.cause
	c.mu.Unlock()
	c.kill(errDied)
	c.mu.Lock()
	c.reaped = true
	c.mu.Unlock()
	// How it ended is known already; after a kill it is never a success.
	_ = c.command.Wait()
	if cause != nil {
		return cause
	}
	if errors.Is(err, errDied) && c.complaints.outOfMemory() {
		return errMemory
	}
	return err
}

// complaints keeps the beginning of what a worker writes to its error output,
// where the Go runtime says why it gives up. It may hold what was read from a
// repository, so after the first job nothing of it is ever passed on.
type complaints struct {
	mu   sync.Mutex
	text []byte
	size int64
}

// maxComplaintBytes is enough for the first lines of a crash.
const maxComplaintBytes = 8 << 10

// Write keeps what still fits and accepts everything.
func (c *complaints) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.size += int64(len(p))
	c.text = append(c.text, p[:min(len(p), maxComplaintBytes-len(c.text))]...)
	return len(p), nil
}

// bytes returns how much was written in all.
func (c *complaints) bytes() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.size
}

// outOfMemory reports whether the runtime says that it got no more memory.
func (c *complaints) outOfMemory() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, words := range []string{
		"out of memory",                      // the Go runtime
		"tree-sitter failed to",              // the parser of Python: "to allocate 48 bytes"
		"ThreadSanitizer failed to allocate", // the race detector, in tests
	} {
		if bytes.Contains(c.text, []byte(words)) {
			return true
		}
	}
	return false
}

// firstLine returns the first line, cut and quoted. It is for a worker that did
// not start: such a one has read nothing yet.
func (c *complaints) firstLine() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	line, _, _ := strings.Cut(strings.TrimSpace(string(c.text)), "\n")
	return fmt.Sprintf("%q", line[:min(len(line), maxSentenceBytes)])
}
