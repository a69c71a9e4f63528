package ghtest_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-github/v62/github"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
)

func TestFilesOfAPullRequest(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	if _, err := w.pull.Push(ghtest.Commit{
		Files: map[string]string{
			"binary": "a\x00b", "link": "app.py", "run.sh": "#!/bin/sh\n", "sp ace/ü\n.txt": "x\n", "moved.py": lines(1, 5),
			"huge.txt": strings.Repeat("x\n", 20_001), "sub": strings.Repeat("1", 40),
		},
		Modes: map[string]string{"link": "120000", "run.sh": "100755", "sub": "160000"},
	}); err != nil {
		t.Fatal(err)
	}
	files, _, err := w.client.PullRequests.ListFiles(context.Background(), "acme", "shop", 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]*github.CommitFile{}
	for _, f := range files {
		got[f.GetFilename()] = f
	}
	for _, c := range []struct {
		path, status string
		patch        bool
		additions    int
	}{
		{"app.py", "modified", true, 2}, {"new.py", "added", true, 2}, {"binary", "added", false, 0}, {"link", "added", true, 1},
		{"sp ace/ü\n.txt", "added", true, 1}, {"moved.py", "renamed", false, 0}, {"huge.txt", "added", false, 20_001},
		{"sub", "added", true, 1},
	} {
		f := got[c.path]
		if f.GetStatus() != c.status || (f.Patch != nil) != c.patch || f.GetAdditions() != c.additions {
			t.Errorf("%q: %s, patch %v, +%d; want %+v", c.path, f.GetStatus(), f.Patch != nil, f.GetAdditions(), c)
		}
	}
	if got["moved.py"].GetPreviousFilename() != "old.py" || len(files) != 9 {
		t.Errorf("%d files; moved.py was %q", len(files), got["moved.py"].GetPreviousFilename())
	}
	_, _, err = w.client.PullRequests.CreateComment(context.Background(), "acme", "shop", 1, &github.PullRequestComment{
		Path: github.String("huge.txt"), Line: github.Int(1), Body: github.String("x"), CommitID: github.String(w.pull.Head()),
	})
	if status(t, err) != 422 {
		t.Errorf("a comment where there is no patch: %v, want 422", err)
	}
}

func TestContents(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	w.commit(ghtest.Commit{Files: map[string]string{"a/b/c.txt": strings.Repeat("long ", 100), "big": strings.Repeat("x", 1<<20+1), "ln": "big"},
		Modes: map[string]string{"ln": "120000"}})
	ctx := context.Background()
	file, _, _, err := w.client.Repositories.GetContents(ctx, "acme", "shop", "a/b/c.txt", nil)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := file.GetContent(); err != nil || text != strings.Repeat("long ", 100) {
		t.Errorf("content: %q, %v", text, err)
	}
	if _, list, _, err := w.client.Repositories.GetContents(ctx, "acme", "shop", "a", nil); err != nil || len(list) != 1 || list[0].GetType() != "dir" {
		t.Errorf("directory: %v, %v", list, err)
	}
	if _, list, _, err := w.client.Repositories.GetContents(ctx, "acme", "shop", "", nil); err != nil || len(list) < 4 {
		t.Errorf("root: %v, %v", list, err)
	}
	if big, _, _, err := w.client.Repositories.GetContents(ctx, "acme", "shop", "big", nil); err != nil || big.GetEncoding() != "none" {
		t.Errorf("over a megabyte: %v, %v", big, err)
	}
	if link, _, _, err := w.client.Repositories.GetContents(ctx, "acme", "shop", "ln", nil); err != nil || link.GetTarget() != "big" {
		t.Errorf("symlink: %v, %v", link, err)
	}
	_, _, _, err = w.client.Repositories.GetContents(ctx, "acme", "shop", ".github/lintel.yml", nil)
	if status(t, err) != 404 {
		t.Errorf("a file that is not there: %v, want 404", err)
	}
	_, _, _, err = w.client.Repositories.GetContents(ctx, "acme", "shop", "app.py", &github.RepositoryContentGetOptions{Ref: "gone"})
	if status(t, err) != 404 {
		t.Errorf("a branch that is not there: %v, want 404", err)
	}
	topic, _, _, err := w.client.Repositories.GetContents(ctx, "acme", "shop", "new.py", &github.RepositoryContentGetOptions{Ref: "topic"})
	if err != nil || topic.GetSize() != len("one\ntwo\n") {
		t.Errorf("on a branch: %v, %v", topic, err)
	}
}

