package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/term"

	"github.com/lintel-bot/lintel/internal/analysis"
	"github.com/lintel-bot/lintel/internal/analysis/factcache"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/report"
	"github.com/lintel-bot/lintel/internal/telemetry"
)

// localFlags are what scan and audit have in common.
type localFlags struct {
	Path   string `arg:"" optional:"" default:"." help:"A git repository, or a folder in one." type:"path"`
	Format string `enum:"text,json" default:"text" help:"Output: ${enum}."`
	FailOn string `enum:"critical,major,minor,suggestion,never" default:"major" help:"Lowest severity that ends with exit code 1: ${enum}."`
}

// failOn returns the threshold; zero for never.
func (f localFlags) failOn() (finding.Severity, error) {
	if f.FailOn == "never" {
		return 0, nil
	}
	return finding.ParseSeverity(f.FailOn)
}

// analyze opens an analyzer for a local scan, runs it and prints what it found.
// The returned error carries the exit code.
func (f localFlags) analyze(ctx context.Context, io console, audit bool,
	scan func(context.Context, *analysis.Analyzer, analysis.Options) (*finding.Result, error)) error {
	failOn, err := f.failOn()
	if err != nil {
		return &exitError{exitFailed, err}
	}
	key, err := localKey(io)
	if err != nil {
		return &exitError{exitFailed, err}
	}
	command, err := workerArguments()
	if err != nil {
		return &exitError{exitFailed, err}
	}
	env := environment{io.lookup, os.ReadFile}
	rules, err := catalogue(env.text("LINTEL_RULES_DIR", ""))
	if err != nil {
		return &exitError{exitFailed, err}
	}
	log := telemetry.NewLogger(io.stderr, slog.LevelError)
	analyzer, err := analysis.NewAnalyzer(analysis.PoolOptions{
		Workers: runtime.NumCPU(), Command: command, Key: key, Catalogue: rules, Facts: localFacts(env, log), Logger: log,
	})
	if err != nil {
		return &exitError{exitFailed, err}
	}
	progress := newProgress(io.stderr)
	result, err := scan(ctx, analyzer, analysis.Options{Progress: progress.show})
	progress.clear()
	if err := errors.Join(interrupted(ctx, err), analyzer.Close()); err != nil {
		return err
	}
	if f.Format == "json" {
		err = report.JSON(io.stdout, result)
	} else {
		err = report.Text(io.stdout, result, report.TextOptions{
			Color: colored(io), Width: width(io.stdout), FailOn: failOn, Audit: audit,
		})
	}
	if err != nil {
		return &exitError{exitFailed, fmt.Errorf("writing the report: %w", err)}
	}
	if code := report.ExitCode(result, failOn); code != exitOK {
		return &exitError{code: code}
	}
	return nil
}

// localFacts opens the cache of facts in the user's cache directory; without one
// every scan reads everything.
func localFacts(env environment, log *slog.Logger) *factcache.Cache {
	dir := env.text("XDG_CACHE_HOME", "")
	if dir == "" {
		home := env.text("HOME", "")
		if home == "" {
			return nil
		}
		dir = filepath.Join(home, ".cache")
	}
	cache, err := factcache.Open(filepath.Join(dir, "lintel", "facts"), log)
	if err != nil {
		log.Warn("no facts are kept between scans", "error", err)
		return nil
	}
	return cache
}

// localKey returns the key of the fingerprints: from the environment, else one
// kept in the user's state directory
// (https://specifications.freedesktop.org/basedir-spec/latest/), so that the
// same secret has the same fingerprint in every scan on this machine.
func localKey(io console) ([]byte, error) {
	env := environment{io.lookup, os.ReadFile}
	given, err := env.secret("LINTEL_FINGERPRINT_KEY")
	if err != nil {
		return nil, err
	}
	if given != "" {
		if len(given) < minKeyBytes {
			return nil, fmt.Errorf("LINTEL_FINGERPRINT_KEY is shorter than %d characters", minKeyBytes)
		}
		return deriveKey([]byte(given))
	}
	dir := env.text("XDG_STATE_HOME", "")
	if dir == "" {
		if home := env.text("HOME", ""); home != "" {
			dir = filepath.Join(home, ".local", "state")
		}
	}
	if dir != "" {
		key, err := storedKey(filepath.Join(dir, "lintel", "fingerprint.key"))
		if err == nil {
			return key, nil
		}
		fmt.Fprintf(io.stderr, "lintel: no fingerprint key can be kept (%v): fingerprints hold for this run only\n", err)
	}
	key := make([]byte, 32)
	rand.Read(key) // never fails, crypto/rand says
	return key, nil
}

// storedKey reads the key at path, or makes it. Of two processes that make it
// at the same time one wins, and both use what it wrote.
func storedKey(path string) ([]byte, error) {
	key, err := os.ReadFile(path)
	if err == nil {
		if len(key) < minKeyBytes {
			return nil, fmt.Errorf("%s is too short to be a key", path)
		}
		return key, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	key = make([]byte, 32)
	rand.Read(key)
	draft, err := os.CreateTemp(filepath.Dir(path), "fingerprint.*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(draft.Name())
	if _, err := draft.Write(key); err != nil {
		return nil, errors.Join(err, draft.Close())
	}
	if err := draft.Close(); err != nil {
		return nil, err
	}
	if err := os.Link(draft.Name(), path); errors.Is(err, fs.ErrExist) {
		return os.ReadFile(path)
	} else if err != nil {
		return nil, err
	}
	return key, nil
}

// progress shows how far a scan is, on a terminal only.
type progress struct{ out io.Writer }

func newProgress(out io.Writer) progress {
	if !isTerminal(out) {
		return progress{}
	}
	return progress{out}
}

func (p progress) show(done, total int) {
	if p.out != nil {
		fmt.Fprintf(p.out, "\r\x1b[Kscanning %d of %d files", done, total)
	}
}

func (p progress) clear() {
	if p.out != nil {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colored follows https://no-color.org.
func colored(io console) bool {
	if value, set := io.lookup("NO_COLOR"); set && value != "" {
		return false
	}
	if value, _ := io.lookup("TERM"); strings.EqualFold(value, "dumb") {
		return false
	}
	return isTerminal(io.stdout)
}

// width is the terminal's, or what fits most pagers and logs.
func width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return 100
}
