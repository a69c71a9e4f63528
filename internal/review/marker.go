package review

import (
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/finding"
)

// The pieces of a marker. They are read as strictly as they are written: a
// marker that differs by one byte is somebody else's text.
const (
	markerOpen  = "<!-- lintel:v1 fp="
	markerClose = " -->"
	markerOf    = " of="
	markerRun   = " run="
	markerState = " state="
	stateFixed  = "fixed"
)

// Bounds of a marker, so that a hostile body costs nothing: a fingerprint is a
// cut SHA-256, a run is a ULID, and a group names at most as many findings as
// fit a comment beside its text.
const (
	maxFingerprintLength = 64
	maxRunLength         = 64
	maxGroupSize         = 500
)

// String writes the marker as the one line that ends a comment's body. A
// marker with parts that ParseMarker would refuse is written all the same: the
// caller builds it from fingerprints and a run id.
func (m Marker) String() string {
	var b strings.Builder
	b.WriteString(markerOpen)
	b.WriteString(string(m.Key))
	if len(m.Of) > 0 {
		b.WriteString(markerOf)
		for i, fp := range m.Of {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(string(fp))
		}
	}
	b.WriteString(markerRun)
	b.WriteString(m.Run)
	switch {
	case m.Fixed:
		b.WriteString(markerState + stateFixed)
	case m.Gone != "":
		b.WriteString(markerState + string(m.Gone))
	}
	b.WriteString(markerClose)
	return b.String()
}

// ParseMarker reads the marker in the last line of a comment's body, as
// Marker.String wrote it. Trailing white space is GitHub's to add or to cut;
// everything else has to be exact. A marker anywhere else in the body (a
// quotation, a code block) is no marker.
func ParseMarker(body string) (Marker, bool) {
	line := strings.TrimRight(body, " \t\r\n")
	if i := strings.LastIndexByte(line, '\n'); i >= 0 {
		line = line[i+1:]
	}
	rest, found := strings.CutPrefix(line, markerOpen)
	if !found {
		return Marker{}, false
	}
	rest, found = strings.CutSuffix(rest, markerClose)
	if !found {
		return Marker{}, false
	}
	var m Marker
	rest, run, found := strings.Cut(rest, markerRun)
	if !found {
		return Marker{}, false
	}
	run, state, stated := strings.Cut(run, markerState)
	if !isRun(run) || stated && !m.setState(state) {
		return Marker{}, false
	}
	m.Run = run
	key, of, grouped := strings.Cut(rest, markerOf)
	if !isFingerprint(key) {
		return Marker{}, false
	}
	m.Key = finding.Fingerprint(key)
	if grouped {
		if m.Of, found = parseGroup(of); !found {
			return Marker{}, false
		}
	}
	return m, true
}

// Covers reports whether the marker's comment speaks of the finding.
func (m Marker) Covers(fp finding.Fingerprint) bool {
	return slices.Contains(m.findings(), fp)
}

// closed reports whether the comment says that there is nothing left to do for
// this pull request. A secret that is still in its history is not closed.
func (m Marker) closed() bool { return m.Fixed || m.Gone == GoneToBase || m.Gone == GoneAllowed }

// findings returns the fingerprints the comment speaks of.
func (m Marker) findings() []finding.Fingerprint {
	if len(m.Of) > 0 {
		return m.Of
	}
	return []finding.Fingerprint{m.Key}
}

func (m *Marker) setState(state string) bool {
	switch Gone(state) {
	case stateFixed:
		m.Fixed = true
	case GoneToHistory, GoneToBase, GoneAllowed:
		m.Gone = Gone(state)
	default:
		return false
	}
	return true
}

func parseGroup(list string) ([]finding.Fingerprint, bool) {
	if strings.Count(list, ",") >= maxGroupSize {
		return nil, false
	}
	var group []finding.Fingerprint
	for part := range strings.SplitSeq(list, ",") {
		if !isFingerprint(part) {
			return nil, false
		}
		group = append(group, finding.Fingerprint(part))
	}
	return group, true
}

func isFingerprint(s string) bool {
	if s == "" || len(s) > maxFingerprintLength {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// isRun admits what a ULID or any other plain id is made of. A space or two
// hyphens could end the marker early.
func isRun(s string) bool {
	if s == "" || len(s) > maxRunLength || strings.Contains(s, "--") {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}
