package gh

import (
	"context"
	"fmt"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/google/go-github/v62/github"

	"github.com/lintel-bot/lintel/internal/review"
)

// checkName is the check run's name; people select it as a required check.
const checkName = "lintel"

// GitHub's limits of a check run
// (https://docs.github.com/en/rest/checks/runs#update-a-check-run). The summary
// counts in bytes, whatever the reference says
// (https://github.com/github/docs/issues/35252). What is longer is cut here, as
// the last resort: refused as a whole, the check would never end.
const (
	maxAnnotations       = 50 // a request
	maxSummary           = 65535
	maxTitle             = 255
	maxAnnotationTitle   = 255
	maxAnnotationMessage = 64 << 10
)

// CheckStart is a check run at its beginning.
type CheckStart struct {
	// Head is the commit, ExternalID the reference by which FindCheck knows it.
	Head, ExternalID string
	// Title and Summary are shown while it runs; both or neither.
	Title, Summary string
	// DetailsURL may be empty.
	DetailsURL string
	StartedAt  time.Time
}

// CreateCheck creates the check run "lintel", in progress, and returns its id.
func (r *Repository) CreateCheck(ctx context.Context, start CheckStart) (id int64, err error) {
	if err := checkSHA(start.Head); err != nil {
		return 0, err
	}
	options := github.CreateCheckRunOptions{
		Name: checkName, HeadSHA: start.Head, ExternalID: &start.ExternalID, Status: github.String("in_progress"),
	}
	if start.DetailsURL != "" {
		options.DetailsURL = &start.DetailsURL
	}
	if !start.StartedAt.IsZero() {
		options.StartedAt = &github.Timestamp{Time: start.StartedAt.UTC()}
	}
	if start.Title != "" && start.Summary != "" {
		options.Output = checkOutput(start.Title, start.Summary)
	}
	c := &call{
		doing:  fmt.Sprintf("create the check run of %s at %s", r.fullName, start.Head),
		method: http.MethodPost, route: "/repos/{owner}/{repo}/check-runs", write: true,
	}
	err = r.do(ctx, c, func(ctx context.Context, client *github.Client) error {
		run, _, err := client.Checks.CreateCheckRun(ctx, r.owner, r.name, options)
		if err != nil {
			return err
		}
		if id = run.GetID(); id == 0 {
			return fmt.Errorf("the answer has no id")
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return id, nil
}

// FindCheck looks for the app's check run with that reference on a commit. The
// id is zero when there is none. Of several, which an ambiguous write can leave
// behind, it returns the newest: the one GitHub judges by. ErrNotFound when the
// commit is gone.
func (r *Repository) FindCheck(ctx context.Context, head, externalID string) (id int64, completed bool, err error) {
	if err := checkSHA(head); err != nil {
		return 0, false, err
	}
	c := &call{
		doing:  fmt.Sprintf("list the check runs of %s at %s", r.fullName, head),
		method: http.MethodGet, route: "/repos/{owner}/{repo}/commits/{ref}/check-runs",
		unprocessable: ErrNotFound, // "No commit found for SHA"
	}
	err = r.pages(ctx, c, func(ctx context.Context, client *github.Client, page github.ListOptions) (*github.Response, error) {
		list, resp, err := client.Checks.ListCheckRunsForRef(ctx, r.owner, r.name, head, &github.ListCheckRunsOptions{
			CheckName: github.String(checkName), Filter: github.String("all"), AppID: &r.app.id, ListOptions: page,
		})
		if err != nil {
			return nil, err
		}
		for _, run := range list.CheckRuns {
			if run.GetExternalID() == externalID && run.GetApp().GetID() == r.app.id && run.GetID() > id {
				id, completed = run.GetID(), run.GetStatus() == "completed"
			}
		}
		return resp, nil
	})
	if err != nil {
		return 0, false, err
	}
	return id, completed, nil
}

// CompleteCheck ends a check run. GitHub takes 50 annotations a request and
// appends them; the conclusion goes with the last request, so that a check run
// that looks done is done. With more than 50, those that an interrupted attempt
// left behind are read first and not sent again.
func (r *Repository) CompleteCheck(ctx context.Context, id int64, check review.Check) error {
	annotations := make([]*github.CheckRunAnnotation, 0, len(check.Annotations))
	for _, a := range check.Annotations {
		annotations = append(annotations, checkAnnotation(a))
	}
	if len(annotations) > maxAnnotations {
		known, err := r.annotations(ctx, id)
		if err != nil {
			return err
		}
		annotations = missing(annotations, known)
	}
	for len(annotations) > maxAnnotations {
		output := checkOutput(check.Title, check.Summary)
		output.Annotations = annotations[:maxAnnotations]
		annotations = annotations[maxAnnotations:]
		if err := r.updateCheck(ctx, id, github.UpdateCheckRunOptions{Status: github.String("in_progress"), Output: output}); err != nil {
			return err
		}
	}
	output := checkOutput(check.Title, check.Summary)
	output.Annotations = annotations
	return r.updateCheck(ctx, id, github.UpdateCheckRunOptions{
		Status: github.String("completed"), Conclusion: github.String(string(check.Conclusion)),
		CompletedAt: &github.Timestamp{Time: r.app.now().UTC().Truncate(time.Second)}, Output: output,
	})
}

// updateCheck always sends the name: go-github sends an empty one otherwise.
func (r *Repository) updateCheck(ctx context.Context, id int64, options github.UpdateCheckRunOptions) error {
	options.Name = checkName
	c := &call{
		doing:  fmt.Sprintf("update check run %d of %s", id, r.fullName),
		method: http.MethodPatch, route: "/repos/{owner}/{repo}/check-runs/{check_run_id}", write: true,
	}
	return r.do(ctx, c, func(ctx context.Context, client *github.Client) error {
		_, _, err := client.Checks.UpdateCheckRun(ctx, r.owner, r.name, id, options)
		return err
	})
}

// annotationKey identifies an annotation by what a reader sees of it.
type annotationKey struct {
	path, level, title, message string
	start, end                  int
}

func keyOf(a *github.CheckRunAnnotation) annotationKey {
	return annotationKey{a.GetPath(), a.GetAnnotationLevel(), a.GetTitle(), a.GetMessage(), a.GetStartLine(), a.GetEndLine()}
}

func (r *Repository) annotations(ctx context.Context, id int64) (map[annotationKey]int, error) {
	c := &call{
		doing:  fmt.Sprintf("list the annotations of check run %d of %s", id, r.fullName),
		method: http.MethodGet, route: "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations",
	}
	known := map[annotationKey]int{}
	err := r.pages(ctx, c, func(ctx context.Context, client *github.Client, page github.ListOptions) (*github.Response, error) {
		list, resp, err := client.Checks.ListCheckRunAnnotations(ctx, r.owner, r.name, id, &page)
		for _, a := range list {
			known[keyOf(a)]++
		}
		return resp, err
	})
	return known, err
}

// missing returns the wanted annotations that are not known yet, in order.
func missing(wanted []*github.CheckRunAnnotation, known map[annotationKey]int) []*github.CheckRunAnnotation {
	var rest []*github.CheckRunAnnotation
	for _, a := range wanted {
		if known[keyOf(a)] > 0 {
			known[keyOf(a)]--
			continue
		}
		rest = append(rest, a)
	}
	return rest
}

func checkOutput(title, summary string) *github.CheckRunOutput {
	return &github.CheckRunOutput{
		Title: github.String(cut(title, maxTitle)), Summary: github.String(cut(summary, maxSummary)),
	}
}

func checkAnnotation(a review.Annotation) *github.CheckRunAnnotation {
	start := max(a.StartLine, 1)
	annotation := &github.CheckRunAnnotation{
		Path: &a.Path, StartLine: &start, EndLine: github.Int(max(a.EndLine, start)),
		AnnotationLevel: &a.Level, Message: github.String(cut(a.Message, maxAnnotationMessage)),
	}
	if a.Title != "" {
		annotation.Title = github.String(cut(a.Title, maxAnnotationTitle))
	}
	return annotation
}

// cut shortens text to at most limit bytes, between two characters.
func cut(text string, limit int) string {
	const ellipsis = "…"
	if len(text) <= limit {
		return text
	}
	end := limit - len(ellipsis)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + ellipsis
}
