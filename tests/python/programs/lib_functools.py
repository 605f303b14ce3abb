import functools, operator, itertools
from functools import partial, wraps, reduce, lru_cache, cache, cached_property, total_ordering, singledispatch, partialmethod, cmp_to_key
p = partial(int, base=2); print(p("101"), p.func is int, p.args, p.keywords, partial(p, "11")(), partial(max, 1)(2, 3))
def f(a, b, c=3): return a, b, c
print(partial(f, 1, c=5)(2), partial(partial(f, 1), 2)(c=9), isinstance(p, partial))
def deco(fn):
    @wraps(fn)
    def inner(*a, **k):
        "inner doc"
        return fn(*a, **k)
    return inner
@deco
def named(x: int) -> int:
    "named doc"
    return x
print(named.__name__, named.__doc__, named.__wrapped__(3), named(4), named.__annotations__, named.__qualname__)
print(reduce(operator.add, [1, 2, 3]), reduce(lambda a, b: a * b, [], 7))
try: reduce(operator.add, [])
except TypeError as e: print(e)
calls = []
@lru_cache(maxsize=2)
def sq(x): calls.append(x); return x * x
print(sq(2), sq(2), sq(3), sq(4), sq(2), calls, sq.cache_info()); sq.cache_clear(); print(sq.cache_info(), sq.__name__)
@lru_cache
def one(x): return x
@cache
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(one(1), fib(50), fib.cache_info().hits)
class C:
    n = 0
    @cached_property
    def v(self): self.n += 1; return self.n
    @lru_cache(None)
    def m(self, x): return x + 1
    def base(self, a, b): return a, b
    part = partialmethod(base, 10)
c = C(); print(c.v, c.v, c.n, c.m(1), c.part(5), c.__dict__["v"])
@total_ordering
class O:
    def __init__(self, v): self.v = v
    def __eq__(self, o): return self.v == o.v
    def __lt__(self, o): return self.v < o.v
print(O(1) <= O(1), O(2) > O(1), O(1) >= O(2), O(1) < O(2))
@singledispatch
def show(x): return "object"
@show.register(int)
def _(x): return "int"
@show.register
def _(x: str): return "str"
print(show(1), show("a"), show([]), show(True))
print(sorted([3, 1, 2], key=cmp_to_key(lambda a, b: b - a)))
print(operator.add(1, 2), operator.itemgetter(1)([1, 2]), operator.itemgetter(0, "a") if False else operator.itemgetter(0, 2)("abc"), operator.attrgetter("a.b"), operator.methodcaller("upper")("x"))
print(operator.getitem([1, 2], 1), operator.not_(1), operator.mul(2, 3), operator.contains([1], 1), operator.truediv(1, 2), operator.floordiv(7, 2), operator.neg(1), operator.and_(6, 3), operator.xor(1, 3), operator.index(3), operator.eq(1, 1), operator.lt(1, 2), operator.is_(None, None), operator.iadd([1], [2]), operator.concat("a", "b"), operator.pow(2, 3), operator.mod(7, 3), operator.countOf([1, 1], 1), operator.length_hint([1]), operator.truth([]), operator.invert(1), operator.abs(-2))
l = [1]; operator.setitem(l, 0, 5); print(l, operator.add.__name__, operator.add.__module__)
from itertools import *
print(list(chain([1], "ab")), list(chain.from_iterable([[1], [2]])), list(islice(count(3, 2), 3)), list(islice("abcdef", 1, 5, 2)), list(islice(cycle("ab"), 5)), list(repeat(1, 3)), tuple(itertools.repeat(5, 2)))
print(list(product("ab", [1, 2])), list(product([0, 1], repeat=2)), list(permutations([1, 2, 3], 2)), list(combinations("abc", 2)), list(combinations_with_replacement("ab", 2)), list(permutations([1, 2])))
print(list(accumulate([1, 2, 3])), list(accumulate([1, 2, 3], operator.mul)), list(accumulate([1, 2], initial=10)), list(zip_longest([1, 2], "a", fillvalue="-")), list(starmap(pow, [(2, 3)])), list(takewhile(lambda x: x < 2, [1, 2, 1])), list(dropwhile(lambda x: x < 2, [1, 2, 1])), list(filterfalse(None, [0, 1])), list(compress("abc", [1, 0, 1])), list(pairwise([1, 2, 3])))
print([(k, list(g)) for k, g in groupby("aabbca")], [(k, len(list(g))) for k, g in groupby([1, 3, 2, 4], key=lambda x: x % 2)])
a, b = tee([1, 2]); print(list(a), list(b)); it = iter(range(5)); print(list(islice(it, 2)), list(it)); print(next(count()), list(zip(count(), "ab")))
