package ghtest

import (
	"fmt"
	"net/url"
	"strings"
)

// repositoryObject is a repository as most answers and every payload hold it.
func (s *Server) repositoryObject(r *Repository) any {
	if r == nil || r.deleted {
		return nil
	}
	name := r.fullName()
	api, web := s.URL()+"/api/v3/repos/"+name, s.URL()+"/"+name
	visibility := "public"
	if r.private {
		visibility = "private"
	}
	open := 0
	for _, p := range r.pulls {
		if p.state == "open" {
			open++
		}
	}
	o := object{
		"id": r.id, "node_id": node("R", r.id), "name": r.name, "full_name": name, "owner": s.userObject(r.owner),
		"private": r.private, "html_url": web, "description": nil, "fork": r.parent != nil, "url": api, "homepage": nil,
		"language": nil, "forks_count": 0, "stargazers_count": 0, "watchers_count": 0, "size": 0, "mirror_url": nil,
		"default_branch": r.defaultBranch, "open_issues_count": open, "is_template": false, "topics": []string{},
		"has_issues": true, "has_projects": true, "has_wiki": true, "has_pages": false, "has_downloads": true,
		"archived": false, "disabled": false, "visibility": visibility, "pushed_at": stamp(r.pushedAt),
		"created_at": stamp(r.createdAt), "updated_at": stamp(r.createdAt), "license": nil, "forks": 0,
		"open_issues": open, "watchers": 0, "web_commit_signoff_required": false,
		"git_url": strings.Replace(web, "http:", "git:", 1) + ".git", "ssh_url": "git@127.0.0.1:" + name + ".git",
		"clone_url": web + ".git", "svn_url": web,
	}
	for field, path := range repositoryLinks {
		o[field] = api + path
	}
	return o
}

// repositoryLinks are the addresses below a repository's own.
var repositoryLinks = map[string]string{
	"archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}", "blobs_url": "/git/blobs{/sha}",
	"branches_url": "/branches{/branch}", "collaborators_url": "/collaborators{/collaborator}",
	"comments_url": "/comments{/number}", "commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}",
	"contents_url": "/contents/{+path}", "contributors_url": "/contributors", "deployments_url": "/deployments",
	"downloads_url": "/downloads", "events_url": "/events", "forks_url": "/forks", "git_commits_url": "/git/commits{/sha}",
	"git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}", "hooks_url": "/hooks",
	"issue_comment_url": "/issues/comments{/number}", "issue_events_url": "/issues/events{/number}",
	"issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}", "labels_url": "/labels{/name}",
	"languages_url": "/languages", "merges_url": "/merges", "milestones_url": "/milestones{/number}",
	"notifications_url": "/notifications{?since,all,participating}", "pulls_url": "/pulls{/number}",
	"releases_url": "/releases{/id}", "stargazers_url": "/stargazers", "statuses_url": "/statuses/{sha}",
	"subscribers_url": "/subscribers", "subscription_url": "/subscription", "tags_url": "/tags", "teams_url": "/teams",
	"trees_url": "/git/trees{/sha}",
}

// fullRepositoryObject is what asking for one repository gives.
func (s *Server) fullRepositoryObject(r *Repository) object {
	o := s.repositoryObject(r).(object)
	o["subscribers_count"], o["network_count"], o["has_discussions"] = 0, 0, false
	o["permissions"] = object{"admin": false, "maintain": false, "push": false, "triage": false, "pull": true}
	if r.parent != nil {
		o["parent"], o["source"] = s.repositoryObject(r.parent), s.repositoryObject(r.parent)
	}
	if r.owner.kind == "Organization" {
		o["organization"] = s.userObject(r.owner)
	}
	return o
}

func (p *PullRequest) apiURL() string {
	return fmt.Sprintf("%s/api/v3/repos/%s/pulls/%d", p.repository.server.URL(), p.repository.fullName(), p.number)
}

func (p *PullRequest) issueURL() string {
	return fmt.Sprintf("%s/api/v3/repos/%s/issues/%d", p.repository.server.URL(), p.repository.fullName(), p.number)
}

func (p *PullRequest) webURL() string {
	return fmt.Sprintf("%s/%s/pull/%d", p.repository.server.URL(), p.repository.fullName(), p.number)
}

