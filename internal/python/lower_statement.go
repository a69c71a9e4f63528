package python

import "strings"

// block lowers the statements among the children of i.
func (l *lowerer) block(i int) { l.statements(i, RoleBody) }

func (l *lowerer) statements(i int, role Role) {
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		l.statement(c, role)
	}
}

// body lowers the block that field names as statements of a role.
func (l *lowerer) body(i int, field uint8, role Role) {
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.nodes[c].field == field && l.symbol(c) == symBlock {
			l.statements(c, role)
		}
	}
}

// anonymousBody lowers the block that has no field of its own.
func (l *lowerer) anonymousBody(i int, role Role) {
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.symbol(c) == symBlock {
			l.statements(c, role)
		}
	}
}

func (l *lowerer) statement(i int, role Role) {
	g := &l.grammar.fields
	switch l.symbol(i) {
	case symError:
		l.broken(i, role)
	case symImport, symFutureImport:
		l.imports(i, role)
	case symFromImport:
		l.fromImport(i, role)
	case symExpressionStatement:
		l.expressionStatement(i, role)
	case symIf:
		l.conditional(i, role)
	case symWhile:
		at := l.open(i, KindWhile, role, "")
		l.unless(l.holdsError(i), i, g.condition, RoleTest)
		l.body(i, g.body, RoleBody)
		l.elseClause(i)
		l.close(at)
	case symFor:
		at := l.open(i, KindFor, role, "")
		if l.startsWith(i, "async") {
			l.flag(at, FlagAsync)
		}
		l.optional(i, g.left, RoleTarget)
		l.unless(l.holdsError(i), i, g.right, RoleIter)
		l.body(i, g.body, RoleBody)
		l.elseClause(i)
		l.close(at)
	case symTry:
		l.try(i, role)
	case symWith:
		l.with(i, role)
	case symFunction, symClass:
		l.definition(i, i, role)
	case symDecorated:
		if d := l.child(i, g.definition); d != 0 {
			l.definition(i, d, role)
		} else {
			l.broken(i, role)
		}
	case symReturn:
		at := l.open(i, KindReturn, role, "")
		l.expressions(i, RoleValue)
		l.close(at)
	case symRaise:
		at := l.open(i, KindRaise, role, "")
		l.expressions(i, RoleValue)
		l.optional(i, g.cause, RoleCause)
		l.close(at)
	case symAssert:
		l.assert(i, role)
	case symDelete:
		at := l.open(i, KindDelete, role, "")
		for c := l.first(i); c < l.after(i); c = l.after(c) {
			l.spread(c, RoleTarget)
		}
		l.close(at)
	case symGlobal, symNonlocal:
		keyword := "global"
		if l.symbol(i) == symNonlocal {
			keyword = "nonlocal"
		}
		at := l.open(i, KindScope, role, keyword)
		l.expressions(i, RoleTarget)
		l.close(at)
	case symMatch:
		l.match(i, role)
	case symTypeAlias:
		l.typeAlias(i, role)
	case symPass, symBreak, symContinue:
		l.leaf(i, KindJump, role, l.text(i))
	case symOther:
		if l.nodes[i].flags&flagNamed == 0 {
			if l.nodes[i].flags&flagMissing != 0 {
				l.broken(i, role)
			}
			return
		}
		at := l.open(i, KindOther, role, "")
		l.parts(i)
		l.close(at)
	default:
		l.expressionStatement(i, role)
	}
}

// expressionStatement lowers an assignment or an expression. One that is only a
// string is a comment to Python and is left out.
func (l *lowerer) expressionStatement(i int, role Role) {
	inner := i
	if l.symbol(i) == symExpressionStatement {
		inner = l.only(i)
		if inner == 0 {
			return
		}
		if l.after(inner) < l.after(i) { // an expression list without parentheses
			at := l.open(i, KindExpression, role, "")
			tuple := l.open(i, KindTuple, RoleValue, "")
			l.expressions(i, RoleElement)
			l.close(tuple)
			l.close(at)
			return
		}
	}
	switch l.symbol(inner) {
	case symAssignment:
		l.assignment(inner, role)
	case symAugmented:
		g := &l.grammar.fields
		operator := ""
		if c := l.child(inner, g.operator); c != 0 {
			operator = strings.TrimSuffix(l.text(c), "=")
		}
		at := l.open(inner, KindAugAssign, role, operator)
		l.optional(inner, g.left, RoleTarget)
		l.unless(l.holdsError(inner), inner, g.right, RoleValue)
		l.close(at)
	case symString, symConcatenated:
	default:
		at := l.open(inner, KindExpression, role, "")
		l.expression(inner, RoleValue)
		l.close(at)
	}
}

// assignment lowers "a = b: T = c": a chain becomes the targets of one node.
func (l *lowerer) assignment(i int, role Role) {
	g := &l.grammar.fields
	at := l.open(i, KindAssign, role, "")
	value := i
	for l.symbol(value) == symAssignment {
		l.optional(value, g.left, RoleTarget)
		l.optional(value, g.annotation, RoleAnnotation)
		right := l.child(value, g.right)
		if right == 0 {
			break
		}
		if l.holdsError(value) {
			l.leaf(right, KindBroken, RoleValue, "")
			l.close(at)
			return
		}
		left := l.child(value, g.left)
		if annotation := l.child(value, g.annotation); annotation != 0 {
			left = annotation
		}
		if left != 0 && l.endsBetween(left, right) {
			l.addBroken(Span{int(l.nodes[left].last) + 1, int(l.nodes[left].last) + 1})
			l.file.nodes[at].end, l.file.nodes[at].last = l.nodes[left].end, l.nodes[left].last+1
			l.leaf(left, KindBroken, RoleValue, "")
			l.close(at)
			l.expressionStatement(right, role)
			return
		}
		value = right
	}
	if value != i && l.symbol(value) != symAssignment {
		l.expression(value, RoleValue)
	}
	l.close(at)
}

// typeAlias lowers "type A = B". The grammar also takes "type(a).b = c" for one,
// which gives an attribute to what a call returns.
func (l *lowerer) typeAlias(i int, role Role) {
	call := strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(l.spelling(i), "type"), " \t"), "(")
	kind, inner := KindOther, RolePart
	if call {
		kind, inner = KindAssign, RoleTarget
	}
	at := l.open(i, kind, role, "")
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		switch {
		case l.nodes[c].flags&flagNamed == 0:
		case !call:
			l.expression(c, RolePart)
		case inner == RoleTarget:
			target := l.open(c, KindOther, RoleTarget, "")
			l.expression(c, RolePart)
			l.close(target)
			inner = RoleValue
		default:
			l.expression(c, RoleValue)
		}
	}
	l.close(at)
}

// endsBetween reports whether a line ends between two sides of a statement, as
// in "B =" with "C = 3" below it, which the parser takes for "B = C = 3".
func (l *lowerer) endsBetween(left, right int) bool {
	if l.nodes[left].last == l.nodes[right].row {
		return false
	}
	between := strings.ReplaceAll(l.source[l.nodes[left].end:l.nodes[right].start], "\r\n", "\n")
	return strings.Count(between, "\n") > strings.Count(between, "\\\n")
}

func (l *lowerer) assert(i int, role Role) {
	at := l.open(i, KindAssert, role, "")
	part := RoleTest
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.nodes[c].flags&flagNamed != 0 {
			l.expression(c, part)
			part = RoleMessage
		}
	}
	l.close(at)
}
