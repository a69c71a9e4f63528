package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"

	"github.com/lintel-bot/lintel/internal/finding"
)

// What an Engine returns for a file that it cannot scan as a whole.
var (
	// ErrUndecodable: the text of the file cannot be decoded.
	ErrUndecodable = errors.New("undecodable")
	// ErrTooMany: the file holds more findings than can be listed.
	ErrTooMany = errors.New("too many findings")
)

// Engine finds defects in the content of one file. It runs in workers only.
type Engine interface {
	// InScope reports whether the file is judged at all, and if not, why. The
	// content may be only the beginning of a file that is too large to scan.
	InScope(path string, content []byte) (reason string, ok bool)
	// Scan returns all findings of a file, or an error: nothing in part.
	Scan(ctx context.Context, path string, content []byte) ([]finding.Finding, error)
	// Facts returns what is known of a file, encoded, without any secret. An
	// error may be a *Refusal.
	Facts(ctx context.Context, path string, content []byte) ([]byte, error)
}

// Refusal is why an Engine has no facts of a file that it could read, in words
// for people that quote nothing of it.
type Refusal struct{ Reason string }

func (r *Refusal) Error() string { return r.Reason }

// Builder makes the Engine of a worker from the key of fingerprints.
type Builder func(key []byte) (Engine, error)

// Serve is the whole life of a worker process: it takes the key and then one
// file after the other from in, writes to out what the Engine finds in each,
// and returns nil when in ends. The version is that of the Engine's rules.
// First it gives up everything that a scan does not need, for the whole
// process: see restrict.
func Serve(ctx context.Context, in io.Reader, out io.Writer, version string, build Builder) error {
	return serve(ctx, in, out, version, restrict, build)
}

// errPanicked ends a worker after a panic: what else the panic broke in the
// process is unknown.
var errPanicked = errors.New("the scanner panicked")

func serve(ctx context.Context, in io.Reader, out io.Writer, version string,
	restrict func(memory int64) error, build Builder) error {
	reader, writer := bufio.NewReader(in), bufio.NewWriter(out)
	payload, err := readFrame(reader, frameHello, maxHelloBytes)
	if err != nil {
		return fmt.Errorf("read hello: %w", err)
	}
	greeting, err := decodeHello(payload)
	if err != nil {
		return err
	}
	if err := restrict(greeting.memory); err != nil {
		return fmt.Errorf("restrict the worker: %w", err)
	}
	e, err := build(greeting.key)
	if err != nil {
		return fmt.Errorf("build the scanner: %w", err)
	}
	if err := send(writer, frameReady, []byte(version)); err != nil {
		return err
	}
	for ctx.Err() == nil {
		payload, err := readFrame(reader, frameJob, maxJobBytes)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read job: %w", err)
		}
		if err := serveJob(ctx, e, payload, writer); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func serveJob(ctx context.Context, e Engine, payload []byte, writer *bufio.Writer) error {
	j, err := decodeJob(payload)
	if err != nil {
		return err
	}
	a := judge(ctx, e, j)
	encoded, err := a.encode()
	if err != nil {
		return err
	}
	if err := send(writer, frameAnswer, encoded); err != nil {
		return err
	}
	if a.Outcome == outcomePanicked {
		return errPanicked
	}
	return nil
}

func send(writer *bufio.Writer, kind frameKind, payload []byte) error {
	if err := writeFrame(writer, kind, payload); err != nil {
		return err
	}
	if err := writer.Flush(); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

// judge runs the Engine over one file. No error text leaves the worker, since
// it may quote the content.
func judge(ctx context.Context, e Engine, j job) (a answer) {
	a = answer{Sequence: j.sequence}
	defer func() {
		if recover() != nil {
			a = answer{Sequence: j.sequence, Outcome: outcomePanicked, Where: panicSite()}
		}
	}()
	if reason, ok := e.InScope(j.path, j.content); !ok {
		a.Outcome, a.Reason = outcomeOutOfScope, reason
		return a
	}
	if j.sample {
		a.Outcome = outcomeInScope
		return a
	}
	if j.facts {
		return gather(ctx, e, j, a)
	}
	findings, err := e.Scan(ctx, j.path, j.content)
	switch {
	case errors.Is(err, ErrUndecodable):
		a.Outcome = outcomeUndecodable
	case errors.Is(err, ErrTooMany), len(findings) > maxFindingsPerFile:
		a.Outcome = outcomeOverflow
	case err != nil:
		a.Outcome = outcomeFailed
	default:
		a.Outcome, a.Findings = outcomeScanned, findings
	}
	for i := range a.Findings {
		if !dropPath(&a.Findings[i], j.path) {
			return answer{Sequence: j.sequence, Outcome: outcomeFailed}
		}
	}
	return a
}

// gather answers a job that asks for facts.
func gather(ctx context.Context, e Engine, j job, a answer) answer {
	facts, err := e.Facts(ctx, j.path, j.content)
	var refusal *Refusal
	switch {
	case errors.As(err, &refusal):
		a.Outcome, a.Reason = outcomeRefused, refusal.Reason
	case errors.Is(err, ErrUndecodable):
		a.Outcome = outcomeUndecodable
	case err != nil:
		a.Outcome = outcomeFailed
	default:
		a.Outcome, a.Facts = outcomeFacts, facts
	}
	return a
}

// panicSite names the function and line that panicked, for the server's log.
// Called from a deferred function; unlike the panic's text it holds nothing
// that was read from the repository.
func panicSite() string {
	callers := make([]uintptr, 32)
	// Skip Callers, this function and the deferred function.
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	for {
		frame, more := frames.Next()
		if !strings.HasPrefix(frame.Function, "runtime.") {
			site := fmt.Sprintf("%s:%d", frame.Function, frame.Line)
			return site[:min(len(site), maxSentenceBytes)]
		}
		if !more {
			return ""
		}
	}
}
