package analysis

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestFieldChecks: the judged findings name what exists, and each has a verdict by
// two people and a reason.
func TestFieldChecks(t *testing.T) {
	catalogue, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	known := func(id string) bool { _, ok := catalogue.Rule(id); return ok }
	commit := regexp.MustCompile(`^[0-9a-f]{40}$`)
	files, err := filepath.Glob("../../testdata/field/*.tsv")
	if err != nil || len(files) < 7 {
		t.Fatalf("%d files, error %v; want six projects and the injected defects", len(files), err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
			columns := strings.Split(lines[0], "\t")
			for at, line := range lines[1:] {
				cells := strings.Split(line, "\t")
				if len(cells) != len(columns) {
					t.Errorf("line %d has %d cells, want %d", at+2, len(cells), len(columns))
					continue
				}
				cell := func(column string) string { return cells[slices.Index(columns, column)] }
				if !strings.HasPrefix(cell("repository"), "https://github.com/") || !commit.MatchString(cell("commit")) {
					t.Errorf("line %d does not say what was audited", at+2)
				}
				if n, err := strconv.Atoi(cell("line")); err != nil || n < 0 || cell("path") == "" {
					t.Errorf("line %d does not say where", at+2)
				}
				if slices.Contains(columns, "defect") {
					if rule := cell("found"); (rule == "") == (cell("why") == "") || rule != "" && !known(rule) {
						t.Errorf("line %d is found by %q, and missed because %q", at+2, rule, cell("why"))
					}
					continue
				}
				for _, who := range []string{"builder", "reader"} {
					if _, err := strconv.ParseBool(cell(who)); err != nil {
						t.Errorf("line %d: the %s says %q", at+2, who, cell(who))
					}
				}
				if !known(cell("rule")) || cell("why") == "" {
					t.Errorf("line %d: no rule %q, or no reason", at+2, cell("rule"))
				}
			}
		})
	}
}
