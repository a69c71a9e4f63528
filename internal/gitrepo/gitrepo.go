// Package gitrepo reads git repositories: bare mirrors of remote ones, which
// it fetches and keeps, and local ones. It gives trees, blobs, commits and
// diffs, and runs nothing that a repository brings along: no hooks, filters,
// attributes, submodules or configuration of its own. Git itself (2.39 or
// newer) does the work, in processes with a fixed environment.
package gitrepo

import (
	"errors"
	"fmt"
)

// What the methods of this package fail with, besides plain failures of git.
var (
	// ErrNotRepository: the directory is not in a git repository.
	ErrNotRepository = errors.New("not a git repository")
	// ErrUnknownRevision: no commit goes by that name.
	ErrUnknownRevision = errors.New("unknown revision")
	// ErrNoMergeBase: the two commits share no history.
	ErrNoMergeBase = errors.New("no common ancestor")
	// ErrMissingObject: the repository does not hold the object. In a local
	// repository that is a partial clone or damage.
	ErrMissingObject = errors.New("object missing from the repository")
	// ErrShallow: the history was cut off where an answer depends on it.
	ErrShallow = errors.New("the history is shallow")
	// ErrTooLarge: the repository or the change exceeds a bound.
	ErrTooLarge = errors.New("too large")
	// ErrCommitGone: the remote does not give that commit (any more), as after
	// a force push. Who asked should read the pull request again.
	ErrCommitGone = errors.New("the remote does not have the commit")
	// ErrRemoteRefused: the remote answered 401, 403 or 404.
	ErrRemoteRefused = errors.New("the remote refused access")
)

// Lengths of an object id in hexadecimal digits.
const (
	sha1Digits   = 40
	sha256Digits = 64
)

// The empty tree, which git knows without storing it, by length of the id
// (https://git-scm.com/docs/hash-function-transition).
const (
	emptyTreeSHA1   = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
	emptyTreeSHA256 = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
)

// checkID refuses everything but a full object id in lower-case hexadecimal,
// so that nothing else reaches a command line or a pipe.
func checkID(id string) error {
	if len(id) != sha1Digits && len(id) != sha256Digits {
		return fmt.Errorf("%q is not a full object id", clip(id))
	}
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return fmt.Errorf("%q is not a full object id", clip(id))
		}
	}
	return nil
}

// isZero reports whether id is all zeros, git's way to write "no object".
func isZero(id string) bool {
	for i := range len(id) {
		if id[i] != '0' {
			return false
		}
	}
	return true
}

// clip shortens text that came from outside for an error message.
func clip(text string) string {
	const enough = 100
	if len(text) <= enough {
		return text
	}
	return text[:enough] + "…"
}
