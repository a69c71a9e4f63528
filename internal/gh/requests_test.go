package gh_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/gh"
	"github.com/lintel-bot/lintel/internal/review"
)

func TestPostReviewIsOneRequest(t *testing.T) {
	s := newServer(t, always(200, `{"id":1}`))
	err := s.repository(t).PostReview(t.Context(), 3, head, run, []review.NewComment{
		{Path: "a.py", Line: 9, StartLine: 7, Body: "range"},
		{Path: "a.py", Line: 9, StartLine: 9, Body: "one line"},
		{Path: "b.py", Line: 1, Body: "single"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := s.seen()
	if len(got) != 1 || got[0].method != http.MethodPost || got[0].path != "/v3/repos/acme/shop/pulls/3/reviews" {
		t.Fatalf("requests %+v", got)
	}
	var body any
	decode(t, got[0].body, &body)
	want := map[string]any{
		"commit_id": head, "event": "COMMENT",
		"body": "3 comments; the verdict is in the `lintel` check.\n\n<!-- lintel:v1 run=" + run + " -->",
		"comments": []any{
			map[string]any{"path": "a.py", "body": "range", "line": 9.0, "side": "RIGHT", "start_line": 7.0, "start_side": "RIGHT"},
			map[string]any{"path": "a.py", "body": "one line", "line": 9.0, "side": "RIGHT"},
			map[string]any{"path": "b.py", "body": "single", "line": 1.0, "side": "RIGHT"},
		},
	}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestPostReviewSendsNothingWithoutComments(t *testing.T) {
	s := newServer(t, always(200, `{"id":1}`))
	r := s.repository(t)
	if err := r.PostReview(t.Context(), 3, head, run, nil); err != nil {
		t.Error(err)
	}
	if err := r.PostReview(t.Context(), 3, head, "a --> b", []review.NewComment{{Path: "a", Line: 1}}); err == nil {
		t.Error("a run id that ends the marker was taken")
	}
	if err := r.PostReview(t.Context(), 3, head, run, []review.NewComment{{Path: "a"}}); err == nil {
		t.Error("a comment without a line was taken")
	}
	if got := s.seen(); len(got) != 0 {
		t.Errorf("requests %+v", got)
	}
}

func TestSingleComments(t *testing.T) {
	s := newServer(t, always(201, `{"id":1}`))
	r := s.repository(t)
	if err := r.PostComment(t.Context(), 3, head, review.NewComment{Path: "a.py", Line: 9, StartLine: 7, Body: "x"}); err != nil {
		t.Error(err)
	}
	if err := r.PostFileComment(t.Context(), 3, head, review.NewComment{Path: "a.py", Line: 9, Body: "y"}); err != nil {
		t.Error(err)
	}
	want := []any{
		map[string]any{"commit_id": head, "path": "a.py", "body": "x", "line": 9.0, "side": "RIGHT", "start_line": 7.0, "start_side": "RIGHT"},
		map[string]any{"commit_id": head, "path": "a.py", "body": "y", "subject_type": "file"},
	}
	for i, got := range s.seen() {
		var body any
		decode(t, got.body, &body)
		if diff := cmp.Diff(want[i], body); diff != "" {
			t.Errorf("request %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestRefusedAnchors(t *testing.T) {
	s := newServer(t, always(422, `{"message":"Unprocessable Entity","errors":["Pull request review thread line must be part of the diff"]}`))
	r := s.repository(t)
	comment := review.NewComment{Path: "a.py", Line: 9, Body: "x"}
	for name, err := range map[string]error{
		"review":       r.PostReview(t.Context(), 3, head, run, []review.NewComment{comment}),
		"comment":      r.PostComment(t.Context(), 3, head, comment),
		"file comment": r.PostFileComment(t.Context(), 3, head, comment),
	} {
		if !errors.Is(err, gh.ErrInvalidAnchor) || !strings.Contains(err.Error(), "must be part of the diff") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := r.EditComment(t.Context(), 1, "x"); errors.Is(err, gh.ErrInvalidAnchor) {
		t.Errorf("an edit has no anchor: %v", err)
	}
}

func TestPullRequest(t *testing.T) {
	s := newServer(t, always(200, strings.Replace(pullJSON(), `"state":"open"`, `"state":"closed","draft":true`, 1)))
	got, err := s.repository(t).PullRequest(t.Context(), 3)
	want := review.PullRequest{
		Number: 3, Draft: true, Head: head, Base: strings.Repeat("b", 40), BaseRef: "main", WebURL: s.URL + "/" + fullName,
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestPullRequestThatIsNotTheOneAskedFor(t *testing.T) {
	for name, test := range map[string]struct{ from, to string }{
		"another repository took the name": {`"id":42`, `"id":43`},
		"another number":                   {`"number":3`, `"number":4`},
		"a head that is no commit":         {head, "--upload-pack=x"},
		"no head":                          {head, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, always(200, strings.Replace(pullJSON(), test.from, test.to, 1)))
			if got, err := s.repository(t).PullRequest(t.Context(), 3); err == nil {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestNamesThatAreNone(t *testing.T) {
	s := newServer(t, always(200, pullJSON()))
	app := s.app(t)
	for _, name := range []string{"", "acme", "acme/", "/shop", "acme/shop/pulls", "../shop", "acme/..", "acme/shop?x=1", "acme/a b", "acme/shop\n"} {
		r := app.Repository(installation, repositoryID, name)
		_, err := r.PullRequest(t.Context(), 3)
		_, tokenErr := r.Token(t.Context())
		if err == nil || tokenErr == nil {
			t.Errorf("%q was taken", name)
		}
	}
	if len(s.seen())+len(s.minted()) != 0 {
		t.Error("a request was sent")
	}
}

func TestPullRequestsWithHead(t *testing.T) {
	pull := func(number int, state, sha string, repo int) string {
		return fmt.Sprintf(`{"number":%d,"state":%q,"head":{"sha":%q,"repo":null},"base":{"repo":{"id":%d}}}`, number, state, sha, repo)
	}
	all := []string{pull(1, "open", head, repositoryID), pull(2, "open", strings.Repeat("c", 40), repositoryID),
		pull(3, "closed", head, repositoryID), pull(4, "open", head, 99)}
	for n := 5; n < 150; n++ {
		all = append(all, pull(n, "open", strings.Repeat("d", 40), repositoryID))
	}
	all = append(all, pull(150, "open", head, repositoryID))
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) { paged(w, r, all) })
	got, err := s.repository(t).PullRequestsWithHead(t.Context(), head)
	if err != nil || !slices.Equal(got, []int{1, 150}) {
		t.Errorf("%v, %v", got, err)
	}
	if !strings.Contains(s.seen()[0].query, "state=open") {
		t.Errorf("query %s", s.seen()[0].query)
	}
	if _, err := s.repository(t).PullRequestsWithHead(t.Context(), "main"); err == nil {
		t.Error("a branch's name was taken for a commit")
	}
}

func TestFindCheck(t *testing.T) {
	const external = "42/3/" + run
	check := func(id int, app int, external, status string) string {
		return fmt.Sprintf(`{"id":%d,"external_id":%q,"status":%q,"app":{"id":%d}}`, id, external, status, app)
	}
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if q := r.URL.Query(); q.Get("check_name") != "lintel" || q.Get("filter") != "all" || q.Get("app_id") != fmt.Sprint(appID) {
			t.Errorf("query %s", r.URL.RawQuery)
		}
		reply(w, 200, fmt.Sprintf(`{"total_count":4,"check_runs":[%s]}`, strings.Join([]string{
			check(10, appID, external, "in_progress"), check(11, appID, external, "completed"),
			check(12, appID+1, external, "in_progress"), check(13, appID, "42/3/other", "completed"),
		}, ",")))
	})
	id, completed, err := s.repository(t).FindCheck(t.Context(), head, external)
	if id != 11 || !completed || err != nil {
		t.Errorf("%d, %t, %v", id, completed, err)
	}
	if id, completed, err := s.repository(t).FindCheck(t.Context(), head, "none"); id != 0 || completed || err != nil {
		t.Errorf("%d, %t, %v", id, completed, err)
	}
}

func TestCreateCheck(t *testing.T) {
	s := newServer(t, always(201, `{"id":77}`))
	start := gh.CheckStart{Head: head, ExternalID: "e", Title: "t", Summary: "s", DetailsURL: "https://l.example/", StartedAt: time.Unix(1700000000, 0)}
	id, err := s.repository(t).CreateCheck(t.Context(), start)
	if id != 77 || err != nil {
		t.Fatalf("%d, %v", id, err)
	}
	var body any
	decode(t, s.seen()[0].body, &body)
	want := map[string]any{
		"name": "lintel", "head_sha": head, "external_id": "e", "status": "in_progress", "started_at": "2023-11-14T22:13:20Z",
		"details_url": "https://l.example/", "output": map[string]any{"title": "t", "summary": "s"},
	}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s = newServer(t, always(201, `{}`))
	if _, err := s.repository(t).CreateCheck(t.Context(), start); !errors.Is(err, gh.ErrAmbiguous) {
		t.Errorf("created, but without an id: %v", err)
	}
}

type update struct {
	Name, Status, Conclusion string
	Output                   struct {
		Title, Summary string
		Annotations    []struct {
			Path, Title, Message string
			StartLine            int `json:"start_line"`
			EndLine              int `json:"end_line"`
		}
	}
}

func annotationsUpTo(n int) []review.Annotation {
	var list []review.Annotation
	for i := range n {
		list = append(list, review.Annotation{Path: "a.py", StartLine: i + 1, EndLine: i + 1, Level: "failure", Message: "m"})
	}
	return list
}

func TestCompleteCheckSendsTheConclusionLast(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			paged(w, r, nil)
			return
		}
		reply(w, 200, `{"id":77}`)
	})
	check := review.Check{Conclusion: review.Failure, Title: "t", Summary: "s", Annotations: annotationsUpTo(120)}
	if err := s.repository(t).CompleteCheck(t.Context(), 77, check); err != nil {
		t.Fatal(err)
	}
	var lines []int
	var shape []string
	for _, request := range s.seen() {
		if request.method == http.MethodGet {
			shape = append(shape, "look")
			continue
		}
		var u update
		decode(t, request.body, &u)
		if u.Name != "lintel" || u.Output.Title != "t" || u.Output.Summary != "s" {
			t.Errorf("update %+v", u)
		}
		shape = append(shape, fmt.Sprintf("%s %s %d", u.Status, u.Conclusion, len(u.Output.Annotations)))
		for _, a := range u.Output.Annotations {
			lines = append(lines, a.StartLine)
		}
	}
	want := []string{"look", "in_progress  50", "in_progress  50", "completed failure 20"}
	if diff := cmp.Diff(want, shape); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if len(lines) != 120 || !slices.IsSorted(lines) {
		t.Errorf("annotations on lines %v", lines)
	}
}

func TestCompleteCheckWithFewAnnotationsIsOneRequest(t *testing.T) {
	for _, n := range []int{0, 1, 50} {
		s := newServer(t, always(200, `{"id":77}`))
		check := review.Check{Conclusion: review.Success, Title: "t", Summary: "s", Annotations: annotationsUpTo(n)}
		if err := s.repository(t).CompleteCheck(t.Context(), 77, check); err != nil {
			t.Fatal(err)
		}
		if got := len(s.seen()); got != 1 {
			t.Errorf("%d annotations: %d requests", n, got)
		}
	}
}

func TestCompleteCheckAgainSendsOnlyWhatIsMissing(t *testing.T) {
	var posted []string
	failing := true
	s := newServer(t, nil)
	s.answer = func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			paged(w, r, posted)
			return
		}
		var u update
		requests := s.seen()
		decode(t, requests[len(requests)-1].body, &u)
		for _, a := range u.Output.Annotations {
			posted = append(posted, fmt.Sprintf(`{"path":%q,"start_line":%d,"end_line":%d,"annotation_level":"failure","message":%q}`,
				a.Path, a.StartLine, a.EndLine, a.Message))
		}
		if failing && len(posted) == 100 {
			reply(w, 502, ``) // carried out, and the answer lost
			return
		}
		reply(w, 200, `{"id":77}`)
	}
	r := s.repository(t)
	check := review.Check{Conclusion: review.Failure, Title: "t", Summary: "s", Annotations: annotationsUpTo(120)}
	if err := r.CompleteCheck(t.Context(), 77, check); !errors.Is(err, gh.ErrAmbiguous) {
		t.Fatalf("error %v", err)
	}
	failing = false
	if err := r.CompleteCheck(t.Context(), 77, check); err != nil {
		t.Fatal(err)
	}
	if len(posted) != 120 {
		t.Errorf("%d annotations, want 120: none twice, none missing", len(posted))
	}
}

func TestCheckIsCutToWhatGitHubTakes(t *testing.T) {
	s := newServer(t, always(200, `{"id":77}`))
	check := review.Check{
		Conclusion: review.Failure, Title: strings.Repeat("é", 300), Summary: strings.Repeat("🔴", 30000),
		Annotations: []review.Annotation{{Path: "a", Level: "notice", Title: strings.Repeat("t", 300), Message: strings.Repeat("m", 70000)}},
	}
	if err := s.repository(t).CompleteCheck(t.Context(), 77, check); err != nil {
		t.Fatal(err)
	}
	var u update
	decode(t, s.seen()[0].body, &u)
	a := u.Output.Annotations[0]
	for name, got := range map[string]struct {
		text  string
		limit int
	}{"title": {u.Output.Title, 255}, "summary": {u.Output.Summary, 65535}, "annotation title": {a.Title, 255}, "message": {a.Message, 65536}} {
		if len(got.text) > got.limit || len(got.text) < got.limit-8 || !strings.HasSuffix(got.text, "…") || strings.Contains(got.text, "�") {
			t.Errorf("%s: %d bytes, limit %d", name, len(got.text), got.limit)
		}
	}
	if a.StartLine != 1 || a.EndLine != 1 {
		t.Errorf("an annotation without lines stands on %d to %d", a.StartLine, a.EndLine)
	}
}

func TestSlugIsCachedForAnHour(t *testing.T) {
	s := newServer(t, nil)
	asked := 0
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		inner.ServeHTTP(w, r)
	})
	app := s.app(t)
	for range 3 {
		if slug, err := app.Slug(t.Context()); err != nil || slug != "lintel" {
			t.Fatalf("Slug() = %q, %v", slug, err)
		}
	}
	s.clock.Advance(time.Hour)
	if _, err := app.Slug(t.Context()); err != nil || asked != 2 {
		t.Errorf("asked %d times, %v", asked, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s.clock.Advance(time.Hour)
	if _, err := app.Slug(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}
