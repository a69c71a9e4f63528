package architecture

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// place is where a package stands in the design.
type place struct {
	// may are the packages of this module that it may import.
	may []string
	// modules are the modules of others that it may import.
	modules []string
	// pure packages decide and render; they reach nothing outside the program.
	pure bool
}

const (
	github   = "github.com/google/go-github/v62"
	system   = "golang.org/x/sys"
	terminal = "golang.org/x/term"
)

// places is the list of packages in section 3 of the design, with the packages
// that were split off since. Dependencies point downward: what a package may
// import stands above it.
func places() map[string]place {
	return map[string]place{
		"internal/architecture": {},
		"internal/finding":      {pure: true},
		"internal/fact":         {pure: true},
		"internal/diff":         {may: []string{"internal/finding"}, pure: true},
		"internal/policy":       {may: []string{"internal/finding"}, modules: []string{"github.com/goccy/go-yaml", "github.com/bmatcuk/doublestar/v4"}, pure: true},
		"internal/review":       {may: []string{"internal/finding", "internal/diff", "internal/policy"}, pure: true},
		"internal/report":       {may: []string{"internal/finding"}},
		"internal/telemetry":    {modules: []string{"github.com/prometheus"}},
		"internal/command":      {pure: true},
		"rules":                 {},

		// Families judge content. They know neither GitHub nor one another, but
		// that django builds on python.
		"internal/secrets": {
			may:     []string{"internal/finding", "rules"},
			modules: []string{"github.com/zricethezav/gitleaks/v8", "github.com/rs/zerolog", "github.com/pelletier/go-toml/v2", "github.com/wasilibs/go-re2"},
		},
		"internal/python": {may: []string{"internal/finding"}, modules: []string{"github.com/tree-sitter"}},
		"internal/django": {
			may:     []string{"internal/finding", "internal/fact", "internal/python", "rules"},
			modules: []string{"github.com/goccy/go-yaml"},
		},
		"internal/terraform": {may: []string{"internal/finding"}, modules: []string{"github.com/hashicorp/hcl/v2", "github.com/zclconf/go-cty"}},
		"internal/rule":      {may: []string{"internal/finding", "internal/fact"}, modules: []string{"cel.dev/cel-go", "github.com/goccy/go-yaml", "golang.org/x/tools"}},

		"internal/gitrepo":            {may: []string{"internal/diff"}, modules: []string{system}},
		"internal/analysis/factcache": {},
		"internal/analysis/worker":    {may: []string{"internal/finding"}, modules: []string{system}},
		"internal/analysis": {may: []string{
			"internal/analysis/worker", "internal/analysis/factcache", "internal/finding", "internal/fact", "internal/diff", "internal/gitrepo",
			"internal/secrets", "internal/python", "internal/django", "internal/terraform", "internal/rule", "rules",
		}, modules: []string{"golang.org/x/tools"}},

		// Adapters never import one another.
		"internal/queue":           {},
		"internal/store":           {may: []string{"internal/queue"}, modules: []string{"modernc.org/sqlite", "github.com/jackc/pgx/v5", "github.com/oklog/ulid/v2", system}},
		"internal/store/storetest": {may: []string{"internal/queue"}, modules: []string{"github.com/google/go-cmp", "pgregory.net/rapid"}},
		"internal/webhook":         {may: []string{"internal/queue"}, modules: []string{"github.com/gin-gonic/gin"}},
		"internal/gh": {
			may:     []string{"internal/review", "internal/diff", "internal/finding", "internal/policy"},
			modules: []string{github, "github.com/bradleyfalzon/ghinstallation/v2", "github.com/cenkalti/backoff/v5"},
		},
		"internal/gh/ghtest": {
			modules: []string{github, "github.com/getkin/kin-openapi", "github.com/vektah/gqlparser/v2"},
		},

		"internal/reviewer": {
			may: []string{
				"internal/analysis", "internal/finding", "internal/gh", "internal/gitrepo", "internal/policy",
				"internal/queue", "internal/review", "internal/diff",
			},
			modules: []string{"github.com/oklog/ulid/v2"},
		},

		// Only commands wire everything.
		"cmd/lintel":       {may: []string{"internal", "rules", "testdata"}, modules: []string{"github.com/alecthomas/kong", terminal, "github.com/oklog/ulid/v2"}},
		"cmd/lintel-bench": {may: []string{"internal", "rules", "testdata"}, modules: []string{"github.com/alecthomas/kong", "github.com/tree-sitter"}},
	}
}

