// Package finding holds the words every other package shares: what a finding
// is, how bad it is, what identifies it, and what a whole scan came to. It
// imports only the standard library.
package finding

// Finding is one defect at one place. It never holds the value of a secret.
type Finding struct {
	// Rule is the rule's id, such as "secrets/aws-access-token".
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	// Quality is the ISO/IEC 25010 attribute, such as "Security".
	Quality string `json:"quality"`
	// Path is slash-separated, from the root of the repository.
	Path string `json:"path"`
	// Line and EndLine are 1-based and inclusive; EndLine is at least Line.
	// Zero means that the finding concerns the file as a whole.
	Line    int `json:"line"`
	EndLine int `json:"end_line"`
	// Title is one short line without Markdown.
	Title string `json:"title"`
	// Message is the evidence: what was found here. Parts taken from the
	// repository are plain text; whoever renders them escapes them.
	Message string `json:"message"`
	// Why is one paragraph on what goes wrong in production.
	Why string `json:"why,omitempty"`
	// Fix is the advice, first step first.
	Fix []string `json:"fix,omitempty"`
	// Fingerprint identifies the finding across pushes.
	Fingerprint Fingerprint `json:"fingerprint"`
	// Trace leads from where it starts to where it hurts; may be empty.
	Trace []Frame `json:"trace"`
	// Commit is the commit that introduced a secret which is no longer in the
	// head; empty for every other finding.
	Commit string `json:"commit,omitempty"`
	// AlsoAt lists further places of the same finding (the same secret twice).
	AlsoAt []Frame `json:"also_at,omitempty"`
	// AllowComment is the text of an allow comment (such as "gitleaks:allow")
	// that stands at the finding; empty when there is none.
	AllowComment string `json:"allow_comment,omitempty"`
	// Suggestion is an edit that mends it; nil when none is safe.
	Suggestion *Replacement `json:"suggestion,omitempty"`
}

// Replacement replaces whole lines of the finding's file, 1-based and inclusive.
type Replacement struct {
	Line    int `json:"line"`
	EndLine int `json:"end_line"`
	// Text is what stands there instead, without a line feed at its end.
	Text string `json:"text"`
}

// Frame is one step of a trace. Line is 1-based.
type Frame struct {
	Path   string `json:"path"`
	Line   int    `json:"line"`
	Symbol string `json:"symbol"`
}

// NotScanned names something in scope that could not be judged.
type NotScanned struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
	// Blocking is true when the change under review touched it, so that the
	// scan is incomplete; false when the base has the same gap already.
	Blocking bool `json:"blocking"`
}

// OutOfScope counts a file that lintel does not judge: binary, symbolic link,
// submodule, excluded by configuration.
type OutOfScope struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// Undecided names a rule that could not be decided and what it missed.
type Undecided struct {
	Rule    string   `json:"rule"`
	Subject string   `json:"subject"`
	Missing []string `json:"missing"`
}

// Stats counts the work of a scan.
type Stats struct {
	// Files is the number of files in scope that were asked for.
	Files int `json:"files"`
	// Commits is the number of commits whose additions were scanned.
	Commits int `json:"commits"`
	// Blobs is the number of distinct blobs read; Bytes their summed size.
	Blobs int   `json:"blobs"`
	Bytes int64 `json:"bytes"`
	// AddedLines is the number of lines the change adds.
	AddedLines int `json:"added_lines"`
	// Milliseconds is the wall time of the scan.
	Milliseconds int64 `json:"milliseconds"`
}

// Result is what a scan came to. Every list is sorted, so that the same scan
// gives the same bytes.
type Result struct {
	// New holds what the head has and the merge base has not; for an audit,
	// everything.
	New []Finding
	// PreExisting holds what both have: counted, never blocking.
	PreExisting []Finding
	// Fixed holds what only the base has.
	Fixed []Finding
	// InHistory holds secrets that a commit of the change added and that
	// neither its head nor the base holds.
	InHistory []Finding
	// Suppressed holds what an allow comment in merged code silences.
	Suppressed []Finding
	NotScanned []NotScanned
	OutOfScope []OutOfScope
	Undecided  []Undecided
	Stats      Stats
}

// Incomplete reports whether something the change touched was not judged.
func (r *Result) Incomplete() bool {
	for _, n := range r.NotScanned {
		if n.Blocking {
			return true
		}
	}
	return false
}
