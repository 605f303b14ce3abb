"""Type hints: everything can be written and subscripted; nothing is checked."""
import collections.abc as _abc

TYPE_CHECKING = False


def _type_repr(obj):
    if obj is ...:
        return "..."
    if isinstance(obj, list):
        return "[" + ", ".join(_type_repr(item) for item in obj) + "]"
    if isinstance(obj, type):
        if obj.__module__ == "builtins":
            return obj.__qualname__
        return f"{obj.__module__}.{obj.__qualname__}"
    if hasattr(obj, "__qualname__") and hasattr(obj, "__code__"):
        return obj.__name__
    return repr(obj)


def _convert(arg):
    if arg is None:
        return type(None)
    if isinstance(arg, str):
        return ForwardRef(arg)
    return arg


def _parameters_of(args):
    found = []
    for arg in args:
        if isinstance(arg, list):
            inner = _parameters_of(arg)
        elif isinstance(arg, _Variable):
            inner = (arg,)
        elif isinstance(arg, type):
            inner = ()
        else:
            inner = getattr(arg, "__parameters__", ())
        for parameter in inner:
            if parameter not in found:
                found.append(parameter)
    return tuple(found)


class _Hint:
    """What every hint that is no class can do."""

    def __or__(self, other):
        return Union[self, other]

    def __ror__(self, other):
        return Union[other, self]

    def __call__(self, *args, **kwargs):
        raise TypeError(f"Cannot instantiate {self!r}")

    def __instancecheck__(self, obj):
        raise TypeError(f"{self!r} cannot be used with isinstance()")

    def __subclasscheck__(self, cls):
        raise TypeError(f"{self!r} cannot be used with issubclass()")

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __hash__(self):
        return id(self)

    def __eq__(self, other):
        return self is other


class _SpecialForm(_Hint):
    def __init__(self, name, getitem=None):
        self._name = name
        self.__name__ = name
        self.__qualname__ = name
        self.__module__ = "typing"
        self._getitem = getitem

    def __repr__(self):
        return "typing." + self._name

    def __getitem__(self, args):
        if self._getitem is None:
            raise TypeError(f"{self!r} is not subscriptable")
        return self._getitem(self, args)

    def __mro_entries__(self, bases):
        raise TypeError(f"Cannot subclass {self!r}")

    def __reduce__(self):
        return self._name


class _Alias(_Hint):
    """origin[args]."""

    def __init__(self, origin, args, name=None):
        self.__origin__ = origin
        self.__args__ = args
        self._name = name
        self.__parameters__ = _parameters_of(args)
        self.__module__ = "typing" if name else getattr(origin, "__module__", "typing")

    def __repr__(self):
        origin = "typing." + self._name if self._name else _type_repr(self.__origin__)
        return f"{origin}[{', '.join(_type_repr(arg) for arg in self.__args__) or '()'}]"

    def __eq__(self, other):
        if not isinstance(other, _Alias):
            return NotImplemented
        if self.__origin__ is Union and other.__origin__ is Union:
            return set(self.__args__) == set(other.__args__)
        return self.__origin__ == other.__origin__ and self.__args__ == other.__args__

    def __hash__(self):
        if self.__origin__ is Union:
            return hash((Union, frozenset(self.__args__)))
        return hash((self.__origin__, tuple(tuple(a) if isinstance(a, list) else a for a in self.__args__)))

    def __getitem__(self, args):
        args = tuple(_convert(arg) for arg in (args if isinstance(args, tuple) else (args,)))
        if not self.__parameters__:
            raise TypeError(f"{self!r} is not a generic class")
        if len(args) != len(self.__parameters__) and not any(
                isinstance(p, (ParamSpec, TypeVarTuple)) for p in self.__parameters__):
            many = "many" if len(args) > len(self.__parameters__) else "few"
            raise TypeError(f"Too {many} arguments for {self!r}; actual {len(args)}, "
                            f"expected {len(self.__parameters__)}")
        values = dict(zip(self.__parameters__, args))

        def put(arg):
            if isinstance(arg, _Variable):
                return values.get(arg, arg)
            if isinstance(arg, list):
                return [put(item) for item in arg]
            inner = getattr(arg, "__parameters__", ()) if not isinstance(arg, type) else ()
            return arg[tuple(values.get(p, p) for p in inner)] if inner else arg

        replaced = tuple(put(arg) for arg in self.__args__)
        if self.__origin__ is Union:
            return Union[replaced]
        return _Alias(self.__origin__, replaced, self._name)

    def __call__(self, *args, **kwargs):
        if not isinstance(self.__origin__, type):
            raise TypeError(f"Cannot instantiate {self!r}")
        made = self.__origin__(*args, **kwargs)
        try:
            made.__orig_class__ = self
        except (AttributeError, TypeError):
            pass
        return made

    def __mro_entries__(self, bases):
        if not isinstance(self.__origin__, type):
            raise TypeError(f"Cannot subclass {self!r}")
        if self.__origin__ is Generic:
            after = False
            for base in bases:
                if base is self:
                    after = True
                elif after and isinstance(base, _Alias) and base is not self:
                    return ()
        return (self.__origin__,)

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return getattr(self.__origin__, name)

    def __instancecheck__(self, obj):
        if self.__origin__ is Union:
            return any(isinstance(obj, arg) for arg in self.__args__)
        raise TypeError("Subscripted generics cannot be used with class and instance checks")

    def __subclasscheck__(self, cls):
        if self.__origin__ is Union:
            return any(issubclass(cls, arg) for arg in self.__args__)
        raise TypeError("Subscripted generics cannot be used with class and instance checks")


