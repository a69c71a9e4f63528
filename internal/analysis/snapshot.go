package analysis

import (
	"context"
	"errors"
	"fmt"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/django"
	"github.com/lintel-bot/lintel/internal/python"
)

// snapshot is a tree read into facts. It is django.Source, for one goroutine.
type snapshot struct {
	paths []string
	facts map[string]*fileFacts
	blobs map[string]string
}

// errNoFacts is what a file ends with that has no facts.
var errNoFacts = errors.New("it was not read")

// Files implements django.Source.
func (s *snapshot) Files() []string { return s.paths }

// Summary implements django.Source.
func (s *snapshot) Summary(path string) (python.Summary, bool) {
	f, ok := s.facts[path]
	if !ok || f.problem != "" {
		return python.Summary{}, false
	}
	return f.summary, true
}

// Python implements django.Source.
func (s *snapshot) Python(path string) (*python.File, error) {
	f, ok := s.facts[path]
	switch {
	case !ok:
		return nil, errNoFacts
	case f.problem != "":
		return nil, errors.New(f.problem)
	case f.tree == nil:
		tree, err := python.Decode(f.encoded)
		if err != nil {
			return nil, fmt.Errorf("its facts are damaged: %w", err)
		}
		f.tree = tree
	}
	return f.tree, nil
}

// Evidence implements django.Source.
func (s *snapshot) Evidence(path string) (django.Evidence, bool) {
	f, ok := s.facts[path]
	if !ok || f.problem != "" || factsOf(path) != factsEvidence {
		return django.Evidence{}, false
	}
	return f.evidence, true
}

// wanted returns the files of a tree that have facts.
func (r *run) wanted(tree []diff.Entry) []factsTarget {
	var out []factsTarget
	for _, e := range tree {
		if r.wants(e) {
			out = append(out, newFactsTarget(e))
		}
	}
	return out
}

// wants reports whether facts about a file are asked for. One that is left out
// has none, even where its content is known from elsewhere.
func (r *run) wants(e diff.Entry) bool {
	return outOfScope(e.Path, e.Mode, r.options.Exclude) == "" && factsOf(e.Path) != factsNone
}

// snapshots reads the trees of commits. Contents that they share are read once.
func (r *run) snapshots(ctx context.Context, commits ...string) ([]*snapshot, error) {
	trees := make([][]diff.Entry, len(commits))
	var targets []factsTarget
	for i, commit := range commits {
		tree, err := r.source.Tree(ctx, commit)
		if err != nil {
			return nil, fmt.Errorf("list the files of %s: %w", commit, err)
		}
		trees[i] = tree
		targets = append(targets, r.wanted(tree)...)
	}
	facts, err := r.gather(ctx, targets)
	if err != nil {
		return nil, err
	}
	out := make([]*snapshot, len(commits))
	for i, tree := range trees {
		s := &snapshot{facts: make(map[string]*fileFacts), blobs: make(map[string]string)}
		for _, e := range tree {
			if !e.Mode.Regular() {
				continue
			}
			s.paths = append(s.paths, e.Path)
			s.blobs[e.Path] = e.Blob
			if r.wants(e) {
				s.facts[e.Path] = facts[newFactsTarget(e).id()]
			}
		}
		out[i] = s
	}
	return out, nil
}
