def f(a, b=2, *args, c, d=4, **kw):
    return a, b, args, c, d, kw
print(f(1, c=3), f(1, 5, 6, 7, c=8, e=9), f(*[1, 2], **{"c": 3, "z": 1}))
for call in (lambda: f(), lambda: f(1), lambda: f(1, c=1, a=2), lambda: f(b=1, c=1)):
    try:
        call()
    except TypeError as e:
        print(e)
def g(x, /, y, *, z): return x, y, z
print(g(1, 2, z=3), g(1, y=2, z=3))
for call in (lambda: g(x=1, y=2, z=3), lambda: g(1, 2, 3), lambda: g(1, 2), lambda: g(1, 2, z=3, w=4)):
    try:
        call()
    except TypeError as e:
        print(e)
def counter():
    n = 0
    def inc(by=1):
        nonlocal n
        n += by
        return n
    return inc
c = counter(); print(c(), c(5), c())
adders = [lambda x, i=i: x + i for i in range(3)]
print([a(10) for a in adders], [a(10) for a in [lambda x: x + i for i in range(3)]])
def outer():
    x = 1
    class K:
        y = x
        def m(self): return x
    return K.y, K().m()
print(outer())
def default(a=[]):
    a.append(1)
    return a
print(default(), default())
def deco(n):
    def wrap(fn):
        def inner(*a, **k):
            return [fn(*a, **k)] * n
        return inner
    return wrap
@deco(2)
@deco(3)
def h(x): return x
print(h(7))
def gen(n):
    try:
        while n:
            got = yield n
            if got: print("got", got)
            n -= 1
    finally:
        print("closing")
    return "done"
it = gen(3); print(next(it), it.send("hello"), list(it))
def sub():
    r = yield from gen(1)
    print("result", r)
print(list(sub()))
it = gen(2); next(it); it.close()
def thrower():
    try:
        yield 1
    except ValueError as e:
        print("caught", e)
        yield 2
it = thrower(); next(it); print(it.throw(ValueError("v")))
try:
    next(it)
except StopIteration as e:
    print("stop", e.value)
print((lambda *a, k=1, **kw: (a, k, kw))(1, 2, k=3, z=4))
x = 10
def shadow():
    try:
        print(x)
    except UnboundLocalError as e:
        print(e)
    x = 1
shadow()
def glob():
    global newname
    newname = 5
glob(); print(newname)
def rec(n): return 1 if n == 0 else n * rec(n - 1)
print(rec(15))
def doc():
    "the doc"
print(doc.__doc__, doc.__name__, doc.__qualname__, outer.__module__)
print(f.__defaults__, f.__kwdefaults__, f.__code__.co_varnames[:6])
def ann(a: int, b: "str" = "") -> float: ...
print(ann.__annotations__)
def many(*, a=1, b): return a, b
print(many(b=2))
print(max([3, 1, 2], key=lambda v: -v), sorted("bca", reverse=True), min(3, 1, 2, key=lambda v: v % 3))
if (n := len("abc")) > 2: print(n)
print([y := 5, y ** 2], y)
print(*[1, 2], *"ab", sep="-", end="!\n")
a, (b, *c), *d = 1, (2, 3, 4), 5, 6
print(a, b, c, d)
*a, b = "xyz"; print(a, b)
try:
    a, b = 1, 2, 3
except ValueError as e:
    print(e)
try:
    a, b, c = 1, 2
except ValueError as e:
    print(e)
i = 0
i, l = 1, [0, 0]; l[i] = i; print(l)
def f2(**kwargs):
    kwargs.setdefault("a", 1); return kwargs
print(f2(), f2(a=2))
print({**{"a": 1}, "b": 2, **{"a": 3}}, [*range(3), *"ab"], {*[1, 2], 2}, (*[1], 2))
def ret():
    for i in range(3):
        try:
            return i
        finally:
            print("fin", i)
print(ret())
def loop():
    for i in range(5):
        if i == 1: continue
        if i == 3: break
        print(i)
    else:
        print("no break")
    for i in []: pass
    else: print("else")
    while True:
        break
    else: print("never")
loop()
print(1 if 0 else 2, not 1, 1 and 0 or 3, 1 < 2 < 3, 1 < 3 < 2, 3 in [1, 2, 3], None is None)
assert True, "no"
try:
    assert 1 == 2, f"msg {1+1}"
except AssertionError as e:
    print("assert", e)
del a
try:
    a
except NameError as e:
    print(e)
