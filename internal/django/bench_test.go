package django

import (
	"context"
	"fmt"
	"testing"
)

// BenchmarkLink links a tree of the size of a large project, of which only the
// summaries should be read.
func BenchmarkLink(b *testing.B) {
	const apps, modules = 200, 22
	files := map[string]string{
		"manage.py":                     "import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"config.settings.dev\")\n",
		"config/wsgi.py":                "import os\nfrom django.core.wsgi import get_wsgi_application\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"config.settings.production\")\n",
		"config/settings/base.py":       "DEBUG = False\nINSTALLED_APPS = []\nMIDDLEWARE = []\n",
		"config/settings/dev.py":        "from .base import *\nDEBUG = True\n",
		"config/settings/production.py": "from .base import *\nALLOWED_HOSTS = []\n",
		"Dockerfile":                    "ENV DJANGO_SETTINGS_MODULE=config.settings.production\nCMD gunicorn config.wsgi\n",
		"requirements.txt":              "Django==5.2\n",
	}
	for a := range apps {
		files[fmt.Sprintf("app%d/urls.py", a)] = "from django.urls import path\nurlpatterns = [path(\"x/\", view)]\n"
		for m := range modules {
			files[fmt.Sprintf("app%d/module%d.py", a, m)] = fmt.Sprintf("import os\nfrom django.db import models\nfrom app%d.module%d import Thing\nMAX = 5\n\n\nclass Model(models.Model):\n    NAME = 1\n", (a+1)%apps, m)
		}
	}
	s := newTree(b, files)
	b.ReportMetric(float64(len(files)), "files")
	for b.Loop() {
		s.loads = 0
		p, err := Link(context.Background(), s, Options{})
		if err != nil || len(p.Leaves()) != 2 {
			b.Fatal(err, len(p.Leaves()))
		}
		p.Uses([]string{"django.db.models.Model"})
	}
	b.ReportMetric(float64(s.loads), "trees")
}
