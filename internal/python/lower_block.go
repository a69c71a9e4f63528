package python

import "slices"

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
