package python

// #include <stdlib.h>
// #include "walk.h"
import "C"

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	// The C library that walk.c calls.
	_ "github.com/tree-sitter/go-tree-sitter"
)

const (
	// MaxSource is the size in bytes of the largest source that Parse takes:
	// hand-written modules stay under 1 MiB, what is larger is generated data.
	// The parser takes up to 500 bytes of memory for each byte of it.
	MaxSource = 2 << 20
	// maxNodes bounds the memory of one file: a million nodes are some 70 MB
	// while it is read, and more than 2 MiB of ordinary code has.
	maxNodes = 1_000_000
	// maxDepth bounds how deep a tree nests. Python itself takes 200 nested
	// parentheses and 100 levels of blocks, but a chain of operators is as deep
	// as it is long, and generated ones have a thousand terms.
	maxDepth = 3000
)

var (
	// ErrTooLarge is returned for source above MaxSource or with too many nodes.
	ErrTooLarge = errors.New("too large to be parsed")
	// ErrTooDeep is returned for source that nests too deep.
	ErrTooDeep = errors.New("nested too deep to be parsed")
)

// Parser reads source files one after the other. It keeps its buffers; use one
// for each goroutine and Close it.
type Parser struct{ inner *C.lintel_parser }

// NewParser returns a Parser.
func NewParser() (*Parser, error) {
	inner := C.lintel_parser_new(grammar().language)
	if inner == nil {
		return nil, errors.New("the grammar of Python does not fit the parser library")
	}
	return &Parser{inner}, nil
}

// Close frees the parser, which must not be used any more.
func (p *Parser) Close() {
	if p.inner == nil {
		return
	}
	C.lintel_parser_delete(p.inner)
	p.inner = nil
}

// Parse reads one file. Strings that overlap one of the secrets are kept without
// their text. Code that is no Python gives
// facts for what is around it; see File.Broken. The error is ErrTooLarge,
// ErrTooDeep or that of ctx, whose deadline also ends a parse that runs; it never
// quotes source.
func (p *Parser) Parse(ctx context.Context, source []byte, secrets []SecretSpan) (*File, error) {
	if len(source) > MaxSource {
		return nil, ErrTooLarge
	}
	if p.inner == nil {
		return nil, errors.New("the parser is closed")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var until C.int64_t
	if deadline, ok := ctx.Deadline(); ok {
		until = C.lintel_now() + C.int64_t(max(time.Until(deadline), 1))
	}
	var nodes *C.lintel_node
	var count C.uint32_t
	var start *C.char
	if len(source) > 0 {
		start = (*C.char)(unsafe.Pointer(unsafe.SliceData(source)))
	}
	result := C.lintel_parse(p.inner, start, C.uint32_t(len(source)), maxNodes, maxDepth, until, &nodes, &count)
	runtime.KeepAlive(source)
	switch result {
	case C.LINTEL_OK:
	case C.LINTEL_TOO_DEEP:
		return nil, ErrTooDeep
	case C.LINTEL_TOO_MANY, C.LINTEL_NO_MEMORY:
		return nil, ErrTooLarge
	case C.LINTEL_CANCELLED:
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, context.DeadlineExceeded
	default:
		return nil, fmt.Errorf("walk a tree: result %d", int(result))
	}
	l := newLowerer(string(source), unsafe.Slice((*syntaxNode)(unsafe.Pointer(nodes)), int(count)), secrets)
	f, err := l.lower()
	if err != nil {
		return nil, err
	}
	f.summary = summarize(f)
	return f, nil
}

// Parse reads one file with a Parser of its own.
func Parse(ctx context.Context, source []byte, secrets []SecretSpan) (*File, error) {
	p, err := NewParser()
	if err != nil {
		return nil, err
	}
	defer p.Close()
	return p.Parse(ctx, source, secrets)
}

// syntaxNode is lintel_node of walk.h.
type syntaxNode struct {
	symbol                      uint16
	field, flags                uint8
	start, end, row, last, next uint32
}

// The flags of a syntaxNode.
const (
	flagNamed      = C.LINTEL_NAMED
	flagError      = C.LINTEL_ERROR
	flagMissing    = C.LINTEL_MISSING
	flagHoldsError = C.LINTEL_HOLDS_ERROR
)
