def f(a, /, b: int = 1, *, c, d=2, **e): ...
def g(*args: str, key: bool = True): ...
def h[T: int, *Ts, **P](x: T) -> list[T]: return x
class Box[T](Base[T], key=1): ...
type Pair[T] = tuple[T, T]
async def k():
    async with a as b, c: pass
    result = [await x async for x in y if await z]
with (open("a") as a, open("b") as b): pass
with (yield): pass
try: pass
except* (A, B) as group: pass
except C: raise
match point:
    case Point(x=0, y=[1, *rest]) | {"k": None, **others} if ok: pass
    case "a" | -1 | mod.CONST as name: pass
    case (1, 2): pass
if (n := 10) > 5 and (m := n): pass
print(*a, **b, c=1)
x = a if b else c if d else e
x: int
x: dict[str, "Y"] = {**a, "k": [*b, *c]}
a.b, c[0], (d, [e]) = f
a = b = c = 1
for a, *b in c: break
else: pass
while True: continue
else: pass
lambda: (yield)
lambda a, *, b=1, **c: a
x = not a is not b not in c
x = -a ** -b // ~c @ d
s = a[1:2, ::3, ...]
del a, b[0], c.d
assert (a, "b")
raise
return a, b
global p, q
x @= y; z >>= 1; w //= 2
x = 0b1_0, 0o17, 0xFF, 1_000.5e-3j
x = "a" "b" f"{c}" 'd'
x = f"{a!r}{b:>{w}}{c=}{d['k']}{{}}"
x = rf"\d{n}\{m}"
x = f'{f"{nested}"}'
@a.b(c)
@(d := e)
class F: x: int = 1
await z
x: (
    int
) = (
    1
)
y = \
    2
type(x).y = z
x = t"{a} b"
x = f"{a:{b + 1}}"
