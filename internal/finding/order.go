package finding

import (
	"cmp"
	"slices"
)

// Sort orders findings as people read them: worst first, then by path, line
// and rule; the fingerprint decides between equals, so the order is total.
func Sort(findings []Finding) {
	slices.SortFunc(findings, Compare)
}

// Compare is the order of Sort.
func Compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(b.Severity, a.Severity),
		cmp.Compare(a.Path, b.Path),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Rule, b.Rule),
		cmp.Compare(a.Fingerprint, b.Fingerprint),
	)
}
