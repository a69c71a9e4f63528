package analysis

import (
	"bytes"
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/lintel-bot/lintel/internal/analysis/factcache"
	"github.com/lintel-bot/lintel/internal/analysis/worker"
	"github.com/lintel-bot/lintel/internal/finding"
)

// counted counts the files that workers are asked for facts of.
type counted struct {
	scanner
	facts atomic.Int64
}

func (c *counted) Scan(ctx context.Context, f worker.File) (worker.Verdict, error) {
	if f.Facts {
		c.facts.Add(1)
	}
	return c.scanner.Scan(ctx, f)
}

// newJudge returns an Analyzer with the built-in rules and a cache in dir, and
// what counts its readings.
func newJudge(t *testing.T, dir string) (*Analyzer, *counted) {
	t.Helper()
	a := newRealAnalyzer(t, 2)
	c, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	a.catalogue = c
	if a.facts, err = factcache.Open(dir, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	readings := &counted{scanner: a.scanner}
	a.scanner = readings
	return a, readings
}

// shopProject is a small Django project whose production settings are config/prod.py.
func shopProject(more files) files {
	tree := files{
		"manage.py":          "import os\n\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"config.dev\")\n",
		"config/__init__.py": "",
		"config/wsgi.py":     "import os\n\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"config.prod\")\n",
		"config/base.py":     "import os\n\nSECRET_KEY = os.environ[\"SECRET_KEY\"]\nDEBUG = True\nROOT_URLCONF = \"config.urls\"\nINSTALLED_APPS = []\n",
		"config/prod.py":     "from .base import *\n\nDEBUG = False\nALLOWED_HOSTS = [\"shop.example.com\"]\n",
		"config/dev.py":      "from .base import *\n",
	}
	for path, content := range more {
		tree[path] = content
	}
	return tree
}

// reported lists the rules and places of findings.
func reported(list []finding.Finding) []string {
	var out []string
	for _, f := range list {
		if strings.HasPrefix(f.Rule, "django/") {
			out = append(out, f.Rule+" "+f.Path)
		}
	}
	return out
}

func TestOnlyWhatChangedIsRead(t *testing.T) {
	dir := t.TempDir()
	a, readings := newJudge(t, dir)
	r := newRepository(t)
	r.commit(shopProject(nil))
	r.git("", "checkout", "-q", "-b", "feature")
	r.compareReal(a, r.commit(files{"config/prod.py": "from .base import *\n\nALLOWED_HOSTS = [\"shop.example.com\"]\n"}))
	if n := readings.facts.Load(); n < 6 {
		t.Errorf("the first review reads %d files", n)
	}
	readings.facts.Store(0)
	head := r.commit(files{"config/dev.py": "from .base import *\n\nX = 1\n"})
	result := r.compareReal(a, head)
	if n := readings.facts.Load(); n != 1 {
		t.Errorf("a review with one more changed file reads %d", n)
	}
	if got := strings.Join(reported(result.New), ", "); !strings.Contains(got, "django/debug-true config/prod.py") {
		t.Errorf("new: %s", got)
	}

	// Another process with the same folder reads nothing, and says the same.
	b, again := newJudge(t, dir)
	if got := reported(r.compareReal(b, head).New); strings.Join(got, ", ") != strings.Join(reported(result.New), ", ") || again.facts.Load() != 0 {
		t.Errorf("with facts that another process kept: %v, %d files read", got, again.facts.Load())
	}
}

func TestDamagedFactsAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	a, readings := newJudge(t, dir)
	r := newRepository(t)
	r.commit(shopProject(nil))
	r.git("", "checkout", "-q", "-b", "feature")
	head := r.commit(files{"config/prod.py": "from .base import *\n"})
	want := reported(r.compareReal(a, head).New)
	damaged := int64(0)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "trimmed" {
			return err
		}
		damaged++
		return os.WriteFile(path, []byte("not what was kept"), 0o600)
	})
	if err != nil || damaged < 6 {
		t.Fatalf("%d entries, %v", damaged, err)
	}
	readings.facts.Store(0)
	if got := reported(r.compareReal(a, head).New); strings.Join(got, ", ") != strings.Join(want, ", ") || readings.facts.Load() != damaged {
		t.Errorf("with %d damaged entries: %v after reading %d files, want %v", damaged, got, readings.facts.Load(), want)
	}
}

