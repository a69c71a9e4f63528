package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unicode"
	"unicode/utf16"

	"github.com/lintel-bot/lintel/internal/finding"
)

// document is the published shape. Keys are only ever added to it.
type document struct {
	Findings   []entry             `json:"findings"`
	NotScanned []gap               `json:"not_scanned"`
	Undecided  []finding.Undecided `json:"undecided"`
	Stats      finding.Stats       `json:"stats"`
}

type entry struct {
	Rule        string              `json:"rule"`
	Severity    finding.Severity    `json:"severity"`
	Quality     string              `json:"quality"`
	Path        string              `json:"path"`
	Line        int                 `json:"line"`
	EndLine     int                 `json:"end_line"`
	Title       string              `json:"title"`
	Message     string              `json:"message"`
	Fingerprint finding.Fingerprint `json:"fingerprint"`
	Trace       []finding.Frame     `json:"trace"`
	// AlsoAt are further places of the same value.
	AlsoAt []finding.Frame `json:"also_at"`
	// Fix are the steps of the advice, in Markdown.
	Fix []string `json:"fix"`
	// Suggestion is an edit of whole lines that mends it.
	Suggestion *finding.Replacement `json:"suggestion,omitempty"`
	// AllowComment is an allow comment on the line that does not count yet.
	AllowComment string `json:"allow_comment,omitempty"`
	// Commit and InHistory are there for a secret that a commit added and a
	// later one removed.
	Commit    string `json:"commit,omitempty"`
	InHistory bool   `json:"in_history,omitempty"`
}

type gap struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
	// Blocking gaps make the scan incomplete; the others are in the base too.
	Blocking bool `json:"blocking"`
}

// JSON writes r as one JSON object, findings worst first. Lists are never null.
// Characters that a terminal could act on are written as escapes; bytes of a
// path that are not valid UTF-8 become U+FFFD, since JSON has no way to hold
// them.
func JSON(w io.Writer, r *finding.Result) error {
	doc := document{
		Findings:   entries(r),
		NotScanned: make([]gap, 0, len(r.NotScanned)),
		Undecided:  make([]finding.Undecided, 0, len(r.Undecided)),
		Stats:      r.Stats,
	}
	for _, n := range r.NotScanned {
		doc.NotScanned = append(doc.NotScanned, gap(n))
	}
	for _, u := range r.Undecided {
		u.Missing = append([]string{}, u.Missing...)
		doc.Undecided = append(doc.Undecided, u)
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(doc); err != nil {
		return fmt.Errorf("encoding the findings: %w", err)
	}
	_, err := w.Write(escapeInvisible(b.Bytes()))
	return err
}

// entries returns the findings of the head and those of the history, in one
// order.
func entries(r *finding.Result) []entry {
	type source struct {
		finding.Finding
		inHistory bool
	}
	sources := make([]source, 0, len(r.New)+len(r.InHistory))
	for _, f := range r.New {
		sources = append(sources, source{f, false})
	}
	for _, f := range r.InHistory {
		sources = append(sources, source{f, true})
	}
	slices.SortStableFunc(sources, func(a, b source) int { return finding.Compare(a.Finding, b.Finding) })
	list := make([]entry, 0, len(sources))
	for _, f := range sources {
		list = append(list, entry{
			Rule: f.Rule, Severity: f.Severity, Path: f.Path, Line: f.Line, EndLine: f.EndLine,
			Title: f.Title, Message: f.Message, Fingerprint: f.Fingerprint,
			Quality: f.Quality, Trace: append([]finding.Frame{}, f.Trace...), AlsoAt: append([]finding.Frame{}, f.AlsoAt...),
			Fix: append([]string{}, f.Fix...), Suggestion: f.Suggestion, AllowComment: f.AllowComment, Commit: f.Commit, InHistory: f.inHistory,
		})
	}
	return list
}

// escapeInvisible writes what encoding/json leaves as it is, but a terminal may
// act on or hide, as \u escapes: C1 controls, bidirectional and zero-width
// characters. Outside of strings JSON holds only ASCII.
func escapeInvisible(text []byte) []byte {
	var b bytes.Buffer
	for _, r := range string(text) {
		switch {
		case r == '\n' || unicode.IsPrint(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.Bytes()
}
