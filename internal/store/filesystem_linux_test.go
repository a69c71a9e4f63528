package store

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestNetworkFilesystems(t *testing.T) {
	for magic, want := range map[int64]string{
		unix.NFS_SUPER_MAGIC: "NFS", unix.SMB2_SUPER_MAGIC: "SMB", unix.CIFS_SUPER_MAGIC: "SMB",
		int64(int32(-11317950)): "SMB", // CIFS where the field is a signed 32-bit number
		unix.EXT4_SUPER_MAGIC:   "", unix.TMPFS_MAGIC: "", unix.OVERLAYFS_SUPER_MAGIC: "", unix.XFS_SUPER_MAGIC: "",
	} {
		if got := networkMagic(magic); got != want {
			t.Errorf("file system %#x: %q, want %q", magic, got, want)
		}
	}
	if got, err := networkFilesystem(t.TempDir()); err != nil || got != "" {
		t.Errorf("the tests' own folder lies on %q, error %v", got, err)
	}
	if _, err := networkFilesystem(filepath.Join(t.TempDir(), "missing")); err == nil {
		t.Error("a missing folder has a file system")
	}
}
