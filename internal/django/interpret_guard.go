package django

import (
	"fmt"
	"strings"

	"github.com/lintel-bot/lintel/internal/python"
)

// negated words the opposite of a guard.
func negated(guard string) string {
	if rest, ok := strings.CutPrefix(guard, "not "); ok {
		return rest
	}
	return "not " + guard
}

// maxGuard bounds the words of a guard.
const maxGuard = 80

// guard words a condition for people.
func (i *interpreter) guard(f *frame, test python.Node) string {
	text := spell(test, 4)
	if len(text) > maxGuard {
		text = text[:maxGuard] + "…"
	}
	return "`" + text + "`"
}

// spell writes an expression as people would, without texts that could be
// secrets.
func spell(n python.Node, depth int) string {
	if depth == 0 {
		return "…"
	}
	operands := func(role python.Role) []string {
		var out []string
		for c := range n.All(role) {
			out = append(out, spell(c, depth-1))
		}
		return out
	}
	switch n.Kind() {
	case python.KindName, python.KindAttribute:
		if name := n.Dotted(); name != "" {
			return name
		}
	case python.KindString:
		if _, secret := n.Secret(); secret || len(n.Text()) > 40 {
			return `"…"`
		}
		return fmt.Sprintf("%q", n.Text())
	case python.KindNumber:
		return n.Text()
	case python.KindTrue:
		return "True"
	case python.KindFalse:
		return "False"
	case python.KindNone:
		return "None"
	case python.KindNot:
		return "not " + spell(n.Child(python.RoleValue), depth-1)
	case python.KindBool:
		return spell(n.Child(python.RoleLeft), depth-1) + " " + n.Text() + " " + spell(n.Child(python.RoleRight), depth-1)
	case python.KindCompare:
		return strings.Join(operands(python.RoleOperand), " "+n.Text()+" ")
	case python.KindCall:
		return spell(n.Child(python.RoleFunction), depth-1) + "(" + strings.Join(operands(python.RoleArgument), ", ") + ")"
	case python.KindSubscript:
		return spell(n.Child(python.RoleObject), depth-1) + "[" + strings.Join(operands(python.RoleIndex), ", ") + "]"
	case python.KindList, python.KindTuple, python.KindSet:
		return "(" + strings.Join(operands(python.RoleElement), ", ") + ")"
	}
	return "…"
}
