package ghtest

import (
	"fmt"
	"time"
)

type graphQuery struct{}

func (graphQuery) graphType() string { return "Query" }

func (graphQuery) graphField(g *graphCall, name string, arguments map[string]any) (any, error) {
	s := g.server
	switch name {
	case "viewer":
		return graphViewer{s.bot(s.app)}, nil
	case "rateLimit":
		return graphRate{&g.auth.installation.usage.graph, s}, nil
	case "repository":
		owner, _ := arguments["owner"].(string)
		repo, _ := arguments["name"].(string)
		r := s.names[key(owner, repo)]
		if r == nil || !g.auth.reaches(r) {
			return nil, &graphError{"NOT_FOUND", fmt.Sprintf("Could not resolve to a Repository with the name '%s/%s'.", owner, repo)}
		}
		return graphRepository{r}, nil
	case "node":
		id, _ := arguments["id"].(string)
		return g.node(id)
	}
	return nil, fmt.Errorf("ghtest: no query %s", name)
}

// node finds what a GraphQL id names, among what the token reaches.
func (g *graphCall) node(id string) (graphObject, error) {
	for _, r := range g.server.repos {
		if !g.auth.reaches(r) {
			continue
		}
		for _, p := range r.pulls {
			if node("PR", p.id) == id {
				return graphPull{p}, nil
			}
			for _, t := range p.threads {
				if node("PRRT", t.id) == id {
					return graphThread{t}, nil
				}
			}
			for _, c := range p.comments {
				if node("PRRC", c.id) == id {
					return graphComment{c}, nil
				}
			}
		}
		for _, c := range r.issueComments {
			if node("IC", c.id) == id {
				return graphIssueComment{c}, nil
			}
		}
	}
	return nil, &graphError{"NOT_FOUND", fmt.Sprintf("Could not resolve to a node with the global id of '%s'", id)}
}

type graphActor struct{ user *user }

func (a graphActor) graphType() string {
	if a.user.kind == "Bot" {
		return "Bot"
	}
	return "User"
}

// graphField spells a bot's login without [bot], as GraphQL does and REST does not.
func (a graphActor) graphField(_ *graphCall, name string, _ map[string]any) (any, error) {
	switch name {
	case "login":
		return trimBot(a.user.login), nil
	case "id":
		return node("U", a.user.id), nil
	case "databaseId":
		return a.user.id, nil
	}
	return nil, fmt.Errorf("ghtest: no field %s of an actor", name)
}

// graphViewer is who asks: GraphQL shows an App's bot as a user there, with [bot].
type graphViewer struct{ user *user }

func (graphViewer) graphType() string { return "User" }

func (v graphViewer) graphField(g *graphCall, name string, arguments map[string]any) (any, error) {
	if name == "login" {
		return v.user.login, nil
	}
	return graphActor(v).graphField(g, name, arguments)
}

type graphRate struct {
	used   *window
	server *Server
}

func (graphRate) graphType() string { return "RateLimit" }

func (r graphRate) graphField(_ *graphCall, name string, _ map[string]any) (any, error) {
	switch name {
	case "cost":
		return 1, nil
	case "limit":
		return r.server.limits.PerHour, nil
	case "used":
		return r.used.used, nil
	case "remaining":
		return max(0, r.server.limits.PerHour-r.used.used), nil
	case "resetAt":
		return stamp(time.Unix(r.used.reset(r.server.now()), 0)), nil
	}
	return nil, fmt.Errorf("ghtest: no field %s of RateLimit", name)
}

type graphRepository struct{ repository *Repository }

func (graphRepository) graphType() string { return "Repository" }

func (r graphRepository) graphField(g *graphCall, name string, arguments map[string]any) (any, error) {
	switch name {
	case "id":
		return node("R", r.repository.id), nil
	case "databaseId":
		return r.repository.id, nil
	case "name":
		return r.repository.name, nil
	case "nameWithOwner":
		return r.repository.fullName(), nil
	case "pullRequest":
		if !g.auth.allows("pull_requests", "read") {
			return nil, &graphError{"FORBIDDEN", "Resource not accessible by integration"}
		}
		n := number(arguments["number"])
		p := r.repository.pulls[n]
		if p == nil {
			return nil, &graphError{"NOT_FOUND", fmt.Sprintf("Could not resolve to a PullRequest with the number of %d.", n)}
		}
		return graphPull{p}, nil
	}
	return nil, fmt.Errorf("ghtest: no field %s of Repository", name)
}

type graphPull struct{ pull *PullRequest }

func (graphPull) graphType() string { return "PullRequest" }

