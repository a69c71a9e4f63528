package rule

import (
	"slices"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"

	"github.com/lintel-bot/lintel/internal/fact"
)

// turn says which way of a range a comprehension goes over.
type turn struct {
	way int
	// over is the range, once it is known; nil if it is given in one way.
	over *fact.Value
}

// rangeOf is the range of a comprehension.
type rangeOf struct {
	interpreter.InterpretableCall
	over   interpreter.InterpretableV2
	number int64
}

// Exec implements interpreter.InterpretableV2.
func (r *rangeOf) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	v := r.over.Exec(frame)
	if _, list := v.(traits.Lister); list || types.IsUnknownOrError(v) {
		return v
	}
	m := collector(frame)
	over := flat(toFact(v))
	if over == nil || over.Kind != fact.Union {
		return m.value(over)
	}
	t := m.turns[r.number]
	t.over = over
	return m.value(over.Alternatives[t.way].Value)
}

// flat takes unions inside of a union apart.
func flat(f *fact.Value) *fact.Value {
	if f == nil || !slices.ContainsFunc(f.Alternatives, func(a fact.Alternative) bool { return a.Value != nil && a.Value.Kind == fact.Union }) {
		return f
	}
	return fact.UnionOf(f.Alternatives...)
}

// Eval implements interpreter.Interpretable.
func (r *rangeOf) Eval(vars interpreter.Activation) ref.Val {
	return r.Exec(interpreter.AsFrame(vars))
}

// eachWay is a comprehension that is evaluated for each way in which its range
// may be given. Its result is what they agree on.
type eachWay struct {
	interpreter.InterpretableCall
	comprehension interpreter.InterpretableV2
	number        int64
}

// Exec implements interpreter.InterpretableV2.
func (e *eachWay) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	m := collector(frame)
	t := &turn{}
	if m.turns == nil {
		m.turns = make(map[int64]*turn)
	}
	m.turns[e.number] = t
	first := e.comprehension.Exec(frame)
	if t.over == nil || types.IsError(first) {
		return first
	}
	over := t.over
	results := []ref.Val{first}
	for t.way = 1; t.way < len(over.Alternatives); t.way++ {
		v := e.comprehension.Exec(frame)
		if types.IsError(v) {
			return v
		}
		results = append(results, v)
	}
	return m.agreed(over, results)
}

// Eval implements interpreter.Interpretable.
func (e *eachWay) Eval(vars interpreter.Activation) ref.Val {
	return e.Exec(interpreter.AsFrame(vars))
}

// agreed joins the results for each way in which a range may be given.
func (m *missing) agreed(over *fact.Value, results []ref.Val) ref.Val {
	same, lists := true, true
	var unknown *types.Unknown
	for _, v := range results {
		unknown, _ = types.MaybeMergeUnknowns(v, unknown)
		if b, ok := v.(types.Bool); ok {
			lists = false
			same = same && results[0] == b
		} else {
			same = false
		}
	}
	switch {
	case same:
		return results[0]
	case unknown != nil:
		unknown, _ = types.MaybeMergeUnknowns(m.unknown(over), unknown)
		return unknown
	case !lists:
		return m.unknown(over)
	}
	var ways []fact.Alternative
	for i, v := range results {
		ways = append(ways, fact.Alternative{Value: toFact(v), Guard: over.Alternatives[i].Guard})
	}
	return m.value(fact.UnionOf(ways...))
}

// collector returns what the evaluation collects.
func collector(frame *interpreter.ExecutionFrame) *missing {
	found, _ := frame.ResolveName(varMissing)
	return found.(*missing)
}
