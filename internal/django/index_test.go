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
		"deep/down/site/live_one.py": "DEBUG = False\n",
		"manage.py":                  "import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"other\")\n",
		"other.py":                   "DEBUG = True\nINSTALLED_APPS = []\nMIDDLEWARE = []\n",
		"classes.py":                 "from configurations import Configuration\n\n\nclass One(Configuration):\n    DEBUG = True\n    ADMINS = []\n    CACHES = {}\n\n\nclass Two(Configuration):\n    DEBUG = False\n",
	}
	for _, test := range []struct {
		name     string
		options  Options
		want     string
		notFound []string
	}{
		{"none", Options{}, "production other", nil},
		{"configured", Options{Settings: []string{"site.live_one"}, Roots: []string{"/deep/down/"}}, "unknown other, production site.live_one", nil},
		{"unknown root", Options{Settings: []string{"live_one"}}, "production other", []string{"live_one"}},
		{"one is not there", Options{Settings: []string{"gone.settings", "site.live_one"}}, "unknown other, production site.live_one", []string{"gone.settings"}},
		{"class", Options{Settings: []string{"classes:Two"}}, "unknown classes:One, production classes:Two, unknown other", nil},
		{"excluded", Options{Exclude: func(path string) bool { return path == "other.py" }}, "", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := link(t, files, test.options)
			var got []string
			for _, l := range p.Leaves() {
				if l.Tier == Production || l.Module != "classes" || len(test.options.Settings) > 0 && strings.HasPrefix(test.options.Settings[0], "classes") {
					got = append(got, l.Tier.String()+" "+l.Identity())
				}
			}
			if strings.Join(got, ", ") != test.want || !slices.Equal(p.NotFound(), test.notFound) {
				t.Errorf("got %q, not found %q", got, p.NotFound())
			}
		})
	}
}

func TestLinkEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Link(ctx, newTree(t, map[string]string{"manage.py": "import os\n"}), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("err %v", err)
	}
}
