from dataclasses import dataclass, field, replace, asdict, astuple, fields, is_dataclass, InitVar, FrozenInstanceError, KW_ONLY, make_dataclass, MISSING
from typing import ClassVar, List, Optional, Any, Union, Tuple, Dict, Callable, Sequence
from functools import partial
@dataclass
class A:
    x: int
    y: str = "d"
    z: List[int] = field(default_factory=list)
    c: ClassVar[int] = 5
    w: Optional[float] = None
a = A(1); print(a, A(1) == A(1), A(1) == A(2), A(1, "q", [1]), a.z is A(1).z, [f.name for f in fields(A)], asdict(a), astuple(a), replace(a, x=9), is_dataclass(A), is_dataclass(a), is_dataclass(int))
print(A.__match_args__, A.c, A.y, hasattr(A, "x"), hasattr(A, "z"), A.__hash__)
for call in (lambda: A(), lambda: A(1, 2, 3, 4, 5), lambda: A(1, q=2), lambda: A(1, x=1), lambda: replace(a, nope=1), lambda: A(1) < A(2), lambda: hash(a)):
    try: call()
    except TypeError as e: print(e)
@dataclass
class B(A):
    v: int = 7
    x: int = 0
    def __post_init__(self): self.sum = self.x + self.v
print(B(), B(3).sum, [f.name for f in fields(B)])
@dataclass(frozen=True, order=True)
class P:
    x: int
    y: int = 0
print(P(1) < P(2), P(1, 2) >= P(1, 1), hash(P(1)) == hash(P(1)), {P(1): 2}[P(1)], sorted([P(2), P(1)]))
try: P(1).x = 3
except FrozenInstanceError as e: print(e)
try: del P(1).x
except FrozenInstanceError as e: print(e)
@dataclass
class I:
    a: int
    b: InitVar[int] = 3
    c: int = field(init=False, default=0)
    d: int = field(default=1, repr=False, compare=False)
    def __post_init__(self, b): self.c = self.a + b
print(I(1), I(1, 10), I(1, d=5) == I(1, d=6))
@dataclass
class K:
    a: int
    _: KW_ONLY
    b: int = 2
    c: int
print(K(1, c=3))
try: K(1, 2, 3)
except TypeError as e: print(e)
@dataclass(kw_only=True)
class K2:
    a: int = 1
    b: int
print(K2(b=2))
try:
    @dataclass
    class Bad:
        x: list = []
except ValueError as e: print(e)
try:
    @dataclass
    class Bad2:
        x: int = 1
        y: int
except TypeError as e: print(e)
@dataclass(eq=False, repr=False)
class N:
    x: int
print(N(1) == N(1), N(1).x)
@dataclass(unsafe_hash=True)
class H:
    x: int
print(hash(H(1)) == hash(H(1)))
@dataclass
class Nested:
    a: A
    l: list
    d: dict
n = Nested(A(1), [A(2)], {"k": A(3)}); print(asdict(n)); print(astuple(n)); print(n)
@dataclass
class WithMethods:
    x: int = 3
    def double(self): return self.x * 2
    @property
    def sq(self): return self.x ** 2
    def __repr__(self): return "custom"
print(WithMethods().double(), WithMethods(4).sq, WithMethods())
@dataclass
class Cfg:
    url: str = ""
    num_classes: int = 1000
    input_size: Tuple[int, int, int] = (3, 224, 224)
    mean: Tuple[float, ...] = (0.485, 0.456, 0.406)
    act: Callable = max
    extra: Dict[str, Any] = field(default_factory=dict)
c = Cfg(url="u"); print(replace(c, num_classes=10), {k: v for k, v in asdict(c).items() if v})
D = make_dataclass("D", [("x", int), ("y", int, 5)]); print(D(1))
@dataclass
class Rec:
    child: Optional["Rec"] = None
    val: int = 0
print(Rec(Rec(None, 1), 2))
f0 = fields(A)[0]; print(f0.name, f0.default is MISSING, fields(A)[1].default, f0.init)
import inspect
print(list(inspect.signature(A).parameters), list(inspect.signature(K).parameters))
import copy
print(copy.copy(a) == a, copy.deepcopy(n) == n, copy.deepcopy(n).a is n.a)
class Plain: pass
try: asdict(Plain())
except TypeError as e: print(e)
@dataclass
class Inh(Plain):
    q: int = 1
print(Inh(), vars(Inh(2)))
