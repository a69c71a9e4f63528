package rule

import (
	"context"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/lintel-bot/lintel/internal/fact"
)

// maxNarrowing bounds how many unions inside one another are told apart: an
// alternative of settings, and one of a value in it.
const maxNarrowing = 3

// way is one of several in which the facts of a rule may be, and in which its
// condition holds.
type way struct {
	scope scope
	// sometimes is true when there are ways in which the condition does not hold;
	// guard then says when it does, as far as somebody has words for it.
	sometimes bool
	guard     string
	// unless is what is missing to know whether it holds in the other ways.
	unless []string
}

// ways tells the alternatives of the values that the rule anchors at apart, and
// returns those in which the condition holds, so that the finding stands at the
// one that is wrong. It is the facts as they are if there is nothing to tell
// apart.
func (r *Rule) ways(ctx context.Context, in scope) ([]way, error) {
	found := []way{{scope: in}}
	for _, anchor := range r.program.anchors {
		for range maxNarrowing {
			next, err := r.narrow(ctx, found, anchor.path)
			if err != nil {
				return nil, err
			}
			if next == nil {
				break
			}
			found = next
		}
	}
	return found, nil
}

// narrow returns the ways in which the first union on a path is one of its
// alternatives, or nil when there is none that holds.
func (r *Rule) narrow(ctx context.Context, ways []way, path []string) ([]way, error) {
	if len(path) == 0 {
		return nil, nil
	}
	var out []way
	told := false
	for _, w := range ways {
		alternatives := apart(w.scope.facts[path[0]], path[1:])
		if len(alternatives) == 0 {
			out = append(out, w)
			continue
		}
		var holding []way
		unless := w.unless
		for _, a := range alternatives {
			narrowed := w.scope.replacing(path[0], a.Value)
			holds, missing, err := r.program.when.condition(ctx, narrowed)
			switch {
			case err != nil:
				return nil, err
			case holds == fact.True:
				holding = append(holding, way{narrowed, true, fact.JoinGuards(w.guard, a.Guard), nil})
			case holds == fact.Undecided && a.Guard == "":
				unless = append(slices.Clip(unless), missing...)
			}
		}
		for i := range holding {
			holding[i].unless = unless
		}
		if len(holding) == len(alternatives) {
			// It is so either way, so that no guard matters.
			for i := range holding {
				holding[i].sometimes, holding[i].guard = w.sometimes, w.guard
			}
		}
		if len(holding) == 0 {
			out = append(out, w) // only all of them together make it hold
			continue
		}
		told = true
		out = append(out, holding...)
	}
	if !told {
		return nil, nil
	}
	return out[:min(len(out), maxWays)], nil
}

// maxWays bounds the ways that are told apart: each is an evaluation.
const maxWays = 16

// apart returns a value with the first union on a path replaced by each of its
// alternatives; none if there is no union.
func apart(f *fact.Value, path []string) []fact.Alternative {
	switch {
	case f == nil:
		return nil
	case f.Kind == fact.Union:
		return spread(f).Alternatives
	case f.Kind != fact.Dict || len(path) == 0:
		return nil
	}
	inner := apart(f.Get(path[0]), path[1:])
	var out []fact.Alternative
	for _, a := range inner {
		c := *f
		c.Entries = make([]fact.Entry, len(f.Entries))
		copy(c.Entries, f.Entries)
		for i := range c.Entries {
			if c.Entries[i].Key == path[0] {
				c.Entries[i].Value = a.Value
			}
		}
		out = append(out, fact.Alternative{Value: &c, Guard: a.Guard})
	}
	return out
}

// pathOf returns the variable and the names by which an expression reaches a
// value, or nil if it does more than that.
func pathOf(e ast.Expr) []string {
	switch e.Kind() {
	case ast.IdentKind:
		return []string{e.AsIdent()}
	case ast.SelectKind:
		if s := e.AsSelect(); !s.IsTestOnly() {
			if path := pathOf(s.Operand()); path != nil {
				return append(path, s.FieldName())
			}
		}
	case ast.CallKind:
		if call := e.AsCall(); call.FunctionName() == operators.Index {
			name, ok := literalText(call.Args()[1])
			if path := pathOf(call.Args()[0]); ok && path != nil {
				return append(path, name)
			}
		}
	}
	return nil
}
