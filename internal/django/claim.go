package django

import (
	"context"
	"path"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/python"
)

// claimKind says what names a settings module, the strongest first.
type claimKind uint8

const (
	claimConfigured claimKind = iota
	claimDeployed             // a variable or option in a file that says how processes are run
	claimServed               // wsgi.py, asgi.py
	claimCelery
	claimManage // manage.py and scripts like it
	claimTested // pytest, tox, continuous integration
)

// claim is a file that names a settings module, or a class in one.
type claim struct {
	kind  claimKind
	stage Stage
	// module is as it is named; package and any of its members where the
	// environment decides which. class is what DJANGO_CONFIGURATION names, and
	// then module is empty.
	module, class string
	reason        Reason
	// served is true when the same file runs a server.
	served bool
}

const (
	// maxClaimTrees bounds how many Python files are read for the settings they
	// name: projects have some dozen scripts that do.
	maxClaimTrees = 300
	// maxClaims bounds what is found in them.
	maxClaims = 2000
)

// evidenceClaims returns what files that are no Python name.
func (p *Project) evidenceClaims() []claim {
	var claims []claim
	for _, name := range p.files {
		e, ok := p.source.Evidence(name)
		if !ok || p.excluded(name) {
			continue
		}
		served := slices.ContainsFunc(e.Marks, func(m Mark) bool { return m.Kind == MarkServer && m.Name != "runserver" })
		for _, m := range e.Marks {
			if m.Kind != MarkSettings && m.Kind != MarkConfiguration || len(claims) >= maxClaims {
				continue
			}
			c := claim{kind: claimDeployed, stage: e.Stage, served: served, reason: Reason{Path: name, Line: m.Line}}
			if m.Stage != "" {
				c.stage = m.Stage
			}
			if placed := p.place(p.modules.rootOf(name), name); placed != "" {
				c.stage = placed
			}
			if c.stage == StageTest {
				c.kind = claimTested
			}
			variable := "DJANGO_SETTINGS_MODULE"
			if m.Kind == MarkConfiguration {
				variable, c.class = "DJANGO_CONFIGURATION", m.Name
			} else {
				c.module = m.Name
			}
			c.reason.Text = "`" + variable + "` is set to `" + m.Name + "`" + stageWords(c.stage)
			claims = append(claims, c)
		}
	}
	return claims
}

// stageWords says for people where a file is used.
func stageWords(s Stage) string {
	switch s {
	case StageProduction:
		return " for deployment"
	case StageDevelopment:
		return " for development"
	case StageTest:
		return " for tests"
	case StageExample:
		return " in an example"
	}
	return ""
}

// pythonClaims returns what Python files name: manage.py, wsgi.py, celery.py and
// scripts like them.
func (p *Project) pythonClaims(ctx context.Context) ([]claim, error) {
	var names []string
	for _, name := range p.modules.python {
		if s, ok := p.source.Summary(name); ok && !p.excluded(name) && starts(name, s) {
			names = append(names, name)
		}
	}
	// Those near the top are the project's own.
	slices.SortStableFunc(names, func(a, b string) int { return depth(path.Dir(a)) - depth(path.Dir(b)) })
	var claims []claim
	for _, name := range names[:min(len(names), maxClaimTrees)] {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f, err := p.source.Python(name)
		if err != nil {
			continue
		}
		summary := f.Summary()
		r := &starter{file: f, path: name, kind: startedBy(name, summary), stage: p.startStage(name)}
		if r.stage == StageTest {
			r.kind = claimTested
		}
		r.read(f.Module(), 0)
		claims = append(claims, r.claims...)
		if folders := r.folders; len(folders) > 0 {
			root := p.modules.rootOf(name)
			p.paths[root] = append(p.paths[root], folders...)
		}
		if len(claims) >= maxClaims {
			break
		}
	}
	return claims, nil
}

// starts reports whether a file may name the settings of a process.
func starts(name string, s python.Summary) bool {
	if within(name, "management") || within(name, "migrations") {
		return false
	}
	if base := path.Base(name); base == "manage.py" || base == "wsgi.py" || base == "asgi.py" {
		return true
	}
	for _, r := range s.Uses {
		if r.Name == "os.environ.setdefault" || r.Name == "django.setup" || strings.HasSuffix(r.Name, "execute_from_command_line") {
			return true
		}
	}
	for _, r := range s.Imports {
		if strings.HasPrefix(r.Name, "django.core.wsgi") || strings.HasPrefix(r.Name, "django.core.asgi") || strings.HasPrefix(r.Name, "configurations.") && r.Name != "configurations.Configuration" {
			return true
		}
	}
	return false
}

// startedBy says what a file that names settings starts.
func startedBy(name string, s python.Summary) claimKind {
	base := path.Base(name)
	words := tokensOf(path.Base(strings.TrimSuffix(strings.TrimSuffix(name, ".py"), "/__init__")))
	switch {
	case base == "manage.py":
		return claimManage
	case hasAny(words, "wsgi", "asgi"):
		return claimServed
	}
	for _, r := range s.Imports {
		switch {
		case strings.Contains(r.Name, "get_wsgi_application"), strings.Contains(r.Name, "get_asgi_application"), r.Name == "channels.routing.ProtocolTypeRouter":
			return claimServed
		case r.Name == "celery.Celery":
			return claimCelery
		}
	}
	if hasAny(words, "celery", "celeryapp", "celeryconf") {
		return claimCelery
	}
	return claimManage
}

// startStage says where a script is used, by its path.
func (p *Project) startStage(name string) Stage {
	if path.Base(name) == "conftest.py" || path.Base(name) == "runtests.py" || path.Base(name) == "noxfile.py" {
		return StageTest
	}
	if s := p.place(p.modules.rootOf(name), name); s != "" {
		return s
	}
	stem := tokensOf(strings.TrimSuffix(path.Base(name), ".py"))
	if s := stageOfTokens(stem); s != StageProduction {
		return s
	}
	return ""
}
