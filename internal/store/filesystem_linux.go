package store

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// networkFilesystem names the network file system that path lies on, or is
// empty. SQLite's locks and its shared memory do not work there.
// https://www.sqlite.org/wal.html#overview ("does not work over a network
// filesystem")
func networkFilesystem(path string) (string, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return "", fmt.Errorf("reading the file system of %s: %w", path, err)
	}
	return networkMagic(int64(s.Type)), nil
}

// networkMagic names the file systems of statfs(2) that are mounted from
// another machine.
func networkMagic(magic int64) string {
	// Some platforms sign-extend the 32-bit numbers.
	switch magic & 0xffffffff {
	case unix.NFS_SUPER_MAGIC:
		return "NFS"
	case unix.SMB_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC:
		return "SMB"
	case unix.AFS_SUPER_MAGIC, unix.AFS_FS_MAGIC:
		return "AFS"
	case unix.CEPH_SUPER_MAGIC:
		return "CephFS"
	case unix.CODA_SUPER_MAGIC:
		return "Coda"
	}
	return ""
}
