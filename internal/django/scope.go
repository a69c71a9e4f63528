package django

import (
	"path"
	"slices"
	"strings"

	"github.com/lintel-bot/lintel/internal/python"
)

// scope is how the modules of one project of a tree see one another. It
// implements modules.
type scope struct {
	index  *index
	source Source
	// roots are the folders on the path of Python, in order.
	roots []string
	// paths are the files of the modules that were resolved, or the folders of
	// packages without __init__.py.
	paths map[string]string
	// found are the absolute names that were looked up.
	found map[string]found
	// tops are the first parts of names that were looked up.
	tops map[string]top
	// patterns are those of included that were looked up.
	patterns map[string][]string
	// problems are why files could not be read.
	problems map[string]string
}

// found is where an absolute name leads.
type found struct {
	place string
	known bool
}

const (
	// maxFound bounds the names that are remembered; the modules of one project
	// import some thousand.
	maxFound = 20_000
	// maxPattern is the longest pattern that is matched with the files of a tree.
	maxPattern = 200
)

// newScope returns the scope of the project whose modules are below root: first
// its own folder, then those around and below it, then all others.
func newScope(x *index, s Source, root string, more ...string) *scope {
	roots := []string{root}
	roots = append(roots, more...)
	roots = append(roots, x.configured...)
	for _, r := range x.roots {
		if holds(r, root) || holds(root, r) {
			roots = append(roots, r)
		}
	}
	roots = append(roots, x.roots...)
	var unique []string
	for _, r := range roots {
		if !slices.Contains(unique, r) {
			unique = append(unique, r)
		}
	}
	return &scope{index: x, source: s, roots: unique, paths: make(map[string]string), found: make(map[string]found), tops: make(map[string]top), patterns: make(map[string][]string), problems: make(map[string]string)}
}

func (s *scope) holdsData(base string) bool { return s.index.data[base] }

func (s *scope) problem(path string) string { return s.problems[path] }

func (s *scope) resolve(from, name string) (module, file string, tree *python.File, known bool) {
	module, place, known := s.locate(from, name)
	if !known || place == "" {
		return module, "", nil, known
	}
	s.paths[module] = place
	if !strings.HasSuffix(place, ".py") {
		return module, "", nil, true
	}
	tree, err := s.source.Python(place)
	if err != nil {
		s.problems[place] = err.Error()
		return module, place, nil, true
	}
	return module, place, tree, true
}

func (s *scope) included(from, pattern string) []string {
	place, ok := s.place(from)
	if !ok || len(pattern) > maxPattern {
		return nil
	}
	pattern = path.Join(path.Dir(place), pattern)
	names, ok := s.patterns[pattern]
	if ok || len(s.patterns) >= maxIncludes {
		return names
	}
	for _, file := range s.index.matching(pattern) {
		name := moduleName(s.index.rootOf(file), file)
		s.paths[name] = file
		names = append(names, name)
	}
	s.patterns[pattern] = names
	return names
}

func (s *scope) executed(from, name string) (string, bool) {
	place, ok := s.place(from)
	if !ok || len(name) > maxPattern || !strings.HasSuffix(name, ".py") {
		return "", false
	}
	found := ""
	for folder := path.Dir(place); ; folder = path.Dir(folder) {
		if file := path.Join(folder, name); file != place && s.index.files[file] {
			if found != "" {
				return "", false
			}
			found = file
		}
		if folder == "." || folder == "/" {
			break
		}
	}
	if found == "" {
		return "", false
	}
	module := moduleName(s.index.rootOf(found), found)
	s.paths[module] = found
	return module, true
}

// locate returns what a name in the module from means: the module, and its file
// or the folder of a package without __init__.py. A known module without a place
// is missing.
func (s *scope) locate(from, name string) (module, place string, known bool) {
	if at, ok := s.paths[name]; ok {
		return name, at, true
	}
	rest := strings.TrimLeft(name, ".")
	dots := len(name) - len(rest)
	if dots == 0 {
		return s.absolute(name)
	}
	base := from
	if at, ok := s.place(from); !ok || path.Base(at) != "__init__.py" && strings.HasSuffix(at, ".py") {
		base = parent(base)
	}
	for range dots - 1 {
		base = parent(base)
	}
	if base == "" {
		return rest, "", true
	}
	if rest != "" {
		base += "." + rest
	}
	module, place, known = s.absolute(base)
	// A relative name never leaves the repository.
	return module, place, known || place == ""
}

