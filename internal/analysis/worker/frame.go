package worker

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// frameKind says what a frame carries. Server and worker each expect exactly
// one kind at a time, so anything else means that the other side is broken.
type frameKind byte

const (
	frameHello  frameKind = 'H' // server: limits and key
	frameReady  frameKind = 'R' // worker: the version of its rules
	frameJob    frameKind = 'J' // server: one file
	frameAnswer frameKind = 'A' // worker: what it found in it
)

// frameHeaderBytes is the kind and the length of the payload, big endian.
const frameHeaderBytes = 5

// errFrame is wrapped by every error about a frame that cannot be accepted.
var errFrame = errors.New("bad frame")

// writeFrame writes one frame whose payload is the parts, one after the other.
func writeFrame(w io.Writer, kind frameKind, parts ...[]byte) error {
	var length uint64
	for _, p := range parts {
		length += uint64(len(p))
	}
	if length > 1<<32-1 {
		return fmt.Errorf("%w: a payload of %d bytes", errFrame, length)
	}
	header := binary.BigEndian.AppendUint32([]byte{byte(kind)}, uint32(length))
	for _, p := range append([][]byte{header}, parts...) {
		if _, err := w.Write(p); err != nil {
			return fmt.Errorf("write frame: %w", err)
		}
	}
	return nil
}

// readFrame reads one frame of the given kind and at most limit bytes of
// payload. It returns io.EOF unwrapped when the stream ends before a frame.
func readFrame(r io.Reader, kind frameKind, limit int) ([]byte, error) {
	var header [frameHeaderBytes]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, io.EOF
		}
		return nil, fmt.Errorf("read frame header: %w", err)
	}
	if got := frameKind(header[0]); got != kind {
		return nil, fmt.Errorf("%w: kind %#x instead of %#x", errFrame, byte(got), byte(kind))
	}
	length := binary.BigEndian.Uint32(header[1:])
	if uint64(length) > uint64(limit) {
		return nil, fmt.Errorf("%w: %d bytes, over the bound of %d", errFrame, length, limit)
	}
	payload := make([]byte, length)
	if _, err := io.ReadFull(r, payload); err != nil {
		return nil, fmt.Errorf("read frame of %d bytes: %w", length, err)
	}
	return payload, nil
}
