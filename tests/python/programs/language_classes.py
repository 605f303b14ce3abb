class A:
    count = 0
    def __init__(self, x): self.x = x; A.count += 1
    def __repr__(self): return f"A({self.x})"
    @property
    def double(self): return self.x * 2
    @double.setter
    def double(self, v): self.x = v / 2
    @double.deleter
    def double(self): self.x = None
    @staticmethod
    def s(a): return a
    @classmethod
    def c(cls, a): return cls(a)
a = A(3); print(a, a.double, A.count, A.s(1), A.c(4))
a.double = 10; print(a.x); del a.double; print(a.x)
class B(A):
    def __init__(self, x, y): super().__init__(x); self.y = y
    def __repr__(self): return "B" + super().__repr__()
print(B(1, 2), B.__mro__, B.__bases__, B.__name__, isinstance(B(1, 2), A), issubclass(B, A))
class X:
    def who(self): return ["X"]
class Y(X):
    def who(self): return ["Y"] + super().who()
class Z(X):
    def who(self): return ["Z"] + super().who()
class W(Y, Z):
    def who(self): return ["W"] + super().who()
print(W().who(), [c.__name__ for c in W.__mro__])
try:
    class Bad(X, W): pass
except TypeError as e:
    print(str(e)[:40])
class Ops:
    def __init__(self, v): self.v = v
    def __add__(self, o): return Ops(self.v + (o.v if isinstance(o, Ops) else o))
    __radd__ = __add__
    def __iadd__(self, o): self.v += o; return self
    def __eq__(self, o): return self.v == o.v if isinstance(o, Ops) else NotImplemented
    def __lt__(self, o): return self.v < o.v
    def __hash__(self): return hash(self.v)
    def __len__(self): return self.v
    def __bool__(self): return self.v > 0
    def __getitem__(self, i): return (self.v, i)
    def __setitem__(self, i, x): print("set", i, x)
    def __delitem__(self, i): print("del", i)
    def __contains__(self, x): return x == self.v
    def __call__(self, *a, **k): return a, k
    def __iter__(self): return iter([self.v, self.v])
    def __neg__(self): return Ops(-self.v)
    def __abs__(self): return abs(self.v)
    def __str__(self): return f"<{self.v}>"
    def __format__(self, s): return f"fmt:{s}"
    def __index__(self): return self.v
    def __matmul__(self, o): return "matmul"
    def __pow__(self, o): return "pow"
    def __enter__(self): print("enter"); return self
    def __exit__(self, t, v, tb): print("exit", t.__name__ if t else None); return True
    def __float__(self): return float(self.v)
    def __int__(self): return self.v
    def __round__(self, n=None): return ("round", n)
    def __reversed__(self): return "rev"
    def __getattr__(self, n):
        if n.startswith("z"): return n * 2
        raise AttributeError(n)
o = Ops(3)
print((o + 1).v, (1 + o).v, o == Ops(3), o != Ops(4), o < Ops(5), o > Ops(1), len(o), bool(o), o[1], o[1:2, ...], 3 in o)
o[0] = 5; del o[2]
print(o(1, k=2), list(o), (-o).v, abs(o), str(o), f"{o:>5}", [10, 20, 30, 40][o], o @ 1, o ** 2, float(o), int(o), round(o), round(o, 2))
o += 4; print(o.v, o.zed, sum([Ops(1), Ops(2)]).v, hash(Ops(5)) == hash(5), {Ops(1): "a"}[Ops(1)], reversed(o))
try: o.other
except AttributeError as e: print("AttributeError", e)
with o as q: raise ValueError("x")
print(hasattr(o, "v"), hasattr(o, "w"), getattr(o, "w", 5), vars(A(1)))
setattr(o, "k", 1); print(o.k, "k" in o.__dict__); delattr(o, "k"); print(hasattr(o, "k"))
class Meta(type):
    def __new__(m, name, bases, ns, **kw):
        ns["added"] = kw.get("flag", 0)
        return super().__new__(m, name, bases, ns)
    def __init__(cls, name, bases, ns, **kw): super().__init__(name, bases, ns)
    def __call__(cls, *a): print("making", cls.__name__); return super().__call__(*a)
    def __len__(cls): return 42
    def __getitem__(cls, i): return i * 2
    def __iter__(cls): return iter("abc")
    def __contains__(cls, x): return x == 1
