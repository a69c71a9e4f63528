package ghtest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of an annotation that the description does not state.
// https://docs.github.com/en/rest/checks/runs#create-a-check-run
const (
	annotationTitleMax   = 255
	annotationMessageMax = 64 << 10
)

// runsPerNameMax is how many runs of one name a suite keeps before it drops the
// oldest.
const runsPerNameMax = 1000

type annotation struct {
	Path        string `json:"path"`
	StartLine   int    `json:"start_line"`
	EndLine     int    `json:"end_line"`
	StartColumn *int   `json:"start_column"`
	EndColumn   *int   `json:"end_column"`
	Level       string `json:"annotation_level"`
	Message     string `json:"message"`
	Title       string `json:"title"`
	RawDetails  string `json:"raw_details"`
}

type checkAction struct {
	Label       string `json:"label"`
	Description string `json:"description"`
	Identifier  string `json:"identifier"`
}

type checkRun struct {
	id                     int64
	repository             *Repository
	app                    *appRecord
	suite                  int64
	name, headSHA          string
	externalID, detailsURL string
	status, conclusion     string
	started, completed     time.Time
	title, summary, text   string
	annotations            []annotation
	actions                []checkAction
}

// checkWish is what a client sends to create or update a check run; nil fields
// were not sent.
type checkWish struct {
	Name        *string        `json:"name"`
	HeadSHA     *string        `json:"head_sha"`
	DetailsURL  *string        `json:"details_url"`
	ExternalID  *string        `json:"external_id"`
	Status      *string        `json:"status"`
	Conclusion  *string        `json:"conclusion"`
	StartedAt   *time.Time     `json:"started_at"`
	CompletedAt *time.Time     `json:"completed_at"`
	Actions     *[]checkAction `json:"actions"`
	Output      *struct {
		Title       *string      `json:"title"`
		Summary     *string      `json:"summary"`
		Text        *string      `json:"text"`
		Annotations []annotation `json:"annotations"`
	} `json:"output"`
}

func (s *Server) createCheckRun(c *call) (*answer, error) {
	var wish checkWish
	if err := c.decode(&wish); err != nil {
		return nil, err
	}
	run, err := c.repository.newCheckRun(s.app, wish)
	if err != nil {
		return nil, err
	}
	return created(run.object()), nil
}

func (r *Repository) newCheckRun(a *appRecord, wish checkWish) (*checkRun, error) {
	s := r.server
	sha := *wish.HeadSHA
	if found, err := r.Resolve(sha); err != nil || found != sha {
		return nil, &apiError{status: http.StatusUnprocessableEntity, message: "No commit found for SHA: " + sha}
	}
	suite := fmt.Sprintf("%d:%s", a.id, sha)
	if r.suites[suite] == 0 {
		r.suites[suite] = s.ids.next()
	}
	run := &checkRun{
		id: s.ids.next(), repository: r, app: a, suite: r.suites[suite], headSHA: sha, status: "queued", started: s.now(),
	}
	if err := run.apply(wish); err != nil {
		return nil, err
	}
	r.runs = append(r.runs, run)
	r.dropOldRuns(run)
	return run, nil
}

func (r *Repository) dropOldRuns(made *checkRun) {
	same := 0
	for _, run := range slices.Backward(r.runs) {
		if run.suite != made.suite || run.name != made.name {
			continue
		}
		if same++; same > runsPerNameMax {
			r.runs = slices.DeleteFunc(r.runs, func(other *checkRun) bool { return other == run })
			return
		}
	}
}