// place returns the file or folder of a module.
func (s *scope) place(module string) (string, bool) {
	if p, ok := s.paths[module]; ok {
		return p, true
	}
	_, p, known := s.absolute(module)
	return p, known && p != ""
}

func parent(module string) string {
	if i := strings.LastIndexByte(module, '.'); i >= 0 {
		return module[:i]
	}
	return ""
}

// absolute returns what an absolute name means.
func (s *scope) absolute(name string) (module, place string, known bool) {
	f, ok := s.found[name]
	if !ok {
		f.place, f.known = s.find(name)
		if len(s.found) < maxFound {
			s.found[name] = f
		}
	}
	return name, f.place, f.known
}

// find looks an absolute name up. As in Python, the first root
// that has a package or module of the first part's name owns all names below
// it; folders without __init__.py are what remains, and one package over
// several roots.
func (s *scope) find(name string) (place string, known bool) {
	first, _, nested := strings.Cut(name, ".")
	t := s.top(first)
	if t.owned {
		if file, ok := s.index.find(t.owner, name); ok {
			return file, true
		}
		if folder := folderOf(t.owner, name); s.index.folders[folder] {
			return folder, true
		}
		return "", true
	}
	if !nested && (standard(first) || installed(first)) {
		return "", false
	}
	for _, root := range t.roots {
		if file, ok := s.index.find(root, name); ok {
			return file, true
		}
		if folder := folderOf(root, name); place == "" && s.index.folders[folder] {
			place = folder
		}
		// A name that is not there below a folder that is: missing, unless a package
		// from outside has the name of the folder.
		known = known || nested && s.index.folders[folderOf(root, parent(name))] && !standard(first) && !installed(first)
	}
	return place, known || place != ""
}

// folderOf returns the folder of the package that is called name below root.
func folderOf(root, name string) string {
	return path.Join(root, strings.ReplaceAll(name, ".", "/"))
}

// top is where the first part of names leads.
type top struct {
	// owner is the root that has a module or a package of that name.
	owner string
	owned bool
	// roots are those that have a folder of it, where none owns it.
	roots []string
}

// top looks the first part of a name up.
func (s *scope) top(name string) top {
	if t, ok := s.tops[name]; ok {
		return t
	}
	var t top
	for _, root := range s.roots {
		if _, ok := s.index.find(root, name); ok {
			t = top{owner: root, owned: true}
			break
		}
		if s.index.folders[path.Join(root, name)] {
			t.roots = append(t.roots, root)
		}
	}
	if len(s.tops) < maxFound {
		s.tops[name] = t
	}
	return t
}

// standard reports whether a module is one of Python's own that projects have
// folders of the same name for: a folder without __init__.py does not hide it.
func standard(name string) bool {
	return strings.Contains(" abc argparse ast asyncio base64 bin builtins calendar cgi cmd code codecs collections concurrent configparser contextlib copy "+
		"csv ctypes curses dataclasses datetime decimal distutils email enum errno filecmp fileinput fnmatch ftplib functools gc getpass gettext glob gzip "+
		"hashlib heapq hmac html http imaplib importlib inspect io ipaddress itertools json keyword locale logging mailbox math mimetypes multiprocessing "+
		"operator os pathlib pickle pkgutil platform plistlib posixpath pprint profile queue random re resource sched secrets select shelve shlex shutil "+
		"signal site smtplib socket socketserver sqlite3 ssl stat statistics string struct subprocess symbol sys syslog tarfile telnetlib tempfile test "+
		"textwrap threading time timeit token tokenize tomllib trace traceback types typing unicodedata unittest urllib uuid venv warnings wave weakref "+
		"webbrowser wsgiref xml xmlrpc zipfile zipimport zlib zoneinfo ", " "+name+" ")
}

// installed reports whether a name is that of a distribution that nearly every
// project of this kind has, and that folders without code are named after.
func installed(name string) bool {
	return strings.Contains(" django celery docker kombu redis requests sentry_sdk stripe elasticsearch graphene nginx boto3 botocore kubernetes ansible ", " "+name+" ")
}
