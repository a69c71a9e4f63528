package secrets

import (
	"strings"

	"github.com/lintel-bot/lintel/internal/finding"
)

// severityOf says how bad a candidate is where it stands, and whether it is
// reported at all. Blocking (major and above) is kept for what looks used: a
// weak word, a test or this machine informs only.
func severityOf(d *document, c candidate) (finding.Severity, bool) {
	k := kindOf(c.kind, c.shaped)
	if c.proven {
		return finding.Critical, true
	}
	severity := k.severity
	if c.fallback {
		// Used only where the environment has nothing.
		severity = min(severity, finding.Major)
	}
	switch c.strength {
	case strengthWeak:
		severity = min(severity, finding.Minor)
	case strengthDefault:
		severity = min(severity, finding.Suggestion)
	}
	if c.local {
		severity = min(severity, finding.Suggestion)
	}
	if c.harmless {
		severity = min(severity, finding.Minor)
	}
	if c.kind == kindDjangoKey && d.syntax == syntaxProse && c.name == strings.ToLower(c.name) {
		// A field of somebody's message in a text, not the setting.
		severity = min(severity, finding.Minor)
	}
	if !c.shaped && d.onLongLine(c.start) && !isURLKind(c.kind) {
		// Nobody wrote this line: in code it is bundled, in data it may be a key.
		if d.syntax != syntaxData && d.syntax != syntaxYAML {
			return 0, false
		}
		severity = min(severity, finding.Minor)
	}
	return placed(d.place, c, severity)
}

// placed lowers a severity by what the file is for.
func placed(p place, c candidate, severity finding.Severity) (finding.Severity, bool) {
	strong := c.shaped && c.strength == strengthReal
	switch p {
	case placeLock:
		return severity, isURLKind(c.kind)
	case placeGenerated:
		return severity, c.shaped || isURLKind(c.kind)
	case placeTest:
		if strong || c.kind == kindDjangoKey && c.strength == strengthReal {
			return min(severity, finding.Minor), true
		}
		// Tests are full of passwords made up for them: counted, not commented.
		return min(severity, finding.Suggestion), c.strength == strengthReal
	case placeExample:
		return min(severity, finding.Minor), strong || c.strength == strengthReal
	case placeDevelopment:
		if c.strength != strengthReal {
			// "dev-key": made up where everybody does.
			return min(severity, finding.Suggestion), true
		}
		if !strong {
			return min(severity, finding.Minor), true
		}
	}
	return severity, true
}

// isHarmless knows keys whose shape tells that they open little: those of a
// provider's test mode move no money, and those of Firebase and of maps in a
// browser are shipped to it on purpose
// (https://firebase.google.com/docs/projects/api-keys).
func isHarmless(d *document, kind, value string) bool {
	switch kind {
	case "stripe-access-token":
		return strings.HasPrefix(value, "sk_test_") || strings.HasPrefix(value, "rk_test_")
	case "gcp-api-key":
		return strings.Contains(d.text, "authDomain") || strings.Contains(d.text, "maps.googleapis.com/maps/api/js")
	}
	return false
}

func isURLKind(kind string) bool {
	return kind == kindDatabaseURL || kind == kindBrokerURL || kind == kindURL || kind == "sentry-dsn"
}
