package analysis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"github.com/lintel-bot/lintel/internal/analysis/worker"
	"github.com/lintel-bot/lintel/internal/django"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/python"
	"github.com/lintel-bot/lintel/internal/secrets"
)

// EngineVersion identifies what the workers do with a file: under the same
// version the same content has the same facts and secrets.
const EngineVersion = secrets.Version + " " + python.Version + " " + django.Version

// ServeWorker is the whole life of a worker process: it takes the key of
// fingerprints and then one file after the other from in, writes to out what it
// finds in each, and returns nil when in ends. It restricts the whole process
// before it reads a file, so call it as the only work of a process.
func ServeWorker(ctx context.Context, in io.Reader, out io.Writer) error {
	return worker.Serve(ctx, in, out, EngineVersion, newEngine)
}

// engine is what a worker runs over each file, one at a time.
type engine struct {
	secrets *secrets.Scanner
	python  *python.Parser
}

func newEngine(key []byte) (worker.Engine, error) {
	scanner, err := secrets.NewScanner(key)
	if err != nil {
		return nil, fmt.Errorf("build the scanner for secrets: %w", err)
	}
	parser, err := python.NewParser()
	if err != nil {
		return nil, fmt.Errorf("build the parser of Python: %w", err)
	}
	return engine{scanner, parser}, nil
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

// Facts reads a file that factsOf wants.
func (e engine) Facts(ctx context.Context, name string, content []byte) ([]byte, error) {
	switch factsOf(name) {
	case factsPython:
		f, err := parsePython(ctx, e.secrets, e.python, content)
		if err != nil {
			return nil, err
		}
		return f.Encode(), nil
	case factsEvidence:
		return django.ReadEvidence(ctx, name, content)
	}
	return nil, &worker.Refusal{Reason: "it holds nothing that rules ask for"}
}

// anyModule is the name under which secrets are looked for in every Python file:
// its facts are kept by its content, wherever that stands.
const anyModule = "module.py"

// parsePython reads Python without the secrets in it.
func parsePython(ctx context.Context, scanner *secrets.Scanner, parser *python.Parser, content []byte) (*python.File, error) {
	text, located, err := scanner.Locate(ctx, anyModule, content)
	if errors.Is(err, secrets.ErrUndecodable) {
		return nil, fmt.Errorf("%w: %w", worker.ErrUndecodable, err)
	}
	if err != nil {
		return nil, err
	}
	spans := make([]python.SecretSpan, len(located))
	for i, l := range located {
		spans[i] = python.SecretSpan{Start: l.Start, End: l.End, Secret: python.Secret{
			Kind: l.Kind, Digest: l.Digest, Prefix: l.Prefix, Length: l.Length, Distinct: l.Distinct, Weak: l.Weak,
		}}
	}
	f, err := parser.Parse(ctx, []byte(text), spans)
	switch {
	case errors.Is(err, python.ErrTooDeep):
		return nil, &worker.Refusal{Reason: "it nests too deep to be read"}
	case errors.Is(err, python.ErrTooLarge):
		return nil, &worker.Refusal{Reason: "it is too large to be read"}
	}
	return f, err
}

// factsKind says which facts a file has.
type factsKind uint8

const (
	factsNone factsKind = iota
	factsPython
	factsEvidence
)

// factsOf says by its name which facts a file has.
func factsOf(name string) factsKind {
	switch {
	case path.Ext(name) == ".py":
		return factsPython
	case django.IsEvidence(name):
		return factsEvidence
	}
	return factsNone
}
