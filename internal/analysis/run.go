package analysis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lintel-bot/lintel/internal/analysis/worker"
	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/gitrepo"
	"github.com/lintel-bot/lintel/internal/rule"
)

const (
	// maxRunFindings bounds the memory of one scan: a change that plants more
	// has made its point, and what lies beyond is named as not scanned.
	maxRunFindings = 100_000
	// maxCasualties bounds the time a hostile change can take: after so many
	// files that killed or stalled a worker, the rest of it is not read.
	maxCasualties = 20
	// sampleBytes of a file tell whether it is binary; git looks at as many.
	sampleBytes = 8000
	// maxSampledFile is the largest file GitHub takes
	// (https://docs.github.com/en/repositories/working-with-files/managing-large-files/about-large-files-on-github).
	// Of a larger one only the name is looked at.
	maxSampledFile = 100 << 20
)

// target is one content at one path: what a file means depends on both.
type target struct{ blob, path string }

// run is one scan. It remembers every target, so each is read once.
type run struct {
	analyzer *Analyzer
	source   Source
	options  Options
	started  time.Time
	// catalogue is the analyzer's, with the repository's own rules.
	catalogue *rule.Catalogue

	mu          sync.Mutex
	verdicts    map[target]worker.Verdict
	sizes       map[string]int64 // of the blobs that were read
	texts       map[string]string
	held        int
	casualties  int
	done, total int
}

func (a *Analyzer) newRun(source Source, o Options) *run {
	o = o.withDefaults()
	return &run{
		analyzer: a, source: source, options: o, started: o.Now(), catalogue: a.catalogue,
		verdicts: make(map[target]worker.Verdict), sizes: make(map[string]int64), texts: make(map[string]string),
	}
}

// scanAll scans the targets that were not scanned yet, as many at a time as
// there are workers. The first error ends it.
func (r *run) scanAll(ctx context.Context, targets []target) error {
	var missing []target
	seen := make(map[target]bool)
	for _, t := range targets {
		if _, known := r.verdicts[t]; !known && !seen[t] {
			seen[t] = true
			missing = append(missing, t)
		}
	}
	r.total += len(missing)
	return r.each(ctx, len(missing), func(ctx context.Context, i int) error { return r.scan(ctx, missing[i]) })
}

func (r *run) scan(ctx context.Context, t target) error {
	v, err := r.judge(ctx, t)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if v.Casualty {
		r.casualties++
	}
	if r.held+len(v.Findings) > maxRunFindings {
		v = worker.Verdict{NotScanned: fmt.Sprintf("the change holds more than %d findings", maxRunFindings)}
	}
	r.held += len(v.Findings)
	for i := range v.Findings {
		r.share(&v.Findings[i])
	}
	r.verdicts[t] = v
	r.done++
	r.options.Progress(r.done, r.total)
	return nil
}

func (r *run) judge(ctx context.Context, t target) (worker.Verdict, error) {
	return r.judgeAs(ctx, t, false)
}

// judgeAs has a worker find what a target holds or, with facts, read its facts.
func (r *run) judgeAs(ctx context.Context, t target, facts bool) (worker.Verdict, error) {
	if len(t.path) > worker.MaxPathBytes {
		return worker.Verdict{NotScanned: fmt.Sprintf("its path is longer than %d bytes", worker.MaxPathBytes)}, nil
	}
	if r.broken() {
		return worker.Verdict{NotScanned: fmt.Sprintf("not tried, after %d files that the scanner failed on", maxCasualties)}, nil
	}
	data, size, err := r.source.ReadBlob(ctx, t.blob, MaxFileBytes)
	switch {
	case ctx.Err() != nil:
		return worker.Verdict{}, context.Cause(ctx)
	case errors.Is(err, gitrepo.ErrMissingObject):
		return worker.Verdict{NotScanned: "its content is missing from the repository"}, nil
	case err != nil:
		return worker.Verdict{}, fmt.Errorf("read blob %s: %w", t.blob, err)
	case size > MaxFileBytes:
		return r.judgeLarge(ctx, t, size)
	case int64(len(data)) != size:
		return worker.Verdict{}, fmt.Errorf("read blob %s: %d bytes instead of %d", t.blob, len(data), size)
	}
	r.mu.Lock()
	r.sizes[t.blob] = size
	r.mu.Unlock()
	return r.analyzer.scanner.Scan(ctx, worker.File{Blob: t.blob, Path: t.path, Content: data, Facts: facts})
}

// judgeLarge decides about a file that is too large to be scanned: most are
// binary, and so not a gap. One of them is read at a time, for its beginning.
func (r *run) judgeLarge(ctx context.Context, t target, size int64) (worker.Verdict, error) {
	var sample []byte
	if size <= maxSampledFile {
		select {
		case r.analyzer.sampling <- struct{}{}:
		case <-ctx.Done():
			return worker.Verdict{}, context.Cause(ctx)
		}
		data, _, err := r.source.ReadBlob(ctx, t.blob, maxSampledFile)
		sample = bytes.Clone(data[:min(len(data), sampleBytes)])
		<-r.analyzer.sampling
		if err != nil {
			return worker.Verdict{}, fmt.Errorf("read blob %s: %w", t.blob, err)
		}
	}
	v, err := r.analyzer.scanner.Scan(ctx, worker.File{Blob: t.blob, Path: t.path, Content: sample, Sample: true})
	if v.Judged() {
		v.NotScanned = tooLarge(size)
	}
	return v, err
}

// broken reports whether this scan has cost enough workers.
func (r *run) broken() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.casualties >= maxCasualties
}

// share keeps one copy of the texts that many findings have in common: the
// same secret stands in every version of a file.
func (r *run) share(f *finding.Finding) {
	texts := []*string{&f.Rule, &f.Quality, &f.Path, &f.Title, &f.Message, &f.Why, &f.AllowComment}
	for i := range f.Fix {
		texts = append(texts, &f.Fix[i])
	}
	for _, text := range texts {
		if known, ok := r.texts[*text]; ok {
			*text = known
		} else {
			r.texts[*text] = *text
		}
	}
}

// finish fills in what the scan cost, and puts the lists in order.
func (r *run) finish(result *finding.Result) {
	result.Stats.Blobs = len(r.sizes)
	for _, size := range r.sizes {
		result.Stats.Bytes += size
	}
	result.Stats.Milliseconds = r.options.Now().Sub(r.started).Milliseconds()
	for _, list := range [][]finding.Finding{
		result.New, result.PreExisting, result.Fixed, result.InHistory, result.Suppressed,
	} {
		finding.Sort(list)
	}
	result.NotScanned = orderNotScanned(result.NotScanned)
	result.OutOfScope = orderOutOfScope(result.OutOfScope)
}
