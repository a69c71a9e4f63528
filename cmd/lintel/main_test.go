package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain puts this program, as it is built for the tests, on the PATH as
// `lintel`: transcripts and tests run it as people do.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"lintel": main})
}

// TestTranscripts runs the command lines in testdata/script and compares what
// they print.
func TestTranscripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
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

// plantedValues are secrets for transcripts, which name them as variables: put
// together here, they stand nowhere in this repository.
func plantedValues() map[string]string {
	return map[string]string{
		"AWS_KEY_ID":   "AKIA" + "Z7QX4M2T" + "N6VB3KRW",
		"SENDGRID_KEY": "SG" + ".ngeVfQFYQlKU0ufo8x5d1A." + "TwL2iGABf9DHoTf-09kqeF8tAmbihYzrnopKc-1s5cr",
		"DB_PASSWORD":  "Tr7!" + "vK2#qLm9xZ",
	}
}
