# Programs that change data while it is being looked at, and edges of 64 bits.
class Clears:
    def __init__(self, target, value=0):
        self.target = target
        self.value = value

    def __index__(self):
        self.target.clear()
        return self.value

    def __eq__(self, other):
        self.target.clear()
        return False

    def __hash__(self):
        return 1


l = [1, 2, 3]
try:
    l[Clears(l)]
except IndexError as e:
    print(e)
l = [1, 2, 3]
print(l[Clears(l):])
l = [1, 2, 3]
l[Clears(l):5] = [9]
print(l)
l = [1, 2, 3]
try:
    l[Clears(l)] = 1
except IndexError as e:
    print(e)
l = [1, 2, 3]
try:
    del l[Clears(l, 1)]
except IndexError as e:
    print(e)
l = [1, 2, 3]
try:
    l.pop(Clears(l))
except IndexError as e:
    print(e)
l = [1, 2, 3]
print(Clears(l) in l, l)
l = [Clears([]), 2, 3]
l[0].target = l
print(l.count(5), l)
l = [3, 2, 1]
try:
    l.sort(key=lambda v: (l.append(v), v)[1])
except ValueError as e:
    print(e, l)
l = [3, 2, 1]
l.sort(key=lambda v: (print(l), v)[1])
try:
    l.sort(key=lambda v: v.nope)
except AttributeError:
    print(l)
d = {1: 2}
k = Clears(d)
print(d.get(k), d)
l = [1, 2, 3]
for v in l:
    if len(l) < 6:
        l.append(v * 10)
print(l)
l = [1, 2, 3, 4]
for v in l:
    l.remove(v)
print(l)
l = [1]
l.extend(l)
l += l
l[1:1] = l
print(l)
s = {1, 2}
try:
    for v in s:
        s.add(v + 10)
except RuntimeError as e:
    print(e)


class Bad:
    def __len__(self):
        return -1

    def __bool__(self):
        return "yes"

    def __iter__(self):
        return 5

    def __repr__(self):
        return 5

    def __hash__(self):
        return "x"

    def __index__(self):
        return "i"

    def __contains__(self, x):
        raise KeyError("c")


for op in (len, bool, iter, repr, hash, lambda b: [1][b], lambda b: 1 in b, lambda b: range(b), str, lambda b: f"{b}", lambda b: [*b], lambda b: int(b)):
    try:
        op(Bad())
        print("no error")
    except (TypeError, ValueError, KeyError) as e:
        print(type(e).__name__)
m = 2**62 - 1 + 2**62
print(m, -m - 1, range(m)[-1], range(-m - 1, m, m)[2], (m - 1) // 2, m % 10, -m // 7, list(range(m - 1, m)), m - 1 in range(m), hash(m) == hash(m))
print("abc"[-m:m], [1, 2][m:], (1, 2)[: -m - 1], "x".ljust(-m - 1), "x".zfill(-5), round(m), "%d" % -m, f"{-m - 1:x}", divmod(-m, 3))


class Chain:
    def __getattr__(self, n):
        if n == "stop":
            raise AttributeError("stopped")
        return self


print(hasattr(Chain().a.b.c, "stop"), getattr(Chain().x, "stop", "default"))
try:
    exec_ = type("X", (), {"__call__": 5})()
    exec_()
except TypeError as e:
    print(e)
try:
    class M(type):
        def __instancecheck__(cls, x):
            return x == 3

    class N(metaclass=M):
        pass

    print(isinstance(3, N), isinstance(4, N))
except TypeError as e:
    print(e)


def self_ref():
    yield next(g)


g = self_ref()
try:
    next(g)
except ValueError as e:
    print(e)
x = []
x.append(x)
print(x == x, x[0][0][0] is x)
try:
    raise TypeError from 5
except TypeError as e:
    print(e)
try:
    try:
        raise KeyError("a")
    finally:
        raise ValueError("b")
except ValueError as e:
    print(repr(e.__context__))
try:
    (lambda: (yield))().throw(5)
except TypeError as e:
    print(e)
print(type(object())(), object.__new__(type("Y", (), {})).__class__.__name__) if False else print("ok")
