package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lintel-bot/lintel/internal/finding"
	"github.com/lintel-bot/lintel/internal/secrets"
)

// gitleaksModule is the command line tool lintel's scanning is measured
// against, built the ordinary way: without build tags, as its users have it.
const gitleaksModule = "github.com/zricethezav/gitleaks/v8@v8.30.1"

// goal is the share of the tool's CPU time that lintel may need.
const goal = 1.0 / 5

// hit is what either scanner found: a place and a rule, never a value.
type hit struct {
	Rule     string `json:"RuleID"`
	File     string `json:"File"`
	Line     int    `json:"StartLine"`
	EndLine  int    `json:"EndLine"`
	Severity string `json:"Severity"`
}

// benchSecrets scans one tree with lintel and with the gitleaks command line
// tool, each in a process of its own, and prints the CPU time of both, their
// ratio, and what only one of them found.
func benchSecrets(ctx context.Context, tree string, out io.Writer) (err error) {
	work, err := os.MkdirTemp("", "lintel-bench-")
	if err != nil {
		return fmt.Errorf("make a work directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if tree == "" {
		tree = filepath.Join(work, "tree")
		if err := generateTree(tree); err != nil {
			return fmt.Errorf("generate a tree: %w", err)
		}
	}
	size, files, err := treeSize(tree)
	if err != nil {
		return err
	}
	tool, err := buildGitleaks(ctx, work)
	if err != nil {
		return err
	}
	theirs, theirTime, err := runGitleaks(ctx, tool, tree, work)
	if err != nil {
		return err
	}
	ours, ourTime, err := runLintel(ctx, tree)
	if err != nil {
		return err
	}
	megabytes := float64(size) / 1e6
	fmt.Fprintf(out, "secrets: %d files, %.1f MB\n", files, megabytes)
	fmt.Fprintf(out, "  gitleaks CLI %8.2f s CPU  %7.1f MB/s  %4d findings\n", theirTime.Seconds(), megabytes/theirTime.Seconds(), len(theirs))
	fmt.Fprintf(out, "  lintel       %8.2f s CPU  %7.1f MB/s  %4d findings (%d blocking)\n", ourTime.Seconds(), megabytes/ourTime.Seconds(), len(ours), blocking(ours))
	ratio := ourTime.Seconds() / theirTime.Seconds()
	verdict := "goal reached"
	if ratio > goal {
		verdict = "goal missed"
	}
	fmt.Fprintf(out, "  ratio        %8.3f of its CPU time (goal: at most %.2f) – %s\n", ratio, goal, verdict)
	printMissed(out, theirs, ours)
	return nil
}

func blocking(hits []hit) int {
	n := 0
	for _, h := range hits {
		if h.Severity == finding.Critical.String() || h.Severity == finding.Major.String() {
			n++
		}
	}
	return n
}

// printMissed lists the places that only gitleaks reports, by rule.
func printMissed(out io.Writer, theirs, ours []hit) {
	count := map[string]int{}
	example := map[string]string{}
	for _, h := range theirs {
		covered := slices.ContainsFunc(ours, func(o hit) bool {
			return o.File == h.File && o.Line <= h.EndLine && h.Line <= o.EndLine
		})
		if !covered {
			count[h.Rule]++
			example[h.Rule] = fmt.Sprintf("%s:%d", h.File, h.Line)
		}
	}
	rules := make([]string, 0, len(count))
	for r := range count {
		rules = append(rules, r)
	}
	slices.Sort(rules)
	fmt.Fprintf(out, "  only gitleaks reports: %d rules\n", len(rules))
	for _, r := range rules {
		fmt.Fprintf(out, "    %4d  %s, such as %s\n", count[r], r, example[r])
	}
}

func treeSize(tree string) (size int64, files int, err error) {
	err = filepath.WalkDir(tree, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			size += info.Size()
			files++
		}
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("measure the tree: %w", err)
	}
	return size, files, nil
}

func buildGitleaks(ctx context.Context, work string) (string, error) {
	bin := filepath.Join(work, "bin")
	install := exec.CommandContext(ctx, "go", "install", gitleaksModule)
	install.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=")
	install.Dir = work
	if output, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build gitleaks: %w\n%s", err, output)
	}
	return filepath.Join(bin, "gitleaks"), nil
}

