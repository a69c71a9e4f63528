package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/finding"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing")

func golden(t *testing.T, name string, text []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("reading the golden file (-update writes it): %v", err)
	}
	if d := cmp.Diff(string(want), string(text)); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", path, d)
	}
}

func at(path string, line int, severity finding.Severity) finding.Finding {
	return finding.Finding{
		Rule: "secrets/aws-access-token", Severity: severity, Quality: "Security",
		Path: path, Line: line, EndLine: line,
		Title:       "AWS access key committed",
		Message:     "An AWS access key id (20 characters, `AKIA…`) is assigned to `AWS_ACCESS_KEY_ID`.",
		Fix:         []string{"Rotate it now: create a new key, switch over, then deactivate and delete this one.", "Read it from the environment."},
		Fingerprint: finding.NewFingerprint("test", path, string(rune('a'+line))),
	}
}

func full() *finding.Result {
	traced := at("shop/views.py", 52, finding.Major)
	traced.Trace = []finding.Frame{{Path: "shop/urls.py", Line: 14}, {Path: "shop/views.py", Line: 52, Symbol: "checkout"}}
	twice := at("config/settings.py", 12, finding.Critical)
	twice.AlsoAt = []finding.Frame{{Path: "a", Line: 1}, {Path: "b", Line: 2}, {Path: "c", Line: 3}, {Path: "d", Line: 4}}
	twice.AllowComment = "gitleaks:allow"
	old := at("config/old.py", 3, finding.Critical)
	old.Commit = "deadbee0deadbee0deadbee0deadbee0deadbee0"
	whole := at("config/settings.py", 0, finding.Minor)
	return &finding.Result{
		New:         []finding.Finding{twice, traced, whole, at("zoo.py", 1, finding.Suggestion)},
		InHistory:   []finding.Finding{old},
		PreExisting: []finding.Finding{at("p.py", 1, finding.Critical)},
		Fixed:       []finding.Finding{at("f.py", 1, finding.Critical)},
		Suppressed:  []finding.Finding{at("s.py", 1, finding.Critical)},
		NotScanned: []finding.NotScanned{
			{Path: "big.sql", Reason: "12 MiB, over the bound of 5 MiB", Blocking: true},
			{Path: "old.sql", Reason: "not valid UTF-8"},
		},
		OutOfScope: []finding.OutOfScope{{Path: "a.png", Reason: "binary"}},
		Undecided:  []finding.Undecided{{Rule: "django/debug-true", Subject: "config.settings", Missing: []string{"DEBUG"}}},
		Stats:      finding.Stats{Files: 41, Commits: 3, Blobs: 44, Bytes: 91234, AddedLines: 310, Milliseconds: 3210},
	}
}

func TestText(t *testing.T) {
	clean := &finding.Result{Stats: finding.Stats{Files: 1, Commits: 1, Milliseconds: 40}}
	blocked := &finding.Result{New: full().New[:1], Stats: clean.Stats}
	notes := &finding.Result{New: full().New[3:], Stats: clean.Stats}
	for _, tt := range []struct {
		name    string
		result  *finding.Result
		options TextOptions
	}{
		{"clean.txt", clean, TextOptions{FailOn: finding.Major}},
		{"blocked.txt", blocked, TextOptions{FailOn: finding.Major}},
		{"notes.txt", notes, TextOptions{FailOn: finding.Major}},
		{"audit.txt", blocked, TextOptions{FailOn: finding.Major, Audit: true}},
		{"full.txt", full(), TextOptions{FailOn: finding.Major}},
		{"narrow.txt", full(), TextOptions{FailOn: finding.Major, Width: 60}},
		{"color.txt", full(), TextOptions{FailOn: finding.Major, Width: 80, Color: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Text(&b, tt.result, tt.options); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name, b.Bytes())
			if !tt.options.Color && strings.Contains(b.String(), "\x1b") {
				t.Error("colours without Color")
			}
		})
	}
}

func TestJSON(t *testing.T) {
	for name, r := range map[string]*finding.Result{"full.json": full(), "empty.json": {}} {
		var b bytes.Buffer
		if err := JSON(&b, r); err != nil {
			t.Fatal(err)
		}
		golden(t, name, b.Bytes())
		if strings.Contains(b.String(), "null") {
			t.Errorf("%s holds a null", name)
		}
	}
}

// hostile is text that acts on a terminal: escape sequences in seven and eight
// bits, a bell, a title, text turned around, and bytes that are no text.
const hostile = "\x1b[2J\x1b]0;owned\x07\u009b31m\u202eevil\u2066\u200b\x00\x7f\r\n\xff\U000e0041"

