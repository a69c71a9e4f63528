package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	treesitter "github.com/tree-sitter/go-tree-sitter"
	treesitterpython "github.com/tree-sitter/tree-sitter-python/bindings/go"

	"github.com/lintel-bot/lintel/internal/analysis"
	"github.com/lintel-bot/lintel/internal/analysis/factcache"
	"github.com/lintel-bot/lintel/internal/gitrepo"
	"github.com/lintel-bot/lintel/internal/python"
	"github.com/lintel-bot/lintel/internal/secrets"
)

const (
	// factsGoal is the share of the bare parser's throughput that facts reach.
	factsGoal = 0.6
	// scalingGoal is how much worse than the bare parser facts may scale to two
	// cores.
	scalingGoal = 0.1
	// warmGoal is the share of a cold run that one with one changed file takes.
	warmGoal = 0.05
	// rounds is how often each is measured.
	rounds = 5
)

// workKey is the key of fingerprints in measurements.
var workKey = []byte("a key for fingerprints, of measurements")

// benchFacts measures reading Python into facts against the bare parser, on one
// core and on two, and a review with one changed file against the first one.
func benchFacts(ctx context.Context, tree string, out io.Writer) (err error) {
	work, err := os.MkdirTemp("", "lintel-bench-")
	if err != nil {
		return fmt.Errorf("make a work directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if tree == "" {
		tree = filepath.Join(work, "tree")
		if err := generateProject(tree); err != nil {
			return fmt.Errorf("generate a project: %w", err)
		}
	}
	sources, size, err := pythonSources(tree)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "facts: %d Python files, %.1f MB\n", len(sources), float64(size)/1e6)
	if err := compareParsers(ctx, sources, size, out); err != nil {
		return err
	}
	return compareRuns(ctx, tree, work, out)
}

func pythonSources(tree string) (sources [][]byte, size int64, err error) {
	err = filepath.WalkDir(tree, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() || filepath.Ext(path) != ".py" {
			return err
		}
		source, err := os.ReadFile(path)
		sources, size = append(sources, source), size+int64(len(source))
		return err
	})
	return sources, size, err
}

func compareParsers(ctx context.Context, sources [][]byte, size int64, out io.Writer) error {
	bare := func(source []byte, p *treesitter.Parser) { p.Parse(source, nil).Close() }
	readers := []func() (func([]byte) error, func(), error){
		func() (func([]byte) error, func(), error) {
			p := treesitter.NewParser()
			err := p.SetLanguage(treesitter.NewLanguage(treesitterpython.Language()))
			return func(source []byte) error { bare(source, p); return nil }, p.Close, err
		},
		func() (func([]byte) error, func(), error) { return factReader(ctx) },
	}
	// What one core does is told by processor time, what two do together by the
	// clock. Other work on the machine comes and goes, so what is compared is
	// measured right after one another, and the middle one of the rounds counts.
	var rates [2][2]float64
	var ratios, scalings []float64
	for range rounds {
		var rate, work [2][2]float64
		for cores := range 2 {
			for i, open := range readers {
				var err error
				if rate[i][cores], work[i][cores], err = throughput(sources, size, cores+1, open); err != nil {
					return err
				}
				rates[i][cores] = max(rates[i][cores], rate[i][cores])
			}
		}
		ratios = append(ratios, work[1][0]/work[0][0])
		scalings = append(scalings, (rate[1][1]/rate[1][0])/(rate[0][1]/rate[0][0]))
	}
	fmt.Fprintf(out, "  bare parse   %7.1f MB/s on one core %7.1f MB/s on two\n", rates[0][0], rates[0][1])
	fmt.Fprintf(out, "  facts        %7.1f MB/s on one core %7.1f MB/s on two (with secrets taken out)\n", rates[1][0], rates[1][1])
	ratio := middle(ratios)
	fmt.Fprintf(out, "  ratio        %8.3f for the same processor time (goal: at least %.2f) – %s\n", ratio, factsGoal, reached(ratio >= factsGoal))
	scaling := middle(scalings)
	fmt.Fprintf(out, "  scaling      %8.3f of the bare parser's to two cores (goal: at least %.2f) – %s\n", scaling, 1-scalingGoal, reached(scaling >= 1-scalingGoal))
	return nil
}

// middle returns the median of an odd number of figures.
func middle(figures []float64) float64 { return slices.Sorted(slices.Values(figures))[len(figures)/2] }

func reached(ok bool) string {
	if ok {
		return "goal reached"
	}
	return "goal missed"
}

// factReader does with a source what a worker does.
func factReader(ctx context.Context) (read func([]byte) error, end func(), err error) {
	scanner, err := secrets.NewScanner(workKey)
	if err != nil {
		return nil, nil, err
	}
	p, err := python.NewParser()
	if err != nil {
		return nil, nil, err
	}
	return func(source []byte) error {
		text, located, err := scanner.Locate(ctx, "module.py", source)
		if errors.Is(err, secrets.ErrUndecodable) {
			return nil
		}
		if err != nil {
			return err
		}
		spans := make([]python.SecretSpan, len(located))
		for i, l := range located {
			spans[i] = python.SecretSpan{Start: l.Start, End: l.End, Secret: python.Secret{Kind: l.Kind, Digest: l.Digest}}
		}
		f, err := p.Parse(ctx, []byte(text), spans)
		if errors.Is(err, python.ErrTooDeep) || errors.Is(err, python.ErrTooLarge) {
			return nil
		}
		if err != nil {
			return err
		}
		f.Encode()
		return nil
	}, p.Close, nil
}

