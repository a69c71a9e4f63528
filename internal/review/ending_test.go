package review

import (
	"strings"
	"testing"
)

func TestEndings(t *testing.T) {
	title, summary := InProgress(PullRequest{Head: headCommit, BaseRef: "main"})
	golden(t, "ending-in-progress", title+"\n\n"+summary)
	for _, tt := range []struct {
		name  string
		check Check
		want  Conclusion
	}{
		{"ending-superseded", Superseded(headCommit), Cancelled},
		{"ending-superseded-unknown", Superseded(""), Cancelled},
		{"ending-closed", Closed(), Cancelled},
		{"ending-could-not-review", CouldNotReview("The repository could not be fetched from GitHub in time.", testRun), Failure},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.check.Conclusion != tt.want {
				t.Errorf("conclusion %s, want %s", tt.check.Conclusion, tt.want)
			}
			golden(t, tt.name, tt.check.Title+"\n\n"+tt.check.Summary)
		})
	}
}

func TestWorseIsAStrictOrder(t *testing.T) {
	order := []Conclusion{"", Success, Neutral, ActionRequired, Failure}
	for i, a := range order {
		for j, b := range order {
			if got := a.Worse(b); got != (i > j) {
				t.Errorf("%q.Worse(%q) = %v", a, b, got)
			}
		}
	}
	if Cancelled.Worse(Success) || !Success.Worse(Cancelled) {
		t.Error("cancelled judges nothing and must not win")
	}
}

func TestWorstOf(t *testing.T) {
	for _, tt := range []struct {
		name   string
		own    Conclusion
		others []Other
		want   Conclusion
		title  string
	}{
		{"alone", Success, nil, Success, "own"},
		{"all green", Success, []Other{{12, Success}}, Success, "own"},
		{"another is red", Success, []Other{{12, Failure}}, Failure, "Held red by #12 · own"},
		{"own is as red", Failure, []Other{{12, Failure}}, Failure, "own"},
		{"own is worse", Failure, []Other{{12, ActionRequired}}, Failure, "own"},
		{"the worst of several", Success, []Other{{14, Failure}, {12, Failure}, {3, ActionRequired}, {4, ""}}, Failure, "Held red by #12, #14 · own"},
		{"another asks for action", Success, []Other{{12, ActionRequired}}, ActionRequired, "Held red by #12 · own"},
		{"another is only advised", Success, []Other{{12, Neutral}}, Neutral, "Judged by #12 · own"},
		{"another is not judged", Success, []Other{{12, ""}}, ActionRequired, "Waiting for #12 · own"},
		{"another was cancelled", Success, []Other{{12, Cancelled}}, ActionRequired, "Waiting for #12 · own"},
		{"not judged and own is red", Failure, []Other{{12, ""}}, Failure, "own"},
		{"cancelled beside a green one", Cancelled, []Other{{12, Success}}, Success, "Judged by #12 · own"},
		{"cancelled beside a red one", Cancelled, []Other{{12, Failure}}, Failure, "Held red by #12 · own"},
		{"cancelled beside one that is not judged", Cancelled, []Other{{12, Success}, {13, ""}}, ActionRequired, "Waiting for #13 · own"},
		{"cancelled beside a cancelled one", Cancelled, []Other{{12, Cancelled}}, ActionRequired, "Waiting for #12 · own"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := WorstOf(Check{Conclusion: tt.own, Title: "own", Summary: "own summary"}, tt.others)
			if got.Conclusion != tt.want || got.Title != tt.title {
				t.Errorf("got %s %q, want %s %q", got.Conclusion, got.Title, tt.want, tt.title)
			}
			if !strings.HasSuffix(got.Summary, "own summary") || (got.Summary != "own summary") != (tt.title != "own") {
				t.Errorf("summary %q", got.Summary)
			}
		})
	}
}

func TestWorstOfSummaries(t *testing.T) {
	own := Plan(input()).Check
	golden(t, "shared-red", WorstOf(own, []Other{{12, Failure}}).Summary)
	golden(t, "shared-waiting", WorstOf(own, []Other{{12, ""}}).Summary)
}

func TestNoteOnManyPullRequestsFits(t *testing.T) {
	var others []Other
	for n := range 5000 {
		others = append(others, Other{Number: 1_000_000_000 + n, Conclusion: Failure})
	}
	got := WorstOf(Check{Conclusion: Success, Title: "own"}, others)
	if len(got.Summary) > noteRoom || len(got.Title) > 255 {
		t.Errorf("the note takes %d bytes, the title %d", len(got.Summary), len(got.Title))
	}
}

func TestUnjudged(t *testing.T) {
	got := Unjudged(Superseded(headCommit), []int{12, 3})
	if got.Conclusion != ActionRequired || got.Title != "Waiting for #3, #12 · Superseded by abc1234" {
		t.Errorf("got %s %q", got.Conclusion, got.Title)
	}
	if got := Unjudged(Closed(), nil); got.Conclusion != Cancelled {
		t.Errorf("without another pull request: %s", got.Conclusion)
	}
}
