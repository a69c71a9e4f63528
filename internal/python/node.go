package python

import (
	"iter"
	"strings"
)

// Kind says what a Node is.
type Kind uint8

// The kinds of nodes. Roles in parentheses name the children, in order; a star
// marks those that may come many times, a question mark those that may be
// missing.
const (
	KindInvalid Kind = iota

	// Statements.

	KindModule       // (Body*)
	KindImport       // one imported module; Text is its dotted name (Alias?)
	KindFromImport   // Text is the module with its leading dots (Item*)
	KindImportedName // an item of a FromImport; Text is its name (Alias?)
	KindWildcard     // the star of a FromImport
	KindAssign       // (Target+ Annotation? Value?)
	KindAugAssign    // Text is the operator without "=" (Target Value)
	KindExpression   // an expression as a statement (Value)
	KindIf           // (Test Body* Else*); an elif is an If among Else
	KindWhile        // (Test Body* Else*)
	KindFor          // (Target Iter Body* Else*); FlagAsync
	KindTry          // (Body* Handler* Else* Finally*)
	KindHandler      // an except clause (Test? Alias? Body*)
	KindWith         // (Item+ Body*); FlagAsync
	KindWithItem     // (Value Target?)
	KindFunction     // Text is its name (Decorator* Parameter* Returns? Body*); FlagAsync
	KindParameter    // Text is its name (Annotation? Default?); FlagStar, FlagDoubleStar, FlagKeywordOnly
	KindClass        // Text is its name (Decorator* Base* Keyword* Body*)
	KindReturn       // (Value?)
	KindRaise        // (Value? Cause?)
	KindAssert       // (Test Message?)
	KindDelete       // (Target*)
	KindScope        // global or nonlocal; Text is the keyword (Target*)
	KindMatch        // (Subject+ Case*)
	KindCase         // (Pattern* Test? Body*)
	KindJump         // pass, break or continue; Text is the keyword
	KindBroken       // code that is no Python

	// Expressions.

	KindName      // Text
	KindAttribute // Text is the attribute (Object)
	KindCall      // (Function Argument* Keyword*)
	KindKeyword   // a keyword argument; Text is its name (Value)
	KindSubscript // (Object Index+)
	KindSlice     // (Part*)
	KindString    // Text is its value, or a Secret stands in for it
	KindFormat    // an f-string or a concatenation with one (Part*): String and other expressions
	KindBytes     // Text is its value, or a Secret stands in for it
	KindNumber    // Text is its source
	KindTrue
	KindFalse
	KindNone
	KindEllipsis
	KindList          // (Element*)
	KindTuple         // (Element*)
	KindSet           // (Element*)
	KindDict          // (Entry*): Pair or DoubleStar
	KindPair          // (Key Value)
	KindBinary        // Text is the operator (Left Right)
	KindUnary         // Text is the operator (Value)
	KindNot           // (Value)
	KindBool          // Text is "and" or "or" (Left Right)
	KindCompare       // Text is the operators, separated by commas: "<,<=" or "not in" (Operand+)
	KindConditional   // (Value Test Else): Value if Test else Else
	KindLambda        // (Parameter* Value)
	KindComprehension // Text is "list", "set", "dict" or "generator" (Element ForClause+); Element is a Pair for a dict
	KindForClause     // (Target Iter Test*); FlagAsync
	KindStar          // (Value)
	KindDoubleStar    // (Value)
	KindAwait         // (Value)
	KindYield         // Text is "from" for yield from (Value?)
	KindWalrus        // (Target Value)
	KindOther         // anything else, with its expressions as children (Part*)
)

// Role says what a Node is to its parent.
type Role uint8

// The roles of nodes.
const (
	RoleNone Role = iota
	RoleBody
	RoleElse
	RoleFinally
	RoleHandler
	RoleTest
	RoleTarget
	RoleAnnotation
	RoleValue
	RoleItem
	RoleAlias
	RoleIter
	RoleDecorator
	RoleParameter
	RoleReturns
	RoleDefault
	RoleBase
	RoleKeyword
	RoleCause
	RoleMessage
	RoleSubject
	RoleCase
	RolePattern
	RoleObject
	RoleFunction
	RoleArgument
	RoleIndex
	RoleElement
	RoleEntry
	RoleKey
	RoleLeft
	RoleRight
	RoleOperand
	RolePart
)

