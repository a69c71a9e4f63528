A = 1
B =
C = 3
def f(:
    D = 4
E = [x for in y]
F = "unterminated
G = 7
if H
    I = 8
else:
    J = 9
K = foo(1,, 2)
L = a.
M = {"a": 1, "b": }
class N
    O = 10
P = 11