// apply changes the run by what was sent, or says why not and changes nothing.
// Annotations are appended.
func (run *checkRun) apply(wish checkWish) error {
	const resource = "CheckRun"
	next := *run
	set := func(to *string, from *string) {
		if from != nil {
			*to = *from
		}
	}
	set(&next.name, wish.Name)
	set(&next.externalID, wish.ExternalID)
	set(&next.detailsURL, wish.DetailsURL)
	set(&next.status, wish.Status)
	if wish.StartedAt != nil {
		next.started = *wish.StartedAt
	}
	if wish.CompletedAt != nil {
		next.completed = *wish.CompletedAt
	}
	if wish.Conclusion != nil {
		if *wish.Conclusion == "stale" {
			return invalid(custom(resource, "conclusion", "only GitHub can mark a check run stale"))
		}
		// A conclusion completes the run, whatever the status says.
		next.conclusion, next.status = *wish.Conclusion, "completed"
	} else if next.status != "completed" {
		next.conclusion, next.completed = "", time.Time{}
	}
	if next.status == "completed" && next.conclusion == "" {
		return invalid(object{"resource": resource, "code": "missing_field", "field": "conclusion"})
	}
	if next.status == "completed" && next.completed.IsZero() {
		next.completed = run.repository.server.now()
	}
	if next.name == "" {
		return invalid(object{"resource": resource, "code": "missing_field", "field": "name"})
	}
	if wish.Actions != nil {
		next.actions = *wish.Actions
	}
	if out := wish.Output; out != nil {
		set(&next.title, out.Title)
		set(&next.summary, out.Summary)
		set(&next.text, out.Text)
		for _, a := range out.Annotations {
			if problem := a.problem(); problem != "" {
				return invalid(custom(resource, "annotations", problem))
			}
		}
		next.annotations = slices.Concat(run.annotations, out.Annotations)
	}
	*run = next
	return nil
}

// problem says what the description cannot: lengths in bytes, columns only on one
// line, lines in order.
func (a annotation) problem() string {
	switch {
	case len([]rune(a.Title)) > annotationTitleMax:
		return "title is too long (maximum is 255 characters)"
	case len(a.Message) > annotationMessageMax:
		return "message is too long (maximum is 64 KB)"
	case len(a.RawDetails) > annotationMessageMax:
		return "raw_details is too long (maximum is 64 KB)"
	case a.Message == "":
		return "message can't be blank"
	case a.EndLine < a.StartLine:
		return "end_line must not precede start_line"
	case (a.StartColumn != nil || a.EndColumn != nil) && a.StartLine != a.EndLine:
		return "columns are only for annotations of one line"
	}
	return ""
}

func (run *checkRun) object() object {
	r, s := run.repository, run.repository.server
	api := fmt.Sprintf("%s/api/v3/repos/%s/check-runs/%d", s.URL(), r.fullName(), run.id)
	html := fmt.Sprintf("%s/%s/runs/%d", s.URL(), r.fullName(), run.id)
	details := run.detailsURL
	if details == "" {
		details = html
	}
	pulls := []any{}
	for _, p := range r.sortedPulls() {
		// A run on a fork's head does not know its pull request.
		if p.state == "open" && p.headSHA == run.headSHA && p.headRepository == r {
			pulls = append(pulls, p.minimalObject())
		}
	}
	return object{
		"id": run.id, "name": run.name, "node_id": node("CR", run.id), "head_sha": run.headSHA, "external_id": run.externalID,
		"url": api, "html_url": html, "details_url": details, "status": run.status, "conclusion": orNull(run.conclusion),
		"started_at": stamp(run.started), "completed_at": stamp(run.completed),
		"output": object{
			"title": orNull(run.title), "summary": orNull(run.summary), "text": orNull(run.text),
			"annotations_count": len(run.annotations), "annotations_url": api + "/annotations",
		},
		"check_suite": object{"id": run.suite}, "app": s.appObject(run.app), "pull_requests": pulls,
	}
}

// minimalObject is a pull request as a check run names it.
func (p *PullRequest) minimalObject() object {
	side := func(ref, sha string, r *Repository) object {
		return object{"ref": ref, "sha": sha, "repo": object{
			"id": r.id, "name": r.name, "url": r.server.URL() + "/api/v3/repos/" + r.fullName(),
		}}
	}
	return object{
		"id": p.id, "number": p.number, "url": p.apiURL(),
		"head": side(p.headRef, p.headSHA, p.headRepository), "base": side(p.baseRef, p.baseSHA, p.repository),
	}
}

