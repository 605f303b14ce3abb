import typing, types
from typing import *
T = TypeVar("T")
print(Optional[int], Union[int, str], Union[int, None], Union[int], Union[int, Union[str, float]], List[int], Dict[str, List[int]], Tuple[int, ...], Tuple[()], Callable[[int, str], bool], Callable[..., Any], Type[int], Literal["a", 1], Any, ClassVar[int], Final[int], Sequence[T], Iterable, List, Set[int], FrozenSet[int], Deque[int], DefaultDict[str, int], OrderedDict[str, int])
print(Optional[int] == Union[None, int], List[int] == List[int], List[int] != List[str], hash(List[int]) == hash(List[int]), Optional[int].__args__, List[int].__origin__, get_origin(Dict[str, int]), get_args(Dict[str, int]), get_args(Callable[[int], str]), get_origin(Optional[int]) is Union, get_origin(int), get_args(int))
class Box(Generic[T]):
    def __init__(self, x: T): self.x = x
    def get(self) -> T: return self.x
b = Box[int](5); print(b.get(), Box[int], Box(3).x, isinstance(b, Box), Box.__parameters__)
class IntBox(Box[int]): pass
print(IntBox(4).get(), issubclass(IntBox, Box), IntBox.__mro__[1].__name__)
class MyList(List[int]): pass
print(MyList([1]), isinstance(MyList(), list))
class NT(NamedTuple):
    a: int
    b: str = "x"
    def both(self): return f"{self.a}{self.b}"
print(NT(1), NT(1).both(), NT(2, "y")._replace(a=3), NT._fields, NT(1) == (1, "x"), NT._field_defaults, isinstance(NT(1), tuple))
NT2 = NamedTuple("NT2", [("p", int), ("q", str)]); print(NT2(1, "z"))
class TD(TypedDict, total=False):
    k: int
print(TD(k=1), type(TD(k=1)), TD.__annotations__ is not None)
@runtime_checkable
class HasLen(Protocol):
    def size(self) -> int: ...
class S:
    def size(self): return 1
class P2(Protocol):
    x: int
class Impl(P2):
    pass
print(isinstance(S(), HasLen), isinstance(5, HasLen), Impl().__class__.__name__)
@overload
def f(x: int) -> int: ...
@overload
def f(x: str) -> str: ...
def f(x): return x
print(f(1), cast(int, "a"), TYPE_CHECKING, NewType("U", int)(5), isinstance([], List), isinstance({}, Mapping), isinstance(3, Hashable))
@final
class Fin: pass
@no_type_check
def ntc(x): return x
print(Fin().__class__.__name__, ntc(2), Annotated[int, "meta"], get_args(Annotated[int, "m"]), TypeVar("B", bound=int), TypeVar("C", int, str), T, ForwardRef("X"), List["X"], Optional["X"])
print(list[int], dict[str, int], tuple[int, ...], int | None, int | str | None, (int | str) == (str | int), isinstance(3, int | str), isinstance("a", (int | str)), isinstance(None, int | None), list[int] | None, Optional[list[int]], type(list[int]).__name__, list[int]([1]), list[int].__origin__, list[int].__args__, Optional[int] | str)
for call in (lambda: isinstance([], List[int]), lambda: Optional[int](), lambda: isinstance([], list[int]), lambda: Any()):
    try: print(call())
    except TypeError as e: print("TypeError", e)
def g(a: "int", b: Optional[str] = None, *c: Any, **d) -> List[int]: pass
print(get_type_hints(g)["b"], sorted(g.__annotations__))
P = ParamSpec("P")
def deco(fn: Callable[P, T]) -> Callable[P, T]:
    def inner(*args: P.args, **kwargs: P.kwargs) -> T: return fn(*args, **kwargs)
    return inner
print(deco(lambda x: x)(3), Callable[P, int], SupportsIndex, isinstance(3, SupportsInt), Text is str, AnyStr)
x: int = 3
y: "List[T]"
def h(x: Tuple[int, "Undefined"] = (1, 2)): return x
print(x, h(), typing.get_type_hints(Box) if False else "", NoReturn, Self)
print(types.SimpleNamespace(a=1, b="x"), types.SimpleNamespace(a=1) == types.SimpleNamespace(a=1), isinstance(g, types.FunctionType), isinstance(len, types.BuiltinFunctionType), isinstance(Box(1).get, types.MethodType), isinstance((i for i in ()), types.GeneratorType), types.MethodType(lambda self, y: (self, y), 5)(6), types.MappingProxyType({"a": 1})["a"], isinstance(types, types.ModuleType), types.new_class("Dyn", (S,), {}, lambda ns: ns.update(v=5)).v)