func runGitleaks(ctx context.Context, tool, tree, work string) ([]hit, time.Duration, error) {
	report := filepath.Join(work, "report.json")
	scan := exec.CommandContext(ctx, tool, "dir", tree, "--no-banner", "--log-level", "error", "--exit-code", "0",
		"--redact=100", "--report-format", "json", "--report-path", report)
	if output, err := scan.CombinedOutput(); err != nil {
		return nil, 0, fmt.Errorf("run gitleaks: %w\n%s", err, output)
	}
	content, err := os.ReadFile(report)
	if err != nil {
		return nil, 0, fmt.Errorf("read the report of gitleaks: %w", err)
	}
	var hits []hit
	if err := json.Unmarshal(content, &hits); err != nil {
		return nil, 0, fmt.Errorf("decode the report of gitleaks: %w", err)
	}
	for i := range hits {
		if relative, err := filepath.Rel(tree, hits[i].File); err == nil {
			hits[i].File = filepath.ToSlash(relative)
		}
	}
	return hits, cpuTime(scan.ProcessState), nil
}

func runLintel(ctx context.Context, tree string) ([]hit, time.Duration, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, 0, fmt.Errorf("find this program: %w", err)
	}
	scan := exec.CommandContext(ctx, self, "scan-tree", tree)
	scan.Stderr = os.Stderr
	output, err := scan.Output()
	if err != nil {
		return nil, 0, fmt.Errorf("run lintel's scanner: %w", err)
	}
	var hits []hit
	if err := json.NewDecoder(bytes.NewReader(output)).Decode(&hits); err != nil {
		return nil, 0, fmt.Errorf("decode what lintel's scanner found: %w", err)
	}
	return hits, cpuTime(scan.ProcessState), nil
}

func cpuTime(state *os.ProcessState) time.Duration { return state.UserTime() + state.SystemTime() }

// scanCommand is the measured process: every file of a tree through the
// scanner, on all processors, the places printed as JSON.
type scanCommand struct {
	Tree string `arg:"" type:"existingdir"`
}

// Run scans the tree.
func (c *scanCommand) Run() error {
	scanner, err := secrets.NewScanner([]byte("a key for measurements only"))
	if err != nil {
		return fmt.Errorf("build the scanner: %w", err)
	}
	paths := make(chan string)
	var group sync.WaitGroup
	var mu sync.Mutex
	hits := []hit{}
	var failures []error
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for path := range paths {
				found, err := scanFile(scanner, c.Tree, path)
				mu.Lock()
				hits = append(hits, found...)
				failures = append(failures, err)
				mu.Unlock()
			}
		})
	}
	err = filepath.WalkDir(c.Tree, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == ".git" {
			return filepath.SkipDir
		}
		if err == nil && entry.Type().IsRegular() {
			paths <- path
		}
		return err
	})
	close(paths)
	group.Wait()
	if err != nil {
		return fmt.Errorf("walk %s: %w", c.Tree, err)
	}
	if err := errors.Join(failures...); err != nil {
		fmt.Fprintln(os.Stderr, "not scanned:", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return json.NewEncoder(os.Stdout).Encode(hits)
}

func scanFile(scanner *secrets.Scanner, tree, path string) ([]hit, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read a file of the tree: %w", err)
	}
	relative, err := filepath.Rel(tree, path)
	if err != nil {
		return nil, fmt.Errorf("name a file of the tree: %w", err)
	}
	relative = filepath.ToSlash(relative)
	if _, ok := secrets.InScope(relative, content); !ok {
		return nil, nil
	}
	found, err := scanner.Scan(context.Background(), relative, content)
	if err != nil {
		return nil, err
	}
	var hits []hit
	for _, f := range found {
		hits = append(hits, hit{f.Rule, relative, f.Line, f.EndLine, f.Severity.String()})
		for _, also := range f.AlsoAt {
			hits = append(hits, hit{f.Rule, relative, also.Line, also.Line, f.Severity.String()})
		}
	}
	return hits, nil
}
