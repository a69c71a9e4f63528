package python

// Summary is what linking needs to know of every file of a tree, so that the
// trees of most files need not be loaded.
type Summary struct {
	// Imports are the dotted names that the file binds by imports, at any depth:
	// "os", "django.core.cache.cache", "..base.*". Each once, first place.
	Imports []Reference
	// Names are the upper-case names assigned at module or class level, each
	// once.
	Names []Reference
	// Uses are the dotted names that are called, subclassed or put on as
	// decorators, resolved through the file's imports ("django.db.models.FileField"
	// for models.FileField); a name that no import binds stays as it is spelled,
	// and what is not a dotted name is left out. Each once, first place.
	Uses []Reference
}

// Reference is a name and the first line, 1-based, where it stands.
type Reference struct {
	Name string
	Line int
}

const (
	// maxReferences bounds each list of a Summary; a module that names more is
	// generated.
	maxReferences = 5000
	// maxReferenceBytes bounds one name in it.
	maxReferenceBytes = 200
)

// summarizer collects the references of one file.
type summarizer struct {
	file *File
	// bound says what the names that imports bind stand for.
	bound map[string]string
	out   Summary
	seen  [3]map[string]bool
}

// The lists of a Summary.
const (
	listImports = iota
	listNames
	listUses
)

func summarize(f *File) Summary {
	s := &summarizer{file: f, bound: make(map[string]string)}
	for i := range s.seen {
		s.seen[i] = make(map[string]bool)
	}
	for at := range f.nodes {
		switch n := (Node{f, uint32(at)}); n.Kind() {
		case KindImport:
			s.importModule(n)
		case KindFromImport:
			s.importNames(n)
		}
	}
	for at := range f.nodes {
		n := Node{f, uint32(at)}
		switch n.Kind() {
		case KindCall:
			s.use(n.Child(RoleFunction))
		case KindClass:
			for base := range n.All(RoleBase) {
				s.use(base)
			}
		}
		if n.Role() == RoleDecorator {
			s.use(n)
		}
	}
	s.names(f.Module())
	return s.out
}

func (s *summarizer) add(list int, name string, line int) {
	target := [...]*[]Reference{&s.out.Imports, &s.out.Names, &s.out.Uses}[list]
	if name == "" || len(name) > maxReferenceBytes || s.seen[list][name] || len(*target) >= maxReferences {
		return
	}
	s.seen[list][name] = true
	*target = append(*target, Reference{name, line})
}

func (s *summarizer) bind(name, meaning string) {
	if _, known := s.bound[name]; !known {
		s.bound[name] = meaning
	}
}

func (s *summarizer) importModule(n Node) {
	s.add(listImports, n.Text(), n.Line())
	if alias := n.Child(RoleAlias); alias.Exists() {
		s.bind(alias.Text(), n.Text())
	}
}

func (s *summarizer) importNames(n Node) {
	module := n.Text()
	if module != "" && module[len(module)-1] != '.' {
		module += "."
	}
	for item := range n.All(RoleItem) {
		if item.Is(KindWildcard) {
			s.add(listImports, module+"*", n.Line())
			continue
		}
		s.add(listImports, module+item.Text(), item.Line())
		name := item.Text()
		if alias := item.Child(RoleAlias); alias.Exists() {
			name = alias.Text()
		}
		s.bind(name, module+item.Text())
	}
}

// use records a dotted name in full.
func (s *summarizer) use(n Node) {
	if !n.Is(KindName, KindAttribute) {
		return
	}
	name := n.Dotted()
	if name == "" {
		return
	}
	first := name
	rest := ""
	for i := range len(name) {
		if name[i] == '.' {
			first, rest = name[:i], name[i:]
			break
		}
	}
	if meaning, ok := s.bound[first]; ok {
		name = meaning + rest
	}
	s.add(listUses, name, n.Line())
}

// names records the upper-case names that module and class bodies assign.
func (s *summarizer) names(n Node) {
	for c := range n.Children() {
		switch c.Kind() {
		case KindAssign, KindAugAssign:
			for target := range c.All(RoleTarget) {
				if target.Is(KindName) && upperCase(target.Text()) {
					s.add(listNames, target.Text(), target.Line())
				}
			}
		case KindIf, KindTry, KindHandler, KindWith, KindFor, KindWhile, KindClass, KindMatch, KindCase:
			s.names(c)
		}
	}
}

// upperCase reports whether a name is spelled as settings are.
func upperCase(name string) bool {
	letters := false
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'A' && c <= 'Z':
			letters = true
		case c >= '0' && c <= '9' || c == '_':
		default:
			return false
		}
	}
	return letters
}
