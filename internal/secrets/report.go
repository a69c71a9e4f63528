package secrets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lintel-bot/lintel/internal/finding"
)

const (
	// fingerprintScope stands in fingerprints where other families have a rule
	// id. The identity of a secret is its value alone: a rule that is renamed,
	// or a better one that takes over, does not make the same secret new.
	fingerprintScope = "secrets"
	// quality is the ISO/IEC 25010 attribute of every finding here.
	quality = "Security"
	// maxPlaces bounds the further places one finding lists.
	maxPlaces = 1000
	// maxShownName bounds the name in a message.
	maxShownName = 64
)

// judged is a candidate with what it comes to.
type judged struct {
	candidate
	severity finding.Severity
	kind     kind
}

// findings turns candidates into sorted findings: one for each value, by its
// most specific kind and its worst severity.
func (s *Scanner) findings(d *document, candidates []candidate) []finding.Finding {
	var kept []judged
	for _, c := range candidates {
		if severity, ok := severityOf(d, c); ok {
			kept = append(kept, judged{c, severity, kindOf(c.kind, c.shaped)})
		}
	}
	kept = withoutOverlaps(kept)
	order := []string{}
	byValue := map[string][]judged{}
	for _, j := range kept {
		if byValue[j.value] == nil {
			order = append(order, j.value)
		}
		byValue[j.value] = append(byValue[j.value], j)
	}
	out := make([]finding.Finding, 0, len(order))
	for _, value := range order {
		out = append(out, s.finding(d, byValue[value], order))
	}
	finding.Sort(out)
	return out
}

// withoutOverlaps keeps one candidate of those that cover the same text: the
// most specific, then the longest. A key of a provider's test mode keeps its
// severity, else the worst one counts.
func withoutOverlaps(all []judged) []judged {
	slices.SortStableFunc(all, func(a, b judged) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end), compareSpecific(a, b))
	})
	var out []judged
	for _, j := range all {
		merged := false
		for i := len(out) - 1; i >= 0 && i >= len(out)-8; i-- {
			o := &out[i]
			if j.start >= o.end || o.start >= j.end || j.encoded && o.encoded && j.value != o.value {
				continue
			}
			winner, loser := *o, j
			if compareSpecific(j, *o) < 0 {
				winner, loser = j, *o
			}
			if !winner.harmless {
				winner.severity = max(winner.severity, loser.severity)
			}
			if winner.name == "" {
				winner.name = loser.name
			}
			*o = winner
			merged = true
			break
		}
		if !merged {
			out = append(out, j)
		}
	}
	slices.SortStableFunc(out, func(a, b judged) int { return cmp.Compare(a.start, b.start) })
	return out
}

// compareSpecific is negative when a says more about the value than b.
func compareSpecific(a, b judged) int {
	return cmp.Or(compareBool(b.shaped, a.shaped), compareBool(b.encoded, a.encoded), cmp.Compare(a.kind.rank, b.kind.rank), cmp.Compare(b.severity, a.severity),
		cmp.Compare(b.end-b.start, a.end-a.start), strings.Compare(a.candidate.kind, b.candidate.kind))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// finding makes one finding of all places of a value, which come sorted by
// position.
func (s *Scanner) finding(d *document, places []judged, values []string) finding.Finding {
	best := places[0]
	severity := best.severity
	for _, p := range places {
		if compareSpecific(p, best) < 0 {
			best = p
		}
		if !p.harmless {
			severity = max(severity, p.severity)
		}
	}
	rule := "secrets/" + best.candidate.kind
	first := places[0]
	f := finding.Finding{
		Rule: rule, Severity: severity, Quality: quality, Path: d.path,
		Line: d.line(first.start), EndLine: d.line(max(first.start, first.end-1)),
		Title: best.kind.title(), Message: message(best, values),
		Why: best.kind.rotate.why(), Fix: best.kind.steps(),
		Fingerprint: finding.NewFingerprint(fingerprintScope, finding.KeyedDigest(s.key, best.value)),
		Trace:       []finding.Frame{},
	}
	// An allow comment counts only where it stands at every place.
	for i, p := range places {
		allow := allowComment(d, p.candidate, rule)
		if allow == "" {
			f.AllowComment = ""
			break
		}
		if i == 0 {
			f.AllowComment = allow
		}
	}
	for _, p := range places[1:] {
		line := d.line(p.start)
		at := finding.Frame{Path: d.path, Line: line, Symbol: shownName(p.name, values)}
		if line != f.Line && len(f.AlsoAt) < maxPlaces && !slices.ContainsFunc(f.AlsoAt, func(o finding.Frame) bool { return o.Line == line }) {
			f.AlsoAt = append(f.AlsoAt, at)
		}
	}
	return f
}

// message says what was found, without the value.
func message(j judged, values []string) string {
	size := fmt.Sprintf("%d characters", utf8.RuneCountInString(j.value))
	if p := prefixOf(j.value); p != "" && j.shaped {
		size = fmt.Sprintf("`%s…`, %s", p, size)
	}
	text := fmt.Sprintf("%s (%s)", j.kind.noun, size)
	if name := shownName(j.name, values); name != "" {
		text = fmt.Sprintf("`%s` holds %s", name, text)
	} else {
		text = "This line holds " + text
	}
	if j.fallback {
		text += ", used where the environment has no value"
	}
	return text + "."
}

// shownName returns a name that may be shown: identifier characters only, of
// bounded length, no part of any secret of the file, and not itself as random
// as one.
func shownName(name string, values []string) string {
	name = strings.TrimPrefix(name, "$")
	if name == "" || len(name) > maxShownName || !nameLike(name) || looksRandom(name) {
		return ""
	}
	lower := strings.ToLower(name)
	for _, v := range values {
		if lv := strings.ToLower(v); strings.Contains(lower, lv) || len(name) >= 8 && strings.Contains(lv, lower) {
			return ""
		}
	}
	return name
}

// looksRandom reports whether a name could be a key itself, as the left side
// of a pair of credentials can be.
func looksRandom(name string) bool {
	if prefixOf(name) != "" || len(name) >= 16 && !strings.ContainsAny(name, "_-.") && !readable(name) {
		return true
	}
	digits := 0
	for i := range len(name) {
		if isDigit(name[i]) {
			digits++
		}
	}
	return digits*4 > len(name) && len(name) >= 8
}

// nameBefore returns the name that the value at offset is assigned to on its
// line, or nothing.
func nameBefore(d *document, offset int) string {
	start, _ := d.bounds(d.line(offset))
	left := strings.TrimRight(d.text[max(start, offset-2*maxNameBytes):offset], " \t\"'`([{")
	operator := false
	for {
		trimmed := strings.TrimRight(left, "=:>,")
		operator = operator || trimmed != left
		if trimmed == left {
			break
		}
		left = strings.TrimRight(trimmed, " \t\"'`])?")
	}
	if !operator {
		return ""
	}
	end := len(left)
	for end > 0 && (isWordOrDash(left[end-1])) {
		end--
	}
	if end > 0 && strings.IndexByte("@./\\", left[end-1]) >= 0 {
		// The tail of an address, a path or an escape.
		return ""
	}
	if name := left[end:]; name != "" && nameLike(name) {
		return name
	}
	return ""
}