func (p graphPull) graphField(_ *graphCall, name string, arguments map[string]any) (any, error) {
	switch name {
	case "id":
		return node("PR", p.pull.id), nil
	case "databaseId":
		return p.pull.id, nil
	case "number":
		return p.pull.number, nil
	case "isDraft":
		return p.pull.draft, nil
	case "baseRefName":
		return p.pull.baseRef, nil
	case "baseRefOid":
		return p.pull.baseSHA, nil
	case "headRefName":
		return p.pull.headRef, nil
	case "headRefOid":
		return p.pull.headSHA, nil
	case "state":
		switch {
		case p.pull.merged:
			return "MERGED", nil
		case p.pull.state == "open":
			return "OPEN", nil
		}
		return "CLOSED", nil
	case "reviewThreads":
		var all []graphObject
		for _, t := range p.pull.threads {
			all = append(all, graphThread{t})
		}
		return connection("PullRequestReviewThreadConnection", all, arguments)
	}
	return nil, fmt.Errorf("ghtest: no field %s of PullRequest", name)
}

type graphThread struct{ thread *thread }

func (graphThread) graphType() string { return "PullRequestReviewThread" }

func (t graphThread) graphField(g *graphCall, name string, arguments map[string]any) (any, error) {
	root := t.thread.comments[0]
	switch name {
	case "id":
		return node("PRRT", t.thread.id), nil
	case "isResolved", "isCollapsed":
		return t.thread.resolved, nil
	case "isOutdated":
		return root.outdated, nil
	case "viewerCanResolve":
		// Resolving asks for contents: write.
		return !t.thread.resolved && g.auth.allows("contents", "write"), nil
	case "viewerCanUnresolve":
		return t.thread.resolved && g.auth.allows("contents", "write"), nil
	case "viewerCanReply":
		return g.auth.allows("pull_requests", "write"), nil
	case "resolvedBy":
		if t.thread.resolvedBy == nil {
			return nil, nil
		}
		return graphActor{t.thread.resolvedBy}, nil
	case "diffSide":
		return root.side, nil
	case "startDiffSide":
		return orNull(root.startSide), nil
	case "subjectType":
		if root.subject == "file" {
			return "FILE", nil
		}
		return "LINE", nil
	case "pullRequest":
		return graphPull{t.thread.pull}, nil
	case "comments":
		var all []graphObject
		for _, c := range t.thread.comments {
			all = append(all, graphComment{c})
		}
		return connection("PullRequestReviewCommentConnection", all, arguments)
	}
	return graphComment{root}.graphField(g, name, arguments)
}

type graphComment struct{ comment *reviewComment }

func (graphComment) graphType() string { return "PullRequestReviewComment" }

func (c graphComment) graphField(g *graphCall, name string, _ map[string]any) (any, error) {
	one := c.comment
	switch name {
	case "id":
		return node("PRRC", one.id), nil
	case "databaseId":
		return one.id, nil
	case "fullDatabaseId":
		return fmt.Sprint(one.id), nil
	case "author":
		return graphActor{one.author}, nil
	case "body":
		return one.body, nil
	case "path":
		return one.path, nil
	case "line":
		return orZero(one.line), nil
	case "startLine":
		return orZero(one.startLine), nil
	case "originalLine":
		return orZero(one.originalLine), nil
	case "originalStartLine":
		return orZero(one.originalStart), nil
	case "outdated":
		return one.outdated, nil
	case "createdAt":
		return stamp(one.created), nil
	case "updatedAt":
		return stamp(one.updated), nil
	case "url":
		return fmt.Sprintf("%s#discussion_r%d", one.pull.webURL(), one.id), nil
	case "replyTo":
		if one.inReplyTo == 0 {
			return nil, nil
		}
		return graphComment{one.thread.comments[0]}, nil
	case "viewerDidAuthor":
		return one.app == g.server.app, nil
	}
	return minimizableField(g, &one.minimized, name)
}

type graphIssueComment struct{ comment *issueComment }

func (graphIssueComment) graphType() string { return "IssueComment" }

func (c graphIssueComment) graphField(g *graphCall, name string, _ map[string]any) (any, error) {
	switch name {
	case "id":
		return node("IC", c.comment.id), nil
	case "databaseId":
		return c.comment.id, nil
	case "author":
		return graphActor{c.comment.author}, nil
	case "body":
		return c.comment.body, nil
	}
	return minimizableField(g, &c.comment.minimized, name)
}

func minimizableField(g *graphCall, reason *string, name string) (any, error) {
	switch name {
	case "isMinimized":
		return *reason != "", nil
	case "minimizedReason":
		return orNull(*reason), nil
	case "viewerCanMinimize":
		return g.mayMinimize(), nil
	}
	return nil, fmt.Errorf("ghtest: no field %s of a comment", name)
}

func (g *graphCall) mayMinimize() bool {
	return g.auth.allows("issues", "write") || g.auth.allows("pull_requests", "write")
}