// Flag marks a property of a Node.
type Flag uint8

// The flags of nodes.
const (
	FlagAsync Flag = 1 << iota
	FlagStar
	FlagDoubleStar
	FlagKeywordOnly
	// FlagLong marks a String or Bytes that is longer than what is kept: Text is
	// its beginning.
	FlagLong
	// FlagSecret marks a String or Bytes that a Secret stands in for.
	FlagSecret
)

// node is one node in preorder: its first child follows it, its next sibling is
// at next.
type node struct {
	kind       Kind
	role       Role
	flags      Flag
	text       uint32 // index into File.texts, or into File.secrets with FlagSecret
	line, last uint32 // 1-based, inclusive
	start, end uint32 // byte offsets in the source
	next       uint32 // index of the first node that is not inside
}

// Node is a place in a File's tree. The zero Node stands for a missing one: all
// its properties are zero and it has no children.
type Node struct {
	file *File
	at   uint32
}

func (n Node) raw() *node {
	if n.file == nil {
		return &node{}
	}
	return &n.file.nodes[n.at]
}

// Exists reports whether the node is there.
func (n Node) Exists() bool { return n.file != nil }

// File returns the file the node is in; nil for a missing node.
func (n Node) File() *File { return n.file }

// Kind returns what the node is.
func (n Node) Kind() Kind { return n.raw().kind }

// Is reports whether the node is of one of the kinds.
func (n Node) Is(kinds ...Kind) bool {
	for _, k := range kinds {
		if n.Kind() == k {
			return true
		}
	}
	return false
}

// Role returns what the node is to its parent.
func (n Node) Role() Role { return n.raw().role }

// Has reports whether the node has a flag.
func (n Node) Has(f Flag) bool { return n.raw().flags&f != 0 }

// Line and EndLine are 1-based and inclusive.
func (n Node) Line() int { return int(n.raw().line) }

// EndLine is the line of the node's last character.
func (n Node) EndLine() int { return int(n.raw().last) }

// Span returns the byte offsets of the node in the source.
func (n Node) Span() (start, end int) { return int(n.raw().start), int(n.raw().end) }

// Text returns the node's text; what that is depends on its kind.
func (n Node) Text() string {
	r := n.raw()
	if n.file == nil || r.flags&FlagSecret != 0 {
		return ""
	}
	return n.file.texts[r.text]
}

// Secret returns what stands in for the text of a String or Bytes that
// classified as a secret.
func (n Node) Secret() (Secret, bool) {
	r := n.raw()
	if r.flags&FlagSecret == 0 {
		return Secret{}, false
	}
	return n.file.secrets[r.text].Secret, true
}

// Masked returns the text of a String or Bytes in which a secret is only a part,
// with "***" in its place: "postgres://shop:***@db/shop". It is empty where the
// secret is all of it, and for other nodes.
func (n Node) Masked() string {
	r := n.raw()
	if r.flags&FlagSecret == 0 {
		return ""
	}
	return n.file.secrets[r.text].masked
}

// Children yields the children in order.
func (n Node) Children() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.file == nil {
			return
		}
		end := n.file.nodes[n.at].next
		for at := n.at + 1; at < end; at = n.file.nodes[at].next {
			if !yield(Node{n.file, at}) {
				return
			}
		}
	}
}

// All yields the children that have the role, in order.
func (n Node) All(role Role) iter.Seq[Node] {
	return func(yield func(Node) bool) {
		for c := range n.Children() {
			if c.Role() == role && !yield(c) {
				return
			}
		}
	}
}

// Child returns the first child that has the role, or a missing Node.
func (n Node) Child(role Role) Node {
	for c := range n.All(role) {
		return c
	}
	return Node{}
}

// maxDotted bounds the parts of a dotted name; longer chains are hostile, and
// spelling each of their ends would take quadratic time.
const maxDotted = 32

// Dotted returns the dotted name that the node spells, such as "os.environ.get"
// for two Attributes over a Name, or an empty string.
func (n Node) Dotted() string {
	var parts [maxDotted]string
	for at := maxDotted - 1; at >= 0; at-- {
		parts[at] = n.Text()
		switch n.Kind() {
		case KindName:
			return strings.Join(parts[at:], ".")
		case KindAttribute:
			// The object is the only child.
			n = n.Child(RoleObject)
		default:
			return ""
		}
	}
	return ""
}