class _ClassAlias(_Hint):
    """typing.List: a class by another name, to be subscripted."""

    def __init__(self, origin, name):
        self.__origin__ = origin
        self._name = name
        self.__name__ = name
        self.__qualname__ = name
        self.__module__ = "typing"
        self.__parameters__ = ()

    def __repr__(self):
        return "typing." + self._name

    def __getitem__(self, args):
        args = args if isinstance(args, tuple) else (args,)
        return _Alias(self.__origin__, tuple(_convert(arg) for arg in args), self._name)

    def __call__(self, *args, **kwargs):
        return self.__origin__(*args, **kwargs)

    def __mro_entries__(self, bases):
        return (self.__origin__,)

    def __instancecheck__(self, obj):
        return isinstance(obj, self.__origin__)

    def __subclasscheck__(self, cls):
        return issubclass(cls, self.__origin__)

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return getattr(self.__origin__, name)


class _CallableAlias(_ClassAlias):
    def __getitem__(self, args):
        if not isinstance(args, tuple) or len(args) != 2:
            raise TypeError("Callable must be used as Callable[[arg, ...], result].")
        parameters, result = args
        if isinstance(parameters, (list, tuple)):
            flat = tuple(_convert(p) for p in parameters)
        else:
            flat = (parameters,)
        return _CallableType(self.__origin__, flat + (_convert(result),), "Callable")


class _CallableType(_Alias):
    def __repr__(self):
        args = self.__args__
        if len(args) == 2 and (args[0] is ... or isinstance(args[0], ParamSpec)):
            return f"typing.Callable[{_type_repr(args[0])}, {_type_repr(args[1])}]"
        return f"typing.Callable[[{', '.join(_type_repr(a) for a in args[:-1])}], {_type_repr(args[-1])}]"


def _plain(form, args):
    return _Alias(form, tuple(_convert(a) for a in (args if isinstance(args, tuple) else (args,))), form._name)


def _union(form, args):
    if args == ():
        raise TypeError("Cannot take a Union of no types.")
    args = args if isinstance(args, tuple) else (args,)
    flat = []
    for arg in args:
        arg = _convert(arg)
        inner = arg.__args__ if getattr(arg, "__origin__", None) is Union or _is_plain_union(arg) else (arg,)
        for one in inner:
            if one not in flat:
                flat.append(one)
    if len(flat) == 1:
        return flat[0]
    return _UnionType(Union, tuple(flat), "Union")


def _is_plain_union(arg):
    import types
    return isinstance(arg, types.UnionType)


class _UnionType(_Alias):
    def __call__(self, *args, **kwargs):
        raise TypeError("Cannot instantiate typing.Union")

    def __repr__(self):
        args = self.__args__
        if len(args) == 2 and type(None) in args:
            other = args[0] if args[1] is type(None) else args[1]
            return f"typing.Optional[{_type_repr(other)}]"
        return f"typing.Union[{', '.join(_type_repr(arg) for arg in args)}]"


def _optional(form, arg):
    return Union[arg, type(None)]


def _literal(form, args):
    args = args if isinstance(args, tuple) else (args,)
    flat = []
    for arg in args:
        for one in arg.__args__ if isinstance(arg, _LiteralType) else (arg,):
            if not any(one == other and type(one) is type(other) for other in flat):
                flat.append(one)
    return _LiteralType(Literal, tuple(flat), "Literal")


class _LiteralType(_Alias):
    def __repr__(self):
        return f"typing.Literal[{', '.join(repr(arg) for arg in self.__args__)}]"


Union = _SpecialForm("Union", _union)
Optional = _SpecialForm("Optional", _optional)
Literal = _SpecialForm("Literal", _literal)
ClassVar = _SpecialForm("ClassVar", _plain)
Final = _SpecialForm("Final", _plain)
Concatenate = _SpecialForm("Concatenate", _plain)
TypeGuard = _SpecialForm("TypeGuard", _plain)
Required = _SpecialForm("Required", _plain)
NotRequired = _SpecialForm("NotRequired", _plain)
Unpack = _SpecialForm("Unpack", _plain)
TypeAlias = _SpecialForm("TypeAlias")
NoReturn = _SpecialForm("NoReturn")
Never = _SpecialForm("Never")
Self = _SpecialForm("Self")
LiteralString = _SpecialForm("LiteralString")


class _AnyMeta(type):
    def __instancecheck__(self, obj):
        if self is Any:
            raise TypeError("typing.Any cannot be used with isinstance()")
        return super().__instancecheck__(obj)

    def __repr__(self):
        return "typing.Any" if self is Any else super().__repr__()


class Any(metaclass=_AnyMeta):
    def __new__(cls, *args, **kwargs):
        if cls is Any:
            raise TypeError("Any cannot be instantiated")
        return super().__new__(cls)


class ForwardRef(_Hint):
    def __init__(self, arg, is_argument=True, module=None, *, is_class=False):
        if not isinstance(arg, str):
            raise TypeError(f"Forward reference must be a string -- got {arg!r}")
        self.__forward_arg__ = arg

    def __eq__(self, other):
        return isinstance(other, ForwardRef) and self.__forward_arg__ == other.__forward_arg__

    def __hash__(self):
        return hash(self.__forward_arg__)

    def __repr__(self):
        return f"ForwardRef({self.__forward_arg__!r})"


class _Variable(_Hint):
    """TypeVar, ParamSpec, TypeVarTuple."""

    def __init__(self, name, *constraints, bound=None, covariant=False, contravariant=False):
        if constraints and len(constraints) == 1:
            raise TypeError("A single constraint is not allowed")
        self.__name__ = name
        self.__constraints__ = constraints
        self.__bound__ = bound
        self.__covariant__ = covariant
        self.__contravariant__ = contravariant

    def __repr__(self):
        prefix = "+" if self.__covariant__ else "-" if self.__contravariant__ else "~"
        return prefix + self.__name__

    def __mro_entries__(self, bases):
        raise TypeError(f"Cannot subclass an instance of {type(self).__name__}")


class TypeVar(_Variable):
    pass


class ParamSpec(_Variable):
    @property
    def args(self):
        return ParamSpecArgs(self)

    @property
    def kwargs(self):
        return ParamSpecKwargs(self)


class ParamSpecArgs(_Hint):
    def __init__(self, origin):
        self.__origin__ = origin

    def __repr__(self):
        return f"{self.__origin__.__name__}.args"


class ParamSpecKwargs(_Hint):
    def __init__(self, origin):
        self.__origin__ = origin

    def __repr__(self):
        return f"{self.__origin__.__name__}.kwargs"


class TypeVarTuple(_Variable):
    def __iter__(self):
        yield Unpack[self]

    def __repr__(self):
        return self.__name__


