package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
)

// projectFiles is how many Python files a generated project has.
const projectFiles = 4200

// generateProject writes a Django project: layered settings, and apps whose
// modules are as long as those of public projects, some 6 KB on average. It is
// the same on every run.
func generateProject(root string) error {
	g := &generator{random: rand.New(rand.NewPCG(5, 6))}
	files := map[string]string{
		"manage.py":                     "import os\n\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"config.settings.development\")\n",
		"config/__init__.py":            "",
		"config/wsgi.py":                "import os\n\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"config.settings.production\")\n",
		"config/settings/__init__.py":   "",
		"config/settings/base.py":       baseSettings,
		"config/settings/production.py": "from .base import *\n\nDEBUG = False\nALLOWED_HOSTS = [\"shop.example.com\"]\n",
		"Dockerfile":                    "FROM python:3.13\nENV DJANGO_SETTINGS_MODULE=config.settings.production\nCMD gunicorn config.wsgi\n",
	}
	for n := len(files); n < projectFiles; n++ {
		var b strings.Builder
		b.WriteString("import logging\n\nfrom django.db import models\nfrom django.shortcuts import render\n\nlogger = logging.getLogger(__name__)\n")
		for size := 500 + g.random.IntN(11_000); b.Len() < size; {
			b.WriteString(g.module())
		}
		files[fmt.Sprintf("apps/app%d/%s_%d.py", n%97, g.noun(), n)] = b.String()
	}
	for name, content := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

const baseSettings = `import os

DEBUG = True
SECRET_KEY = os.environ["SECRET_KEY"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware"]
ROOT_URLCONF = "config.urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "HOST": os.environ["DB_HOST"]}}
`

// module is a class or a function.
func (g *generator) module() string {
	return g.oneOf(`

class %n%n(models.Model):
    """A %n of the %n."""

    %n = models.ForeignKey("%n.%n", on_delete=models.CASCADE, related_name="%ns")
    %n = models.CharField(max_length=200, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created", "%n"]

    def %v_%n(self, request, %n=None):
        # %v the %n before the %n
        if not %n or self.%n_id is None:
            raise ValueError(f"no %n for {self.pk}")
        rows = self.%n.filter(%n=%n, is_active=True).select_related("%n")[:50]
        return {row.pk: row.%n for row in rows if row.%n and row.%n > 0}
`, `

def %v_%n(request, %n_id, *args, **kwargs):
    %n = %n_id or request.GET.get("%n", "")
    try:
        %n = int(%n) + 1
    except (TypeError, ValueError) as error:
        logger.warning("bad %n %s", %n_id, exc_info=error)
        return render(request, "%n/%n_%v.html", {"error": str(error), "%n": None}, status=400)
    for index, row in enumerate(sorted(args, key=lambda value: value.%n)):
        if index % 2 == 0 and row.%n != "%n":
            kwargs["%n"] = [row.%n, row.%n * 1.5, "%n of the %n"]
    return render(request, "%n/%n_%v.html", {"%n": %n, **kwargs})
`)
}
