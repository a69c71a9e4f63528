package gitrepo

import (
	"fmt"
	"os"
	"path/filepath"
)

// createBare makes an empty bare git directory at dir, which must not exist.
// It is written by hand: `git init` would copy templates from the system. HEAD
// names a branch that never exists, so no tree's attributes apply.
func createBare(dir string, digits int) error {
	config := "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
	if digits == sha256Digits {
		config = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = sha256\n"
	}
	for _, sub := range []string{"", "objects", filepath.Join("objects", "pack"), filepath.Join("objects", "info"), "refs"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o700); err != nil {
			return fmt.Errorf("create a bare repository: %w", err)
		}
	}
	for name, content := range map[string]string{"HEAD": "ref: refs/heads/none\n", "config": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return fmt.Errorf("create a bare repository: %w", err)
		}
	}
	return nil
}

// emptyTree returns the id of the empty tree in a repository whose ids have
// that many digits.
func emptyTree(digits int) string {
	if digits == sha256Digits {
		return emptyTreeSHA256
	}
	return emptyTreeSHA1
}
