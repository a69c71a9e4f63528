package ghtest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

// recordings are the payloads GitHub really sent, by event, from the npm package
// that testdata/octokit locks.
func recordings(t *testing.T) map[string][]map[string]any {
	t.Helper()
	path := filepath.Join("..", "..", "..", "testdata", "octokit", "node_modules", "@octokit", "webhooks-examples", "api.github.com", "index.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("the recorded payloads are needed; run `npm ci` in testdata/octokit: %v", err)
	}
	var events []struct {
		Name     string           `json:"name"`
		Examples []map[string]any `json:"examples"`
	}
	if err := json.Unmarshal(raw, &events); err != nil {
		t.Fatal(err)
	}
	all := map[string][]map[string]any{}
	for _, e := range events {
		all[e.Name] = e.Examples
	}
	return all
}

// shapes adds every path of a value with its JSON type. The elements of a list
// share one path.
func shapes(value any, path string, into map[string]map[string]bool) {
	kind := "null"
	switch value := value.(type) {
	case map[string]any:
		kind = "object"
		for name, field := range value {
			shapes(field, path+"."+name, into)
		}
	case []any:
		kind = "list"
		for _, element := range value {
			shapes(element, path+"[]", into)
		}
	case nil:
	default:
		kind = fmt.Sprintf("%T", value)
	}
	if into[path] == nil {
		into[path] = map[string]bool{}
	}
	into[path][kind] = true
}

// mayBeNull are fields that are null in life though never in the recordings.
var mayBeNull = []string{
	".pull_request.body", ".pull_request.head.repo", ".pull_request.merge_commit_sha", ".comment.position",
	".comment.line", ".comment.original_line", ".check_run.check_suite.head_branch", ".check_run.check_suite.before",
	".check_run.check_suite.after", ".check_run.output.title", ".check_run.output.summary", ".check_run.conclusion",
	".check_run.completed_at", ".check_run.check_suite.conclusion", ".issue.body", ".repository.language",
	".pull_request.head.repo.language", ".pull_request.base.repo.language",
}

// unrecorded are fields GitHub sends for which there is no recording: what an App
// may do is a map, no recorded edit changes title or base, no recorded issue comment
// is on a pull request, and the recorded review comments are from before drafts.
var unrecorded = map[string][]string{
	"pull_request":                {".changes"},
	"issue_comment":               {".issue.pull_request", ".comment.performed_via_github_app"},
	"pull_request_review_comment": {".pull_request.draft", ".pull_request.auto_merge"},
	"check_run":                   {".check_run.app.permissions", ".check_run.check_suite.app.permissions"},
}

// below tells whether a path is one of those or lies under one.
func below(path string, above []string) bool {
	return slices.ContainsFunc(above, func(one string) bool { return path == one || strings.HasPrefix(path, one+".") })
}

func TestPayloadsAreShapedAsRecorded(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	provoke(t, w)
	recorded := recordings(t)
	known := map[string]map[string]map[string]bool{}
	for event, examples := range recorded {
		known[event] = map[string]map[string]bool{}
		for _, example := range examples {
			shapes(example, "", known[event])
		}
	}
	seen := map[string]bool{}
	for _, d := range w.Deliveries() {
		seen[d.Event+"."+d.Action] = true
		var payload map[string]any
		if err := json.Unmarshal(d.Body, &payload); err != nil {
			t.Fatal(err)
		}
		ours := map[string]map[string]bool{}
		shapes(payload, "", ours)
		for path, kinds := range ours {
			parent := known[d.Event][path[:max(0, strings.LastIndex(path, "."))]]
			if below(path, unrecorded[d.Event]) || len(parent) == 1 && parent["null"] {
				continue
			}
			for kind := range kinds {
				theirs := known[d.Event][path]
				switch {
				case theirs == nil:
					t.Errorf("%s.%s sends %s, which GitHub does not", d.Event, d.Action, path)
				case theirs[kind], len(theirs) == 1 && theirs["null"]:
				case kind == "null" && slices.Contains(mayBeNull, path):
				default:
					t.Errorf("%s.%s sends %s as %s, GitHub as %v", d.Event, d.Action, path, kind, theirs)
				}
			}
		}
	}
	for _, want := range []string{
		"pull_request.opened", "pull_request.synchronize", "pull_request.edited", "pull_request.closed", "pull_request.reopened",
		"pull_request.ready_for_review", "pull_request.converted_to_draft", "issue_comment.created",
		"pull_request_review_comment.created", "check_run.rerequested", "check_run.requested_action",
	} {
		if !seen[want] {
			t.Errorf("%s was not delivered", want)
		}
	}
}

