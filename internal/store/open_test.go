package store

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

func TestDatabaseURLs(t *testing.T) {
	for _, c := range []struct{ url, path, problem string }{
		{url: "sqlite:/var/lib/lintel.db", path: "/var/lib/lintel.db"},
		{url: "sqlite:///var/lib/lintel.db", path: "/var/lib/lintel.db"},
		{url: "sqlite:/a b?c#d%20e", path: "/a b?c#d%20e"},
		{url: "sqlite:", problem: "path is missing"},
		{url: "sqlite://host/x", problem: "without //"},
		{url: "sqlite:a\x00b", problem: "NUL"},
		{url: "postgres://u:hunter2@h/db", problem: "PostgreSQL is not supported yet"},
		{url: "postgresql://u:hunter2@h/db", problem: "PostgreSQL is not supported yet"},
		{url: "mysql://u:hunter2@h/db", problem: "a database URL is sqlite:PATH"},
		{url: "/var/lib/lintel.db", problem: "a database URL is sqlite:PATH"},
		{url: "", problem: "a database URL is sqlite:PATH"},
	} {
		path, err := sqlitePath(c.url)
		if c.problem == "" {
			if err != nil || path != c.path {
				t.Errorf("%s: path %q, error %v, want %q", c.url, path, err, c.path)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), c.problem) {
			t.Errorf("%s: error %v, want %q", c.url, err, c.problem)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error quotes the password", c.url)
		}
	}
}

// TestPaths: names that mean something in a URL mean nothing here.
func TestPaths(t *testing.T) {
	for _, name := range []string{"plain.db", "a b.db", "a?mode=memory", "a#b", "a%20b", ":memory:", "é.db"} {
		path := filepath.Join(t.TempDir(), "made", name)
		s, err := Open(t.Context(), "sqlite:"+path, Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := s.Accept(t.Context(), numbered(1)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, file := range []string{path, path + "-wal", path + "-shm", path + ".lock"} {
			info, err := os.Stat(file)
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if info.Mode().Perm() != 0o600 {
				t.Errorf("%s: mode %v, want it private", filepath.Base(file), info.Mode())
			}
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExistingFileBecomesPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lintel.db")
	if err := os.WriteFile(path, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), "sqlite:"+path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v, want 0600", info.Mode(), err)
	}
}

// TestNotADatabase: a failed Open leaves the file alone and unlocked.
func TestNotADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.txt")
	text := strings.Repeat("not a database\n", 100)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), "sqlite:"+path, Options{}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("opening a text file: %v, want an error that names it", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != text {
		t.Errorf("the file was changed: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), "sqlite:"+path, Options{})
	if err != nil {
		t.Fatalf("opening again after a failed Open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestNewerSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lintel.db")
	s, err := Open(t.Context(), "sqlite:"+path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.writer.Exec(`INSERT INTO schema_version (version, applied_at) VALUES (999, 0)`); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Open(t.Context(), "sqlite:"+path, Options{})
	if err == nil || !strings.Contains(err.Error(), "schema version 999") {
		t.Errorf("opening a newer schema: %v, want a refusal that names its version", err)
	}
}

// TestFailedMigration: a step that fails leaves nothing of itself, and the steps
// before it stay.
func TestFailedMigration(t *testing.T) {
	s := openHere(t, Options{})
	steps, err := migrations(migrationFiles)
	if err != nil {
		t.Fatal(err)
	}
	n := len(steps)
	steps = append(steps,
		migration{n + 1, "good", `CREATE TABLE good (a BIGINT)`},
		migration{n + 2, "bad", `CREATE TABLE half (a BIGINT); CREATE TABLE half (a BIGINT)`})
	if err := migrate(t.Context(), s.writer, steps, s.now()); err == nil || !strings.Contains(err.Error(), "migration bad") {
		t.Fatalf("got %v, want an error that names the migration", err)
	}
	for table, want := range map[string]bool{"good": true, "half": false} {
		if _, err := s.writer.Exec(`SELECT * FROM ` + table); (err == nil) != want {
			t.Errorf("table %s: %v, want it there: %t", table, err, want)
		}
	}
	steps[n+1].sql = `CREATE TABLE half (a BIGINT)`
	if err := migrate(t.Context(), s.writer, steps, s.now()); err != nil {
		t.Errorf("migrating again after the step was mended: %v", err)
	}
}

func TestMigrationNames(t *testing.T) {
	for _, names := range [][]string{{"0002_a.sql"}, {"0001_a.sql", "0003_b.sql"}, {"first.sql"}, {"0001_a.sql", "0001_b.sql"}} {
		files := fstest.MapFS{}
		for _, name := range names {
			files["migrations/"+name] = &fstest.MapFile{Data: []byte("SELECT 1")}
		}
		if steps, err := migrations(files); err == nil {
			t.Errorf("%v: %d steps, want an error", names, len(steps))
		}
	}
}

func TestBoundedReasons(t *testing.T) {
	for _, c := range []struct{ reason, want string }{
		{"plain", "plain"},
		{"two\nlines\x00\x1b[31m", "two lines  [31m"},
		{"bad \xff\xfe bytes", "bad ? bytes"},
		{strings.Repeat("a", 500), strings.Repeat("a", 500)},
		{strings.Repeat("a", 501), strings.Repeat("a", 497) + "…"},
	} {
		if got := bounded(c.reason); got != c.want {
			t.Errorf("%q became %q, want %q", c.reason, got, c.want)
		}
	}
	for n := range 8 {
		got := bounded(strings.Repeat("x", n) + strings.Repeat("é€😀", 1000))
		if len(got) > maxReason || !utf8.ValidString(got) {
			t.Errorf("%d bytes, valid %t", len(got), utf8.ValidString(got))
		}
	}
}
