package django

import (
	"slices"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/fact"
)

// TestUnread: what the settings of production depend on and could not be read is
// named, and makes unknown what it might set.
func TestUnread(t *testing.T) {
	deep := "X = " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  []Gap
		open  bool
	}{
		{"nothing", map[string]string{"conf/base.py": "DEBUG = False\n"}, nil, false},
		{"broken base", map[string]string{"conf/base.py": "DEBUG = False\nCACHES = {{{\n"}, []Gap{{Path: "conf/base.py", Line: 2, Reason: "it is no valid Python"}}, true},
		{"broken leaf", map[string]string{"conf/base.py": "DEBUG = False\n", "conf/production.py": "from .base import *\nALLOWED_HOSTS = [\n"}, []Gap{{Path: "conf/production.py", Line: 2, Reason: "it is no valid Python"}}, true},
		{"too deep", map[string]string{"conf/base.py": deep}, []Gap{{Path: "conf/base.py", Reason: "nested too deep to be parsed"}}, true},
		{"too deep leaf", map[string]string{"manage.py": "import django\n", "conf/base.py": "DEBUG = False\n", "conf/production.py": deep}, []Gap{{Path: "conf/production.py", Reason: "nested too deep to be parsed"}}, true},
		{"missing", map[string]string{"conf/production.py": "from .gone import *\nDEBUG = False\nALLOWED_HOSTS = []\nINSTALLED_APPS = []\n"}, nil, true},
		{"cycle", map[string]string{"conf/base.py": "from .production import *\nDEBUG = False\n"}, []Gap{{Path: "conf/base.py", Line: 1, Reason: "it imports conf.production, which imports it"}}, true},
		{"broken for tests", map[string]string{"conf/base.py": "DEBUG = False\n", "conf/test.py": "from .base import *\nDEBUG = (\n"}, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{
				"manage.py":          "import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"conf.production\")\n",
				"conf/production.py": "from .base import *\nALLOWED_HOSTS = []\n",
			}
			for name, content := range test.files {
				files[name] = content
			}
			p := link(t, files, Options{})
			i := slices.IndexFunc(p.Leaves(), func(l *Leaf) bool { return l.Module == "conf.production" })
			if i < 0 {
				t.Fatalf("no leaf of production:\n%s", describe(p))
			}
			leaf := p.Leaves()[i]
			if leaf.Tier != Production || leaf.Settings == nil || leaf.Settings.Kind != fact.Dict {
				t.Fatalf("the leaf is %+v", leaf)
			}
			if !slices.Equal(leaf.Unread, test.want) {
				t.Errorf("unread %+v, want %+v", leaf.Unread, test.want)
			}
			if leaf.Settings.Open != test.open || test.open != (len(leaf.Settings.Missing) > 0) {
				t.Errorf("open %v, missing %q", leaf.Settings.Open, leaf.Settings.Missing)
			}
			if v := leaf.Settings.Get("SECURE_SSL_REDIRECT"); (v == nil) != test.open {
				t.Errorf("a default is %+v", v)
			}
			for _, other := range p.Leaves() {
				if other.Tier != Production && (other.Settings != nil || other.Unread != nil) {
					t.Errorf("%s has settings", other.Identity())
				}
			}
		})
	}
}
