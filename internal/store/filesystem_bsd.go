//go:build darwin || freebsd

package store

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// networkFilesystem names the network file system that path lies on, or is
// empty. SQLite's locks and its shared memory do not work there.
// https://www.sqlite.org/wal.html#overview
func networkFilesystem(path string) (string, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return "", fmt.Errorf("reading the file system of %s: %w", path, err)
	}
	switch name := unix.ByteSliceToString(s.Fstypename[:]); name {
	case "nfs", "smbfs", "afpfs", "webdav":
		return name, nil
	}
	return "", nil
}
