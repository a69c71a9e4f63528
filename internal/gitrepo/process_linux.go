package gitrepo

import "syscall"

// endWithParent has the kernel kill git when this process dies, so that no
// fetch outlives a crash and writes into a mirror that a new process cleans up.
// The helper that talks to the remote writes nothing, and ends when it next
// looks for git.
// What counts is the thread that started git, so that thread is kept as long as
// git runs (https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html).
func endWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }
