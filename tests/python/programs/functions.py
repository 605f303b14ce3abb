# Functions: arguments, closures, decorators, generators, comprehensions.
def f(a, b=2, *args, c, d=4, **kw):
    return a, b, args, c, d, kw


print(f(1, c=3), f(1, 2, 3, 4, c=5, e=6), f(*[1, 2], **{"c": 3, "z": 1}))
for bad in (lambda: f(), lambda: f(1), lambda: f(1, c=1, a=2)):
    try:
        bad()
    except TypeError as e:
        print(e)


def g(x, /, y):
    return x, y


print(g(1, y=2))
for bad in (lambda: g(x=1, y=2), lambda: g(1), lambda: g(1, 2, 3), lambda: g(1, 2, z=3)):
    try:
        bad()
    except TypeError as e:
        print(e)


def h(x, *, k):
    return x + k


for bad in (lambda: h(1), lambda: h(1, 2), lambda: h(1, 2, k=1)):
    try:
        bad()
    except TypeError as e:
        print(e)


def counter():
    n = 0

    def inc(by=1):
        nonlocal n
        n += by
        return n

    def get():
        return n

    return inc, get


inc, get = counter()
inc()
inc(5)
print(get())
total = 0


def add(x):
    global total
    total += x


add(3)
add(4)
print(total)


def deco(tag):
    def wrap(fn):
        def inner(*a, **k):
            return (tag, fn(*a, **k))

        inner.__name__ = fn.__name__
        return inner

    return wrap


@deco("outer")
@deco("inner")
def target(x):
    "docs"
    return x * 2


print(target(4), target.__name__)
fs = [lambda: i for i in range(3)]
print([q() for q in fs], [q() for q in [lambda i=i: i for i in range(3)]])


def gen(n):
    i = 0
    while i < n:
        sent = yield i
        if sent:
            i = sent
        else:
            i += 1
    return "done"


def outer():
    r = yield from gen(2)
    print("inner returned", r)
    yield "last"


print(list(gen(3)), list(outer()))
it = gen(10)
print(next(it), it.send(7), next(it), next(it, "end"))
try:
    next(gen(0))
except StopIteration as e:
    print("stop", e.value)


def cleanup():
    try:
        yield 1
        yield 2
    except ValueError as e:
        yield ("caught", str(e))
    finally:
        print("cleanup")


c = cleanup()
print(next(c), c.throw(ValueError("inside")))
c.close()
c2 = cleanup()
next(c2)
c2.close()
try:
    next(c2)
except StopIteration:
    print("closed")


def bad_gen():
    yield 1
    raise StopIteration


try:
    list(bad_gen())
except RuntimeError as e:
    print(e)
print(sum(x * x for x in range(5)), [*range(3), *"ab"], {*[1, 2], 3} == {1, 2, 3}, {**{"a": 1}, "b": 2})
print([(x, y) for x in range(3) if x for y in range(x)], {x % 3 for x in range(10)} == {0, 1, 2})
print([[j for j in range(i)] for i in range(4)], {k: v for k, v in [("a", 1)]})
a, (b, *c), d = 1, (2, 3, 4), 5
print(a, b, c, d)
first, *mid, last = range(5)
print(first, mid, last)
[x, y] = "ab"
print(x, y)
for bad in ("a, b = 1, 2, 3", "a, b = [1]", "a, *b = []", "a, b = 5"):
    pass
try:
    a, b = 1, 2, 3
except ValueError as e:
    print(e)
try:
    a, b, c = [1]
except ValueError as e:
    print(e)
try:
    a, b, *c = [1]
except ValueError as e:
    print(e)
try:
    a, b = 5
except TypeError as e:
    print(e)
if (n := 10) > 5:
    print("walrus", n)
print([y := 1, y**2], [last := v for v in range(3)], last)
x = y = z = []
x.append(1)
print(z, x is y)
i = 5
i += 1
i -= 2
i *= 3
i //= 2
i **= 2
i %= 7
i |= 8
i &= 13
i ^= 1
i <<= 2
i >>= 1
print(i)
i /= 4
print(i)
print(1 < 2 < 3, 1 < 3 < 2, 1 == 1 != 2, not 1 in [1], 3 not in [1], None is None, 1 is not None)
print(0 or "x", 1 and "y", "" and 1, None or 0, not "", 1 if 0 else 2)


def early():
    for i in range(10):
        try:
            if i == 2:
                continue
            if i == 4:
                break
            if i == 5:
                return "never"
        finally:
            print("fin", i)
    else:
        print("no else")
    try:
        return "ret"
    finally:
        print("finally after return")


print(early())


def nested():
    try:
        try:
            raise ValueError("a")
        finally:
            print("f1")
    except ValueError as e:
        try:
            raise KeyError("b") from e
        except KeyError as k:
            return type(k.__cause__).__name__, type(k.__context__).__name__
    else:
        print("not here")


print(nested())


def override():
    try:
        raise ValueError
    finally:
        return "swallowed"


print(override())


def reraise():
    try:
        try:
            1 / 0
        except ZeroDivisionError:
            raise
    except ArithmeticError as e:
        return str(e)


print(reraise())
try:
    try:
        raise ValueError("x")
    except TypeError:
        print("no")
    except (KeyError, ValueError) as e:
        print("yes", e)
    else:
        print("no")
    finally:
        print("fin")
except Exception:
    print("no")
try:
    e
except NameError as err:
    print(err)
try:
    pass
except Exception:
    print("no")
else:
    print("else")


def unbound():
    print(q)
    q = 1


try:
    unbound()
except UnboundLocalError as e:
    print(e)


def free():
    def inner():
        return v

    try:
        return inner()
    except NameError as e:
        print(e)
    v = 1


free()
try:
    assert 1 == 2, "math"
except AssertionError as e:
    print("assert", e)
try:
    raise "x"
except TypeError as e:
    print(e)
while True:
    n -= 1
    if n < 5:
        break
else:
    print("no")
print(n)
del n
try:
    n
except NameError as e:
    print(e)


def defaults(a, l=[]):
    l.append(a)
    return l


defaults(1)
print(defaults(2), defaults.__defaults__, f.__kwdefaults__)
f.attr = 5
print(f.attr, f.__name__, (lambda: 0).__name__, f.__code__.co_varnames[:6], f.__code__.co_argcount)
print((lambda *a, **k: (a, k))(1, 2, x=3))


def annotated(x: int, y: "str" = "a") -> float:
    z: int = 3
    w: undefined_name
    return z


print(annotated(1))
print(list(map(lambda a, b: a + b, [1, 2], [3, 4])), list(filter(None, [0, 1, "", 2])), list(zip("ab", [1, 2, 3])))
print(list(enumerate("ab", 1)), sorted([3, 1, 2], key=lambda v: -v), sorted("hello", reverse=True), list(reversed([1, 2])))
print(max(3, 1), min([2, 1]), max("abc", key=lambda ch: -ord(ch)), max([], default=0), any([0, 1]), all([]), sum([[1], [2]], []))
print(callable(len), len.__name__, list(iter(lambda it=iter([1, 2, 0, 3]): next(it), 0)))


def recursive(n):
    return 0 if n == 0 else 1 + recursive(n - 1)


print(recursive(150))


def kwonly_order(**kw):
    return list(kw)


print(kwonly_order(z=1, a=2, m=3))
try:
    f(1, **{"c": 1}, **{"c": 2})
except TypeError as e:
    print(e)
try:
    len()
except TypeError as e:
    print("TypeError")
try:
    (5)()
except TypeError as e:
    print(e)
print(type(gen(1)).__name__, type(f).__name__, type(len).__name__, type("".join).__name__)
matrix = [[1, 2], [3, 4]]
matrix[0][1] += 10
print(matrix, [r[::-1] for r in matrix])
print(*[1, 2], sep="-", end="!\n")
