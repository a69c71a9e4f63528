package django

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lintel-bot/lintel/internal/fact"
)

func TestZZField(t *testing.T) {
	dir := os.Getenv("FIELD")
	if dir == "" {
		return
	}
	files := map[string]string{}
	filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if d.IsDir() {
			if d.Name() == ".git" || d.Name() == "node_modules" {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		rel, _ := filepath.Rel(dir, p)
		if strings.HasSuffix(rel, ".py") || IsEvidence(rel) {
			b, _ := os.ReadFile(p)
			files[rel] = string(b)
		} else {
			files[rel] = ""
		}
		return nil
	})
	s := newTree(t, files)
	start := time.Now()
	p, err := Link(context.Background(), s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("linked %d files, %d trees loaded, in %v\n", len(files), s.loads, time.Since(start))
	u := time.Now()
	n := 0
	for range 20 {
		n += len(p.Uses([]string{"django.core.cache.cache", "django.views.decorators.cache.*", "django.core.mail.send_mail"}))
	}
	fmt.Printf("20 Uses: %v, %d sites\n", time.Since(u), n)
	for _, l := range p.Leaves() {
		if l.Settings != nil && os.Getenv("SETTINGS") != "" {
			d := 0
			for _, e := range l.Settings.Entries {
				if e.Value.Default {
					d++
					continue
				}
				pl, _ := e.Value.Place()
				fmt.Printf("   set %s = %s [%s:%d]\n", e.Key, fact.Show(e.Value), pl.Path, pl.Line)
			}
			fmt.Printf("  settings %s: open=%v missing=%v defaults=%d unread=%v\n", l.Identity(), l.Settings.Open, l.Settings.Missing, d, l.Unread)
		}
		fmt.Printf("%-12s %s (%s)\n", l.Tier, l.Identity(), l.Path)
		for _, r := range l.Reasons {
			fmt.Printf("     %s:%d %s\n", r.Path, r.Line, r.Text)
		}
	}
	if os.Getenv("MARKS") != "" {
		for _, f := range p.files {
			if e, ok := s.Evidence(f); ok {
				for _, m := range e.Marks {
					if (m.Kind == MarkDependency) && os.Getenv("MARKS") != "all" {
						continue
					}
					fmt.Printf("  mark %s [%s/%s]:%d %s %s %s %s\n", f, e.Kind, e.Stage, m.Line, m.Kind, m.Name, m.Detail, m.Stage)
				}
			}
		}
	}
	for _, e := range p.facts.Entries {
		fmt.Printf("  fact %s = %v\n", e.Key, fact.Show(e.Value))
	}
}
