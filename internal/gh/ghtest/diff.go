package ghtest

import (
	"fmt"
	"strconv"
	"strings"
)

// Past these GitHub leaves the patch of a file out, and a comment on it has
// nothing to hang on.
// https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits#diff-limits
const (
	patchLinesMax = 20_000
	patchBytesMax = 500_000
	diffLinesMax  = 20_000
	diffBytesMax  = 1_000_000
)

// fileDiff is one file of a three-dot diff with three lines of context.
type fileDiff struct {
	path, previous string
	status         string // GitHub's words: added, removed, modified, renamed, changed
	blob           string
	oldBlob        string
	additions      int
	deletions      int
	patch          string
	omitted        bool // too large for a patch, and so for comments on its lines
	hunks          []hunk
}

type hunk struct {
	header string
	lines  []hunkLine
}

// hunkLine is a line of a hunk; old and new are zero where the line is not on
// that side. position counts from the first hunk's header, the way of GitHub's
// old comment anchors.
type hunkLine struct {
	kind     byte // ' ', '+', '-', '\\'
	text     string
	old, new int
	position int
}

// diff compares two commits of a repository the way a pull request does. from is
// already the merge base.
func (r *Repository) diff(from, to string) ([]fileDiff, error) {
	id := fmt.Sprintf("%d:%s:%s", r.id, from, to)
	if known, seen := r.server.diffs[id]; seen {
		return known, nil
	}
	files, err := r.rawDiff(from, to)
	if err != nil {
		return nil, err
	}
	patch, err := r.server.git(r.gitDir, nil, "-c", "core.quotePath=true", "diff-tree", "-r", "-p", "-M50%", "-l0", "-U3",
		"--no-color", "--no-ext-diff", "--no-textconv", "--full-index", from, to)
	if err != nil {
		return nil, err
	}
	if err := addPatches(files, patch); err != nil {
		return nil, err
	}
	omitPatches(files)
	r.server.diffs[id] = files
	return files, nil
}

// rawDiff lists the files without their patches.
func (r *Repository) rawDiff(from, to string) ([]fileDiff, error) {
	out, err := r.server.git(r.gitDir, nil, "diff-tree", "-r", "-z", "--raw", "-M50%", "-l0", "--full-index", from, to)
	if err != nil {
		return nil, err
	}
	words := map[byte]string{'A': "added", 'D': "removed", 'M': "modified", 'R': "renamed", 'T': "changed", 'C': "copied"}
	fields := strings.Split(out, "\x00")
	var files []fileDiff
	for i := 0; i+1 < len(fields); {
		meta := strings.Fields(strings.TrimPrefix(fields[i], ":"))
		if len(meta) != 5 {
			return nil, fmt.Errorf("ghtest: reading a diff: %q", fields[i])
		}
		f := fileDiff{path: fields[i+1], oldBlob: meta[2], blob: meta[3], status: words[meta[4][0]]}
		i += 2
		if meta[4][0] == 'R' || meta[4][0] == 'C' {
			f.previous, f.path = f.path, fields[i]
			i++
		}
		if f.status == "removed" {
			f.blob = f.oldBlob
		}
		files = append(files, f)
	}
	return files, nil
}

// addPatches hands the sections of a patch to their files, which come in the
// same order. A changed type is written as two sections.
func addPatches(files []fileDiff, patch string) error {
	sections := strings.Split("\n"+patch, "\ndiff --git ")[1:]
	at := 0
	for i := range files {
		take := 1
		if files[i].status == "changed" {
			take = 2
		}
		if at+take > len(sections) {
			return fmt.Errorf("ghtest: the patch lacks %q", files[i].path)
		}
		for _, section := range sections[at : at+take] {
			if start := strings.Index(section, "\n@@ "); start >= 0 {
				if err := files[i].addHunks(strings.TrimSuffix(section[start+1:], "\n")); err != nil {
					return err
				}
			}
		}
		at += take
	}
	if at != len(sections) {
		return fmt.Errorf("ghtest: the patch has %d sections for %d files", len(sections), len(files))
	}
	return nil
}

