package analysis

import (
	"context"
	"fmt"
	"sync"

	"github.com/lintel-bot/lintel/internal/analysis/factcache"
	"github.com/lintel-bot/lintel/internal/analysis/worker"
	"github.com/lintel-bot/lintel/internal/diff"
	"github.com/lintel-bot/lintel/internal/django"
	"github.com/lintel-bot/lintel/internal/python"
)

// fileFacts are those of one content. Python files are decoded when they are
// asked for: most are known by their summary.
type fileFacts struct {
	summary  python.Summary
	encoded  []byte
	evidence django.Evidence
	tree     *python.File
	// problem says why there are no facts; empty when there are.
	problem string
}

// The first byte of a cache entry.
const (
	entryFacts   = 'f'
	entryProblem = 'p'
)

// factsTarget is a content whose facts are wanted. What evidence says depends on
// the name of its file, what Python says does not.
type factsTarget struct {
	blob, path string
	kind       factsKind
}

func newFactsTarget(e diff.Entry) factsTarget {
	return factsTarget{blob: e.Blob, path: e.Path, kind: factsOf(e.Path)}
}

// id names the content among others of one run.
func (t factsTarget) id() string {
	if t.kind == factsPython {
		return t.blob
	}
	return t.blob + " " + t.path
}

// key names the content in the cache.
func (a *Analyzer) key(t factsTarget) string {
	name := ""
	if t.kind == factsEvidence {
		name = t.path
	}
	return factcache.Key(EngineVersion, a.keyID, fmt.Sprint(t.kind), name, t.blob)
}

// gather returns the facts of all targets, by id: from the cache, or from
// workers.
func (r *run) gather(ctx context.Context, targets []factsTarget) (map[string]*fileFacts, error) {
	known := make(map[string]*fileFacts, len(targets))
	var missing []factsTarget
	queued := make(map[string]bool)
	for _, t := range targets {
		if id := t.id(); !queued[id] {
			queued[id] = true
			missing = append(missing, t)
		}
	}
	facts := make([]*fileFacts, len(missing))
	err := r.each(ctx, len(missing), func(ctx context.Context, i int) error {
		f, err := r.factsOf(ctx, missing[i])
		facts[i] = f
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, t := range missing {
		known[t.id()] = facts[i]
	}
	return known, nil
}

// each calls do for 0 to n-1, as many at a time as there are workers. The first
// error ends it.
func (r *run) each(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(r.analyzer.scanner.Size(), n) {
		workers.Go(func() {
			for i := range next {
				if err := do(ctx, i); err != nil {
					cancel(err)
				}
			}
		})
	}
feed:
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
			break feed
		}
	}
	close(next)
	workers.Wait()
	return context.Cause(ctx)
}

func (r *run) factsOf(ctx context.Context, t factsTarget) (*fileFacts, error) {
	key := r.analyzer.key(t)
	if entry, ok := r.analyzer.facts.Get(key); ok && len(entry) > 0 {
		if f, err := decodeEntry(t, entry); err == nil {
			return f, nil
		}
		r.analyzer.facts.Drop(key)
	}
	v, err := r.judgeAs(ctx, target{t.blob, t.path}, true)
	if err != nil {
		return nil, err
	}
	r.countCasualty(v)
	if v.Facts != nil {
		f, err := decodeFacts(t, v.Facts)
		if err != nil {
			return &fileFacts{problem: "the scanner gave no usable answer for it"}, nil
		}
		r.analyzer.facts.Put(key, append([]byte{entryFacts}, v.Facts...))
		return f, nil
	}
	f := &fileFacts{problem: v.NotScanned}
	if f.problem == "" {
		f.problem = "it is " + v.OutOfScope
	}
	if lasting(v) {
		r.analyzer.facts.Put(key, append([]byte{entryProblem}, f.problem...))
	}
	return f, nil
}

// lasting reports whether a file without facts will have none the next time:
// not when a worker died or was stopped on it.
func lasting(v worker.Verdict) bool { return !v.Casualty && (v.Refused || v.OutOfScope != "") }

func (r *run) countCasualty(v worker.Verdict) {
	if v.Casualty {
		r.mu.Lock()
		r.casualties++
		r.mu.Unlock()
	}
}

func decodeEntry(t factsTarget, entry []byte) (*fileFacts, error) {
	if entry[0] == entryProblem {
		return &fileFacts{problem: string(entry[1:])}, nil
	}
	return decodeFacts(t, entry[1:])
}

func decodeFacts(t factsTarget, data []byte) (*fileFacts, error) {
	if t.kind == factsEvidence {
		evidence, err := django.DecodeEvidence(data)
		return &fileFacts{evidence: evidence}, err
	}
	summary, err := python.DecodeSummary(data)
	return &fileFacts{summary: summary, encoded: data}, err
}
