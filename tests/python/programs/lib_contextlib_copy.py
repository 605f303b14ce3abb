import contextlib, copy, warnings, abc, numbers
from contextlib import contextmanager, ExitStack, suppress, nullcontext, closing, redirect_stdout
@contextmanager
def cm(x):
    print("enter", x)
    try: yield x * 2
    except ValueError as e: print("caught", e)
    finally: print("exit", x)
with cm(1) as v: print(v)
with cm(2): raise ValueError("bad")
try:
    with cm(3): raise KeyError("k")
except KeyError as e: print("out", e)
@cm(4)
def decorated(): print("in")
decorated(); decorated()
with suppress(ValueError, KeyError): raise KeyError
with nullcontext(5) as n: print(n)
class Th:
    def close(self): print("closed")
with closing(Th()): print("using")
with ExitStack() as st:
    print(st.enter_context(cm("a")), st.enter_context(cm("b")))
    st.callback(print, "callback", 1)
    st.push(lambda *d: print("pushed", d[0]))
with ExitStack() as st:
    st.push(lambda *d: True)
    raise RuntimeError("swallowed")
@contextmanager
def never():
    if False: yield
try:
    with never(): pass
except RuntimeError as e: print(e)
class Base(contextlib.ContextDecorator):
    def __enter__(self): print("E")
    def __exit__(self, *a): print("X")
@Base()
def d(): return 1
print(d())
a = [1, [2, 3], {"k": (4, [5])}]; b = copy.copy(a); c = copy.deepcopy(a); a[1].append(9); a[2]["k"][1].append(6); print(b, c, b[1] is a[1], c[1] is a[1])
r = [1]; r.append(r); r2 = copy.deepcopy(r); print(r2[1] is r2, r2 is not r)
class O:
    def __init__(self): self.l = [1]; self.o = None
    def __eq__(self, x): return self.__dict__ == x.__dict__
o = O(); o.o = o.l; s = copy.copy(o); d = copy.deepcopy(o); print(s.l is o.l, d.l is o.l, d.o is d.l, type(d).__name__)
class Custom:
    def __init__(self, v): self.v = v
    def __copy__(self): return Custom(self.v + 1)
    def __deepcopy__(self, memo): return Custom(self.v + 10)
print(copy.copy(Custom(1)).v, copy.deepcopy([Custom(1)])[0].v)
class St:
    def __init__(self): self.a = 1; self.b = 2
    def __getstate__(self): return {"a": self.a}
    def __setstate__(self, s): self.__dict__.update(s); self.restored = True
x = copy.deepcopy(St()); print(x.__dict__, copy.copy(St()).__dict__)
class Red:
    def __init__(self, v): self.v = v
    def __reduce__(self): return (Red, (self.v * 2,))
print(copy.copy(Red(2)).v, copy.deepcopy(Red(3)).v)
class DL(dict):
    pass
q = DL(a=[1]); q.attr = 5; w = copy.deepcopy(q); print(w, type(w).__name__, w.attr, w["a"] is q["a"], copy.copy(q)["a"] is q["a"])
t = (1, [2]); print(copy.deepcopy(t)[1] is t[1], copy.copy(t) is t, copy.deepcopy((1, 2)) == (1, 2), copy.deepcopy({1, 2}), copy.deepcopy(frozenset([1])), copy.deepcopy(None), copy.deepcopy(len) is len, copy.deepcopy(O) is O, copy.deepcopy("s"), copy.deepcopy(range(3)))
f = lambda: 1; print(copy.copy(f) is f, copy.deepcopy([f])[0] is f)
class Sub(list): pass
z = Sub([1, [2]]); z.n = 1; y = copy.deepcopy(z); print(y, type(y).__name__, y.n, y[1] is z[1])
memo = {}; l = [1]; both = copy.deepcopy([l, l], memo); print(both[0] is both[1])
with warnings.catch_warnings(record=True) as log:
    warnings.simplefilter("always")
    warnings.warn("hey"); warnings.warn("dep", DeprecationWarning, stacklevel=2); warnings.warn(FutureWarning("fut"))
    print([(str(w.message), w.category.__name__) for w in log])
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try: warnings.warn("raised", UserWarning)
    except UserWarning as e: print("as error", e)
with warnings.catch_warnings():
    warnings.filterwarnings("ignore"); warnings.warn("silent")
class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self): ...
    @property
    @abc.abstractmethod
    def name(self): ...
    def describe(self): return f"{self.name} {self.area()}"
class Sq(Shape):
    name = "sq"
    def __init__(self, s): self.s = s
    def area(self): return self.s ** 2
print(Sq(3).describe(), isinstance(Sq(1), Shape), Shape.__abstractmethods__ == {"area", "name"})
for cls in (Shape, type("Half", (Shape,), {"area": lambda s: 1})):
    try: cls()
    except TypeError as e: print(e)
class Reg(abc.ABC): pass
Reg.register(int); print(isinstance(3, Reg), issubclass(int, Reg), isinstance("a", Reg))
class Hook(abc.ABC):
    @classmethod
    def __subclasshook__(cls, c): return hasattr(c, "quack")
class Duck: quack = 1
print(isinstance(Duck(), Hook), isinstance(1, Hook))
print(isinstance(1, numbers.Number), isinstance(1.5, numbers.Real), isinstance(True, numbers.Integral), isinstance("1", numbers.Number), isinstance(2.0, numbers.Integral))
