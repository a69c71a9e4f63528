//go:build !linux

package worker

import (
	"os"
	"os/exec"
)

func isolate(*exec.Cmd) {}

func forbidPrivileges() error { return nil }

// killProcess ends the process.
func killProcess(p *os.Process) error { return p.Kill() }
