package ghtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// reviewComment is a comment on the diff. Line and start are zero once it is
// outdated, and for a comment on a whole file.
type reviewComment struct {
	id               int64
	pull             *PullRequest
	review           *review
	thread           *thread
	author           *user
	app              *appRecord
	body             string
	path             string
	originalPath     string
	subject          string // "line" or "file"
	side, startSide  string
	line, startLine  int
	originalLine     int
	originalStart    int
	position         int
	originalPosition int
	hunk             string
	commit           string
	originalCommit   string
	originalBase     string
	inReplyTo        int64
	outdated         bool
	minimized        string // the reason, empty when it is shown
	created, updated time.Time
	reactions        *reactions
}

// thread is a comment and the answers to it.
type thread struct {
	id         int64
	pull       *PullRequest
	comments   []*reviewComment
	resolved   bool
	resolvedBy *user
}

// addComment stores a placed comment; one that answers nothing begins a thread.
func (p *PullRequest) addComment(c *reviewComment) {
	if c.thread == nil {
		c.thread = &thread{id: p.repository.server.ids.next(), pull: p}
		p.threads = append(p.threads, c.thread)
	}
	c.thread.comments = append(c.thread.comments, c)
	p.comments = append(p.comments, c)
}

// reanchor works out anew where every comment stands: on the same line of the
// present diff, or outdated when that line was changed or left the diff.
func (p *PullRequest) reanchor() error {
	if len(p.comments) == 0 {
		return nil
	}
	files, err := p.files()
	if err != nil {
		return err
	}
	for _, c := range p.comments {
		if err := c.reanchor(files); err != nil {
			return err
		}
	}
	return nil
}

func (c *reviewComment) reanchor(files []fileDiff) error {
	p := c.pull
	if c.subject == "file" {
		if c.outdated = at(files, c.path) == nil; !c.outdated {
			c.commit = p.headSHA
		}
		return nil
	}
	c.outdated, c.line, c.startLine, c.position = true, 0, 0, 0
	from, to := c.originalCommit, p.headSHA
	if c.side == left {
		from, to = c.originalBase, p.mergeBase
	}
	path, line, found, err := p.repository.follow(from, to, c.originalPath, c.originalLine)
	if err != nil || !found {
		return err
	}
	f := at(files, path)
	if f == nil {
		return nil
	}
	h, index, found := f.find(c.side, line)
	if !found {
		return nil
	}
	start := 0
	if c.originalStart > 0 && c.startSide == c.side {
		if _, start, found, err = p.repository.follow(from, to, c.originalPath, c.originalStart); err != nil || !found {
			return err
		}
		if line-start != c.originalLine-c.originalStart {
			return nil
		}
	}
	c.outdated, c.path, c.line, c.startLine, c.commit = false, path, line, start, p.headSHA
	c.position = h.lines[index].position
	return nil
}

func (c *reviewComment) object() object {
	p := c.pull
	s := p.repository.server
	api := fmt.Sprintf("%s/api/v3/repos/%s/pulls/comments/%d", s.URL(), p.repository.fullName(), c.id)
	html := fmt.Sprintf("%s#discussion_r%d", p.webURL(), c.id)
	var reviewID any
	if c.review != nil {
		reviewID = c.review.id
	}
	o := object{
		"url": api, "pull_request_review_id": reviewID, "id": c.id, "node_id": node("PRRC", c.id), "diff_hunk": c.hunk,
		"path": c.path, "position": orZero(c.position), "original_position": c.originalPosition, "commit_id": c.commit,
		"original_commit_id": c.originalCommit, "user": s.userObject(c.author), "body": c.body, "created_at": stamp(c.created),
		"updated_at": stamp(c.updated), "html_url": html, "pull_request_url": p.apiURL(),
		"author_association": p.repository.association(c.author), "start_line": orZero(c.startLine),
		"original_start_line": orZero(c.originalStart), "start_side": orNull(c.startSide), "line": orZero(c.line),
		"original_line": orZero(c.originalLine), "side": c.side, "subject_type": c.subject,
		"_links": object{
			"self": object{"href": api}, "html": object{"href": html}, "pull_request": object{"href": p.apiURL()},
		},
		"reactions": c.reactions.rollup(api),
	}
	if c.inReplyTo != 0 {
		o["in_reply_to_id"] = c.inReplyTo
	}
	return o
}

func orZero(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

// createComment posts one comment, on a line or on a whole file, or an answer.
func (s *Server) createComment(c *call) (*answer, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	var wish draftComment
	if err := c.decode(&wish); err != nil {
		return nil, err
	}
	if wish.InReplyTo != 0 {
		return s.answerComment(p, wish.InReplyTo, wish.Body)
	}
	made, err := p.comment(s.bot(s.app), s.app, wish)
	if err != nil {
		return nil, err
	}
	return created(made.object()), nil
}

// comment posts a single comment: GitHub makes a review of one for it.
func (p *PullRequest) comment(u *user, a *appRecord, d draftComment) (*reviewComment, error) {
	const resource = "PullRequestReviewComment"
	if err := p.ownCommit(d.CommitID); err != nil {
		return nil, invalid(custom(resource, "commit_id", "commit_id is not part of the pull request"))
	}
	placed, problems, err := p.place(d.CommitID, d)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, invalid(commentFields(resource, problems)...)
	}
	s := p.repository.server
	placed.author, placed.app = u, a
	placed.review = &review{
		id: s.ids.next(), pull: p, author: u, app: a, state: "COMMENTED", commit: d.CommitID, submitted: s.now(),
	}
	p.reviews = append(p.reviews, placed.review)
	p.addComment(placed)
	return placed, p.reanchor()
}