class M(metaclass=Meta, flag=7): pass
print(M.added, isinstance(M(), M), len(M), M[4], type(M) is Meta, list(M), 1 in M)
class Sub:
    def __init_subclass__(cls, tag=None, **kw): super().__init_subclass__(**kw); cls.tag = tag
class S1(Sub, tag="t"): pass
print(S1.tag)
class Desc:
    def __set_name__(self, owner, name): self.name = name
    def __get__(self, obj, owner=None): return self if obj is None else obj.__dict__.get(self.name, "unset")
    def __set__(self, obj, v): obj.__dict__[self.name] = v * 10
class D:
    d = Desc()
x = D(); print(x.d); x.d = 4; print(x.d, x.__dict__, D.d.name)
class Slots:
    __slots__ = ("a", "b")
    def __init__(self): self.a = 1
print(Slots().a)
class Missing(dict):
    def __missing__(self, k): return k.upper()
print(Missing()["abc"], Missing(a=1)["a"])
class L(list):
    def total(self): return sum(self)
l = L([1, 2]); l.append(3); print(l, l.total(), isinstance(l, list), L([1]) == [1], type(l + [1]).__name__, l[0:2])
class I(int):
    def __repr__(self): return f"I({int(self)})"
print(I(5), I(5) + 1, [I(2)], I(3) == 3, isinstance(I(1), int))
class St(str):
    def shout(self): return self.upper() + "!"
print(St("hi").shout(), St("a") + "b", {St("k"): 1}["k"])
class T(tuple):
    def __new__(cls, a, b): return super().__new__(cls, (a, b))
print(T(1, 2), T(1, 2)[1], T(1, 2) == (1, 2))
class F(float): pass
print(F(1.5) * 2, F(2) == 2.0)
class E(Exception):
    def __init__(self, code): super().__init__(f"code {code}"); self.code = code
try: raise E(5)
except E as e: print(e, e.code, e.args, repr(e))
class Node:
    _all = []
    def __new__(cls, *a):
        self = super().__new__(cls); cls._all.append(a); return self
    def __init__(self, *a): self.a = a
print(Node(1, 2).a, Node._all)
class P:
    __x = 1
    def get(self): return self.__x
    def __priv(self): return "priv"
    def call(self): return self.__priv()
print(P().get(), P().call(), P._P__x, hasattr(P, "__x"))
K = type("K", (A,), {"z": 5, "m": lambda self: self.z}); print(K(1).m(), K.__name__, type(K(1)) is K)
class G:
    def __getattribute__(self, n):
        if n == "magic": return "m"
        return object.__getattribute__(self, n)
    def __setattr__(self, n, v): object.__setattr__(self, n, v + 1)
    def __delattr__(self, n): print("del", n)
g = G(); g.a = 1; print(g.a, g.magic); del g.a
class Prop:
    @property
    def bad(self): raise AttributeError("inner")
    def __getattr__(self, n): return f"fallback {n}"
print(Prop().bad)
print(A.__dict__["count"], A.__doc__, type(A).__name__, A.__module__ == __name__, A.__qualname__)
class Outer:
    class Inner:
        pass
print(Outer.Inner.__qualname__, Outer.Inner)
class Cmp:
    def __eq__(self, o): return "eq"
    def __ne__(self, o): return "ne"
    def __ge__(self, o): return "ge"
print(Cmp() == 1, Cmp() != 1, Cmp() >= 1, 1 <= Cmp())
try: Cmp() < 1
except TypeError as e: print(e)
try: hash(Cmp())
except TypeError as e: print(e)
class CG:
    def __class_getitem__(cls, k): return (cls.__name__, k)
print(CG[int])
b = A.__init__; print(b.__name__)
print(callable(A), callable(a.c), callable(5), a.c.__self__ is A, a.__class__ is A)
print(object() == object(), isinstance(1, object), type(None), type(...), type(NotImplemented).__name__)