class Generic:
    def __class_getitem__(cls, args):
        args = args if isinstance(args, tuple) else (args,)
        return _Alias(cls, tuple(_convert(arg) for arg in args), "Generic" if cls is Generic else None)

    def __init_subclass__(cls, *args, **kwargs):
        super().__init_subclass__(*args, **kwargs)
        found = []
        for base in cls.__dict__.get("__orig_bases__", ()):
            for parameter in getattr(base, "__parameters__", ()):
                if parameter not in found:
                    found.append(parameter)
        cls.__parameters__ = tuple(found)


class _ProtocolMeta(type(_abc.Sized)):
    def __instancecheck__(cls, instance):
        if cls.__dict__.get("_is_protocol", False):
            if not cls.__dict__.get("_is_runtime_protocol", False):
                raise TypeError("Instance and class checks can only be used with @runtime_checkable protocols")
            return all(hasattr(instance, name) for name in _protocol_members(cls))
        return super().__instancecheck__(instance)

    def __subclasscheck__(cls, subclass):
        if cls.__dict__.get("_is_protocol", False) and cls is not Protocol:
            if cls in subclass.__mro__:
                return True
            if not cls.__dict__.get("_is_runtime_protocol", False):
                raise TypeError("Instance and class checks can only be used with @runtime_checkable protocols")
            return all(hasattr(subclass, name) for name in _protocol_members(cls))
        return super().__subclasscheck__(subclass)


def _protocol_members(cls):
    names = set()
    for base in cls.__mro__:
        if base in (object, Generic, Protocol):
            continue
        names.update(base.__dict__.get("__annotations__", ()))
        for name in base.__dict__:
            if not (name.startswith("_abc_") or name in (
                    "__dict__", "__weakref__", "__module__", "__doc__", "__qualname__", "__parameters__", "__slots__",
                    "__orig_bases__", "_is_protocol", "_is_runtime_protocol", "__abstractmethods__", "__init__",
                    "__subclasshook__", "__annotations__", "__class_getitem__", "__new__", "__firstlineno__",
                    "__static_attributes__", "__classcell__", "__init_subclass__")):
                names.add(name)
    return names


class Protocol(Generic, metaclass=_ProtocolMeta):
    _is_protocol = True

    @classmethod
    def __subclasshook__(cls, subclass):
        return NotImplemented

    def __init_subclass__(cls, *args, **kwargs):
        super().__init_subclass__(*args, **kwargs)
        cls._is_protocol = any(base is Protocol for base in cls.__bases__)


def runtime_checkable(cls):
    if not cls.__dict__.get("_is_protocol", False):
        raise TypeError(f"@runtime_checkable can be only applied to protocol classes, got {cls!r}")
    cls._is_runtime_protocol = True
    return cls


def cast(typ, val):
    return val


def assert_type(val, typ, /):
    return val


def reveal_type(obj, /):
    return obj


def assert_never(arg, /):
    raise AssertionError(f"Expected code to be unreachable, but got: {arg!r}")


def _overload_dummy(*args, **kwds):
    raise NotImplementedError("You should not call an overloaded function. A series of @overload-decorated functions "
                              "outside a stub module should always be followed by an implementation that is not "
                              "@overload-ed.")


def overload(func):
    return _overload_dummy


def get_overloads(func):
    return []


def clear_overloads():
    pass


def final(f):
    try:
        f.__final__ = True
    except (AttributeError, TypeError):
        pass
    return f


def no_type_check(arg):
    return arg


def no_type_check_decorator(decorator):
    return decorator


def dataclass_transform(**kwargs):
    def decorate(obj):
        return obj

    return decorate


class _Annotated(_Alias):
    def __init__(self, origin, metadata):
        super().__init__(origin, (origin,), "Annotated")
        self.__metadata__ = metadata

    def __repr__(self):
        return f"typing.Annotated[{_type_repr(self.__origin__)}, {', '.join(repr(m) for m in self.__metadata__)}]"


class Annotated:
    def __class_getitem__(cls, params):
        if not isinstance(params, tuple) or len(params) < 2:
            raise TypeError("Annotated[...] should be used with at least two arguments (a type and an annotation).")
        return _Annotated(_convert(params[0]), params[1:])


class NewType:
    def __init__(self, name, tp):
        self.__name__ = name
        self.__qualname__ = name
        self.__supertype__ = tp

    def __call__(self, x, /):
        return x

    def __repr__(self):
        return f"{self.__module__}.{self.__qualname__}"

    def __or__(self, other):
        return Union[self, other]

    def __ror__(self, other):
        return Union[other, self]


