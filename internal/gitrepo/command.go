package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

const (
	// waitDelay is how long a finished or killed process may keep its pipes
	// open before they are closed from our side.
	waitDelay = 5 * time.Second
	// maxStderrBytes is how much of the end of git's messages is kept: enough
	// for the reason, little enough for a log line.
	maxStderrBytes = 4 << 10
)

// git runs git for one repository.
type git struct {
	program string
	// dir is the working directory of the processes.
	dir string
	env []string
	// secrets are blotted out of messages.
	secrets []string
}

// findGit looks git up once, so that a missing one is told early and plainly.
func findGit() (string, error) {
	program, err := exec.LookPath("git")
	if err != nil {
		return "", fmt.Errorf("git is needed and was not found: %w", err)
	}
	return program, nil
}

// commandError is a git command that failed.
type commandError struct {
	command string
	stderr  string
	err     error
}

func (e *commandError) Error() string {
	if e.stderr == "" {
		return fmt.Sprintf("git %s: %v", e.command, e.err)
	}
	return fmt.Sprintf("git %s: %v: %s", e.command, e.err, e.stderr)
}

func (e *commandError) Unwrap() error { return e.err }

// exitCode returns the exit status err stands for, or -1.
func exitCode(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return -1
}

// messages returns what git wrote to its standard error before it failed.
func messages(err error) string {
	var failed *commandError
	if errors.As(err, &failed) {
		return failed.stderr
	}
	return ""
}

// stream runs git and hands its output to read while it comes. When read
// fails, git is killed. A nil read discards the output.
func (g *git) stream(ctx context.Context, stdin io.Reader, read func(io.Reader) error, args ...string) error {
	// See endWithParent: no other goroutine may take the thread and end it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := g.command(ctx, args)
	cmd.Stdin = stdin
	stderr := &tail{limit: maxStderrBytes}
	cmd.Stderr = stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("git %s: %w", args[0], err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("git %s: %w", args[0], err)
	}
	if read == nil {
		read = func(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }
	}
	readErr := read(stdout)
	outer := context.Cause(ctx)
	if readErr != nil {
		cancel()
	}
	waitErr := cmd.Wait()
	switch {
	case outer != nil && (readErr != nil || waitErr != nil):
		return fmt.Errorf("git %s: %w", args[0], outer)
	case readErr != nil && exitCode(waitErr) > 0:
		// Git's own failure explains a cut-off answer better.
		return &commandError{command: args[0], stderr: g.clean(stderr.String()), err: waitErr}
	case readErr != nil:
		return fmt.Errorf("git %s: %w", args[0], readErr)
	case waitErr != nil && ctx.Err() != nil:
		return fmt.Errorf("git %s: %w", args[0], context.Cause(ctx))
	case waitErr != nil:
		return &commandError{command: args[0], stderr: g.clean(stderr.String()), err: waitErr}
	}
	return nil
}

// output runs git and returns what it prints, at most limit bytes.
func (g *git) output(ctx context.Context, limit int64, args ...string) (string, error) {
	var out bytes.Buffer
	err := g.stream(ctx, nil, func(r io.Reader) error {
		n, err := io.Copy(&out, io.LimitReader(r, limit+1))
		if err == nil && n > limit {
			return fmt.Errorf("more than %d bytes of output: %w", limit, ErrTooLarge)
		}
		return err
	}, args...)
	return out.String(), err
}

func (g *git) command(ctx context.Context, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, g.program, args...)
	cmd.Dir, cmd.Env = g.dir, g.env
	ownGroup(cmd)
	cmd.Cancel = func() error { return killGroup(cmd.Process) }
	cmd.WaitDelay = waitDelay
	return cmd
}

// clean makes git's messages fit for an error: one line, printable, without
// secrets.
func (g *git) clean(text string) string {
	for _, secret := range g.secrets {
		text = strings.ReplaceAll(text, secret, "***")
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfffd {
			return '?'
		}
		return r
	}, text)
}

// tail is a writer that keeps only the end of what it gets.
type tail struct {
	limit int
	data  []byte
	cut   bool
}

func (t *tail) Write(p []byte) (int, error) {
	t.data = append(t.data, p...)
	if over := len(t.data) - t.limit; over > 0 {
		t.data = append(t.data[:0], t.data[over:]...)
		t.cut = true
	}
	return len(p), nil
}

// String returns what was kept, from the start of a line: half a line could
// hold half a secret, which clean would not know.
func (t *tail) String() string {
	if !t.cut {
		return string(t.data)
	}
	_, whole, _ := bytes.Cut(t.data, []byte{'\n'})
	return string(whole)
}
