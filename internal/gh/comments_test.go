package gh_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/gh"
	"github.com/lintel-bot/lintel/internal/review"
)

const fingerprint = "00112233445566778899aabbccddeeff"

func markedBody(text string) string {
	return text + "\n" + review.Marker{Key: fingerprint, Run: run}.String()
}

// commentJSON is one review comment as far as it is read.
func commentJSON(id, replyTo int64, login, kind, body, more string) string {
	reply := ""
	if replyTo != 0 {
		reply = fmt.Sprintf(`"in_reply_to_id":%d,`, replyTo)
	}
	user := "null"
	if login != "" {
		user = fmt.Sprintf(`{"login":%q,"type":%q}`, login, kind)
	}
	return fmt.Sprintf(`{"id":%d,%s"user":%s,"body":%q,"path":"a.py"%s}`, id, reply, user, body, more)
}

// paged serves the items in pages as asked for, with GitHub's Link header.
func paged(w http.ResponseWriter, r *http.Request, items []string) {
	size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	from, to := min((page-1)*size, len(items)), min(page*size, len(items))
	if to < len(items) {
		w.Header().Set("Link", fmt.Sprintf(`<https://elsewhere.example%s?page=%d&per_page=%d>; rel="next"`, r.URL.Path, page+1, size))
	}
	reply(w, http.StatusOK, "["+strings.Join(items[from:to], ",")+"]")
}

// conversation serves review comments by REST and their threads by GraphQL.
func conversation(comments []string, graphql string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/graphql" {
			reply(w, http.StatusOK, graphql)
			return
		}
		paged(w, r, comments)
	}
}

func threadsJSON(nodes ...string) string {
	return `{"data":{"repository":{"pullRequest":{"reviewThreads":{"pageInfo":{"hasNextPage":false,"endCursor":null},"nodes":[` +
		strings.Join(nodes, ",") + `]}}}}}`
}

func threadJSON(id string, comment int64, resolved, can bool) string {
	return fmt.Sprintf(`{"id":%q,"isResolved":%t,"viewerCanResolve":%t,"comments":{"nodes":[{"fullDatabaseId":"%d"}]}}`, id, resolved, can, comment)
}

