package gh

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/go-github/v62/github"
)

// graphqlRoute stands for every GraphQL request; go-github has no client for
// them, so they go through its plain request.
const graphqlRoute = "/graphql"

// reviewThreadsQuery reads the thread of every comment: REST does not know
// threads. A comment's id is a BigInt by now, which databaseId cannot hold.
const reviewThreadsQuery = `query ReviewThreads($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        pageInfo { hasNextPage endCursor }
        nodes { id isResolved viewerCanResolve comments(first: 1) { nodes { fullDatabaseId } } }
      }
    }
  }
}`

const resolveThreadMutation = `mutation ResolveReviewThread($thread: ID!) {
  resolveReviewThread(input: {threadId: $thread}) { thread { id isResolved } }
}`

type graphqlRequest struct {
	Query         string         `json:"query"`
	OperationName string         `json:"operationName"`
	Variables     map[string]any `json:"variables"`
}

// query sends one GraphQL request and decodes the answer's data.
func (r *Repository) query(ctx context.Context, c *call, request graphqlRequest, data any) error {
	c.method, c.route = http.MethodPost, graphqlRoute
	return r.do(ctx, c, func(ctx context.Context, client *github.Client) error {
		req, err := client.NewRequest(http.MethodPost, r.app.graphql.String(), request)
		if err != nil {
			return err
		}
		var answer struct {
			Data json.RawMessage `json:"data"`
		}
		if _, err := client.Do(ctx, req, &answer); err != nil {
			return err
		}
		return json.Unmarshal(answer.Data, data)
	})
}

// thread is the review thread that a comment started.
type thread struct {
	id                   string
	resolved, resolvable bool
}

// threads returns the pull request's review threads by their first comment.
func (r *Repository) threads(ctx context.Context, number int) (map[int64]thread, error) {
	found := map[int64]thread{}
	variables := map[string]any{"owner": r.owner, "name": r.name, "number": number, "after": nil}
	for range maxPages {
		var data struct {
			Repository *struct {
				PullRequest *struct {
					ReviewThreads struct {
						PageInfo struct {
							HasNextPage bool
							EndCursor   string
						}
						Nodes []threadNode
					}
				}
			}
		}
		c := &call{doing: fmt.Sprintf("read the review threads of %s#%d", r.fullName, number)}
		err := r.query(ctx, c, graphqlRequest{reviewThreadsQuery, "ReviewThreads", variables}, &data)
		if err != nil {
			return nil, err
		}
		if data.Repository == nil || data.Repository.PullRequest == nil {
			return nil, fmt.Errorf("could not %s: %w", c.doing, ErrNotFound)
		}
		page := data.Repository.PullRequest.ReviewThreads
		for _, node := range page.Nodes {
			node.addTo(found)
		}
		if !page.PageInfo.HasNextPage {
			return found, nil
		}
		if page.PageInfo.EndCursor == "" || page.PageInfo.EndCursor == variables["after"] {
			return nil, fmt.Errorf("could not %s: the pages do not end", c.doing)
		}
		variables["after"] = page.PageInfo.EndCursor
	}
	return nil, fmt.Errorf("could not read the review threads of %s#%d: %w", r.fullName, number, errTooManyPages)
}

type threadNode struct {
	ID               string
	IsResolved       bool
	ViewerCanResolve bool
	Comments         struct {
		Nodes []struct{ FullDatabaseID bigInt }
	}
}

func (n threadNode) addTo(found map[int64]thread) {
	if len(n.Comments.Nodes) > 0 {
		found[int64(n.Comments.Nodes[0].FullDatabaseID)] = thread{n.ID, n.IsResolved, n.ViewerCanResolve}
	}
}

// bigInt is GitHub's scalar for 64-bit numbers, a string in JSON.
type bigInt int64

// UnmarshalJSON takes a string, and a number too.
func (b *bigInt) UnmarshalJSON(data []byte) error {
	var text json.Number // accepts both forms
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("reading a BigInt: %w", err)
	}
	if text == "" { // null
		*b = 0
		return nil
	}
	value, err := strconv.ParseInt(text.String(), 10, 64)
	if err != nil {
		return errors.New("reading a BigInt: not a whole number")
	}
	*b = bigInt(value)
	return nil
}

// ResolveThread resolves a review thread, given by its GraphQL id.
// ErrForbidden when the installation may not: GitHub asks contents: write for
// it, which lintel's tokens never carry.
func (r *Repository) ResolveThread(ctx context.Context, threadID string) error {
	var data struct {
		ResolveReviewThread *struct{ Thread *struct{ ID string } }
	}
	c := &call{doing: "resolve a review thread in " + r.fullName, write: true}
	err := r.query(ctx, c, graphqlRequest{
		resolveThreadMutation, "ResolveReviewThread", map[string]any{"thread": threadID},
	}, &data)
	if err == nil && (data.ResolveReviewThread == nil || data.ResolveReviewThread.Thread == nil) {
		return fmt.Errorf("could not %s: the answer holds no thread", c.doing)
	}
	return err
}

// queryRefused reports whether GitHub understood the request and would not
// answer the query, as an older Enterprise Server that lacks a field.
func queryRefused(err error) bool {
	var response *responseError
	var limit *RateLimitError
	return errors.As(err, &response) && response.status == http.StatusOK && !errors.As(err, &limit)
}

// graphqlError returns what a GraphQL answer of status 200 says went wrong. A
// rate limit can come this way, too
// (https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api).
func (x *exchange) graphqlError(resp *http.Response, body []byte) error {
	var answer struct {
		Errors []struct{ Type, Message string }
	}
	if err := json.Unmarshal(body, &answer); err != nil || len(answer.Errors) == 0 {
		return nil // an answer of another shape fails where its data is read
	}
	failure := &responseError{status: resp.StatusCode, message: sanitize(answer.Errors[0].Message)}
	for _, e := range answer.Errors {
		text := strings.ToLower(e.Message)
		switch {
		case e.Type == "RATE_LIMITED", strings.Contains(text, "secondary rate limit"):
			limit := limitFrom(resp, strings.Contains(text, "secondary"), x.now())
			return fmt.Errorf("%w: %w", limit, failure)
		case e.Type == "FORBIDDEN":
			failure.kind = ErrForbidden
		case e.Type == "NOT_FOUND":
			failure.kind = ErrNotFound
		}
	}
	return failure
}
