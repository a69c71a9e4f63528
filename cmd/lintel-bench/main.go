// Command lintel-bench prints what lintel costs. Each measurement is a file of
// its own; without names all of them run.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"github.com/lintel-bot/lintel/internal/analysis"
)

// measurement is one thing that is measured.
type measurement struct {
	name string
	run  func(ctx context.Context, o options, out io.Writer) error
}

// options are what the measurements can be told.
type options struct {
	// tree is a directory to scan; empty for a generated one.
	tree string
}

func measurements() []measurement {
	return []measurement{
		{"secrets", func(ctx context.Context, o options, out io.Writer) error { return benchSecrets(ctx, o.tree, out) }},
		{"facts", func(ctx context.Context, o options, out io.Writer) error { return benchFacts(ctx, o.tree, out) }},
		{"webhook", func(_ context.Context, _ options, out io.Writer) error { return benchWebhook(out) }},
	}
}

type arguments struct {
	Run      runCommand    `cmd:"" default:"withargs" help:"Measure and print."`
	ScanTree scanCommand   `cmd:"" hidden:"" help:"Scan a tree for secrets; the measured child process."`
	Worker   workerCommand `cmd:"" hidden:"" help:"Read file contents from standard input; started by the measurement of facts."`
}

type runCommand struct {
	Tree  string   `help:"Directory to scan instead of a generated one." type:"existingdir"`
	Names []string `arg:"" optional:"" help:"Measurements to run: secrets, facts, webhook. Default: all."`
}

// Run runs the named measurements.
func (c *runCommand) Run() error {
	wanted := map[string]bool{}
	for _, name := range c.Names {
		wanted[name] = true
	}
	for _, m := range measurements() {
		if len(c.Names) > 0 && !wanted[m.name] {
			continue
		}
		delete(wanted, m.name)
		if err := m.run(context.Background(), options{tree: c.Tree}, os.Stdout); err != nil {
			return fmt.Errorf("measure %s: %w", m.name, err)
		}
	}
	for name := range wanted {
		return fmt.Errorf("there is no measurement %q", name)
	}
	return nil
}

// workerCommand is a worker of the analyzer that is measured.
type workerCommand struct{}

// Run serves until standard input ends.
func (workerCommand) Run() error {
	return analysis.ServeWorker(context.Background(), os.Stdin, os.Stdout)
}

func main() {
	var a arguments
	parsed := kong.Parse(&a, kong.Name("lintel-bench"), kong.Description("Print what lintel costs."))
	parsed.FatalIfErrorf(parsed.Run())
}
