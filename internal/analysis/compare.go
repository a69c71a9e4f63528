package analysis

import (
	"context"
	"fmt"

	"github.com/lintel-bot/lintel/internal/analysis/worker"
	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
)

// Change is what a pull request asks to merge, as full commit ids.
type Change struct {
	// MergeBase is what the head is compared with.
	MergeBase string
	// Base is the tip of the base branch: the commits of the change are those
	// that Head reaches and Base does not.
	Base string
	Head string
}

// Compare judges a change: what is in its head against what is in its merge
// base, and what its commits added and took out again. It also returns the
// changed files. An error means that the change was not judged, such as when
// ctx ends; a single file that cannot be judged is named in the result.
func (a *Analyzer) Compare(ctx context.Context, src Source, c Change, o Options) (*finding.Result, []diff.File, error) {
	r := a.newRun(src, o)
	files, err := src.Diff(ctx, c.MergeBase, c.Head)
	if err != nil {
		return nil, nil, fmt.Errorf("compare %s with its merge base: %w", c.Head, err)
	}
	introductions, commits, err := src.Introduced(ctx, c.Base, c.Head)
	if err != nil {
		return nil, nil, fmt.Errorf("list the commits of %s: %w", c.Head, err)
	}
	changes := make([]fileChange, len(files))
	for i, f := range files {
		changes[i] = planFile(f, r.options.Exclude)
	}
	h := newHistory(introductions, commits, r.options.Exclude)
	if err := r.scanAll(ctx, append(targetsOf(changes), h.targets()...)); err != nil {
		return nil, nil, fmt.Errorf("scan %s: %w", c.Head, err)
	}
	if err := r.scanAll(ctx, r.renamed(changes)); err != nil {
		return nil, nil, fmt.Errorf("scan %s: %w", c.MergeBase, err)
	}
	s := r.collect(changes)
	result := compare(s.base, s.head, s.unsure)
	result.NotScanned, result.OutOfScope, result.Stats = s.notScanned, s.outOfScope, s.stats
	result.Stats.Commits = len(commits)
	if err := r.judgeHistory(ctx, h, s, result); err != nil {
		return nil, nil, fmt.Errorf("scan the commits of %s: %w", c.Head, err)
	}
	if err := r.compareRules(ctx, c, files, result); err != nil {
		return nil, nil, fmt.Errorf("judge the settings of %s: %w", c.Head, err)
	}
	r.finish(result)
	return result, files, nil
}

// fileChange is a changed file and what has to be scanned for it; head or base
// is nil where that side has nothing to scan.
type fileChange struct {
	file       diff.File
	head, base *target
	// reason says why the file is out of scope whatever it holds.
	reason string
	// same is true when both sides have the same content: what it holds is
	// merged already.
	same bool
}

func planFile(f diff.File, exclude func(path string) bool) fileChange {
	c := fileChange{file: f}
	if f.Status != diff.Deleted {
		if c.reason = outOfScope(f.Path, f.Mode, exclude); c.reason == "" {
			c.head = &target{f.Blob, f.Path}
		}
	}
	if f.Status != diff.Added {
		reason := outOfScope(f.OldPath, f.OldMode, exclude)
		if reason == "" {
			c.base = &target{f.OldBlob, f.OldPath}
		}
		if f.Status == diff.Deleted {
			c.reason = reason
		}
	}
	if c.head != nil && c.base != nil && c.head.blob == c.base.blob {
		c.same = true
		if f.Path == f.OldPath { // only the mode changed
			c.head, c.base = nil, nil
		}
	}
	return c
}

// targetsOf returns what has to be scanned at once; see renamed for the rest.
func targetsOf(changes []fileChange) []target {
	var targets []target
	for _, c := range changes {
		if c.head != nil {
			targets = append(targets, *c.head)
		}
		if c.base != nil && !c.same {
			targets = append(targets, *c.base)
		}
	}
	return targets
}

// renamed returns the old names of files that were only renamed, as far as
// anything was found in them. The same content can weigh less under its old
// name: a key in a test is not yet a key in the settings.
func (r *run) renamed(changes []fileChange) []target {
	var targets []target
	for _, c := range changes {
		if c.same && c.base != nil && len(r.verdictOn(c.head).Findings) > 0 {
			targets = append(targets, *c.base)
		}
	}
	return targets
}

// sides is what the changed files hold before and after the change.
type sides struct {
	base, head occurrences
	// unsure holds what was in the base of files whose head was not judged.
	unsure     map[finding.Fingerprint]bool
	notScanned []finding.NotScanned
	outOfScope []finding.OutOfScope
	stats      finding.Stats
	// paths are those of the change, heads what was scanned of its head, blobs
	// what its base has.
	paths, blobs map[string]bool
	heads        map[target]bool
}

func (r *run) collect(changes []fileChange) *sides {
	s := &sides{
		base: make(occurrences), head: make(occurrences), unsure: make(map[finding.Fingerprint]bool),
		paths: make(map[string]bool), blobs: make(map[string]bool), heads: make(map[target]bool),
	}
	for _, c := range changes {
		s.paths[c.file.Path] = true
		s.blobs[c.file.OldBlob] = true
		if c.head != nil {
			s.heads[*c.head] = true
		}
		s.stats.AddedLines += c.file.AddedLines()
		s.addFile(c, r.verdictOn(c.head), r.verdictOn(c.base))
	}
	return s
}

// verdictOn returns what is known of a target; nothing is wrong with none.
func (r *run) verdictOn(t *target) worker.Verdict {
	if t == nil {
		return worker.Verdict{}
	}
	return r.verdicts[*t]
}

func (s *sides) addFile(c fileChange, head, base worker.Verdict) {
	deleted := c.file.Status == diff.Deleted
	switch {
	case c.reason != "":
		s.outOfScope = append(s.outOfScope, finding.OutOfScope{Path: c.file.Path, Reason: c.reason})
	case head.OutOfScope != "":
		s.outOfScope = append(s.outOfScope, finding.OutOfScope{Path: c.file.Path, Reason: head.OutOfScope})
	case deleted && base.OutOfScope != "":
		s.outOfScope = append(s.outOfScope, finding.OutOfScope{Path: c.file.Path, Reason: base.OutOfScope})
	default:
		s.stats.Files++
	}
	switch {
	case head.NotScanned != "":
		s.notScanned = append(s.notScanned, finding.NotScanned{
			Path: c.file.Path, Reason: head.NotScanned, Blocking: !c.same,
		})
	case base.NotScanned != "":
		// The head is judged without it: what it holds counts as new.
		s.notScanned = append(s.notScanned, finding.NotScanned{Path: c.file.Path, Reason: base.NotScanned})
	}
	for _, f := range head.Findings {
		s.head.add(f, c.file.IsAdded)
	}
	// What a symbolic link or a submodule replaced is gone for certain.
	replaced := !c.file.Mode.Regular()
	gone := deleted || replaced || c.reason == "" && head.Judged()
	for _, f := range base.Findings {
		s.base.add(f, never)
		if !gone {
			s.unsure[f.Fingerprint] = true
		}
	}
}