def _named_tuple(name, fields, annotations, defaults, module):
    from collections import namedtuple
    made = namedtuple(name, fields, defaults=defaults, module=module)
    made.__annotations__ = annotations
    made.__new__.__annotations__ = annotations
    return made


class _NamedTupleMeta(type):
    def __new__(cls, typename, bases, namespace):
        annotations = {key: _convert(value) for key, value in namespace.get("__annotations__", {}).items()}
        defaults = []
        for name in annotations:
            if name in namespace:
                defaults.append(name)
            elif defaults:
                raise TypeError(f"non-default namedtuple field {name} cannot follow default field"
                                f"{'s' if len(defaults) > 1 else ''} {', '.join(defaults)}")
        made = _named_tuple(typename, list(annotations), annotations, [namespace[name] for name in defaults],
                            namespace["__module__"])
        for key in namespace:
            if key in ("__new__", "__init__", "__slots__", "__getnewargs__", "_fields", "_field_defaults", "_make",
                       "_replace", "_asdict"):
                raise AttributeError("Cannot overwrite NamedTuple attribute " + key)
            if key not in ("__module__", "__name__", "__annotations__") and key not in made._fields:
                setattr(made, key, namespace[key])
        return made


def _create_named_tuple(typename, fields=None, /, **kwargs):
    pairs = list(fields) if fields is not None else list(kwargs.items())
    import sys
    return _named_tuple(typename, [name for name, _ in pairs], {name: _convert(t) for name, t in pairs}, [],
                        sys._getframemodulename(2))


class _NamedTuple:
    def __call__(self, typename, fields=None, /, **kwargs):
        return _create_named_tuple(typename, fields, **kwargs)

    def __mro_entries__(self, bases):
        return (_NamedTupleBase,)

    def __repr__(self):
        return "<function NamedTuple>"


_NamedTupleBase = type.__new__(_NamedTupleMeta, "NamedTuple", (), {})
NamedTuple = _NamedTuple()


class _TypedDictMeta(type):
    def __new__(cls, name, bases, namespace, total=True):
        annotations = {}
        made = type.__new__(_TypedDictMeta, name, (dict,), dict(namespace))
        for base in bases:
            annotations.update(base.__dict__.get("__annotations__", {}))
        annotations.update(namespace.get("__annotations__", {}))
        made.__annotations__ = annotations
        made.__total__ = total
        return made

    def __call__(cls, *args, **kwargs):
        return dict(*args, **kwargs)

    def __instancecheck__(cls, instance):
        raise TypeError("TypedDict does not support instance and class checks")


class _TypedDict:
    def __call__(self, typename, fields=None, /, *, total=True, **kwargs):
        return _TypedDictMeta(typename, (), {"__annotations__": dict(fields or kwargs)}, total=total)

    def __mro_entries__(self, bases):
        return (_TypedDictBase,)


_TypedDictBase = type.__new__(_TypedDictMeta, "TypedDict", (dict,), {})
TypedDict = _TypedDict()


def is_typeddict(tp):
    return isinstance(tp, _TypedDictMeta)


def get_origin(tp):
    if isinstance(tp, _Annotated):
        return Annotated
    if tp is Generic:
        return Generic
    if _is_plain_union(tp):
        return type(tp)
    return getattr(tp, "__origin__", None)


def get_args(tp):
    if isinstance(tp, _Annotated):
        return (tp.__origin__,) + tp.__metadata__
    args = getattr(tp, "__args__", ())
    if get_origin(tp) is _abc.Callable and len(args) > 1 and args[0] is not ... and not isinstance(args[0], ParamSpec):
        return (list(args[:-1]), args[-1])
    return tuple(args)


def get_type_hints(obj, globalns=None, localns=None, include_extras=False):
    """The annotations as they are; what is written as a string stays one where its name can't be found."""
    hints = {}
    if isinstance(obj, type):
        for base in reversed(obj.__mro__):
            hints.update(base.__dict__.get("__annotations__", {}))
    else:
        hints.update(getattr(obj, "__annotations__", None) or {})
    names = globalns if globalns is not None else getattr(obj, "__globals__", {})
    for name, value in hints.items():
        if value is None:
            value = type(None)
        elif isinstance(value, str):
            value = (localns or {}).get(value, names.get(value, value))
        if isinstance(value, _Annotated) and not include_extras:
            value = value.__origin__
        hints[name] = value
    return hints