func TestRenamedRepositories(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	w.repository.Rename("store")
	token := "token " + w.token(nil)
	address := fmt.Sprintf("%s/api/v3/repositories/%d/pulls/1", w.URL(), w.repository.ID())
	status, header, _ := w.do("GET", "/api/v3/repos/acme/shop/pulls/1", token, "")
	if status != 301 || header.Get("Location") != address {
		t.Errorf("reading by the old name: %d to %s, want 301 to %s", status, header.Get("Location"), address)
	}
	if status, _, _ := w.do("POST", "/api/v3/repos/acme/shop/issues/1/comments", token, `{"body":"x"}`); status != 307 {
		t.Errorf("writing by the old name: %d, want 307", status)
	}
	pull, _, err := w.client.PullRequests.Get(context.Background(), "acme", "shop", 1)
	if err != nil || pull.GetBase().GetRepo().GetFullName() != "acme/store" {
		t.Errorf("followed: %v, %v", pull.GetBase().GetRepo().GetFullName(), err)
	}
	out, err := exec.Command("git", "-c", "http.extraHeader=Authorization: Basic "+
		base64.StdEncoding.EncodeToString([]byte("x-access-token:"+w.token(nil))), "ls-remote", w.URL()+"/acme/shop.git").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "refs/pull/1/head") {
		t.Errorf("git by the old name: %v %s", err, out)
	}
}

func TestPermissionsOfPeople(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	w.repository.SetRole("alice", "maintain")
	w.repository.SetRole("bob", "release-manager")
	for login, want := range map[string][2]string{"alice": {"write", "maintain"}, "bob": {"read", "release-manager"}, "octocat": {"none", "none"}} {
		got, _, err := w.client.Repositories.GetPermissionLevel(context.Background(), "acme", "shop", login)
		if err != nil || got.GetPermission() != want[0] || got.GetUser().GetRoleName() != want[1] {
			t.Errorf("%s: %s, %s, %v; want %v", login, got.GetPermission(), got.GetUser().GetRoleName(), err, want)
		}
	}
	if got := w.pull.Base(); got == "" {
		t.Error("no base")
	}
}

// A push to the base does not move the pull request's base commit; the next push
// to its head does.
func TestWhatAPushChanges(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	first, base := w.pull.Head(), w.pull.Base()
	w.commit(ghtest.Commit{Files: map[string]string{"elsewhere": "x"}})
	if w.pull.Base() != base || w.pull.Head() != first {
		t.Error("a push to the base moved the pull request")
	}
	if _, err := w.pull.Push(ghtest.Commit{Files: map[string]string{"a": "1"}}); err != nil {
		t.Fatal(err)
	}
	if w.pull.Base() == base || w.pull.Head() == first {
		t.Error("a push to the head did not move the pull request")
	}
	commits, _, err := w.client.PullRequests.ListCommits(context.Background(), "acme", "shop", 1, nil)
	if err != nil || len(commits) != 2 || commits[1].GetSHA() != w.pull.Head() {
		t.Errorf("commits: %v, %v", commits, err)
	}
	second, err := w.repository.OpenPullRequest(ghtest.NewPullRequest{Head: "topic", Title: "The same head"})
	if err != nil {
		t.Fatal(err)
	}
	both, _, err := w.client.PullRequests.ListPullRequestsWithCommit(context.Background(), "acme", "shop", second.Head(), nil)
	if err != nil || len(both) != 2 {
		t.Errorf("pull requests of one head: %d, %v; want 2", len(both), err)
	}
	if err := w.pull.Close(); err != nil {
		t.Fatal(err)
	}
	open, _, err := w.client.PullRequests.List(context.Background(), "acme", "shop", nil)
	if err != nil || len(open) != 1 || open[0].GetNumber() != 2 {
		t.Errorf("open pull requests: %v, %v", open, err)
	}
}

