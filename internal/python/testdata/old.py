print "a", b
print >>sys.stderr, "c"
exec "code" in scope
raise E, "text"
try:
    pass
except E, e:
    pass
x = `a`
y = 0777 + 10L
z = a <> b
w = ur"text"
AFTER = 1
