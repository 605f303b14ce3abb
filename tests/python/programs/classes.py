# Classes: inheritance, C3, super, descriptors, metaclasses, special methods.
class A:
    kind = "a"

    def who(self):
        return "A"

    def __init__(self, x=0, *rest, key=None, **extra):
        self.x = x
        self.rest = rest
        self.key = key
        self.extra = extra


class B(A):
    def who(self):
        return "B" + super().who()


class C(A):
    def who(self):
        return "C" + super().who()


class D(B, C):
    def who(self):
        return "D" + super().who()


print(D().who(), [c.__name__ for c in D.__mro__])
d = D(1, 2, 3, key=4, z=5)
print(d.x, d.rest, d.key, d.extra, d.kind, D.kind)
d.kind = "own"
print(d.kind, D.kind, sorted(d.__dict__))
del d.kind
print(d.kind)
try:
    class Bad(A, B):
        pass
except TypeError as e:
    print("MRO refused")


class P:
    def __init__(self):
        self._v = 1

    @property
    def v(self):
        "doc"
        return self._v

    @v.setter
    def v(self, value):
        self._v = value * 2

    @v.deleter
    def v(self):
        print("deleted")

    @staticmethod
    def s(a, b=2):
        return a + b

    @classmethod
    def c(cls, n):
        return cls.__name__ * n


p = P()
p.v = 5
print(p.v, P.s(1), p.s(1, 1), P.c(2), p.c(1))
del p.v
try:
    A().nothing
except AttributeError as e:
    print(e)


class Ro:
    @property
    def r(self):
        return 1


try:
    Ro().r = 2
except AttributeError as e:
    print(e)


class Typed:
    def __set_name__(self, owner, name):
        self.name = "_" + name
        print("set_name", owner.__name__, name)

    def __get__(self, obj, cls):
        if obj is None:
            return self
        return getattr(obj, self.name, "unset")

    def __set__(self, obj, value):
        if not isinstance(value, int):
            raise TypeError(f"{self.name} must be int")
        setattr(obj, self.name, value)


class UsesTyped:
    a = Typed()


u = UsesTyped()
print(u.a)
u.a = 3
print(u.a, u.__dict__)
try:
    u.a = "x"
except TypeError as e:
    print("TypeError", e)


class Registry:
    known = []

    def __init_subclass__(cls, /, tag=None, **kw):
        super().__init_subclass__(**kw)
        Registry.known.append((cls.__name__, tag))


class R1(Registry, tag="one"):
    pass


class R2(R1):
    pass


print(Registry.known)


class Meta(type):
    def __new__(mcls, name, bases, ns, **kw):
        ns["made_by"] = mcls.__name__
        return super().__new__(mcls, name, bases, ns)

    def __call__(cls, *args, **kw):
        print("making", cls.__name__)
        return super().__call__(*args, **kw)

    def __len__(cls):
        return 42

    def __iter__(cls):
        return iter(["i", cls.__name__])

    def __getitem__(cls, k):
        return k * 2

    def __contains__(cls, k):
        return k == 1


class M(metaclass=Meta):
    def __init__(self, a):
        self.a = a


m = M(3)
print(m.a, M.made_by, len(M), list(M), M[4], 1 in M, 2 in M, type(M).__name__, isinstance(M, Meta))


class V:
    def __init__(self, *v):
        self.v = list(v)

    def __repr__(self):
        return "V(%s)" % ", ".join(map(repr, self.v))

    def __add__(self, o):
        if not isinstance(o, V):
            return NotImplemented
        return V(*[a + b for a, b in zip(self.v, o.v)])

    def __radd__(self, o):
        return V(*[o + a for a in self.v])

    def __iadd__(self, o):
        self.v = [a + 10 for a in self.v]
        return self

    def __mul__(self, k):
        return V(*[a * k for a in self.v])

    __rmul__ = __mul__

    def __neg__(self):
        return V(*[-a for a in self.v])

    def __invert__(self):
        return "inv"

    def __abs__(self):
        return "abs"

    def __eq__(self, o):
        return isinstance(o, V) and self.v == o.v

    def __hash__(self):
        return hash(tuple(self.v))

    def __lt__(self, o):
        return self.v < o.v

    def __len__(self):
        return len(self.v)

    def __getitem__(self, i):
        return V(*self.v[i]) if isinstance(i, slice) else self.v[i]

    def __setitem__(self, i, x):
        self.v[i] = x

    def __delitem__(self, i):
        del self.v[i]

    def __contains__(self, x):
        return x in self.v

    def __iter__(self):
        return iter(self.v)

    def __call__(self, *a, **k):
        return (a, k)

    def __bool__(self):
        return any(self.v)

    def __matmul__(self, o):
        return sum(a * b for a, b in zip(self.v, o.v))

    def __format__(self, spec):
        return "V:" + spec

    def __index__(self):
        return 2

    def __round__(self, n=None):
        return ("round", n)

    def __reversed__(self):
        return iter("reversed")


