package python

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
)

// maxText bounds the bytes that are kept of one string: settings are shorter,
// and what is longer is content.
const maxText = 2000

// lowerer turns the nodes of the grammar into those of this package, in one
// pass. Its depth is bounded by maxDepth, which the walk enforces.
type lowerer struct {
	grammar *grammarTable
	source  string
	nodes   []syntaxNode
	secrets []SecretSpan
	// reach is, for each secret, how far it and those before it extend.
	reach []int
	file  *File
	texts map[string]uint32
	// depth is how many nodes are open; it may exceed that of the grammar's tree
	// where a flat list there nests here.
	// bare is a star that was lowered around what it begins.
	bare    int
	depth   int
	tooDeep bool
}

func newLowerer(source string, nodes []syntaxNode, secrets []SecretSpan) *lowerer {
	// Spans are made elsewhere; those outside of the source are of no use.
	secrets = slices.DeleteFunc(slices.Clone(secrets), func(s SecretSpan) bool {
		return s.Start < 0 || s.Start >= s.End || s.Start >= len(source)
	})
	slices.SortStableFunc(secrets, func(a, b SecretSpan) int { return cmp.Compare(a.Start, b.Start) })
	reach := make([]int, len(secrets))
	for i, s := range secrets {
		reach[i] = s.End
		if i > 0 {
			reach[i] = max(reach[i], reach[i-1])
		}
	}
	return &lowerer{
		grammar: grammar(), source: source, nodes: nodes, secrets: secrets, reach: reach,
		file:  &File{nodes: make([]node, 0, len(nodes)*3/4+1), texts: []string{""}},
		texts: map[string]uint32{"": 0},
	}
}

func (l *lowerer) lower() (*File, error) {
	l.findBroken()
	root := l.open(0, KindModule, RoleNone, "")
	l.block(0)
	l.close(root)
	if l.tooDeep {
		return nil, ErrTooDeep
	}
	return l.file, nil
}

// symbol returns what syntax node i is.
func (l *lowerer) symbol(i int) symbol {
	n := &l.nodes[i]
	if n.flags&(flagError|flagMissing) != 0 || int(n.symbol) >= len(l.grammar.symbols) {
		return symError
	}
	if n.flags&flagNamed == 0 {
		return symOther
	}
	return l.grammar.symbols[n.symbol]
}

// spelling is the source of a syntax node: to look at, not to keep.
func (l *lowerer) spelling(i int) string { return l.source[l.nodes[i].start:l.nodes[i].end] }

// text is the source of a syntax node that may be kept: nothing of one that a
// secret overlaps. In code that is nearly Python a name may be one.
func (l *lowerer) text(i int) string {
	if l.isSecret(i) {
		return ""
	}
	return l.spelling(i)
}

// first and after step through the children of a syntax node: the end is
// reached at its next.
func (l *lowerer) first(i int) int { return i + 1 }

func (l *lowerer) after(i int) int { return int(l.nodes[i].next) }

// child returns the first child with the field, or 0, which is the root and so
// nobody's child.
func (l *lowerer) child(i int, field uint8) int {
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.nodes[c].field == field {
			return c
		}
	}
	return 0
}

// only returns the first named child, or 0.
func (l *lowerer) only(i int) int {
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.nodes[c].flags&flagNamed != 0 {
			return c
		}
	}
	return 0
}

// open appends a node; its children are appended before it is closed.
func (l *lowerer) open(i int, kind Kind, role Role, text string) int {
	n := &l.nodes[i]
	l.depth++
	l.tooDeep = l.tooDeep || l.depth > maxDepth
	l.file.nodes = append(l.file.nodes, node{
		kind: kind, role: role, text: l.intern(text), line: n.row + 1, last: n.last + 1, start: n.start, end: n.end,
	})
	return len(l.file.nodes) - 1
}

func (l *lowerer) close(at int) {
	l.depth--
	l.file.nodes[at].next = uint32(len(l.file.nodes))
}

func (l *lowerer) flag(at int, f Flag) { l.file.nodes[at].flags |= f }

// spelled appends a node whose text is its source: a name or a number.
func (l *lowerer) spelled(i int, kind Kind, role Role) {
	if l.isSecret(i) {
		l.leaf(i, KindOther, role, "")
		return
	}
	l.leaf(i, kind, role, l.text(i))
}

