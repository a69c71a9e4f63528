package worker

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lintel-bot/lintel/internal/finding"
)

// outcome says what became of a file.
type outcome string

const (
	outcomeScanned     outcome = "scanned"
	outcomeOutOfScope  outcome = "out-of-scope"
	outcomeInScope     outcome = "in-scope" // for a sample
	outcomeUndecodable outcome = "undecodable"
	outcomeOverflow    outcome = "overflow" // the findings do not fit
	outcomeFacts       outcome = "facts"
	outcomeRefused     outcome = "refused" // for facts, with a reason
	outcomeFailed      outcome = "failed"
	outcomePanicked    outcome = "panicked" // the worker ends after it
)

// answer is what a worker says about a job. Findings and their frames carry no
// path: it is the job's, and JSON cannot hold one that is not UTF-8.
type answer struct {
	Sequence uint64  `json:"sequence"`
	Outcome  outcome `json:"outcome"`
	// Reason says why a file is out of scope.
	Reason string `json:"reason,omitempty"`
	// Where is the place in lintel's own code at which the scanner panicked.
	Where    string            `json:"where,omitempty"`
	Findings []finding.Finding `json:"findings,omitempty"`
	// Facts do not travel as JSON, see encode.
	Facts []byte `json:"-"`
}

// factsMark starts an answer that is facts: it is followed by the number of the
// job, and then the facts as they are.
const (
	factsMark        = 'F'
	factsHeaderBytes = 1 + 8
)

// encode returns the answer as JSON, or an overflow in its place when it is
// over the bound.
func (a answer) encode() ([]byte, error) {
	if a.Outcome == outcomeFacts {
		if len(a.Facts) > maxFactsBytes {
			return answer{Sequence: a.Sequence, Outcome: outcomeOverflow}.encode()
		}
		return append(binary.BigEndian.AppendUint64([]byte{factsMark}, a.Sequence), a.Facts...), nil
	}
	payload, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("encode answer: %w", err)
	}
	if len(payload) > maxAnswerBytes {
		return answer{Sequence: a.Sequence, Outcome: outcomeOverflow}.encode()
	}
	return payload, nil
}

// decodeAnswer reads and checks the answer to a job. The worker has read
// hostile content, so nothing it says is taken on trust.
func decodeAnswer(payload []byte, j job) (answer, error) {
	if j.facts && len(payload) >= factsHeaderBytes && payload[0] == factsMark {
		a := answer{Sequence: binary.BigEndian.Uint64(payload[1:]), Outcome: outcomeFacts, Facts: payload[factsHeaderBytes:]}
		if a.Sequence != j.sequence {
			return answer{}, fmt.Errorf("%w: answer to job %d instead of %d", errFrame, a.Sequence, j.sequence)
		}
		return a, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.DisallowUnknownFields()
	var a answer
	if err := decoder.Decode(&a); err != nil {
		// The decoder's own text may quote the answer.
		return answer{}, fmt.Errorf("%w: not the JSON of an answer", errFrame)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return answer{}, fmt.Errorf("%w: more than one answer", errFrame)
	}
	if a.Sequence != j.sequence {
		return answer{}, fmt.Errorf("%w: answer to job %d instead of %d", errFrame, a.Sequence, j.sequence)
	}
	if err := a.check(j); err != nil {
		return answer{}, fmt.Errorf("%w: %w", errFrame, err)
	}
	for i := range a.Findings {
		addPath(&a.Findings[i], j.path)
	}
	return a, nil
}

func (a answer) check(j job) error {
	switch a.Outcome {
	case outcomeUndecodable, outcomeOverflow:
		if j.sample {
			return fmt.Errorf("outcome %s for a sample", a.Outcome)
		}
	case outcomeScanned:
		if j.sample || j.facts {
			return fmt.Errorf("outcome %s for what is no scan", a.Outcome)
		}
	case outcomeRefused:
		if !j.facts || a.Reason == "" {
			return fmt.Errorf("outcome %s without a reason, or for a scan", a.Outcome)
		}
	case outcomeInScope:
		if !j.sample {
			return fmt.Errorf("outcome %s for a whole file", a.Outcome)
		}
	case outcomeOutOfScope:
		if a.Reason == "" {
			return errors.New("out of scope without a reason")
		}
	case outcomeFailed, outcomePanicked:
	default:
		return errors.New("unknown outcome")
	}
	if a.Outcome != outcomeScanned && len(a.Findings) > 0 {
		return fmt.Errorf("findings with outcome %s", a.Outcome)
	}
	if !printable(a.Reason, maxSentenceBytes) || !printable(a.Where, maxSentenceBytes) {
		return errors.New("unprintable sentence")
	}
	if len(a.Findings) > maxFindingsPerFile {
		return fmt.Errorf("%d findings", len(a.Findings))
	}
	lines := 1 + bytes.Count(j.content, []byte("\n"))
	for i := range a.Findings {
		if err := checkFinding(&a.Findings[i], lines); err != nil {
			return fmt.Errorf("finding %d: %w", i, err)
		}
	}
	return nil
}

func checkFinding(f *finding.Finding, lines int) error {
	switch {
	case f.Rule == "" || !printable(f.Rule, maxSentenceBytes):
		return errors.New("bad rule id")
	case f.Severity < finding.Suggestion || f.Severity > finding.Critical:
		return errors.New("bad severity")
	case !isFingerprint(f.Fingerprint):
		return errors.New("bad fingerprint")
	case f.Line < 0 || f.EndLine < f.Line || f.EndLine > lines || f.Line == 0 && f.EndLine != 0:
		return errors.New("lines outside the file")
	case f.Path != "" || f.Commit != "" || f.Suggestion != nil:
		return errors.New("names a path or a commit")
	case len(f.Trace) > maxFramesPerFinding || len(f.AlsoAt) > maxFramesPerFinding || len(f.Fix) > maxFixSteps:
		return errors.New("too many steps")
	}
	for _, text := range append([]string{f.Quality, f.Title, f.Message, f.Why, f.AllowComment}, f.Fix...) {
		if len(text) > maxTextBytes {
			return errors.New("text too long")
		}
	}
	for _, frames := range [][]finding.Frame{f.Trace, f.AlsoAt} {
		for _, frame := range frames {
			if frame.Path != "" || frame.Line < 0 || frame.Line > lines || len(frame.Symbol) > maxTextBytes {
				return errors.New("bad frame of a trace")
			}
		}
	}
	return nil
}

// isFingerprint reports whether f has the shape finding.NewFingerprint gives:
// it ends up in a comment's marker.
func isFingerprint(f finding.Fingerprint) bool {
	return len(f) == len(finding.NewFingerprint("")) && strings.Trim(string(f), "0123456789abcdef") == ""
}

func printable(s string, limit int) bool {
	return len(s) <= limit && utf8.ValidString(s) &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// addPath gives a finding and its frames the path that the pipe leaves out.
func addPath(f *finding.Finding, path string) {
	f.Path = path
	for i := range f.Trace {
		f.Trace[i].Path = path
	}
	for i := range f.AlsoAt {
		f.AlsoAt[i].Path = path
	}
}

// dropPath is the inverse of addPath. It reports false when something lies in
// another file than the job's.
func dropPath(f *finding.Finding, path string) bool {
	same := f.Path == path
	f.Path = ""
	for _, frames := range [][]finding.Frame{f.Trace, f.AlsoAt} {
		for i := range frames {
			same = same && frames[i].Path == path
			frames[i].Path = ""
		}
	}
	return same
}