AnyStr = TypeVar("AnyStr", bytes, str)
T = TypeVar("T")
KT = TypeVar("KT")
VT = TypeVar("VT")
T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)
Text = str

Tuple = _ClassAlias(tuple, "Tuple")
List = _ClassAlias(list, "List")
Dict = _ClassAlias(dict, "Dict")
Set = _ClassAlias(set, "Set")
FrozenSet = _ClassAlias(frozenset, "FrozenSet")
Type = _ClassAlias(type, "Type")
Callable = _CallableAlias(_abc.Callable, "Callable")
Hashable = _ClassAlias(_abc.Hashable, "Hashable")
Awaitable = _ClassAlias(_abc.Awaitable, "Awaitable")
Coroutine = _ClassAlias(_abc.Coroutine, "Coroutine")
AsyncIterable = _ClassAlias(_abc.AsyncIterable, "AsyncIterable")
AsyncIterator = _ClassAlias(_abc.AsyncIterator, "AsyncIterator")
Iterable = _ClassAlias(_abc.Iterable, "Iterable")
Iterator = _ClassAlias(_abc.Iterator, "Iterator")
Reversible = _ClassAlias(_abc.Reversible, "Reversible")
Sized = _ClassAlias(_abc.Sized, "Sized")
Container = _ClassAlias(_abc.Container, "Container")
Collection = _ClassAlias(_abc.Collection, "Collection")
AbstractSet = _ClassAlias(_abc.Set, "AbstractSet")
MutableSet = _ClassAlias(_abc.MutableSet, "MutableSet")
Mapping = _ClassAlias(_abc.Mapping, "Mapping")
MutableMapping = _ClassAlias(_abc.MutableMapping, "MutableMapping")
Sequence = _ClassAlias(_abc.Sequence, "Sequence")
MutableSequence = _ClassAlias(_abc.MutableSequence, "MutableSequence")
ByteString = _ClassAlias(_abc.ByteString, "ByteString")
MappingView = _ClassAlias(_abc.MappingView, "MappingView")
KeysView = _ClassAlias(_abc.KeysView, "KeysView")
ItemsView = _ClassAlias(_abc.ItemsView, "ItemsView")
ValuesView = _ClassAlias(_abc.ValuesView, "ValuesView")
Generator = _ClassAlias(_abc.Generator, "Generator")


def _from_collections(name):
    import collections
    return getattr(collections, name)


def _from_contextlib(name):
    import contextlib
    return getattr(contextlib, name)


OrderedDict = _ClassAlias(_from_collections("OrderedDict"), "OrderedDict")
DefaultDict = _ClassAlias(_from_collections("defaultdict"), "DefaultDict")
Deque = _ClassAlias(_from_collections("deque"), "Deque")
Counter = _ClassAlias(_from_collections("Counter"), "Counter")
ChainMap = _ClassAlias(_from_collections("ChainMap"), "ChainMap")
ContextManager = _ClassAlias(_from_contextlib("AbstractContextManager"), "ContextManager")
AsyncContextManager = _ClassAlias(_from_contextlib("AbstractAsyncContextManager"), "AsyncContextManager")


@runtime_checkable
class SupportsInt(Protocol):
    def __int__(self):
        pass


@runtime_checkable
class SupportsFloat(Protocol):
    def __float__(self):
        pass


@runtime_checkable
class SupportsIndex(Protocol):
    def __index__(self):
        pass


@runtime_checkable
class SupportsAbs(Protocol):
    def __abs__(self):
        pass


@runtime_checkable
class SupportsRound(Protocol):
    def __round__(self, ndigits=0):
        pass


class IO(Generic):
    pass


class TextIO(IO):
    pass


class BinaryIO(IO):
    pass


def _pattern(name):
    import re
    return getattr(re, name)


Pattern = _ClassAlias(_pattern("Pattern"), "Pattern")
Match = _ClassAlias(_pattern("Match"), "Match")
