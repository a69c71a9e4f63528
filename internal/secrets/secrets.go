// Package secrets finds committed secrets in the content of one file: keys of
// providers with the rules of gitleaks, and passwords, tokens and keys by the
// name they are assigned to. What it returns holds no value: a finding carries
// the kind, the name, the length and a keyed fingerprint.
package secrets

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/lintel-bot/lintel/internal/finding"
)

// Version identifies the rules and the way they are applied. It changes
// whenever the same content may give other findings, so that results kept
// under it stay true.
const Version = "secrets-2"

// MinKeyBytes is the shortest key for fingerprints: shorter ones could be
// guessed together with a weak password.
const MinKeyBytes = 16

// MaxContent is the size in bytes of the largest content that Scan takes.
// Text in a repository is far smaller; what is not is data.
const MaxContent = 32 << 20

// maxFindings bounds the findings of one file. A file with more is a dump, and
// says so instead of being reported in part.
const maxFindings = 1000

var (
	// ErrUndecodable is returned for content that claims to be text by its
	// name but holds NUL bytes and is not UTF-16 with a byte order mark.
	ErrUndecodable = errors.New("claims to be text but cannot be decoded")
	// ErrTooLarge is returned for content above MaxContent.
	ErrTooLarge = errors.New("too large to be scanned")
	// ErrTooMany is returned for content with more findings than can be listed.
	ErrTooMany = errors.New("more secrets than can be listed")
	// ErrEngine is returned when the scanner failed on a content.
	ErrEngine = errors.New("the scanner failed")
)

// pathError names the file an error is about. The content is in no error.
type pathError struct {
	path string
	err  error
}

func (e *pathError) Error() string { return fmt.Sprintf("scan %q for secrets: %v", e.path, e.err) }
func (e *pathError) Unwrap() error { return e.err }

// Scanner finds secrets. It is safe for concurrent use.
type Scanner struct {
	key        []byte
	extractors []extractor
}

// NewScanner returns a scanner whose fingerprints are keyed with key, which
// must have MinKeyBytes at least. The first call in a process compiles the
// rules; the result is shared by all scanners and never changes.
func NewScanner(key []byte) (*Scanner, error) {
	if len(key) < MinKeyBytes {
		return nil, fmt.Errorf("fingerprint key has %d bytes, want at least %d", len(key), MinKeyBytes)
	}
	e, err := sharedEngine()
	if err != nil {
		return nil, fmt.Errorf("load the rules for secrets: %w", err)
	}
	return newScanner(key, e), nil
}

func newScanner(key []byte, e *engine) *Scanner {
	plain := []extractor{codeExtractor{}, lineExtractor{}, kubernetesExtractor{}, urlExtractor{}, pemExtractor{}, e}
	return &Scanner{
		key:        slices.Clone(key),
		extractors: append(slices.Clone(plain), decodeExtractor{inner: plain}),
	}
}

// Scan returns what content holds, sorted. The path decides how content is
// read and how much a finding weighs. An error means that the file was not
// scanned: there are no partial results. It wraps the context's error where
// that ended the scan, and never quotes content.
func (s *Scanner) Scan(ctx context.Context, path string, content []byte) (found []finding.Finding, err error) {
	defer func() {
		if recover() != nil {
			// What was recovered may quote the content.
			found, err = nil, &pathError{path, ErrEngine}
		}
	}()
	if len(content) > MaxContent {
		return nil, &pathError{path, ErrTooLarge}
	}
	if keyStore(path, content) {
		return []finding.Finding{s.keyStoreFinding(path, content)}, nil
	}
	d, err := newDocument(path, content)
	if err != nil {
		return nil, err
	}
	var candidates []candidate
	for _, x := range s.extractors {
		if d.place == placeLock {
			if _, ok := x.(urlExtractor); !ok {
				continue
			}
		}
		got, err := x.extract(ctx, d)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, &pathError{path, err}
		}
		candidates = append(candidates, got...)
	}
	found = s.findings(d, candidates)
	if len(found) > maxFindings {
		return nil, &pathError{path, ErrTooMany}
	}
	return found, nil
}

// keyStoreFinding reports a PKCS #12 or Java key store, which concerns the
// file as a whole.
func (s *Scanner) keyStoreFinding(path string, content []byte) finding.Finding {
	k := kindOf(kindKeyStore, true)
	severity := k.severity
	if p := placeOf(path); p == placeTest || p == placeExample {
		severity = finding.Minor
	}
	return finding.Finding{
		Rule: "secrets/" + kindKeyStore, Severity: severity, Quality: quality, Path: path, Title: k.title(),
		Message: fmt.Sprintf("This file is a key store (%d bytes); it holds private keys.", len(content)),
		Why:     k.rotate.why(), Fix: k.steps(), Trace: []finding.Frame{},
		Fingerprint: finding.NewFingerprint(fingerprintScope, finding.KeyedDigest(s.key, string(content))),
	}
}