func TestOnlyOwnCommentsWithAMarkerCount(t *testing.T) {
	body := markedBody("text")
	const big = int64(3_000_000_000) // review comments outgrew 32 bits
	s := newServer(t, conversation([]string{
		commentJSON(1, 0, "mallory", "User", body, ""),                                   // a person copied the marker
		commentJSON(2, 0, "other[bot]", "Bot", body, ""),                                 // another bot did
		commentJSON(3, 0, "lintel[bot]", "User", body, ""),                               // a user cannot have that name; be sure
		commentJSON(4, 0, "lintel[bot]", "Bot", "no marker", ""),                         // ours, without
		commentJSON(5, 0, "lintel[bot]", "Bot", body+"\nmore", ""),                       // the marker is not at the end
		commentJSON(6, 0, "", "", body, ""),                                              // a deleted account
		commentJSON(big, 0, "lintel[bot]", "Bot", body, `,"line":7,"html_url":"u"`),      // ours
		commentJSON(8, 0, "Lintel[bot]", "Bot", body, `,"subject_type":"file","line":1`), // ours, on the file
		commentJSON(9, 0, "lintel[bot]", "Bot", body, `,"line":null`),                    // ours, outdated
		commentJSON(10, big, "lintel[bot]", "Bot", body, ""),                             // our own reply is no comment of its own
		commentJSON(11, 8, "mallory", "User", "why?", ""),
		commentJSON(12, 9, "lintel[bot]", "Bot", "again", ""),
	}, threadsJSON(threadJSON("T1", big, true, false), threadJSON("T2", 8, false, true), threadJSON("T3", 1, false, true))))
	got, err := s.repository(t).Comments(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	marker := review.Marker{Key: fingerprint, Run: run}
	want := []review.Comment{
		{ID: big, Marker: marker, Body: body, Path: "a.py", Line: 7, URL: "u", Thread: "T1", Resolved: true},
		{ID: 8, Marker: marker, Body: body, Path: "a.py", Replied: true, Thread: "T2", CanResolve: true},
		{ID: 9, Marker: marker, Body: body, Path: "a.py"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestThreadsAreAskedForOnlyWhenThereIsAnOwnComment(t *testing.T) {
	for name, comments := range map[string][]string{
		"no comments":    nil,
		"others' only":   {commentJSON(1, 0, "alice", "User", "hello", "")},
		"copied markers": {commentJSON(1, 0, "alice", "User", markedBody("x"), "")},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, conversation(comments, `{}`))
			got, err := s.repository(t).Comments(t.Context(), 3)
			if err != nil || len(got) != 0 {
				t.Errorf("%+v, %v", got, err)
			}
			if n := len(s.seen()); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

func TestCommentsAreReadToTheLastPage(t *testing.T) {
	var all []string
	for i := range int64(250) {
		all = append(all, commentJSON(i+1, 0, "lintel[bot]", "Bot", markedBody("x"), ""))
	}
	s := newServer(t, conversation(all, threadsJSON()))
	got, err := s.repository(t).Comments(t.Context(), 3)
	if err != nil || len(got) != 250 {
		t.Errorf("%d comments, %v", len(got), err)
	}
	for _, r := range s.seen() {
		if r.method == http.MethodGet && !strings.Contains(r.query, "per_page=100") {
			t.Errorf("page size: %s", r.query)
		}
	}
}

func TestListThatDoesNotEndIsAnError(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		w.Header().Set("Link", fmt.Sprintf(`<http://x/?page=%d>; rel="next"`, page+1))
		reply(w, http.StatusOK, `[]`)
	})
	if _, err := s.repository(t).Comments(t.Context(), 3); err == nil || !strings.Contains(err.Error(), "more than 10000") {
		t.Errorf("error %v", err)
	}
}

func TestThreadsThatCannotBeReadDoNotStopTheReview(t *testing.T) {
	comments := []string{commentJSON(1, 0, "lintel[bot]", "Bot", markedBody("x"), `,"line":7`)}
	for name, answer := range map[string]string{
		"forbidden":     `{"data":{"repository":null},"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by integration"}]}`,
		"unknown field": `{"errors":[{"message":"Field 'fullDatabaseId' doesn't exist on type 'PullRequestReviewComment'"}]}`,
		"not there":     `{"data":{"repository":null}}`,
		"no number": threadsJSON(`{"id":"T","isResolved":false,"viewerCanResolve":true,"comments":{"nodes":[{"fullDatabaseId":null}]}}`,
			`{"id":"T","comments":{"nodes":[]}}`),
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, conversation(comments, answer))
			got, err := s.repository(t).Comments(t.Context(), 3)
			if err != nil || len(got) != 1 || got[0].Thread != "" {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	t.Run("but a passing failure does", func(t *testing.T) {
		s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api/graphql" {
				reply(w, 502, ``)
				return
			}
			paged(w, r, comments)
		})
		if got, err := s.repository(t).Comments(t.Context(), 3); err == nil {
			t.Errorf("%+v", got)
		}
	})
}

func TestThreadsAreReadToTheLastPage(t *testing.T) {
	var all []string
	for i := range int64(120) {
		all = append(all, commentJSON(i+1, 0, "lintel[bot]", "Bot", markedBody("x"), ""))
	}
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/graphql" {
			paged(w, r, all)
			return
		}
		var ask struct {
			OperationName string
			Variables     struct{ After string }
		}
		body := make([]byte, r.ContentLength)
		if _, err := r.Body.Read(body); err != nil && err.Error() != "EOF" {
			panic(err)
		}
		decode(t, string(body), &ask)
		first, last := int64(1), int64(100)
		info := `{"hasNextPage":true,"endCursor":"C100"}`
		if ask.Variables.After == "C100" {
			first, last, info = 101, 120, `{"hasNextPage":false,"endCursor":"C120"}`
		}
		var nodes []string
		for id := first; id <= last; id++ {
			nodes = append(nodes, threadJSON(fmt.Sprintf("T%d", id), id, false, true))
		}
		reply(w, 200, strings.Replace(threadsJSON(nodes...), `{"hasNextPage":false,"endCursor":null}`, info, 1))
	})
	got, err := s.repository(t).Comments(t.Context(), 3)
	if err != nil || len(got) != 120 {
		t.Fatalf("%d comments, %v", len(got), err)
	}
	for _, c := range got {
		if c.Thread != fmt.Sprintf("T%d", c.ID) {
			t.Errorf("comment %d has thread %q", c.ID, c.Thread)
		}
	}
}

