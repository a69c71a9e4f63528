package django

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// lines repeats a format with the numbers from 0.
func lines(n int, format string) string {
	var b strings.Builder
	for at := range n {
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(format, "#", fmt.Sprint(at)), "@", fmt.Sprint(at+1)))
	}
	return b.String()
}

// nested puts a statement into loops.
func nested(n int, loop, statement string) string {
	var b strings.Builder
	for at := range n {
		b.WriteString(strings.Repeat(" ", at) + loop + "\n")
	}
	return b.String() + strings.Repeat(" ", n) + statement + "\n"
}

// TestHostileSettings: settings made to take forever end soon, and what was not
// worked out is not taken for known.
func TestHostileSettings(t *testing.T) {
	for name, source := range map[string]string{
		"classes over classes":       "class A0:\n    X = 1\nclass B0:\n    Y = 1\n" + lines(40, "class A@(A#, B#):\n    pass\nclass B@(A#, B#):\n    pass\n") + "A40.load_settings(__name__)\nX = A40.Z\n",
		"functions over functions":   "def f0(x):\n    return x\n" + lines(60, "def f@(x):\n    return [f#(x), f#(x), f#(x)]\n") + "X = f60(1)\n",
		"switches over switches":     "def g0(x):\n    return False\n" + lines(40, "def g@(x):\n    if x == 'a':\n        return True\n    return g#(x)\n") + "import os\nX = g40(os.environ.get('X', 'b'))\n",
		"recursion":                  "import os\ndef f(x):\n    if os.environ.get(x):\n        return f(x + 'a')\n    return f(x) == 1\nX = f('a')\n",
		"a property of itself":       "class A:\n    @property\n    def P(self):\n        return self.P\nA.load_settings(__name__)\n",
		"an object in itself":        "class A:\n    def __init__(self):\n        self.a = A()\nX = A().a\n",
		"lists in lists":             "X = [1]\n" + lines(200, "X = [X, X]\n") + "Y = str(X)\nif X == [X]:\n    Z = 1\n",
		"dicts in dicts":             "X = {'a': 1}\n" + lines(200, "X = {'a': X, 'b': X}\n") + "Y = {**X, **X}\nY['a']['b']['c'] = 1\nZ = X if X == Y else Y\n",
		"names for names":            "A = {'x': {}}\nB = A['x']\nC = B\n" + lines(100, "B['y'] = C\nC['z'] = B\nA['x'] = B\n"),
		"loops in loops":             "X = list(range(200))\nY = []\nfor a in X:\n    for b in X:\n        for c in X:\n            Y.append([a, b, c])\n",
		"comprehensions":             "X = [[[a for a in range(200)] for b in range(200)] for c in range(200)]\n",
		"a text that doubles":        "X = 'a'\n" + lines(100, "X = X + X\nY = X.replace('a', X)\nZ = ','.join(X.split('a'))\n"),
		"many ways":                  "import os\nX = {}\nM = []\n" + lines(100, "if os.environ.get('A#'):\n    X['k#'] = {'a': M}\n    M += ['m#']\n"),
		"ways of ways":               "import os\nX = os.environ.get('a') and 1\n" + lines(100, "X = [X, #] if os.environ.get('B#') else {'x': X}\n"),
		"a list that grows":          "X = [1]\nfor a in range(200):\n    for b in range(200):\n        X += X\n",
		"loops nobody counts":        "from x import y\nX = []\n" + nested(14, "for a in y:", "X.append(a)"),
		"loops that never settle":    "from x import y\n" + lines(60, "A# = #\n") + "for a in y:\n" + lines(59, "    A# = A@\n") + "    A59 = [A59, A0]\n",
		"loops in recursion":         "from x import y\nD = {}\ndef f(a, b):\n    for k in b:\n        for l in b[k]:\n            if l:\n                f(a[k], b[l])\n            a[k] = f(b, a)\nf(D, y)\n",
		"many returns":               "from x import y\nX = 1\ndef f():\n    global X\n" + lines(300, "    if y(#):\n        X = #\n        return #\n") + "Z = f()\n",
		"many breaks":                "from x import y\nX = []\nfor a in range(100):\n" + lines(30, "    if y(#):\n        X.append(a)\n        continue\n    if y(@, #):\n        break\n"),
		"many handlers":              "from x import y\n" + lines(200, "try:\n    X = y(#)\nexcept A:\n    X = [#]\nexcept B:\n    X = {}\n"),
		"one list of many names":     "A0 = []\n" + lines(300, "A@ = A#\nA0.append(#)\n") + "for a in x():\n    A7.append(a)\n",
		"names of names":             "from x import y\nfor k in y:\n" + lines(100, "    globals()[k] = globals()\n    vars().update(globals())\n"),
		"files that run one another": "exec(open('settings.py').read())\nexec(open('other.py').read())\n",
		"a format that grows":        "X = '{}{}'\n" + lines(50, "X = X.format(X, X)\n"),
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			s := newTree(t, map[string]string{"settings.py": source, "manage.py": ""})
			settings, _, gaps := interpret(t.Context(), newScope(newIndex(s, Options{}), s, ""), "settings", Production)
			if d := time.Since(start); d > 20*time.Second {
				t.Errorf("it takes %v", d)
			}
			if len(gaps) > 0 && !settings.Open {
				t.Errorf("with gaps %v the settings count as known in full", gaps)
			}
		})
	}
}

// TestStepsAreBounded: what is set after the last step may be anything.
func TestStepsAreBounded(t *testing.T) {
	source := "DEBUG = False\n" + "for a in range(200):\n    for b in range(200):\n        for c in range(200):\n            X = [a, b, c]\n" + "DEBUG = True\n"
	got := interpreted(t, map[string]string{"settings.py": source, "manage.py": ""}, "settings")
	for _, want := range []string{"DEBUG = either False", "?(what the settings take more than", "open: ", "gap: settings.py"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%.500s", want, got)
		}
	}
}

// BenchmarkInterpret works out a layered project of some size.
func BenchmarkInterpret(b *testing.B) {
	files := map[string]string{
		"manage.py":                     "",
		"config/settings/__init__.py":   "",
		"config/__init__.py":            "",
		"config/settings/production.py": "from .base import *\nDEBUG = False\n" + lines(100, "X# = env('X#', default='#')\nDATABASES['default']['OPTIONS']['k#'] = X#\n"),
		"config/settings/base.py": "import environ\nenv = environ.Env()\nDEBUG = env.bool('DEBUG', False)\nDATABASES = {'default': {'OPTIONS': {}}}\nINSTALLED_APPS = []\n" +
			lines(200, "INSTALLED_APPS += ['app#']\nV# = [env.int('V#', default=#), 'a', {'b': #}]\n") +
			lines(10, "if env.bool('USE#', False):\n    Y# = 1\nelse:\n    Y# = 2\n"),
	}
	s := newTree(b, files)
	for b.Loop() {
		settings, _, gaps := interpret(b.Context(), newScope(newIndex(s, Options{}), s, ""), "config.settings.production", Production)
		if len(settings.Entries) < 300 || len(gaps) > 0 {
			b.Fatal(len(settings.Entries), gaps)
		}
	}
}
