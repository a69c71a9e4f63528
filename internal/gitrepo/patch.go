package gitrepo

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/lintel-bot/lintel/internal/diff"
)

// maxHunkNumber bounds the line numbers of a hunk. Files of more lines than
// that are beyond what git compares.
const maxHunkNumber = 1 << 31

// parseDiff reads the output of `git diff-tree --raw -p`: the list of changed
// files, an empty line, and for each file its patch. Both come from one run,
// and each patch is held against its entry in the list: when they disagree,
// that is an error. maxRuns bounds hunks and added ranges, together.
func parseDiff(out io.Reader, maxFiles, maxRuns int) ([]diff.File, error) {
	p := &patchParser{in: bufio.NewReaderSize(out, maxRecordBytes), runs: maxRuns}
	files, err := p.changes(maxFiles)
	if err != nil || len(files) == 0 {
		return files, err
	}
	for i := range files {
		if err := p.file(&files[i]); err != nil {
			return nil, fmt.Errorf("patch of %q: %w", clip(files[i].Path), err)
		}
	}
	if !p.ended {
		return nil, fmt.Errorf("git shows a patch of a file that is not in its list: %q", clip(string(p.line)))
	}
	return files, nil
}

// patchParser walks the output line by line and keeps only the beginning of
// each, so that a line of any length costs no memory.
type patchParser struct {
	in *bufio.Reader
	// line is the current line, cut when it is long; long tells.
	line  []byte
	long  bool
	ended bool
	runs  int
}