a, b = V(1, 2), V(3, 4)
print(a + b, 1 + a, a * 3, 3 * a, -a, ~a, abs(a), a == V(1, 2), a != V(1, 2), a < b, len(a), a[0], a[0:1], 2 in a, 5 in a)
print(list(a), a(1, k=2), bool(V(0)), a @ b, f"{a:xyz}", [10, 20, 30][a], round(a), round(a, 2), "".join(reversed(a)))
c = a
c += b
print(c is a, a)
a[0] = 99
del a[1]
print(a, {V(1): 2}[V(1)], hash(V(1)) == hash(V(1)))
try:
    a + "x"
except TypeError as e:
    print(e)
try:
    a > 3
except TypeError as e:
    print(e)


class OnlyGetItem:
    def __getitem__(self, i):
        if i > 3:
            raise IndexError
        return i * i


print(list(OnlyGetItem()), 9 in OnlyGetItem())


class Dyn:
    def __getattr__(self, name):
        if name.startswith("x"):
            return name.upper()
        raise AttributeError(f"no {name}")

    def __setattr__(self, name, value):
        object.__setattr__(self, name, ("set", value))

    def __delattr__(self, name):
        print("del", name)
        super().__delattr__(name)


y = Dyn()
y.q = 1
print(y.q, y.xa, hasattr(y, "zz"), getattr(y, "zz", "dflt"))
del y.q
try:
    y.q
except AttributeError as e:
    print(e)


class Stack(list):
    def push(self, x):
        self.append(x)
        return self

    def __getitem__(self, i):
        return ("item", super().__getitem__(i))


s = Stack([1, 2])
print(s.push(3), len(s), s[0], isinstance(s, list), s == [1, 2, 3])


class Dd(dict):
    def __missing__(self, k):
        self[k] = v = k * 2
        return v

    def __init__(self, *args, **kw):
        super().__init__(*args, **kw)
        self.extra = 1


dd = Dd({"a": 1}, b=2)
print(dd["zz"], dd, dd.extra, dd.get("none"))


class Name(str):
    def __new__(cls, v, tag):
        o = super().__new__(cls, v)
        o.tag = tag
        return o

    def shout(self):
        return self.upper() + "!"


n = Name("bob", 3)
print(n, n.tag, n.shout(), n + "x", len(n), n == "bob", {"bob": 1}[n], type(n + "").__name__)


class I(int):
    def __add__(self, o):
        return I(int(self) + o + 100)


i = I(5)
print(i + 1, i * 2, type(i * 2).__name__, i == 5, 1 + i, f"{i:03d}", [0] * i, i > 4)


class T(tuple):
    def __new__(cls, *a):
        return super().__new__(cls, a)

    @property
    def first(self):
        return self[0]


t = T(1, 2)
x, *rest = t
print(t, t.first, x, rest, t + (3,), isinstance(t, tuple))


class E(Exception):
    def __init__(self, code):
        super().__init__("code %d" % code)
        self.code = code


try:
    raise E(7)
except E as e:
    print(e, e.code, e.args, repr(e))


class Ctx:
    def __init__(self, swallow):
        self.swallow = swallow

    def __enter__(self):
        print("enter")
        return "value"

    def __exit__(self, t, v, tb):
        print("exit", t.__name__ if t else None, v)
        return self.swallow


with Ctx(True) as v:
    print(v)
    raise ValueError("boom")
try:
    with Ctx(False), Ctx(False):
        raise KeyError("k")
except KeyError as e:
    print("outer", e)


def f():
    with Ctx(False):
        return "returned"


print(f())
for _ in range(2):
    with Ctx(True):
        if _ == 0:
            continue
        break


class G:
    def __class_getitem__(cls, item):
        return f"{cls.__name__}[{item}]"


print(G[int], A.who.__name__, D.who.__qualname__, A.__module__, type(A()).__name__)


class Outer:
    class Inner:
        def m(self):
            return __class__.__qualname__

    z = [i for i in range(3)]
    w = Inner


print(Outer.Inner().m(), Outer.z, Outer.w.__qualname__)


class Private:
    def __init__(self):
        self.__secret = 1

    def get(self):
        return self.__secret


print(Private().get(), list(Private().__dict__))
print(isinstance(True, int), issubclass(bool, int), isinstance(1, (str, int)), type(1) is int, type(None).__name__)
X = type("X", (A,), {"f": lambda self: self.x + 1})
print(X(4).f(), X.__name__, X.__bases__[0].__name__)
print(A.__dict__["kind"], "who" in A.__dict__, vars(A(3))["x"])


class Slots:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a = 1


print(Slots().a)


class Cached:
    @property
    def fails(self):
        raise AttributeError("inside property")

    def __getattr__(self, n):
        return "fallback " + n


print(Cached().fails)


class Eq:
    def __eq__(self, o):
        return True


try:
    hash(Eq())
except TypeError as e:
    print(e)
print(Eq() == 1, 1 == Eq(), Eq() != 1, [Eq()] == [5], 3 in [Eq()])
b1 = A().who
print(b1(), b1.__self__.__class__.__name__, b1.__func__ is A.who, A().who == A().who)
o = A()
print(o.who == o.who, callable(o), callable(o.who), callable(A))
print(object.__repr__ is not None, object() == object())
