package rule

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"

	"github.com/lintel-bot/lintel/internal/fact"
)

const (
	// maxExpression bounds the bytes of one expression: longer ones want a fact
	// that the engine should compute.
	maxExpression = 4000
	// costLimit bounds the steps of one evaluation, as CEL counts them: the
	// costliest rule of ours takes some thousand.
	costLimit = 500_000
	// timeLimit bounds the wall time of one evaluation.
	timeLimit = 2 * time.Second
	// interruptEvery is how many steps of a comprehension go between two looks at
	// the clock.
	interruptEvery = 100
)

// The variables of expressions.
const (
	varSettings = "settings"
	varLeaf     = "leaf"
	varProject  = "project"
	varKey      = "key"
	varValue    = "value"
	varUses     = "uses"
)

// environment is CEL as rules know it.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	options := []cel.EnvOption{
		ext.Strings(), cel.DefaultUTCTimeZone(true), cel.ClearMacros(),
		cel.Macros(hasMacro(), cel.AllMacro, cel.ExistsMacro, cel.ExistsOneMacro, cel.MapMacro, cel.MapFilterMacro, cel.FilterMacro),
	}
	for _, name := range []string{varSettings, varLeaf, varProject, varKey, varValue} {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	options = append(options, cel.Variable(varUses, cel.BoolType))
	return cel.NewEnv(append(options, functions()...)...)
})

// expression is a compiled expression.
type expression struct {
	source  string
	program cel.Program
}

// errMistake is a mistake at a place in an expression, both 1-based.
type errMistake struct {
	line, column int
	message      string
}

func (e *errMistake) Error() string { return e.message }

// compile checks an expression. known reports whether a setting has a name that
// rules may ask for; nil takes all.
func compile(source string, wantBool bool, known func(string) bool) (expression, []*errMistake) {
	if len(source) > maxExpression {
		return expression{}, []*errMistake{{1, 1, fmt.Sprintf("an expression of %d bytes; at most %d", len(source), maxExpression)}}
	}
	env, err := environment()
	if err != nil {
		return expression{}, []*errMistake{{1, 1, err.Error()}}
	}
	checked, issues := env.Compile(source)
	if issues.Err() != nil {
		var out []*errMistake
		for _, e := range issues.Errors() {
			out = append(out, &errMistake{max(e.Location.Line(), 1), e.Location.Column() + 1, e.Message})
		}
		return expression{}, out
	}
	if t := checked.OutputType(); wantBool && !t.IsExactType(cel.BoolType) && !t.IsExactType(cel.DynType) {
		return expression{}, []*errMistake{{1, 1, fmt.Sprintf("the condition is of type %s, not bool", t)}}
	}
	if mistakes := inspect(checked, known); len(mistakes) > 0 {
		return expression{}, mistakes
	}
	program, err := env.Program(checked, cel.CustomDecoratorV2(decorate), cel.CostLimit(costLimit),
		cel.InterruptCheckFrequency(interruptEvery))
	if err != nil {
		return expression{}, []*errMistake{{1, 1, err.Error()}}
	}
	return expression{source, program}, nil
}

// inspect looks for what CEL does not check: patterns and names of settings.
func inspect(checked *cel.Ast, known func(string) bool) []*errMistake {
	var out []*errMistake
	tree := checked.NativeRep()
	add := func(e ast.Expr, message string) {
		at := tree.SourceInfo().GetStartLocation(e.ID())
		out = append(out, &errMistake{max(at.Line(), 1), at.Column() + 1, message})
	}
	ast.PostOrderVisit(tree.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.CallKind:
			call := e.AsCall()
			args := call.Args()
			if call.FunctionName() == "matches" && len(args) > 0 {
				pattern, ok := literalText(args[len(args)-1])
				if !ok {
					add(e, "the pattern of matches() has to be a literal")
				} else if _, err := regexp.Compile(pattern); err != nil {
					add(e, fmt.Sprintf("a pattern that is none: %v", err))
				}
			}
			if call.FunctionName() == operators.Index && len(args) == 2 && isVariable(args[0], varSettings) {
				if name, ok := literalText(args[1]); ok && known != nil && !known(name) {
					add(e, unknownSetting(name))
				}
			}
			if call.FunctionName() == operators.Index && len(args) == 2 && args[1].Kind() != ast.LiteralKind && args[1].Kind() != ast.IdentKind {
				add(e, "an index is a literal or a variable")
			}
		case ast.ComprehensionKind:
			c := e.AsComprehension()
			if c.IterVar() != "_" && !mentions(c.LoopStep(), c.IterVar()) && !mentions(c.LoopCondition(), c.IterVar()) {
				add(e, fmt.Sprintf("the element %s is not used: what may be there too would be taken for what is there", c.IterVar()))
			}
		case ast.SelectKind:
			s := e.AsSelect()
			if isVariable(s.Operand(), varSettings) && known != nil && !known(s.FieldName()) {
				add(e, unknownSetting(s.FieldName()))
			}
		}
	}))
	return out
}