// next moves to the next line. It must end in a newline: git always writes one.
func (p *patchParser) next() error {
	line, err := p.in.ReadSlice('\n')
	p.long = errors.Is(err, bufio.ErrBufferFull)
	if p.long {
		// A copy: the reader's buffer is about to be filled anew.
		p.line = bytes.Clone(line[:maxHeaderBytes])
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = p.in.ReadSlice('\n')
		}
	} else {
		p.line = bytes.TrimSuffix(line, []byte{'\n'})
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF) && len(line) == 0 && !p.long:
		p.ended, p.line = true, nil
		return nil
	case errors.Is(err, io.EOF):
		return fmt.Errorf("git's output ends in the middle of a line: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// changes reads the list of changed files and stops at the first patch.
func (p *patchParser) changes(maxFiles int) ([]diff.File, error) {
	var files []diff.File
	for {
		if err := p.next(); err != nil {
			return nil, err
		}
		if p.ended || !p.has(":") {
			break
		}
		if p.long {
			return nil, fmt.Errorf("a path of more than %d bytes: %w", maxRecordBytes, ErrTooLarge)
		}
		file, err := parseRawChange(string(p.line))
		if err != nil {
			return nil, err
		}
		if len(files) == maxFiles {
			return nil, fmt.Errorf("more than %d changed files: %w", maxFiles, ErrTooLarge)
		}
		files = append(files, file)
	}
	switch {
	case len(files) == 0 && p.ended:
		return nil, nil
	case len(files) == 0 || p.ended || len(p.line) != 0:
		return nil, errors.New("git's list of changed files and its patches do not fit together")
	}
	return files, p.next()
}

// file reads the patches of one file: one, or for a file that changed its type
// two, the end of the old and the beginning of the new.
func (p *patchParser) file(file *diff.File) error {
	if file.Status != diff.TypeChanged {
		return p.patch(file, file.OldBlob, file.Blob)
	}
	gone := *file
	if err := p.patch(&gone, file.OldBlob, ""); err != nil {
		return err
	}
	return p.patch(file, "", file.Blob)
}

// patch reads one patch and what it says about file. from and to are the ids
// it must be about.
func (p *patchParser) patch(file *diff.File, from, to string) error {
	if p.ended || !p.has("diff --git ") {
		return fmt.Errorf("missing in git's output, which has %q", clip(string(p.line)))
	}
	indexed, err := p.header(file, from, to)
	if err != nil {
		return err
	}
	if !indexed && from != to {
		return errors.New("git names no objects in it")
	}
	for !p.ended && p.has("@@ ") {
		if err := p.hunk(file); err != nil {
			return err
		}
	}
	if file.Mode == diff.ModeSubmodule || file.Blob == "" {
		file.Hunks = nil // no content of its own
	}
	return nil
}

// header reads the lines before the first hunk and reports whether they named
// the objects that are compared.
func (p *patchParser) header(file *diff.File, from, to string) (indexed bool, err error) {
	for {
		if err := p.next(); err != nil {
			return false, err
		}
		switch {
		case p.ended || p.has("@@ ") || p.has("diff --git "):
			return indexed, nil
		case p.has("index "):
			if err := checkIndexLine(string(p.line), from, to); err != nil {
				return false, err
			}
			indexed = true
		case p.has("Binary files "):
			file.Binary = true
		case !p.headerLine():
			return false, fmt.Errorf("unexpected line %q", clip(string(p.line)))
		}
	}
}

// headerLine reports whether the line is one of git's extended headers
// (https://git-scm.com/docs/diff-format#generate_patch_text_with_p) that say
// nothing the list of changed files has not said.
func (p *patchParser) headerLine() bool {
	for _, prefix := range []string{
		"--- ", "+++ ", "old mode ", "new mode ", "deleted file mode ", "new file mode ",
		"similarity index ", "dissimilarity index ", "rename from ", "rename to ",
	} {
		if p.has(prefix) {
			return true
		}
	}
	return false
}

// checkIndexLine checks "index <id>..<id>[ <mode>]" against the list.
func checkIndexLine(line, from, to string) error {
	ids, _, _ := strings.Cut(strings.TrimPrefix(line, "index "), " ")
	before, after, ok := strings.Cut(ids, "..")
	if !ok || !sameObject(before, from) || !sameObject(after, to) {
		return fmt.Errorf("it is about %q, the list of changed files about %q..%q", clip(ids), from, to)
	}
	return nil
}

// sameObject compares an id of a patch, zeros for none, with one of ours.
func sameObject(written, want string) bool {
	if want == "" {
		return checkID(written) == nil && isZero(written)
	}
	return written == want
}

// hunk reads one hunk by the numbers in its first line; what the lines say is
// never looked at, only their first byte.
func (p *patchParser) hunk(file *diff.File) error {
	hunk, err := parseHunkHeader(string(p.line))
	if err != nil {
		return err
	}
	if err := p.spend(); err != nil {
		return err
	}
	oldLeft, newLeft := hunk.OldLines, hunk.NewLines
	line := hunk.NewStart
	for oldLeft > 0 || newLeft > 0 {
		if err := p.next(); err != nil {
			return err
		}
		switch kind := p.kind(); {
		case kind == ' ' && oldLeft > 0 && newLeft > 0:
			oldLeft, newLeft, line = oldLeft-1, newLeft-1, line+1
		case kind == '-' && oldLeft > 0:
			oldLeft--
		case kind == '+' && newLeft > 0:
			if err := p.add(&hunk, line); err != nil {
				return err
			}
			newLeft, line = newLeft-1, line+1
		case kind == '\\': // "\ No newline at end of file", which counts for nothing
		default:
			return fmt.Errorf("unexpected line in the hunk at line %d", hunk.NewStart)
		}
	}
	file.Hunks = append(file.Hunks, hunk)
	if err := p.next(); err != nil {
		return err
	}
	if p.kind() == '\\' {
		return p.next()
	}
	return nil
}

// add notes an added line.
func (p *patchParser) add(hunk *diff.Hunk, line int) error {
	if last := len(hunk.Added) - 1; last >= 0 && hunk.Added[last].Last == line-1 {
		hunk.Added[last].Last = line
		return nil
	}
	hunk.Added = append(hunk.Added, diff.Range{First: line, Last: line})
	return p.spend()
}

func (p *patchParser) spend() error {
	if p.runs--; p.runs < 0 {
		return fmt.Errorf("the change has too many separate parts: %w", ErrTooLarge)
	}
	return nil
}

func (p *patchParser) has(prefix string) bool { return bytes.HasPrefix(p.line, []byte(prefix)) }

// kind is the first byte of the line, 0 when there is none.
func (p *patchParser) kind() byte {
	if len(p.line) == 0 {
		return 0
	}
	return p.line[0]
}

// parseHunkHeader reads "@@ -<start>[,<lines>] +<start>[,<lines>] @@ …".
func parseHunkHeader(line string) (diff.Hunk, error) {
	rest, ok := strings.CutPrefix(line, "@@ -")
	before, rest, ok2 := strings.Cut(rest, " +")
	after, _, ok3 := strings.Cut(rest, " @@")
	if !ok || !ok2 || !ok3 {
		return diff.Hunk{}, fmt.Errorf("unexpected hunk header %q", clip(line))
	}
	var hunk diff.Hunk
	var err1, err2 error
	hunk.OldStart, hunk.OldLines, err1 = parseHunkSide(before)
	hunk.NewStart, hunk.NewLines, err2 = parseHunkSide(after)
	if err := errors.Join(err1, err2); err != nil {
		return diff.Hunk{}, fmt.Errorf("hunk header %q: %w", clip(line), err)
	}
	if hunk.OldLines+hunk.NewLines == 0 {
		return diff.Hunk{}, fmt.Errorf("hunk header %q of an empty hunk", clip(line))
	}
	return hunk, nil
}

// parseHunkSide reads "<start>[,<lines>]"; a missing number of lines is 1.
func parseHunkSide(text string) (start, lines int, err error) {
	first, second, counted := strings.Cut(text, ",")
	if start, err = parseHunkNumber(first); err != nil {
		return 0, 0, err
	}
	lines = 1
	if counted {
		lines, err = parseHunkNumber(second)
	}
	if err == nil && start == 0 && lines > 0 {
		err = errors.New("lines are counted from 1")
	}
	return start, lines, err
}

func parseHunkNumber(text string) (int, error) {
	number, err := strconv.ParseUint(text, 10, 32)
	if err != nil || number > maxHunkNumber {
		return 0, fmt.Errorf("%q is not a line number", clip(text))
	}
	return int(number), nil
}
