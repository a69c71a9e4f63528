package ghtest_test

import (
	"context"
	"errors"
	"net/http"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/bradleyfalzon/ghinstallation/v2"
	"github.com/google/go-github/v62/github"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

// world is a fake with one repository, one pull request and a client of the App.
type world struct {
	*ghtest.Server
	t          testing.TB
	key        []byte
	repository *ghtest.Repository
	pull       *ghtest.PullRequest
	client     *github.Client
}

const appID = 4711

// newWorld opens a pull request that changes lines 10 and 11 of app.py, adds
// new.py and removes old.py.
func newWorld(t testing.TB, o ghtest.Options) *world {
	t.Helper()
	o.AppID = appID
	if o.Events == nil {
		o.Events = everyEvent()
	}
	s, key := ghtest.ForTest(t, o)
	w := &world{Server: s, t: t, key: key}
	w.fill()
	return w
}

// everyEvent is what an App can subscribe to that the fake knows of.
func everyEvent() []string {
	return []string{
		"pull_request", "issue_comment", "pull_request_review_comment", "check_run", "check_suite", "merge_group",
		"repository", "push",
	}
}

func (w *world) fill() {
	t := w.t
	t.Helper()
	var err error
	if w.repository, err = w.CreateRepository("acme", "shop"); err != nil {
		t.Fatal(err)
	}
	w.commit(ghtest.Commit{Files: map[string]string{"app.py": lines(1, 40), "old.py": lines(1, 5)}})
	w.commit(ghtest.Commit{
		Branch: "topic", Files: map[string]string{
			"app.py": strings.Replace(lines(1, 40), "line 10\nline 11\n", "changed 10\nchanged 11\n", 1), "new.py": "one\ntwo\n",
		}, Delete: []string{"old.py"}, Message: "Change the shop",
	})
	if w.pull, err = w.repository.OpenPullRequest(ghtest.NewPullRequest{Title: "Change the shop", Head: "topic"}); err != nil {
		t.Fatal(err)
	}
	w.client = w.installationClient(nil)
}

func lines(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		b.WriteString("line " + strconv.Itoa(i) + "\n")
	}
	return b.String()
}

