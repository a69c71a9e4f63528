package analysis

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/analysis/worker"
	"github.com/lintel-bot/lintel/internal/finding"
)

// lineScanner is a scanner for tests, in this process. Each line of a file is a
// command:
//
//	secret NAME [SEVERITY] [allow]   a finding; minor under tests/
//	again NAME                       one finding at this line and the next
//	many N                           N findings
//
// A file whose first line is "undecodable" is not scanned, one that starts with
// "casualty" has cost a worker. Everything else is clean.
type lineScanner struct{ size int }

func (s lineScanner) Size() int { return s.size }

func (lineScanner) Scan(_ context.Context, f worker.File) (worker.Verdict, error) {
	if strings.HasSuffix(f.Path, ".png") || bytes.HasPrefix(f.Content, []byte("\x89PNG")) {
		return worker.Verdict{OutOfScope: "binary"}, nil
	}
	if f.Sample {
		return worker.Verdict{}, nil
	}
	lines := strings.Split(string(f.Content), "\n")
	switch lines[0] {
	case "undecodable":
		return worker.Verdict{NotScanned: "undecodable"}, nil
	case "casualty":
		return worker.Verdict{NotScanned: "died", Casualty: true}, nil
	}
	var v worker.Verdict
	for i, line := range lines {
		if words := strings.Fields(line); len(words) > 1 {
			v.Findings = append(v.Findings, findingsOf(f.Path, i+1, words)...)
		}
	}
	return v, nil
}

func findingsOf(path string, line int, words []string) []finding.Finding {
	f := finding.Finding{
		Rule: "secrets/test", Severity: finding.Critical, Path: path, Line: line, EndLine: line,
		Fingerprint: finding.NewFingerprint("secrets/test", words[1]),
	}
	if strings.HasPrefix(path, "tests/") {
		f.Severity = finding.Minor
	}
	switch words[0] {
	case "secret":
		for _, word := range words[2:] {
			if s, err := finding.ParseSeverity(word); err == nil {
				f.Severity = s
			}
		}
		if slices.Contains(words, "allow") {
			f.AllowComment = "test:allow"
		}
		return []finding.Finding{f}
	case "again":
		f.AlsoAt = []finding.Frame{{Path: path, Line: line + 1, Symbol: "NAME"}}
		return []finding.Finding{f}
	case "many":
		var n int
		if _, err := fmt.Sscan(words[1], &n); err != nil {
			panic(err)
		}
		many := make([]finding.Finding, n)
		for i := range many {
			many[i] = f
			many[i].Fingerprint = finding.NewFingerprint("secrets/test", fmt.Sprint(i))
		}
		return many
	}
	return nil
}

// newTestAnalyzer returns an Analyzer that scans in this process.
func newTestAnalyzer(workers int) *Analyzer {
	return newAnalyzer(lineScanner{size: workers}, func() {})
}

func audit(t *testing.T, a *Analyzer, tree files) []string {
	t.Helper()
	m := newMemory()
	result, err := a.Audit(context.Background(), m, m.id(m.commit(tree)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return summarise(result)
}
