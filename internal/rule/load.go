package rule

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

const (
	// maxRules bounds how many rules one folder may bring: the catalogue of all
	// families has some hundred.
	maxRules = 1000
	// maxCatalogue bounds the bytes of its YAML together, and with it the time
	// that the worst of them takes to parse.
	maxCatalogue = 2 << 20
)

// LoadOptions say what rules may ask for.
type LoadOptions struct {
	// Fields are the names that rules may ask of a variable: of "settings" those
	// of known settings. The names of a variable that is not here are not checked.
	Fields map[string][]string
	// Finders are the engines that rules may name.
	Finders []string
}

// Load reads all rules below the root of fsys, which are called family/name.yml,
// with their examples beside them. Data files of a family are called
// defaults.yml or playbooks.yml and are passed over. The error joins a *Problem
// for every mistake; the rules without one are returned with it.
func Load(fsys fs.FS, origin string, o LoadOptions) ([]*Rule, error) {
	l := &loader{fsys: fsys, origin: origin, options: o}
	if err := fs.WalkDir(fsys, ".", l.visit); err != nil {
		l.problems = append(l.problems, fmt.Errorf("read the rules of the %s: %w", origin, err))
	}
	return l.rules, errors.Join(l.problems...)
}

type loader struct {
	fsys     fs.FS
	origin   string
	options  LoadOptions
	rules    []*Rule
	problems []error
	// files and bytes count what was read.
	files, bytes int
}

func (l *loader) visit(name string, entry fs.DirEntry, err error) error {
	switch {
	case err != nil:
		return err
	case entry.IsDir():
		return nil
	case path.Ext(name) == ".yaml":
		l.problem(name, "a rule's file ends in .yml")
		return nil
	case path.Ext(name) == ".txtar":
		if _, err := fs.Stat(l.fsys, strings.TrimSuffix(name, ".txtar")+".yml"); errors.Is(err, fs.ErrNotExist) {
			l.problem(name, "examples without a rule")
		}
		return nil
	case path.Ext(name) != ".yml" || isData(name):
		return nil
	}
	if l.files++; l.files > maxRules {
		return fmt.Errorf("more than %d rules", maxRules)
	}
	data, err := l.read(name, maxDocument)
	if data == nil {
		return err
	}
	if l.bytes += len(data); l.bytes > maxCatalogue {
		return fmt.Errorf("rules of more than %d bytes", maxCatalogue)
	}
	examples, err := l.read(strings.TrimSuffix(name, ".yml")+".txtar", maxExamples)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	r, mistakes := parse(name, data, examples, l.options)
	l.problems = append(l.problems, mistakes...)
	if r != nil {
		r.Origin = l.origin
		l.rules = append(l.rules, r)
	}
	return nil
}

func (l *loader) problem(name, format string, args ...any) {
	l.problems = append(l.problems, &Problem{Path: name, Message: fmt.Sprintf(format, args...)})
}

// read returns the content of a file; without one it is a mistake that is
// recorded, or an error.
func (l *loader) read(name string, bound int64) ([]byte, error) {
	info, err := fs.Stat(l.fsys, name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		l.problem(name, "no regular file")
		return nil, nil
	case info.Size() > bound:
		l.problem(name, "%d bytes; at most %d", info.Size(), bound)
		return nil, nil
	}
	return fs.ReadFile(l.fsys, name)
}

// isData reports whether a file holds data of a family and no rule.
func isData(name string) bool {
	base := path.Base(name)
	return base == "defaults.yml" || base == "playbooks.yml"
}
