package django

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/python"
)

func TestResolve(t *testing.T) {
	s := newTree(t, map[string]string{
		"manage.py": "", "shop/__init__.py": "", "shop/settings/__init__.py": "", "shop/settings/base.py": "", "shop/requests.py": "", "ns/inner/leaf.py": "",
		"logging/handlers.py": "", "docker/tools.py": "", "libs/kit/src/kit/__init__.py": "", "libs/kit/setup.py": "", "broken.py": "x = " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000),
	})
	scope := newScope(newIndex(s, Options{}), s, ".")
	for _, test := range []struct {
		from, name   string
		module, path string
		known        bool
	}{
		{"shop.settings", ".base", "shop.settings.base", "shop/settings/base.py", true},
		{"shop.settings.base", ".", "shop.settings", "shop/settings/__init__.py", true},
		{"shop.settings.base", "..requests", "shop.requests", "shop/requests.py", true},
		{"shop.settings.base", ".local", "shop.settings.local", "", true},
		{"shop.settings.base", "....up", "up", "", true},
		{"shop.settings.base", "requests", "requests", "", false},
		{"shop.settings.base", "shop.missing.more", "shop.missing.more", "", true},
		{"shop.settings.base", "ns.inner.leaf", "ns.inner.leaf", "ns/inner/leaf.py", true},
		{"shop.settings.base", "ns.inner", "ns.inner", "", true},
		{"shop.settings.base", "ns.inner.gone", "ns.inner.gone", "", true},
		{"ns.inner.leaf", ".other", "ns.inner.other", "", true},
		{"shop.settings.base", "logging", "logging", "", false},
		{"shop.settings.base", "docker", "docker", "", false},
		{"shop.settings.base", "docker.errors", "docker.errors", "", false},
		{"shop.settings.base", "kit", "kit", "libs/kit/src/kit/__init__.py", true},
		{"shop.settings.base", "django.conf", "django.conf", "", false},
		{"shop.settings.base", "broken", "broken", "broken.py", true},
	} {
		module, path, tree, known := scope.resolve(test.from, test.name)
		if module != test.module || path != test.path || known != test.known {
			t.Errorf("%s in %s: %s %s %v, want %s %s %v", test.name, test.from, module, path, known, test.module, test.path, test.known)
		}
		if (tree != nil) != (path != "" && path != "broken.py") {
			t.Errorf("%s in %s: tree %v", test.name, test.from, tree != nil)
		}
	}
	if got := scope.problem("broken.py"); got != python.ErrTooDeep.Error() {
		t.Errorf("problem %q", got)
	}
	if got := scope.included("shop.settings", "*.py"); !slices.Equal(got, []string{"shop.settings", "shop.settings.base"}) {
		t.Errorf("included %q", got)
	}
}

func TestOptions(t *testing.T) {
	files := map[string]string{
		"deep/down/site/live_one.py": "DEBUG = False\n", "manage.py": "import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"other\")\n",
		"other.py": "DEBUG = True\nINSTALLED_APPS = []\nMIDDLEWARE = []\n",
	}
	p := link(t, files, Options{Settings: []string{"site.live_one"}, Roots: []string{"deep/down"}, Exclude: func(path string) bool { return path == "other.py" }})
	if got := describe(p); got != "production site.live_one (deep/down/site/live_one.py)\n"+
		"\tdeep/down/site/live_one.py:0: the configuration of lintel names it\n\tdeep/down/site/live_one.py:1: it sets `DEBUG`\n" {
		t.Errorf("got %s", got)
	}
}

func TestLinkEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Link(ctx, newTree(t, map[string]string{"manage.py": "import os\n"}), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("err %v", err)
	}
}
