package secrets

import (
	"maps"
	"slices"

	"github.com/zricethezav/gitleaks/v8/config"

	"github.com/lintel-bot/lintel/internal/finding"
)

// KindInfo is what the family says of one kind of secret, whoever holds it.
type KindInfo struct {
	// ID is the rule without its family.
	ID, Title string
	// Severity is the worst that a finding of the kind has; the place and the
	// looks of a value make it milder.
	Severity finding.Severity
	Why      string
	Fix      []string
}

// Kinds returns every kind that a Scanner can report, sorted by id.
func Kinds() ([]KindInfo, error) {
	e, err := sharedEngine()
	if err != nil {
		return nil, err
	}
	ids := make(map[string]bool)
	// Of two rules with one pattern the first by name reports; see compareSpecific.
	patterns := make(map[string]string)
	for _, c := range []config.Config{e.near.Config, e.whole.Config} {
		for id, r := range c.Rules {
			ids[id] = true
			if r.Regex == nil {
				continue
			}
			if other, taken := patterns[r.Regex.String()]; taken {
				delete(ids, max(id, other))
				id = min(id, other)
			}
			patterns[r.Regex.String()] = id
		}
	}
	for id := range ownKinds {
		ids[id] = true
	}
	var out []KindInfo
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		k := kindOf(id, e.canBeShaped(id))
		out = append(out, KindInfo{id, k.title(), k.severity, k.rotate.why(), k.steps()})
	}
	return out, nil
}
