package django

import "github.com/lintel-bot/lintel/internal/fact"

// Uses returns the sites in code that is neither test nor migration where a name
// is used, as python.Summary has them in Uses and Imports. A pattern that ends
// in ".*" matches whatever begins with the rest.
func (p *Project) Uses(patterns []string) []fact.Place {
	return nil
}
