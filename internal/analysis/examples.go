package analysis

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/rule"
)

// Tested is what the examples of a rule came to.
type Tested struct {
	Rule *rule.Rule
	// Cases is their number; Mismatches says in words how some differ from what
	// is expected of them.
	Cases      int
	Mismatches []string
}

// TestRules runs the examples of the wanted rules of the analyzer's catalogue:
// each is a tree, and only what its own rule says of it counts. A rule without
// examples has not been tested, which is a mismatch.
func (a *Analyzer) TestRules(ctx context.Context, wanted []*rule.Rule) ([]Tested, error) {
	var out []Tested
	for _, r := range wanted {
		t := Tested{Rule: r}
		if r.Examples == nil || len(r.Examples.Cases) == 0 {
			t.Mismatches = append(t.Mismatches, "it has no examples")
		} else {
			for _, c := range r.Examples.Cases {
				t.Cases++
				mismatches, err := a.testCase(ctx, r, c)
				if err != nil {
					return nil, fmt.Errorf("test %s, case %s: %w", r.ID, c.Name, err)
				}
				t.Mismatches = append(t.Mismatches, mismatches...)
			}
		}
		out = append(out, t)
	}
	return out, nil
}

func (a *Analyzer) testCase(ctx context.Context, r *rule.Rule, c rule.Case) ([]string, error) {
	one, err := rule.NewCatalogue([]*rule.Rule{r})
	if err != nil {
		return nil, err
	}
	alone := *a
	alone.catalogue, alone.facts = one, nil
	run := alone.newRun(newMemoryTree(c.Files), Options{})
	found, open, gaps, err := run.examine(ctx, r)
	if err != nil {
		return nil, err
	}
	var mismatches []string
	for _, m := range c.Mismatches(found, open) {
		mismatches = append(mismatches, fmt.Sprintf("case %s: %s", c.Name, m))
	}
	for _, n := range gaps {
		mismatches = append(mismatches, fmt.Sprintf("case %s: not scanned: %s: %s", c.Name, n.Path, n.Reason))
	}
	return mismatches, nil
}

// examine says what one rule finds in a tree. What rules find of secrets is not
// folded into what the scanner finds: that is for people, and hides the rule.
func (r *run) examine(ctx context.Context, one *rule.Rule) ([]finding.Finding, []finding.Undecided, []finding.NotScanned, error) {
	if one.Finder != "" {
		r.analyzer.catalogue = nil
		result, err := r.analyzer.Audit(ctx, r.source, "", Options{})
		if err != nil {
			return nil, nil, nil, err
		}
		found := slices.DeleteFunc(result.New, func(f finding.Finding) bool { return f.Rule != one.ID })
		return found, nil, result.NotScanned, nil
	}
	snapshots, err := r.snapshots(ctx, "")
	if err != nil {
		return nil, nil, nil, err
	}
	l, err := r.link(ctx, snapshots[0])
	if err != nil {
		return nil, nil, nil, err
	}
	var found []finding.Finding
	for _, g := range grouped(l.outcomes) {
		found = append(found, g.finding())
	}
	return found, undecided(l.outcomes), l.gaps(), nil
}

// memoryTree is a Source of one tree that is in memory.
type memoryTree struct {
	entries []diff.Entry
	blobs   map[string]string
}

func newMemoryTree(files map[string]string) *memoryTree {
	m := &memoryTree{blobs: make(map[string]string)}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		id := fmt.Sprintf("%x %s", len(files[path]), path)
		m.blobs[id] = files[path]
		m.entries = append(m.entries, diff.Entry{Path: path, Mode: diff.ModeFile, Blob: id})
	}
	return m
}

var errOneTree = errors.New("an example is one tree without a history")

func (m *memoryTree) Diff(context.Context, string, string) ([]diff.File, error) {
	return nil, errOneTree
}

func (m *memoryTree) Introduced(context.Context, string, string) ([]diff.Introduction, []string, error) {
	return nil, nil, errOneTree
}

func (m *memoryTree) Tree(context.Context, string) ([]diff.Entry, error) { return m.entries, nil }

func (m *memoryTree) ReadBlob(_ context.Context, id string, _ int64) ([]byte, int64, error) {
	content := m.blobs[id]
	return []byte(content), int64(len(content)), nil
}
