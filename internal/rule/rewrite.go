package rule

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// The functions that stand in the place of what CEL answers wrongly for facts.
// No expression can name them.
const (
	// callField is a.b and a[b]: CEL's own index takes no fact.
	callField = "@field"
	// callHas is has(a.b): CEL's own takes "perhaps" for "no".
	callHas = "@has"
	// callThere is true for an element that is there, and unknown for the one
	// that stands for what an open list may hold beside.
	callThere = "@there"
	// callEachWay is around a comprehension, and callRange around what it goes
	// over: of a value that is one of several, each is gone over in its turn.
	callEachWay = "@eachWay"
	callRange   = "@range"
)

// rewrite changes an expression so that every question about a fact is a call
// that can answer "unknown", and that a comprehension does not take the element
// that may be there for one that is: `[…].exists(x, true)` of an open list that
// may be empty is unknown.
func rewrite(tree *ast.AST) {
	r := &rewriter{factory: ast.NewExprFactory(), info: tree.SourceInfo(), next: ast.MaxID(tree)}
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(r.visit))
}

type rewriter struct {
	factory ast.ExprFactory
	info    *ast.SourceInfo
	next    int64
}

// id returns a new id that stands where another does.
func (r *rewriter) id(at int64) int64 {
	r.next++
	if place, ok := r.info.GetOffsetRange(at); ok {
		r.info.SetOffsetRange(r.next, place)
	}
	return r.next
}

func (r *rewriter) visit(e ast.Expr) {
	switch e.Kind() {
	case ast.SelectKind:
		s := e.AsSelect()
		name := callField
		if s.IsTestOnly() {
			name = callHas
		}
		field := r.factory.NewLiteral(r.id(e.ID()), types.String(s.FieldName()))
		e.SetKindCase(r.factory.NewCall(e.ID(), name, s.Operand(), field))
	case ast.CallKind:
		if call := e.AsCall(); call.FunctionName() == operators.Index {
			e.SetKindCase(r.factory.NewCall(e.ID(), callField, call.Args()...))
		}
	case ast.ComprehensionKind:
		r.comprehension(e.AsComprehension())
		r.eachWay(e)
	}
}

// eachWay lets a comprehension be evaluated for each way in which its range may
// be given. The number connects the two calls.
func (r *rewriter) eachWay(e ast.Expr) {
	c := e.AsComprehension()
	number := types.Int(e.ID())
	over := r.factory.NewCall(r.id(e.ID()), callRange, c.IterRange(), r.factory.NewLiteral(r.id(e.ID()), number))
	inner := r.factory.NewComprehension(r.id(e.ID()), over, c.IterVar(), c.AccuVar(), c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result())
	e.SetKindCase(r.factory.NewCall(e.ID(), callEachWay, inner, r.factory.NewLiteral(r.id(e.ID()), number)))
}

// comprehension makes the step depend on the element being there. The steps are
// those that CEL's macros make.
func (r *rewriter) comprehension(c ast.ComprehensionExpr) {
	step := c.LoopStep()
	if step.Kind() != ast.CallKind {
		return
	}
	at, call := step.ID(), step.AsCall()
	args := call.Args()
	make := func(name string, args ...ast.Expr) ast.Expr { return r.factory.NewCall(r.id(at), name, args...) }
	there := make(callThere, r.factory.NewIdent(r.id(at), c.IterVar()))
	var changed ast.Expr
	switch call.FunctionName() {
	case operators.LogicalOr: // exists
		changed = make(operators.LogicalOr, args[0], make(operators.LogicalAnd, args[1], there))
	case operators.LogicalAnd: // all
		changed = make(operators.LogicalAnd, args[0], make(operators.LogicalOr, args[1], make(operators.LogicalNot, there)))
	case operators.Conditional: // exists_one, filter, and map with a filter
		changed = make(operators.Conditional, make(operators.LogicalAnd, args[0], there), args[1], args[2])
	default: // map
		changed = make(operators.Conditional, there, make(call.FunctionName(), args...), r.factory.NewIdent(r.id(at), c.AccuVar()))
	}
	step.SetKindCase(changed)
}
