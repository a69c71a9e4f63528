package ghtest

import (
	"maps"
	"net/http"
)

// need is a permission at a level.
type need struct{ permission, level string }

type handler = func(*call) (*answer, error)

// route is how an operation is admitted and done.
type route struct {
	as     string // authApp or authInstallation
	needs  []need // any one of them will do
	handle handler
	// content marks what counts as creating content for the secondary limit.
	content bool
}

func asApp(handle handler) route { return route{as: authApp, handle: handle} }

func reading(handle handler, permissions ...string) route {
	r := route{as: authInstallation, handle: handle}
	for _, permission := range permissions {
		r.needs = append(r.needs, need{permission, "read"})
	}
	return r
}

func writing(handle handler, permissions ...string) route {
	r := route{as: authInstallation, handle: handle}
	for _, permission := range permissions {
		r.needs = append(r.needs, need{permission, "write"})
	}
	return r
}

// creating is writing that counts as creating content.
func creating(handle handler, permissions ...string) route {
	r := writing(handle, permissions...)
	r.content = true
	return r
}

const (
	repoPath = "/repos/{owner}/{repo}"
	pullPath = repoPath + "/pulls/{pull_number}"
)

// table is the permission matrix: every operation the fake knows, and what a token
// needs for it.
// https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
func (s *Server) table() map[string]route {
	all := s.appRoutes()
	maps.Copy(all, s.checkRoutes())
	maps.Copy(all, s.issueRoutes())
	maps.Copy(all, s.pullRoutes())
	return all
}

func (s *Server) appRoutes() map[string]route {
	return map[string]route{
		"GET /app":                                                 asApp(s.getApp),
		"GET /app/hook/deliveries":                                 asApp(s.listDeliveries),
		"GET /app/hook/deliveries/{delivery_id}":                   asApp(s.getDelivery),
		"POST /app/hook/deliveries/{delivery_id}/attempts":         asApp(s.attemptDelivery),
		"GET /app/installations":                                   asApp(s.listInstallations),
		"GET /app/installations/{installation_id}":                 asApp(s.getInstallation),
		"POST /app/installations/{installation_id}/access_tokens":  asApp(s.createToken),
		"GET " + repoPath + "/installation":                        asApp(s.repositoryInstallation),
		"GET /installation/repositories":                           reading(s.installationRepositories),
		"GET /rate_limit":                                          reading(s.getRateLimit),
		"GET " + repoPath:                                          reading(s.getRepository, "metadata"),
		"GET /repositories/{repository_id}":                        reading(s.getRepository, "metadata"),
		"GET " + repoPath + "/collaborators/{username}/permission": reading(s.getPermission, "metadata"),
		"GET " + repoPath + "/contents/{path:.*}":                  reading(s.getContents, "contents"),
	}
}

func (s *Server) checkRoutes() map[string]route {
	return map[string]route{
		"GET " + repoPath + "/commits/{ref:.+}/check-runs":           reading(s.listCheckRuns, "checks"),
		"POST " + repoPath + "/check-runs":                           writing(s.createCheckRun, "checks"),
		"GET " + repoPath + "/check-runs/{check_run_id}":             reading(s.getCheckRun, "checks"),
		"PATCH " + repoPath + "/check-runs/{check_run_id}":           writing(s.updateCheckRun, "checks"),
		"GET " + repoPath + "/check-runs/{check_run_id}/annotations": reading(s.listAnnotations, "checks"),
		"POST " + repoPath + "/check-runs/{check_run_id}/rerequest":  writing(s.rerequestCheckRun, "checks"),
	}
}

func (s *Server) issueRoutes() map[string]route {
	const comment = repoPath + "/issues/comments/{comment_id}"
	return map[string]route{
		"GET " + repoPath + "/issues/{issue_number}/comments":  reading(s.listIssueComments, "issues", "pull_requests"),
		"POST " + repoPath + "/issues/{issue_number}/comments": creating(s.createIssueComment, "issues", "pull_requests"),
		"GET " + comment:                 reading(s.getIssueComment, "issues", "pull_requests"),
		"PATCH " + comment:               writing(s.updateIssueComment, "issues", "pull_requests"),
		"DELETE " + comment:              writing(s.deleteIssueComment, "issues", "pull_requests"),
		"GET " + comment + "/reactions":  reading(s.listReactions, "issues", "pull_requests"),
		"POST " + comment + "/reactions": creating(s.createReaction, "issues", "pull_requests"),
	}
}

func (s *Server) pullRoutes() map[string]route {
	const permission = "pull_requests"
	const comment = repoPath + "/pulls/comments/{comment_id}"
	return map[string]route{
		"GET " + repoPath + "/commits/{commit_sha}/pulls":     reading(s.commitPulls, permission),
		"GET " + repoPath + "/pulls":                          reading(s.listPulls, permission),
		"GET " + pullPath:                                     reading(s.getPull, permission),
		"GET " + pullPath + "/files":                          reading(s.listFiles, permission),
		"GET " + pullPath + "/commits":                        reading(s.listCommits, permission),
		"GET " + pullPath + "/reviews":                        reading(s.listReviews, permission),
		"POST " + pullPath + "/reviews":                       creating(s.createReview, permission),
		"GET " + pullPath + "/reviews/{review_id}":            reading(s.getReview, permission),
		"PUT " + pullPath + "/reviews/{review_id}":            writing(s.updateReview, permission),
		"GET " + pullPath + "/reviews/{review_id}/comments":   reading(s.reviewComments, permission),
		"GET " + pullPath + "/comments":                       reading(s.listComments, permission),
		"POST " + pullPath + "/comments":                      creating(s.createComment, permission),
		"POST " + pullPath + "/comments/{comment_id}/replies": creating(s.replyComment, permission),
		"GET " + comment:                                      reading(s.getComment, permission),
		"PATCH " + comment:                                    writing(s.updateComment, permission),
		"DELETE " + comment:                                   writing(s.deleteComment, permission),
		"GET " + comment + "/reactions":                       reading(s.listReactions, permission),
		"POST " + comment + "/reactions":                      creating(s.createReaction, permission),
	}
}

func (s *Server) getRepository(c *call) (*answer, error) {
	return &answer{status: http.StatusOK, body: s.fullRepositoryObject(c.repository)}, nil
}
