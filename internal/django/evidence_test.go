package django

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// say writes a mark as the table below does.
func say(m Mark) string {
	s := fmt.Sprintf("%d %s %s", m.Line, m.Kind, m.Name)
	if m.Detail != "" {
		s += " " + m.Detail
	}
	if m.Stage != "" {
		s += " (" + string(m.Stage) + ")"
	}
	return strings.TrimSpace(s)
}

func TestReadEvidence(t *testing.T) {
	for _, test := range []struct {
		path, content string
		stage         Stage
		want          []string
	}{
		{"Dockerfile", "FROM python:3.12 AS build\nRUN pip install gunicorn uvicorn\nENV DJANGO_SETTINGS_MODULE=web.settings.prod\n# ENV DJANGO_SETTINGS_MODULE=web.other\nCMD [\"gunicorn\", \"web.wsgi:application\", \"-k\", \"uvicorn.workers.UvicornWorker\"]\n", StageProduction,
			[]string{"3 settings web.settings.prod", "5 server gunicorn web.wsgi", "5 server uvicorn web.wsgi"}},
		{"Dockerfile", "FROM a AS test\nENV DJANGO_SETTINGS_MODULE web.settings.test\nFROM a AS final\nENTRYPOINT exec daphne -b 0.0.0.0 web.asgi:application\n", StageProduction,
			[]string{"2 settings web.settings.test (test)", "4 server daphne web.asgi"}},
		{"Dockerfile", "RUN DJANGO_SETTINGS_MODULE=web.settings.build \\\n    DJANGO_CONFIGURATION=Build python manage.py collectstatic\nRUN a && \\\n # why\n    python manage.py compress --settings=web.settings.build\nENV X=1 \\\n    DJANGO_SETTINGS_MODULE=web.settings.prod\n", StageProduction,
			[]string{"7 settings web.settings.prod", "1 command collectstatic", "3 command compress"}},
		{"docker/Dockerfile.dev", "CMD python manage.py runserver 0.0.0.0:8000\n", StageDevelopment, []string{"1 command runserver", "1 server runserver"}},
		{"docker-compose.yml", "services:\n  web:\n    image: gunicorn\n    command: >\n      gunicorn web.wsgi --bind :8000\n    environment:\n      - DJANGO_SETTINGS_MODULE=${DJANGO_SETTINGS_MODULE:-web.settings.prod}\n      - SECRET_KEY=hunter2hunter2\n  pool:\n    image: bitnami/pgbouncer:1\n  edge:\n    image: \"traefik:v3\"\n", "",
			[]string{"7 settings web.settings.prod", "5 server gunicorn web.wsgi", "10 pool pgbouncer", "12 proxy traefik"}},
		{"docker-compose.override.yml", "", StageDevelopment, nil},
		{"docker-compose.prod.yml", "", StageProduction, nil},
		{"compose/production/django/start", "exec /usr/local/bin/gunicorn config.asgi --bind 0.0.0.0 -k uvicorn_worker.UvicornWorker\n", StageProduction, []string{"1 server gunicorn config.asgi", "1 server uvicorn config.asgi"}},
		{"Procfile", "release: python manage.py migrate --noinput --settings=web.settings.heroku\nweb: gunicorn web.wsgi --log-file -\nworker: celery --app=web.tasks worker -B\n", StageProduction,
			[]string{"1 settings web.settings.heroku", "1 command migrate", "2 server gunicorn web.wsgi", "3 celery web.tasks", "1 proxy heroku"}},
		{"Procfile.dev", "web: python manage.py runserver\n", StageDevelopment, []string{"1 command runserver", "1 server runserver"}},
		{"k8s/web.yaml", "env:\n  - name: DJANGO_SETTINGS_MODULE\n    value: web.settings.cluster\n  - name: DJANGO_CONFIGURATION\n    value: Prod\n---\nkind: Ingress\n", StageProduction,
			[]string{"2 settings web.settings.cluster", "4 configuration Prod", "7 proxy ingress"}},
		{".do/deploy.template.yaml", "envs:\n  - key: DJANGO_SETTINGS_MODULE\n    scope: RUN_TIME\n    type: GENERAL\n    value: \"web.settings.base\"\n  - key: DJANGO_CONFIGURATION\n    scope: RUN_TIME\n  - key: OTHER\n    value: x\n", StageProduction, []string{"2 settings web.settings.base"}},
		{"deploy/task-definition.json", `{"environment": [{"name": "DJANGO_SETTINGS_MODULE", "value": "web.ecs"}], "command": ["granian", "--interface", "asgi", "web.asgi:app"]}` + "\n", StageProduction,
			[]string{"1 settings web.ecs", "1 server granian asgi"}},
		{"deploy/web.service", "[Service]\nEnvironment=DJANGO_SETTINGS_MODULE=web.prod\nExecStart=/srv/venv/bin/hypercorn web.asgi:application\n", StageProduction, []string{"2 settings web.prod", "3 server hypercorn web.asgi"}},
		{"uwsgi.ini", "[uwsgi]\nmodule = web.wsgi:application\nenv = DJANGO_SETTINGS_MODULE=web.prod\n", StageProduction, []string{"3 settings web.prod", "2 server uwsgi web.wsgi"}},
		{"bin/start.sh", "waitress-serve --port=80 \\\n  web.wsgi:application\n", "", []string{"1 server waitress web.wsgi"}},
		{"scripts/run.sh", "python -m django check --deploy --settings web.settings.prod && uwsgi --ini uwsgi.ini --module=web.wsgi\n", "", []string{"1 settings web.settings.prod", "1 command check", "1 server uwsgi web.wsgi"}},
		{".github/workflows/ci.yml", "env:\n  DJANGO_SETTINGS_MODULE: web.settings.ci\n", StageTest, []string{"2 settings web.settings.ci"}},
		{".github/workflows/deploy.yml", "env:\n  DJANGO_SETTINGS_MODULE: conf_prod\n", StageProduction, []string{"2 settings conf_prod"}},
		{"tox.ini", "[testenv]\nsetenv =\n    DJANGO_SETTINGS_MODULE = web.settings.test\ncommands = python manage.py test {posargs}\n", StageTest, []string{"3 settings web.settings.test", "4 command test"}},
		{"pytest.ini", "[pytest]\naddopts = --ds=web.settings.test --dc=Test\n", StageTest, []string{"2 settings web.settings.test", "2 configuration Test"}},
		{"setup.cfg", "[metadata]\nname = x\n[options]\ninstall_requires =\n    Django>=4.2,<5\n    celery[redis]\n[options.extras_require]\ntest =\n    pytest\n[tool:pytest]\nDJANGO_SETTINGS_MODULE = x.test\n", "",
			[]string{"5 dependency django >=4.2,<5", "6 dependency celery", "9 dependency pytest (test)", "11 settings x.test (test)"}},
		{"pyproject.toml", "[project]\ndependencies = [\n  \"Django~=5.0\", # why\n  'django_redis>=5', \"psycopg[binary]\",\n]\n[project.optional-dependencies]\ns3 = [\"django-storages[s3]\"]\ntest = [\"pytest-django\"]\n[dependency-groups]\ndev = [\"ruff\"]\n[tool.poetry.dependencies]\npython = \"^3.12\"\nsentry-sdk = {version = \"^2.0\", extras = [\"django\"]}\n[tool.poetry.group.dev.dependencies]\nblack = \"*\"\n[tool.pytest.ini_options]\nDJANGO_SETTINGS_MODULE = \"x.test\"\naddopts = \"--ds=x.other\"\n", "",
			[]string{"3 dependency django ~=5.0", "4 dependency django-redis >=5", "4 dependency psycopg", "7 dependency django-storages", "8 dependency pytest-django (test)", "10 dependency ruff (development)", "13 dependency sentry-sdk ^2.0", "15 dependency black * (development)", "17 settings x.test (test)", "18 settings x.other (test)"}},
		{"requirements/base.txt", "-r other.txt\n--index-url https://user:hunter2@example.test/simple\nDjango==4.2.7  # comment\ncelery[redis]==5.3 ; python_version > '3'\nhttps://example.test/x.zip\n-e git+https://token@example.test/a.git#egg=My_Thing\nnot a requirement\nblack @ https://example.test/b.whl\n", "",
			[]string{"3 dependency django ==4.2.7", "4 dependency celery ==5.3", "6 dependency my-thing", "8 dependency black"}},
		{"requirements-dev.txt", "pytest\n", StageDevelopment, []string{"1 dependency pytest (development)"}},
		{"Pipfile", "[packages]\ndjango = \"==4.2\"\n[dev-packages]\npytest = \"*\"\n", "", []string{"2 dependency django ==4.2", "4 dependency pytest * (development)"}},
		{"Pipfile.lock", "{\n \"default\": {\n  \"django\": {\n   \"hashes\": [],\n   \"version\": \"==4.2.1\"\n  }, \"x\": {\n \"version\": \"==1\"\n}\n", "", []string{"5 locked django 4.2.1"}},
		{"uv.lock", "[[package]]\nname = \"redis\"\nversion = \"8.1.0\"\n[[package]]\nname = \"redis-om\"\nversion = \"1.0\"\n", "", []string{"3 locked redis 8.1.0"}},
		{"poetry.lock", "[[package]]\nname = \"asgiref\"\nversion = \"3.7\"\n[[package]]\nname = \"Django\"\nversion = \"5.0.3\"\n", "", []string{"6 locked django 5.0.3"}},
		{"nginx/app.conf", "server {\n  listen 443 ssl;\n  ssl_certificate /x;\n  proxy_set_header X-Forwarded-Proto $scheme;\n}\n", StageProduction, []string{"2 proxy nginx", "4 proxy proxy"}},
		{"nginx/plain.conf", "server { listen 80; }\n", StageProduction, nil},
		{"Caddyfile", "shop.example {\n}\n", StageProduction, []string{"1 proxy caddy"}},
		{"infra/lb.tf", "resource \"aws_lb\" \"web\" {}\nresource \"aws_db_proxy\" \"p\" {}\n", StageProduction, []string{"1 proxy aws", "2 pool aws_db_proxy"}},
		{"fly.toml", "[http_service]\n  force_https = true\n[env]\n  DJANGO_SETTINGS_MODULE = \"web.fly\"\n", StageProduction, []string{"4 settings web.fly", "1 proxy fly.io", "2 proxy force_https"}},
		{".env.example", "DJANGO_SETTINGS_MODULE=web.settings.dev\nSECRET_KEY=hunter2\n", StageExample, []string{"1 settings web.settings.dev"}},
		{"Makefile", "run:\n\t./manage.py runserver --settings web.settings.dev\n", StageDevelopment, []string{"2 settings web.settings.dev", "2 command runserver", "2 server runserver"}},
		{"config/pgbouncer.ini", "[databases]\n* = host=db password=hunter2\n", StageProduction, []string{"1 pool pgbouncer"}},
		{"Dockerfile", "ENV DJANGO_SETTINGS_MODULE=$SETTINGS\nENV DJANGO_SETTINGS_MODULE\nRUN echo DJANGO_SETTINGS_MODULE is not set\nENV DJANGO_SETTINGS_MODULE=\"{{ module }}\"\n", StageProduction, nil},
	} {
		t.Run(test.path, func(t *testing.T) {
			if !IsEvidence(test.path) {
				t.Fatal("no evidence")
			}
			data, err := ReadEvidence(context.Background(), test.path, []byte(test.content))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(data), "hunter2") || strings.Contains(string(data), "token") {
				t.Errorf("a value is kept: %s", data)
			}
			e, err := DecodeEvidence(data)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range e.Marks {
				got = append(got, say(m))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("marks\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
			if e.Stage != test.stage {
				t.Errorf("stage %q, want %q", e.Stage, test.stage)
			}
		})
	}
}

func TestIsEvidence(t *testing.T) {
	for path, want := range map[string]bool{
		"README.md": false, "docs/index.rst": false, "app/views.py": false, "data/cities.json": false, "locale/de.txt": false, "static/app.js": false,
		"templates/mail.txt": false, "config.yml": false, ".github/CODEOWNERS": false, ".github/dependabot.yml": false,
		"deep/down/Dockerfile": true, "Dockerfile-alpine": true, "web.dockerfile": true, "compose.yaml": true, "docker-compose.ci.yml": true,
		".gitlab-ci.yml": true, ".circleci/config.yml": true, "helm/app/templates/deployment.yaml": true, "ansible/site.yml": true, "requirements.in": true,
		".envs/.production/.django": true, "prod.env": true, "supervisord.conf": true, "etc/nginx/nginx.conf": true, "uv.lock": true, "app.json": true,
		".ebextensions/django.config": true, "zappa_settings.json": true,
	} {
		if got := IsEvidence(path); got != want {
			t.Errorf("IsEvidence(%q) = %v", path, got)
		}
	}
}

func TestEvidenceIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 3 * maxMarks {
		fmt.Fprintf(&b, "package-%d==1.%d\n", i, i)
	}
	if e := readEvidence("requirements.txt", []byte(b.String())); len(e.Marks) != maxMarks {
		t.Errorf("%d marks", len(e.Marks))
	}
	long := "ENV DJANGO_SETTINGS_MODULE=" + strings.Repeat("a.", maxEvidenceLine) + "b\nENV DJANGO_SETTINGS_MODULE=" + strings.Repeat("a", maxName+1) + ".b\n"
	if e := readEvidence("Dockerfile", []byte(long)); len(e.Marks) != 0 {
		t.Errorf("%d marks of overlong names", len(e.Marks))
	}
}

func TestDecodeEvidenceRefuses(t *testing.T) {
	for _, data := range []string{"", "{", "[]", `{"Kind":"no such kind"}`, `{"Kind":"compose","Stage":"moon"}`, `{"Kind":"compose","Marks":[{"kind":"settings","name":"a","line":0}]}`,
		`{"Kind":"compose","Marks":[{"kind":"gossip","name":"a","line":1}]}`, `{"Kind":"compose","Marks":[{"kind":"settings","name":"a b\u0000","line":1}]}`,
		`{"Kind":"compose","Marks":[{"kind":"settings","name":"` + strings.Repeat("a", maxName+1) + `","line":1}]}`} {
		if e, err := DecodeEvidence([]byte(data)); err == nil {
			t.Errorf("%q decodes to %+v", data, e)
		}
	}
}
