package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxDiscoveryBytes bounds what `git rev-parse` tells about a repository: a
// few paths.
const maxDiscoveryBytes = 64 << 10

// layout is where a local repository keeps what is needed of it.
type layout struct {
	gitDir, objects, shallow string
	digits                   int
}

// Open opens a local repository: a work tree, a directory inside of one, a
// linked work tree, or a bare repository. The caller closes it.
//
// Objects are read through a git directory of our own that borrows the
// repository's object store, so its configuration, attributes, grafts,
// replacements and hooks never take part; only the names of revisions are
// looked up in the repository itself. That is why git's check that the
// repository belongs to the current user (safe.directory) is switched off: it
// guards against configuration that runs commands, none of which is in force
// here, and a container that scans a mounted directory would always fail it.
func Open(ctx context.Context, dir string) (*Repository, error) {
	program, err := findGit()
	if err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open repository %s: %w", dir, err)
	}
	if info, err := os.Stat(absolute); err != nil {
		return nil, fmt.Errorf("open repository %s: %w", dir, err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("open repository %s: %w (it is a file)", dir, ErrNotRepository)
	}
	own, err := os.MkdirTemp("", "lintel-repository-")
	if err != nil {
		return nil, fmt.Errorf("open repository %s: %w", dir, err)
	}
	r, err := openLocal(ctx, program, absolute, own)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open repository %s: %w", dir, err), os.RemoveAll(own))
	}
	r.cleanUp = func() error { return os.RemoveAll(own) }
	return r, nil
}

func openLocal(ctx context.Context, program, dir, own string) (*Repository, error) {
	home := filepath.Join(own, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		return nil, err
	}
	settings := append(commonSettings(), setting{"safe.directory", "*"})
	found, err := discover(ctx, &git{program: program, dir: dir, env: environment(home, "", "", settings)})
	if err != nil {
		return nil, err
	}
	gitDir := filepath.Join(own, "repository")
	if err := createBare(gitDir, found.digits); err != nil {
		return nil, err
	}
	boundary, err := copyShallow(found.shallow, filepath.Join(gitDir, "shallow"))
	if err != nil {
		return nil, err
	}
	env := append(environment(home, gitDir, "", objectSettings(emptyTree(found.digits))), "GIT_OBJECT_DIRECTORY="+found.objects)
	objects := &git{program: program, dir: gitDir, env: env}
	names := &git{program: program, dir: gitDir, env: environment(home, found.gitDir, "", settings)}
	r := newRepository(objects, names, found.digits)
	r.shallow = boundary
	return r, nil
}

// discover asks git where the repository around g's directory keeps things.
func discover(ctx context.Context, g *git) (layout, error) {
	out, err := g.output(ctx, maxDiscoveryBytes, "rev-parse", "--path-format=absolute",
		"--show-object-format", "--absolute-git-dir", "--git-path", "objects", "--git-path", "shallow")
	if err != nil {
		if strings.Contains(messages(err), "not a git repository") {
			return layout{}, ErrNotRepository
		}
		return layout{}, err
	}
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 4 {
		return layout{}, errors.New("a path of the repository holds a newline, which git cannot report")
	}
	found := layout{gitDir: lines[1], objects: lines[2], shallow: lines[3]}
	switch lines[0] {
	case "sha1":
		found.digits = sha1Digits
	case "sha256":
		found.digits = sha256Digits
	default:
		return layout{}, fmt.Errorf("the repository's object format %q is not supported", clip(lines[0]))
	}
	return found, nil
}

// copyShallow copies the list of commits where the history was cut off
// (https://git-scm.com/docs/shallow), and returns it; empty for whole history.
func copyShallow(from, to string) (map[string]bool, error) {
	data, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read where the history was cut off: %w", err)
	}
	boundary := map[string]bool{}
	for _, id := range strings.Fields(string(data)) {
		if err := checkID(id); err != nil {
			return nil, fmt.Errorf("read where the history was cut off: %w", err)
		}
		boundary[id] = true
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		return nil, fmt.Errorf("copy where the history was cut off: %w", err)
	}
	return boundary, nil
}
