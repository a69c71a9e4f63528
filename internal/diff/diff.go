// Package diff holds what changed between two trees: files, hunks, changed
// lines, and the places where GitHub accepts a review comment. It does no I/O;
// package gitrepo fills it from git.
package diff

// Status says what happened to a file.
type Status byte

// The letters git uses for them in its raw diff format
// (https://git-scm.com/docs/diff-format#_raw_output_format).
const (
	Added       Status = 'A'
	Deleted     Status = 'D'
	Modified    Status = 'M'
	Renamed     Status = 'R'
	TypeChanged Status = 'T'
)

// Mode is the kind of a tree entry, as git writes it in octal.
type Mode uint32

// The modes git knows (https://git-scm.com/docs/gitdatamodel).
const (
	ModeNone       Mode = 0
	ModeFile       Mode = 0o100644
	ModeExecutable Mode = 0o100755
	ModeSymlink    Mode = 0o120000
	ModeSubmodule  Mode = 0o160000
)

// Regular reports whether the entry is a file with content of its own.
func (m Mode) Regular() bool { return m == ModeFile || m == ModeExecutable || m == 0o100664 }

// File is one changed file.
type File struct {
	Status Status
	// OldPath is the path in the base, empty for an added file; Path is the
	// path in the head, and the old one for a deleted file.
	OldPath, Path string
	// OldBlob and Blob are full object ids; empty where that side has no file.
	OldBlob, Blob string
	OldMode, Mode Mode
	// Hunks are in order of the head's lines. Empty for a pure rename, a
	// deleted or empty file, or one git holds for binary.
	Hunks []Hunk
	// Binary is true when git shows no text for the file. A file whose content
	// did not change (renamed, other mode) is not looked at.
	Binary bool
	// TooLarge is true for text that git does not compare for its size: Hunks
	// is empty then although lines changed. Such a file is not binary.
	TooLarge bool
}

// Hunk is one run of a unified diff with three lines of context, as GitHub
// draws it. Line numbers are 1-based.
type Hunk struct {
	OldStart, OldLines int
	NewStart, NewLines int
	// Added are the added lines in the head's numbering, in order.
	Added []Range
}

// Range is an inclusive range of 1-based lines.
type Range struct{ First, Last int }

// Contains reports whether line lies in the range.
func (r Range) Contains(line int) bool { return r.First <= line && line <= r.Last }

// Lines returns how many lines the range has.
func (r Range) Lines() int { return r.Last - r.First + 1 }
