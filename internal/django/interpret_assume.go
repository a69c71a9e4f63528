package django

import (
	"strings"

	"github.com/lintel-bot/lintel/internal/fact"
	"github.com/lintel-bot/lintel/internal/python"
)

// decide says whether a condition holds in production. A condition that the
// environment decides is undecided, whatever its fallback: the switch may be set
// there.
func (i *interpreter) decide(f *frame, test python.Node) fact.Tri {
	if !test.Exists() {
		return fact.Undecided
	}
	if i.tier == Production || i.tier == Unknown {
		if t, ok := i.assume(f, test); ok {
			return t
		}
	}
	switch test.Kind() {
	case python.KindNot:
		return i.decide(f, test.Child(python.RoleValue)).Not()
	case python.KindBool:
		left := i.decide(f, test.Child(python.RoleLeft))
		if test.Text() == "and" {
			if left == fact.False {
				return left
			}
			return left.And(i.decide(f, test.Child(python.RoleRight)))
		}
		if left == fact.True {
			return left
		}
		return left.Or(i.decide(f, test.Child(python.RoleRight)))
	}
	v := i.eval(f, test).value()
	if v.Env != nil && i.fallbacks == 0 {
		return fact.Undecided
	}
	return fact.Truthy(v)
}

// assume knows conditions by what they ask for: production runs with DEBUG off
// and outside of tests, in an environment of its own name.
func (i *interpreter) assume(f *frame, n python.Node) (fact.Tri, bool) {
	if hasEffect(n) {
		return fact.Undecided, false
	}
	switch n.Kind() {
	case python.KindName, python.KindAttribute:
		if !i.fixed(f, n) {
			return assumeName(last(n.Dotted()))
		}
	case python.KindCall, python.KindSubscript:
		if t, ok := i.assumePrefix(f, n); ok {
			return t, true
		}
		if name := i.variable(f, n); name != "" {
			return assumeName(name)
		}
		if fn := last(n.Child(python.RoleFunction).Dotted()); fn != "" {
			return assumeName(strings.TrimPrefix(fn, "is_"))
		}
	case python.KindCompare:
		return i.assumeComparison(f, n)
	}
	return fact.Undecided, false
}

// fixed reports whether a name stands for something that production cannot
// change by its environment. DEBUG stays open: a leaf may still override it.
func (i *interpreter) fixed(f *frame, n python.Node) bool {
	name := n.Dotted()
	if strings.HasSuffix(name, "DEBUG") {
		return false
	}
	o := f.lookup(name)
	return o != nil && o.fact != nil && decided(o.fact) && o.fact.Kind == fact.Bool && !o.fact.Default && !testName(strings.ToUpper(name))
}

// assumeName knows switches by their names.
func assumeName(name string) (fact.Tri, bool) {
	upper := strings.ToUpper(name)
	switch {
	case upper == "DEBUG" || strings.HasSuffix(upper, "_DEBUG") && !strings.Contains(upper, "TOOLBAR"):
		return fact.False, true
	case testName(upper):
		return fact.False, true
	}
	core := strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(upper, "DJANGO_"), "IS_"), "RUNNING_")
	core = strings.TrimSuffix(strings.TrimSuffix(core, "_MODE"), "_ENVIRONMENT")
	switch core {
	case "DEBUG", "DEV", "DEVELOPMENT", "LOCAL", "LOCAL_DEV", "DEVELOPER", "DEVSERVER", "DEV_SERVER", "RUNSERVER", "LOCALHOST", "IN_DEV":
		return fact.False, true
	case "PROD", "PRODUCTION", "LIVE", "IN_PRODUCTION":
		return fact.True, true
	}
	return fact.Undecided, false
}

func testName(upper string) bool {
	switch upper {
	case "GITHUB_WORKFLOW", "GITHUB_ACTIONS", "GITHUB_ACTION", "TRAVIS", "CIRCLECI", "BUILDKITE", "JENKINS_URL", "TEAMCITY_VERSION", "CODESPACES", "CODESPACE_NAME", "GITPOD_WORKSPACE_ID":
		return true
	}
	for part := range strings.SplitSeq(upper, "_") {
		switch part {
		case "TEST", "TESTS", "TESTING", "PYTEST", "UNITTEST", "UNITTESTS", "CI":
			return true
		}
	}
	return false
}

func last(dotted string) string { return dotted[strings.LastIndexByte(dotted, '.')+1:] }

// words say which environment a text names.
func productionWord(word string) bool {
	switch strings.ToLower(word) {
	case "prod", "production", "live", "prd":
		return true
	}
	return false
}

func developmentWord(word string) bool {
	switch strings.ToLower(word) {
	case "dev", "develop", "development", "local", "localdev", "localhost", "debug", "devel", "docker-dev", "test", "testing", "tests", "ci", "pytest",
		"unittest", "example", "sandbox", "build":
		return true
	}
	return false
}

// assumeWord compares the name of an environment with a word.
func (i *interpreter) assumeWord(n python.Node, v *fact.Value, word string) (fact.Tri, bool) {
	if i.tier != Production && i.tier != Unknown || !environmentLike(n, v) {
		return fact.Undecided, false
	}
	switch {
	case productionWord(word):
		return fact.True, true
	case developmentWord(word):
		return fact.False, true
	}
	return fact.Undecided, false
}

