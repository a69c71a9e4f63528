package store

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// sqlitePath returns the file that a database URL names. The URL itself is
// never quoted: one of another database may hold a password.
func sqlitePath(databaseURL string) (string, error) {
	scheme, rest, found := strings.Cut(databaseURL, ":")
	switch {
	case found && (scheme == "postgres" || scheme == "postgresql"):
		return "", errors.New("PostgreSQL is not supported yet: use sqlite:PATH")
	case !found || scheme != "sqlite":
		return "", errors.New("a database URL is sqlite:PATH")
	case rest == "":
		return "", errors.New("a database URL is sqlite:PATH, and the path is missing")
	case strings.HasPrefix(rest, "//") && !strings.HasPrefix(rest, "///"):
		return "", errors.New("a database URL is sqlite:PATH, without // before the path")
	case strings.ContainsRune(rest, 0):
		return "", errors.New("the path of a database URL holds a NUL byte")
	}
	path, err := filepath.Abs(rest)
	if err != nil {
		return "", fmt.Errorf("finding the database %s: %w", rest, err)
	}
	return path, nil
}
