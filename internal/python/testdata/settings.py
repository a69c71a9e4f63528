"""Settings."""
from __future__ import annotations

import os, sys
import environ as e
from .base import *
from ..common.x import A as B, C
from pathlib import Path
from typing import Final

BASE_DIR = Path(__file__).resolve().parent.parent
env = e.Env(DEBUG=(bool, False))
DEBUG: Final[bool] = env.bool("DEBUG", default=False)
X = Y = 1, 2
a, (b, *c) = 1, [2, 3]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.postgresql", **extra, "PORT": 5432 + 1},
}
DATABASES["default"]["HOST"] = os.environ.get("HOST") or "localhost"
INSTALLED_APPS += ["x"] if DEBUG else []
INSTALLED_APPS.append("y")
if DEBUG and not TEST:
    Z = -1
elif sys.argv[1:2] == ["test"]:
    Z = 0x10
else:
    del Z
try:
    from .local import *
except (ImportError, OSError) as error:
    raise RuntimeError("x") from error
else:
    pass
finally:
    print(1, file=sys.stderr)
for i in range(3):
    continue
while 0 < i <= 3 not in x: break
with open("f") as f, g: h = f.read()
assert DEBUG is False, "no"
NAME = f"{a!r:>{10}} and {{b}}" "tail"
L = lambda x, *y, k=1, **z: x
D = {k: v for k, v in x.items() if v if k}
G = sum(x for x in y)
if (n := len(a)) > 10: pass
s = slice_[1:2, ...]
