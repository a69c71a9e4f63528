package architecture

import (
	"errors"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	module = "github.com/lintel-bot/lintel"
	root   = "../.."
)

// sourcePackage is one package of this module without its tests.
type sourcePackage struct {
	// path is that of the directory from the module's root.
	path  string
	files map[string]*ast.File // by path, of every platform
	set   *token.FileSet
	// built names the files that are built here.
	built []string
}

// imports returns what the package imports, own packages without the module's
// path, with one position of each.
func (p sourcePackage) imports() map[string]token.Position {
	imports := make(map[string]token.Position)
	for _, file := range p.files {
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				panic(err)
			}
			if own, ok := strings.CutPrefix(name, module+"/"); ok {
				name = "./" + own
			}
			imports[name] = p.set.Position(spec.Pos())
		}
	}
	return imports
}

// readPackages parses all packages of the module.
func readPackages(t *testing.T) []sourcePackage {
	t.Helper()
	var packages []sourcePackage
	for _, top := range []string{"cmd", "internal", "rules"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(dir string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.IsDir() {
				return err
			}
			if name := entry.Name(); name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
				return fs.SkipDir
			}
			p, err := readPackage(dir)
			if err == nil && len(p.files) > 0 {
				packages = append(packages, p)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(packages) < 10 {
		t.Fatalf("found only %d packages", len(packages))
	}
	return packages
}

func readPackage(dir string) (sourcePackage, error) {
	relative, err := filepath.Rel(root, dir)
	if err != nil {
		return sourcePackage{}, err
	}
	p := sourcePackage{path: filepath.ToSlash(relative), files: make(map[string]*ast.File), set: token.NewFileSet()}
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return sourcePackage{}, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(p.set, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return sourcePackage{}, err
		}
		p.files[name] = file
	}
	context := build.Default
	context.BuildTags = []string{"gore2regex"}
	here, err := context.ImportDir(dir, 0)
	if noGo := new(build.NoGoError); errors.As(err, &noGo) {
		return p, nil
	}
	if err != nil {
		return sourcePackage{}, err
	}
	for _, name := range here.GoFiles {
		p.built = append(p.built, filepath.Join(dir, name))
	}
	return p, nil
}

// within reports whether an import path is one of the given or below it.
func within(name string, parents []string) bool {
	return slices.ContainsFunc(parents, func(parent string) bool {
		return name == parent || strings.HasPrefix(name, parent+"/")
	})
}

// standard reports whether an import is of the standard library, whose paths
// have no dot in their first element.
func standard(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return !strings.Contains(first, ".")
}

// base returns the last element of a package's path.
func (p sourcePackage) base() string { return path.Base(p.path) }
