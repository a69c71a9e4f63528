package python

import (
	"fmt"
	"strings"
)

// dump writes a tree for people: a node a line, indented by depth.
func dump(f *File) string {
	var b strings.Builder
	var write func(n Node, depth int)
	write = func(n Node, depth int) {
		fmt.Fprintf(&b, "%s%s", strings.Repeat("  ", depth), kindNames[n.Kind()])
		if n.Role() != RoleNone && n.Role() != RoleBody {
			fmt.Fprintf(&b, " (%s)", roleNames[n.Role()])
		}
		if n.Text() != "" {
			fmt.Fprintf(&b, " %q", n.Text())
		}
		if s, ok := n.Secret(); ok {
			fmt.Fprintf(&b, " secret %s of %d, %q", s.Kind, s.Length, n.Masked())
		}
		for _, flag := range []struct {
			flag Flag
			name string
		}{{FlagAsync, "async"}, {FlagStar, "*"}, {FlagDoubleStar, "**"}, {FlagKeywordOnly, "keyword-only"}, {FlagLong, "long"}} {
			if n.Has(flag.flag) {
				b.WriteString(" " + flag.name)
			}
		}
		fmt.Fprintf(&b, " :%d", n.Line())
		if n.EndLine() != n.Line() {
			fmt.Fprintf(&b, "-%d", n.EndLine())
		}
		b.WriteString("\n")
		for c := range n.Children() {
			write(c, depth+1)
		}
	}
	write(f.Module(), 0)
	for _, span := range f.Broken() {
		fmt.Fprintf(&b, "broken :%d-%d\n", span.Line, span.EndLine)
	}
	for _, list := range []struct {
		name string
		refs []Reference
	}{{"imports", f.Summary().Imports}, {"names", f.Summary().Names}, {"uses", f.Summary().Uses}} {
		for _, r := range list.refs {
			fmt.Fprintf(&b, "%s %s :%d\n", list.name, r.Name, r.Line)
		}
	}
	return b.String()
}

var kindNames = []string{
	"Invalid", "Module", "Import", "FromImport", "ImportedName", "Wildcard", "Assign", "AugAssign", "Expression", "If", "While",
	"For", "Try", "Handler", "With", "WithItem", "Function", "Parameter", "Class", "Return", "Raise", "Assert", "Delete", "Scope",
	"Match", "Case", "Jump", "Broken", "Name", "Attribute", "Call", "Keyword", "Subscript", "Slice", "String", "Format", "Bytes",
	"Number", "True", "False", "None", "Ellipsis", "List", "Tuple", "Set", "Dict", "Pair", "Binary", "Unary", "Not", "Bool",
	"Compare", "Conditional", "Lambda", "Comprehension", "ForClause", "Star", "DoubleStar", "Await", "Yield", "Walrus", "Other",
}

var roleNames = []string{
	"none", "body", "else", "finally", "handler", "test", "target", "annotation", "value", "item", "alias", "iter", "decorator",
	"parameter", "returns", "default", "base", "keyword", "cause", "message", "subject", "case", "pattern", "object", "function",
	"argument", "index", "element", "entry", "key", "left", "right", "operand", "part",
}
