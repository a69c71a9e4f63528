package analysis

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lintel-bot/lintel/internal/finding"
)

// project is a Django project whose production loads the given modules.
func project(leaves []string, settings files) files {
	tree := files{
		"manage.py":                      "import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"config.settings.development\")\n",
		"config/__init__.py":             "# The project.\n",
		"config/settings/__init__.py":    "# Settings by environment.\n",
		"config/settings/development.py": "from .base import *\n\nDEBUG = True\n",
	}
	compose := "services:\n"
	for _, leaf := range leaves {
		compose += fmt.Sprintf("  %s:\n    command: gunicorn config.wsgi\n    environment:\n      DJANGO_SETTINGS_MODULE: config.settings.%s\n", leaf, leaf)
	}
	tree["docker-compose.prod.yml"] = compose
	tree["config/wsgi.py"] = "import os\n\nfrom django.core.wsgi import get_wsgi_application\n\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"config.settings." + leaves[0] + "\")\napplication = get_wsgi_application()\n"
	maps.Copy(tree, settings)
	return tree
}

// judged words what a result says of some rules.
func judged(result *finding.Result, rules ...string) []string {
	var out []string
	for _, list := range []struct {
		name     string
		findings []finding.Finding
	}{{"new", result.New}, {"pre-existing", result.PreExisting}, {"fixed", result.Fixed}} {
		for _, f := range list.findings {
			if !slices.Contains(rules, f.Rule) {
				continue
			}
			leaf := f.Message[strings.Index(f.Message, "config.settings."):]
			leaf, _, _ = strings.Cut(leaf, "`")
			also := ""
			if _, more, ok := strings.Cut(f.Message, " The same in "); ok {
				also = " and " + strings.Trim(more, ".")
			}
			out = append(out, fmt.Sprintf("%s %s %s:%d %s%s", list.name, f.Severity, f.Path, f.Line, leaf, also))
		}
	}
	return out
}

// TestSettingsOfSeveralLeaves: each settings module that production loads is
// judged by itself, and what is news for one of them is not hidden by another.
func TestSettingsOfSeveralLeaves(t *testing.T) {
	const base = "config/settings/base.py"
	const production, staging = "config/settings/production.py", "config/settings/staging.py"
	const on, off = "from .base import *\n\nSTATIC_URL = \"/static/\"\n", "from .base import *\n\nSTATIC_URL = \"/static/\"\nDEBUG = False\n"
	both := []string{"production", "staging"}
	a := newRealAnalyzer(t, 1)
	var err error
	if a.catalogue, err = Catalogue(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name       string
		base, head files
		want       []string
	}{
		{
			"the override goes in one, and the other never had it",
			project(both, files{base: "DEBUG = True\n", production: off, staging: on}),
			files{production: on},
			[]string{"new critical config/settings/production.py:3 config.settings.production", "pre-existing critical config/settings/base.py:1 config.settings.staging"},
		},
		{
			"it is turned on for both",
			project(both, files{base: "DEBUG = False\n", production: on, staging: on}),
			files{base: "DEBUG = True\n"},
			[]string{"new critical config/settings/base.py:1 config.settings.production and `config.settings.staging`"},
		},
		{
			"it is turned on for both, and one overrides it",
			project(both, files{base: "DEBUG = False\n", production: off, staging: on}),
			files{base: "DEBUG = True\n"},
			[]string{"new critical config/settings/base.py:1 config.settings.staging"},
		},
		{
			"a further module shares what is there",
			project(both, files{base: "DEBUG = True\n", production: on}),
			files{staging: on},
			[]string{"pre-existing critical config/settings/base.py:1 config.settings.production and `config.settings.staging`"},
		},
		{
			"a further module has it where the others override it",
			project(both, files{base: "DEBUG = True\n", production: off}),
			files{staging: on},
			[]string{"new critical config/settings/staging.py:1 config.settings.staging"},
		},
		{
			"one is mended",
			project(both, files{base: "DEBUG = True\n", production: on, staging: on}),
			files{production: off},
			[]string{"pre-existing critical config/settings/base.py:1 config.settings.staging"},
		},
		{
			"a module is renamed",
			project([]string{"production"}, files{base: "DEBUG = True\n", production: on}),
			files{production: "-", "config/settings/live.py": on, "docker-compose.prod.yml": "services:\n  live:\n    command: gunicorn config.wsgi\n    environment:\n      DJANGO_SETTINGS_MODULE: config.settings.live\n",
				"config/wsgi.py": "import os\n\nfrom django.core.wsgi import get_wsgi_application\n\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"config.settings.live\")\napplication = get_wsgi_application()\n"},
			[]string{"pre-existing critical config/settings/base.py:1 config.settings.live"},
		},
		{
			"it gets worse",
			project([]string{"production"}, files{base: "import os\n\nDEBUG = os.environ.get(\"DEBUG\", \"1\") == \"1\"\n", production: on}),
			files{base: "import os\n\nDEBUG = True\n"},
			[]string{"new critical config/settings/base.py:3 config.settings.production"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := newRepository(t)
			r.commit(tc.base)
			r.git("", "checkout", "-q", "-b", "change")
			head := r.commit(tc.head)
			result := r.compareReal(a, head)
			if d := cmp.Diff(tc.want, judged(result, "django/debug-true")); d != "" {
				t.Errorf("want -, got +\n%s\n%v", d, result.NotScanned)
			}
		})
	}
}
