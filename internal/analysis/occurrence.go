package analysis

import (
	"cmp"
	"slices"

	"github.com/lintel-bot/lintel/internal/finding"
)

// occurrence is one place of a finding.
type occurrence struct {
	finding finding.Finding
	// symbol is the name that the value has there, where it is known.
	symbol string
	// added is true when the change added or rewrote a line of it.
	added bool
}

// occurrences are the places of each finding on one side of a comparison.
type occurrences map[finding.Fingerprint][]occurrence

// add records a finding and the further places it names itself. The function
// reports whether a line was added by the change.
func (o occurrences) add(f finding.Finding, isAdded func(line int) bool) {
	others := f.AlsoAt
	f.AlsoAt = nil
	o[f.Fingerprint] = append(o[f.Fingerprint], occurrence{finding: f, added: touches(f, isAdded)})
	for _, other := range others {
		f.Path, f.Line, f.EndLine = other.Path, other.Line, other.Line
		o[f.Fingerprint] = append(o[f.Fingerprint], occurrence{f, other.Symbol, touches(f, isAdded)})
	}
}

func touches(f finding.Finding, isAdded func(line int) bool) bool {
	for line := f.Line; line <= f.EndLine; line++ {
		if isAdded(line) {
			return true
		}
	}
	return false
}

// never stands in where there is no change to add lines.
func never(int) bool { return false }

// merge makes one finding of all its places. It stands at the place that
// matters most: the worst, one that no comment allows, one the change added,
// then the first. The others are listed in AlsoAt.
func merge(places []occurrence) finding.Finding {
	sorted := slices.SortedFunc(slices.Values(places), compareOccurrences)
	best := sorted[0].finding
	var others []finding.Frame
	for _, o := range sorted[1:] {
		if o.finding.Path != best.Path || o.finding.Line != best.Line {
			others = append(others, finding.Frame{Path: o.finding.Path, Line: o.finding.Line, Symbol: o.symbol})
		}
	}
	slices.SortFunc(others, func(a, b finding.Frame) int {
		// Of equals, the one with a name comes first and is kept.
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(b.Symbol, a.Symbol))
	})
	best.AlsoAt = slices.CompactFunc(others, func(a, b finding.Frame) bool {
		return a.Path == b.Path && a.Line == b.Line
	})
	return best
}

func compareOccurrences(a, b occurrence) int {
	return cmp.Or(
		cmp.Compare(b.finding.Severity, a.finding.Severity),
		compareBool(a.finding.AllowComment != "", b.finding.AllowComment != ""),
		compareBool(!a.added, !b.added),
		cmp.Compare(a.finding.Path, b.finding.Path),
		cmp.Compare(a.finding.Line, b.finding.Line),
		cmp.Compare(a.symbol, b.symbol),
		cmp.Compare(a.finding.Message, b.finding.Message),
	)
}

// compareBool puts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// allowed reports whether a comment allows every place.
func allowed(places []occurrence) bool {
	return !slices.ContainsFunc(places, func(o occurrence) bool { return o.finding.AllowComment == "" })
}

// worst returns the highest severity of the places.
func worst(places []occurrence) finding.Severity {
	var s finding.Severity
	for _, o := range places {
		s = max(s, o.finding.Severity)
	}
	return s
}

// compare sorts the findings of both sides into what is new, pre-existing,
// suppressed and fixed. Those in unsure may still be in the head, in a file
// that could not be judged, so they are not called fixed.
func compare(base, head occurrences, unsure map[finding.Fingerprint]bool) *finding.Result {
	result := &finding.Result{}
	for fingerprint, places := range head {
		before := base[fingerprint]
		f := merge(places)
		switch {
		case len(before) == 0, worst(places) > worst(before):
			result.New = append(result.New, f)
		case allowed(before) && allowed(places):
			result.Suppressed = append(result.Suppressed, f)
		case allowed(before):
			// The merged comment silenced it; the change took that away, or
			// put the same value where no comment stands.
			result.New = append(result.New, f)
		default:
			// An allow comment that the change adds does not count yet.
			result.PreExisting = append(result.PreExisting, f)
		}
	}
	for fingerprint, places := range base {
		if len(head[fingerprint]) == 0 && !unsure[fingerprint] && !allowed(places) {
			result.Fixed = append(result.Fixed, merge(places))
		}
	}
	return result
}
