package analysis

import (
	"context"
	"fmt"

	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/finding"
)

const (
	// maxCommits and maxIntroductions bound the work of one change. Changes
	// people review have tens of commits; beyond this the change is named as
	// not scanned as a whole.
	maxCommits       = 10_000
	maxIntroductions = 200_000
	// shortCommit is how much of a commit id people read.
	shortCommit = 10
)

// history is what the commits of a change did, oldest first.
type history struct {
	introductions []diff.Introduction
	exclude       func(path string) bool
	// cut says what was left out; empty when nothing was.
	cut string
}

func newHistory(introductions []diff.Introduction, commits []string, exclude func(path string) bool) *history {
	h := &history{introductions: introductions, exclude: exclude}
	if len(commits) > maxCommits {
		h.cut = fmt.Sprintf("the change has %d commits; those after the first %d were not scanned one by one",
			len(commits), maxCommits)
		kept := make(map[string]bool, maxCommits)
		for _, commit := range commits[:maxCommits] {
			kept[commit] = true
		}
		end := 0
		for end < len(introductions) && kept[introductions[end].Commit] {
			end++
		}
		h.introductions = introductions[:end]
	}
	if len(h.introductions) > maxIntroductions {
		h.cut = fmt.Sprintf("the commits of the change touch files more than %d times; the later ones were not scanned one by one",
			maxIntroductions)
		h.introductions = h.introductions[:maxIntroductions]
	}
	return h
}

// target returns what an introduction leaves to scan, or false and the reason
// why it is out of scope; the reason is empty for a deletion.
func (h *history) target(i diff.Introduction) (target, string, bool) {
	if i.Blob == "" {
		return target{}, "", false
	}
	if reason := outOfScope(i.Path, i.Mode, h.exclude); reason != "" {
		return target{}, reason, false
	}
	return target{i.Blob, i.Path}, "", true
}

func (h *history) targets() []target {
	var targets []target
	for _, i := range h.introductions {
		if t, _, ok := h.target(i); ok {
			targets = append(targets, t)
		}
	}
	return targets
}

// merged returns the contents that the change found in the base branch: the
// parents' contents that no earlier commit of the change had introduced.
func (h *history) merged() []target {
	introduced := make(map[target]bool)
	known := make(map[target]bool)
	var merged []target
	for _, i := range h.introductions {
		for _, blob := range i.ParentBlobs {
			t := target{blob, i.Path}
			if !introduced[t] && !known[t] && !h.exclude(i.Path) {
				known[t] = true
				merged = append(merged, t)
			}
		}
		if i.Blob != "" {
			introduced[target{i.Blob, i.Path}] = true
		}
	}
	return merged
}

// judgeHistory adds to the result what the commits hold beyond both ends of the
// change: secrets that were added and taken out again, and files that were not
// judged. Everything in scope was scanned already, but for the contents of the
// base branch: they are read only when a commit holds something that neither
// end does, which is rare.
func (r *run) judgeHistory(ctx context.Context, h *history, s *sides, result *finding.Result) error {
	if h.cut != "" {
		result.NotScanned = append(result.NotScanned, finding.NotScanned{Reason: h.cut, Blocking: true})
	}
	merged := h.merged()
	r.nameGaps(h, s, merged, result)
	known := make(map[finding.Fingerprint]bool)
	for _, side := range []occurrences{s.base, s.head} {
		for fingerprint := range side {
			known[fingerprint] = true
		}
	}
	if !r.holdsMore(h.targets(), known) {
		return nil
	}
	if err := r.scanAll(ctx, merged); err != nil {
		return err
	}
	for _, t := range merged {
		for _, f := range r.verdicts[t].Findings {
			known[f.Fingerprint] = true
		}
	}
	result.InHistory = r.leaked(h, known)
	return nil
}

// nameGaps names what was not judged in the commits. It blocks unless the base
// branch holds the same content.
func (r *run) nameGaps(h *history, s *sides, merged []target, result *finding.Result) {
	inBase := make(map[string]bool)
	for _, t := range merged {
		inBase[t.blob] = true
	}
	named := make(map[target]bool)
	for _, i := range h.introductions {
		t, reason, ok := h.target(i)
		v := r.verdicts[t]
		if ok {
			reason = v.OutOfScope
		}
		// A path of the change itself is listed there, as its head has it.
		if reason != "" && !s.paths[i.Path] {
			result.OutOfScope = append(result.OutOfScope, finding.OutOfScope{Path: i.Path, Reason: reason})
		}
		// What the head still has is named there.
		if !ok || v.NotScanned == "" || named[t] || s.heads[t] {
			continue
		}
		named[t] = true
		result.NotScanned = append(result.NotScanned, finding.NotScanned{
			Path:     i.Path,
			Reason:   fmt.Sprintf("%s (in commit %s)", v.NotScanned, i.Commit[:min(len(i.Commit), shortCommit)]),
			Blocking: !inBase[t.blob] && !s.blobs[t.blob],
		})
	}
}

// holdsMore reports whether a target holds a finding that is not known.
func (r *run) holdsMore(targets []target, known map[finding.Fingerprint]bool) bool {
	for _, t := range targets {
		for _, f := range r.verdicts[t].Findings {
			if !known[f.Fingerprint] {
				return true
			}
		}
	}
	return false
}

// leaked returns what the commits added that is not known from either end or
// from the base branch, each at the first commit that has it.
func (r *run) leaked(h *history, known map[finding.Fingerprint]bool) []finding.Finding {
	var leaked []finding.Finding
	for start := 0; start < len(h.introductions); {
		end := start
		for end < len(h.introductions) && h.introductions[end].Commit == h.introductions[start].Commit {
			end++
		}
		here := make(occurrences)
		for _, i := range h.introductions[start:end] {
			t, _, ok := h.target(i)
			if !ok {
				continue
			}
			for _, f := range r.verdicts[t].Findings {
				if !known[f.Fingerprint] {
					here.add(f, never)
				}
			}
		}
		for fingerprint, places := range here {
			known[fingerprint] = true
			f := merge(places)
			f.Commit = h.introductions[start].Commit
			leaked = append(leaked, f)
		}
		start = end
	}
	return leaked
}
