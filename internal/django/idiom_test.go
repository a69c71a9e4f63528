package django

import (
	"context"
	"testing"

	"github.com/lintel-bot/lintel/internal/python"
)

func TestEnvRead(t *testing.T) {
	for _, test := range []struct{ name, source, cast, want string }{
		{"nothing", "DEBUG = True\n", "str", ""},
		{"environ", "import environ\nenv = environ.Env(DEBUG=(bool, False))\n", "bool", `env.bool("X")`},
		{"environ str", "import environ\nenviron_env = environ.FileAwareEnv()\n", "str", `environ_env("X")`},
		{"environ from", "from environ import Env\nENV = Env()\n", "list", `ENV.list("X")`},
		{"environs", "from environs import Env\nenv = Env()\nenv.read_env()\n", "int", `env.int("X")`},
		{"environs ready", "from environs import env\n", "float", `env.float("X")`},
		{"overwritten", "import environ\nenv = environ.Env()\nenv = 1\n", "str", ""},
		{"env from base", "from .base import *\nX = env.bool(\"Y\")\n", "bool", `env.bool("X")`},
		{"env by name", "from .base import env\nX = env(\"Y\")\n", "str", `env("X")`},
		{"env of nobody", "X = env.bool(\"Y\")\n", "bool", ""},
		{"env function", "from .base import *\ndef env(x):\n    pass\nX = env.bool(\"Y\")\n", "bool", ""},
		{"base without env", "from .base import *\nDEBUG = False\n", "bool", ""},
		{"decouple", "from decouple import config\n", "bool", `config("X", cast=bool)`},
		{"decouple str", "from decouple import config as c\n", "str", `c("X")`},
		{"decouple list", "from decouple import config, Csv\n", "list", `config("X", cast=Csv())`},
		{"decouple list without Csv", "from decouple import config\n", "list", ""},
		{"decouple of its own", "from decouple import AutoConfig\nconfig = AutoConfig(\".\")\n", "int", `config("X", cast=int)`},
		{"os", "import os\n", "str", `os.environ["X"]`},
		{"os bool", "import os\n", "bool", `os.environ["X"].lower() in ("1", "true", "yes")`},
		{"os int", "import os.path\n", "int", `int(os.environ["X"])`},
		{"os list", "import os as o\n", "list", `o.environ["X"].split(",")`},
		{"os environ", "from os import environ, path\n", "str", `environ["X"]`},
		{"os getenv", "from os import getenv\n", "str", ""},
		{"in a function", "def f():\n    import os\n", "str", ""},
		{"no cast", "import os\n", "json", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := python.Parse(context.Background(), []byte(test.source), nil)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := EnvRead(f, "X", test.cast)
			if got != test.want || ok != (test.want != "") {
				t.Errorf("%q, %v; want %q", got, ok, test.want)
			}
			if got, ok := EnvRead(f, `X"] or ("`, test.cast); ok {
				t.Errorf("a name that is none gives %q", got)
			}
		})
	}
	if got, ok := EnvRead(nil, "X", "str"); ok {
		t.Errorf("no file gives %q", got)
	}
}
