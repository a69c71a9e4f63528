package django

import "github.com/lintel-bot/lintel/internal/python"

// modules is how the interpreter reaches the modules of a tree. Names are
// unambiguous within one value of it: a repository with several projects has one
// for each.
type modules interface {
	// resolve returns the module that name, which may have leading dots, means in
	// the module from. With known false it is outside of the repository. A known
	// module without a file is missing, a package without __init__.py (then its
	// name is set), or could not be read (then its path is set too; see problem).
	resolve(from, name string) (module, path string, file *python.File, known bool)
	// included returns the modules that include(pattern) of django-split-settings
	// means in the module from: files that the pattern matches, relative to the
	// folder of from, in order. Their names serve only to be handed to resolve.
	included(from, pattern string) []string
	// holdsData reports whether the tree has a file of configuration of that name.
	holdsData(base string) bool
	// executed returns the module that is the file which the module from opens by
	// a path of which the beginning may be missing; not ok when there is none, or
	// one of several. Its name serves only to be handed to resolve.
	executed(from, path string) (name string, ok bool)
	// problem says why the file at path, which resolve returned without its tree,
	// could not be read.
	problem(path string) string
}
