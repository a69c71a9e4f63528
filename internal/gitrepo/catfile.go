package gitrepo

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// maxHeaderBytes bounds a header of `git cat-file`: an id, a word, a number.
const maxHeaderBytes = 256

// errProtocol: git's answer is not what the protocol says. The process that
// gave it is not asked again.
var errProtocol = errors.New("unexpected answer from git cat-file")

// header is the first line of an answer of `git cat-file --batch-command`
// (https://git-scm.com/docs/git-cat-file#_batch_output).
type header struct {
	kind string
	size int64
}

// parseHeader reads the header that answers a question about id. An object
// that is not there gives ErrMissingObject.
func parseHeader(line, id string) (header, error) {
	rest, ok := strings.CutPrefix(line, id+" ")
	if !ok {
		return header{}, fmt.Errorf("%w: header %q for object %s", errProtocol, clip(line), id)
	}
	if rest == "missing" {
		return header{}, ErrMissingObject
	}
	kind, digits, _ := strings.Cut(rest, " ")
	switch kind {
	case "blob", "tree", "commit", "tag":
	default:
		return header{}, fmt.Errorf("%w: header %q", errProtocol, clip(line))
	}
	size, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || strconv.FormatUint(size, 10) != digits {
		return header{}, fmt.Errorf("%w: header %q", errProtocol, clip(line))
	}
	return header{kind: kind, size: int64(size)}, nil
}

// catFile is one running `git cat-file --batch-command`.
type catFile struct {
	git    *git
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	stderr *tail

	mu    sync.Mutex
	ended bool
	// gone is closed once the process was waited for.
	gone chan struct{}
}

func startCatFile(g *git) (*catFile, error) {
	cmd := exec.Command(g.program, "cat-file", "--batch-command")
	cmd.Dir, cmd.Env = g.dir, g.env
	cmd.WaitDelay = waitDelay
	ownGroup(cmd)
	c := &catFile{git: g, cmd: cmd, stderr: &tail{limit: maxStderrBytes}, gone: make(chan struct{})}
	cmd.Stderr = c.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	started := make(chan error)
	go func() { // see endWithParent: this thread must last as long as git
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			<-c.gone
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("git cat-file: %w", err)
	}
	c.in, c.out = in, bufio.NewReaderSize(out, 64<<10)
	return c, nil
}

// ask sends one command about id and reads the header of the answer.
func (c *catFile) ask(command, id string) (header, error) {
	if _, err := io.WriteString(c.in, command+" "+id+"\n"); err != nil {
		return header{}, fmt.Errorf("%w: %w", errProtocol, err)
	}
	line, err := c.out.ReadSlice('\n')
	if err != nil {
		return header{}, fmt.Errorf("%w: %w", errProtocol, err)
	}
	if len(line) > maxHeaderBytes {
		return header{}, fmt.Errorf("%w: a header of %d bytes", errProtocol, len(line))
	}
	return parseHeader(string(line[:len(line)-1]), id)
}

// contents reads an object of the given size whole.
func (c *catFile) contents(id string, want header) ([]byte, error) {
	got, err := c.ask("contents", id)
	if err != nil {
		return nil, err
	}
	if got != want {
		return nil, fmt.Errorf("%w: object %s has two sizes", errProtocol, id)
	}
	data := make([]byte, want.size)
	if _, err := io.ReadFull(c.out, data); err != nil {
		return nil, fmt.Errorf("%w: %w", errProtocol, err)
	}
	end, err := c.out.ReadByte()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errProtocol, err)
	}
	if end != '\n' {
		return nil, fmt.Errorf("%w: object %s does not end where it should", errProtocol, id)
	}
	return data, nil
}

// kill ends the process; a pending read or write then fails. It may be called
// at any time and more than once.
func (c *catFile) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		// A process that is gone already is what was wanted.
		_ = killGroup(c.cmd.Process)
	}
}

// end kills the process, waits for it and returns its last messages.
func (c *catFile) end() string {
	c.kill()
	c.mu.Lock()
	c.ended = true // from here on the process id may be somebody else's
	c.mu.Unlock()
	// It was killed: how it ended says nothing.
	_ = c.in.Close()
	_ = c.cmd.Wait()
	close(c.gone)
	return c.git.clean(c.stderr.String())
}
