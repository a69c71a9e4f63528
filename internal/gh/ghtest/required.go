package ghtest

import (
	"fmt"
	"slices"
	"time"
)

// CheckRun is a check run as it stands now.
type CheckRun struct {
	ID                     int64
	Name, App, HeadSHA     string
	Status, Conclusion     string
	ExternalID, DetailsURL string
	Title, Summary, Text   string
	Annotations            []Annotation
	Actions                []Action
	StartedAt, CompletedAt time.Time
	URL                    string
}

// Annotation is an annotation of a check run.
type Annotation struct {
	Path                      string
	StartLine, EndLine        int
	Level                     string
	Title, Message, RawDetail string
}

// Action is a button of a check run.
type Action struct{ Label, Description, Identifier string }

// CheckRuns lists the check runs on a commit, oldest first, superseded ones
// included.
func (r *Repository) CheckRuns(sha string) []CheckRun {
	s := r.server
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []CheckRun
	for _, run := range slices.Backward(r.newestFirst(sha)) {
		list = append(list, run.view())
	}
	return list
}

func (run *checkRun) view() CheckRun {
	v := CheckRun{
		ID: run.id, Name: run.name, App: run.app.slug, HeadSHA: run.headSHA, Status: run.status, Conclusion: run.conclusion,
		ExternalID: run.externalID, DetailsURL: run.detailsURL, Title: run.title, Summary: run.summary, Text: run.text,
		StartedAt: run.started, CompletedAt: run.completed,
		URL: fmt.Sprintf("%s/%s/runs/%d", run.repository.server.URL(), run.repository.fullName(), run.id),
	}
	for _, a := range run.annotations {
		v.Annotations = append(v.Annotations, Annotation{a.Path, a.StartLine, a.EndLine, a.Level, a.Title, a.Message, a.RawDetails})
	}
	for _, a := range run.actions {
		v.Actions = append(v.Actions, Action(a))
	}
	return v
}

// RequiredCheck tells whether a branch protection that requires the check would
// let a pull request with this head be merged, and why or why not: the newest run
// of that name must be completed with success, neutral or skipped.
func (r *Repository) RequiredCheck(sha, name string) (passing bool, why string) {
	s := r.server
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, run := range r.newestFirst(sha) {
		if run.name != name {
			continue
		}
		if run.status != "completed" {
			return false, name + " is " + run.status
		}
		switch run.conclusion {
		case "success", "neutral", "skipped":
			return true, name + " is " + run.conclusion
		}
		return false, name + " is " + run.conclusion
	}
	return false, name + " is expected: waiting for status to be reported"
}

// AddCheckRun reports a completed check run as another App.
func (r *Repository) AddCheckRun(appSlug, sha, name, conclusion string) error {
	s := r.server
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := r.newCheckRun(s.appOf(appSlug+"[bot]"), checkWish{Name: &name, HeadSHA: &sha, Conclusion: &conclusion})
	return err
}

// Rerequest presses "Re-run" on a check run and delivers check_run.rerequested.
func (r *Repository) Rerequest(login string, id int64) error {
	return r.press(login, id, "rerequested", nil)
}

// PressButton presses one of a check run's own buttons and delivers
// check_run.requested_action.
func (r *Repository) PressButton(login string, id int64, identifier string) error {
	return r.press(login, id, "requested_action", object{"requested_action": object{"identifier": identifier}})
}

func (r *Repository) press(login string, id int64, action string, extra object) error {
	s := r.server
	s.mu.Lock()
	i := slices.IndexFunc(r.runs, func(run *checkRun) bool { return run.id == id })
	if i < 0 {
		s.mu.Unlock()
		return fmt.Errorf("ghtest: no check run %d in %s", id, r.fullName())
	}
	r.runs[i].announce(action, s.user(login), extra)
	s.mu.Unlock()
	s.flush()
	return nil
}