// simpleObject is a pull request as lists and comment payloads hold it.
func (p *PullRequest) simpleObject() object {
	r, s := p.repository, p.repository.server
	api, web, issue := p.apiURL(), p.webURL(), p.issueURL()
	statuses := s.URL() + "/api/v3/repos/" + r.fullName() + "/statuses/" + p.headSHA
	reviewComment := s.URL() + "/api/v3/repos/" + r.fullName() + "/pulls/comments{/number}"
	href := func(address string) object { return object{"href": address} }
	var mergedAt any
	if p.merged {
		mergedAt = stamp(p.closedAt)
	}
	var body any
	if p.body != "" {
		body = p.body
	}
	return object{
		"url": api, "id": p.id, "node_id": node("PR", p.id), "html_url": web, "diff_url": web + ".diff",
		"patch_url": web + ".patch", "issue_url": issue, "commits_url": api + "/commits", "review_comments_url": api + "/comments",
		"review_comment_url": reviewComment, "comments_url": issue + "/comments", "statuses_url": statuses, "number": p.number,
		"state": p.state, "locked": false, "title": p.title, "user": s.userObject(p.author), "body": body, "labels": []any{},
		"milestone": nil, "active_lock_reason": nil, "created_at": stamp(p.createdAt), "updated_at": stamp(p.updatedAt),
		"closed_at": stamp(p.closedAt), "merged_at": mergedAt, "merge_commit_sha": orNull(p.mergeCommit), "assignee": nil,
		"assignees": []any{}, "requested_reviewers": []any{}, "requested_teams": []any{},
		"head": object{
			"label": p.headOwner.login + ":" + p.headRef, "ref": p.headRef, "sha": p.headSHA,
			"user": s.userObject(p.headOwner), "repo": s.repositoryObject(p.headRepository),
		},
		"base": object{
			"label": r.owner.login + ":" + p.baseRef, "ref": p.baseRef, "sha": p.baseSHA,
			"user": s.userObject(r.owner), "repo": s.repositoryObject(r),
		},
		"_links": object{
			"self": href(api), "html": href(web), "issue": href(issue), "comments": href(issue + "/comments"),
			"review_comments": href(api + "/comments"), "review_comment": href(reviewComment),
			"commits": href(api + "/commits"), "statuses": href(statuses),
		},
		"author_association": r.association(p.author), "auto_merge": nil, "draft": p.draft,
	}
}

// fullObject is a pull request as asking for one gives it, and as the
// pull_request event carries it.
func (p *PullRequest) fullObject() (object, error) {
	files, err := p.files()
	if err != nil {
		return nil, err
	}
	commits, err := p.commits()
	if err != nil {
		return nil, err
	}
	added, removed := 0, 0
	for _, f := range files {
		added, removed = added+f.additions, removed+f.deletions
	}
	state := "unknown"
	switch p.mergeable {
	case true:
		state = "clean"
	case false:
		state = "dirty"
	}
	if p.draft {
		state = "draft"
	}
	o := p.simpleObject()
	o["merged"], o["mergeable"], o["rebaseable"], o["mergeable_state"], o["merged_by"] = p.merged, p.mergeable, p.mergeable, state, nil
	if p.merged {
		o["merged_by"] = p.repository.server.userObject(p.author)
	}
	o["comments"], o["review_comments"] = len(p.issueComments()), len(p.comments)
	o["maintainer_can_modify"] = p.headRepository != p.repository
	o["commits"], o["additions"], o["deletions"], o["changed_files"] = len(commits), added, removed, len(files)
	return o, nil
}

func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// association is the word GitHub puts beside a name. lintel must not trust it.
func (r *Repository) association(u *user) string {
	switch role := r.roles[strings.ToLower(u.login)]; {
	case u == r.owner:
		return "OWNER"
	case role != "" && role != "none":
		return "COLLABORATOR"
	}
	return "NONE"
}

// fileObject is one entry of a pull request's file list. There is no patch for a
// binary file, a pure rename or a diff that is too large.
func (p *PullRequest) fileObject(f fileDiff) object {
	web := p.repository.server.URL() + "/" + p.repository.fullName()
	path := escapePath(f.path)
	o := object{
		"sha": f.blob, "filename": f.path, "status": f.status, "additions": f.additions, "deletions": f.deletions,
		"changes": f.additions + f.deletions, "blob_url": web + "/blob/" + p.headSHA + "/" + path,
		"raw_url": web + "/raw/" + p.headSHA + "/" + path,
		"contents_url": fmt.Sprintf("%s/api/v3/repos/%s/contents/%s?ref=%s", p.repository.server.URL(),
			p.repository.fullName(), path, p.headSHA),
	}
	if f.patch != "" {
		o["patch"] = f.patch
	}
	if f.previous != "" {
		o["previous_filename"] = f.previous
	}
	return o
}

func escapePath(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}