// mentions reports whether an expression uses a variable.
func mentions(e ast.Expr, name string) bool {
	found := false
	ast.PostOrderVisit(e, ast.NewExprVisitor(func(e ast.Expr) {
		found = found || isVariable(e, name)
	}))
	return found
}

func unknownSetting(name string) string {
	return fmt.Sprintf("%s is no setting that lintel knows: add it to rules/django/defaults.yml", name)
}

func isVariable(e ast.Expr, name string) bool {
	return e.Kind() == ast.IdentKind && e.AsIdent() == name
}

func literalText(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	text, ok := e.AsLiteral().(types.String)
	return string(text), ok
}

// errCost is returned for an evaluation that hit a bound.
var errCost = errors.New("its expression takes too long")

// evaluate runs the expression over facts. Of an unknown result the second
// value says what is missing.
func (e expression) evaluate(ctx context.Context, s scope) (ref.Val, []string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeLimit)
	defer cancel()
	m := &missing{}
	out, _, err := e.program.ContextEval(ctx, s.variables(m))
	switch {
	case err != nil && (strings.Contains(err.Error(), "cost limit") || strings.Contains(err.Error(), "interrupted")):
		return nil, nil, errCost
	case err != nil:
		return nil, nil, err
	}
	if unknown, ok := out.(*types.Unknown); ok {
		return out, m.of(unknown), nil
	}
	return out, nil, nil
}

// condition runs an expression whose result is a truth value.
func (e expression) condition(ctx context.Context, s scope) (fact.Tri, []string, error) {
	out, missing, err := e.evaluate(ctx, s)
	if err != nil {
		return fact.Undecided, nil, err
	}
	switch out := out.(type) {
	case types.Bool:
		return fact.TriOf(bool(out)), nil, nil
	case *types.Unknown:
		return fact.Undecided, missing, nil
	case *value:
		if t := fact.Truthy(out.fact); t != fact.Undecided {
			return t, nil, nil
		}
		return fact.Undecided, fact.Undecidedness(out.fact), nil
	}
	return fact.Undecided, nil, fmt.Errorf("the condition is %s", out.Type().TypeName())
}

// of runs an expression whose result is a fact. A result that is unknown or no
// fact is nil.
func (e expression) of(ctx context.Context, s scope) (*fact.Value, error) {
	out, missing, err := e.evaluate(ctx, s)
	if err != nil {
		return nil, err
	}
	switch out.(type) {
	case *types.Unknown:
		return fact.Missed(missing...), nil
	}
	return toFact(out), nil
}

// scope is what the variables of an expression stand for.
type scope struct {
	facts map[string]*fact.Value
	uses  bool
}

// with returns a scope with an entry of the list or dict that a rule goes over.
func (s scope) with(key, entry *fact.Value) scope {
	facts := map[string]*fact.Value{varKey: key, varValue: entry}
	for name, f := range s.facts {
		facts[name] = f
	}
	return scope{facts, s.uses}
}

func (s scope) variables(m *missing) map[string]any {
	out := map[string]any{varUses: s.uses}
	for _, name := range []string{varSettings, varLeaf, varProject, varKey, varValue} {
		f := s.facts[name]
		if f == nil {
			f = fact.None()
		}
		out[name] = &value{f, m}
		if key := (&value{fact: f}).native(); name == varKey && key != nil {
			out[name] = key // can be an index
		}
	}
	return out
}