// commentFields words the problems as POST …/comments does.
func commentFields(resource string, problems []string) []object {
	const at = "pull_request_review_thread."
	words := map[string]object{
		problemPath:   custom(resource, at+"path", at+"path is invalid"),
		problemLine:   custom(resource, at+"line", at+"line must be part of the diff"),
		problemStart:  custom(resource, at+"start_line", at+"start_line must be part of the same hunk as the line."),
		problemOrder:  custom(resource, at+"start_line", at+"start_line must precede the end line."),
		problemHunk:   {"resource": resource, "code": "missing_field", "field": at + "diff_hunk"},
		problemBody:   {"resource": resource, "code": "missing_field", "field": "body"},
		problemLength: custom(resource, "body", fmt.Sprintf("body is too long (maximum is %d characters)", bodyMax)),
		problemBlank:  {"resource": resource, "code": "missing_field", "field": at + "position"},
	}
	var fields []object
	for _, problem := range problems {
		fields = append(fields, words[problem])
	}
	return fields
}

func (s *Server) replyComment(c *call) (*answer, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	var wish struct {
		Body string `json:"body"`
	}
	if err := c.decode(&wish); err != nil {
		return nil, err
	}
	return s.answerComment(p, c.number("comment_id"), wish.Body)
}

func (s *Server) answerComment(p *PullRequest, to int64, body string) (*answer, error) {
	made, err := p.reply(s.bot(s.app), s.app, to, body)
	if err != nil {
		return nil, err
	}
	return created(made.object()), nil
}

// reply answers in the thread of a comment. Answers to answers hang on the first.
func (p *PullRequest) reply(u *user, a *appRecord, to int64, body string) (*reviewComment, error) {
	index := slices.IndexFunc(p.comments, func(c *reviewComment) bool { return c.id == to })
	if index < 0 {
		return nil, notFound()
	}
	if problem := bodyProblem("PullRequestReviewComment", body); problem != nil {
		return nil, problem
	}
	s := p.repository.server
	root := p.comments[index].thread.comments[0]
	made := *root
	made.id, made.author, made.app, made.body, made.inReplyTo = s.ids.next(), u, a, body, root.id
	made.created, made.updated, made.reactions, made.minimized = s.now(), s.now(), &reactions{}, ""
	made.review = &review{id: s.ids.next(), pull: p, author: u, app: a, state: "COMMENTED", commit: root.commit, submitted: s.now()}
	p.reviews = append(p.reviews, made.review)
	p.addComment(&made)
	return &made, nil
}

func bodyProblem(resource, body string) error {
	if strings.TrimSpace(body) == "" {
		return invalid(object{"resource": resource, "code": "missing_field", "field": "body"})
	}
	if utf8.RuneCountInString(body) > bodyMax {
		return invalid(custom(resource, "body", fmt.Sprintf("body is too long (maximum is %d characters)", bodyMax)))
	}
	return nil
}

func (s *Server) listComments(c *call) (*answer, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	list := slices.Clone(p.comments)
	if c.query.Get("direction") == "desc" {
		slices.Reverse(list)
	}
	if since, err := time.Parse(time.RFC3339, c.query.Get("since")); err == nil {
		list = slices.DeleteFunc(list, func(one *reviewComment) bool { return one.updated.Before(since) })
	}
	return page(c, list, func(one *reviewComment) any { return one.object() }), nil
}

// reviewComment finds the comment a request names, in any pull request of the
// repository.
func (c *call) reviewComment() (*reviewComment, error) {
	for _, p := range c.repository.pulls {
		for _, one := range p.comments {
			if one.id == c.number("comment_id") {
				return one, nil
			}
		}
	}
	return nil, notFound()
}

func (s *Server) getComment(c *call) (*answer, error) {
	one, err := c.reviewComment()
	if err != nil {
		return nil, err
	}
	return ok(one.object()), nil
}

// updateComment replaces the body of a comment of the App's own.
func (s *Server) updateComment(c *call) (*answer, error) {
	one, err := c.reviewComment()
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
	if problem := bodyProblem("PullRequestReviewComment", wish.Body); problem != nil {
		return nil, problem
	}
	one.body, one.updated = wish.Body, s.now()
	return ok(one.object()), nil
}

func (s *Server) deleteComment(c *call) (*answer, error) {
	one, err := c.reviewComment()
	if err != nil {
		return nil, err
	}
	if one.app != s.app {
		return nil, forbidden()
	}
	one.remove()
	return &answer{status: http.StatusNoContent}, nil
}

func (c *reviewComment) remove() {
	same := func(other *reviewComment) bool { return other == c }
	c.pull.comments = slices.DeleteFunc(c.pull.comments, same)
	c.thread.comments = slices.DeleteFunc(c.thread.comments, same)
	if len(c.thread.comments) == 0 {
		c.pull.threads = slices.DeleteFunc(c.pull.threads, func(t *thread) bool { return t == c.thread })
	}
}
