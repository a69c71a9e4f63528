package django

import (
	"fmt"
	"testing"

	"github.com/lintel-bot/lintel/internal/fact"
)

func TestVariablesThatGiveUpAProtection(t *testing.T) {
	settings := "import os\nDEBUG = False\nALLOWED_HOSTS = ['x']\nROOT_URLCONF = 'shop.urls'\n"
	served := "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
	for _, tc := range []struct {
		name, path, content, want string
	}{
		{"an image", "Dockerfile", "FROM python\nENV DJANGO_ALLOW_ASYNC_UNSAFE=true\n", `Dockerfile:2 "true"`},
		{"a manifest", "k8s/web.yaml", "env:\n  - name: DJANGO_ALLOW_ASYNC_UNSAFE\n    value: \"true\"\n", `k8s/web.yaml:2 "true"`},
		{"the settings", "shop/settings.py", settings + "os.environ['DJANGO_ALLOW_ASYNC_UNSAFE'] = '1'\n", `shop/settings.py:5 "1"`},
		{"an entry point", "shop/asgi.py", served + "os.environ.setdefault('DJANGO_ALLOW_ASYNC_UNSAFE', 'yes')\n", `shop/asgi.py:3 "yes"`},
		{"while an image is built", "Dockerfile", "FROM python\nRUN DJANGO_ALLOW_ASYNC_UNSAFE=true python manage.py collectstatic\n", ""},
		{"a comment", "Dockerfile", "FROM python\n# ENV DJANGO_ALLOW_ASYNC_UNSAFE=true\n", ""},
		{"an example", ".env.example", "DJANGO_ALLOW_ASYNC_UNSAFE=true\n", ""},
		{"a test", "tests/settings.py", settings + "os.environ['DJANGO_ALLOW_ASYNC_UNSAFE'] = '1'\n", ""},
		{"a branch", "shop/settings.py", settings + "if DEBUG:\n    os.environ['DJANGO_ALLOW_ASYNC_UNSAFE'] = '1'\n", ""},
		{"other code", "shop/notebook.py", "import os\nos.environ['DJANGO_ALLOW_ASYNC_UNSAFE'] = '1'\n", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			files := map[string]string{"shop/settings.py": settings, "shop/wsgi.py": served}
			files[tc.path] = tc.content
			p, err := Link(t.Context(), newTree(t, files), Options{})
			if err != nil {
				t.Fatal(err)
			}
			v := p.Facts().Get("environment").Get("DJANGO_ALLOW_ASYNC_UNSAFE")
			got := ""
			if v != nil {
				place, _ := v.Place()
				got = placeWord(place) + " " + fact.Show(v)
			}
			if got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func placeWord(p fact.Place) string { return fmt.Sprintf("%s:%d", p.Path, p.Line) }
