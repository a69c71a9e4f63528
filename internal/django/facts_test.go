package django

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/fact"
)

func link(t *testing.T, files map[string]string, o Options) *Project {
	t.Helper()
	p, err := Link(context.Background(), newTree(t, files), o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// texts returns the strings of a list.
func texts(v *fact.Value) []string {
	var out []string
	for _, i := range v.Items {
		out = append(out, i.Text)
	}
	return out
}

func TestFacts(t *testing.T) {
	p := link(t, map[string]string{
		"requirements.txt":           "Django==4.2.7\ndjango_redis>=5\n",
		"requirements-dev.txt":       "pytest\n",
		"docs/requirements.txt":      "sphinx\n",
		"setup.py":                   "from setuptools import setup\nNEEDS = [\"boto3>=1\"]\nsetup(name=\"x\", install_requires=NEEDS)\n",
		"Dockerfile":                 "CMD gunicorn shop.wsgi -k uvicorn.workers.UvicornWorker\n",
		"docker-compose.yml":         "services:\n  web:\n    command: python manage.py runserver\n  probe:\n    command: uvicorn probe:app\n",
		"probe.py":                   "import fastapi\n",
		"nginx/site.conf":            "listen 443 ssl;\n",
		"tests/docker/pgbouncer.ini": "",
		"shop/urls.py":               "from django.urls import include, path, re_path\n\nurlpatterns = [\n    path(\"health/\", ok),\n    re_path(r\"^old/$\", ok),\n    path(\"api/\", include(\"api.urls\")),\n]\n",
		"shop/test_urls.py":          "from django.urls import path\nurlpatterns = [path(\"secret/\", ok)]\n",
		"shop/views.py":              "import requests\nfrom django.core.cache import cache\n\n\ndef view(request):\n    return cache.get(\"x\")\n",
		"docs/__init__.py":           "",
		"docs/views.py":              "import markdown\n",
		"docs/conf.py":               "import sphinx_theme\n",
		"examples/views.py":          "import exampled\n",
		"tests/test_views.py":        "import responses\nfrom django.core.cache import cache\ncache.clear()\n",
		"shop/migrations/0001_a.py":  "import oldlib\n",
		"manage.py":                  "import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"shop.settings\")\n",
		"shop/settings.py":           "DEBUG = False\nSECURE_PROXY_SSL_HEADER = None\nINSTALLED_APPS = []\n",
	}, Options{})
	facts := p.Facts()
	if v := facts.Get("django"); v.Text != "4.2.7" || v.Places[0].Path != "requirements.txt" || v.Places[0].Line != 1 {
		t.Errorf("django %+v", v)
	}
	if got := texts(facts.Get("dependencies")); !slices.Equal(got, []string{"boto3", "django", "django-redis"}) {
		t.Errorf("dependencies %q", got)
	}
	if got := texts(facts.Get("servers")); !slices.Equal(got, []string{"gunicorn", "uvicorn"}) {
		t.Errorf("servers %q", got)
	}
	for name, want := range map[string]bool{"asgi": true, "tls_proxy": true, "pgbouncer": false} {
		if v := facts.Get(name); v.Kind != fact.Bool || v.Bool != want {
			t.Errorf("%s is %+v", name, v)
		}
	}
	if got := texts(facts.Get("urls")); !slices.Equal(got, []string{"health/", "^old/$", "api/"}) {
		t.Errorf("urls %q", got)
	}
	got := strings.Join(texts(facts.Get("imports")), " ")
	if got != "django fastapi markdown os requests sphinx_theme" {
		t.Errorf("imports %q", got)
	}
	if v := facts.Get("python_files"); v.Int != 13 {
		t.Errorf("%d files", v.Int)
	}
	var uses []string
	for _, u := range p.Uses([]string{"django.core.cache.cache", "requests.*"}) {
		uses = append(uses, u.Path+" "+u.Symbol)
	}
	if !slices.Equal(uses, []string{"shop/views.py django.core.cache.cache.get"}) {
		t.Errorf("uses %q", uses)
	}
	for pattern, want := range map[string]int{"django.core.cache.*": 1, "requests": 1, "django.core.cache.caches": 0, "responses": 0, "django.urls.path": 1} {
		if got := len(p.Uses([]string{pattern})); got != want {
			t.Errorf("%d uses of %s", got, pattern)
		}
	}
}

func TestFactsThatNothingTells(t *testing.T) {
	facts := link(t, map[string]string{"a.py": "x = 1\n"}, Options{}).Facts()
	for _, name := range []string{"dependencies", "servers"} {
		if v := facts.Get(name); !v.Open || len(v.Missing) == 0 {
			t.Errorf("%s is %+v", name, v)
		}
	}
	if v := facts.Get("django"); v.Kind != fact.Unknown || !slices.Equal(v.Missing, []string{"the version of Django"}) {
		t.Errorf("django is %+v", v)
	}
}

func TestDjangoVersion(t *testing.T) {
	for _, test := range []struct {
		files map[string]string
		want  string
	}{
		{map[string]string{"poetry.lock": "[[package]]\nname = \"django\"\nversion = \"5.1.2\"\n", "pyproject.toml": "[tool.poetry.dependencies]\ndjango = \"^5.0\"\n"}, `"5.1.2"`},
		{map[string]string{"pyproject.toml": "[tool.poetry.dependencies]\ndjango = \"^5.0\"\n"}, `"5.0"`},
		{map[string]string{"pyproject.toml": "[project]\ndependencies = [\"django>=4.2,<5\"]\n"}, `"4.2"`},
		{map[string]string{"pyproject.toml": "[project]\ndependencies = [\"django>=4.2,<4.3\"]\n"}, `"4.2"`},
		{map[string]string{"requirements.txt": "django~=4.2.3\n"}, `"4.2.3"`},
		{map[string]string{"requirements.txt": "django==4.2.*\n"}, `"4.2"`},
		{map[string]string{"requirements.txt": "django>=3.2\n"}, `union`},
		{map[string]string{"requirements.txt": "django>=3.2,<6\n"}, `union`},
		{map[string]string{"requirements.txt": "django\n"}, `unknown`},
		{map[string]string{"requirements.txt": "django<5\n"}, `unknown`},
		{map[string]string{"requirements/a.txt": "django==5.0\n", "requirements/b.txt": "django==4.2\n"}, `"4.2"`},
		{map[string]string{"requirements/test.txt": "django==3.2\n"}, `unknown`},
		{map[string]string{"example/poetry.lock": "name = \"django\"\nversion = \"1.8\"\n", "requirements.txt": "django==5.0\n"}, `"5.0"`},
	} {
		v := link(t, test.files, Options{}).Facts().Get("django")
		got := fact.Show(v)
		switch v.Kind {
		case fact.Union:
			got = "union"
			if v.Alternatives[1].Value.Text != "6.1" {
				t.Errorf("%v: %+v", test.files, v)
			}
		case fact.Unknown:
			got = "unknown"
		}
		if got != test.want {
			t.Errorf("%v: %s, want %s", test.files, got, test.want)
		}
	}
}
