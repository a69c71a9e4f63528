package python

import "strings"

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
