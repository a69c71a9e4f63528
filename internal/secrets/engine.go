package secrets

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/rs/zerolog"
	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
	"github.com/zricethezav/gitleaks/v8/logging"
	"github.com/zricethezav/gitleaks/v8/report"

	"github.com/lintel-bot/lintel/rules"
)

const (
	// maxFragment bounds what one call of gitleaks works on, since it looks at
	// its context only between two rules.
	maxFragment = 64 << 10
	// fragmentOverlap is what two neighbouring pieces of a long run share, so
	// that a key across the cut is whole in one of them.
	fragmentOverlap = 8 << 10
	// nearBytes is how much of a long line around a keyword counts as near it.
	nearBytes = 4 << 10
)

// engine runs the provider rules of gitleaks and ours. It is immutable and
// safe for concurrent use: one gitleaks detector serves many goroutines, only
// building detectors through gitleaks' own configuration loader does not.
type engine struct {
	near, whole *detect.Detector
	// words are the keywords of both, reach how many lines around each its rules
	// get to see; below zero for those that need the whole file.
	words *keywordSet
	reach []int
	// loose and marked are those of the rule set.
	loose, marked map[string]bool
}

// sharedEngine builds the engine once per process: compiling the rules costs
// some hundred milliseconds and tens of megabytes, and they never change.
var sharedEngine = sync.OnceValues(func() (*engine, error) {
	return newEngine(config.DefaultConfig, rules.SecretsOverlay())
})

// silence switches gitleaks' package-wide logger off, once. It writes to
// standard error and holds secrets at the trace and debug levels.
var silence = sync.OnceFunc(func() { logging.Logger = zerolog.Nop() })

// newEngine compiles the rules in base with overlay laid over them.
func newEngine(base, overlay string) (*engine, error) {
	silence()
	set, err := parseRules(base, overlay)
	if err != nil {
		return nil, err
	}
	e := &engine{
		near: newDetector(set.near), whole: newDetector(set.whole), loose: set.loose, marked: set.marked,
		words: newKeywordSet(append(keywordsOf(set.near), keywordsOf(set.whole)...)),
	}
	for _, w := range e.words.words {
		reach := -1
		if _, ok := set.near.Keywords[w]; ok {
			reach = set.reach[w]
		}
		e.reach = append(e.reach, reach)
	}
	return e, nil
}

// newDetector turns everything in a detector off that belongs to us: allow
// comments (gitleaks would drop the finding, and on a last line without line
// feed takes the whole fragment for the line) and decoding.
//
// MaxDecodeDepth stays 0: it costs 1.5 to 1.8 times the time on every file,
// and a finding inside decoded text cannot be located in the line. What is
// worth decoding, base64 of text, is decoded once by decodeExtractor.
func newDetector(c config.Config) *detect.Detector {
	d := detect.NewDetector(c)
	d.IgnoreGitleaksAllow = true
	d.MaxDecodeDepth = 0
	return d
}

func keywordsOf(c config.Config) []string {
	words := make([]string, 0, len(c.Keywords))
	for w := range c.Keywords {
		words = append(words, w)
	}
	return words
}

// extract implements extractor.
func (e *engine) extract(ctx context.Context, d *document) ([]candidate, error) {
	var found []candidate
	spans, anywhere := e.spans(d)
	for _, s := range spans {
		got, err := e.run(ctx, e.near, d, s)
		if err != nil {
			return nil, err
		}
		found = append(found, got...)
	}
	if anywhere {
		for _, s := range cut(span{0, len(d.text)}) {
			got, err := e.run(ctx, e.whole, d, s)
			if err != nil {
				return nil, err
			}
			found = append(found, got...)
		}
	}
	return found, nil
}

// span is a range of bytes of a document's text.
type span struct{ start, end int }

// spans returns the parts of a document around its keywords: whole lines, or,
// on a line that is itself too long, some bytes. They do not overlap except
// where a long part was cut. It also reports whether a keyword of the rules
// that need the whole file is there.
func (e *engine) spans(d *document) (near []span, whole bool) {
	line := 1
	e.words.each(d.text, func(word, start int) {
		reach := e.reach[word]
		_, needsAll := e.whole.Config.Keywords[e.words.words[word]]
		whole = whole || needsAll
		if reach < 0 {
			return
		}
		for line < len(d.lines) && d.lines[line] <= start {
			line++
		}
		s := around(d, line, start, reach+1)
		// Spans begin in any order: a keyword may reach further back than the
		// one before it.
		for n := len(near); n > 0 && s.start <= near[n-1].end; n-- {
			s = span{min(s.start, near[n-1].start), max(s.end, near[n-1].end)}
			near = near[:n-1]
		}
		near = append(near, s)
	})
	var out []span
	for _, s := range near {
		out = append(out, cut(s)...)
	}
	return out, whole
}

// around returns the surroundings of the keyword at offset on a line.
func around(d *document, line, offset, lines int) span {
	first := max(1, line-lines)
	last := min(len(d.lines), line+lines)
	start, _ := d.bounds(first)
	_, end := d.bounds(last)
	if end-start <= 2*nearBytes {
		return span{start, min(len(d.text), end+1)}
	}
	// A long line is near: stay within it by bytes, at the borders of runes.
	return span{runeStart(d.text, max(start, offset-nearBytes)), runeStart(d.text, min(end+1, len(d.text), offset+nearBytes))}
}

// cut divides a span into pieces of at most maxFragment bytes that overlap,
// at line ends where there are some.
func cut(s span) []span {
	var out []span
	for s.end-s.start > maxFragment {
		out = append(out, span{s.start, s.start + maxFragment})
		s.start += maxFragment - fragmentOverlap
	}
	return append(out, s)
}

