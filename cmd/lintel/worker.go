package main

import (
	"context"
	"fmt"
	"os"

	"github.com/lintel-bot/lintel/internal/analysis"
)

// workerCommand is the process that reads repository content: it has no key
// but the fingerprints', no token, no database and an empty environment.
type workerCommand struct{}

// Run serves jobs until standard input ends. A signal ends no job: a service
// manager that stops the server signals its workers too, and a file that is
// left half-read would stand as not scanned in a review that still ends. The
// server ends its workers itself, and the kernel does if the server is gone.
func (workerCommand) Run(ctx context.Context, io console) error {
	return analysis.ServeWorker(context.WithoutCancel(ctx), io.stdin, io.stdout)
}

// workerArguments is the command line of a worker: this very program.
func workerArguments() ([]string, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding the program to start workers from: %w", err)
	}
	return []string{self, "worker"}, nil
}
