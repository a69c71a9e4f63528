package ghtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// filesMax and commitsMax are how much of a pull request GitHub lists.
// https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
const (
	filesMax   = 3000
	commitsMax = 250
)

// The diff media type is refused past these.
const (
	diffMediaFilesMax = 300
	diffMediaLinesMax = 20_000
)

func (p *PullRequest) files() ([]fileDiff, error) { return p.repository.diff(p.mergeBase, p.headSHA) }

// commits lists the pull request's own commits, oldest first.
func (p *PullRequest) commits() ([]string, error) {
	if p.listed.head == p.headSHA && p.listed.base == p.baseSHA {
		return p.listed.commits, nil
	}
	out, err := p.repository.server.git(p.repository.gitDir, nil, "rev-list", "--reverse", "--topo-order", p.headSHA, "^"+p.baseSHA)
	if err != nil {
		return nil, err
	}
	p.listed = commitList{p.headSHA, p.baseSHA, strings.Fields(out)}
	return p.listed.commits, nil
}

// commitList is what commits found for a head and a base.
type commitList struct {
	head, base string
	commits    []string
}

// pull finds the pull request a request names.
func (c *call) pull() (*PullRequest, error) {
	p := c.repository.pulls[int(c.number("pull_number"))]
	if p == nil {
		return nil, notFound()
	}
	return p, nil
}

func (s *Server) getPull(c *call) (*answer, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	if strings.Contains(c.request.Header.Get("Accept"), ".diff") {
		return p.diffMedia()
	}
	full, err := p.fullObject()
	if err != nil {
		return nil, err
	}
	return ok(full), nil
}

// diffMedia is the diff as text, which GitHub refuses when it is large.
func (p *PullRequest) diffMedia() (*answer, error) {
	files, err := p.files()
	if err != nil {
		return nil, err
	}
	tooLarge := func(what string, bound int) error {
		return &apiError{
			status: http.StatusNotAcceptable, message: fmt.Sprintf("Sorry, the diff exceeded the maximum number of %s (%d).", what, bound),
			errors: []object{{"resource": "PullRequest", "field": "diff", "code": "too_large"}},
		}
	}
	if len(files) > diffMediaFilesMax {
		return nil, tooLarge("files", diffMediaFilesMax)
	}
	text, err := p.repository.server.git(p.repository.gitDir, nil, "diff", "--no-color", "--no-ext-diff", "-M50%", p.mergeBase, p.headSHA)
	if err != nil {
		return nil, err
	}
	if strings.Count(text, "\n") > diffMediaLinesMax {
		return nil, tooLarge("lines", diffMediaLinesMax)
	}
	return &answer{status: http.StatusOK, raw: []byte(text), kind: "application/vnd.github.v3.diff; charset=utf-8"}, nil
}

func (s *Server) listPulls(c *call) (*answer, error) {
	state := c.query.Get("state")
	if state == "" {
		state = "open"
	}
	var list []*PullRequest
	for _, p := range c.repository.sortedPulls() {
		head := c.query.Get("head")
		if (state == "all" || p.state == state) && (head == "" || strings.EqualFold(head, p.headOwner.login+":"+p.headRef)) &&
			(c.query.Get("base") == "" || c.query.Get("base") == p.baseRef) {
			list = append(list, p)
		}
	}
	if c.query.Get("direction") != "asc" {
		slices.Reverse(list)
	}
	return page(c, list, func(p *PullRequest) any { return p.simpleObject() }), nil
}

// commitPulls lists the pull requests that a commit belongs to: those with it as
// head, and those that hold it.
func (s *Server) commitPulls(c *call) (*answer, error) {
	sha, err := c.repository.Resolve(c.params["commit_sha"])
	if err != nil {
		return nil, &apiError{status: http.StatusUnprocessableEntity, message: "No commit found for SHA: " + c.params["commit_sha"]}
	}
	var list []*PullRequest
	for _, p := range c.repository.sortedPulls() {
		commits, err := p.commits()
		if err != nil {
			return nil, err
		}
		if slices.Contains(commits, sha) {
			list = append(list, p)
		}
	}
	return page(c, list, func(p *PullRequest) any { return p.simpleObject() }), nil
}

func (s *Server) listFiles(c *call) (*answer, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	files, err := p.files()
	if err != nil {
		return nil, err
	}
	return page(c, files[:min(len(files), filesMax)], func(f fileDiff) any { return p.fileObject(f) }), nil
}