func TestConflictsAndLargeDiffs(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	ctx := context.Background()
	w.commit(ghtest.Commit{Files: map[string]string{"app.py": strings.Replace(lines(1, 40), "line 10\n", "theirs\n", 1)}})
	files := map[string]string{}
	for i := range 3001 {
		files[fmt.Sprintf("many/%04d", i)] = "x\n"
	}
	if _, err := w.pull.Push(ghtest.Commit{Files: files}); err != nil {
		t.Fatal(err)
	}
	pull, _, err := w.client.PullRequests.Get(ctx, "acme", "shop", 1)
	if err != nil || pull.GetMergeable() || pull.GetMergeableState() != "dirty" || pull.GetChangedFiles() != 3004 {
		t.Errorf("pull request: mergeable %v, %s, %d files, %v", pull.GetMergeable(), pull.GetMergeableState(), pull.GetChangedFiles(), err)
	}
	last, _, err := w.client.PullRequests.ListFiles(ctx, "acme", "shop", 1, &github.ListOptions{Page: 31, PerPage: 100})
	if err != nil || len(last) != 0 {
		t.Errorf("files beyond 3,000: %d, %v", len(last), err)
	}
	_, _, err = w.client.PullRequests.GetRaw(ctx, "acme", "shop", 1, github.RawOptions{Type: github.Diff})
	if status(t, err) != 406 {
		t.Errorf("the diff as text: %v, want 406", err)
	}
	small, err := w.repository.OpenPullRequest(ghtest.NewPullRequest{Head: "topic", Base: "topic"})
	if err == nil && small.Head() != small.Base() {
		t.Error("a branch differs from itself")
	}
}

func TestThePageOfAPullRequest(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	if _, err := w.pull.CommentOn("lintel[bot]", ghtest.NewComment{Path: "app.py", Line: 10, Body: "<script>alert(1)</script>"}); err != nil {
		t.Fatal(err)
	}
	if err := w.repository.AddCheckRun("lintel", w.pull.Head(), "lintel", "failure"); err != nil {
		t.Fatal(err)
	}
	status, _, body := w.do("GET", "/acme/shop/pull/1", "", "")
	if status != 200 || !strings.Contains(body, "Check lintel: failure") || !strings.Contains(body, "app.py:10") || strings.Contains(body, "<script") {
		t.Errorf("%d %s", status, body)
	}
	for path, want := range map[string]string{
		"/": `<a href="/acme/shop/pull/1">acme/shop#1</a>`,
		"/acme/shop/blob/" + w.pull.Head() + "/app.py": `id="L10"`,
	} {
		if status, _, body := w.do("GET", path, "", ""); status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, _, _ := w.do("GET", "/acme/shop/blob/"+w.pull.Head()+"/none.py", "", ""); status != 404 {
		t.Errorf("a file that is not there: %d, want 404", status)
	}
	if status, _, _ := w.do("GET", "/acme/shop/pull/2", "", ""); status != 404 {
		t.Errorf("a pull request that is not there: %d, want 404", status)
	}
}

func TestFaultsOfGit(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	if err := w.Fault(ghtest.Fault{Path: `^/acme/shop\.git/`, Kind: ghtest.StatusBefore, Status: 503}); err != nil {
		t.Fatal(err)
	}
	list := func() error {
		return exec.Command("git", "-c", "http.extraHeader=Authorization: Basic "+
			base64.StdEncoding.EncodeToString([]byte("x-access-token:"+w.token(nil))), "ls-remote", w.repository.CloneURL()).Run()
	}
	if err := list(); err == nil {
		t.Error("git did not notice")
	}
	if err := list(); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	log := w.Requests()
	if last := log[len(log)-1]; last.API() || last.Status != 200 || last.Auth != "installation" {
		t.Errorf("log: %+v", last)
	}
}

// What a person pushes with git reaches the pull request, and a public repository
// can be read by everybody.
func TestPushingWithGit(t *testing.T) {
	w := newWorld(t, ghtest.Options{})
	open, err := w.CreateRepository("acme", "open", ghtest.Public(), ghtest.DefaultBranch("trunk"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	git := func(arguments ...string) {
		t.Helper()
		command := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, arguments...)...)
		command.Dir = dir
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v %s", arguments, err, out)
		}
	}
	git("clone", "-q", open.CloneURL(), ".")
	git("checkout", "-q", "-b", "work")
	git("commit", "-q", "--allow-empty", "-m", "one")
	if err := open.Push(dir, "work"); err != nil {
		t.Fatal(err)
	}
	p, err := open.OpenPullRequest(ghtest.NewPullRequest{Head: "work"})
	if err != nil {
		t.Fatal(err)
	}
	git("commit", "-q", "--amend", "--allow-empty", "-m", "two")
	if err := open.Push(dir, "work"); err != nil {
		t.Fatal(err)
	}
	log := w.Deliveries()
	if last := log[len(log)-1]; last.Action != "synchronize" || !strings.Contains(string(last.Body), p.Head()) {
		t.Errorf("last delivery: %s", last.Action)
	}
}
