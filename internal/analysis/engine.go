package analysis

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/lintel-bot/lintel/internal/analysis/worker"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/secrets"
)

// RulesVersion identifies the rules and the way they are applied: two scans of
// the same content under the same version find the same.
const RulesVersion = secrets.Version

// ServeWorker is the whole life of a worker process: it takes the key of
// fingerprints and then one file after the other from in, writes to out what it
// finds in each, and returns nil when in ends. It restricts the whole process
// before it reads a file, so call it as the only work of a process.
func ServeWorker(ctx context.Context, in io.Reader, out io.Writer) error {
	return worker.Serve(ctx, in, out, RulesVersion, newEngine)
}

// engine is what a worker runs over each file.
type engine struct{ secrets *secrets.Scanner }

func newEngine(key []byte) (worker.Engine, error) {
	scanner, err := secrets.NewScanner(key)
	if err != nil {
		return nil, fmt.Errorf("build the scanner for secrets: %w", err)
	}
	return engine{scanner}, nil
}

func (engine) InScope(path string, content []byte) (reason string, ok bool) {
	return secrets.InScope(path, content)
}

func (e engine) Scan(ctx context.Context, path string, content []byte) ([]finding.Finding, error) {
	findings, err := e.secrets.Scan(ctx, path, content)
	switch {
	case errors.Is(err, secrets.ErrUndecodable):
		return nil, fmt.Errorf("%w: %w", worker.ErrUndecodable, err)
	case errors.Is(err, secrets.ErrTooMany):
		return nil, fmt.Errorf("%w: %w", worker.ErrTooMany, err)
	}
	return findings, err
}
