package django

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/python"
)

// tree is a Source over files in memory.
type tree struct {
	files    []string
	python   map[string]*python.File
	errors   map[string]error
	evidence map[string]Evidence
	loads    int
}

func newTree(t testing.TB, files map[string]string) *tree {
	t.Helper()
	s := &tree{python: make(map[string]*python.File), errors: make(map[string]error), evidence: make(map[string]Evidence)}
	for name, content := range files {
		s.files = append(s.files, name)
		switch {
		case strings.HasSuffix(name, ".py"):
			f, err := python.Parse(context.Background(), []byte(content), nil)
			if err != nil {
				s.errors[name] = err
				continue
			}
			s.python[name] = f
		case IsEvidence(name):
			data, err := ReadEvidence(context.Background(), name, []byte(content))
			if err != nil {
				t.Fatal(err)
			}
			if s.evidence[name], err = DecodeEvidence(data); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

func (s *tree) Files() []string { return s.files }

func (s *tree) Summary(path string) (python.Summary, bool) {
	f, ok := s.python[path]
	if !ok {
		return python.Summary{}, false
	}
	return f.Summary(), true
}

func (s *tree) Python(path string) (*python.File, error) {
	s.loads++
	if f, ok := s.python[path]; ok {
		return f, nil
	}
	if err := s.errors[path]; err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s: %w", path, fs.ErrNotExist)
}

func (s *tree) Evidence(path string) (Evidence, bool) {
	e, ok := s.evidence[path]
	return e, ok
}
