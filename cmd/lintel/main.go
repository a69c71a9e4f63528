// Command lintel reviews pull requests of Django-on-AWS codebases: as a GitHub
// App's server, or at a desk on a local repository. Each subcommand has a file
// of its own that reads its flags and wires the packages below.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// The exit codes of every subcommand. Code 1 stands for findings at or above the
// threshold, and package report says when.
const (
	exitOK = 0
	// exitFailed: lintel could not run, or the scan is incomplete.
	exitFailed = 2
	// exitInterrupted: Ctrl-C or SIGTERM came before scan, audit or demo were
	// done, as shells report it (128 and the number of SIGINT).
	exitInterrupted = 130
)

// commands is the command line.
type commands struct {
	Serve   serveCommand   `cmd:"" help:"Run the GitHub App's server, configured by LINTEL_… variables."`
	Scan    scanCommand    `cmd:"" help:"Review what the current branch adds to its base."`
	Audit   auditCommand   `cmd:"" help:"Review the whole tree at HEAD."`
	Rules   rulesCommand   `cmd:"" help:"List, explain and test the rules."`
	Demo    demoCommand    `cmd:"" help:"Show the whole loop on a sample pull request: no account, no network."`
	Worker  workerCommand  `cmd:"" hidden:"" help:"Scan file contents from standard input (started by the other commands)."`
	Version versionCommand `cmd:"" help:"Print the version of lintel and of its rules."`

	VersionFlag kong.VersionFlag `name:"version" help:"The same as the command."`
}

// console is where a subcommand reads its environment and writes.
type console struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	lookup         func(string) (string, bool)
}

// exitError ends a subcommand with a code of its own; err may be nil when all
// was said already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit status %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// interrupted returns err, or that ctx was ended by a signal when err is what
// came of it: nobody who pressed Ctrl-C wants to read where it hit.
func interrupted(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	return &exitError{exitInterrupted, errors.New("interrupted")}
}

func main() {
	os.Exit(run(os.Args[1:], console{os.Stdin, os.Stdout, os.Stderr, os.LookupEnv}))
}

func run(args []string, io console) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	parser, err := kong.New(&c,
		kong.Name("lintel"),
		kong.Description("Reviews pull requests of Django-on-AWS codebases: committed secrets, and settings that break or leak in production."),
		kong.Writers(io.stdout, io.stderr),
		kong.Vars{"version": versionLine()},
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(io),
	)
	if err != nil {
		fmt.Fprintln(io.stderr, "lintel:", err)
		return exitFailed
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(io.stderr, "lintel: %v (see lintel --help)\n", err)
		return exitFailed
	}
	err = parsed.Run()
	if err == nil {
		return exitOK
	}
	code := exitFailed
	var exit *exitError
	if errors.As(err, &exit) {
		code = exit.code
	}
	if exit == nil || exit.err != nil {
		fmt.Fprintln(io.stderr, "lintel:", err)
	}
	return code
}
