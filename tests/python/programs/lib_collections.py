import collections
from collections import OrderedDict, defaultdict, deque, namedtuple, Counter, ChainMap
from collections.abc import Iterable, Sequence, Mapping, Callable, Hashable, Sized, Container, MutableMapping, Iterator, Set, MutableSequence, Generator, Collection
d = OrderedDict([("a", 1), ("b", 2), ("c", 3)])
d.move_to_end("a"); print(d); d.move_to_end("c", last=False); print(list(d), d.popitem(), d.popitem(last=False), d)
print(OrderedDict(a=1) == {"a": 1}, OrderedDict([("a", 1), ("b", 2)]) == OrderedDict([("b", 2), ("a", 1)]), OrderedDict(), OrderedDict(x=1).copy(), list(reversed(OrderedDict(a=1, b=2))))
print(OrderedDict.fromkeys("ab", 3), isinstance(d, dict), type(d | {"q": 1}).__name__, dict(d))
dd = defaultdict(list); dd["a"].append(1); dd["b"]; print(dd, dict(dd), dd.get("zz"), "zz" in dd, len(dd))
print(defaultdict(int, a=1)["q"], defaultdict(None, {"x": 1}), defaultdict(lambda: defaultdict(int))["a"]["b"])
try: defaultdict(None)["q"]
except KeyError as e: print("KeyError", e)
q = deque([1, 2, 3], maxlen=3); q.append(4); print(q); q.appendleft(0); print(q, len(q), q[0], q[-1], 4 in q, list(q))
q = deque("abc"); q.rotate(1); print(q); q.rotate(-2); print(q, q.pop(), q.popleft(), q); q.extend([1, 2]); q.extendleft([3, 4]); print(q, q.count(1), q.index(2)); q.remove(1); q.reverse(); print(q, deque([1]) == deque([1]), bool(deque()))
try: deque().pop()
except IndexError as e: print(e)
P = namedtuple("P", "x y z", defaults=[9]); p = P(1, 2); print(p, p.x, p[1], p._fields, p._asdict(), p._replace(x=5), P._make([1, 2, 3]), p == (1, 2, 9), len(p), P._field_defaults)
a, b, c = p; print(a, b, c, isinstance(p, tuple), hash(p) == hash((1, 2, 9)), P.__name__, [*p], p + (1,), p.count(1))
for call in (lambda: P(), lambda: P(1), lambda: P(1, 2, 3, 4), lambda: P(1, 2, w=3), lambda: namedtuple("Q", "a a"), lambda: namedtuple("Q", "1a"), lambda: namedtuple("Q", "def")):
    try: call()
    except (TypeError, ValueError) as e: print(type(e).__name__, e)
class P2(namedtuple("Base", ["u", "v"])):
    __slots__ = ()
    def total(self): return self.u + self.v
print(P2(1, 2).total(), P2(1, v=3), P2(1, 2)._replace(u=7))
try: p.x = 3
except AttributeError as e: print("AttributeError")
c = Counter("abracadabra"); print(c, c["a"], c["zz"], c.most_common(2), sorted(c.elements())[:3], sum(c.values()), c + Counter("aa"), c - Counter("aaaaa"), c & Counter("ab"), Counter(a=1) | Counter(b=2))
c.update("zz"); c.subtract({"a": 1}); print(c["z"], c["a"], Counter([1, 1, 2]) == Counter({1: 2, 2: 1}), c.total())
m = ChainMap({"a": 1}, {"a": 2, "b": 3}); print(m["a"], m["b"], len(m), sorted(m), "b" in m, m.get("q"), m.maps, m.new_child({"c": 1})["c"], m.parents, dict(m)); m["z"] = 1; print(m.maps[0])
for t in (Iterable, Sequence, Mapping, Callable, Hashable, Sized, Container, MutableMapping, Iterator, Set, MutableSequence, Generator, Collection):
    print(t.__name__, [isinstance(v, t) for v in ([], (), "s", {}, set(), 1, len, iter([]), (i for i in []), range(3), None, b"", frozenset(), OrderedDict(), deque(), p)])
class It:
    def __iter__(self): return iter([1])
class Both(It):
    def __len__(self): return 1
    def __contains__(self, x): return x == 1
print(isinstance(It(), Iterable), isinstance(It(), Sized), isinstance(Both(), Collection), issubclass(list, Sequence), issubclass(dict, Mapping), issubclass(It, Iterable))
class Seq(Sequence):
    def __init__(self, *v): self.v = v
    def __getitem__(self, i): return self.v[i]
    def __len__(self): return len(self.v)
s = Seq(1, 2, 3); print(list(s), 2 in s, list(reversed(s)), s.index(3), s.count(1), isinstance(s, Iterable))
class Mp(MutableMapping):
    def __init__(self): self.d = {}
    def __getitem__(self, k): return self.d[k]
    def __setitem__(self, k, v): self.d[k] = v
    def __delitem__(self, k): del self.d[k]
    def __iter__(self): return iter(self.d)
    def __len__(self): return len(self.d)
x = Mp(); x.update(a=1, b=2); print(dict(x), x.pop("a"), x.get("q", 5), list(x.items()), list(x.values()), x.setdefault("n", 3), "n" in x, x == {"b": 2, "n": 3}, x.popitem(), len(x))
try: Sequence()
except TypeError as e: print(e)
try: x.pop("nope")
except KeyError as e: print("KeyError", e)
class UD(collections.UserDict): pass
u = UD(a=1); u["b"] = 2; print(u, dict(u), "a" in u)
