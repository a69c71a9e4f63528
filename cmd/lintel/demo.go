package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/lintel-bot/lintel/internal/gh/ghtest"
	"github.com/lintel-bot/lintel/testdata/demo"
)

// demoCommand plays a sample pull request through the real server.
type demoCommand struct {
	Keep bool `help:"Stay up afterwards, with the pull request to look at in a browser."`
}

// Help explains what the flags cannot.
func (demoCommand) Help() string {
	return `Starts a fake GitHub with real git repositories and the real server on SQLite,
both on this machine only, opens a sample pull request, delivers the signed
webhook and prints the review that comes back; then pushes a fix and prints what
changed. Ends with 0 only if both reviews came back over HTTP.

Ctrl-C ends it at any time and leaves nothing behind: with 130, or with 0 once
--keep has shown everything.`
}

const (
	// demoPatience is how long a review of the small sample may take on a slow
	// machine before the demo calls it lost.
	demoPatience = 90 * time.Second
	demoPoll     = 50 * time.Millisecond
)

// Run plays the demo.
func (c *demoCommand) Run(ctx context.Context, io console) (err error) {
	// A terminal that is closed ends it too, and leaves nothing behind.
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	dir, err := os.MkdirTemp("", "lintel-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	d, err := newStage(io, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if err := d.start(ctx); err != nil {
		return interrupted(ctx, err)
	}
	pull, err := d.play(ctx)
	if err != nil {
		return interrupted(ctx, err)
	}
	if c.Keep {
		return d.keep(ctx, pull)
	}
	d.say("")
	d.say("`lintel demo --keep` stays up, for a look at the pull request in a browser.")
	return nil
}

// keep leaves everything running until somebody ends it.
func (d *stage) keep(ctx context.Context, pull *ghtest.PullRequest) error {
	d.say("")
	d.say("The pull request:  %s/%s/pull/%d", d.github.URL(), pull.Repository().FullName(), pull.Number())
	d.say("lintel's metrics:  http://%s/metrics", d.server.admin)
	d.say("All its data:      %s (removed at the end)", d.dir)
	d.say("Press Ctrl-C to end.")
	select {
	case <-ctx.Done():
		return nil
	case err := <-d.server.ended:
		d.server.running = false
		return fmt.Errorf("the server ended by itself: %v\n%s", err, d.server.lastWords())
	}
}

// stage is the demo's set: the fake GitHub and the server process.
type stage struct {
	terminal
	dir    string
	sample demo.Sample
	github *ghtest.Server
	server *serverProcess
	// seen is how many requests of the server were told of.
	seen int
	// told is the last step that was told of; git takes several requests for one.
	told string
}

func newStage(io console, dir string) (*stage, error) {
	sample, err := demo.Load()
	if err != nil {
		return nil, err
	}
	d := &stage{terminal: terminal{out: io.stdout, color: colored(io), width: width(io.stdout)}, dir: dir, sample: sample}
	if d.github, d.server, err = fakeGitHub(dir); err != nil {
		return nil, err
	}
	if d.server.program, err = os.Executable(); err != nil {
		return nil, fmt.Errorf("finding the program to start: %w", err)
	}
	return d, nil
}

// start brings the server up and tells the fake where it listens.
func (d *stage) start(ctx context.Context) error {
	if err := d.server.start(ctx); err != nil {
		return err
	}
	d.github.SetWebhook("http://" + d.server.address + "/webhook")
	d.say("A Django shop moves to PostgreSQL and SendGrid, and its keys are in the commits.")
	d.step("fake GitHub on %s, lintel serve on http://%s", d.github.URL(), d.server.address)
	return nil
}

func (d *stage) close() error {
	return errors.Join(d.server.stop(), d.github.Close())
}

// play opens the pull request, waits for its review, pushes the fix and waits
// again.
func (d *stage) play(ctx context.Context) (*ghtest.PullRequest, error) {
	repository, err := d.github.CreateRepository("acme", "shop")
	if err != nil {
		return nil, err
	}
	if err := commit(repository, "", d.sample.Base); err != nil {
		return nil, err
	}
	for _, c := range d.sample.Opened {
		if err := commit(repository, "rds-and-mail", c); err != nil {
			return nil, err
		}
	}
	d.heading("Pull request acme/shop#1: " + d.sample.Opened[0].Message)
	pull, err := repository.OpenPullRequest(ghtest.NewPullRequest{
		Title: d.sample.Opened[0].Message, Head: "rds-and-mail",
	})
	if err != nil {
		return nil, err
	}
	before, err := d.review(ctx, pull)
	if err != nil {
		return nil, err
	}
	if len(before.comments) == 0 || before.check.Conclusion != "failure" {
		return nil, fmt.Errorf("the review of a leaking pull request came back as %q with %d comments",
			before.check.Conclusion, len(before.comments))
	}
	d.showCheck(before.check)
	for _, c := range before.comments {
		d.showComment(c)
	}

	d.heading("Second push: " + d.sample.Fix.Message)
	if err := commit(repository, "rds-and-mail", d.sample.Fix); err != nil {
		return nil, err
	}
	after, err := d.review(ctx, pull)
	if err != nil {
		return nil, err
	}
	if err := d.compare(before, after); err != nil {
		return nil, err
	}
	return pull, d.clean(repository)
}

