package worker

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// tellSystem reports facts that only Linux has.
func tellSystem(what string) (string, error) {
	switch what {
	case "descriptors":
		var targets []string
		for i := range maxOpenFiles {
			if target, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", i)); err == nil {
				kind, _, _ := strings.Cut(target, ":[")
				targets = append(targets, kind)
			}
		}
		return strings.Join(targets, " "), nil
	case "dumpable", "privileges":
		option := unix.PR_GET_DUMPABLE
		if what == "privileges" {
			option = unix.PR_GET_NO_NEW_PRIVS
		}
		value, err := unix.PrctlRetInt(option, 0, 0, 0, 0)
		return fmt.Sprint(value), err
	case "limits":
		var limits []string
		for _, resource := range []int{unix.RLIMIT_CORE, unix.RLIMIT_FSIZE, unix.RLIMIT_NOFILE} {
			var l unix.Rlimit
			if err := unix.Getrlimit(resource, &l); err != nil {
				return "", err
			}
			limits = append(limits, fmt.Sprintf("%d/%d", l.Cur, l.Max))
		}
		return strings.Join(limits, " "), nil
	}
	return "", fmt.Errorf("tell %q?", what)
}
