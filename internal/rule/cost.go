package rule

import (
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/lintel-bot/lintel/internal/fact"
)

const (
	// bytesPerStep is how many bytes of text, or entries that are only looked
	// through, count as one step.
	bytesPerStep = 16
	// maxWeight bounds what one value counts for, and how much of it is counted:
	// settings as a whole have some hundred values.
	maxWeight = 2_000
)

// costs counts the steps of an evaluation. CEL's own counting takes the size of
// a fact for known, and a list that was added to itself for nothing.
type costs struct{}

// CallCost implements interpreter.ActualCostEstimator.
func (costs) CallCost(function, _ string, args []ref.Val, result ref.Val) *uint64 {
	total := 1 + surface(result)
	for _, arg := range args {
		switch function {
		case operators.Equals, operators.NotEquals, operators.In:
			total += weight(arg)
		default:
			total += surface(arg)
		}
	}
	return &total
}

// surface is what an operation that looks at a value as a whole pays for it.
func surface(v ref.Val) uint64 {
	switch v := v.(type) {
	case *value:
		if v.fact == nil {
			return 0
		}
		ways := len(v.fact.Alternatives) // each of which is paired with each of others
		return uint64((len(v.fact.Text)+len(v.fact.Items)+len(v.fact.Entries))/bytesPerStep + ways*ways)
	case types.String:
		return uint64(len(v) / bytesPerStep)
	case traits.Lister:
		if n, ok := v.Size().(types.Int); ok && n >= 0 {
			return uint64(min(n, costLimit))
		}
		return costLimit
	}
	return 0
}

// weight is what an operation that goes over all of a value pays for it.
func weight(v ref.Val) uint64 {
	if own, ok := v.(*value); ok {
		return uint64(nodes(own.fact, maxWeight))
	}
	return surface(v)
}

// nodes counts the values in a value, up to a bound.
func nodes(f *fact.Value, bound int) int {
	if f == nil || bound <= 0 {
		return 0
	}
	n := len(f.Text) / bytesPerStep
	for _, item := range f.Items {
		n += 1 + nodes(item, bound-n)
		if n >= bound {
			return n
		}
	}
	for _, e := range f.Entries {
		n += 1 + nodes(e.Value, bound-n)
		if n >= bound {
			return n
		}
	}
	for _, a := range f.Alternatives {
		n += 1 + nodes(a.Value, bound-n)
		if n >= bound {
			return n
		}
	}
	return n
}
