package architecture

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// foreignState lists the variables of other modules that a package has to set,
// because they offer no other way.
func foreignState() map[string][]string {
	return map[string][]string{
		"internal/secrets": {"logging.Logger"}, // gitleaks logs through it, at times what it scans
	}
}

// TestNoState: nothing registers itself at start, and no package variable
// changes. Variables are for errors, expressions, tables and embedded files.
func TestNoState(t *testing.T) {
	for _, p := range readPackages(t) {
		for _, file := range p.files {
			for _, declaration := range file.Decls {
				if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
					t.Errorf("%s: an init function", p.set.Position(f.Pos()))
				}
			}
		}
		var files []*ast.File
		for _, name := range p.built {
			files = append(files, p.files[name])
		}
		for _, problem := range stateProblems(p.set, files, foreignState()[p.path]) {
			t.Error(problem)
		}
	}
}

// stateProblems names package variables that can change.
func stateProblems(set *token.FileSet, files []*ast.File, foreign []string) []string {
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object), Defs: make(map[*ast.Ident]types.Object)}
	// Nothing is imported, so types of other packages stay unknown; what each
	// name means in this package is resolved all the same.
	config := types.Config{Importer: noImports{}, Error: func(error) {}, FakeImportC: true}
	// Its error is that of the missing imports.
	checked, _ := config.Check("checked", set, files, info)
	s := stateChecker{set: set, info: info, scope: checked.Scope(), foreign: foreign}
	for _, file := range files {
		for _, declaration := range file.Decls {
			if d, ok := declaration.(*ast.GenDecl); ok && d.Tok == token.VAR {
				s.declaration(d)
			}
		}
		ast.Inspect(file, s.visit)
	}
	return s.problems
}

type noImports struct{}

func (noImports) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("import %s: %w", path, errors.ErrUnsupported)
}

type stateChecker struct {
	set      *token.FileSet
	info     *types.Info
	scope    *types.Scope
	foreign  []string
	problems []string
}

func (s *stateChecker) report(at token.Pos, format string, values ...any) {
	s.problems = append(s.problems, fmt.Sprintf("%s: %s", s.set.Position(at), fmt.Sprintf(format, values...)))
}

// declaration refuses variables that make sense only if they change.
func (s *stateChecker) declaration(d *ast.GenDecl) {
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		if v.Names[0].Name == "_" || embedded(d, v) {
			continue
		}
		if len(v.Values) == 0 {
			s.report(v.Pos(), "package variable %s starts without a value", v.Names[0].Name)
		}
		for _, value := range v.Values {
			switch value := value.(type) {
			case *ast.UnaryExpr:
				if value.Op == token.AND {
					s.report(v.Pos(), "package variable %s points to something that can change", v.Names[0].Name)
				}
			case *ast.CallExpr:
				if name, ok := value.Fun.(*ast.Ident); ok && (name.Name == "make" || name.Name == "new") {
					s.report(v.Pos(), "package variable %s starts empty", v.Names[0].Name)
				}
			case *ast.CompositeLit:
				if len(value.Elts) == 0 {
					s.report(v.Pos(), "package variable %s starts empty", v.Names[0].Name)
				}
			}
		}
	}
}

func embedded(d *ast.GenDecl, v *ast.ValueSpec) bool {
	for _, group := range []*ast.CommentGroup{d.Doc, v.Doc} {
		if group == nil {
			continue
		}
		for _, comment := range group.List {
			if strings.HasPrefix(comment.Text, "//go:embed ") {
				return true
			}
		}
	}
	return false
}

// visit finds statements that change a package variable.
func (s *stateChecker) visit(node ast.Node) bool {
	switch node := node.(type) {
	case *ast.AssignStmt:
		for _, left := range node.Lhs {
			s.write(left)
		}
	case *ast.IncDecStmt:
		s.write(node.X)
	case *ast.RangeStmt:
		if node.Tok == token.ASSIGN {
			s.write(node.Key)
			s.write(node.Value)
		}
	case *ast.UnaryExpr:
		if node.Op == token.AND {
			s.write(node.X)
		}
	case *ast.CallExpr:
		if name, ok := node.Fun.(*ast.Ident); ok && len(node.Args) > 0 &&
			(name.Name == "delete" || name.Name == "clear" || name.Name == "copy") {
			s.write(node.Args[0])
		}
	}
	return true
}

// write reports an expression whose place is in a package variable, of this
// package or another.
func (s *stateChecker) write(target ast.Expr) {
	var selected *ast.SelectorExpr
	for {
		switch e := target.(type) {
		case *ast.SelectorExpr:
			selected, target = e, e.X
			continue
		case *ast.IndexExpr:
			target = e.X
			continue
		case *ast.SliceExpr:
			target = e.X
			continue
		case *ast.StarExpr:
			target = e.X
			continue
		case *ast.ParenExpr:
			target = e.X
			continue
		case *ast.Ident:
			s.writeTo(e, selected)
		}
		return
	}
}

func (s *stateChecker) writeTo(name *ast.Ident, selected *ast.SelectorExpr) {
	switch object := s.info.Uses[name].(type) {
	case *types.Var:
		if object.Parent() == s.scope {
			s.report(name.Pos(), "package variable %s is changed", name.Name)
		}
	case *types.PkgName:
		if selected == nil {
			return
		}
		if foreign := name.Name + "." + selected.Sel.Name; !slices.Contains(s.foreign, foreign) {
			s.report(name.Pos(), "variable %s of another package is changed", foreign)
		}
	}
}

// TestStateProblems: the test above can fail, and tells state from tables.
func TestStateProblems(t *testing.T) {
	const header = "package p\nimport (\"errors\"; \"sync\"; \"other\")\n"
	tests := []struct {
		name, source string
		wrong        bool
	}{
		{"an error", `var err = errors.New("x")`, false},
		{"a table", `var t = map[string]int{"a": 1}; func f() int { return t["a"] }`, false},
		{"a value that is computed once", `var once = sync.OnceValue(func() int { return 1 })`, false},
		{"an embedded file", "//go:embed x\nvar file string", false},
		{"a proof of an interface", `var _ error = (*e)(nil); type e struct{}`, false},
		{"a local of the same name", `var t = []int{1}; func f() { t := []int{2}; t[0] = 3; t = nil }`, false},
		{"a composite of another package", `func f() { _ = &other.Thing{} }`, false},
		{"a counter", `var n = 0; func f() { n++ }`, true},
		{"an assignment", `var n = 0; func f() { n = 1 }`, true},
		{"an element", `var t = []int{1}; func f() { t[0] = 2 }`, true},
		{"a field of an element", `var t = []struct{ a int }{{1}}; func f() { t[0].a = 2 }`, true},
		{"an entry taken out", `var t = map[int]int{1: 1}; func f() { delete(t, 1) }`, true},
		{"an address", `var n = 0; func f() *int { return &n }`, true},
		{"a loop variable", `var n = 0; func f() { for n = range 3 {} }`, true},
		{"a mutex", `var mu sync.Mutex`, true},
		{"a registry", `var t = make(map[string]int)`, true},
		{"an empty registry", `var t = map[string]int{}`, true},
		{"a pointer", `var p = &struct{ a int }{1}`, true},
		{"a variable of another package", `func f() { other.Setting = 1 }`, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, "p.go", header+test.source, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			if problems := stateProblems(set, []*ast.File{file}, nil); (len(problems) > 0) != test.wrong {
				t.Errorf("problems %q", problems)
			}
		})
	}
}
