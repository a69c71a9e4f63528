package ghtest

import "net/http"

// need is a permission at a level.
type need struct{ permission, level string }

// route is how an operation is admitted and done.
type route struct {
	as     string // authApp or authInstallation
	needs  []need // any one of them will do
	handle func(*call) (*answer, error)
	// content marks what counts as creating content for the secondary limit.
	content bool
}

// table is the permission matrix: every operation the fake knows, and what a token
// needs for it.
// https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps
func (s *Server) table() map[string]route {
	const repo = "/repos/{owner}/{repo}"
	const pull = repo + "/pulls/{pull_number}"
	app := func(handle func(*call) (*answer, error)) route { return route{as: authApp, handle: handle} }
	read := func(handle func(*call) (*answer, error), permissions ...string) route {
		r := route{as: authInstallation, handle: handle}
		for _, permission := range permissions {
			r.needs = append(r.needs, need{permission, "read"})
		}
		return r
	}
	write := func(handle func(*call) (*answer, error), permissions ...string) route {
		r := route{as: authInstallation, handle: handle}
		for _, permission := range permissions {
			r.needs = append(r.needs, need{permission, "write"})
		}
		return r
	}
	content := func(r route) route {
		r.content = true
		return r
	}
	return map[string]route{
		"GET /app":                                                 app(s.getApp),
		"GET /app/hook/deliveries":                                 app(s.listDeliveries),
		"GET /app/hook/deliveries/{delivery_id}":                   app(s.getDelivery),
		"POST /app/hook/deliveries/{delivery_id}/attempts":         app(s.attemptDelivery),
		"GET /app/installations":                                   app(s.listInstallations),
		"GET /app/installations/{installation_id}":                 app(s.getInstallation),
		"POST /app/installations/{installation_id}/access_tokens":  app(s.createToken),
		"GET " + repo + "/installation":                            app(s.repositoryInstallation),
		"GET /installation/repositories":                           read(s.installationRepositories),
		"GET /rate_limit":                                          read(s.getRateLimit),
		"GET " + repo:                                              read(s.getRepository, "metadata"),
		"GET /repositories/{repository_id}":                        read(s.getRepository, "metadata"),
		"GET " + repo + "/collaborators/{username}/permission":     read(s.getPermission, "metadata"),
		"GET " + repo + "/contents/{path:.*}":                      read(s.getContents, "contents"),
		"GET " + repo + "/commits/{commit_sha}/pulls":              read(s.commitPulls, "pull_requests"),
		"GET " + repo + "/commits/{ref:.+}/check-runs":             read(s.listCheckRuns, "checks"),
		"POST " + repo + "/check-runs":                             write(s.createCheckRun, "checks"),
		"GET " + repo + "/check-runs/{check_run_id}":               read(s.getCheckRun, "checks"),
		"PATCH " + repo + "/check-runs/{check_run_id}":             write(s.updateCheckRun, "checks"),
		"GET " + repo + "/check-runs/{check_run_id}/annotations":   read(s.listAnnotations, "checks"),
		"POST " + repo + "/check-runs/{check_run_id}/rerequest":    write(s.rerequestCheckRun, "checks"),
		"GET " + repo + "/issues/{issue_number}/comments":          read(s.listIssueComments, "issues", "pull_requests"),
		"POST " + repo + "/issues/{issue_number}/comments":         content(write(s.createIssueComment, "issues", "pull_requests")),
		"GET " + repo + "/issues/comments/{comment_id}":            read(s.getIssueComment, "issues", "pull_requests"),
		"PATCH " + repo + "/issues/comments/{comment_id}":          write(s.updateIssueComment, "issues", "pull_requests"),
		"DELETE " + repo + "/issues/comments/{comment_id}":         write(s.deleteIssueComment, "issues", "pull_requests"),
		"GET " + repo + "/issues/comments/{comment_id}/reactions":  read(s.listReactions, "issues", "pull_requests"),
		"POST " + repo + "/issues/comments/{comment_id}/reactions": content(write(s.createReaction, "issues", "pull_requests")),
		"GET " + repo + "/pulls":                                   read(s.listPulls, "pull_requests"),
		"GET " + pull:                                              read(s.getPull, "pull_requests"),
		"GET " + pull + "/files":                                   read(s.listFiles, "pull_requests"),
		"GET " + pull + "/commits":                                 read(s.listCommits, "pull_requests"),
		"GET " + pull + "/reviews":                                 read(s.listReviews, "pull_requests"),
		"POST " + pull + "/reviews":                                content(write(s.createReview, "pull_requests")),
		"GET " + pull + "/reviews/{review_id}":                     read(s.getReview, "pull_requests"),
		"PUT " + pull + "/reviews/{review_id}":                     write(s.updateReview, "pull_requests"),
		"GET " + pull + "/reviews/{review_id}/comments":            read(s.reviewComments, "pull_requests"),
		"GET " + pull + "/comments":                                read(s.listComments, "pull_requests"),
		"POST " + pull + "/comments":                               content(write(s.createComment, "pull_requests")),
		"POST " + pull + "/comments/{comment_id}/replies":          content(write(s.replyComment, "pull_requests")),
		"GET " + repo + "/pulls/comments/{comment_id}":             read(s.getComment, "pull_requests"),
		"PATCH " + repo + "/pulls/comments/{comment_id}":           write(s.updateComment, "pull_requests"),
		"DELETE " + repo + "/pulls/comments/{comment_id}":          write(s.deleteComment, "pull_requests"),
		"GET " + repo + "/pulls/comments/{comment_id}/reactions":   read(s.listReactions, "pull_requests"),
		"POST " + repo + "/pulls/comments/{comment_id}/reactions":  content(write(s.createReaction, "pull_requests")),
	}
}

func (s *Server) getRepository(c *call) (*answer, error) {
	return &answer{status: http.StatusOK, body: s.fullRepositoryObject(c.repository)}, nil
}
