package review

import (
	"fmt"
	"strings"
)

// InProgress returns what the check run says while the review runs.
func InProgress(pr PullRequest) (title, summary string) {
	base := "the base branch"
	if pr.BaseRef != "" {
		base = code(pr.BaseRef, maxPath)
	}
	return "Reviewing " + short(pr.Head),
		fmt.Sprintf("Reading what this pull request changes against %s, and each of its commits. The result will stand here.", base)
}

// Superseded is the check of a run whose head is not the newest any more.
// newHead may be empty when it is not known.
func Superseded(newHead string) Check {
	by := "a newer push"
	if newHead != "" {
		by = short(newHead)
	}
	return Check{
		Conclusion: Cancelled,
		Title:      "Superseded by " + by,
		Summary:    fmt.Sprintf("The pull request moved on to %s while this commit was reviewed. The review goes on there.", by),
	}
}

// Closed is the check of a run whose pull request was closed or merged.
func Closed() Check {
	return Check{
		Conclusion: Cancelled,
		Title:      "The pull request is closed",
		Summary:    "It was closed before this review ended. Reopening it starts a new one.",
	}
}

// CouldNotReview is the check of a run that failed for good. reason is one
// sentence for the author, without anything that only an operator should read.
// The check is red, because a change that nobody judged must not pass.
func CouldNotReview(reason, run string) Check {
	var b strings.Builder
	b.WriteString("### ⚠️ Not reviewed\n\n**This is not your fault:** lintel could not finish its work, and a change that was not judged does not pass.\n\n")
	if reason = prose(reason, maxMessage); reason != "" {
		b.WriteString(reason + "\n\n")
	}
	b.WriteString("**To try again,** push a commit (an empty one will do), or close and reopen the pull request. ")
	b.WriteString("If it fails again, tell whoever runs lintel for you")
	if run != "" {
		b.WriteString(" and name run " + code(run, maxRule))
	}
	b.WriteString(".\n")
	return Check{Conclusion: Failure, Title: "Could not review: not your fault, please try again", Summary: b.String()}
}
