package worker

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// isolate makes cmd the leader of a process group of its own, so that signals
// from a terminal do not reach it, and ties its life to the thread that starts
// it.
func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// forbidPrivileges keeps the children of the calling thread from gaining
// privileges, such as by a set-user-id program
// (https://docs.kernel.org/userspace-api/no_new_privs.html).
func forbidPrivileges() error {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid new privileges: %w", err)
	}
	return nil
}

// killProcess ends the process and whatever is in its group.
func killProcess(p *os.Process) error { return unix.Kill(-p.Pid, unix.SIGKILL) }
