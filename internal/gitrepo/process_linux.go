package gitrepo

import "syscall"

// endWithParent has the kernel kill git when this process dies, so that no
// fetch outlives a crash and writes into a mirror that a new process cleans up.
func endWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }
