package ghtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// bodyMax is how long a comment or review may be, in characters. The bound is
// not documented; it is what the API answers.
const bodyMax = 65_536

// review is one review of a pull request.
type review struct {
	id        int64
	pull      *PullRequest
	author    *user
	app       *appRecord
	body      string
	state     string
	commit    string
	submitted time.Time
}

// draftComment is a comment as a client asks for it.
type draftComment struct {
	Path        string `json:"path"`
	Body        string `json:"body"`
	Position    *int   `json:"position"`
	Line        *int   `json:"line"`
	Side        string `json:"side"`
	StartLine   *int   `json:"start_line"`
	StartSide   string `json:"start_side"`
	CommitID    string `json:"commit_id"`
	SubjectType string `json:"subject_type"`
	InReplyTo   int64  `json:"in_reply_to"`
}

// createReview posts a review with all its comments, or nothing.
func (s *Server) createReview(c *call) (*answer, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	var wish struct {
		CommitID string         `json:"commit_id"`
		Body     string         `json:"body"`
		Event    string         `json:"event"`
		Comments []draftComment `json:"comments"`
	}
	if err := c.decode(&wish); err != nil {
		return nil, err
	}
	created, err := p.addReview(s.bot(s.app), s.app, wish.CommitID, wish.Body, wish.Event, wish.Comments)
	if err != nil {
		return nil, err
	}
	return ok(created.object()), nil
}

// reviewStates are what an event makes of a review.
var reviewStates = map[string]string{
	"": "PENDING", "COMMENT": "COMMENTED", "APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED",
}

func (p *PullRequest) addReview(u *user, a *appRecord, commit, body, event string, drafts []draftComment) (*review, error) {
	s := p.repository.server
	if commit == "" {
		commit = p.headSHA
	}
	if err := p.ownCommit(commit); err != nil {
		return nil, unprocessable("Commit is not part of the pull request")
	}
	if utf8.RuneCountInString(body) > bodyMax {
		return nil, unprocessable(fmt.Sprintf("Body is too long (maximum is %d characters)", bodyMax))
	}
	if body == "" && (event == "REQUEST_CHANGES" || event == "COMMENT" && len(drafts) == 0) {
		return nil, unprocessable("Body can't be blank")
	}
	if u == p.author && (event == "APPROVE" || event == "REQUEST_CHANGES") {
		return nil, unprocessable("Can not review your own pull request")
	}
	if event == "" && slices.ContainsFunc(p.reviews, func(r *review) bool { return r.author == u && r.state == "PENDING" }) {
		return nil, unprocessable("User can only have one pending review per pull request")
	}
	made := &review{id: s.ids.next(), pull: p, author: u, app: a, body: body, state: reviewStates[event], commit: commit, submitted: s.now()}
	var comments []*reviewComment
	for _, d := range drafts {
		placed, problems, err := p.place(commit, d)
		if err != nil {
			return nil, err
		}
		if len(problems) > 0 {
			return nil, unprocessable(reviewSentence(problems))
		}
		placed.author, placed.app, placed.review = u, a, made
		comments = append(comments, placed)
	}
	p.reviews = append(p.reviews, made)
	for _, comment := range comments {
		p.addComment(comment)
	}
	p.updatedAt = s.now()
	return made, p.reanchor()
}

// ownCommit fails for a commit that is none of the pull request's.
func (p *PullRequest) ownCommit(sha string) error {
	commits, err := p.commits()
	if err != nil {
		return err
	}
	if !slices.Contains(commits, sha) {
		return fmt.Errorf("ghtest: %s is not a commit of pull request %d", sha, p.number)
	}
	return nil
}

// What can be wrong with an anchor.
const (
	problemPath   = "path"
	problemLine   = "line"
	problemStart  = "start"
	problemOrder  = "order"
	problemHunk   = "hunk"
	problemBody   = "body"
	problemLength = "length"
	problemBlank  = "position"
)

// reviewSentence words the problems as POST …/reviews does: one sentence, which
// does not say which comment is meant.
func reviewSentence(problems []string) string {
	words := map[string]string{
		problemPath: "Pull request review thread path is invalid", problemLine: "Pull request review thread line must be part of the diff",
		problemStart: "Pull request review thread start line must be part of the same hunk as the line.",
		problemOrder: "Pull request review thread start line must precede the end line.",
		problemHunk:  "Pull request review thread diff hunk can't be blank", problemBody: "Comment body can't be blank",
		problemLength: fmt.Sprintf("Comment body is too long (maximum is %d characters)", bodyMax),
		problemBlank:  "Pull request review thread position can't be blank",
	}
	var said []string
	for _, problem := range problems {
		said = append(said, words[problem])
	}
	switch n := len(said); {
	case n == 1:
		return said[0]
	case n == 2:
		return said[0] + " and " + said[1]
	default:
		return strings.Join(said[:n-1], ", ") + ", and " + said[n-1]
	}
}

