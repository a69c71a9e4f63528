package python

import "strings"

func (l *lowerer) expression(i int, role Role) {
	g := &l.grammar.fields
	symbol := l.symbol(i)
	if l.holdsError(i) && !lists(symbol) {
		symbol = symError
	}
	inner := role == RoleObject || role == RoleFunction
	if star := l.starBefore(i, symbol, inner); star != 0 && star != l.bare {
		// In places the grammar takes *f(x) for a call of *f.
		outer := l.bare
		at := l.open(i, KindStar, role, "")
		l.bare = star
		l.expression(i, RoleValue)
		l.bare = outer
		l.close(at)
		return
	}
	switch symbol {
	case symError:
		l.broken(i, role)
	case symIdentifier:
		l.spelled(i, KindName, role)
	case symDottedName:
		l.dottedName(i, role)
	case symAttribute:
		name := ""
		if c := l.child(i, g.attribute); c != 0 {
			name = l.text(c)
		}
		at := l.open(i, KindAttribute, role, name)
		l.optional(i, g.object, RoleObject)
		l.close(at)
	case symCall:
		at := l.open(i, KindCall, role, "")
		l.optional(i, g.function, RoleFunction)
		if c := l.child(i, g.arguments); c != 0 {
			if l.symbol(c) == symArguments {
				l.arguments(c, RoleArgument)
			} else {
				l.expression(c, RoleArgument)
			}
		}
		l.close(at)
	case symSubscript:
		at := l.open(i, KindSubscript, role, "")
		l.optional(i, g.value, RoleObject)
		for c := l.first(i); c < l.after(i); c = l.after(c) {
			if l.nodes[c].field == g.subscript {
				l.expression(c, RoleIndex)
			}
		}
		l.close(at)
	case symSlice:
		l.group(i, KindSlice, role, RolePart)
	case symString, symConcatenated:
		l.stringLiteral(i, role)
	case symInteger, symFloat:
		l.spelled(i, KindNumber, role)
	case symTrue:
		l.leaf(i, KindTrue, role, "")
	case symFalse:
		l.leaf(i, KindFalse, role, "")
	case symNone:
		l.leaf(i, KindNone, role, "")
	case symEllipsis:
		l.leaf(i, KindEllipsis, role, "")
	case symList:
		l.group(i, KindList, role, RoleElement)
	case symTuple, symExpressionList, symPatternList:
		l.group(i, KindTuple, role, RoleElement)
	case symSet:
		l.group(i, KindSet, role, RoleElement)
	case symDictionary:
		l.group(i, KindDict, role, RoleEntry)
	case symPair:
		at := l.open(i, KindPair, role, "")
		l.optional(i, g.key, RoleKey)
		l.optional(i, g.value, RoleValue)
		l.close(at)
	case symBinary:
		l.binary(i, KindBinary, role)
	case symBoolean:
		l.binary(i, KindBool, role)
	case symUnary:
		operator := ""
		if c := l.child(i, g.operator); c != 0 {
			operator = l.text(c)
		}
		at := l.open(i, KindUnary, role, operator)
		l.optional(i, g.argument, RoleValue)
		l.close(at)
	case symNot:
		at := l.open(i, KindNot, role, "")
		l.optional(i, g.argument, RoleValue)
		l.close(at)
	case symComparison:
		l.comparison(i, role)
	case symConditional:
		l.ternary(i, role)
	case symLambda:
		at := l.open(i, KindLambda, role, "")
		if p := l.child(i, g.parameters); p != 0 {
			l.parametersOf(p)
		}
		l.optional(i, g.body, RoleValue)
		l.close(at)
	case symListComprehension:
		l.comprehension(i, role, "list")
	case symSetComprehension:
		l.comprehension(i, role, "set")
	case symDictComprehension:
		l.comprehension(i, role, "dict")
	case symGenerator:
		l.comprehension(i, role, "generator")
	case symListSplat, symListSplatPattern:
		if value := l.only(i); i == l.bare && value != 0 {
			l.expression(value, role)
			return
		}
		l.group(i, KindStar, role, RoleValue)
	case symDictSplat, symDictSplatPattern:
		l.group(i, KindDoubleStar, role, RoleValue)
	case symAwait:
		l.group(i, KindAwait, role, RoleValue)
	case symYield:
		text := ""
		if strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(l.spelling(i), "yield"), " \t"), "from") {
			text = "from"
		}
		at := l.open(i, KindYield, role, text)
		l.expressions(i, RoleValue)
		l.close(at)
	case symNamedExpression:
		at := l.open(i, KindWalrus, role, "")
		l.optional(i, g.name, RoleTarget)
		l.optional(i, g.value, RoleValue)
		l.close(at)
	case symParenthesized, symType:
		l.inside(i, role)
	case symAssignment: // the right side of an augmented assignment
		l.optional(i, g.right, role)
	default:
		if l.nodes[i].flags&flagNamed == 0 {
			if l.nodes[i].flags&flagMissing != 0 {
				l.broken(i, role)
			}
			return
		}
		at := l.open(i, KindOther, role, "")
		l.parts(i)
		l.close(at)
	}
}

