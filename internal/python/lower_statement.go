package python

import (
	"slices"
	"strings"
)

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

// imports lowers "import a, b as c" to one node for each module.
func (l *lowerer) imports(i int, role Role) {
	future := l.symbol(i) == symFutureImport
	if future {
		at := l.open(i, KindFromImport, role, "__future__")
		l.importedNames(i)
		l.close(at)
		return
	}
	g := &l.grammar.fields
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.nodes[c].field != g.name {
			continue
		}
		name := c
		if l.symbol(c) == symAliasedImport {
			name = l.child(c, g.name)
		}
		at := l.open(c, KindImport, role, l.dotted(name))
		if alias := l.child(c, g.alias); name != c && alias != 0 {
			l.leaf(alias, KindName, RoleAlias, l.text(alias))
		}
		l.close(at)
	}
}

func (l *lowerer) fromImport(i int, role Role) {
	module := l.child(i, l.grammar.fields.module)
	at := l.open(i, KindFromImport, role, l.dotted(module))
	l.importedNames(i)
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.symbol(c) == symWildcard {
			l.leaf(c, KindWildcard, RoleItem, "")
		}
	}
	l.close(at)
}

func (l *lowerer) importedNames(i int) {
	g := &l.grammar.fields
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.nodes[c].field != g.name {
			continue
		}
		name, alias := c, 0
		if l.symbol(c) == symAliasedImport {
			name, alias = l.child(c, g.name), l.child(c, g.alias)
		}
		at := l.open(c, KindImportedName, RoleItem, l.dotted(name))
		if alias != 0 {
			l.leaf(alias, KindName, RoleAlias, l.text(alias))
		}
		l.close(at)
	}
}

// dotted returns a module's name without the blanks that may stand in it.
func (l *lowerer) dotted(i int) string {
	if i == 0 {
		return ""
	}
	text := l.text(i)
	if strings.ContainsAny(text, " \t\r\n\\") {
		text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\r\n\\", r) }), "")
	}
	return text
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

// conditional lowers an if with its elif clauses, each nested in the else of
// the one before it. They stand side by side in the grammar, so a long chain
// nests here only.
func (l *lowerer) conditional(i int, role Role) {
	g := &l.grammar.fields
	opened := []int{l.open(i, KindIf, role, "")}
	l.unless(l.holdsError(i), i, g.condition, RoleTest)
	l.body(i, g.consequence, RoleBody)
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		switch l.symbol(c) {
		case symElif:
			at := l.open(c, KindIf, RoleElse, "")
			// What follows is inside.
			l.file.nodes[at].last, l.file.nodes[at].end = l.nodes[i].last+1, l.nodes[i].end
			opened = append(opened, at)
			l.unless(l.holdsError(i) || l.holdsError(c), c, g.condition, RoleTest)
			l.body(c, g.consequence, RoleBody)
		case symElse:
			l.body(c, g.body, RoleElse)
		case symError:
			l.broken(c, RoleBody)
		}
	}
	for _, at := range slices.Backward(opened) {
		l.close(at)
	}
}

func (l *lowerer) elseClause(i int) {
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		switch l.symbol(c) {
		case symElse:
			l.body(c, l.grammar.fields.body, RoleElse)
		case symError:
			l.broken(c, RoleBody)
		}
	}
}

func (l *lowerer) try(i int, role Role) {
	g := &l.grammar.fields
	at := l.open(i, KindTry, role, "")
	l.body(i, g.body, RoleBody)
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		switch l.symbol(c) {
		case symExcept:
			h := l.open(c, KindHandler, RoleHandler, "")
			l.handlerHead(c)
			l.anonymousBody(c, RoleBody)
			l.close(h)
		case symElse:
			l.body(c, g.body, RoleElse)
		case symFinally:
			l.anonymousBody(c, RoleFinally)
		case symError:
			l.broken(c, RoleBody)
		}
	}
	l.close(at)
}

// handlerHead lowers what an except clause catches.
func (l *lowerer) handlerHead(i int) {
	g := &l.grammar.fields
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		switch {
		case l.symbol(c) == symBlock || l.nodes[c].flags&flagNamed == 0:
		case l.nodes[c].field == g.alias:
			l.expression(c, RoleAlias)
		case l.symbol(c) == symAsPattern:
			l.asPattern(c, RoleTest, RoleAlias)
		default:
			l.expression(c, RoleTest)
		}
	}
}

