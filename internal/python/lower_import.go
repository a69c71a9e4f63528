package python

import "strings"

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
