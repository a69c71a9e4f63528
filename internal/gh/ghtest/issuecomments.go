package ghtest

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"time"
)

// issueComment is a comment in the conversation of a pull request.
type issueComment struct {
	id               int64
	pull             *PullRequest
	author           *user
	app              *appRecord
	body             string
	minimized        string
	created, updated time.Time
	reactions        *reactions
}

func (p *PullRequest) issueComments() []*issueComment {
	var list []*issueComment
	for _, c := range p.repository.issueComments {
		if c.pull == p {
			list = append(list, c)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].id < list[j].id })
	return list
}

func (p *PullRequest) issueComment(u *user, a *appRecord, body string) (*issueComment, error) {
	if problem := bodyProblem("IssueComment", body); problem != nil {
		return nil, problem
	}
	s := p.repository.server
	c := &issueComment{
		id: s.ids.next(), pull: p, author: u, app: a, body: body, created: s.now(), updated: s.now(), reactions: &reactions{},
	}
	p.repository.issueComments[c.id] = c
	return c, nil
}

func (c *issueComment) object() object {
	s := c.pull.repository.server
	api := fmt.Sprintf("%s/api/v3/repos/%s/issues/comments/%d", s.URL(), c.pull.repository.fullName(), c.id)
	return object{
		"id": c.id, "node_id": node("IC", c.id), "url": api, "html_url": fmt.Sprintf("%s#issuecomment-%d", c.pull.webURL(), c.id),
		"issue_url": c.pull.issueURL(), "user": s.userObject(c.author), "created_at": stamp(c.created), "updated_at": stamp(c.updated),
		"author_association": c.pull.repository.association(c.author), "body": c.body, "reactions": c.reactions.rollup(api),
		"performed_via_github_app": s.appObject(c.app),
	}
}

func (c *call) issueComment() (*issueComment, error) {
	if one := c.repository.issueComments[c.number("comment_id")]; one != nil {
		return one, nil
	}
	return nil, notFound()
}

func (s *Server) listIssueComments(c *call) (*answer, error) {
	p, err := s.pullNumber(c)
	if err != nil {
		return nil, err
	}
	list := p.issueComments()
	if since, err := time.Parse(time.RFC3339, c.query.Get("since")); err == nil {
		list = slices.DeleteFunc(list, func(one *issueComment) bool { return one.updated.Before(since) })
	}
	return page(c, list, func(one *issueComment) any { return one.object() }), nil
}

func (s *Server) createIssueComment(c *call) (*answer, error) {
	p, err := s.pullNumber(c)
	if err != nil {
		return nil, err
	}
	var wish struct {
		Body string `json:"body"`
	}
	if err := c.decode(&wish); err != nil {
		return nil, err
	}
	made, err := p.issueComment(s.bot(s.app), s.app, wish.Body)
	if err != nil {
		return nil, err
	}
	made.announce()
	return created(made.object()), nil
}

func (s *Server) getIssueComment(c *call) (*answer, error) {
	one, err := c.issueComment()
	if err != nil {
		return nil, err
	}
	return ok(one.object()), nil
}

func (s *Server) updateIssueComment(c *call) (*answer, error) {
	one, err := c.issueComment()
	if err != nil {
		return nil, err
	}
	var wish struct {
		Body string `json:"body"`
	}
	if err := c.decode(&wish); err != nil {
		return nil, err
	}
	if one.app != s.app {
		return nil, forbidden()
	}
	if problem := bodyProblem("IssueComment", wish.Body); problem != nil {
		return nil, problem
	}
	one.body, one.updated = wish.Body, s.now()
	return ok(one.object()), nil
}

func (s *Server) deleteIssueComment(c *call) (*answer, error) {
	one, err := c.issueComment()
	if err != nil {
		return nil, err
	}
	if one.app != s.app {
		return nil, forbidden()
	}
	delete(c.repository.issueComments, one.id)
	return &answer{status: http.StatusNoContent}, nil
}