// place finds where a comment hangs: its line must lie in a hunk of the diff from
// the merge base to the commit, its start in the same hunk.
func (p *PullRequest) place(commit string, d draftComment) (*reviewComment, []string, error) {
	var problems []string
	if strings.TrimSpace(d.Body) == "" {
		problems = append(problems, problemBody)
	}
	if utf8.RuneCountInString(d.Body) > bodyMax {
		problems = append(problems, problemLength)
	}
	base := p.mergeBase
	if commit != p.headSHA {
		var err error
		if base, err = p.repository.server.line(p.repository.gitDir, "merge-base", p.baseSHA, commit); err != nil {
			return nil, nil, err
		}
	}
	files, err := p.repository.diff(base, commit)
	if err != nil {
		return nil, nil, err
	}
	now := p.repository.server.now()
	c := &reviewComment{
		id: p.repository.server.ids.next(), pull: p, body: d.Body, path: d.Path, originalPath: d.Path, commit: commit,
		originalCommit: commit, originalBase: base, subject: "line", created: now, updated: now, reactions: &reactions{},
	}
	f := at(files, d.Path)
	switch {
	case f == nil && d.SubjectType != "file":
		return nil, append(problems, problemPath, problemLine, problemHunk), nil
	case f == nil:
		return nil, append(problems, problemPath), nil
	case d.SubjectType == "file":
		c.subject, c.side = "file", right
		return c, problems, nil
	case d.Line == nil && d.Position == nil:
		return nil, append(problems, problemBlank), nil
	}
	problems = append(problems, c.placeLine(f, d)...)
	return c, problems, nil
}

// placeLine sets line, start, position and excerpt.
func (c *reviewComment) placeLine(f *fileDiff, d draftComment) []string {
	if d.Side == "" {
		d.Side = right
	}
	if d.StartSide == "" || d.StartSide == "side" {
		d.StartSide = d.Side
	}
	if d.Line == nil {
		line, side, found := f.atPosition(*d.Position)
		if !found {
			return []string{problemLine, problemHunk}
		}
		d.Line, d.Side = &line, side
	}
	h, index, found := f.find(d.Side, *d.Line)
	if !found {
		problems := []string{problemLine}
		if d.StartLine != nil {
			problems = append(problems, problemStart)
		}
		return append(problems, problemHunk)
	}
	c.side, c.line, c.originalLine = d.Side, *d.Line, *d.Line
	c.position, c.originalPosition = h.lines[index].position, h.lines[index].position
	c.hunk = h.excerpt(index)
	if d.StartLine == nil {
		return nil
	}
	start, first, found := f.find(d.StartSide, *d.StartLine)
	if !found || start != h {
		return []string{problemStart}
	}
	if first >= index {
		return []string{problemOrder}
	}
	c.startSide, c.startLine, c.originalStart = d.StartSide, *d.StartLine, *d.StartLine
	return nil
}

// atPosition reads GitHub's old anchors: a count of diff lines.
func (f *fileDiff) atPosition(position int) (line int, side string, found bool) {
	for _, h := range f.hunks {
		for _, l := range h.lines {
			if l.position != position {
				continue
			}
			if l.kind == '-' {
				return l.old, left, true
			}
			return l.new, right, l.kind != '\\'
		}
	}
	return 0, "", false
}

func (r *review) object() object {
	s := r.pull.repository.server
	html := fmt.Sprintf("%s#pullrequestreview-%d", r.pull.webURL(), r.id)
	o := object{
		"id": r.id, "node_id": node("PRR", r.id), "user": s.userObject(r.author), "body": r.body, "state": r.state,
		"html_url": html, "pull_request_url": r.pull.apiURL(), "author_association": r.pull.repository.association(r.author),
		"_links":    object{"html": object{"href": html}, "pull_request": object{"href": r.pull.apiURL()}},
		"commit_id": r.commit,
	}
	if r.state != "PENDING" {
		o["submitted_at"] = stamp(r.submitted)
	}
	return o
}

func (c *call) review() (*review, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	for _, r := range p.reviews {
		if r.id == c.number("review_id") {
			return r, nil
		}
	}
	return nil, notFound()
}

func (s *Server) listReviews(c *call) (*answer, error) {
	p, err := c.pull()
	if err != nil {
		return nil, err
	}
	return page(c, p.reviews, func(r *review) any { return r.object() }), nil
}

func (s *Server) getReview(c *call) (*answer, error) {
	r, err := c.review()
	if err != nil {
		return nil, err
	}
	return ok(r.object()), nil
}

// updateReview replaces the body of a review of the App's own.
func (s *Server) updateReview(c *call) (*answer, error) {
	r, err := c.review()
	if err != nil {
		return nil, err
	}
	var wish struct {
		Body string `json:"body"`
	}
	if err := c.decode(&wish); err != nil {
		return nil, err
	}
	if r.app != s.app {
		return nil, forbidden()
	}
	if wish.Body == "" || utf8.RuneCountInString(wish.Body) > bodyMax {
		return nil, unprocessable("Body is too long or blank")
	}
	r.body = wish.Body
	return ok(r.object()), nil
}

// reviewComments lists the comments of one review. The answer's form is the old
// one: positions, no lines.
func (s *Server) reviewComments(c *call) (*answer, error) {
	r, err := c.review()
	if err != nil {
		return nil, err
	}
	var own []*reviewComment
	for _, comment := range r.pull.comments {
		if comment.review == r {
			own = append(own, comment)
		}
	}
	return page(c, own, func(comment *reviewComment) any {
		o := comment.object()
		for _, field := range []string{
			"line", "original_line", "side", "start_line", "original_start_line", "start_side", "subject_type",
		} {
			delete(o, field)
		}
		return o
	}), nil
}

func (s *Server) pullNumber(c *call) (*PullRequest, error) {
	p := c.repository.pulls[int(c.number("issue_number"))]
	if p == nil {
		return nil, &apiError{status: http.StatusNotFound, message: "Not Found"}
	}
	return p, nil
}
