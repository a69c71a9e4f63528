package rule

import (
	"regexp"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
)

// operation is what a call does with arguments of which none is CEL's unknown;
// facts that are not known are among them.
type operation func(m *missing, args []ref.Val) ref.Val

// decorate puts operations of ours in the place of all calls but those of the
// logic, which CEL has three-valued. CEL's own answer false where a fact stands
// on their right side.
func decorate(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	planned, ok := i.(interpreter.InterpretableCall)
	if !ok {
		return i, nil
	}
	args := planned.Args()
	switch planned.Function() {
	case callRange:
		return &rangeOf{planned, args[0], number(args[1])}, nil
	case callEachWay:
		return &eachWay{planned, args[0], number(args[1])}, nil
	}
	do := operations()[planned.Function()]
	if do == nil {
		return i, nil
	}
	if planned.Function() == "matches" && len(args) == 2 {
		if pattern, ok := args[1].(interpreter.InterpretableConst); ok {
			re, err := regexp.Compile(string(pattern.Value().(types.String)))
			if err != nil {
				return nil, err
			}
			do = ofTexts(func(text, _ string) bool { return re.MatchString(text) })
		}
	}
	return &call{planned, args, do}, nil
}

// call is a call that an operation of ours answers.
type call struct {
	interpreter.InterpretableCall
	args []interpreter.InterpretableV2
	do   operation
}

// Exec implements interpreter.InterpretableV2.
func (c *call) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	values := make([]ref.Val, len(c.args))
	var m *missing
	var unknown *types.Unknown
	for i, arg := range c.args {
		v := arg.Exec(frame)
		if types.IsError(v) {
			return v
		}
		unknown, _ = types.MaybeMergeUnknowns(v, unknown)
		values[i] = v
		if own, ok := v.(*value); ok {
			m = own.missing
		}
	}
	if unknown != nil {
		return unknown
	}
	if m == nil {
		m = collector(frame)
	}
	return c.do(m, values)
}

// Eval implements interpreter.Interpretable.
func (c *call) Eval(vars interpreter.Activation) ref.Val {
	return c.Exec(interpreter.AsFrame(vars))
}

// number is the number that connects the calls around a comprehension.
func number(i interpreter.InterpretableV2) int64 {
	return int64(i.(interpreter.InterpretableConst).Value().(types.Int))
}
