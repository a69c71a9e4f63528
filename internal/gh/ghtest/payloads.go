package ghtest

import "maps"

// envelope adds what every event of an installation carries.
func (r *Repository) envelope(sender *user, payload object) object {
	s := r.server
	payload["repository"], payload["sender"] = s.repositoryObject(r), s.userObject(sender)
	if r.installation != nil {
		payload["installation"] = object{"id": r.installation.id, "node_id": node("I", r.installation.id)}
	}
	if r.owner.kind == "Organization" {
		payload["organization"] = s.organizationObject(r.owner)
	}
	return payload
}

// payload builds a pull_request event.
func (p *PullRequest) payload(action string, sender *user, extra object) (object, error) {
	full, err := p.fullObject()
	if err != nil {
		return nil, err
	}
	payload := object{"action": action, "number": p.number, "pull_request": full}
	maps.Copy(payload, extra)
	return p.repository.envelope(sender, payload), nil
}

// announce queues a pull_request event.
func (p *PullRequest) announce(action string, sender *user, extra object) {
	payload, err := p.payload(action, sender, extra)
	if err != nil {
		p.repository.server.violation("building pull_request.%s: %v", action, err)
		return
	}
	p.repository.server.enqueue("pull_request", payload, p.repository)
}

// Payload builds a pull_request event about the pull request as it is now, with
// further fields such as "changes", for Deliver.
func (p *PullRequest) Payload(action string, extra map[string]any) (map[string]any, error) {
	s := p.repository.server
	s.mu.Lock()
	defer s.mu.Unlock()
	return p.payload(action, p.author, extra)
}

// announce queues an issue_comment event: a pull request is an issue there.
func (c *issueComment) announce() {
	p := c.pull
	s := p.repository.server
	issue := object{
		"url": p.issueURL(), "repository_url": s.URL() + "/api/v3/repos/" + p.repository.fullName(),
		"labels_url": p.issueURL() + "/labels{/name}", "comments_url": p.issueURL() + "/comments",
		"events_url": p.issueURL() + "/events", "html_url": p.webURL(), "id": p.id, "node_id": node("PR", p.id),
		"number": p.number, "title": p.title, "user": s.userObject(p.author), "labels": []any{}, "state": p.state,
		"locked": false, "assignee": nil, "assignees": []any{}, "milestone": nil, "comments": len(p.issueComments()),
		"created_at": stamp(p.createdAt), "updated_at": stamp(p.updatedAt), "closed_at": stamp(p.closedAt),
		"author_association": p.repository.association(p.author), "active_lock_reason": nil, "body": orNull(p.body),
		"draft": p.draft, "pull_request": object{
			"url": p.apiURL(), "html_url": p.webURL(), "diff_url": p.webURL() + ".diff", "patch_url": p.webURL() + ".patch",
		},
	}
	s.enqueue("issue_comment", p.repository.envelope(c.author, object{
		"action": "created", "issue": issue, "comment": c.object(),
	}), p.repository)
}

// announce queues a pull_request_review_comment event.
func (c *reviewComment) announce() {
	p := c.pull
	comment := c.object()
	delete(comment, "subject_type")
	p.repository.server.enqueue("pull_request_review_comment", p.repository.envelope(c.author, object{
		"action": "created", "comment": comment, "pull_request": p.simpleObject(),
	}), p.repository)
}

// announce queues a check_run event.
func (run *checkRun) announce(action string, sender *user, extra object) {
	r := run.repository
	o := run.object()
	o["check_suite"] = run.suiteObject()
	payload := object{"action": action, "check_run": o}
	maps.Copy(payload, extra)
	r.server.enqueue("check_run", r.envelope(sender, payload), r)
}

func (run *checkRun) suiteObject() object {
	r, s := run.repository, run.repository.server
	return object{
		"id": run.suite, "node_id": node("CS", run.suite), "head_branch": nil, "head_sha": run.headSHA, "status": run.status,
		"conclusion": orNull(run.conclusion), "url": s.URL() + "/api/v3/repos/" + r.fullName() + "/check-suites/" + itoa(run.suite),
		"before": nil, "after": nil, "pull_requests": run.object()["pull_requests"], "app": s.appObject(run.app),
		"created_at": stamp(run.started), "updated_at": stamp(run.started),
	}
}
