package ghtest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-github/v62/github"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

func annotations(n int) string {
	one := `{"path":"app.py","start_line":1,"end_line":1,"annotation_level":"warning","message":"m"}`
	return "[" + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + "]"
}

func TestWhatACheckRunMayHold(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	output := func(rest string) string {
		return `{"name":"lintel","head_sha":"` + w.pull.Head() + `","output":{"title":"t","summary":"s",` + rest + `}}`
	}
	one := func(rest string) string {
		return output(`"annotations":[{"path":"a","start_line":1,"end_line":1,"annotation_level":"notice","message":"m",` + rest + `}]`)
	}
	run := func(rest string) string { return `{"name":"lintel","head_sha":"` + w.pull.Head() + `",` + rest + `}` }
	for _, c := range []struct {
		name, body string
		want       int
	}{
		{"in progress", run(`"status":"in_progress"`), 201},
		{"a conclusion alone completes", run(`"conclusion":"success"`), 201},
		{"completed without a conclusion", run(`"status":"completed"`), 422},
		{"stale is GitHub's own", run(`"conclusion":"stale"`), 422},
		{"an unknown conclusion", run(`"conclusion":"fine"`), 422},
		{"50 annotations", output(`"annotations":` + annotations(50)), 201},
		{"51 annotations", output(`"annotations":` + annotations(51)), 422},
		{"longest summary", output(`"text":"` + strings.Repeat("x", 65_535) + `"`), 201},
		{"text too long", output(`"text":"` + strings.Repeat("x", 65_536) + `"`), 422},
		{"longest title of an annotation", one(`"title":"` + strings.Repeat("ä", 255) + `"`), 201},
		{"title too long", one(`"title":"` + strings.Repeat("ä", 256) + `"`), 422},
		{"message too long", output(`"annotations":[{"path":"a","start_line":1,"end_line":1,"annotation_level":"notice","message":"` +
			strings.Repeat("x", 65_537) + `"}]`), 422},
		{"columns on one line", one(`"start_column":1,"end_column":2`), 201},
		{"columns over lines", output(`"annotations":[{"path":"a","start_line":1,"end_line":2,"start_column":1,"annotation_level":"notice","message":"m"}]`), 422},
		{"three buttons", run(`"actions":` + buttons(3, 20)), 201},
		{"four buttons", run(`"actions":` + buttons(4, 20)), 422},
		{"a long button", run(`"actions":` + buttons(1, 21)), 422},
		{"a commit that is not there", `{"name":"lintel","head_sha":"` + strings.Repeat("a", 40) + `"}`, 422},
		{"a branch for a commit", `{"name":"lintel","head_sha":"main"}`, 422},
		{"no name", `{"head_sha":"` + w.pull.Head() + `"}`, 422},
		{"an empty name", `{"name":"","head_sha":"` + w.pull.Head() + `"}`, 422},
	} {
		status, _, body := w.do(http.MethodPost, "/api/v3/repos/acme/shop/check-runs", "token "+w.token(nil), c.body)
		if status != c.want {
			t.Errorf("%s: %d %.300s, want %d", c.name, status, body, c.want)
		}
	}
}

func buttons(n, length int) string {
	one := fmt.Sprintf(`{"label":%q,"description":"d","identifier":"i"}`, strings.Repeat("l", length))
	return "[" + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + "]"
}

func TestAnnotationsAreAppended(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	ctx := context.Background()
	run, _, err := w.client.Checks.CreateCheckRun(ctx, "acme", "shop", github.CreateCheckRunOptions{Name: "lintel", HeadSHA: w.pull.Head()})
	if err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/api/v3/repos/acme/shop/check-runs/%d", run.GetID())
	for range 3 {
		body := `{"output":{"title":"t","summary":"s","annotations":` + annotations(50) + `}}`
		if status, _, answer := w.do(http.MethodPatch, path, "token "+w.token(nil), body); status != 200 {
			t.Fatalf("%d %s", status, answer)
		}
	}
	var listed []*github.CheckRunAnnotation
	options := &github.ListOptions{PerPage: 1000}
	for {
		page, response, err := w.client.Checks.ListCheckRunAnnotations(ctx, "acme", "shop", run.GetID(), options)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > 100 {
			t.Errorf("a page of %d", len(page))
		}
		listed = append(listed, page...)
		if response.NextPage == 0 {
			break
		}
		options.Page = response.NextPage
	}
	if len(listed) != 150 || len(w.repository.CheckRuns(w.pull.Head())[0].Annotations) != 150 {
		t.Errorf("%d annotations listed, want 150", len(listed))
	}
}

func TestTheNewestRunOfAName(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	ctx := context.Background()
	head := w.pull.Head()
	if passing, why := w.repository.RequiredCheck(head, "lintel"); passing || !strings.Contains(why, "expected") {
		t.Errorf("before any run: %v, %s", passing, why)
	}
	create := func(status, conclusion *string) *github.CheckRun {
		run, _, err := w.client.Checks.CreateCheckRun(ctx, "acme", "shop", github.CreateCheckRunOptions{
			Name: "lintel", HeadSHA: head, Status: status, Conclusion: conclusion,
		})
		if err != nil {
			t.Fatal(err)
		}
		return run
	}
	for _, c := range []struct {
		conclusion string
		passing    bool
	}{
		{"failure", false}, {"success", true}, {"action_required", false}, {"neutral", true}, {"cancelled", false},
		{"skipped", true}, {"timed_out", false},
	} {
		create(nil, &c.conclusion)
		if passing, why := w.repository.RequiredCheck(head, "lintel"); passing != c.passing {
			t.Errorf("after %s: %v, %s", c.conclusion, passing, why)
		}
	}
	newest := create(github.String("in_progress"), nil)
	if passing, _ := w.repository.RequiredCheck(head, "lintel"); passing {
		t.Error("a run in progress passes")
	}
	if err := w.repository.AddCheckRun("tests", head, "tests", "success"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		options *github.ListCheckRunsOptions
		want    int
	}{
		{nil, 2},
		{&github.ListCheckRunsOptions{Filter: github.String("all")}, 9},
		{&github.ListCheckRunsOptions{CheckName: github.String("lintel")}, 1},
		{&github.ListCheckRunsOptions{AppID: github.Int64(appID)}, 1},
		{&github.ListCheckRunsOptions{Status: github.String("completed")}, 1},
	} {
		list, _, err := w.client.Checks.ListCheckRunsForRef(ctx, "acme", "shop", "topic", c.options)
		if err != nil || list.GetTotal() != c.want {
			t.Errorf("%+v: %d runs, %v; want %d", c.options, list.GetTotal(), err, c.want)
		}
	}
	theirs := w.repository.CheckRuns(head)[8]
	_, _, err := w.client.Checks.UpdateCheckRun(ctx, "acme", "shop", theirs.ID, github.UpdateCheckRunOptions{Name: "tests"})
	if theirs.App != "tests" || status(t, err) != 403 {
		t.Errorf("changing a run of %s: %v, want 403", theirs.App, err)
	}
	if newest.PullRequests[0].GetNumber() != 1 {
		t.Errorf("pull requests of a run: %v", newest.PullRequests)
	}
}