func TestNoSecretIsKept(t *testing.T) {
	dir := t.TempDir()
	a, _ := newJudge(t, dir)
	r := newRepository(t)
	key := "x7#kq" + "2v!mz9$wd4^ph8&rt6*bn3(jc5)gf1-ye0=ls"
	password := "Tr7!" + "vK2qLm9xZ"
	r.commit(shopProject(files{
		"config/base.py": "SECRET_KEY = \"" + key + "\"\nDATABASE_URL = \"postgres://shop:" + password + "@db.internal/shop\"\n",
		"Dockerfile":     "ENV DJANGO_SETTINGS_MODULE=config.prod DB_PASSWORD=" + password + "\n",
		".env.prod":      "SECRET_KEY=" + key + "\n",
	}))
	r.git("", "checkout", "-q", "-b", "feature")
	r.compareReal(a, r.commit(files{"a.py": "X = 1\n"}))
	kept := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		kept++
		for _, secret := range []string{key, password} {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%s holds a secret", path)
			}
		}
		return err
	})
	if err != nil || kept < 8 {
		t.Errorf("looked through %d entries: %v", kept, err)
	}
}

// TestExcludedFilesHaveNoFacts: not even where a file that is read has the same
// content.
func TestExcludedFilesHaveNoFacts(t *testing.T) {
	a, _ := newJudge(t, t.TempDir())
	r := newRepository(t)
	head := r.commit(shopProject(files{"config/prod.py": "from .base import *\n"})) // as config/dev.py
	reading := a.newRun(r.open(), Options{Exclude: func(path string) bool { return path == "config/prod.py" }})
	trees, err := reading.snapshots(t.Context(), head)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"config/prod.py": false, "config/dev.py": true, "config/base.py": true} {
		if _, got := trees[0].Summary(path); got != want {
			t.Errorf("facts about %s: %v", path, got)
		}
		if _, err := trees[0].Python(path); (err == nil) != want {
			t.Errorf("the tree of %s: %v", path, err)
		}
	}
}

// TestSettingsThatCannotBeRead: what production depends on and nobody can read
// is named, and blocks when the change brings it.
func TestSettingsThatCannotBeRead(t *testing.T) {
	for name, tc := range map[string]struct{ content, reason string }{
		"no Python":      {"DEBUG = True\ndef broken(:\n", "it is no valid Python"},
		"too deep":       {"X = " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n", "nests too deep"},
		"too large":      {"X = 1\n" + strings.Repeat("# filler, to make it large enough not to be read\n", 450_000), "MiB"},
		"no text":        {"X = \x00\x01\n", "encoding"},
		"imports itself": {"from .prod import *\n", "which imports it"},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := newJudge(t, t.TempDir())
			r := newRepository(t)
			r.commit(shopProject(nil))
			r.git("", "checkout", "-q", "-b", "feature")
			result := r.compareReal(a, r.commit(files{"config/base.py": tc.content}))
			found := false
			for _, n := range result.NotScanned {
				found = found || n.Path == "config/base.py" && strings.Contains(n.Reason, tc.reason) && n.Blocking
			}
			if !found || !result.Incomplete() {
				t.Errorf("not scanned: %+v", result.NotScanned)
			}

			// Once merged, the gap is a note to others.
			r.git("", "checkout", "-q", "main")
			r.git("", "merge", "-q", "--ff-only", "feature")
			r.git("", "checkout", "-q", "-b", "other")
			if result := r.compareReal(a, r.commit(files{"README": "x\n"})); result.Incomplete() {
				t.Errorf("a change beside it: %+v", result.NotScanned)
			}
		})
	}
}
