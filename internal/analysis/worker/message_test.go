package worker

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/finding"
)

func frame(kind frameKind, parts ...[]byte) []byte {
	var buffer bytes.Buffer
	if err := writeFrame(&buffer, kind, parts...); err != nil {
		panic(err)
	}
	return buffer.Bytes()
}

func TestReadFrame(t *testing.T) {
	whole := frame(frameJob, []byte("ab"), []byte("cd"))
	tests := []struct {
		name  string
		input []byte
		want  string
		err   error
	}{
		{name: "whole", input: whole, want: "abcd"},
		{name: "empty payload", input: frame(frameJob)},
		{name: "nothing", err: io.EOF},
		{name: "half a header", input: whole[:3], err: io.ErrUnexpectedEOF},
		{name: "no payload", input: whole[:frameHeaderBytes], err: io.EOF},
		{name: "half a payload", input: whole[:frameHeaderBytes+1], err: io.ErrUnexpectedEOF},
		{name: "another kind", input: frame(frameAnswer, []byte("abcd")), err: errFrame},
		{name: "as long as allowed", input: frame(frameJob, make([]byte, 8)), want: strings.Repeat("\x00", 8)},
		{name: "longer than allowed", input: frame(frameJob, make([]byte, 9)), err: errFrame},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := readFrame(bytes.NewReader(test.input), frameJob, 8)
			if !errors.Is(err, test.err) || string(got) != test.want {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
}

func TestMessagesSurviveThePipe(t *testing.T) {
	sent := job{sequence: 7, path: "a\n\xff.py", content: []byte("x\x00y"), sample: true}
	got, err := decodeJob(bytes.Join(sent.encode(), nil))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent, got, cmp.AllowUnexported(job{})); diff != "" {
		t.Errorf("job differs (-want +got):\n%s", diff)
	}
	greeting := hello{memory: 1 << 40, key: []byte("key")}
	heard, err := decodeHello(bytes.Join(greeting.encode(), nil))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(greeting, heard, cmp.AllowUnexported(hello{})); diff != "" {
		t.Errorf("hello differs (-want +got):\n%s", diff)
	}
}

func goodFinding() finding.Finding {
	return finding.Finding{
		Rule: "secrets/test", Severity: finding.Major, Line: 1, EndLine: 2, Fingerprint: finding.NewFingerprint("x"),
		AlsoAt: []finding.Frame{{Line: 2}}, Trace: []finding.Frame{{Line: 1, Symbol: "s"}}, Fix: []string{"rotate"},
	}
}

func TestDecodeAnswer(t *testing.T) {
	j := job{sequence: 3, path: "a\xff.py", content: []byte("one\ntwo\n")}
	whole := answer{Sequence: 3, Outcome: outcomeScanned, Findings: []finding.Finding{goodFinding()}}
	encoded, err := whole.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeAnswer(encoded, j)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{got.Findings[0].Path, got.Findings[0].AlsoAt[0].Path, got.Findings[0].Trace[0].Path} {
		if path != j.path {
			t.Errorf("path %q instead of the job's", path)
		}
	}
}

// TestDecodeAnswerRefuses: a worker has read hostile content, so what it says
// is checked as if that content had said it.
func TestDecodeAnswerRefuses(t *testing.T) {
	altered := func(change func(*finding.Finding)) answer {
		f := goodFinding()
		change(&f)
		return answer{Outcome: outcomeScanned, Findings: []finding.Finding{f}}
	}
	tests := map[string]answer{
		"another job":            {Sequence: 4, Outcome: outcomeScanned},
		"no outcome":             {},
		"an unknown outcome":     {Outcome: "clean"},
		"scope without a reason": {Outcome: outcomeOutOfScope},
		"a reason with controls": {Outcome: outcomeOutOfScope, Reason: "\x1b[31m"},
		"a long reason":          {Outcome: outcomeOutOfScope, Reason: strings.Repeat("x", maxSentenceBytes+1)},
		"half an answer":         {Outcome: outcomeInScope},
		"findings and a failure": {Outcome: outcomeFailed, Findings: []finding.Finding{goodFinding()}},
		"too many findings":      {Outcome: outcomeScanned, Findings: make([]finding.Finding, maxFindingsPerFile+1)},
		"no rule":                altered(func(f *finding.Finding) { f.Rule = "" }),
		"a rule of two lines":    altered(func(f *finding.Finding) { f.Rule = "a\nb" }),
		"a severity of its own":  altered(func(f *finding.Finding) { f.Severity = 9 }),
		"a short fingerprint":    altered(func(f *finding.Finding) { f.Fingerprint = "abc" }),
		"markup as fingerprint":  altered(func(f *finding.Finding) { f.Fingerprint = finding.Fingerprint(strings.Repeat("-->x", 8)) }),
		"a line beyond the end":  altered(func(f *finding.Finding) { f.EndLine = 4 }),
		"lines in reverse":       altered(func(f *finding.Finding) { f.Line = 3 }),
		"an end without a line":  altered(func(f *finding.Finding) { f.Line = 0 }),
		"a negative line":        altered(func(f *finding.Finding) { f.Line = -1 }),
		"a path of its own":      altered(func(f *finding.Finding) { f.Path = "b.py" }),
		"a commit":               altered(func(f *finding.Finding) { f.Commit = "abc" }),
		"a long message":         altered(func(f *finding.Finding) { f.Message = strings.Repeat("x", maxTextBytes+1) }),
		"a long piece of advice": altered(func(f *finding.Finding) { f.Fix[0] = strings.Repeat("x", maxTextBytes+1) }),
		"too much advice":        altered(func(f *finding.Finding) { f.Fix = make([]string, maxFixSteps+1) }),
		"too long a trace":       altered(func(f *finding.Finding) { f.Trace = make([]finding.Frame, maxFramesPerFinding+1) }),
		"a frame elsewhere":      altered(func(f *finding.Finding) { f.AlsoAt[0].Path = "b.py" }),
		"a frame beyond the end": altered(func(f *finding.Finding) { f.Trace[0].Line = 4 }),
	}
	j := job{path: "a.py", content: []byte("one\ntwo\n")}
	for name, a := range tests {
		t.Run(name, func(t *testing.T) {
			encoded, err := a.encode()
			if err != nil {
				t.Fatal(err)
			}
			if got, err := decodeAnswer(encoded, j); !errors.Is(err, errFrame) {
				t.Errorf("accepted: %+v, %v", got, err)
			}
		})
	}
	for name, payload := range map[string]string{
		"no JSON": "{", "two answers": `{"outcome":"scanned"}{}`, "an unknown field": `{"outcome":"scanned","x":1}`,
		"another type": `[]`, "nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := decodeAnswer([]byte(payload), j); !errors.Is(err, errFrame) {
				t.Errorf("accepted: %+v, %v", got, err)
			}
		})
	}
}

