import inspect, math, json, io, os, os.path, string, textwrap, sys, importlib, logging, weakref, threading, unittest, pathlib, traceback, platform, operator
from inspect import signature, Parameter, Signature
def f(a, b: int = 1, *args: str, c, d: "x" = None, **kw) -> float: pass
s = signature(f); print(s, list(s.parameters), s.return_annotation, s.parameters["b"].default, s.parameters["c"].kind, s.parameters["a"].default is Parameter.empty, s.parameters["args"].kind == Parameter.VAR_POSITIONAL, s.parameters["d"].annotation)
class C:
    def __init__(self, x, y=2): pass
    def m(self, q, *, r=1): pass
    @classmethod
    def cm(cls, z): pass
    @staticmethod
    def sm(w): pass
    def __call__(self, k): pass
print(signature(C), signature(C.m), signature(C(1).m), signature(C.cm), signature(C.sm), signature(C(1)))
import functools
print(signature(functools.partial(f, 1, c=2)), signature(functools.partial(C, 1)), signature(lambda: 0), signature(lambda x, /, y: 0))
@functools.wraps(f)
def w(*a, **k): pass
print(signature(w), signature(w, follow_wrapped=False))
b = s.bind(1, 2, 3, c=4, z=5); print(b.arguments, b.args, b.kwargs); b = signature(C.m).bind(0, 1); b.apply_defaults(); print(b.arguments)
for call in (lambda: s.bind(), lambda: s.bind(1), lambda: signature(C.sm).bind(1, 2), lambda: signature(C.sm).bind(q=1), lambda: signature(5)):
    try: call()
    except TypeError as e: print(e)
print(s.replace(parameters=list(s.parameters.values())[:2]), Parameter("p", Parameter.KEYWORD_ONLY, default=3), inspect.getfullargspec(f)[:4], Signature([Parameter("z", Parameter.POSITIONAL_OR_KEYWORD)]))
print(inspect.isclass(C), inspect.isfunction(f), inspect.ismethod(C(1).m), inspect.ismodule(math), inspect.isbuiltin(len), inspect.isgeneratorfunction(f), inspect.unwrap(w) is f, [n for n, v in inspect.getmembers(C, inspect.isfunction)], inspect.cleandoc("  a\n    b\n    c"))
print(math.floor(-2.5), math.ceil(2.1), math.trunc(-2.7), math.gcd(12, 18), math.lcm(4, 6), math.factorial(10), math.comb(5, 2), math.perm(5, 2), math.isqrt(17), math.prod([1, 2, 3]), math.fsum([0.1] * 10), math.hypot(3, 4), math.isclose(1, 1 + 1e-10), math.log(8, 2), math.log2(8), math.log10(1000), math.log(math.e), math.exp(0), math.pow(2, 3), math.fmod(-7, 3), math.copysign(1, -0.0), math.erf(0.5), math.gamma(5), math.degrees(math.pi), math.inf, math.isnan(math.nan), math.isinf(-math.inf), math.isfinite(1), math.modf(2.5), math.frexp(8), math.ldexp(1, 3), math.tau, math.sin(1), math.atan2(1, 2), math.sqrt(16), math.expm1(1e-10), math.dist([0, 0], [3, 4]), math.ceil(5), math.sqrt(2), math.cbrt(27))
for call in (lambda: math.sqrt(-1), lambda: math.log(0), lambda: math.exp(1000), lambda: math.ceil(math.inf), lambda: math.floor(math.nan), lambda: math.sqrt("a"), lambda: math.factorial(-1), lambda: math.log(-1)):
    try: print(call())
    except Exception as e: print(type(e).__name__, e)
print(json.dumps({"a": [1, 2.5, None, True, "x\"\n\u00e9"], "b": {}}), json.dumps([1, {"z": 1, "a": 2}], indent=2, sort_keys=True), json.dumps("é", ensure_ascii=False), json.dumps((1, 2)), json.dumps({1: 2}), json.dumps([], indent=1), json.dumps(1e100), json.dumps(float("nan")), json.dumps({"a": 1}, separators=(",", ":")))
print(json.loads('{"a": [1, -2.5e3, null, true, "x\\n\\u00e9\\ud83d\\ude00"], "b": {}}'), json.loads(" [ ] "), json.loads('"s"'), json.loads("3"), json.load(io.StringIO("[1]")))
for bad in ("{", "[1,]", "nul", '{"a" 1}', "1 2", '"abc'):
    try: json.loads(bad)
    except ValueError as e: print(type(e).__name__, e)
b = io.StringIO(); b.write("line1\nline2\n"); b.seek(0); print(b.readline(), b.read(), list(io.StringIO("a\nb")), io.BytesIO(b"abc").read(2), b.getvalue()); print("x", 1, sep="-", end="|\n", file=b); print(repr(b.getvalue()))
print(os.path.join("a", "b"), os.path.join("a", "/b"), os.path.basename("a/b.c"), os.path.dirname("a/b/c"), os.path.splitext("a.b/c.d.e"), os.path.splitext(".bash"), os.path.normpath("a//b/../c/."), os.path.exists("/nope"), os.path.isabs("/a"), os.path.split("/a/b/"), os.environ.get("NOPE_X", "d"), os.sep, os.getenv("NOPE_X"), os.path.relpath("/a/b", "/a/c"), os.path.commonprefix(["abc", "abd"]))
print(string.ascii_lowercase, string.digits, string.punctuation, string.capwords("a b"), string.Template("$x-${y}").substitute(x=1, y=2), textwrap.dedent("  a\n    b\n  c\n"), textwrap.indent("a\nb", "> "), textwrap.fill("aaa bbb ccc", 7), textwrap.shorten("hello world foo", 11))
print(sys.version_info[:2], sys.version_info >= (3, 8), sys.maxsize, sys.platform, sys.byteorder, sys.version_info.major, "math" in sys.modules, sys.modules["math"] is math, sys.float_info.epsilon)
print(importlib.import_module("os.path") is os.path, importlib.import_module("math").pi)
log = logging.getLogger("x.y"); log.info("hi %s", 1); log.setLevel(logging.DEBUG); print(log.name, logging.INFO, logging.getLogger("x.y") is log)
r = weakref.ref(C); print(r() is C); lock = threading.Lock()
with lock: print(lock.locked())
loc = threading.local(); loc.x = 1; print(loc.x)
class T(unittest.TestCase):
    def test_it(self):
        self.assertEqual(1, 1); self.assertTrue(True); self.assertIn(1, [1]); self.assertAlmostEqual(1.0, 1.00000001)
        with self.assertRaises(ValueError): raise ValueError("q")
        try: self.assertEqual(1, 2)
        except AssertionError as e: print(e)
T("test_it").test_it()
p = pathlib.PurePosixPath("a/b") / "c.tar.gz"; print(p, p.name, p.stem, p.suffix, p.parent, p.parts, p.with_suffix(".x"), p.as_posix(), str(p) == "a/b/c.tar.gz")
try: 1 / 0
except Exception as e: print(traceback.format_exception_only(e))