// environmentLike reports whether a value names the environment that runs:
// it comes from there, or is called so.
func environmentLike(n python.Node, v *fact.Value) bool {
	name := strings.ToUpper(last(n.Dotted()))
	if v != nil && v.Env != nil {
		return !namesOther(v.Env.Names[0])
	}
	if decided(v) {
		return false
	}
	return strings.HasSuffix(name, "ENV") || strings.HasSuffix(name, "ENVIRONMENT") || strings.HasSuffix(name, "STAGE")
}

// namesOther reports whether a variable is by its name about something else than
// where the process runs.
func namesOther(name string) bool {
	for part := range strings.SplitSeq(strings.ToUpper(name), "_") {
		switch part {
		case "SECRET", "KEY", "PASSWORD", "PASS", "TOKEN", "USER", "USERNAME", "HOST", "HOSTS", "URL", "DB", "DATABASE", "LEVEL", "BACKEND", "EMAIL", "BUCKET", "SALT":
			return true
		}
	}
	return false
}

// assumeComparison knows comparisons with the name of an environment, those with
// the command line, and those of a switch with a word for true or false.
func (i *interpreter) assumeComparison(f *frame, n python.Node) (fact.Tri, bool) {
	if t, ok := i.assumeSurroundings(f, n); ok {
		return t, ok
	}
	left, right, ok := operands(n)
	if !ok || !right.Is(python.KindTrue, python.KindFalse) && !truthWord(right.Text()) {
		return fact.Undecided, false
	}
	t, ok := i.assume(f, left) // os.environ.get("DEBUG") == "1"
	if !ok {
		return fact.Undecided, false
	}
	if right.Is(python.KindFalse) || falseWord(right.Text()) {
		t = t.Not()
	}
	return inverted(n, t), true
}

// assumeSurroundings knows comparisons with the name of an environment, and
// those with the command line: what they ask for is not what a variable holds but
// where the process runs.
func (i *interpreter) assumeSurroundings(f *frame, n python.Node) (fact.Tri, bool) {
	if i.tier != Production && i.tier != Unknown {
		return fact.Undecided, false
	}
	if t, ok := assumePlatform(n); ok {
		return t, true
	}
	for o := range n.All(python.RoleOperand) {
		if mentionsCommand(o) {
			// A server is started by other words than tests and commands are.
			return inverted(n, fact.False), true
		}
	}
	left, right, ok := operands(n)
	if !ok {
		return fact.Undecided, false
	}
	v := i.eval(f, left).value()
	switch operator := n.Text(); {
	case right.Is(python.KindString) && (operator == "==" || operator == "!=" || operator == "is" || operator == "is not"):
		if t, ok := i.assumeWord(left, v, right.Text()); ok {
			return inverted(n, t), true
		}
	case right.Is(python.KindList, python.KindTuple, python.KindSet) && (operator == "in" || operator == "not in"):
		known := true
		for e := range right.All(python.RoleElement) {
			t, ok := i.assumeWord(left, v, e.Text())
			if t == fact.True {
				return inverted(n, fact.True), true
			}
			known = known && ok
		}
		if known {
			return inverted(n, fact.False), true
		}
	}
	return fact.Undecided, false
}

// operands returns the two sides of a comparison, a text on the right, and what
// is compared without a method that changes only its letters.
func operands(n python.Node) (left, right python.Node, ok bool) {
	var all []python.Node
	for o := range n.All(python.RoleOperand) {
		all = append(all, o)
	}
	if len(all) != 2 {
		return left, right, false
	}
	left, right = all[0], all[1]
	if left.Is(python.KindString) && !right.Is(python.KindList, python.KindTuple, python.KindSet) {
		left, right = right, left
	}
	if left.Is(python.KindCall) {
		if fn := left.Child(python.RoleFunction); fn.Is(python.KindAttribute) && (fn.Text() == "lower" || fn.Text() == "strip" || fn.Text() == "upper") {
			left = fn.Child(python.RoleObject)
		}
	}
	return left, right, true
}

// inverted is the answer of a comparison that may be a negative one.
func inverted(n python.Node, t fact.Tri) fact.Tri {
	if n.Text() == "!=" || strings.Contains(n.Text(), "not") {
		return t.Not()
	}
	return t
}

func truthWord(text string) bool {
	switch strings.ToLower(text) {
	case "1", "true", "yes", "on", "y", "t":
		return true
	}
	return falseWord(text)
}

func falseWord(text string) bool {
	switch strings.ToLower(text) {
	case "0", "false", "no", "off", "n", "f":
		return true
	}
	return false
}

// mentionsCommand reports whether an expression asks for the command line or for
// loaded modules: both tell tests and commands from a server.
func mentionsCommand(n python.Node) bool {
	for n.Is(python.KindSubscript, python.KindCall) {
		if n.Is(python.KindCall) {
			return false
		}
		n = n.Child(python.RoleObject)
	}
	name := n.Dotted()
	return name == "sys.argv" || name == "argv" || name == "sys.modules"
}

// variable returns the name of the variable that an expression reads, if it
// reads one.
func (i *interpreter) variable(f *frame, n python.Node) string {
	v := i.eval(f, n).value()
	if v.Env != nil && len(v.Env.Names) > 0 {
		return v.Env.Names[0]
	}
	return ""
}
