package django

import (
	"strconv"
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// oldestPython is the minor version of Python 3 that production has at least.
const oldestPython = 8

// assumePlatform knows comparisons with the system and with the version of
// Python: production runs a Python 3 that is still in use, on Linux.
func assumePlatform(n python.Node) (fact.Tri, bool) {
	left, right, ok := operands(n)
	if !ok {
		return fact.Undecided, false
	}
	name := left.Dotted()
	if left.Is(python.KindCall) {
		name = left.Child(python.RoleFunction).Dotted()
	}
	switch name {
	case "sys.platform", "os.name", "platform.system":
		if !right.Is(python.KindString) || n.Text() != "==" && n.Text() != "!=" {
			return fact.Undecided, false
		}
		switch word := strings.ToLower(right.Text()); word {
		case "linux", "posix":
			return inverted(n, fact.True), true
		case "win32", "nt", "windows", "darwin":
			return inverted(n, fact.False), true
		}
	case "sys.version_info":
		var version []int
		for part := range right.All(python.RoleElement) {
			number, err := strconv.Atoi(part.Text())
			if err != nil {
				return fact.Undecided, false
			}
			version = append(version, number)
		}
		if len(version) == 0 || version[0] > 3 || version[0] == 3 && len(version) > 1 && version[1] > oldestPython {
			return fact.Undecided, false
		}
		switch n.Text() {
		case ">=", ">":
			return fact.True, true
		case "<":
			return fact.False, true
		}
	}
	return fact.Undecided, false
}

// assumePrefix knows ENVIRONMENT.startswith("prod"), and any("pytest" in a for a
// in sys.argv).
func (i *interpreter) assumePrefix(f *frame, n python.Node) (fact.Tri, bool) {
	if !n.Is(python.KindCall) {
		return fact.Undecided, false
	}
	fn := n.Child(python.RoleFunction)
	argument := n.Child(python.RoleArgument)
	if fn.Is(python.KindName) && fn.Text() == "any" && argument.Is(python.KindComprehension) {
		for part := range argument.All(python.RolePart) {
			if part.Is(python.KindForClause) && mentionsCommand(part.Child(python.RoleIter)) {
				return fact.False, true
			}
		}
	}
	if !fn.Is(python.KindAttribute) || fn.Text() != "startswith" || !argument.Is(python.KindString) {
		return fact.Undecided, false
	}
	on := fn.Child(python.RoleObject)
	return i.assumeWord(on, i.eval(f, on).value(), argument.Text())
}
