package review

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/policy"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing")

// golden compares text with testdata/<name>.md.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name+".md")
	if *update {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("reading the golden file (-update writes it): %v", err)
	}
	if d := cmp.Diff(string(want), text); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, d)
	}
}

const (
	testRun    = "01JDZ5T0000000000000000000"
	earlierRun = "01JDZ4T0000000000000000000"
	headCommit = "abc1234abc1234abc1234abc1234abc1234abc12"
	leakCommit = "deadbee0deadbee0deadbee0deadbee0deadbee0"
	webURL     = "https://github.com/acme/shop"
)

// fp makes a fingerprint that is easy to tell from others.
func fp(name string) finding.Fingerprint { return finding.NewFingerprint("test", name) }

// secret is a critical finding at a place, as the secrets family words it.
func secret(path string, line int) finding.Finding {
	return finding.Finding{
		Rule: "secrets/aws-access-token", Severity: finding.Critical, Quality: "Security",
		Path: path, Line: line, EndLine: line,
		Title:   "AWS access key committed",
		Message: "An AWS access key id (20 characters, `AKIA…`) is assigned to `AWS_ACCESS_KEY_ID`.",
		Why: "Everybody who can read the repository, every fork, clone and CI log has this key now, " +
			"and it stays in the history after the line is gone.",
		Fix: []string{
			"Rotate it now: create a new key, switch over, then deactivate and delete this one (https://docs.aws.amazon.com/IAM/latest/UserGuide/id-credentials-access-keys-update.html).",
			"Look in CloudTrail for uses of the old key since it was committed.",
			"Read it from the environment or from AWS Secrets Manager.",
		},
		Fingerprint: fp(path + ":" + string(rune('a'+line%26)) + strings.Repeat("+", line/26)),
	}
}

// note is a finding below the default threshold that still gets a comment.
func note(path string, line int) finding.Finding {
	f := secret(path, line)
	f.Rule, f.Severity, f.Quality = "django/session-age", finding.Minor, "Operability"
	f.Title, f.Message = "Sessions never end", "`SESSION_COOKIE_AGE` is ten years."
	f.Why = "A stolen session cookie stays valid for as long."
	f.Fix = []string{"Set `SESSION_COOKIE_AGE` to two weeks."}
	f.Fingerprint = finding.NewFingerprint(f.Rule, string(f.Fingerprint))
	return f
}

// modified is a changed file that shows the lines from first to last, all of
// them added.
func modified(path string, first, last int) diff.File {
	return diff.File{
		Status: diff.Modified, OldPath: path, Path: path, Mode: diff.ModeFile, OldMode: diff.ModeFile,
		Hunks: []diff.Hunk{{
			OldStart: first, NewStart: first, NewLines: last - first + 1,
			Added: []diff.Range{{First: first, Last: last}},
		}},
	}
}

// input is a review of the given new findings in files that show lines 1-99.
func input(findings ...finding.Finding) Input {
	finding.Sort(findings)
	in := Input{
		Run: testRun,
		PullRequest: PullRequest{
			Number: 7, Open: true, Head: headCommit, Base: leakCommit, BaseRef: "main", WebURL: webURL,
		},
		Policy: policy.Default(),
		Result: &finding.Result{
			New:   findings,
			Stats: finding.Stats{Files: 41, Commits: 3},
		},
		RulesVersion: "2026.11",
		Elapsed:      3210 * time.Millisecond,
	}
	seen := make(map[string]bool)
	for _, f := range findings {
		if !seen[f.Path] {
			seen[f.Path] = true
			in.Files = append(in.Files, modified(f.Path, 1, 99))
		}
	}
	return in
}

// apply returns the input of the next run on the same head: GitHub did what the
// actions ask for.
func apply(in Input, a Actions) Input {
	existing := make([]Comment, len(in.Existing))
	copy(existing, in.Existing)
	var last int64 = 1000
	for _, c := range existing {
		last = max(last, c.ID)
	}
	for _, list := range [][]NewComment{a.Inline, a.FileLevel} {
		for _, c := range list {
			last++
			existing = append(existing, posted(last, c))
		}
	}
	for _, e := range a.Edits {
		for i := range existing {
			if existing[i].ID == e.CommentID {
				existing[i].Body = e.Body
				existing[i].Marker, _ = ParseMarker(e.Body)
			}
		}
	}
	for _, thread := range a.Resolve {
		for i := range existing {
			if existing[i].Thread == thread {
				existing[i].Resolved = true
			}
		}
	}
	in.Existing = existing
	return in
}

// posted is a new comment as GitHub gives it back.
func posted(id int64, c NewComment) Comment {
	marker, _ := ParseMarker(c.Body)
	return Comment{
		ID: id, Marker: marker, Body: c.Body, Path: c.Path, Line: c.Line,
		URL:    webURL + "/pull/7#discussion_r" + string(rune('0'+id%10)),
		Thread: "PRRT_" + string(rune('0'+id%10)) + strings.Repeat("x", int(id-1000)), CanResolve: true,
	}
}

// next is the following push: the state after a first run, with another result
// and another run.
func next(first Input, findings ...finding.Finding) Input {
	in := apply(first, Plan(first))
	in.Run = "01JDZ6T0000000000000000000"
	result := *in.Result
	result.New = findings
	in.Result = &result
	return in
}

// quiet fails unless the actions write nothing but the check.
func quiet(t *testing.T, a Actions) {
	t.Helper()
	if len(a.Inline)+len(a.FileLevel)+len(a.Edits)+len(a.Resolve) > 0 {
		t.Errorf("want no writes but the check, got %d inline, %d file-level, edits %v, resolve %v",
			len(a.Inline), len(a.FileLevel), a.Edits, a.Resolve)
	}
}

// only returns the single edit, or fails.
func only(t *testing.T, a Actions) Edit {
	t.Helper()
	if len(a.Edits) != 1 || len(a.Inline)+len(a.FileLevel) != 0 {
		t.Fatalf("want one edit and no new comment, got %d edits, %d inline, %d file-level", len(a.Edits), len(a.Inline), len(a.FileLevel))
	}
	return a.Edits[0]
}
