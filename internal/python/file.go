// Package python reads Python source into facts: for each file a tree of its
// statements and expressions without comments and punctuation, in which strings
// that classify as secrets are replaced by what may be known of them, and a
// summary of what the file imports, assigns and uses. Source is never run.
package python

// File is what is known of one source file. It is immutable and safe for
// concurrent use.
type File struct {
	nodes   []node
	texts   []string // texts[0] is empty
	secrets []maskedSecret
	broken  []Span
	summary Summary
}

// Secret stands in for the text of a string that classified as a secret.
type Secret struct {
	// Kind, Digest and Prefix are those of the secrets family.
	Kind, Digest, Prefix string
	// Length is in characters; Distinct counts different ones.
	Length, Distinct int
	// Weak is true for a well-known or placeholder-like word.
	Weak bool
}

// maskedSecret is a Secret and, where it is only a part of its literal, the text
// around it.
type maskedSecret struct {
	Secret
	masked string
}

// SecretSpan is a part of the source that holds a secret, as byte offsets.
type SecretSpan struct {
	Start, End int
	Secret
}

// Span is a range of lines, 1-based and inclusive.
type Span struct{ Line, EndLine int }

// Module returns the root of the tree.
func (f *File) Module() Node { return Node{f, 0} }

// Broken returns the lines that are no Python; what is around them is known.
func (f *File) Broken() []Span { return f.broken }

// Summary returns what the file imports, assigns and uses.
func (f *File) Summary() Summary { return f.summary }
