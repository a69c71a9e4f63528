package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/lintel-bot/lintel/internal/analysis"
)

// TestPagesOfRulesAreCurrent: docs/rules is what `lintel rules docs` writes; with
// -update it is written.
func TestPagesOfRulesAreCurrent(t *testing.T) {
	c, err := analysis.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join("..", "..", "docs", "rules")
	pages := rulePages(c)
	if *updatePulls {
		if _, err := writePages(dir, pages); err != nil {
			t.Fatal(err)
		}
	}
	for name, page := range pages {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != string(page) {
			t.Errorf("docs/rules/%s is not what `lintel rules docs` writes", name)
		}
	}
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if _, ok := pages[filepath.ToSlash(name)]; !ok {
			t.Errorf("docs/rules/%s is the page of no rule", name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
