package django

import (
	"bytes"
	"context"
	"reflect"
	"strings"
	"testing"
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
