package ghtest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

const threadsQuery = `query($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 2, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes {
          id isResolved isOutdated viewerCanResolve resolvedBy { login }
          comments(first: 10) { nodes { databaseId author { login __typename } ...body } }
        }
      }
    }
  }
}
fragment body on PullRequestReviewComment { body isMinimized minimizedReason }`

type thread struct {
	ID                                       string
	IsResolved, IsOutdated, ViewerCanResolve bool
	Comments                                 struct {
		Nodes []struct {
			DatabaseID  int64
			Author      struct{ Login, Typename string }
			Body        string
			IsMinimized bool
		}
	}
}

// graph sends a document and returns data and errors.
func (w *world) graph(token, query string, variables map[string]any) (json.RawMessage, string) {
	w.t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		w.t.Fatal(err)
	}
	status, _, answer := w.do(http.MethodPost, "/api/graphql", "bearer "+token, string(body))
	if status != 200 {
		w.t.Fatalf("GraphQL: %d %s", status, answer)
	}
	var result struct{ Data, Errors json.RawMessage }
	if err := json.Unmarshal([]byte(answer), &result); err != nil {
		w.t.Fatal(err)
	}
	return result.Data, string(result.Errors)
}

// threads reads every thread, two at a time.
func (w *world) threads(token string) []thread {
	w.t.Helper()
	var all []thread
	var after any
	for {
		data, problems := w.graph(token, threadsQuery, map[string]any{"owner": "acme", "name": "shop", "number": 1, "after": after})
		if problems != "" {
			w.t.Fatal(problems)
		}
		var result struct {
			Repository struct {
				PullRequest struct {
					ReviewThreads struct {
						PageInfo struct {
							HasNextPage bool
							EndCursor   string
						}
						Nodes []thread
					}
				}
			}
		}
		if err := json.Unmarshal(data, &result); err != nil {
			w.t.Fatal(err)
		}
		page := result.Repository.PullRequest.ReviewThreads
		all = append(all, page.Nodes...)
		if !page.PageInfo.HasNextPage {
			return all
		}
		after = page.PageInfo.EndCursor
	}
}

const resolve = `mutation($id: ID!) { resolveReviewThread(input: {threadId: $id}) { thread { isResolved } } }`

func TestReviewThreads(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	var ids []int64
	for _, line := range []int{9, 10, 11} {
		c, err := w.pull.CommentOn("lintel[bot]", ghtest.NewComment{Path: "app.py", Line: line, Body: "here"})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.ID)
	}
	if _, err := w.pull.Reply("alice", ids[1], "no"); err != nil {
		t.Fatal(err)
	}
	got := w.threads(w.token(nil))
	if len(got) != 3 || len(got[1].Comments.Nodes) != 2 || got[1].Comments.Nodes[0].DatabaseID != ids[1] {
		t.Fatalf("threads: %+v", got)
	}
	if got[0].ViewerCanResolve || got[0].Comments.Nodes[0].Author.Login != "lintel" || got[1].Comments.Nodes[1].Author.Login != "alice" {
		t.Errorf("threads: %+v", got)
	}
	_, problems := w.graph(w.token(nil), resolve, map[string]any{"id": got[0].ID})
	if !strings.Contains(problems, "FORBIDDEN") || w.pull.Comments()[0].Resolved {
		t.Errorf("resolving with contents: read: %s", problems)
	}
	w.Installation("acme").Grant("contents", "write")
	token := w.token(nil)
	if got := w.threads(token); !got[0].ViewerCanResolve {
		t.Error("with contents: write the thread cannot be resolved")
	}
	data, problems := w.graph(token, resolve, map[string]any{"id": got[0].ID})
	if problems != "" || !strings.Contains(string(data), `"isResolved":true`) || !w.pull.Comments()[0].Resolved {
		t.Errorf("resolving: %s %s", data, problems)
	}
	if got := w.threads(token); !got[0].IsResolved || got[1].IsResolved {
		t.Errorf("afterwards: %+v", got)
	}
	if _, err := w.pull.Push(ghtest.Commit{Delete: []string{"app.py"}}); err != nil {
		t.Fatal(err)
	}
	if got := w.threads(token); !got[0].IsOutdated {
		t.Errorf("after its file went: %+v", got[0])
	}
}

func TestMinimising(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	if _, err := w.pull.CommentOn("lintel[bot]", ghtest.NewComment{Path: "app.py", Line: 10, Body: "here"}); err != nil {
		t.Fatal(err)
	}
	comments, _, err := w.client.PullRequests.ListComments(t.Context(), "acme", "shop", 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	token := w.token(nil)
	_, problems := w.graph(token, `mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: RESOLVED}) {
		minimizedComment { isMinimized ... on PullRequestReviewComment { databaseId } } } }`, map[string]any{"id": comments[0].GetNodeID()})
	if got := w.pull.Comments()[0].Minimized; problems != "" || got != "resolved" {
		t.Errorf("minimising: %q, %s", got, problems)
	}
	_, problems = w.graph(token, `mutation($id: ID!) { unminimizeComment(input: {subjectId: $id}) { clientMutationId } }`,
		map[string]any{"id": comments[0].GetNodeID()})
	if got := w.pull.Comments()[0].Minimized; problems != "" || got != "" {
		t.Errorf("showing again: %q, %s", got, problems)
	}
}

func TestWrongDocuments(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	for _, c := range []struct {
		name, query string
		variables   map[string]any
		want        string
	}{
		{"a field that does not exist", `{ viewer { password } }`, nil, "password"},
		{"not GraphQL", `{`, nil, "Expected"},
		{"a missing variable", threadsQuery, nil, "owner"},
		{"a repository that is not there", threadsQuery, map[string]any{"owner": "x", "name": "y", "number": 1}, "NOT_FOUND"},
		{"a pull request that is not there", threadsQuery, map[string]any{"owner": "acme", "name": "shop", "number": 9}, "NOT_FOUND"},
		{"an id that names nothing", resolve, map[string]any{"id": "PRRT_x"}, "NOT_FOUND"},
		{"no bounds", `{ repository(owner: "acme", name: "shop") { pullRequest(number: 1) { reviewThreads { totalCount } } } }`, nil,
			"MISSING_PAGINATION_BOUNDARIES"},
		{"too many", `{ repository(owner: "acme", name: "shop") { pullRequest(number: 1) { reviewThreads(first: 101) { totalCount } } } }`, nil,
			"EXCESSIVE_PAGINATION"},
	} {
		if _, problems := w.graph(w.token(nil), c.query, c.variables); !strings.Contains(problems, c.want) {
			t.Errorf("%s: %s, want %q", c.name, problems, c.want)
		}
	}
	data, problems := w.graph(w.token(nil), `{ viewer { login } rateLimit { limit remaining } }`, nil)
	if problems != "" || !strings.Contains(string(data), `"lintel[bot]"`) {
		t.Errorf("who am I: %s %s", data, problems)
	}
	if status, _, _ := w.do(http.MethodPost, "/api/graphql", "", `{}`); status != 401 {
		t.Errorf("nobody: %d, want 401", status)
	}
}
