package django

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/lintel-bot/lintel/internal/fact"
)

var updateInterpreted = flag.Bool("update-interpreted", false, "write the golden settings")

// goldenSettings is the file of an archive that holds what its settings come to.
const goldenSettings = "settings"

// TestInterpreter: testdata/interpret/*.txtar. The first word of an archive is
// the leaf; its last file is what the settings come to.
func TestInterpreter(t *testing.T) {
	paths, err := filepath.Glob("testdata/interpret/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files, want := map[string]string{}, ""
			kept := archive.Files[:0]
			for _, f := range archive.Files {
				if f.Name == goldenSettings {
					want = string(f.Data)
					continue
				}
				kept = append(kept, f)
				files[f.Name] = string(f.Data)
			}
			leaf, _, _ := strings.Cut(string(archive.Comment), " ")
			got := interpreted(t, files, strings.TrimSpace(leaf))
			if *updateInterpreted {
				archive.Files = append(kept, txtar.File{Name: goldenSettings, Data: []byte(got)})
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("the settings are (run with -update-interpreted to keep it):\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func interpreted(t testing.TB, files map[string]string, leaf string) string {
	t.Helper()
	s := newTree(t, files)
	settings, calls, gaps := interpret(t.Context(), newScope(newIndex(s, Options{}), s, ""), leaf, Production)
	var b strings.Builder
	for _, e := range settings.Entries {
		fmt.Fprintf(&b, "%s = %s", e.Key, worded(e.Value, 6))
		var places []string
		for _, p := range e.Value.Places {
			places = append(places, fmt.Sprintf("%s:%d", p.Path, p.Line))
		}
		fmt.Fprintf(&b, "   @ %s\n", strings.Join(places, " "))
	}
	for _, e := range calls.Entries {
		fmt.Fprintf(&b, "%s() = %s\n", e.Key, worded(e.Value, 6))
	}
	if settings.Open {
		fmt.Fprintf(&b, "open: %s\n", strings.Join(settings.Missing, ", "))
	}
	for _, g := range gaps {
		fmt.Fprintf(&b, "gap: %s:%d %s\n", g.Path, g.Line, g.Reason)
	}
	return b.String()
}

// worded writes a value whole.
func worded(v *fact.Value, depth int) string {
	if v == nil || depth == 0 {
		return "…"
	}
	out := ""
	switch v.Kind {
	case fact.Unknown:
		out = "?(" + strings.Join(v.Missing, ", ") + ")"
	case fact.List:
		var items []string
		for _, item := range v.Items {
			items = append(items, worded(item, depth-1))
		}
		if v.Open {
			items = append(items, "…("+strings.Join(v.Missing, ", ")+")")
		}
		out = "[" + strings.Join(items, ", ") + "]"
	case fact.Dict:
		var entries []string
		for _, e := range v.Entries {
			entries = append(entries, e.Key+": "+worded(e.Value, depth-1))
		}
		if v.Open {
			entries = append(entries, "…("+strings.Join(v.Missing, ", ")+")")
		}
		out = "{" + strings.Join(entries, ", ") + "}"
	case fact.Object:
		var parts []string
		for _, item := range v.Items {
			parts = append(parts, worded(item, depth-1))
		}
		for _, e := range v.Entries {
			parts = append(parts, e.Key+"="+worded(e.Value, depth-1))
		}
		out = v.Text + "(" + strings.Join(parts, ", ") + ")"
	case fact.Union:
		var ways []string
		for _, a := range v.Alternatives {
			ways = append(ways, fmt.Sprintf("%s if %s", worded(a.Value, depth-1), a.Guard))
		}
		out = "either " + strings.Join(ways, " | ")
	default:
		out = fact.Show(v)
		if v.Default {
			out = "unset"
		}
	}
	if v.Env != nil {
		out += " <" + strings.Join(v.Env.Names, ",") + " " + v.Env.Cast
		if v.Env.Guarded {
			out += " guarded"
		}
		out += ">"
	}
	return out
}
