package gitrepo

import (
	"os"
	"os/exec"
)

// ownGroup does nothing: Windows has no process groups of this kind.
func ownGroup(*exec.Cmd) {}

// killGroup ends the process only.
func killGroup(process *os.Process) error { return process.Kill() }
