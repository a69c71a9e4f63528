package diff

import "sort"

// HunkContaining returns the hunk that shows the given line of the head,
// changed or context: the lines on which GitHub accepts an inline comment
// (https://docs.github.com/en/rest/pulls/comments#create-a-review-comment-for-a-pull-request).
// It reports false for a line outside every hunk.
func (f File) HunkContaining(line int) (Hunk, bool) {
	i := sort.Search(len(f.Hunks), func(i int) bool {
		return f.Hunks[i].NewStart+f.Hunks[i].NewLines > line
	})
	if i == len(f.Hunks) || !f.Hunks[i].contains(line) {
		return Hunk{}, false
	}
	return f.Hunks[i], true
}

// IsAdded reports whether the change added, or rewrote, the given line of the
// head.
func (f File) IsAdded(line int) bool {
	hunk, ok := f.HunkContaining(line)
	if !ok {
		return false
	}
	i := sort.Search(len(hunk.Added), func(i int) bool { return hunk.Added[i].Last >= line })
	return i < len(hunk.Added) && hunk.Added[i].Contains(line)
}

// AddedLines returns how many lines of the head the change added.
func (f File) AddedLines() int {
	total := 0
	for _, hunk := range f.Hunks {
		for _, added := range hunk.Added {
			total += added.Lines()
		}
	}
	return total
}

// contains is false for every line of a hunk that only deletes the whole file:
// git gives it the start 0 and no lines.
func (h Hunk) contains(line int) bool {
	return line >= h.NewStart && line < h.NewStart+h.NewLines
}