// lists reports whether the children of a node stand side by side, so that one
// that is no Python leaves the others as they are.
func lists(s symbol) bool {
	switch s {
	case symList, symTuple, symSet, symDictionary, symExpressionList, symPatternList:
		return true
	}
	return false
}

// inside lowers what parentheses hold, in the place of the whole.
func (l *lowerer) inside(i int, role Role) {
	inner := l.only(i)
	if inner == 0 {
		l.leaf(i, KindOther, role, "")
		return
	}
	l.expression(inner, role)
}

// parts lowers everything below i as expressions.
func (l *lowerer) parts(i int) {
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.nodes[c].flags&flagNamed == 0 {
			continue
		}
		if l.symbol(c) == symBlock {
			l.statements(c, RoleBody)
		} else {
			l.expression(c, RolePart)
		}
	}
}

// group lowers a node whose children all have the same role.
func (l *lowerer) group(i int, kind Kind, role, inner Role) {
	at := l.open(i, kind, role, "")
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.nodes[c].flags&flagNamed != 0 {
			l.expression(c, inner)
		}
	}
	l.close(at)
}

// starBefore returns the star that begins a call, an attribute or a subscript,
// or 0; it is looked for once for all that it begins.
func (l *lowerer) starBefore(i int, symbol symbol, inner bool) int {
	g := &l.grammar.fields
	for !inner {
		field := uint8(0)
		switch symbol {
		case symCall:
			field = g.function
		case symAttribute:
			field = g.object
		case symSubscript:
			field = g.value
		default:
			return 0
		}
		if i = l.child(i, field); i == 0 {
			return 0
		}
		if symbol = l.symbol(i); symbol == symListSplat || symbol == symListSplatPattern {
			return i
		}
	}
	return 0
}

// dottedName lowers a.b.c, as patterns spell it, to Attributes.
func (l *lowerer) dottedName(i int, role Role) {
	names := strings.Split(l.dotted(i), ".")
	first := len(l.file.nodes)
	for n := len(names) - 1; n > 0; n-- {
		l.open(i, KindAttribute, role, names[n])
		role = RoleObject
	}
	l.leaf(i, KindName, role, names[0])
	for at := first; at < len(l.file.nodes); at++ {
		l.close(at)
	}
}

// arguments lowers those of a call, or the bases of a class.
func (l *lowerer) arguments(i int, positional Role) {
	g := &l.grammar.fields
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		switch {
		case l.nodes[c].flags&flagNamed == 0:
		case l.symbol(c) == symKeywordArgument:
			name := ""
			if n := l.child(c, g.name); n != 0 {
				name = l.text(n)
			}
			at := l.open(c, KindKeyword, RoleKeyword, name)
			l.optional(c, g.value, RoleValue)
			l.close(at)
		default:
			l.expression(c, positional)
		}
	}
}

// binary lowers an operator with two sides. Operators of one precedence nest on
// the left, so the depth is that of the tree.
func (l *lowerer) binary(i int, kind Kind, role Role) {
	g := &l.grammar.fields
	operator := ""
	if c := l.child(i, g.operator); c != 0 {
		operator = l.text(c)
	}
	at := l.open(i, kind, role, operator)
	l.optional(i, g.left, RoleLeft)
	l.optional(i, g.right, RoleRight)
	l.close(at)
}

func (l *lowerer) comparison(i int, role Role) {
	g := &l.grammar.fields
	var operators []string
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.nodes[c].field == g.operators {
			operators = append(operators, strings.Join(strings.Fields(l.text(c)), " "))
		}
	}
	at := l.open(i, KindCompare, role, strings.Join(operators, ","))
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.nodes[c].field != g.operators && l.nodes[c].flags&flagNamed != 0 {
			l.expression(c, RoleOperand)
		}
	}
	l.close(at)
}

// ternary lowers "value if test else other", whose parts have no fields.
func (l *lowerer) ternary(i int, role Role) {
	at := l.open(i, KindConditional, role, "")
	roles := []Role{RoleValue, RoleTest, RoleElse}
	n := 0
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.nodes[c].flags&flagNamed != 0 && n < len(roles) {
			l.expression(c, roles[n])
			n++
		}
	}
	l.close(at)
}

func (l *lowerer) comprehension(i int, role Role, what string) {
	g := &l.grammar.fields
	at := l.open(i, KindComprehension, role, what)
	l.optional(i, g.body, RoleElement)
	clause := -1
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		switch l.symbol(c) {
		case symForClause:
			if clause >= 0 {
				l.close(clause)
			}
			clause = l.open(c, KindForClause, RolePart, "")
			if l.startsWith(c, "async") {
				l.flag(clause, FlagAsync)
			}
			l.optional(c, g.left, RoleTarget)
			for r := l.first(c); r < l.after(c); r = l.after(r) {
				if l.nodes[r].field == g.right && l.nodes[r].flags&flagNamed != 0 {
					l.expression(r, RoleIter)
				}
			}
		case symIfClause:
			if test := l.only(c); test != 0 && clause >= 0 {
				l.expression(test, RoleTest)
				l.file.nodes[clause].end, l.file.nodes[clause].last = l.nodes[c].end, l.nodes[c].last+1
			}
		}
	}
	if clause >= 0 {
		l.close(clause)
	}
	l.close(at)
}
