package ghtest

import (
	"net/http"
	"strings"
	"time"
)

// reaction is one emoji of one account.
type reaction struct {
	id      int64
	author  *user
	content string
	created time.Time
}

type reactions struct{ list []reaction }

// rollup counts the reactions to what lies at an address of the API.
func (r *reactions) rollup(api string) object {
	o := object{"url": api + "/reactions", "total_count": len(r.list)}
	for _, content := range []string{"+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"} {
		n := 0
		for _, one := range r.list {
			if one.content == content {
				n++
			}
		}
		o[content] = n
	}
	return o
}

func (s *Server) reactionObject(r reaction) any {
	return object{
		"id": r.id, "node_id": node("REA", r.id), "user": s.userObject(r.author), "content": r.content, "created_at": stamp(r.created),
	}
}

// reactionsOf finds the reactions a request is about.
func (c *call) reactionsOf() (*reactions, error) {
	if strings.HasSuffix(c.operation, "/issues/comments/{comment_id}/reactions") {
		one, err := c.issueComment()
		if err != nil {
			return nil, err
		}
		return one.reactions, nil
	}
	one, err := c.reviewComment()
	if err != nil {
		return nil, err
	}
	return one.reactions, nil
}

func (s *Server) listReactions(c *call) (*answer, error) {
	all, err := c.reactionsOf()
	if err != nil {
		return nil, err
	}
	var list []reaction
	for _, one := range all.list {
		if content := c.query.Get("content"); content == "" || content == one.content {
			list = append(list, one)
		}
	}
	return page(c, list, s.reactionObject), nil
}

// createReaction answers 201 for a new reaction and 200 for one that is there.
func (s *Server) createReaction(c *call) (*answer, error) {
	all, err := c.reactionsOf()
	if err != nil {
		return nil, err
	}
	var wish struct {
		Content string `json:"content"`
	}
	if err := c.decode(&wish); err != nil {
		return nil, err
	}
	author := s.bot(s.app)
	for _, one := range all.list {
		if one.author == author && one.content == wish.Content {
			return ok(s.reactionObject(one)), nil
		}
	}
	made := reaction{id: s.ids.next(), author: author, content: wish.Content, created: s.now()}
	all.list = append(all.list, made)
	return &answer{status: http.StatusCreated, body: s.reactionObject(made)}, nil
}