// An owner may rename the app; its comments then have another author's name
// than the one in memory, and posting everything again would be the result.
func TestRenamedAppKnowsItsCommentsAgain(t *testing.T) {
	slug := "old-name"
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		conversation([]string{commentJSON(1, 0, slug+"[bot]", "Bot", markedBody("x"), "")}, threadsJSON())(w, r)
	})
	asked := 0
	inner := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v3/app" {
			asked++
			reply(w, 200, fmt.Sprintf(`{"id":%d,"slug":%q}`, appID, slug))
			return
		}
		inner.ServeHTTP(w, r)
	})
	r := s.repository(t)
	for range 3 {
		if got, err := r.Comments(t.Context(), 3); err != nil || len(got) != 1 {
			t.Fatalf("%+v, %v", got, err)
		}
	}
	if asked != 1 {
		t.Errorf("the name was asked for %d times", asked)
	}
	slug = "new-name"
	s.clock.Advance(2 * time.Minute)
	if got, err := r.Comments(t.Context(), 3); err != nil || len(got) != 1 {
		t.Errorf("after the rename: %+v, %v", got, err)
	}
	if asked != 2 {
		t.Errorf("the name was asked for %d times", asked)
	}
}

func TestFindReviewTrustsOnlyItself(t *testing.T) {
	marker := "<!-- lintel:v1 run=" + run + " -->"
	reviewJSON := func(login, kind, body string) string {
		return fmt.Sprintf(`{"id":1,"user":{"login":%q,"type":%q},"body":%q}`, login, kind, body)
	}
	for _, test := range []struct {
		name    string
		reviews []string
		want    bool
	}{
		{"ours", []string{reviewJSON("lintel[bot]", "Bot", "text\n\n"+marker)}, true},
		{"on the second page", append(make120(reviewJSON("a", "User", "x")), reviewJSON("lintel[bot]", "Bot", marker)), true},
		{"none", nil, false},
		{"copied by a person", []string{reviewJSON("lintel", "User", marker)}, false},
		{"copied by a bot", []string{reviewJSON("other[bot]", "Bot", marker)}, false},
		{"ours, of another run", []string{reviewJSON("lintel[bot]", "Bot", strings.Replace(marker, "01JD", "01JE", 1))}, false},
		{"quoted", []string{reviewJSON("lintel[bot]", "Bot", marker+" said somebody")}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, func(w http.ResponseWriter, r *http.Request) { paged(w, r, test.reviews) })
			got, err := s.repository(t).FindReview(t.Context(), 3, run)
			if err != nil || got != test.want {
				t.Errorf("%t, %v", got, err)
			}
		})
	}
}

func make120(item string) []string {
	items := make([]string, 120)
	for i := range items {
		items[i] = item
	}
	return items
}

func TestResolveThread(t *testing.T) {
	for _, test := range []struct {
		name, answer string
		want         error
	}{
		{"resolved", `{"data":{"resolveReviewThread":{"thread":{"id":"T","isResolved":true}}}}`, nil},
		{"forbidden", `{"data":{"resolveReviewThread":null},"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by integration"}]}`, gh.ErrForbidden},
		{"gone", `{"data":{"resolveReviewThread":null},"errors":[{"type":"NOT_FOUND","message":"Could not resolve to a node"}]}`, gh.ErrNotFound},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, always(200, test.answer))
			if err := s.repository(t).ResolveThread(t.Context(), "T"); !errors.Is(err, test.want) {
				t.Errorf("error %v", err)
			}
		})
	}
	s := newServer(t, always(200, `{"data":{"resolveReviewThread":null}}`))
	if err := s.repository(t).ResolveThread(t.Context(), "T"); err == nil {
		t.Error("an answer without a thread passed for success")
	}
}
