from enum import Enum, IntEnum, Flag, IntFlag, StrEnum, auto, unique, EnumMeta
from dataclasses import dataclass
class Color(Enum):
    RED = 1
    GREEN = 2
    BLUE = 3
    CRIMSON = 1
    @property
    def nice(self): return self.name.lower()
    @classmethod
    def default(cls): return cls.GREEN
    def __str__(self): return f"<{self.name}>"
print(Color.RED, repr(Color.RED), Color.RED.name, Color.RED.value, Color(2), Color["BLUE"], Color.CRIMSON is Color.RED, list(Color), len(Color), Color.RED.nice, Color.default())
print(Color.RED == Color.RED, Color.RED == 1, Color.RED != Color.BLUE, Color.RED in Color, isinstance(Color.RED, Color), {Color.RED: 1}[Color.RED], list(Color.__members__), Color.__name__, type(Color) is EnumMeta, Color.RED.__class__)
for call in (lambda: Color(9), lambda: Color["NOPE"], lambda: Color.NOPE, lambda: setattr(Color, "RED", 5), lambda: Color.RED < Color.BLUE, lambda: 1 in Color):
    try: print(call())
    except Exception as e: print(type(e).__name__, e)
try:
    class More(Color): X = 5
except TypeError as e: print(e)
class Auto(Enum):
    A = auto()
    B = auto()
    C = 10
    D = auto()
print([m.value for m in Auto], Auto.B)
class S(str, Enum):
    X = "x"
    Y = "y"
print(S.X, S.X == "x", S("y"), S.X.value, S.X.upper(), f"{S.X}", "%s" % S.X, isinstance(S.X, str), repr(S.X), {"x": 1}[S.X], S.X + "z", S.X in ("x",), "x" in [m.value for m in S])
class I(IntEnum):
    ONE = 1
    TWO = 2
print(I.ONE, I.ONE + 1, I.TWO > I.ONE, I(2), repr(I.ONE), [10, 20][I.ONE], f"{I.TWO}", int(I.TWO), I.ONE == 1, sorted([I.TWO, I.ONE]), max(I), range(I.TWO))
class SE(StrEnum):
    FOO = auto()
    BAR = "b"
print(SE.FOO, SE.BAR, SE.FOO == "foo", repr(SE.FOO), f"{SE.FOO:>5}")
class Perm(Flag):
    R = auto()
    W = auto()
    X = auto()
    RW = R | W
print(Perm.R | Perm.W, repr(Perm.R | Perm.X), Perm.R & Perm.W, bool(Perm.R & Perm.W), Perm.R in (Perm.R | Perm.W), ~Perm.R, Perm.RW, Perm(7), Perm.R ^ Perm.RW, [m.name for m in Perm], list(Perm.RW), Perm(0))
class IF(IntFlag):
    A = 1
    B = 2
print(IF.A | IF.B, IF.A | 4, (IF.A | IF.B) == 3, repr(IF.A), IF(3), IF.A + 1)
try:
    @unique
    class Dup(Enum):
        A = 1
        B = 1
except ValueError as e: print(e)
class Planet(Enum):
    EARTH = (5.97, 6.37)
    MARS = (0.64, 3.39)
    def __init__(self, mass, radius): self.mass, self.radius = mass, radius
    @property
    def ratio(self): return round(self.mass / self.radius, 3)
print(Planet.EARTH.mass, Planet.MARS.ratio, Planet.EARTH.value, Planet((0.64, 3.39)))
class Coord(bytes, Enum):
    def __new__(cls, value, label):
        obj = bytes.__new__(cls, [value]); obj._value_ = value; obj.label = label
        return obj
    PX = (0, "P.X")
    PY = (1, "P.Y")
print(Coord.PY.label, Coord(1), Coord.PX.value)
@dataclass
class W:
    url: str
    meta: dict
    def __eq__(self, o):
        if not isinstance(o, W): return NotImplemented
        return self.url == o.url
class Weights(Enum):
    V1 = W("a", {"x": 1})
    V2 = W("b", {})
    DEFAULT = V2
    @classmethod
    def verify(cls, o):
        if o is not None and isinstance(o, str): o = cls[o.replace(cls.__name__ + ".", "")]
        return o
    def get(self): return self.value.url
    @property
    def url(self): return self.value.url
    @property
    def meta(self): return self.value.meta
print(Weights.DEFAULT, Weights.DEFAULT is Weights.V2, Weights.verify("Weights.V1"), Weights.V1.get(), Weights.V1.meta["x"], [w.name for w in Weights], Weights.V1.value == W("a", {}))
Dyn = Enum("Dyn", "A B C"); print(list(Dyn), Dyn.B.value, Dyn.__name__)
Dyn2 = Enum("Dyn2", {"P": "p", "Q": "q"}); print(Dyn2.P.value, Dyn2("q"))
class Miss(Enum):
    A = 1
    @classmethod
    def _missing_(cls, value): return cls.A if value == "a" else None
print(Miss("a"))
class Mixed(Enum):
    A = 1
    def method(self): return self.value + 1
    helper = lambda self: 5
    _ignore_ = ["tmp"]
    tmp = 3
print(Mixed.A.method(), Mixed.A.helper(), list(Mixed))
import copy
print(copy.deepcopy(Color.RED) is Color.RED, copy.copy(Color.RED) is Color.RED, hash(Color.RED) == hash("RED"), bool(Color.RED), Color.RED is not Color.BLUE)
class Gen(Enum):
    @staticmethod
    def _generate_next_value_(name, start, count, last): return name.lower()
    ONE = auto()
    TWO = auto()
print([g.value for g in Gen])
class F(float, Enum):
    HALF = 0.5
print(F.HALF * 2, F.HALF, F(0.5).name)
print(type(IF.A | IF.B).__name__, repr(IF.A | IF.B), (IF.A | IF.B) & IF.B, ~IF.A, repr(IF.A | 8), IF.A in IF(3), [m.name for m in IF(3)])
class SI(str, Enum):
    A = "a"
    def __str__(self): return "custom " + self.value
print(SI.A, f"{SI.A}", [SI.A], {SI.A: 1}, SI.A.name)
