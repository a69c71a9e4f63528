package rule

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"

	"github.com/lintel-bot/lintel/internal/fact"
)

const (
	// maxExpression bounds the bytes of one expression: longer ones want a fact
	// that the engine should compute.
	maxExpression = 4000
	// maxRecursion bounds how deep an expression nests, and with it the stack of
	// CEL's parser: the rules of ours nest some ten levels.
	maxRecursion = 60
	// costLimit bounds the steps of one evaluation, as cost.go counts them: the
	// costliest rule of ours takes some thousand.
	costLimit = 500_000
	// timeLimit bounds the wall time of one rule on one subject, all its entries
	// together: the slowest of ours take some milliseconds.
	timeLimit = 2 * time.Second
	// interruptEvery is how many steps of a comprehension go between two looks at
	// the clock.
	interruptEvery = 100
)

// expression is a compiled expression.
type expression struct {
	source  string
	program cel.Program
	// choice is true for `condition ? a : b`.
	choice bool
	// path leads to the value, if the expression only names one.
	path []string
}

// errMistake is a mistake at a place in an expression, both 1-based.
type errMistake struct {
	line, column int
	message      string
}

func (e *errMistake) Error() string { return e.message }

// compileOptions say what an expression may ask for.
type compileOptions struct {
	// truth is true for an expression whose result is a truth value.
	truth bool
	// fields are the names that variables have; those of others are not checked.
	fields map[string][]string
	// hidden says of variables that the expression cannot use why not.
	hidden map[string]string
}

// compile checks an expression and prepares it.
func compile(source string, o compileOptions) (expression, []*errMistake) {
	if len(source) > maxExpression {
		return expression{}, []*errMistake{{1, 1, fmt.Sprintf("an expression of %d bytes; at most %d", len(source), maxExpression)}}
	}
	env, err := environment()
	if err != nil {
		return expression{}, []*errMistake{{1, 1, err.Error()}}
	}
	tree, issues := env.Parse(source)
	if issues.Err() != nil {
		return expression{}, issueMistakes(issues)
	}
	look := &inspector{tree: tree.NativeRep(), options: o}
	look.names()
	root := tree.NativeRep().Expr()
	prepared := expression{
		source: source, path: pathOf(root),
		choice: root.Kind() == ast.CallKind && root.AsCall().FunctionName() == operators.Conditional,
	}
	rewrite(tree.NativeRep())
	checked, issues := env.Check(tree)
	if issues.Err() != nil {
		return expression{}, append(look.mistakes, issueMistakes(issues)...)
	}
	look.tree = checked.NativeRep()
	look.truths(o.truth)
	if len(look.mistakes) > 0 {
		return expression{}, look.mistakes
	}
	prepared.program, err = env.Program(checked, cel.CustomDecoratorV2(decorate), cel.CostTracking(costs{}), cel.CostLimit(costLimit),
		cel.InterruptCheckFrequency(interruptEvery))
	if err != nil {
		return expression{}, []*errMistake{{1, 1, err.Error()}}
	}
	return prepared, nil
}

func issueMistakes(issues *cel.Issues) []*errMistake {
	var out []*errMistake
	for _, e := range issues.Errors() {
		out = append(out, &errMistake{max(e.Location.Line(), 1), max(e.Location.Column(), 0) + 1, e.Message})
	}
	return out
}

// errBound is returned for an evaluation that hit a bound.
var errBound = errors.New("its expression takes too long")

// evaluate runs the expression over facts. Of an unknown result the second
// value says what is missing.
func (e expression) evaluate(ctx context.Context, s scope) (ref.Val, []string, error) {
	m := &missing{}
	out, _, err := e.program.ContextEval(ctx, s.variables(m))
	var cancelled interpreter.EvalCancelledError
	switch {
	case ctx.Err() != nil:
		return nil, nil, context.Cause(ctx)
	case errors.As(err, &cancelled):
		return nil, nil, errBound
	case err != nil:
		return nil, nil, fmt.Errorf("evaluate %q: %w", e.source, err)
	}
	switch out := out.(type) {
	case *types.Unknown:
		return out, m.of(out), nil
	case *value:
		if out.fact != nil && out.fact.Kind == fact.Unknown {
			return out, texts(out.fact), nil
		}
	}
	return out, nil, nil
}

// condition runs an expression whose result is a truth value.
func (e expression) condition(ctx context.Context, s scope) (fact.Tri, []string, error) {
	out, missing, err := e.evaluate(ctx, s)
	if err != nil {
		return fact.Undecided, nil, err
	}
	if b, ok := out.(types.Bool); ok {
		return fact.TriOf(bool(b)), nil, nil
	}
	return fact.Undecided, missing, nil
}

// of runs an expression whose result is a fact.
func (e expression) of(ctx context.Context, s scope) (*fact.Value, error) {
	out, missing, err := e.evaluate(ctx, s)
	if err != nil {
		return nil, err
	}
	if types.IsUnknown(out) {
		return fact.Missed(missing...), nil
	}
	return toFact(out), nil
}

// scope is what the variables of an expression stand for.
type scope struct {
	facts map[string]*fact.Value
	// uses and sometimes are those of the variables.
	uses, sometimes bool
	// guard says when an entry is given as it is, where that is not always.
	guard string
	// unless is what is missing to know whether it is otherwise.
	unless []string
}

// with returns a scope with an entry of the list or dict that a rule goes over.
func (s scope) with(key, entry *fact.Value) scope {
	facts := make(map[string]*fact.Value, len(s.facts)+2)
	maps.Copy(facts, s.facts)
	facts[varKey], facts[varValue] = key, entry
	return scope{facts, s.uses, s.sometimes, s.guard, s.unless}
}

// replacing returns a scope in which a variable stands for another fact.
func (s scope) replacing(name string, f *fact.Value) scope {
	facts := maps.Clone(s.facts)
	facts[name] = f
	return scope{facts, s.uses, s.sometimes, s.guard, s.unless}
}

func (s scope) variables(m *missing) map[string]any {
	out := map[string]any{varUses: s.uses, varSometimes: s.sometimes, varMissing: m}
	for _, name := range variables() {
		out[name] = &value{s.facts[name], m}
	}
	return out
}