func (c *call) checkRun() (*checkRun, error) {
	for _, run := range c.repository.runs {
		if run.id == c.number("check_run_id") {
			return run, nil
		}
	}
	return nil, notFound()
}

func (s *Server) getCheckRun(c *call) (*answer, error) {
	run, err := c.checkRun()
	if err != nil {
		return nil, err
	}
	return ok(run.object()), nil
}

// updateCheckRun changes a run of the App's own.
func (s *Server) updateCheckRun(c *call) (*answer, error) {
	run, err := c.checkRun()
	if err != nil {
		return nil, err
	}
	var wish checkWish
	if err := c.decode(&wish); err != nil {
		return nil, err
	}
	if run.app != s.app {
		return nil, &apiError{
			status:  http.StatusForbidden,
			message: fmt.Sprintf("Invalid app_id `%d` - check run can only be modified by the GitHub App that created it.", s.app.id),
		}
	}
	if wish.Status != nil && *wish.Status == "completed" && wish.Conclusion == nil {
		return nil, invalid(object{"resource": "CheckRun", "code": "missing_field", "field": "conclusion"})
	}
	if err := run.apply(wish); err != nil {
		return nil, err
	}
	return ok(run.object()), nil
}

func (s *Server) listAnnotations(c *call) (*answer, error) {
	run, err := c.checkRun()
	if err != nil {
		return nil, err
	}
	blob := s.URL() + "/" + c.repository.fullName() + "/blob/" + run.headSHA + "/"
	return page(c, run.annotations, func(a annotation) any {
		return object{
			"path": a.Path, "start_line": a.StartLine, "end_line": a.EndLine, "start_column": a.StartColumn, "end_column": a.EndColumn,
			"annotation_level": a.Level, "title": orNull(a.Title), "message": a.Message, "raw_details": orNull(a.RawDetails),
			"blob_href": blob + escapePath(a.Path),
		}
	}), nil
}

// listCheckRuns lists the runs on a commit, newest first; by default only the
// newest of each name of each App.
func (s *Server) listCheckRuns(c *call) (*answer, error) {
	sha, err := c.repository.Resolve(strings.TrimPrefix(c.params["ref"], "heads/"))
	if err != nil {
		return nil, &apiError{status: http.StatusUnprocessableEntity, message: "No commit found for SHA: " + c.params["ref"]}
	}
	var list []*checkRun
	seen := map[string]bool{}
	for _, run := range c.repository.newestFirst(sha) {
		name := fmt.Sprintf("%d:%s", run.app.id, run.name)
		if c.query.Get("filter") != "all" && seen[name] {
			continue
		}
		seen[name] = true
		if given := c.query.Get("check_name"); given != "" && given != run.name {
			continue
		}
		if given := c.query.Get("status"); given != "" && given != run.status {
			continue
		}
		if given := c.query.Get("app_id"); given != "" && given != strconv.FormatInt(run.app.id, 10) {
			continue
		}
		list = append(list, run)
	}
	a := page(c, list, func(run *checkRun) any { return run.object() })
	a.body = object{"total_count": len(list), "check_runs": a.body}
	return a, nil
}

func (r *Repository) newestFirst(sha string) []*checkRun {
	var list []*checkRun
	for _, run := range r.runs {
		if run.headSHA == sha {
			list = append(list, run)
		}
	}
	slices.SortFunc(list, func(a, b *checkRun) int { return cmp.Compare(b.id, a.id) })
	return list
}

// rerequestCheckRun is the API's way of pressing "Re-run".
func (s *Server) rerequestCheckRun(c *call) (*answer, error) {
	run, err := c.checkRun()
	if err != nil {
		return nil, err
	}
	run.announce("rerequested", s.bot(s.app), nil)
	return created(object{}), nil
}
