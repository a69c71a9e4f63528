package rule

import (
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
)

// The variables of expressions.
const (
	varSettings = "settings"
	varCalls    = "calls"
	varLeaf     = "leaf"
	varProject  = "project"
	varKey      = "key"
	varValue    = "value"
	varUses     = "uses"
	// varSometimes is for what is said of a finding: it holds in some of the ways
	// in which the anchored value may be given, and not in others.
	varSometimes = "sometimes"
	// varMissing holds what an evaluation collects; no expression can name it.
	varMissing = "@missing"
)

// variables are those that stand for facts.
func variables() []string {
	return []string{varSettings, varCalls, varLeaf, varProject, varKey, varValue}
}

// environment is CEL as rules know it: its operators and macros, some of its
// functions, and those of ours. What is not listed here has no three-valued
// meaning and is not offered.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	options := []cel.EnvOption{
		cel.StdLib(cel.StdLibSubset(&env.LibrarySubset{IncludeFunctions: offered(), IncludeMacros: macros()})),
		cel.ParserRecursionLimit(maxRecursion),
	}
	for _, name := range variables() {
		options = append(options, cel.Variable(name, cel.DynType))
	}
	options = append(options, cel.Variable(varUses, cel.BoolType), cel.Variable(varSometimes, cel.BoolType))
	return cel.NewCustomEnv(append(options, declarations()...)...)
})

// macros are those of CEL that rules may use; has is handled in rewrite.go.
func macros() []string {
	return []string{operators.Has, operators.All, operators.Exists, operators.ExistsOne, operators.Map, operators.Filter}
}

// offered are the operators and functions of CEL that rules may use.
func offered() []*env.Function {
	var out []*env.Function
	for _, name := range []string{
		operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Conditional, operators.NotStrictlyFalse,
		operators.Equals, operators.NotEquals, operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals,
		operators.In, operators.Index, "size", "startsWith", "endsWith", "contains", "matches", "int", "double", "string",
	} {
		out = append(out, &env.Function{Name: name})
	}
	return out
}

// declarations say what the functions of ours take and give. What they do
// stands in the table of operations.
func declarations() []cel.EnvOption {
	dyn, text, truth := cel.DynType, cel.StringType, cel.BoolType
	function := func(name string, result *cel.Type, args ...*cel.Type) cel.EnvOption {
		return cel.Function(name, cel.Overload("lintel_"+name, args, result))
	}
	method := func(name string, result *cel.Type, args ...*cel.Type) cel.EnvOption {
		return cel.Function(name, cel.MemberOverload("lintel_"+name, args, result))
	}
	// CEL takes a number that is added to an int for an int.
	var numbers []cel.EnvOption
	for name, id := range map[string]string{operators.Add: "add", operators.Subtract: "subtract", operators.Multiply: "multiply", operators.Divide: "divide", operators.Modulo: "modulo"} {
		numbers = append(numbers, cel.Function(name, cel.Overload("lintel_"+id, []*cel.Type{dyn, dyn}, dyn)))
	}
	return append(numbers,
		cel.Function(operators.Negate, cel.Overload("lintel_negate", []*cel.Type{dyn}, dyn)),
		function(callField, dyn, dyn, dyn), function(callHas, truth, dyn, text), function(callThere, truth, dyn),
		function(callRange, dyn, dyn, cel.IntType), cel.Function(callEachWay, cel.Overload("lintel_"+callEachWay, []*cel.Type{cel.TypeParamType("A"), cel.IntType}, cel.TypeParamType("A"))),
		method("lowerAscii", dyn, dyn), method("upperAscii", dyn, dyn), method("trim", dyn, dyn),
		method("split", dyn, dyn, text), method("replace", dyn, dyn, text, text),
		function("isSet", truth, dyn), function("fromEnv", truth, dyn), function("required", truth, dyn), function("guarded", truth, dyn),
		function("isLiteral", truth, dyn), function("isSecret", truth, dyn), function("weak", truth, dyn), function("truthy", truth, dyn),
		function("env", text, dyn), function("cast", text, dyn), function("callee", text, dyn), function("kind", text, dyn),
		function("prefix", text, dyn), function("show", text, dyn), function("length", cel.IntType, dyn), function("distinct", cel.IntType, dyn),
		function("seconds", dyn, dyn), function("path", dyn, dyn),
		function("some", cel.ListType(dyn), dyn), function("version", truth, dyn, text, text),
		function("before", truth, dyn, text, text),
	)
}
