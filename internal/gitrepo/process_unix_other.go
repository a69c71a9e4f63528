//go:build unix && !linux

package gitrepo

import "syscall"

// endWithParent does nothing: only Linux offers it.
func endWithParent(*syscall.SysProcAttr) {}