// isSecret reports whether a secret overlaps the source of a node.
func (l *lowerer) isSecret(i int) bool {
	return len(l.secrets) > 0 && len(l.overlapping(l.nodes[i].start, l.nodes[i].end)) > 0
}

// overlapping returns the secrets that overlap a part of the source, by their
// start.
func (l *lowerer) overlapping(start, end uint32) []SecretSpan {
	after := sort.Search(len(l.secrets), func(n int) bool { return l.secrets[n].Start >= int(end) })
	first := after
	for first > 0 && l.reach[first-1] > int(start) {
		first--
	}
	var out []SecretSpan
	for _, s := range l.secrets[first:after] {
		if s.End > int(start) {
			out = append(out, s)
		}
	}
	return out
}

// leaf appends a node without children.
func (l *lowerer) leaf(i int, kind Kind, role Role, text string) int {
	at := l.open(i, kind, role, text)
	l.close(at)
	return at
}

func (l *lowerer) intern(text string) uint32 {
	if at, ok := l.texts[text]; ok {
		return at
	}
	kept := text
	if !utf8.ValidString(text) {
		kept = strings.ToValidUTF8(text, "?")
	}
	at := uint32(len(l.file.texts))
	l.file.texts = append(l.file.texts, kept)
	l.texts[text] = at
	return at
}

// findBroken records the lines that are no Python.
func (l *lowerer) findBroken() {
	for i := range l.nodes {
		n := &l.nodes[i]
		if n.flags&(flagError|flagMissing) == 0 {
			continue
		}
		span := Span{int(n.row) + 1, int(n.last) + 1}
		if last := len(l.file.broken) - 1; last >= 0 && l.file.broken[last].EndLine >= span.Line {
			l.file.broken[last].EndLine = max(l.file.broken[last].EndLine, span.EndLine)
			continue
		}
		l.file.broken = append(l.file.broken, span)
	}
}

// holdsError reports whether a child of syntax node i is no Python. The parser
// passes over what does not fit, "B = {" for one, and takes what comes next for
// the other side.
func (l *lowerer) holdsError(i int) bool { return l.nodes[i].flags&flagHoldsError != 0 }

// unless lowers the child with the field as an expression, or as broken code
// where i is not what it seems.
func (l *lowerer) unless(broken bool, i int, field uint8, role Role) {
	switch c := l.child(i, field); {
	case c == 0:
	case broken:
		l.leaf(c, KindBroken, role, "")
	default:
		l.expression(c, role)
	}
}

// addBroken records lines that are no Python.
func (l *lowerer) addBroken(span Span) {
	at := sort.Search(len(l.file.broken), func(n int) bool { return l.file.broken[n].Line >= span.Line })
	if at > 0 && l.file.broken[at-1].EndLine >= span.EndLine {
		return
	}
	l.file.broken = slices.Insert(l.file.broken, at, span)
}

// broken stands for code that is no Python. Statements in it that could be read
// all the same follow it.
func (l *lowerer) broken(i int, role Role) {
	l.leaf(i, KindBroken, role, "")
	if role != RoleBody && role != RoleElse && role != RoleFinally {
		return
	}
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		switch l.symbol(c) {
		case symImport, symFromImport, symFutureImport, symExpressionStatement, symIf, symWhile, symFor, symTry, symWith,
			symFunction, symClass, symDecorated, symReturn, symRaise, symAssert, symDelete, symError:
			l.statement(c, role)
		case symBlock:
			l.statements(c, role)
		}
	}
}

// expressions lowers the named children of i that carry no field.
func (l *lowerer) expressions(i int, role Role) {
	for c := l.first(i); c < l.after(i); c = l.after(c) {
		if l.nodes[c].flags&flagNamed != 0 && l.nodes[c].field == 0 {
			l.expression(c, role)
		}
	}
}

// optional lowers the child with the field, if it is there.
func (l *lowerer) optional(i int, field uint8, role Role) {
	if c := l.child(i, field); c != 0 {
		l.expression(c, role)
	}
}

// spread lowers an expression list as its elements, anything else as one.
func (l *lowerer) spread(i int, role Role) {
	switch l.symbol(i) {
	case symExpressionList, symPatternList:
		l.expressions(i, role)
	default:
		l.expression(i, role)
	}
}

// startsWith reports whether the source of a node begins with a keyword.
func (l *lowerer) startsWith(i int, keyword string) bool {
	return strings.HasPrefix(l.source[l.nodes[i].start:], keyword)
}