func hostileResult() *finding.Result {
	f := finding.Finding{
		Rule: hostile, Severity: finding.Critical, Path: hostile, Line: 1, Title: hostile, Message: hostile, Fix: []string{hostile},
		Trace: []finding.Frame{{Path: hostile, Line: 1, Symbol: hostile}}, AlsoAt: []finding.Frame{{Path: hostile, Line: 1}}, Commit: hostile, AllowComment: hostile,
	}
	return &finding.Result{
		New: []finding.Finding{f}, InHistory: []finding.Finding{f},
		NotScanned: []finding.NotScanned{{Path: hostile, Reason: hostile, Blocking: true}},
		Undecided:  []finding.Undecided{{Rule: hostile, Subject: hostile, Missing: []string{hostile}}},
	}
}

func TestNothingActsOnTheTerminal(t *testing.T) {
	r := hostileResult()
	writers := map[string]func(*bytes.Buffer) error{
		"text":    func(b *bytes.Buffer) error { return Text(b, r, TextOptions{}) },
		"wrapped": func(b *bytes.Buffer) error { return Text(b, r, TextOptions{Width: 40}) },
		"json":    func(b *bytes.Buffer) error { return JSON(b, r) },
	}
	for name, write := range writers {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if !utf8.Valid(b.Bytes()) {
			t.Errorf("%s: not valid UTF-8", name)
		}
		for _, c := range b.String() {
			if c != '\n' && !unicode.IsPrint(c) {
				t.Errorf("%s: %U reaches the terminal", name, c)
			}
		}
	}
}

func TestJSONKeepsWhatItEscapes(t *testing.T) {
	var b bytes.Buffer
	if err := JSON(&b, hostileResult()); err != nil {
		t.Fatal(err)
	}
	var got struct{ Findings []struct{ Path string } }
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if want := strings.ToValidUTF8(hostile, "�"); got.Findings[0].Path != want {
		t.Errorf("path %q, want %q", got.Findings[0].Path, want)
	}
}

func TestExitCode(t *testing.T) {
	minor, critical := at("a.py", 1, finding.Minor), at("a.py", 2, finding.Critical)
	gap := []finding.NotScanned{{Path: "x", Blocking: true}}
	for _, tt := range []struct {
		name   string
		result finding.Result
		failOn finding.Severity
		want   int
	}{
		{"nothing", finding.Result{}, finding.Major, 0},
		{"below the threshold", finding.Result{New: []finding.Finding{minor}}, finding.Major, 0},
		{"at the threshold", finding.Result{New: []finding.Finding{minor}}, finding.Minor, 1},
		{"above the threshold", finding.Result{New: []finding.Finding{critical}}, finding.Major, 1},
		{"never", finding.Result{New: []finding.Finding{critical}}, 0, 0},
		{"in history", finding.Result{InHistory: []finding.Finding{critical}}, finding.Major, 1},
		{"pre-existing", finding.Result{PreExisting: []finding.Finding{critical}}, finding.Major, 0},
		{"suppressed", finding.Result{Suppressed: []finding.Finding{critical}}, finding.Major, 0},
		{"incomplete", finding.Result{NotScanned: gap}, 0, 2},
		{"incomplete with findings", finding.Result{NotScanned: gap, New: []finding.Finding{critical}}, finding.Major, 2},
		{"a gap the base has too", finding.Result{NotScanned: []finding.NotScanned{{Path: "x"}}}, finding.Major, 0},
	} {
		if got := ExitCode(&tt.result, tt.failOn); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// closed is a pipe whose reader went away.
type closed struct{}

var errClosed = errors.New("closed")

func (closed) Write([]byte) (int, error) { return 0, errClosed }

func TestWriteErrorsAreReturned(t *testing.T) {
	if err := Text(closed{}, full(), TextOptions{}); !errors.Is(err, errClosed) {
		t.Errorf("Text: %v", err)
	}
	if err := JSON(closed{}, full()); !errors.Is(err, errClosed) {
		t.Errorf("JSON: %v", err)
	}
}

func TestWrap(t *testing.T) {
	long := strings.Repeat("x", 50)
	for _, tt := range []struct {
		text  string
		width int
		want  []string
	}{
		{"short", 40, []string{"short"}},
		{"", 40, []string{""}},
		{strings.Repeat("word ", 20), 0, []string{strings.Repeat("word ", 20)}},
		{"a " + long + " b", 40, []string{"a", long, "b"}},
		{strings.Repeat("é", 20) + " " + strings.Repeat("é", 19), 40, []string{strings.Repeat("é", 20) + " " + strings.Repeat("é", 19)}},
		{strings.Repeat("é", 20) + " " + strings.Repeat("é", 20), 40, []string{strings.Repeat("é", 20), strings.Repeat("é", 20)}},
	} {
		if got := Wrap(tt.text, tt.width); !cmp.Equal(got, tt.want) {
			t.Errorf("Wrap(%q, %d) = %q, want %q", tt.text, tt.width, got, tt.want)
		}
	}
}
