package secrets

import (
	"context"
)

// candidate is a value that may be a secret, where it stands and what it is
// called. It never leaves the package.
type candidate struct {
	// kind is an id of the kind table.
	kind string
	// name is what the value is assigned to; may be empty.
	name  string
	value string
	// start and end are offsets into the document's text.
	start, end int
	strength   strength
	// shaped is true where the value itself has the form of a provider's key,
	// whatever it is called.
	shaped bool
	// fallback is true for a literal that holds only where the environment has
	// nothing: environ.get("SECRET_KEY", "literal").
	fallback bool
	// local is true for a URL of this machine or of a container beside it.
	local bool
	// encoded is true where value is what the text at start decodes to; several
	// such values can share one range.
	encoded bool
	// harmless is true for a key that opens little, see isHarmless.
	harmless bool
	// proven is true where a checksum or a parser confirms the value.
	proven bool
}

// extractor finds candidates in a document. Extraction by syntax tree can take
// the place of one without the rest noticing.
type extractor interface {
	extract(ctx context.Context, d *document) ([]candidate, error)
}
