package secrets

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/lintel-bot/lintel/internal/finding"
)

// Located is a part of a text that holds a secret, and all that may be said of
// it.
type Located struct {
	// Start and End are byte offsets in the text that Locate returns.
	Start, End int
	// Kind is the rule without its family: "django-secret-key".
	Kind string
	// Digest is the one in the fingerprint of the finding: see Fingerprint.
	Digest string
	// Prefix is what the provider publishes of such keys; mostly empty.
	Prefix string
	// Length is in characters; Distinct counts different ones.
	Length, Distinct int
	// Weak is true for a well-known or placeholder-like word.
	Weak bool
}

// Fingerprint is that of the finding about a secret with the digest.
func Fingerprint(digest string) finding.Fingerprint {
	return finding.NewFingerprint(fingerprintScope, digest)
}

// Locate returns the content as text and where secrets stand in it, sorted, so
// that they can be taken out before anything is kept of the text. Other than
// Scan it leaves nothing out that weighs little. An error wraps ErrUndecodable,
// ErrTooLarge or that of ctx.
func (s *Scanner) Locate(ctx context.Context, path string, content []byte) (text string, found []Located, err error) {
	defer func() {
		if recover() != nil {
			text, found, err = "", nil, &pathError{path, ErrEngine}
		}
	}()
	if len(content) > MaxContent {
		return "", nil, &pathError{path, ErrTooLarge}
	}
	d, err := newDocument(path, content)
	if err != nil {
		return "", nil, err
	}
	var candidates []judged
	for _, x := range s.extractors {
		got, err := x.extract(ctx, d)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return "", nil, &pathError{path, err}
		}
		for _, c := range got {
			k := kindOf(c.kind, c.shaped)
			candidates = append(candidates, judged{c, k.severity, k})
		}
	}
	for _, j := range withoutOverlaps(candidates) {
		found = append(found, s.located(j))
	}
	return d.text, found, nil
}

func (s *Scanner) located(j judged) Located {
	l := Located{
		Start: j.start, End: j.end, Kind: j.candidate.kind, Digest: finding.KeyedDigest(s.key, j.value),
		Length: utf8.RuneCountInString(j.value), Weak: j.strength != strengthReal,
	}
	if j.shaped || j.candidate.kind == kindDjangoKey {
		l.Prefix = prefixOf(j.value)
	}
	seen := make([]rune, 0, 64)
	for _, r := range j.value {
		if !slices.Contains(seen, r) {
			seen = append(seen, r)
		}
	}
	l.Distinct = len(seen)
	return l
}
