package worker

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// maxOpenFiles is what a worker may have open: its three pipes and what the Go
// runtime needs for itself. A scan opens nothing.
const maxOpenFiles = 16

// restrict gives up what a scan does not need: descriptors that were inherited,
// memory beyond the bound, core dumps (they would hold the key and the file),
// writing files, opening many, and being read through /proc or ptrace by
// another process of the same user. The server has already taken away the
// environment, the controlling process group and the right to gain privileges.
func restrict(memory int64) error {
	if err := closeInherited(); err != nil {
		return err
	}
	limits := []struct {
		name     string
		resource int
		value    uint64
	}{
		{"core size", unix.RLIMIT_CORE, 0},
		{"file size", unix.RLIMIT_FSIZE, 0},
		{"open files", unix.RLIMIT_NOFILE, maxOpenFiles},
	}
	if memory > 0 {
		used, err := dataBytes()
		if err != nil {
			return err
		}
		limits = append(limits, struct {
			name     string
			resource int
			value    uint64
		}{"data size", unix.RLIMIT_DATA, used + uint64(memory)})
	}
	for _, l := range limits {
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: l.value, Max: l.value}); err != nil {
			return fmt.Errorf("limit %s to %d: %w", l.name, l.value, err)
		}
	}
	// Last: afterwards /proc/self can no longer be read without privileges.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid dumps: %w", err)
	}
	return nil
}

// dataBytes returns how much of RLIMIT_DATA is used already: private writable
// mappings (https://man7.org/linux/man-pages/man2/getrlimit.2.html). The bound
// is set on top of it, because the runtime and a race detector map more at
// their start than a scan ever should.
func dataBytes() (uint64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, fmt.Errorf("read memory use: %w", err)
	}
	scanner := bufio.NewScanner(bytes.NewReader(status))
	for scanner.Scan() {
		value, ok := strings.CutPrefix(scanner.Text(), "VmData:")
		if !ok {
			continue
		}
		kilobytes, err := strconv.ParseUint(strings.TrimSpace(strings.TrimSuffix(value, "kB")), 10, 54)
		if err != nil {
			return 0, fmt.Errorf("read memory use: %w", err)
		}
		return kilobytes << 10, nil
	}
	return 0, fmt.Errorf("read memory use: no VmData in /proc/self/status")
}

// closeInherited closes files and sockets that the server's own parent passed
// on to it, such as the listeners of socket activation: Go marks only what it
// opens itself as not to be inherited. The runtime's own descriptors are
// anonymous inodes and stay.
func closeInherited() error {
	const folder = "/proc/self/fd"
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("list descriptors: %w", err)
	}
	for _, entry := range entries {
		descriptor, err := strconv.Atoi(entry.Name())
		if err != nil || descriptor <= 2 {
			continue
		}
		target, err := os.Readlink(folder + "/" + entry.Name())
		if err != nil || strings.HasPrefix(target, "anon_inode:") {
			continue // gone already: the one that read the folder
		}
		if err := unix.Close(descriptor); err != nil {
			return fmt.Errorf("close descriptor %d: %w", descriptor, err)
		}
	}
	return nil
}
