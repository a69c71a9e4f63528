package worker

import (
	"encoding/binary"
	"fmt"
)

const (
	// maxKeyBytes is far above the 32 bytes of a fingerprint key.
	maxKeyBytes = 1 << 10
	// maxVersionBytes bounds the one line with which a worker greets.
	maxVersionBytes = 200
	// MaxPathBytes is Linux's PATH_MAX: no checkout can hold a longer path.
	MaxPathBytes = 4096
	// maxFindingsPerFile keeps one file of planted secrets from filling the
	// memory of the server; a file above it is named as not scanned.
	maxFindingsPerFile = 1000
	// maxAnswerBytes leaves 16 KiB to each of the most findings a file may have.
	maxAnswerBytes = 16 << 20
	// maxFactsBytes leaves ten times what the facts of ordinary code take.
	maxFactsBytes = maxAnswerBytes - factsHeaderBytes
	// maxSentenceBytes bounds a reason or a place in the code.
	maxSentenceBytes = 200
	// maxTextBytes bounds each text of a finding: a paragraph, with room.
	maxTextBytes = 8 << 10
	// maxFramesPerFinding bounds a trace, and the further places of a finding.
	maxFramesPerFinding = 1000
	// maxFixSteps bounds the advice of a finding.
	maxFixSteps = 20

	// MaxFileBytes is the size of the largest file a pool takes. Source code and
	// configuration stay far below it; what is larger is generated, and would
	// hold up everything else.
	MaxFileBytes = 5 << 20

	jobHeaderBytes = 8 + 1 + 4
	maxJobBytes    = jobHeaderBytes + MaxPathBytes + MaxFileBytes
	maxHelloBytes  = 8 + maxKeyBytes
)

// hello is the first message to a worker.
type hello struct {
	// memory is how many bytes the worker may allocate beyond those it needs to
	// start; zero sets no bound.
	memory int64
	key    []byte
}

func (h hello) encode() [][]byte {
	return [][]byte{binary.BigEndian.AppendUint64(nil, uint64(h.memory)), h.key}
}

func decodeHello(payload []byte) (hello, error) {
	if len(payload) < 8 {
		return hello{}, fmt.Errorf("%w: hello of %d bytes", errFrame, len(payload))
	}
	memory := int64(binary.BigEndian.Uint64(payload))
	if memory < 0 {
		return hello{}, fmt.Errorf("%w: hello with negative memory", errFrame)
	}
	return hello{memory: memory, key: payload[8:]}, nil
}

// job is one file to scan.
type job struct {
	sequence uint64
	// path is as git holds it: any bytes but NUL.
	path    string
	content []byte
	// sample is true for a file over MaxFileBytes: the content is then at most
	// its beginning, which can still tell that it is out of scope.
	sample bool
	// facts asks for the facts of the file instead of its findings.
	facts bool
}

// The flags of a job.
const (
	flagScan byte = iota
	flagSample
	flagFacts
)

func (j job) encode() [][]byte {
	header := binary.BigEndian.AppendUint64(nil, j.sequence)
	flag := flagScan
	switch {
	case j.sample:
		flag = flagSample
	case j.facts:
		flag = flagFacts
	}
	header = append(header, flag)
	header = binary.BigEndian.AppendUint32(header, uint32(len(j.path)))
	return [][]byte{header, []byte(j.path), j.content}
}

func decodeJob(payload []byte) (job, error) {
	if len(payload) < jobHeaderBytes {
		return job{}, fmt.Errorf("%w: job of %d bytes", errFrame, len(payload))
	}
	j := job{sequence: binary.BigEndian.Uint64(payload)}
	switch payload[8] {
	case flagScan:
	case flagSample:
		j.sample = true
	case flagFacts:
		j.facts = true
	default:
		return job{}, fmt.Errorf("%w: job with flag %d", errFrame, payload[8])
	}
	length := binary.BigEndian.Uint32(payload[9:])
	rest := payload[jobHeaderBytes:]
	if length > MaxPathBytes || uint64(length) > uint64(len(rest)) {
		return job{}, fmt.Errorf("%w: job with a path of %d bytes", errFrame, length)
	}
	j.path, j.content = string(rest[:length]), rest[length:]
	return j, nil
}
