def t(f):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, "|", e)
t(lambda: 1 / 0); t(lambda: 1 // 0); t(lambda: 1 % 0); t(lambda: 1.0 / 0); t(lambda: 0 ** -1)
t(lambda: [][0]); t(lambda: {}["k"]); t(lambda: (1,)[5]); t(lambda: "abc"[9]); t(lambda: None.x); t(lambda: int("z"))
t(lambda: float("q")); t(lambda: 1 + "a"); t(lambda: "a" + 1); t(lambda: [] + ()); t(lambda: undefined_name)
t(lambda: len(5)); t(lambda: iter(5)); t(lambda: (lambda x: x())(5)); t(lambda: (lambda x: x[0])(None)); t(lambda: (lambda x: x[0])(5)); t(lambda: -"a"); t(lambda: {}.missing)
t(lambda: [1, 2].index(5)); t(lambda: [].pop()); t(lambda: set().pop()); t(lambda: {}.popitem()); t(lambda: next(iter([])))
t(lambda: {[]: 1}); t(lambda: hash([])); t(lambda: {1} < 5); t(lambda: 1 < "a"); t(lambda: sorted([1, "a"])); t(lambda: range(1, 2, 0))
t(lambda: "abc".index("z")); t(lambda: int([])); t(lambda: object().x); t(lambda: isinstance(1, 1)); t(lambda: chr(-1)); t(lambda: ord("ab"))
t(lambda: "%d" % "a"); t(lambda: "{}".format()); t(lambda: "{a}".format()); t(lambda: (lambda a: a)()); t(lambda: max([]))
t(lambda: sum(["a"])); t(lambda: zip(1)); t(lambda: dict([1])); t(lambda: getattr(1, "foo")); t(lambda: [1].remove(2)); t(lambda: [1, 2][::0])
t(lambda: abs("a")); t(lambda: "x" * "y"); t(lambda: 1 @ 2); t(lambda: (lambda x: x())({})); t(lambda: round("a"))
try:
    try:
        raise ValueError("a")
    except ValueError as e:
        raise KeyError("b") from e
except KeyError as k:
    print(repr(k), repr(k.__cause__), k.__suppress_context__)
try:
    try:
        1 / 0
    except ZeroDivisionError:
        {}["x"]
except KeyError as k:
    print(repr(k.__context__), k.__cause__)
try:
    raise ValueError
except (TypeError, ValueError) as e:
    print(repr(e))
def f():
    try:
        return "try"
    finally:
        print("finally")
print(f())
def g():
    for i in range(3):
        try:
            if i == 1: continue
            if i == 2: break
        finally:
            print("f", i)
    try:
        raise ValueError("x")
    except TypeError:
        print("no")
    except ValueError:
        print("yes")
    else:
        print("else")
    finally:
        print("end")
    try:
        pass
    except Exception:
        pass
    else:
        print("else2")
g()
class MyE(ValueError): pass
try:
    raise MyE(1, 2)
except ValueError as e:
    print(e.args, str(e), isinstance(e, MyE))
try:
    try:
        raise ValueError("orig")
    except ValueError:
        raise
except ValueError as e:
    print("reraised", e)
class CM:
    def __init__(self, n, swallow=False): self.n, self.swallow = n, swallow
    def __enter__(self): print("enter", self.n); return self.n
    def __exit__(self, t, v, tb): print("exit", self.n, t and t.__name__); return self.swallow
with CM(1) as a, CM(2, True) as b:
    print(a, b)
    raise KeyError("inside")
print("after")
try:
    with CM(3):
        raise RuntimeError("out")
except RuntimeError as e:
    print(e)
def h():
    with CM(4):
        return 5
print(h())
try:
    raise 5
except TypeError as e:
    print(e)
try:
    raise StopIteration(3)
except StopIteration as e:
    print(e.value)
def gen():
    yield 1
    raise StopIteration
try:
    list(gen())
except RuntimeError as e:
    print(e)
try:
    x = 1
    del x
    x
except NameError as e:
    print(e, e.name)
try:
    import nonexistent_mod
except ImportError as e:
    print(type(e).__name__, e, e.name)
try:
    from math import nothing_here
except ImportError as e:
    print(str(e).split(' (')[0])
print(issubclass(ModuleNotFoundError, ImportError), issubclass(KeyError, LookupError), issubclass(BaseException, Exception))
e = ValueError("x", 1); print(e, repr(e), e.args)
e = KeyError("k"); print(e, repr(e))
e = OSError(2, "No such file"); print(e.args)
try:
    raise ValueError("n") from None
except ValueError as e:
    print(e.__cause__, e.__suppress_context__)
e = Exception("note"); e.add_note("hello"); print(e.__notes__)
class Both(KeyError, AttributeError): pass
for kind in (KeyError, AttributeError, LookupError):
    try: raise Both("both")
    except kind as e: print(kind.__name__, e, isinstance(e, AttributeError))