func (f *fileDiff) addHunks(patch string) error {
	if f.patch != "" {
		f.patch += "\n"
	}
	f.patch += patch
	position, old, new := 0, 0, 0
	for _, text := range strings.Split(patch, "\n") {
		if strings.HasPrefix(text, "@@ ") {
			var err error
			if old, new, err = hunkStart(text); err != nil {
				return err
			}
			f.hunks = append(f.hunks, hunk{header: text})
			if len(f.hunks) > 1 {
				position++
			}
			continue
		}
		position++
		line := hunkLine{kind: ' ', position: position}
		if text != "" {
			line.kind, line.text = text[0], text[1:]
		}
		switch line.kind {
		case ' ':
			line.old, line.new = old, new
			old, new = old+1, new+1
		case '+':
			line.new, new = new, new+1
			f.additions++
		case '-':
			line.old, old = old, old+1
			f.deletions++
		}
		h := &f.hunks[len(f.hunks)-1]
		h.lines = append(h.lines, line)
	}
	return nil
}

// hunkStart reads "@@ -a,b +c,d @@".
func hunkStart(header string) (old, new int, err error) {
	fields := strings.Fields(header)
	if len(fields) < 3 {
		return 0, 0, fmt.Errorf("ghtest: reading a hunk header %q", header)
	}
	first := func(field string) int {
		number, _, _ := strings.Cut(field[1:], ",")
		n, aerr := strconv.Atoi(number)
		if aerr != nil {
			err = fmt.Errorf("ghtest: reading a hunk header %q: %w", header, aerr)
		}
		return n
	}
	old, new = first(fields[1]), first(fields[2])
	return old, new, err
}

// omitPatches drops what GitHub drops from a diff that is too large.
func omitPatches(files []fileDiff) {
	lines, bytes := 0, 0
	for i := range files {
		f := &files[i]
		count := strings.Count(f.patch, "\n")
		if count > patchLinesMax || len(f.patch) > patchBytesMax {
			f.patch, f.omitted, f.hunks = "", true, nil
			continue
		}
		if lines, bytes = lines+count, bytes+len(f.patch); lines > diffLinesMax || bytes > diffBytesMax {
			f.patch = ""
		}
	}
}

// The sides of a diff, in GitHub's spelling.
const (
	left  = "LEFT"
	right = "RIGHT"
)

// find looks a line up on one side of the diff.
func (f *fileDiff) find(side string, number int) (h *hunk, at int, found bool) {
	for i := range f.hunks {
		for j, line := range f.hunks[i].lines {
			if side == right && line.new == number && line.kind != '-' || side == left && line.old == number && line.kind != '+' {
				if line.kind != '\\' {
					return &f.hunks[i], j, true
				}
			}
		}
	}
	return nil, 0, false
}

// at finds a file by its path in the head, or in the base when it was removed.
func at(files []fileDiff, path string) *fileDiff {
	for i := range files {
		if files[i].path == path {
			return &files[i]
		}
	}
	return nil
}

// excerpt is a comment's diff_hunk: the hunk down to the commented line.
func (h *hunk) excerpt(last int) string {
	b := strings.Builder{}
	b.WriteString(h.header)
	for _, line := range h.lines[:last+1] {
		b.WriteString("\n" + string(line.kind) + line.text)
	}
	return b.String()
}

// follow says where a line of one commit stands in another: the same line, moved
// by what was inserted and removed above it. It is gone when it was changed.
func (r *Repository) follow(from, to, path string, line int) (newPath string, newLine int, found bool, err error) {
	if from == to {
		return path, line, true, nil
	}
	files, err := r.diff(from, to)
	if err != nil {
		return "", 0, false, err
	}
	for i := range files {
		f := &files[i]
		source := f.path
		if f.previous != "" {
			source = f.previous
		}
		if source != path {
			continue
		}
		if f.status == "removed" || f.status == "changed" || f.omitted {
			return "", 0, false, nil
		}
		moved, kept := f.move(line)
		return f.path, moved, kept, nil
	}
	return path, line, true, nil
}

// move maps an old line number to the new one; false when that line was removed
// or changed.
func (f *fileDiff) move(line int) (int, bool) {
	shift := 0
	for _, h := range f.hunks {
		start, _, err := hunkStart(h.header)
		if err != nil || line < start {
			return line + shift, err == nil
		}
		for _, l := range h.lines {
			switch {
			case l.kind == ' ' && l.old == line:
				return l.new, true
			case l.kind == '-' && l.old == line:
				return 0, false
			case l.kind == '+':
				shift++
			case l.kind == '-':
				shift--
			}
		}
	}
	return line + shift, true
}
