package worker

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lintel-bot/lintel/internal/finding"
)

// lineEngine is an engine for tests. Each line of a file is a command:
//
//	secret NAME   a finding
//	many N        N findings
//	tell WHAT     a finding whose message is a fact about the worker
//	fifo PATH     while PATH exists: writes to it, then stalls
//	hold PATH     the same, keeping it open
//
// and the misfortunes named in misfortune. Everything else is clean.
type lineEngine struct {
	key   []byte
	hoard [][]byte
	worn  bool
}

func newWriter(w io.Writer) *bufio.Writer { return bufio.NewWriter(w) }

func (e *lineEngine) InScope(path string, content []byte) (string, bool) {
	if strings.HasSuffix(path, ".png") || bytes.HasPrefix(content, []byte("\x89PNG")) {
		return "binary", false
	}
	return "", true
}

func (e *lineEngine) Scan(ctx context.Context, path string, content []byte) ([]finding.Finding, error) {
	var findings []finding.Finding
	for i, line := range strings.Split(string(content), "\n") {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		found, err := e.line(ctx, path, i+1, words)
		if err != nil {
			return nil, err
		}
		findings = append(findings, found...)
	}
	return findings, nil
}

func (e *lineEngine) line(ctx context.Context, path string, line int, words []string) ([]finding.Finding, error) {
	f := finding.Finding{
		Rule: "secrets/test", Severity: finding.Critical, Quality: "Security", Path: path, Line: line, EndLine: line,
		Trace: []finding.Frame{{Path: path, Line: line}}, AlsoAt: []finding.Frame{{Path: path, Line: line}},
	}
	switch words[0] {
	case "secret":
		f.Fingerprint = finding.NewFingerprint(f.Rule, finding.KeyedDigest(e.key, words[1]))
		return []finding.Finding{f}, nil
	case "many":
		return many(f, words[1])
	case "tell":
		message, err := e.tell(words[1])
		f.Message = message
		f.Fingerprint = finding.NewFingerprint(words[1])
		return []finding.Finding{f}, err
	case "fifo", "hold":
		return nil, stallAt(words[1], words[0] == "hold")
	}
	return nil, e.misfortune(ctx, words[0])
}

func many(f finding.Finding, count string) ([]finding.Finding, error) {
	n, err := strconv.Atoi(count)
	if err != nil {
		return nil, err
	}
	findings := make([]finding.Finding, n)
	for i := range findings {
		findings[i] = f
		findings[i].AlsoAt, findings[i].Trace = nil, nil
		findings[i].Fingerprint = finding.NewFingerprint(f.Rule, strconv.Itoa(i))
	}
	return findings, nil
}

// tell reports what the worker can see or do.
func (e *lineEngine) tell(what string) (string, error) {
	switch what {
	case "environment":
		return strings.Join(os.Environ(), "\n"), nil
	case "group":
		return fmt.Sprint(syscall.Getpgrp() == os.Getpid()), nil
	case "create":
		// A worker may not write a single byte into a file.
		signal.Ignore(syscall.SIGXFSZ)
		err := os.WriteFile("/tmp/lintel-worker-"+strconv.Itoa(os.Getpid()), []byte("x"), 0o600)
		return fmt.Sprint(err), os.Remove("/tmp/lintel-worker-" + strconv.Itoa(os.Getpid()))
	}
	return tellSystem(what)
}

// stallAt writes the process id to a named pipe and then never returns. When
// the pipe is gone it returns at once: so a second attempt can succeed.
func stallAt(pipe string, hold bool) error {
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w, os.Getpid()); err != nil {
		return err
	}
	if !hold {
		if err := w.Close(); err != nil {
			return err
		}
	}
	for { // not "select {}": the runtime would call it a deadlock
		time.Sleep(time.Hour)
		runtime.KeepAlive(w)
	}
}

func (e *lineEngine) misfortune(ctx context.Context, word string) error {
	switch word {
	case "undecodable":
		return fmt.Errorf("%s: %w", word, ErrUndecodable)
	case "toomany":
		return ErrTooMany
	case "failing":
		return errors.New("the content says: hunter2")
	case "panic":
		panic("the content says: hunter2")
	case "exit":
		fmt.Fprintln(os.Stderr, "the content says: hunter2")
		os.Exit(3)
	case "allocate":
		for {
			block := make([]byte, 1<<20)
			for i := 0; i < len(block); i += 4096 {
				block[i] = 1
			}
			e.hoard = append(e.hoard, block)
		}
	case "wear": // what one file leaves behind, the next one dies of
		if e.worn {
			os.Exit(3)
		}
		e.worn = true
	case "stall":
		<-ctx.Done()
	case "garbage":
		_, err := os.Stdout.WriteString("this is no frame at all")
		return err
	case "huge":
		_, err := os.Stdout.Write([]byte{byte(frameAnswer), 0xff, 0xff, 0xff, 0xff})
		return err
	case "stale": // an answer too many, which the next file would get
		a := answer{Sequence: 1, Outcome: outcomeScanned}
		encoded, err := a.encode()
		if err != nil {
			return err
		}
		return send(newWriter(os.Stdout), frameAnswer, encoded)
	}
	return nil
}

// Facts are the words of a file; a file of the word "refuse" has none.
func (e *lineEngine) Facts(ctx context.Context, path string, content []byte) ([]byte, error) {
	if strings.TrimSpace(string(content)) == "refuse" {
		return nil, &Refusal{Reason: "it refuses"}
	}
	findings, err := e.Scan(ctx, path, content)
	return fmt.Appendf(nil, "%d facts of %s", len(findings), path), err
}
