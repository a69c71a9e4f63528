package django

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// FuzzReadEvidence: whatever a file holds, reading it ends, and what was read
// survives being kept.
func FuzzReadEvidence(f *testing.F) {
	for _, path := range []string{
		"Dockerfile", "docker-compose.yml", "Procfile", "k8s/web.yaml", "deploy/web.service", "uwsgi.ini", "run.sh", ".env", ".github/workflows/ci.yml", "Makefile",
		"fly.toml", "main.tf", "nginx/nginx.conf", "package.json", "tox.ini", "setup.cfg", "pyproject.toml", "requirements.txt", "Pipfile", "poetry.lock",
	} {
		f.Add(path, []byte("FROM x AS test\nENV DJANGO_SETTINGS_MODULE=a.b\nCMD gunicorn a.wsgi:b \\\n"))
		f.Add(path, []byte("[project]\ndependencies = [\n\"django>=4\",\n[tool.poetry.dependencies]\ndjango = {version = \"4\"\n[x\n"))
		f.Add(path, []byte("- name: DJANGO_SETTINGS_MODULE\n  value: \"a.b\nkind: Ingress\nlisten 443\n"))
	}
	f.Fuzz(func(t *testing.T, path string, content []byte) {
		if !IsEvidence(path) {
			path = "Dockerfile"
		}
		data, err := ReadEvidence(context.Background(), path, content)
		if err != nil {
			t.Fatal(err)
		}
		e, err := DecodeEvidence(data)
		if err != nil {
			t.Fatalf("%v: %s", err, data)
		}
		if want := readEvidence(path, content); !reflect.DeepEqual(e, want) {
			t.Fatalf("decoded %+v, read %+v", e, want)
		}
		lines := bytes.Count(content, []byte("\n")) + 1
		for _, m := range e.Marks {
			if m.Line > lines || strings.ContainsAny(m.Name+m.Detail, " \t\n\x00\"'@/") {
				t.Errorf("mark %+v of %d lines", m, lines)
			}
		}
	})
}

// FuzzDecodeEvidence: data of a cache that was damaged gives an error, or
// evidence within bounds.
func FuzzDecodeEvidence(f *testing.F) {
	data, err := ReadEvidence(context.Background(), "Dockerfile", []byte("ENV DJANGO_SETTINGS_MODULE=a.b\nCMD gunicorn a.wsgi\n"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"Kind":"compose","Stage":"","Marks":null}`))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := DecodeEvidence(data)
		if err != nil {
			return
		}
		again, err := encodeEvidence(e)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := DecodeEvidence(again); err != nil || !reflect.DeepEqual(back, e) {
			t.Fatalf("%+v comes back as %+v, %v", e, back, err)
		}
	})
}

// FuzzLink: whatever a tree holds, linking it ends, names no path that is not
// there and interprets every leaf of production.
func FuzzLink(f *testing.F) {
	names, err := filepath.Glob("testdata/leaves/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		files := make(map[string]string)
		for _, file := range txtar.Parse(data).Files {
			if fs.ValidPath(file.Name) && len(files) < 50 {
				files[file.Name] = string(file.Data)
			}
		}
		p, err := Link(context.Background(), newTree(t, files), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Leaves() {
			if _, ok := files[l.Path]; !ok || l.Module == "" {
				t.Errorf("leaf %q at %q", l.Module, l.Path)
			}
			if (l.Tier == Production) != (l.Settings != nil) {
				t.Errorf("leaf %s of %s with settings %v", l.Module, l.Tier, l.Settings != nil)
			}
			for _, r := range l.Reasons {
				if _, ok := files[r.Path]; !ok || r.Line > strings.Count(files[r.Path], "\n")+1 {
					t.Errorf("reason %+v", r)
				}
			}
		}
	})
}
