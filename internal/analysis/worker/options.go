package worker

import (
	"log/slog"
	"runtime"
	"time"

	"github.com/lintel-bot/lintel/internal/finding"
)

const (
	// DefaultFileTimeout is many times what the largest file needs, so that a
	// busy machine blames no innocent file.
	DefaultFileTimeout = 20 * time.Second
	// DefaultMemoryBytes is many times what rules and the largest file need.
	DefaultMemoryBytes = 1 << 30
)

// Options say how workers are run. Command, Key and Version are required.
type Options struct {
	// Count is the number of worker processes; zero means one a CPU.
	Count int
	// Command is the argument list of a worker: this program, and what makes it
	// call Serve.
	Command []string
	// Key is the key of fingerprints. It goes to the workers over a pipe.
	Key []byte
	// Version is that of the rules; a worker with others is refused.
	Version string
	// FileTimeout is the wall time a file may take; zero means
	// DefaultFileTimeout.
	FileTimeout time.Duration
	// MemoryBytes is what a worker may allocate beyond what it needs to start;
	// zero means DefaultMemoryBytes.
	MemoryBytes int64
	// Logger is told of workers that fail, never with what they read.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Count <= 0 {
		o.Count = runtime.NumCPU()
	}
	if o.FileTimeout <= 0 {
		o.FileTimeout = DefaultFileTimeout
	}
	if o.MemoryBytes <= 0 {
		o.MemoryBytes = DefaultMemoryBytes
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// File is one file to scan.
type File struct {
	// Blob names the content in logs.
	Blob string
	// Path is as git holds it: any bytes but NUL, at most MaxPathBytes.
	Path string
	// Content is whole, unless Sample is true: then it is at most the beginning
	// of a file that is too large, which can still tell that it is out of
	// scope. It has at most MaxFileBytes.
	Content []byte
	Sample  bool
	// Facts asks for the facts of the file in the place of its findings.
	Facts bool
}

// Verdict is what a scan of a file came to. At most one of Findings, Facts,
// OutOfScope and NotScanned is set; none means that the file is clean or, for
// a sample, in scope.
type Verdict struct {
	Findings []finding.Finding
	// Facts are those of the file as the Engine encodes them. Whoever decodes
	// them checks them: the worker that wrote them has read hostile content.
	Facts []byte
	// OutOfScope and NotScanned are reasons, in words for people.
	OutOfScope, NotScanned string
	// Refused is true when NotScanned is the Engine's own reason for having no
	// facts, which the same content has every time.
	Refused bool
	// Casualty is true when the file killed or stalled its worker.
	Casualty bool
}

// Judged reports whether the file is in scope and was judged as a whole.
func (v Verdict) Judged() bool { return v.OutOfScope == "" && v.NotScanned == "" }