// provoke makes every event the fake sends.
func provoke(t *testing.T, w *world) {
	t.Helper()
	w.commit(ghtest.Commit{Branch: "release", Base: "main", Files: map[string]string{"notes": "x"}})
	if err := w.repository.AddCheckRun("lintel", w.pull.Head(), "lintel", "failure"); err != nil {
		t.Fatal(err)
	}
	run := w.repository.CheckRuns(w.pull.Head())[0].ID
	steps := []func() error{
		func() error { _, err := w.pull.Push(ghtest.Commit{Files: map[string]string{"more": "x"}}); return err },
		func() error { return w.pull.Retarget("release") },
		func() error { return w.pull.EditTitle("Another") },
		w.pull.ConvertToDraft,
		w.pull.MarkReady,
		func() error { _, err := w.pull.Comment("alice", "/lintel help"); return err },
		func() error {
			_, err := w.pull.CommentOn("alice", ghtest.NewComment{Path: "app.py", Line: 10, Body: "?"})
			return err
		},
		func() error { return w.repository.Rerequest("alice", run) },
		func() error { return w.repository.PressButton("alice", run, "rescan") },
		w.pull.Close, w.pull.Reopen, w.pull.Merge,
	}
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
	}
}

// What lintel reads of a payload is there, with its type.
func TestPayloadsHoldWhatLintelReads(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	if err := w.pull.Retarget("main"); err != nil {
		t.Fatal(err)
	}
	number, text, flag := "float64", "string", "bool"
	wanted := map[string]string{
		".action": text, ".number": number, ".installation.id": number, ".sender.login": text, ".sender.type": text,
		".repository.id": number, ".repository.full_name": text, ".repository.name": text, ".repository.owner.login": text,
		".repository.default_branch": text, ".repository.private": flag, ".repository.html_url": text, ".repository.clone_url": text,
		".pull_request.number": number, ".pull_request.id": number, ".pull_request.state": text, ".pull_request.draft": flag,
		".pull_request.merged": flag, ".pull_request.user.login": text, ".pull_request.head.sha": text,
		".pull_request.head.ref": text, ".pull_request.head.repo.id": number, ".pull_request.head.repo.full_name": text,
		".pull_request.base.sha": text, ".pull_request.base.ref": text, ".pull_request.base.repo.id": number,
		".pull_request.commits": number, ".pull_request.changed_files": number, ".changes.base.ref.from": text,
		".changes.base.sha.from": text,
	}
	var last map[string]any
	all := w.Deliveries()
	if err := json.Unmarshal(all[len(all)-1].Body, &last); err != nil {
		t.Fatal(err)
	}
	ours := map[string]map[string]bool{}
	shapes(last, "", ours)
	for path, kind := range wanted {
		if !ours[path][kind] {
			t.Errorf("%s is %v, want %s", path, ours[path], kind)
		}
	}
}

// A fork's head is readable through the base repository; its payload names the
// fork, and null once that is deleted.
func TestPullRequestsFromForks(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	fork, err := w.repository.Fork("mallory")
	if err != nil {
		t.Fatal(err)
	}
	head, err := fork.Commit(ghtest.Commit{Branch: "evil", Base: "main", Files: map[string]string{"app.py": "x\n"}})
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.repository.OpenPullRequest(ghtest.NewPullRequest{Head: "mallory:evil", Author: "mallory"})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := w.repository.Resolve("refs/pull/2/head"); err != nil || got != head {
		t.Errorf("refs/pull/2/head is %s, %v; want %s", got, err, head)
	}
	if head, err = p.Push(ghtest.Commit{Base: "main", Files: map[string]string{"app.py": "y\n"}}); err != nil {
		t.Fatal(err)
	}
	if p.Head() != head {
		t.Errorf("head after a force push to the fork: %s, want %s", p.Head(), head)
	}
	fork.Delete()
	payload, err := p.Payload("closed", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := payload["pull_request"].(map[string]any)["head"].(map[string]any)
	if got["repo"] != nil || got["sha"] != head {
		t.Errorf("head of a deleted fork: %v", got)
	}
	if status, _, body := w.do("GET", "/api/v3/repos/acme/shop/pulls/2", "token "+w.token(nil), ""); status != 200 || !strings.Contains(body, `"repo":null`) {
		t.Errorf("the API on a deleted fork: %d", status)
	}
}
