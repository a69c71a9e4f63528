// Package review decides what lintel writes on a pull request, and words it:
// which comments to post, edit and resolve, and what the check run says. It is
// pure: the same input gives the same bytes, and applying them is for others.
package review

import (
	"time"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/policy"
)

// PullRequest is what a review needs to know of a live pull request.
type PullRequest struct {
	Number int
	// Open is false once closed or merged.
	Open  bool
	Draft bool
	// Head and Base are full commit ids: the head's tip, and the tip of the
	// base branch as GitHub last saw it for this pull request.
	Head, Base string
	// BaseRef is the base branch's name, DefaultBranch the repository's own.
	BaseRef, DefaultBranch string
	// WebURL is the repository's address for people, without a trailing slash;
	// with ".git" it is the one git fetches from.
	WebURL string
}

// Input is everything one run is decided from.
type Input struct {
	// Run is the ULID of the run, written into the marker of every comment.
	Run         string
	PullRequest PullRequest
	Policy      policy.Policy
	Result      *finding.Result
	// Files are the changes from merge base to head; they decide placement.
	Files []diff.File
	// Existing are the comments of lintel's own bot user that carry a marker.
	Existing []Comment
	// RulesVersion identifies the rules that ran.
	RulesVersion string
	Elapsed      time.Duration
}

// Comment is a comment lintel wrote earlier on the pull request.
type Comment struct {
	ID     int64
	Marker Marker
	Body   string
	Path   string
	// Line is 1-based in the head; zero for a file-level or outdated comment.
	Line int
	URL  string
	// Replied is true when somebody else answered in the thread.
	Replied bool
	// Thread is the review thread's GraphQL id, empty when it is not known.
	Thread string
	// Resolved and CanResolve are GitHub's isResolved and viewerCanResolve.
	Resolved, CanResolve bool
}

// Marker is the hidden line by which lintel knows its own comments.
type Marker struct {
	// Key is the comment's own key: a finding's fingerprint, or a group's.
	Key finding.Fingerprint
	// Of names the findings of a group; empty for a single finding.
	Of []finding.Fingerprint
	// Run is the run that posted the comment.
	Run string
	// Fixed is true once the comment was edited to say so.
	Fixed bool
	// Gone says how the finding left the change without being fixed; empty
	// while it is open, and once it is fixed.
	Gone Gone
}

// Gone is a way for a finding to leave a change without being fixed.
type Gone string

// What a comment can say of a finding that is no longer new in the head.
const (
	// GoneToHistory: a later commit removed the secret, an earlier one of the
	// same pull request still holds it.
	GoneToHistory Gone = "history"
	// GoneToBase: the base branch has it by now, so it is not this change's.
	GoneToBase Gone = "base"
	// GoneAllowed: an allow comment in merged code silences it.
	GoneAllowed Gone = "allowed"
)

// Actions is what has to be written to GitHub, in this order: the review, the
// file-level comments, the edits, the resolved threads, the check run.
type Actions struct {
	// Inline are posted together, as one review.
	Inline []NewComment
	// FileLevel are posted one by one: GitHub takes no file-level comment in a
	// review.
	FileLevel []NewComment
	Edits     []Edit
	// Resolve holds GraphQL ids of review threads.
	Resolve []string
	Check   Check
}

// NewComment is a comment to post. Line and StartLine are 1-based lines of the
// head; StartLine is zero for a single line, and both for a file-level comment.
type NewComment struct {
	Path            string
	StartLine, Line int
	Body            string
	Key             finding.Fingerprint
	// Annotation stands in when GitHub refuses the anchor.
	Annotation Annotation
}

// Edit replaces a comment's body.
type Edit struct {
	CommentID int64
	Body      string
}

// Conclusion is a check run's conclusion, in GitHub's spelling
// (https://docs.github.com/en/rest/checks/runs#update-a-check-run).
type Conclusion string

// The conclusions lintel uses. It never uses skipped or neutral for a change it
// did not judge: both satisfy a required check.
const (
	Success        Conclusion = "success"
	Failure        Conclusion = "failure"
	ActionRequired Conclusion = "action_required"
	Neutral        Conclusion = "neutral"
	Cancelled      Conclusion = "cancelled"
)

// Check is the completed check run.
type Check struct {
	Conclusion Conclusion
	// Title is one line; Summary is Markdown of at most 65,535 characters.
	Title, Summary string
	Annotations    []Annotation
}

// Annotation is one annotation of the check run. Lines are 1-based.
type Annotation struct {
	Path               string
	StartLine, EndLine int
	// Level is "failure", "warning" or "notice".
	Level          string
	Title, Message string
}
