package analysis

import (
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/secrets"
)

// fold joins a finding of a rule about a literal secret with the finding that
// the secrets family has about the same value: people get one comment. The
// secret's keeps its identity, so that it lives on when the line goes and the
// history still holds it; the rule adds what it knows of production. It reports
// false when there is no such finding.
func fold(list []finding.Finding, g group, f finding.Finding) bool {
	secret := secretOf(g.first().Value)
	if secret == nil {
		return false
	}
	fingerprint := secrets.Fingerprint(secret.Digest)
	at := slices.IndexFunc(list, func(other finding.Finding) bool { return other.Fingerprint == fingerprint })
	if at < 0 {
		return false
	}
	into := &list[at]
	into.Severity = max(into.Severity, f.Severity)
	if !strings.Contains(into.Message, f.Message) {
		into.Message += " " + f.Message
	}
	if len(into.Trace) == 0 {
		into.Trace = f.Trace
	}
	return true
}

// secretOf returns the secret that a value is, or a union of it.
func secretOf(v *fact.Value) *fact.Secret {
	switch {
	case v == nil:
		return nil
	case v.Secret != nil:
		return v.Secret
	}
	for _, a := range v.Alternatives {
		if s := secretOf(a.Value); s != nil {
			return s
		}
	}
	return nil
}

// chosenKinds are those of secrets that people make up themselves: a fallback
// that production refuses is none of theirs. A provider's key is one wherever it
// stands.
func chosenKind(rule string) bool {
	switch rule {
	case "secrets/django-secret-key", "secrets/password", "secrets/generic-secret", "secrets/database-password", "secrets/email-password",
		"secrets/signing-key":
		return true
	}
	return false
}

// overridden makes a committed Django key milder that only other settings than
// production's have: it leaked, but signs nothing there. It has to stand in a file
// that production's settings are made of, all of which are known; elsewhere
// nobody knows what it is for.
func overridden(list []finding.Finding, l *linked) {
	if len(l.leaves) == 0 {
		return
	}
	digests := make(map[finding.Fingerprint]bool)
	paths := make(map[string]bool)
	for _, leaf := range l.leaves {
		if leaf.Settings.Open || len(leaf.Unread) > 0 || leaf.Settings.Get("SECRET_KEY") == nil {
			return
		}
		for path := range filesOf(leaf) {
			paths[path] = true
		}
	}
	l.eachSecret(func(v *fact.Value) { digests[secrets.Fingerprint(v.Secret.Digest)] = true })
	for i := range list {
		if f := &list[i]; f.Rule == "secrets/django-secret-key" && paths[f.Path] && !digests[f.Fingerprint] && f.Severity > finding.Minor {
			f.Severity = finding.Minor
			f.Message += " Production's settings have another one."
		}
	}
}

// withoutGuarded leaves out secrets that production only falls back to, and
// refuses to start with.
func withoutGuarded(list []finding.Finding, digests map[string]bool) []finding.Finding {
	if len(digests) == 0 {
		return list
	}
	safe := make(map[finding.Fingerprint]bool, len(digests))
	for digest := range digests {
		safe[secrets.Fingerprint(digest)] = true
	}
	return slices.DeleteFunc(list, func(f finding.Finding) bool { return safe[f.Fingerprint] && chosenKind(f.Rule) })
}