func (w *world) commit(c ghtest.Commit) string {
	w.t.Helper()
	sha, err := w.repository.Commit(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return sha
}

// installationClient is go-github with ghinstallation, the way lintel calls.
func (w *world) installationClient(narrow *github.InstallationTokenOptions) *github.Client {
	w.t.Helper()
	transport, err := ghinstallation.New(http.DefaultTransport, appID, w.repository.InstallationID(), w.key)
	if err != nil {
		w.t.Fatal(err)
	}
	transport.BaseURL = w.URL() + "/api/v3"
	transport.InstallationTokenOptions = narrow
	return w.enterprise(&http.Client{Transport: transport})
}

func (w *world) appClient() *github.Client {
	w.t.Helper()
	transport, err := ghinstallation.NewAppsTransport(http.DefaultTransport, appID, w.key)
	if err != nil {
		w.t.Fatal(err)
	}
	transport.BaseURL = w.URL() + "/api/v3"
	return w.enterprise(&http.Client{Transport: transport})
}

func (w *world) enterprise(client *http.Client) *github.Client {
	w.t.Helper()
	c, err := github.NewClient(client).WithEnterpriseURLs(w.URL(), w.URL())
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// token mints a token of the installation.
func (w *world) token(narrow *github.InstallationTokenOptions) string {
	w.t.Helper()
	got, _, err := w.appClient().Apps.CreateInstallationToken(context.Background(), w.repository.InstallationID(), narrow)
	if err != nil {
		w.t.Fatal(err)
	}
	return got.GetToken()
}

// status is the HTTP status an error of go-github carries.
func status(t *testing.T, err error) int {
	t.Helper()
	var answer *github.ErrorResponse
	if !errors.As(err, &answer) {
		t.Fatalf("not an answer of the API: %v", err)
	}
	return answer.Response.StatusCode
}

func TestAReviewEndToEnd(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	ctx := context.Background()
	pull, _, err := w.client.PullRequests.Get(ctx, "acme", "shop", w.pull.Number())
	if err != nil {
		t.Fatal(err)
	}
	if pull.GetHead().GetSHA() != w.pull.Head() || pull.GetChangedFiles() != 3 || !pull.GetMergeable() {
		t.Errorf("pull request: head %s, %d files, mergeable %v", pull.GetHead().GetSHA(), pull.GetChangedFiles(), pull.GetMergeable())
	}
	run, _, err := w.client.Checks.CreateCheckRun(ctx, "acme", "shop", github.CreateCheckRunOptions{
		Name: "lintel", HeadSHA: w.pull.Head(), Status: github.String("in_progress"), ExternalID: github.String("1/1/1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	review, _, err := w.client.PullRequests.CreateReview(ctx, "acme", "shop", w.pull.Number(), &github.PullRequestReviewRequest{
		CommitID: github.String(w.pull.Head()), Event: github.String("COMMENT"), Body: github.String("two things"),
		Comments: []*github.DraftReviewComment{
			{Path: github.String("app.py"), Body: github.String("here"), Line: github.Int(10), Side: github.String("RIGHT")},
			{Path: github.String("new.py"), Body: github.String("there"), StartLine: github.Int(1), Line: github.Int(2)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if review.GetState() != "COMMENTED" || review.GetUser().GetLogin() != "lintel[bot]" || review.GetUser().GetType() != "Bot" {
		t.Errorf("review: %v", review)
	}
	if _, _, err := w.client.Checks.UpdateCheckRun(ctx, "acme", "shop", run.GetID(), github.UpdateCheckRunOptions{
		Name: "lintel", Conclusion: github.String("failure"),
		Output: &github.CheckRunOutput{Title: github.String("2 blocking"), Summary: github.String("Blocked")},
	}); err != nil {
		t.Fatal(err)
	}
	comments := w.pull.Comments()
	if len(comments) != 2 || comments[0].Line != 10 || comments[1].StartLine != 1 || comments[1].Line != 2 {
		t.Errorf("comments: %+v", comments)
	}
	passing, why := w.repository.RequiredCheck(w.pull.Head(), "lintel")
	if passing || why != "lintel is failure" {
		t.Errorf("required check: %v, %s", passing, why)
	}
}

func TestGitOverHTTPWantsTheToken(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	fetch := func(token string) error {
		dir := t.TempDir()
		if err := exec.Command("git", "init", "-q", "--bare", dir).Run(); err != nil {
			t.Fatal(err)
		}
		arguments := []string{"-C", dir, "-c", "credential.helper="}
		if token != "" {
			request, err := http.NewRequest(http.MethodGet, w.URL(), nil)
			if err != nil {
				t.Fatal(err)
			}
			request.SetBasicAuth("x-access-token", token)
			arguments = append(arguments, "-c", "http.extraHeader=Authorization: "+request.Header.Get("Authorization"))
		}
		command := exec.Command("git", append(arguments, "fetch", "-q", "--filter=blob:none", w.repository.CloneURL(),
			w.pull.MergeBase(), w.pull.Head(), "refs/pull/1/head")...)
		command.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "GIT_TERMINAL_PROMPT=0", "HOME=" + dir}
		return command.Run()
	}
	if err := fetch(w.token(nil)); err != nil {
		t.Errorf("with a token: %v", err)
	}
	read := &github.InstallationTokenOptions{Permissions: &github.InstallationPermissions{Checks: github.String("read")}}
	for name, token := range map[string]string{"none": "", "wrong": "nonsense", "without contents: read": w.token(read)} {
		if err := fetch(token); err == nil {
			t.Errorf("token %s: git could fetch", name)
		}
	}
}