// asPattern lowers "value as target" to two nodes.
func (l *lowerer) asPattern(i int, value, target Role) {
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		switch {
		case l.nodes[c].flags&flagNamed == 0:
		case l.symbol(c) == symAsTarget:
			if inner := l.only(c); inner != 0 {
				l.expression(inner, target)
			} else {
				l.leaf(c, KindName, target, l.text(c))
			}
		default:
			l.expression(c, value)
		}
	}
}

func (l *lowerer) with(i int, role Role) {
	g := &l.grammar.fields
	at := l.open(i, KindWith, role, "")
	if l.startsWith(i, "async") {
		l.flag(at, FlagAsync)
	}
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.symbol(c) != symWithClause {
			continue
		}
		for item := l.first(c); item < l.after(c); item = l.after(item) {
			if l.symbol(item) != symWithItem {
				continue
			}
			in := l.open(item, KindWithItem, RoleItem, "")
			if value := l.child(item, g.value); value != 0 {
				if l.symbol(value) == symAsPattern {
					l.asPattern(value, RoleValue, RoleTarget)
				} else {
					l.expression(value, RoleValue)
				}
			}
			l.close(in)
		}
	}
	l.body(i, g.body, RoleBody)
	l.close(at)
}

// definition lowers a function or class; outer holds its decorators.
func (l *lowerer) definition(outer, i int, role Role) {
	g := &l.grammar.fields
	kind := KindFunction
	if l.symbol(i) == symClass {
		kind = KindClass
	}
	name := ""
	if c := l.child(i, g.name); c != 0 {
		name = l.text(c)
	}
	at := l.open(i, kind, role, name)
	if kind == KindFunction && l.startsWith(i, "async") {
		l.flag(at, FlagAsync)
	}
	if outer != i {
		for c := l.first(outer); c < l.after(outer); c = l.after(c) {
			if l.symbol(c) == symDecorator {
				if inner := l.only(c); inner != 0 {
					l.expression(inner, RoleDecorator)
				}
			}
		}
	}
	if p := l.child(i, g.parameters); p != 0 {
		l.parametersOf(p)
	}
	l.optional(i, g.returns, RoleReturns)
	if bases := l.child(i, g.superclasses); bases != 0 {
		l.arguments(bases, RoleBase)
	}
	l.body(i, g.body, RoleBody)
	l.close(at)
}

func (l *lowerer) parametersOf(i int) {
	g := &l.grammar.fields
	var flags Flag
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		own := flags
		name := c
		switch l.symbol(c) {
		case symKeywordSeparator:
			flags |= FlagKeywordOnly
			continue
		case symPositionalSeparator:
			continue
		case symError:
			l.broken(c, RoleParameter)
			continue
		case symDefaultParameter, symTypedDefaultParameter:
			name = l.child(c, g.name)
		case symTypedParameter:
			name = l.only(c)
		}
		if name == 0 || l.nodes[c].flags&flagNamed == 0 {
			continue
		}
		text := l.text(name)
		switch l.symbol(name) {
		case symListSplatPattern:
			own, flags, text = own|FlagStar, flags|FlagKeywordOnly, strings.TrimLeft(text, "* ")
		case symDictSplatPattern:
			own, text = own|FlagDoubleStar, strings.TrimLeft(text, "* ")
		}
		at := l.open(c, KindParameter, RoleParameter, text)
		l.flag(at, own)
		if c != name {
			l.optional(c, g.annotation, RoleAnnotation)
			l.optional(c, g.value, RoleDefault)
		}
		l.close(at)
	}
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

func (l *lowerer) match(i int, role Role) {
	g := &l.grammar.fields
	at := l.open(i, KindMatch, role, "")
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.nodes[c].field == g.subject {
			l.expression(c, RoleSubject)
		}
	}
	for b := l.first(i); b < l.after(i); b = l.after(b) {
		if l.symbol(b) != symBlock {
			continue
		}
		for c := l.first(b); c < l.after(b); c = l.after(c) {
			if l.symbol(c) == symCase {
				l.matchCase(c)
			}
		}
	}
	l.close(at)
}

func (l *lowerer) matchCase(i int) {
	g := &l.grammar.fields
	at := l.open(i, KindCase, RoleCase, "")
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		switch l.symbol(c) {
		case symCasePattern:
			l.expression(c, RolePattern)
		case symIfClause:
			if test := l.only(c); test != 0 {
				l.expression(test, RoleTest)
			}
		}
	}
	l.body(i, g.consequence, RoleBody)
	l.close(at)
}
