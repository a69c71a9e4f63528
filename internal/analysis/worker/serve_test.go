package worker

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/lintel-bot/lintel/internal/finding"
)

// TestServeEnds: a worker ends with its input, and refuses what is no job.
func TestServeEnds(t *testing.T) {
	unrestricted := func(int64) error { return nil }
	var greeting bytes.Buffer
	if err := writeFrame(&greeting, frameHello, hello{key: testKey}.encode()...); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := serve(context.Background(), bytes.NewReader(greeting.Bytes()), &out, testVersion, unrestricted, buildEngine); err != nil {
		t.Error(err)
	}
	if got, err := readFrame(bufio.NewReader(&out), frameReady, maxVersionBytes); err != nil || string(got) != testVersion {
		t.Errorf("ready %q, %v", got, err)
	}
	for name, rest := range map[string]string{"another kind": "Q\x00\x00\x00\x00", "too long": "J\xff\xff\xff\xff", "no job": "J\x00\x00\x00\x01x"} {
		in := bytes.NewReader(append(bytes.Clone(greeting.Bytes()), rest...))
		if err := serve(context.Background(), in, &out, testVersion, unrestricted, buildEngine); !errors.Is(err, errFrame) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := serve(context.Background(), strings.NewReader("H\x00\x00"), &out, testVersion, unrestricted, buildEngine); err == nil {
		t.Error("half a hello is accepted")
	}
}

// TestForeignPath: an engine that speaks of another file has failed.
func TestForeignPath(t *testing.T) {
	a := judge(context.Background(), foreignEngine{}, job{path: "a.py"})
	if a.Outcome != outcomeFailed || len(a.Findings) != 0 {
		t.Errorf("answer %+v", a)
	}
}

type foreignEngine struct{}

func (foreignEngine) InScope(string, []byte) (string, bool) { return "", true }

func (foreignEngine) Scan(context.Context, string, []byte) ([]finding.Finding, error) {
	return []finding.Finding{{Path: "b.py"}}, nil
}

func (foreignEngine) Facts(context.Context, string, []byte) ([]byte, error) { return nil, nil }
