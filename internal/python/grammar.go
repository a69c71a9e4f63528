package python

// #include <stdlib.h>
// #include "walk.h"
import "C"

import (
	"sync"
	"unsafe"

	treesitterpython "github.com/tree-sitter/tree-sitter-python/bindings/go"
)

// symbol is a kind of node of the grammar that lowering knows; the grammar's own
// numbers change with its version.
type symbol uint8

const (
	symOther symbol = iota
	symModule
	symBlock
	symImport
	symFromImport
	symFutureImport
	symAliasedImport
	symDottedName
	symRelativeImport
	symWildcard
	symExpressionStatement
	symAssignment
	symAugmented
	symIf
	symElif
	symElse
	symWhile
	symFor
	symTry
	symExcept
	symFinally
	symWith
	symWithClause
	symWithItem
	symFunction
	symParameters
	symDefaultParameter
	symTypedParameter
	symTypedDefaultParameter
	symListSplatPattern
	symDictSplatPattern
	symKeywordSeparator
	symPositionalSeparator
	symClass
	symDecorated
	symTypeAlias
	symFormatExpression
	symDecorator
	symReturn
	symRaise
	symAssert
	symDelete
	symGlobal
	symNonlocal
	symMatch
	symCase
	symCasePattern
	symPass
	symBreak
	symContinue
	symIdentifier
	symAttribute
	symCall
	symArguments
	symKeywordArgument
	symSubscript
	symSlice
	symString
	symStringStart
	symStringContent
	symStringEnd
	symInterpolation
	symConcatenated
	symInteger
	symFloat
	symTrue
	symFalse
	symNone
	symEllipsis
	symList
	symTuple
	symSet
	symDictionary
	symPair
	symExpressionList
	symPatternList
	symBinary
	symUnary
	symNot
	symBoolean
	symComparison
	symConditional
	symLambda
	symListComprehension
	symSetComprehension
	symDictComprehension
	symGenerator
	symForClause
	symIfClause
	symListSplat
	symDictSplat
	symAwait
	symYield
	symNamedExpression
	symParenthesized
	symType
	symAsPattern
	symAsTarget
	symError
)

// symbolNames are the grammar's names
// (https://github.com/tree-sitter/tree-sitter-python/blob/v0.25.0/src/node-types.json).
func symbolNames() map[string]symbol {
	return map[string]symbol{
		"module": symModule, "block": symBlock, "import_statement": symImport, "import_from_statement": symFromImport,
		"future_import_statement": symFutureImport, "aliased_import": symAliasedImport, "dotted_name": symDottedName,
		"relative_import": symRelativeImport, "wildcard_import": symWildcard, "expression_statement": symExpressionStatement,
		"assignment": symAssignment, "augmented_assignment": symAugmented, "if_statement": symIf, "elif_clause": symElif,
		"else_clause": symElse, "while_statement": symWhile, "for_statement": symFor, "try_statement": symTry,
		"except_clause": symExcept, "except_group_clause": symExcept, "finally_clause": symFinally, "with_statement": symWith,
		"with_clause": symWithClause, "with_item": symWithItem, "function_definition": symFunction, "parameters": symParameters,
		"lambda_parameters": symParameters, "default_parameter": symDefaultParameter, "typed_parameter": symTypedParameter,
		"typed_default_parameter": symTypedDefaultParameter, "list_splat_pattern": symListSplatPattern,
		"dictionary_splat_pattern": symDictSplatPattern, "keyword_separator": symKeywordSeparator,
		"positional_separator": symPositionalSeparator, "class_definition": symClass, "decorated_definition": symDecorated, "type_alias_statement": symTypeAlias,
		"format_expression": symFormatExpression,
		"decorator":         symDecorator, "return_statement": symReturn, "raise_statement": symRaise, "assert_statement": symAssert,
		"delete_statement": symDelete, "global_statement": symGlobal, "nonlocal_statement": symNonlocal, "match_statement": symMatch,
		"case_clause": symCase, "case_pattern": symCasePattern, "pass_statement": symPass, "break_statement": symBreak,
		"continue_statement": symContinue, "identifier": symIdentifier, "attribute": symAttribute, "call": symCall,
		"argument_list": symArguments, "keyword_argument": symKeywordArgument, "subscript": symSubscript, "slice": symSlice,
		"string": symString, "string_start": symStringStart, "string_content": symStringContent, "string_end": symStringEnd,
		"interpolation": symInterpolation, "concatenated_string": symConcatenated, "integer": symInteger, "float": symFloat,
		"true": symTrue, "false": symFalse, "none": symNone, "ellipsis": symEllipsis, "list": symList, "tuple": symTuple, "set": symSet,
		"dictionary": symDictionary, "pair": symPair, "expression_list": symExpressionList, "pattern_list": symPatternList,
		"list_pattern": symList, "tuple_pattern": symTuple, "binary_operator": symBinary, "unary_operator": symUnary,
		"not_operator": symNot, "boolean_operator": symBoolean, "comparison_operator": symComparison,
		"conditional_expression": symConditional, "lambda": symLambda, "list_comprehension": symListComprehension,
		"set_comprehension": symSetComprehension, "dictionary_comprehension": symDictComprehension,
		"generator_expression": symGenerator, "for_in_clause": symForClause, "if_clause": symIfClause, "list_splat": symListSplat,
		"dictionary_splat": symDictSplat, "await": symAwait, "yield": symYield, "named_expression": symNamedExpression,
		"parenthesized_expression": symParenthesized, "parenthesized_list_splat": symParenthesized, "type": symType,
		"as_pattern": symAsPattern, "as_pattern_target": symAsTarget, "ERROR": symError,
	}
}

// fields are the grammar's numbers of the fields that lowering asks for.
type fields struct {
	name, alias, module, left, right, annotation, operator, operators, condition, consequence, alternative, body, value,
	parameters, returns, superclasses, definition, cause, subject, guard, object, attribute, function, arguments, subscript, key,
	argument, expression uint8
}

// grammarTable is the grammar as lowering needs it.
type grammarTable struct {
	language unsafe.Pointer
	symbols  []symbol
	fields   fields
}

// grammar reads the table once; it never changes.
var grammar = sync.OnceValue(func() *grammarTable {
	g := &grammarTable{language: treesitterpython.Language()}
	names := symbolNames()
	g.symbols = make([]symbol, C.lintel_symbol_count(g.language))
	for i := range g.symbols {
		g.symbols[i] = names[C.GoString(C.lintel_symbol_name(g.language, C.uint16_t(i)))]
	}
	field := func(name string) uint8 {
		text := C.CString(name)
		defer C.free(unsafe.Pointer(text))
		return uint8(C.lintel_field(g.language, text, C.uint32_t(len(name))))
	}
	g.fields = fields{
		name: field("name"), alias: field("alias"), module: field("module_name"), left: field("left"), right: field("right"),
		annotation: field("type"), operator: field("operator"), operators: field("operators"), condition: field("condition"),
		consequence: field("consequence"), alternative: field("alternative"), body: field("body"), value: field("value"),
		parameters: field("parameters"), returns: field("return_type"), superclasses: field("superclasses"),
		definition: field("definition"), cause: field("cause"), subject: field("subject"), guard: field("guard"),
		object: field("object"), attribute: field("attribute"), function: field("function"), arguments: field("arguments"),
		subscript: field("subscript"), key: field("key"), argument: field("argument"), expression: field("expression"),
	}
	return g
})
