package gh

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/google/go-github/v62/github"

	"github.com/lintel-bot/lintel/internal/review"
)

// Repository is one repository, seen through one installation. Its methods may
// be used by several goroutines.
type Repository struct {
	app                   *App
	id                    int64
	fullName, owner, name string
	invalid               error
	access                *access
}

// namePattern is what GitHub makes names of. The name comes from a webhook and
// goes into addresses.
var namePattern = regexp.MustCompile(`^([A-Za-z0-9_.-]{1,100})/([A-Za-z0-9_.-]{1,100})$`)

func splitName(fullName string) (owner, name string, err error) {
	parts := namePattern.FindStringSubmatch(fullName)
	if parts == nil || dots(parts[1]) || dots(parts[2]) {
		return "", "", fmt.Errorf("%q is not a repository's name", sanitize(fullName))
	}
	return parts[1], parts[2], nil
}

func dots(s string) bool { return s == "." || s == ".." }

// shaPattern is a full commit id, SHA-1 or SHA-256.
var shaPattern = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)

func checkSHA(sha string) error {
	if !shaPattern.MatchString(sha) {
		return fmt.Errorf("%q is not a full commit id", sanitize(sha))
	}
	return nil
}

func (r *Repository) webURL() string {
	return r.app.web.JoinPath(r.owner, r.name).String()
}

// Token returns an installation token that is good for this repository only,
// and for at least five minutes. It is a secret.
func (r *Repository) Token(ctx context.Context) (string, error) {
	if r.invalid != nil {
		return "", r.invalid
	}
	return r.access.get(ctx)
}

// do runs one call with the repository's client.
func (r *Repository) do(ctx context.Context, c *call, send func(context.Context, *github.Client) error) error {
	if r.invalid != nil {
		return r.invalid
	}
	return c.do(ctx, func(ctx context.Context) error { return send(ctx, r.access.client) })
}

// Pages are asked for at GitHub's largest size. A list that goes on beyond
// maxPages is an error, never a shorter list: what is overlooked there would be
// posted again.
const (
	pageSize = 100
	maxPages = 100
)

var errTooManyPages = fmt.Errorf("the list has more than %d entries", maxPages*pageSize)

// pages calls list for page after page.
func (r *Repository) pages(ctx context.Context, c *call, list func(context.Context, *github.Client, github.ListOptions) (*github.Response, error)) error {
	options := github.ListOptions{PerPage: pageSize, Page: 1}
	for range maxPages {
		next := 0
		err := r.do(ctx, c, func(ctx context.Context, client *github.Client) error {
			resp, err := list(ctx, client, options)
			if err != nil {
				return err
			}
			next = resp.NextPage
			return nil
		})
		if err != nil {
			return err
		}
		if next <= options.Page {
			return nil
		}
		options.Page = next
	}
	return fmt.Errorf("could not %s: %w", c.doing, errTooManyPages)
}

// PullRequest reads a pull request.
func (r *Repository) PullRequest(ctx context.Context, number int) (review.PullRequest, error) {
	c := &call{
		doing:  fmt.Sprintf("read pull request %s#%d", r.fullName, number),
		method: http.MethodGet, route: "/repos/{owner}/{repo}/pulls/{pull_number}",
	}
	var pull review.PullRequest
	err := r.do(ctx, c, func(ctx context.Context, client *github.Client) error {
		got, _, err := client.PullRequests.Get(ctx, r.owner, r.name, number)
		if err != nil {
			return err
		}
		if id := got.GetBase().GetRepo().GetID(); id != r.id {
			// A token for one private repository still reads public ones, and a
			// name can be taken over after a rename.
			return fmt.Errorf("%w: the name belongs to repository %d now, not to %d", ErrNotFound, id, r.id)
		}
		pull = review.PullRequest{
			Number: got.GetNumber(), Open: got.GetState() == "open", Draft: got.GetDraft(),
			Head: got.GetHead().GetSHA(), Base: got.GetBase().GetSHA(), BaseRef: got.GetBase().GetRef(),
			DefaultBranch: got.GetBase().GetRepo().GetDefaultBranch(),
			WebURL:        r.webURL(),
		}
		// The repository may have been renamed since r got its name. Requests to
		// the API are redirected, git's are not.
		if owner, name, err := splitName(got.GetBase().GetRepo().GetFullName()); err == nil {
			pull.WebURL = r.app.web.JoinPath(owner, name).String()
		}
		if pull.Number != number {
			return errors.New("the answer is another pull request")
		}
		return errors.Join(checkSHA(pull.Head), checkSHA(pull.Base))
	})
	if err != nil {
		return review.PullRequest{}, err
	}
	return pull, nil
}

// PullRequestsWithHead returns the numbers of this repository's open pull
// requests whose head is exactly the commit. It goes through the list of open
// pull requests: "pull requests associated with a commit" leaves out those
// from forks (https://github.com/google/go-github/issues/2241), and one that is
// overlooked here could turn another one's red check green.
func (r *Repository) PullRequestsWithHead(ctx context.Context, sha string) ([]int, error) {
	if err := checkSHA(sha); err != nil {
		return nil, err
	}
	c := &call{
		doing:  "list the open pull requests of " + r.fullName,
		method: http.MethodGet, route: "/repos/{owner}/{repo}/pulls",
	}
	var numbers []int
	seen := map[int]bool{}
	err := r.pages(ctx, c, func(ctx context.Context, client *github.Client, page github.ListOptions) (*github.Response, error) {
		pulls, resp, err := client.PullRequests.List(ctx, r.owner, r.name, &github.PullRequestListOptions{
			State: "open", Sort: "created", Direction: "asc", ListOptions: page,
		})
		if err != nil {
			return nil, err
		}
		for _, pull := range pulls {
			n := pull.GetNumber()
			if pull.GetState() == "open" && pull.GetHead().GetSHA() == sha && pull.GetBase().GetRepo().GetID() == r.id && !seen[n] {
				seen[n] = true
				numbers = append(numbers, n)
			}
		}
		return resp, nil
	})
	if err != nil {
		return nil, err
	}
	return numbers, nil
}
