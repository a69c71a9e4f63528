package django

import "github.com/lintel-bot/lintel/internal/fact"

// Defaults are the values that Django and the packages around it use for
// settings that nobody gives.
type Defaults struct {
	settings map[string][]setting
}

type setting struct {
	value *fact.Value
}

// Value returns what a setting is where nobody gives it, in a version of Django
// that is a String or not known; nil for a setting that has no entry.
func (d *Defaults) Value(name string, version *fact.Value) *fact.Value {
	return nil
}