// reaching are the parts of the standard library through which a package could
// read or change what is outside of the program.
func reaching() []string {
	return []string{
		"net/http", "net/rpc", "net/smtp", "os", "io/ioutil", "syscall", "database/sql", "plugin", "log", "log/slog", "unsafe",
		"runtime/debug", "crypto/rand", "math/rand", "math/rand/v2", "testing",
	}
}

// TestImports: each package has its place, and imports only what that allows.
func TestImports(t *testing.T) {
	for _, p := range readPackages(t) {
		place, ok := places()[p.path]
		if !ok {
			t.Errorf("%s has no place in the design: add it to the list here with what it may import", p.path)
			continue
		}
		imports := p.imports()
		for _, name := range slices.Sorted(maps.Keys(imports)) {
			if problem := place.problem(name); problem != "" {
				t.Errorf("%s: %s %s", imports[name], p.path, problem)
			}
		}
	}
}

// problem says what is wrong with an import, or returns an empty string.
func (p place) problem(name string) string {
	own, isOwn := strings.CutPrefix(name, "./")
	switch {
	case isOwn && !within(own, p.may):
		return "may not import " + own
	case !isOwn && standard(name) && p.pure && (name == "net" || within(name, reaching())):
		return "is pure and may not import " + name
	case !isOwn && !standard(name) && !within(name, p.modules):
		return "may not import the module of " + name
	}
	return ""
}

// TestPlaces holds the list itself to the rules of the design, so that nobody
// loosens it in passing.
func TestPlaces(t *testing.T) {
	all := places()
	adapters := []string{"internal/gh", "internal/store", "internal/webhook"}
	families := []string{"internal/secrets", "internal/python", "internal/django", "internal/terraform"}
	for name, p := range all {
		command := strings.HasPrefix(name, "cmd/")
		if within("cmd", p.may) || within("cmd/lintel", p.may) {
			t.Errorf("%s may import a command", name)
		}
		if within(github, p.modules) && !within(name, []string{"internal/gh"}) {
			t.Errorf("%s may import go-github, which is for internal/gh", name)
		}
		for _, adapter := range adapters {
			if within(adapter, p.may) && within(name, adapters) && !within(name, []string{adapter}) {
				t.Errorf("adapter %s may import adapter %s", name, adapter)
			}
		}
		for _, family := range families {
			if within(name, families) && within(family, p.may) && (name != "internal/django" || family != "internal/python") {
				t.Errorf("family %s may import family %s", name, family)
			}
		}
		if within(name, families) && (within("internal/gh", p.may) || within("internal/gitrepo", p.may)) {
			t.Errorf("family %s may know where its content comes from", name)
		}
		if within("internal", p.may) && !command {
			t.Errorf("%s may import everything, which is for commands", name)
		}
		for _, imported := range p.may {
			if p.pure && !all[imported].pure {
				t.Errorf("%s is pure and may import %s, which is not", name, imported)
			}
		}
	}
	if f := all["internal/finding"]; len(f.may) > 0 || len(f.modules) > 0 {
		t.Error("internal/finding may import more than the standard library")
	}
	if q := all["internal/queue"]; len(q.may) > 0 {
		t.Error("internal/queue may know others")
	}
}

// TestProblem: the test above can fail.
func TestProblem(t *testing.T) {
	p := place{may: []string{"internal/finding"}, modules: []string{github}, pure: true}
	for name, allowed := range map[string]bool{
		"./internal/finding": true, "./internal/find": false, "./internal/gh": false, "strings": true, "net/url": true,
		"net": false, "net/http": false, "os": false, "os/exec": false, github + "/github": true, "github.com/google/go-github": false,
		"golang.org/x/sys/unix": false,
	} {
		if problem := p.problem(name); (problem == "") != allowed {
			t.Errorf("import of %s: %q", name, problem)
		}
	}
}

// TestNames: every package says what it does, in its name and in its comment.
func TestNames(t *testing.T) {
	for _, p := range readPackages(t) {
		switch p.base() {
		case "util", "utils", "common", "helper", "helpers", "misc", "shared", "base", "lib":
			t.Errorf("%s: a package is named after its job", p.path)
		}
		var comments int
		for _, file := range p.files {
			if file.Doc == nil {
				continue
			}
			comments++
			want := "Package " + file.Name.Name + " "
			if file.Name.Name == "main" {
				want = "Command " + p.base() + " "
			}
			if !strings.HasPrefix(file.Doc.Text(), want) {
				t.Errorf("%s: its comment does not start with %q", p.set.Position(file.Pos()), want)
			}
		}
		if comments != 1 {
			t.Errorf("%s has %d package comments instead of one", p.path, comments)
		}
	}
}
