package django

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strings"
)

// maxRoots bounds the roots of a tree: names are looked up below each. A
// repository of a hundred services has some.
const maxRoots = 100

// index knows which Python modules a tree has.
type index struct {
	// files are the paths of Python files; folders those that have one below.
	files   map[string]bool
	folders map[string]bool
	// data are the names, without folders, of files that a ConfigParser reads.
	data map[string]bool
	// python lists the paths of files in order.
	python []string
	// roots are the folders that may be on the path of Python.
	roots []string
	// configured are the roots that people named.
	configured []string
	// stems lists the paths of modules by the last part of their name.
	stems map[string][]string
}

// newIndex reads the paths of a tree.
func newIndex(s Source, o Options) *index {
	x := &index{files: make(map[string]bool), data: make(map[string]bool), folders: make(map[string]bool), stems: make(map[string][]string)}
	roots := make(map[string]bool)
	for _, name := range s.Files() {
		folder := path.Dir(name)
		switch path.Base(name) {
		case "manage.py":
			roots[folder] = true
		case "pyproject.toml", "setup.cfg", "setup.py":
			roots[folder] = true
		}
		switch path.Ext(name) {
		case ".py":
		case ".ini", ".cfg", ".conf", ".config", ".properties", ".env":
			x.data[path.Base(name)] = true
			continue
		default:
			continue
		}
		x.python = append(x.python, name)
		x.files[name] = true
		stem := strings.TrimSuffix(name, ".py")
		if path.Base(stem) == "__init__" {
			stem = path.Dir(stem)
		}
		x.stems[path.Base(stem)] = append(x.stems[path.Base(stem)], name)
		for ; !x.folders[folder]; folder = path.Dir(folder) {
			x.folders[folder] = true
			if folder == "." {
				break
			}
			if path.Base(folder) == "src" {
				roots[folder] = true
			}
		}
	}
	slices.Sort(x.python)
	for _, root := range slices.SortedFunc(maps.Keys(roots), shallowFirst) {
		if len(x.roots) >= maxRoots {
			break
		}
		// A folder without Python has a manifest of something else; a package is
		// no root unless it is where manage.py is run.
		if x.folders[root] && (!x.files[path.Join(root, "__init__.py")] || x.files[path.Join(root, "manage.py")]) {
			x.roots = append(x.roots, root)
		}
	}
	x.roots = append(x.roots, ".")
	for _, root := range o.Roots {
		root = path.Clean(strings.Trim(root, "/"))
		x.configured = append(x.configured, root)
		x.roots = append(x.roots, root)
	}
	x.sortRoots()
	return x
}

// addRoot makes folder a root.
func (x *index) addRoot(folder string) {
	if !slices.Contains(x.roots, folder) && len(x.roots) < 2*maxRoots {
		x.roots = append(x.roots, folder)
		x.sortRoots()
	}
}

// sortRoots puts the deepest roots first, so that the first that holds a file
// is the nearest.
func (x *index) sortRoots() {
	slices.SortFunc(x.roots, func(a, b string) int { return shallowFirst(b, a) })
	x.roots = slices.Compact(x.roots)
}

// shallowFirst orders folders by depth.
func shallowFirst(a, b string) int {
	return cmp.Or(depth(a)-depth(b), strings.Compare(a, b))
}

func depth(folder string) int {
	if folder == "." {
		return 0
	}
	return strings.Count(folder, "/") + 1
}

// holds reports whether folder is root or below it.
func holds(root, folder string) bool {
	return root == "." || folder == root || strings.HasPrefix(folder, root+"/")
}

// rootOf returns the root whose modules the file at path is among.
func (x *index) rootOf(name string) string {
	for _, root := range x.roots {
		if holds(root, path.Dir(name)) {
			return root
		}
	}
	return "."
}

// moduleName returns the dotted name of the module at path below root.
func moduleName(root, name string) string {
	name = strings.TrimSuffix(name, ".py")
	name = strings.TrimSuffix(name, "/__init__")
	if root != "." {
		name = strings.TrimPrefix(name, root+"/")
	}
	return strings.ReplaceAll(name, "/", ".")
}

// find returns the file of the module that is called name below root.
func (x *index) find(root, name string) (string, bool) {
	stem := path.Join(root, strings.ReplaceAll(name, ".", "/"))
	if p := path.Join(stem, "__init__.py"); x.files[p] {
		return p, true
	}
	if p := stem + ".py"; x.files[p] {
		return p, true
	}
	return "", false
}

// locate returns where a module that a file names is: near the file, in another
// root; or else wherever in the tree the whole name fits, if that is one place.
// The folder that it is found below is a root then.
func (x *index) locate(name, from string) (root, file string, ok bool) {
	root, file, ok = x.near(name, from)
	if !ok {
		for _, r := range slices.Concat(x.configured, x.roots) {
			if file, ok := x.find(r, name); ok {
				return r, file, true
			}
		}
		root, file, ok = x.only(name)
	}
	if ok {
		x.addRoot(root)
	}
	return root, file, ok
}

// near returns where a module that a file names is, in the root nearest to the
// file or in a folder around it.
func (x *index) near(name, from string) (root, file string, ok bool) {
	folder := path.Dir(from)
	for _, root := range x.roots {
		if holds(root, folder) {
			if file, ok := x.find(root, name); ok {
				return root, file, true
			}
		}
	}
	for around := folder; ; around = path.Dir(around) {
		if file, ok := x.find(around, name); ok || around == "." {
			return around, file, ok
		}
	}
}

// only returns the one place of the tree where a dotted name of several parts
// fits.
func (x *index) only(name string) (root, file string, ok bool) {
	if !strings.Contains(name, ".") {
		return "", "", false
	}
	stem := strings.ReplaceAll(name, ".", "/")
	for _, p := range x.stems[path.Base(stem)] {
		s := strings.TrimSuffix(strings.TrimSuffix(p, ".py"), "/__init__")
		if s != stem && !strings.HasSuffix(s, "/"+stem) {
			continue
		}
		if ok {
			return "", "", false
		}
		root, file, ok = path.Clean(strings.TrimSuffix(s, stem)), p, true
		root = strings.TrimSuffix(root, "/")
	}
	return root, file, ok
}

// matching returns the Python files that a pattern of a shell matches.
func (x *index) matching(pattern string) []string {
	if x.files[pattern] {
		return []string{pattern}
	}
	var files []string
	for _, name := range x.python {
		if ok, err := path.Match(pattern, name); err == nil && ok {
			files = append(files, name)
		}
	}
	return files
}