func commit(r *ghtest.Repository, branch string, c demo.Commit) error {
	_, err := r.Commit(ghtest.Commit{Branch: branch, Files: c.Files, Message: c.Message})
	return err
}

// outcome is what stands on the pull request after a review.
type outcome struct {
	check    ghtest.CheckRun
	comments []ghtest.Comment
}

// review waits until the head's check run is completed, and tells meanwhile
// what the server asks of GitHub.
func (d *stage) review(ctx context.Context, pull *ghtest.PullRequest) (outcome, error) {
	deadline := time.NewTimer(demoPatience)
	defer deadline.Stop()
	tick := time.NewTicker(demoPoll)
	defer tick.Stop()
	for {
		d.tellRequests()
		for _, check := range pull.Repository().CheckRuns(pull.Head()) {
			if check.Status == "completed" {
				return outcome{check, pull.Comments()}, nil
			}
		}
		select {
		case <-ctx.Done():
			return outcome{}, ctx.Err()
		case err := <-d.server.ended:
			d.server.running = false
			return outcome{}, fmt.Errorf("the server ended before the review came back: %v\n%s", err, d.server.lastWords())
		case <-deadline.C:
			return outcome{}, fmt.Errorf("no review came back within %v\n%s", demoPatience, d.server.lastWords())
		case <-tick.C:
		}
	}
}

// tellRequests prints the steps of the review as GitHub sees them.
func (d *stage) tellRequests() {
	requests := d.github.Requests()
	for _, r := range requests[min(d.seen, len(requests)):] {
		if text := describe(r.Method, r.Path); text != "" && text != d.told {
			d.step("%s", text)
			d.told = text
		}
	}
	d.seen = len(requests)
}

// describe names the requests that a viewer would call a step.
func describe(method, path string) string {
	switch {
	case method == "POST" && strings.HasSuffix(path, "/access_tokens"):
		return "delivery taken; lintel asks for a token that is good for this repository only"
	case method == "POST" && strings.HasSuffix(path, "/check-runs"):
		return "check run created: in progress"
	case method == "POST" && strings.HasSuffix(path, "/git-upload-pack"):
		return "git objects fetched"
	case method == "POST" && strings.HasSuffix(path, "/reviews"):
		return "review posted, all inline comments in one"
	case method == "PATCH" && strings.Contains(path, "/pulls/comments/"):
		return "comment edited"
	case method == "PATCH" && strings.Contains(path, "/check-runs/"):
		return "check run completed"
	}
	return ""
}

// compare prints what the second push changed.
func (d *stage) compare(before, after outcome) error {
	if len(after.comments) != len(before.comments) {
		return fmt.Errorf("there were %d comments and now there are %d: none should be posted twice",
			len(before.comments), len(after.comments))
	}
	changed := 0
	for _, now := range after.comments {
		i := slices.IndexFunc(before.comments, func(c ghtest.Comment) bool { return c.ID == now.ID })
		if i < 0 {
			return fmt.Errorf("comment %d was replaced instead of edited", now.ID)
		}
		if before.comments[i].Body != now.Body {
			changed++
			d.say("")
			d.say("This comment was edited:")
			d.showComment(now)
		}
	}
	if changed == 0 {
		return errors.New("the fixed finding's comment was not edited")
	}
	d.say("")
	d.say("Unchanged: %d of %d comments. No comment was added.", len(after.comments)-changed, len(after.comments))
	d.showCheck(after.check)
	return nil
}

// clean holds the promise that no planted value comes out again.
func (d *stage) clean(repository *ghtest.Repository) error {
	for _, r := range d.github.Requests() {
		for _, secret := range d.sample.Secrets {
			if strings.Contains(string(r.Body), secret) {
				return fmt.Errorf("%s %s repeats a secret of %s", r.Method, r.Path, repository.FullName())
			}
		}
	}
	d.say("")
	d.step("none of the %d planted values is in any request lintel sent", len(d.sample.Secrets))
	return nil
}
