# Odds and ends that models and their builders lean on.
import copy
import functools
import itertools
import operator
from collections import OrderedDict, defaultdict, deque, namedtuple
from dataclasses import dataclass, field, replace, asdict
from enum import Enum
from functools import partial
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Type, Union


class Weights(Enum):
    A = 1
    B = 2
    DEFAULT = A

    @classmethod
    def find(cls, v):
        return cls(v)

    @property
    def nice(self):
        return self.name.lower()


print(Weights.A, Weights.DEFAULT is Weights.A, Weights.find(2).nice, [w.name for w in Weights], Weights["B"].value, len(Weights))


class Mode(str, Enum):
    X = "x"
    Y = "y"


print(Mode.X == "x", Mode("y").name, {"x": 1}[Mode.X], isinstance(Mode.X, str))


@dataclass
class Cfg:
    a: int
    b: float = 0.5
    c: List[int] = field(default_factory=list)

    def __post_init__(self):
        self.c.append(self.a)


@dataclass
class Sub(Cfg):
    d: Optional[str] = None


s = Sub(3, d="z")
print(s, replace(s, a=4).a, asdict(s), Cfg(1) == Cfg(1), Cfg(1) == Cfg(2))
P = namedtuple("P", ["x", "y"])
p = P(1, y=2)
print(p, p.x + p[1], p._replace(x=5), P._fields, *p)
dd = defaultdict(list)
dd["k"].append(1)
print(dict(dd), list(deque([1, 2, 3], maxlen=2)), OrderedDict([("a", 1), ("b", 2)])["b"])
f = partial(int, base=2)
print(f("101"), functools.reduce(operator.mul, [1, 2, 3, 4]), list(itertools.chain([1], [2, 3])), list(itertools.islice(itertools.count(3), 2)))


def _make_divisible(v, divisor: int, min_value: Optional[int] = None) -> int:
    if min_value is None:
        min_value = divisor
    new_v = max(min_value, int(v + divisor / 2) // divisor * divisor)
    if new_v < 0.9 * v:
        new_v += divisor
    return new_v


print([_make_divisible(c * 0.75, 8) for c in (32, 16, 24, 100, 320)])


def kwonly_to_pos_or_kw(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)

    return wrapper


def handle(**weights: Tuple[str, Union[Optional[int], Callable[[Dict[str, Any]], Optional[int]]]]):
    def outer(builder):
        @kwonly_to_pos_or_kw
        @functools.wraps(builder)
        def inner(*args, **kwargs):
            for name, (key, default) in weights.items():
                arg = kwargs.get(name, None)
                if (name not in kwargs) and key in kwargs:
                    kwargs[name] = kwargs.pop(key)
            return builder(*args, **kwargs)

        return inner

    return outer


@handle(weights=("pretrained", None))
def resnet(*, weights: Optional[Weights] = None, progress: bool = True, **kwargs: Any) -> str:
    """Doc of resnet."""
    return f"{weights} {progress} {sorted(kwargs)}"


print(resnet(pretrained=3, num_classes=10), resnet.__name__, resnet.__doc__, resnet.__wrapped__.__name__)


class Conv:
    def __init__(self, i, o, k=3, norm_layer: Optional[Callable[..., Any]] = None, *, bias: bool = False):
        self.args = (i, o, k, bias)
        self.norm = (norm_layer or (lambda n: f"bn{n}"))(o)


class ConvAct(Conv):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{**kwargs, "bias": True})


layers: List[Any] = []
for t, c, n, st in [[1, 16, 1, 1], [6, 24, 2, 2]]:
    for i in range(n):
        stride = st if i == 0 else 1
        layers.append((t, c, stride))
print(layers, ConvAct(1, 2, norm_layer=partial(str.format, "n{}")).norm, ConvAct(1, 2).args)
x = {"a": [1, {"b": (2, 3)}]}
y = copy.deepcopy(x)
y["a"][1]["b"] = 4
print(x, y, copy.copy([1, 2]))
cfgs: Dict[str, List[Union[str, int]]] = {"A": [64, "M", 128], "B": [64, 64, "M"]}
print([v for v in cfgs["A"] if v != "M"], sum(1 for v in cfgs["B"] if isinstance(v, int)))
print(f"{'+'.join(str(i) for i in range(3))}={sum(range(3)):>4d}", "%s_%d" % ("layer", 3), "layer{}.{}".format(1, "conv"))
print(all(isinstance(v, (int, str)) for v in cfgs["A"]), any(v == "M" for v in cfgs["B"]), next((v for v in cfgs["A"] if v == "Q"), None))


class LazyProp:
    def __init__(self, fn):
        self.fn = fn
        self.__doc__ = fn.__doc__

    def __get__(self, obj, owner):
        if obj is None:
            return self
        v = self.fn(obj)
        obj.__dict__[self.fn.__name__] = v
        return v


class UsesLazy:
    calls = 0

    @LazyProp
    def v(self):
        UsesLazy.calls += 1
        return 42


u = UsesLazy()
print(u.v, u.v, UsesLazy.calls)


class Cached:
    n = 0

    @functools.cached_property
    def v(self):
        Cached.n += 1
        return 7

    @functools.lru_cache(None)
    def w(self, a):
        Cached.n += 10
        return a


c = Cached()
print(c.v, c.v, c.w(1), c.w(1), Cached.n)
try:
    try:
        raise ValueError("inner")
    except ValueError as e:
        raise RuntimeError("outer") from e
except RuntimeError as e:
    print(repr(e), repr(e.__cause__), e.__suppress_context__)
print(sorted([("b", 1), ("a", 2)], key=operator.itemgetter(1)), list(map(operator.attrgetter("x"), [p])))
print([*zip(range(3), "abc")], dict(enumerate("ab")), list(itertools.product([1, 2], "a")), list(itertools.repeat(0, 2)))
g = (i for i in range(3))
print(next(g), list(g), list(g))
print("done", end="")
print()
