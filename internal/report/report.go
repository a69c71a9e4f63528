// Package report renders what a local scan or audit came to: as text for a
// person at a terminal, as JSON for a program.
package report

import (
	"slices"

	"github.com/lintel-bot/lintel/internal/finding"
)

// The exit codes of `lintel scan` and `lintel audit`.
const (
	exitPassed     = 0
	exitFindings   = 1
	exitIncomplete = 2
)

// ExitCode returns 2 when something the scan had to judge was not judged, else
// 1 when a finding is at or above failOn, else 0. A failOn of zero means that
// no finding counts. A secret that only the history holds counts like any
// other: it is out.
func ExitCode(r *finding.Result, failOn finding.Severity) int {
	switch {
	case r.Incomplete():
		return exitIncomplete
	case countFrom(r, failOn) > 0:
		return exitFindings
	}
	return exitPassed
}

// countFrom counts the findings at or above failOn.
func countFrom(r *finding.Result, failOn finding.Severity) int {
	n := 0
	for _, f := range slices.Concat(r.New, r.InHistory) {
		if failOn != 0 && f.Severity >= failOn {
			n++
		}
	}
	return n
}
