package django

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what the tests see over what they want")

// golden is the file of an archive that says what is wanted.
const golden = "want"

// TestLeaves: each archive is a tree; its file "want" lists the leaves with their
// tiers and reasons.
func TestLeaves(t *testing.T) {
	names, err := filepath.Glob("testdata/leaves/*.txtar")
	if err != nil || len(names) < 40 {
		t.Fatalf("%d layouts, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := make(map[string]string)
			want := ""
			for _, f := range archive.Files {
				if f.Name == golden {
					want = string(f.Data)
					continue
				}
				files[f.Name] = string(f.Data)
			}
			p, err := Link(context.Background(), newTree(t, files), Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := describe(p)
			if *update {
				archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == golden })
				archive.Files = append(archive.Files, txtar.File{Name: golden, Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(archive), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("%sgot:\n%s\nwant:\n%s", archive.Comment, got, want)
			}
		})
	}
}

// describe writes the leaves of a project for people.
func describe(p *Project) string {
	var b strings.Builder
	for _, l := range p.Leaves() {
		fmt.Fprintf(&b, "%s %s (%s)\n", l.Tier, l.Identity(), l.Path)
		for _, r := range l.Reasons {
			fmt.Fprintf(&b, "\t%s:%d: %s\n", r.Path, r.Line, r.Text)
		}
	}
	return b.String()
}
