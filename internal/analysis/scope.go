package analysis

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
)

// outOfScope says why a tree entry is not judged whatever its content, or
// returns an empty string.
func outOfScope(path string, mode diff.Mode, exclude func(path string) bool) string {
	switch {
	case mode == diff.ModeSymlink:
		return "symbolic link"
	case mode == diff.ModeSubmodule:
		return "submodule"
	case !mode.Regular():
		return "not a regular file"
	case exclude(path):
		return "excluded by configuration"
	}
	return ""
}

// tooLarge is the reason for a file over the bound.
func tooLarge(size int64) string {
	return fmt.Sprintf("it has %.1f MiB, and files over %d MiB are not scanned",
		float64(size)/(1<<20), MaxFileBytes>>20)
}

// orderNotScanned sorts by path and reason and keeps one of equals, the one
// that blocks if any does.
func orderNotScanned(list []finding.NotScanned) []finding.NotScanned {
	slices.SortFunc(list, func(a, b finding.NotScanned) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Reason, b.Reason), cmp.Compare(rank(a), rank(b)))
	})
	return slices.CompactFunc(list, func(a, b finding.NotScanned) bool {
		return a.Path == b.Path && a.Reason == b.Reason
	})
}

func rank(n finding.NotScanned) int {
	if n.Blocking {
		return 0
	}
	return 1
}

// orderOutOfScope sorts by path and reason and keeps one of equals.
func orderOutOfScope(list []finding.OutOfScope) []finding.OutOfScope {
	slices.SortFunc(list, func(a, b finding.OutOfScope) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Reason, b.Reason))
	})
	return slices.Compact(list)
}
