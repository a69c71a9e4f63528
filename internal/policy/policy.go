// Package policy decides what counts: which severity blocks, which gets a
// comment, how many comments a pull request can bear.
package policy

import "github.com/lintel-bot/lintel/internal/finding"

// Policy is the effective configuration of one review.
type Policy struct {
	// FailOn is the lowest severity whose open findings block the merge; zero
	// means that none does.
	FailOn finding.Severity
	// CommentOn is the lowest severity that gets an inline comment.
	CommentOn finding.Severity
	Limits    Limits
	// Source says where the configuration came from, for the last line of the
	// check run.
	Source string
}

// Limits bound what one run writes. GitHub allows 80 content-generating
// requests a minute, and people stop reading long before
// (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
type Limits struct {
	// Inline bounds the open inline comments of a pull request, FileLevel the
	// open file-level ones, Annotations the annotations of one check run.
	Inline, FileLevel, Annotations int
}

// Default is what holds where no configuration says otherwise.
func Default() Policy {
	return Policy{
		FailOn:    finding.Major,
		CommentOn: finding.Minor,
		Limits:    Limits{Inline: 25, FileLevel: 5, Annotations: 200},
		Source:    "built-in defaults",
	}
}

// Blocks reports whether an open finding of severity s blocks the merge.
func (p Policy) Blocks(s finding.Severity) bool { return p.FailOn != 0 && s >= p.FailOn }

// Comments reports whether a finding of severity s gets a comment.
func (p Policy) Comments(s finding.Severity) bool { return s >= p.CommentOn }
