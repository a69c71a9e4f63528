package review

import (
	"fmt"
	"slices"
	"strings"
)

// Other is another open pull request whose head is the same commit.
type Other struct {
	Number int
	// Conclusion is what that pull request alone deserves; empty while it is
	// not judged.
	Conclusion Conclusion
}

const (
	// noteRoom is what a summary leaves free of GitHub's limit for the note on
	// pull requests that share the head.
	noteRoom = 1 << 10
	// maxNumbers bounds how many of them are named.
	maxNumbers = 10
)

// WorstOf is own made fit for a commit that is also the head of other open pull
// requests. A check belongs to the commit, so the worst conclusion of all of
// them counts, and the check says whose it is. A pull request that is not judged
// yet holds the commit at action_required, and cancelled never stays: either
// could let a change pass that nobody looked at.
func WorstOf(own Check, others []Other) Check {
	worst := own.Conclusion
	for _, o := range others {
		if c := o.deserves(); c.Worse(worst) {
			worst = c
		}
	}
	if worst == own.Conclusion {
		return own
	}
	var holders, waiting []int
	for _, o := range others {
		switch {
		case !o.judged():
			waiting = append(waiting, o.Number)
		case o.Conclusion == worst:
			holders = append(holders, o.Number)
		}
	}
	title, note := "Waiting for "+references(waiting), "where it is not judged yet, and a commit does not pass before that."
	if len(holders) > 0 {
		title = "Held red by " + references(holders)
		if worst == Success || worst == Neutral {
			title = "Judged by " + references(holders)
		}
		note = fmt.Sprintf("whose review came to **%s**. A check belongs to a commit, so the worst of them counts.",
			strings.ReplaceAll(string(worst), "_", " "))
		waiting = holders
	}
	own.Conclusion = worst
	own.Title = title + " · " + own.Title
	own.Summary = fmt.Sprintf("**%s.** This commit is also the head of %s, %s\n\n%s", title, references(waiting), note, own.Summary)
	return own
}

// Unjudged turns a cancelled check into what a commit can carry that is still
// the head of the pull requests with these numbers: it does not pass before
// their own reviews say so.
func Unjudged(check Check, numbers []int) Check {
	others := make([]Other, len(numbers))
	for i, n := range numbers {
		others[i].Number = n
	}
	return WorstOf(check, others)
}

func (o Other) judged() bool { return o.Conclusion.rank() > 0 }

func (o Other) deserves() Conclusion {
	if o.judged() {
		return o.Conclusion
	}
	return ActionRequired
}

// references names pull requests; GitHub makes links of them.
func references(numbers []int) string {
	numbers = slices.Sorted(slices.Values(numbers))
	var list []string
	for _, n := range numbers[:min(len(numbers), maxNumbers)] {
		list = append(list, fmt.Sprintf("#%d", n))
	}
	if more := len(numbers) - len(list); more > 0 {
		return strings.Join(list, ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(list, ", ")
}