// TestOverlongAnswer: findings that do not fit are not cut without a word.
func TestOverlongAnswer(t *testing.T) {
	a := answer{Sequence: 5, Outcome: outcomeScanned}
	for range maxFindingsPerFile {
		f := goodFinding()
		f.Why = strings.Repeat("x", maxAnswerBytes/maxFindingsPerFile)
		a.Findings = append(a.Findings, f)
	}
	encoded, err := a.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeAnswer(encoded, job{sequence: 5})
	if err != nil || got.Outcome != outcomeOverflow {
		t.Errorf("outcome %q, %v", got.Outcome, err)
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add(frame(frameJob, []byte("abcd")))
	f.Add([]byte("J\xff\xff\xff\xff"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, input []byte) {
		const limit = 64
		payload, err := readFrame(bytes.NewReader(input), frameJob, limit)
		if err != nil {
			return
		}
		if len(payload) > limit {
			t.Fatalf("%d bytes, over the bound", len(payload))
		}
		if again := frame(frameJob, payload); !bytes.HasPrefix(input, again) {
			t.Fatalf("%q was read from %q", payload, input)
		}
	})
}

func FuzzDecodeJob(f *testing.F) {
	f.Add(bytes.Join(job{sequence: 1, path: "a.py", content: []byte("x")}.encode(), nil))
	f.Add(bytes.Join(job{path: "a.py", sample: true}.encode(), nil))
	f.Add(bytes.Join(hello{memory: 1, key: []byte("k")}.encode(), nil))
	f.Fuzz(func(t *testing.T, payload []byte) {
		if j, err := decodeJob(payload); err == nil && !bytes.Equal(bytes.Join(j.encode(), nil), payload) {
			t.Fatalf("job %+v does not encode to what it was read from", j)
		}
		if h, err := decodeHello(payload); err == nil && !bytes.Equal(bytes.Join(h.encode(), nil), payload) {
			t.Fatalf("hello %+v does not encode to what it was read from", h)
		}
	})
}

func FuzzDecodeAnswer(f *testing.F) {
	encoded, err := answer{Outcome: outcomeScanned, Findings: []finding.Finding{goodFinding()}}.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(encoded)
	f.Add([]byte(`{"outcome":"out-of-scope","reason":"binary"}`))
	f.Add([]byte(`{"outcome":"panicked","where":"x:1"}`))
	j := job{path: "a.py", content: []byte("one\ntwo\n")}
	f.Fuzz(func(t *testing.T, payload []byte) {
		a, err := decodeAnswer(payload, j)
		if err != nil {
			return
		}
		for _, found := range a.Findings {
			if found.Path != j.path || found.Line < 0 || found.EndLine > 3 || !isFingerprint(found.Fingerprint) ||
				found.Severity < finding.Suggestion || found.Severity > finding.Critical {
				t.Fatalf("accepted %+v", found)
			}
		}
	})
}