// throughput returns the MB that readers on a number of cores come to, in a
// second by the clock and in a second of processor time.
func throughput(sources [][]byte, size int64, cores int, open func() (func([]byte) error, func(), error)) (rate, perCore float64, err error) {
	previous := runtime.GOMAXPROCS(cores)
	defer runtime.GOMAXPROCS(previous)
	next := make(chan []byte, len(sources))
	for _, source := range sources {
		next <- source
	}
	close(next)
	var group sync.WaitGroup
	failures := make([]error, cores)
	used, err := processorTime()
	if err != nil {
		return 0, 0, err
	}
	started := time.Now()
	for i := range cores {
		group.Go(func() {
			read, end, err := open()
			if err != nil {
				failures[i] = err
				return
			}
			defer end()
			for source := range next {
				if err := read(source); err != nil {
					failures[i] = err
					return
				}
			}
		})
	}
	group.Wait()
	elapsed := time.Since(started)
	after, err := processorTime()
	megabytes := float64(size) / 1e6
	return megabytes / elapsed.Seconds(), megabytes / (after - used).Seconds(), errors.Join(append(failures, err)...)
}

// processorTime is what this process has used.
func processorTime() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, fmt.Errorf("read the processor time: %w", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// compareRuns reviews two changes of one file each: the first with nothing kept,
// the second with what the first one kept.
func compareRuns(ctx context.Context, tree, work string, out io.Writer) error {
	repository := filepath.Join(work, "repository")
	commits, err := commitChanges(ctx, tree, repository)
	if err != nil {
		return err
	}
	repo, err := gitrepo.Open(ctx, repository)
	if err != nil {
		return err
	}
	defer repo.Close()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	catalogue, err := analysis.Catalogue()
	if err != nil {
		return err
	}
	facts, err := factcache.Open(filepath.Join(work, "facts"), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	analyzer, err := analysis.NewAnalyzer(analysis.PoolOptions{
		Workers: runtime.NumCPU(), Command: []string{self, "worker"}, Key: workKey, Catalogue: catalogue, Facts: facts,
	})
	if err != nil {
		return err
	}
	defer analyzer.Close()
	var times []time.Duration
	for i := 1; i < len(commits); i++ {
		started := time.Now()
		change := analysis.Change{MergeBase: commits[i-1], Base: commits[i-1], Head: commits[i]}
		if _, _, err := analyzer.Compare(ctx, repo, change, analysis.Options{}); err != nil {
			return err
		}
		times = append(times, time.Since(started))
	}
	warm := times[1]
	for _, t := range times[1:] {
		warm = min(warm, t)
	}
	ratio := warm.Seconds() / times[0].Seconds()
	fmt.Fprintf(out, "  first review %8.2f s, the next with one changed file %.3f s\n", times[0].Seconds(), warm.Seconds())
	fmt.Fprintf(out, "  ratio        %8.3f of the first (goal: at most %.2f) – %s\n", ratio, warmGoal, reached(ratio <= warmGoal))
	return nil
}

// commitChanges makes a repository of a tree, and commits that change one file
// each.
func commitChanges(ctx context.Context, tree, repository string) ([]string, error) {
	git := func(args ...string) (string, error) {
		command := exec.CommandContext(ctx, "git", args...)
		command.Dir = repository
		command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=bench", "GIT_AUTHOR_EMAIL=bench@example.com",
			"GIT_COMMITTER_NAME=bench", "GIT_COMMITTER_EMAIL=bench@example.com")
		text, err := command.Output()
		if err != nil {
			return "", fmt.Errorf("git %s: %w", args[0], err)
		}
		return strings.TrimSpace(string(text)), nil
	}
	if err := os.CopyFS(repository, withoutGit{os.DirFS(tree)}); err != nil {
		return nil, fmt.Errorf("copy the tree: %w", err)
	}
	if _, err := git("init", "-q"); err != nil {
		return nil, err
	}
	var commits []string
	for n := range 1 + 1 + rounds {
		if n > 0 {
			changed := fmt.Sprintf("CHANGED = %d\n", n)
			if err := os.WriteFile(filepath.Join(repository, "changed_by_measurement.py"), []byte(changed), 0o644); err != nil {
				return nil, err
			}
		}
		for _, step := range [][]string{{"add", "-A", "-f", "."}, {"commit", "-q", "-m", "change"}} {
			if _, err := git(step...); err != nil {
				return nil, err
			}
		}
		commit, err := git("rev-parse", "HEAD")
		if err != nil {
			return nil, err
		}
		commits = append(commits, commit)
	}
	return commits, nil
}

// withoutGit hides what belongs to another repository, and what is no file.
type withoutGit struct{ fs.FS }

// ReadDir implements fs.ReadDirFS.
func (w withoutGit) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(w.FS, name)
	var kept []fs.DirEntry
	for _, e := range all {
		if e.Name() != ".git" && (e.IsDir() || e.Type().IsRegular()) {
			kept = append(kept, e)
		}
	}
	return kept, err
}
