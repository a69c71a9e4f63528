package ghtest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Comment is a comment on the diff as it stands now.
type Comment struct {
	ID     int64
	Author string
	Body   string
	// Path in the present head, Line and StartLine on Side; zero when the comment
	// is outdated or on the whole file.
	Path                            string
	Line, StartLine                 int
	OriginalLine, OriginalStartLine int
	// Side is LEFT for the base, RIGHT for the head.
	Side                     string
	CommitID, OriginalCommit string
	// File is true for a comment on the whole file.
	File     bool
	Outdated bool
	// Resolved is the state of its thread.
	Resolved bool
	// Minimized is why the comment is folded away; empty when it is not.
	Minimized string
	// InReplyTo is the id of the thread's first comment; zero for that one.
	InReplyTo int64
	ReviewID  int64
	URL       string
	CreatedAt time.Time
	UpdatedAt time.Time
	// Reactions are "LOGIN CONTENT".
	Reactions []string
}

// ConversationComment is a comment in the conversation.
type ConversationComment struct {
	ID        int64
	Author    string
	Body      string
	Minimized string
	URL       string
	Reactions []string
}

// Review is a submitted review.
type Review struct {
	ID       int64
	Author   string
	Body     string
	State    string
	CommitID string
	URL      string
	// Comments are the ids of its comments that still exist.
	Comments []int64
}

// Comments lists the comments on the diff, oldest first.
func (p *PullRequest) Comments() []Comment {
	s := p.repository.server
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Comment, 0, len(p.comments))
	for _, c := range p.comments {
		list = append(list, c.view())
	}
	return list
}

func (c *reviewComment) view() Comment {
	v := Comment{
		ID: c.id, Author: c.author.login, Body: c.body, Path: c.path, Line: c.line, StartLine: c.startLine,
		OriginalLine: c.originalLine, OriginalStartLine: c.originalStart, Side: c.side, CommitID: c.commit,
		OriginalCommit: c.originalCommit, File: c.subject == "file", Outdated: c.outdated, Resolved: c.thread.resolved,
		Minimized: c.minimized, InReplyTo: c.inReplyTo, URL: fmt.Sprintf("%s#discussion_r%d", c.pull.webURL(), c.id),
		CreatedAt: c.created, UpdatedAt: c.updated, Reactions: c.reactions.view(),
	}
	if c.review != nil {
		v.ReviewID = c.review.id
	}
	return v
}

func (r *reactions) view() []string {
	var list []string
	for _, one := range r.list {
		list = append(list, one.author.login+" "+one.content)
	}
	return list
}

// ConversationComments lists the comments in the conversation, oldest first.
func (p *PullRequest) ConversationComments() []ConversationComment {
	s := p.repository.server
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []ConversationComment
	for _, c := range p.issueComments() {
		list = append(list, c.view())
	}
	return list
}

func (c *issueComment) view() ConversationComment {
	return ConversationComment{
		ID: c.id, Author: c.author.login, Body: c.body, Minimized: c.minimized,
		URL: fmt.Sprintf("%s#issuecomment-%d", c.pull.webURL(), c.id), Reactions: c.reactions.view(),
	}
}

// Reviews lists the reviews, oldest first. GitHub makes one for every single
// comment too; those have no body.
func (p *PullRequest) Reviews() []Review {
	s := p.repository.server
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Review, 0, len(p.reviews))
	for _, r := range p.reviews {
		v := Review{
			ID: r.id, Author: r.author.login, Body: r.body, State: r.state, CommitID: r.commit,
			URL: fmt.Sprintf("%s#pullrequestreview-%d", p.webURL(), r.id),
		}
		for _, c := range p.comments {
			if c.review == r {
				v.Comments = append(v.Comments, c.id)
			}
		}
		list = append(list, v)
	}
	return list
}

// appOf is the App behind a login that ends in [bot]; nil for a person.
func (s *Server) appOf(login string) *appRecord {
	slug, isBot := strings.CutSuffix(login, "[bot]")
	switch {
	case !isBot:
		return nil
	case slug == s.app.slug:
		return s.app
	}
	u := s.user(login)
	return &appRecord{id: u.id, slug: slug, owner: s.user(slug + "-owner"), permissions: map[string]string{}, events: []string{}, createdAt: s.createdAt}
}

// Comment writes a comment in the conversation as somebody: a person, or a bot
// when the login ends in [bot].
func (p *PullRequest) Comment(login, body string) (made ConversationComment, err error) {
	err = p.change(func() error {
		s := p.repository.server
		c, err := p.issueComment(s.user(login), s.appOf(login), body)
		if err != nil {
			return err
		}
		c.announce()
		made = c.view()
		return nil
	})
	return made, err
}

// NewComment says what to comment on a line of the present diff.
type NewComment struct {
	Path string
	// Line is on Side; zero means the whole file.
	Line, StartLine int
	// Side is LEFT or RIGHT; empty means RIGHT.
	Side string
	Body string
}

// CommentOn writes a comment on the diff as somebody.
func (p *PullRequest) CommentOn(login string, n NewComment) (made Comment, err error) {
	err = p.change(func() error {
		s := p.repository.server
		d := draftComment{Path: n.Path, Body: n.Body, Side: n.Side, CommitID: p.headSHA}
		if n.Line == 0 {
			d.SubjectType = "file"
		} else {
			d.Line = &n.Line
		}
		if n.StartLine != 0 {
			d.StartLine = &n.StartLine
		}
		c, err := p.comment(s.user(login), s.appOf(login), d)
		if err != nil {
			return err
		}
		c.announce()
		made = c.view()
		return nil
	})
	return made, err
}

// Reply answers a comment on the diff as somebody.
func (p *PullRequest) Reply(login string, to int64, body string) (made Comment, err error) {
	err = p.change(func() error {
		s := p.repository.server
		c, err := p.reply(s.user(login), s.appOf(login), to, body)
		if err != nil {
			return err
		}
		c.announce()
		made = c.view()
		return nil
	})
	return made, err
}

// Resolve resolves or reopens the thread of a comment as somebody.
func (p *PullRequest) Resolve(login string, comment int64, resolved bool) error {
	return p.change(func() error {
		i := slices.IndexFunc(p.comments, func(c *reviewComment) bool { return c.id == comment })
		if i < 0 {
			return fmt.Errorf("ghtest: no comment %d on pull request %d", comment, p.number)
		}
		t := p.comments[i].thread
		t.resolved, t.resolvedBy = resolved, nil
		if resolved {
			t.resolvedBy = p.repository.server.user(login)
		}
		return nil
	})
}

// DeleteComment deletes a comment on the diff, as its author or a maintainer may.
func (p *PullRequest) DeleteComment(id int64) error {
	return p.change(func() error {
		i := slices.IndexFunc(p.comments, func(c *reviewComment) bool { return c.id == id })
		if i < 0 {
			return fmt.Errorf("ghtest: no comment %d on pull request %d", id, p.number)
		}
		p.comments[i].remove()
		return nil
	})
}
