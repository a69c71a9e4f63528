package main

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain puts this program on the PATH twice: as `lintel`, built as people
// build it, and as `lintel-race`, with whatever instrumentation the tests have.
// Transcripts and tests run it as a process.
func TestMain(m *testing.M) {
	testscript.Main(program{m}, map[string]func(){"lintel-race": main})
}

// program builds `lintel` before the tests run.
type program struct{ *testing.M }

// Run is testscript.TestingM.
func (p program) Run() int {
	dir, err := os.MkdirTemp("", "lintel-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "making a folder for the program:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	build := exec.Command("go", "build", "-buildvcs=false", "-tags", "gore2regex", "-o", filepath.Join(dir, "lintel"), ".")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the program: %v\n%s", err, out)
		return 1
	}
	if err := os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return p.M.Run()
}

// TestTranscripts runs the command lines in testdata/script and compares what
// they print.
func TestTranscripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "expand": expand, "nul": appendNul, "appkey": writeAppKey,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			e.Setenv("GIT_AUTHOR_NAME", "Ada")
			e.Setenv("GIT_AUTHOR_EMAIL", "ada@example.com")
			e.Setenv("GIT_AUTHOR_DATE", "2026-01-02T03:04:05Z")
			e.Setenv("GIT_COMMITTER_NAME", "Ada")
			e.Setenv("GIT_COMMITTER_EMAIL", "ada@example.com")
			e.Setenv("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z")
			e.Setenv("LINTEL_FINGERPRINT_KEY", "the key of every transcript")
			for name, value := range plantedValues() {
				e.Setenv(name, value)
			}
			return nil
		},
	})
}

// exits runs a command that has to end with the given code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// expand replaces the variables in a file: a planted value stands in no
// transcript.
func expand(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		content := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(content), 0o644))
	}
}

// appendNul makes a text file undecodable.
func appendNul(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(ts.ReadFile(name)+"y = \x00\n"), 0o644))
	}
}

// writeAppKey writes the private key of a GitHub App.
func writeAppKey(ts *testscript.TestScript, _ bool, args []string) {
	key, err := testKeys()
	ts.Check(err)
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), pem.EncodeToMemory(block), 0o600))
}

// plantedValues are secrets for transcripts, which name them as variables: put
// together here, they stand nowhere in this repository.
func plantedValues() map[string]string {
	return map[string]string{
		"AWS_KEY_ID":   "AKIA" + "Z7QX4M2T" + "N6VB3KRW",
		"SENDGRID_KEY": "SG" + ".ngeVfQFYQlKU0ufo8x5d1A." + "TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr",
		"DB_PASSWORD":  "Tr7!" + "vK2#qLm9xZ",
		"DJANGO_KEY":   djangoKey(7),
	}
}
