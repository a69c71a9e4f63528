package rule

import (
	"fmt"
	"regexp"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// inspector looks for what CEL does not check.
type inspector struct {
	tree     *ast.AST
	options  compileOptions
	mistakes []*errMistake
}

// add records a mistake at the first character of an expression.
func (i *inspector) add(e ast.Expr, format string, args ...any) {
	i.addAt(i.tree.SourceInfo().GetStartLocation(first(e).ID()), format, args...)
}

func (i *inspector) addAt(at common.Location, format string, args ...any) {
	i.mistakes = append(i.mistakes, &errMistake{max(at.Line(), 1), max(at.Column(), 0) + 1, fmt.Sprintf(format, args...)})
}

// first returns the part of an expression that begins where it begins: CEL
// places a call at its operator.
func first(e ast.Expr) ast.Expr {
	for {
		switch e.Kind() {
		case ast.SelectKind:
			e = e.AsSelect().Operand()
			continue
		case ast.CallKind:
			call := e.AsCall()
			switch {
			case call.IsMemberFunction():
				e = call.Target()
				continue
			case infix(call.FunctionName()) && len(call.Args()) > 1:
				e = call.Args()[0]
				continue
			}
		}
		return e
	}
}

// infix reports whether a call is written behind its first argument.
func infix(name string) bool {
	if name == callField {
		return true
	}
	_, operator := operators.FindReverse(name)
	return operator && name != operators.LogicalNot && name != operators.Negate
}

// names looks at an expression as it was written.
func (i *inspector) names() {
	ast.PostOrderVisit(i.tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			if why, ok := i.options.hidden[e.AsIdent()]; ok {
				i.add(e, "`%s` %s", e.AsIdent(), why)
			}
		case ast.SelectKind:
			i.field(e, e.AsSelect().Operand(), e.AsSelect().FieldName())
		case ast.CallKind:
			i.call(e)
		case ast.ComprehensionKind:
			if name := e.AsComprehension().IterVar(); name == varUses || name == varSometimes || slices.Contains(variables(), name) {
				i.add(e, "`%s` is the name of a variable and cannot name an element", name)
			}
		}
	}))
}

func (i *inspector) call(e ast.Expr) {
	call := e.AsCall()
	args := call.Args()
	switch call.FunctionName() {
	case operators.Index:
		if name, ok := literalText(args[1]); ok {
			i.field(e, args[0], name)
		}
	case "matches":
		if len(args) == 0 {
			return // CEL says so
		}
		pattern, ok := literalText(args[len(args)-1])
		if !ok {
			i.add(e, "the pattern of matches() has to be a literal")
		} else if _, err := regexp.Compile(pattern); err != nil {
			i.add(e, "a pattern that is none: %v", err)
		}
	case "version":
		if len(args) != 3 {
			return
		}
		operator, ok := literalText(args[1])
		if ok = ok && versionOperator(operator) != nil; !ok {
			i.add(args[1], `the operator of version() is one of "<", "<=", ">", ">=" and "=="`)
		}
		if wanted, ok := literalText(args[2]); !ok || len(versionParts(wanted)) == 0 {
			i.add(args[2], `version() compares with a literal like "4.2"`)
		}
	}
}

// field checks the name that is asked of a variable whose names are known.
func (i *inspector) field(e, operand ast.Expr, name string) {
	if operand.Kind() != ast.IdentKind {
		return
	}
	variable := operand.AsIdent()
	known := i.options.fields[variable]
	if len(known) == 0 || slices.Contains(known, name) {
		return
	}
	what := fmt.Sprintf("%s has no %s", variable, name)
	if variable == varSettings {
		what = fmt.Sprintf("%s is no setting that lintel knows", name)
	}
	if like := nearest(name, known); like != "" {
		what = fmt.Sprintf("%s; did you mean %s?", what, like)
	}
	// CEL places it at the dot or bracket before the name.
	at := i.tree.SourceInfo().GetStartLocation(e.ID())
	i.addAt(common.NewLocation(at.Line(), at.Column()+1), "%s", what)
}

// truths refuses facts where a truth value is wanted: what a text or a list
// counts for there is Python's question and has a function, truthy().
func (i *inspector) truths(result bool) {
	want := func(e ast.Expr) {
		t := i.tree.GetType(e.ID())
		if t.IsExactType(cel.BoolType) {
			return
		}
		if t.IsExactType(cel.DynType) {
			i.add(e, "a fact is no truth value: compare it, or ask truthy()")
			return
		}
		i.add(e, "a truth value is wanted here, not %s", t)
	}
	if result {
		want(i.tree.Expr())
	}
	ast.PostOrderVisit(i.tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind {
			return
		}
		switch call := e.AsCall(); call.FunctionName() {
		case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot:
			for _, arg := range call.Args() {
				want(arg)
			}
		case operators.Conditional:
			want(call.Args()[0])
		}
	}))
}

func literalText(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	text, ok := e.AsLiteral().(types.String)
	return string(text), ok
}
