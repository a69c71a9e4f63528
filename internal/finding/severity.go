package finding

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Severity says how much a finding matters. The zero value is no severity at
// all, so that a finding built without one cannot pass for the mildest.
type Severity int

// The four severities of an architecture review, mildest first so that they
// compare with < and >=.
const (
	Suggestion Severity = iota + 1
	Minor
	Major
	Critical
)

// Severities lists every severity, worst first, the order in which people read.
func Severities() []Severity { return []Severity{Critical, Major, Minor, Suggestion} }

// String returns the lower-case name used in JSON, flags and configuration.
func (s Severity) String() string {
	switch s {
	case Suggestion:
		return "suggestion"
	case Minor:
		return "minor"
	case Major:
		return "major"
	case Critical:
		return "critical"
	}
	return "none"
}

// Title returns the name as it stands in comments and headings.
func (s Severity) Title() string {
	name := s.String()
	return strings.ToUpper(name[:1]) + name[1:]
}

// Emoji returns the coloured dot that stands before the name in comments.
func (s Severity) Emoji() string {
	switch s {
	case Suggestion:
		return "🔵"
	case Minor:
		return "🟡"
	case Major:
		return "🟠"
	case Critical:
		return "🔴"
	}
	return ""
}

// ParseSeverity reads a lower-case severity name.
func ParseSeverity(name string) (Severity, error) {
	for _, s := range Severities() {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("unknown severity %q: want critical, major, minor or suggestion", name)
}

// MarshalJSON writes the lower-case name.
func (s Severity) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// UnmarshalJSON reads the lower-case name.
func (s *Severity) UnmarshalJSON(data []byte) error {
	var name string
	if err := json.Unmarshal(data, &name); err != nil {
		return fmt.Errorf("severity: %w", err)
	}
	parsed, err := ParseSeverity(name)
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}