// runeStart moves an offset back to the beginning of a rune.
func runeStart(text string, i int) int {
	for i > 0 && i < len(text) && text[i]&0xc0 == 0x80 {
		i--
	}
	return i
}

// run gives one piece of a document to gitleaks. Gitleaks answers a context
// that ends with what it has so far and no error; here that is an error, so
// that part of a result never counts as all of it.
func (e *engine) run(ctx context.Context, detector *detect.Detector, d *document, s span) ([]candidate, error) {
	s.start, s.end = runeStart(d.text, s.start), runeStart(d.text, s.end)
	raw := d.text[s.start:s.end]
	if !strings.HasSuffix(raw, "\n") {
		raw += "\n"
	}
	found := findIn(ctx, detector, d.path, raw)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// Rules are a map: the order of what they find is random.
	slices.SortFunc(found, func(a, b report.Finding) int {
		return strings.Compare(fmt.Sprintf("%09d %s", a.StartLine, a.RuleID), fmt.Sprintf("%09d %s", b.StartLine, b.RuleID))
	})
	var out []candidate
	for _, f := range found {
		if c, ok := e.candidate(d, s, raw, f); ok {
			out = append(out, c)
		}
	}
	return out, nil
}

// findIn runs a detector over one text. CommitInfo stays nil: without a Remote
// in it gitleaks fails.
func findIn(ctx context.Context, detector *detect.Detector, path, raw string) []report.Finding {
	//lint:ignore SA1019 its successor is not what DetectContext takes
	return detector.DetectContext(ctx, detect.Fragment{Raw: raw, FilePath: path})
}

// candidate locates what gitleaks found. Its positions are those of the match
// and its columns are off by one behind the first line, so only the line the
// match starts on is taken from it.
func (e *engine) candidate(d *document, s span, raw string, f report.Finding) (candidate, bool) {
	lineStart := offsetOfLine(raw, f.StartLine)
	match := strings.Index(raw[lineStart:], f.Match)
	if match < 0 || f.Secret == "" {
		return candidate{}, false
	}
	secret := strings.LastIndex(f.Match, f.Secret)
	if secret < 0 {
		return candidate{}, false
	}
	start := s.start + lineStart + match + secret
	end := min(start+len(f.Secret), len(d.text))
	c := candidate{kind: f.RuleID, value: f.Secret, start: start, end: end, strength: strengthReal, shaped: true}
	c.name, c.harmless = nameBefore(d, start), isHarmless(d, f.RuleID, f.Secret)
	return e.judge(c)
}

// judge throws out what only has the shape of a key. Rules that know nothing
// but a length and the name of a service are judged like an assignment.
func (e *engine) judge(c candidate) (candidate, bool) {
	if isPlaceholder(c.value) || distinct(c.value) < 4 {
		return c, false
	}
	if kindOf(c.kind, true).chosen {
		// What people choose, not what a provider makes.
		if isReference(c.value) {
			return c, false
		}
		c.shaped, c.strength = false, judgePassword(c.value)
		return c, c.strength != strengthNone
	}
	if e.loose[c.kind] {
		if looksLikeIdentifier(c.value) || namesNoSecret(c.name) {
			return c, false
		}
		// A prefix such as "live_" is a shape after all.
		c.shaped = e.marked[c.kind] && hasMark(c.value)
		if !c.shaped && (isReference(c.value) || isSequence(c.value) || saysUnreal(c.value) || characterClasses(c.value) < 2 || entropy(c.value) < 3) {
			return c, false
		}
	}
	switch {
	case githubChecksum(c.value):
		c.proven = true
	default:
		if made := strings.ReplaceAll(c.value, issuedParts[c.kind], ""); saysUnreal(made) || hasSequence(made) {
			c.strength = strengthWeak
		}
	}
	return c, true
}

// valueMarks are the characters that end the prefixes of keys, and markBytes
// is how far from the beginning they do.
const (
	valueMarks = "_.:"
	markBytes  = 12
)

// hasMark reports whether a value begins like one that its provider marks.
func hasMark(v string) bool {
	return prefixOf(v) != "" || strings.ContainsAny(v[:min(len(v), markBytes)], valueMarks)
}

// canBeShaped reports whether a value of a kind can have more of a shape than a
// length and an alphabet.
func (e *engine) canBeShaped(kind string) bool { return !e.loose[kind] || e.marked[kind] }

// issuedParts are what providers themselves write into every key of a kind
// although it looks like what people write to fill one. Read only.
var issuedParts = map[string]string{
	"age-secret-key":               "AGE-SECRET-KEY-1",
	"dropbox-long-lived-api-token": "AAAAAAAAAA",
	"twitter-bearer-token":         "AAAAAAAAAAAAAAAAAAAAAA",
}

// hasSequence finds the runs that people type to fill a key: 1234567890.
func hasSequence(v string) bool {
	lower := strings.ToLower(v)
	for _, s := range []string{"1234567890", "0123456789", "abcdefghij", "aaaaaaaa", "00000000", "11111111", "qwertyuiop"} {
		if strings.Contains(lower, s) {
			return true
		}
	}
	return false
}

// offsetOfLine returns where the 0-based line of a text begins.
func offsetOfLine(text string, line int) int {
	at := 0
	for ; line > 0; line-- {
		i := strings.IndexByte(text[at:], '\n')
		if i < 0 {
			return at
		}
		at += i + 1
	}
	return at
}
