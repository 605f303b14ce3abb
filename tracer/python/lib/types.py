"""Names for the types of Python's own objects."""


def _function():
    pass


class _Class:
    def method(self):
        pass


def _generator():
    yield


FunctionType = type(_function)
LambdaType = FunctionType
CodeType = type(_function.__code__)
MappingProxyType = type(type.__dict__)
MethodType = type(_Class().method)
BuiltinFunctionType = type(len)
BuiltinMethodType = BuiltinFunctionType
GeneratorType = type(_generator())
NoneType = type(None)
NotImplementedType = type(NotImplemented)
EllipsisType = type(...)
WrapperDescriptorType = BuiltinFunctionType
MethodWrapperType = BuiltinFunctionType
MethodDescriptorType = BuiltinFunctionType
ClassMethodDescriptorType = BuiltinFunctionType


class CoroutineType:
    pass


class AsyncGeneratorType:
    pass


class TracebackType:
    pass


class FrameType:
    pass


def _module_type():
    import types
    return type(types)


ModuleType = _module_type()


class GenericAlias:
    """list[int]: the class, and what it was subscripted with."""

    def __init__(self, origin, args):
        self.__origin__ = origin
        self.__args__ = args if isinstance(args, tuple) else (args,)
        found = []
        for arg in self.__args__:
            for parameter in getattr(arg, "__parameters__", ()) if not hasattr(arg, "__bound__") else (arg,):
                if parameter not in found:
                    found.append(parameter)
        self.__parameters__ = tuple(found)

    def __call__(self, *args, **kwargs):
        return self.__origin__(*args, **kwargs)

    def __mro_entries__(self, bases):
        return (self.__origin__,)

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return getattr(self.__origin__, name)

    def __getitem__(self, args):
        args = args if isinstance(args, tuple) else (args,)
        values = dict(zip(self.__parameters__, args))
        return GenericAlias(self.__origin__, tuple(values.get(arg, arg) for arg in self.__args__))

    def __repr__(self):
        def show(arg):
            if arg is ...:
                return "..."
            if isinstance(arg, list):
                return "[" + ", ".join(show(item) for item in arg) + "]"
            if isinstance(arg, type):
                return arg.__qualname__ if arg.__module__ == "builtins" else f"{arg.__module__}.{arg.__qualname__}"
            return repr(arg)

        inside = ", ".join(show(arg) for arg in self.__args__) or "()"
        return f"{show(self.__origin__)}[{inside}]"

    def __eq__(self, other):
        if not hasattr(other, "__origin__") or not hasattr(other, "__args__"):
            return NotImplemented
        return self.__origin__ == other.__origin__ and self.__args__ == other.__args__

    def __hash__(self):
        return hash((self.__origin__, self.__args__))

    def __or__(self, other):
        return _union(self, other)

    def __ror__(self, other):
        return _union(other, self)

    def __instancecheck__(self, instance):
        raise TypeError("isinstance() argument 2 cannot be a parameterized generic")

    def __subclasscheck__(self, subclass):
        raise TypeError("issubclass() argument 2 cannot be a parameterized generic")


class UnionType:
    """int | str."""

    def __init__(self, args):
        self.__args__ = args
        self.__parameters__ = ()

    def __repr__(self):
        def show(arg):
            if arg is NoneType:
                return "None"
            if isinstance(arg, type):
                return arg.__qualname__ if arg.__module__ == "builtins" else f"{arg.__module__}.{arg.__qualname__}"
            return repr(arg)

        return " | ".join(show(arg) for arg in self.__args__)

    def __or__(self, other):
        return _union(self, other)

    def __ror__(self, other):
        return _union(other, self)

    def __eq__(self, other):
        if not isinstance(other, UnionType):
            return NotImplemented
        return set(self.__args__) == set(other.__args__)

    def __hash__(self):
        return hash(frozenset(self.__args__))

    def __instancecheck__(self, instance):
        return any(isinstance(instance, arg) for arg in self.__args__)

    def __subclasscheck__(self, subclass):
        return any(issubclass(subclass, arg) for arg in self.__args__)


def _union(left, right):
    """left | right, of which one is a class: asked by the evaluator."""
    if type(left).__module__ == "typing" or type(right).__module__ == "typing":
        import typing
        return typing.Union[left, right]
    flat = []
    for side in (left, right):
        if side is None:
            side = NoneType
        if not isinstance(side, (type, UnionType, GenericAlias)):
            return NotImplemented
        for arg in side.__args__ if isinstance(side, UnionType) else (side,):
            if arg not in flat:
                flat.append(arg)
    return flat[0] if len(flat) == 1 else UnionType(tuple(flat))


class SimpleNamespace:
    def __init__(self, /, **kwargs):
        self.__dict__.update(kwargs)

    def __repr__(self):
        inside = ", ".join(f"{key}={value!r}" for key, value in self.__dict__.items())
        return f"namespace({inside})" if type(self) is SimpleNamespace else f"{type(self).__name__}({inside})"

    def __eq__(self, other):
        if isinstance(self, SimpleNamespace) and isinstance(other, SimpleNamespace):
            return self.__dict__ == other.__dict__
        return NotImplemented

    __hash__ = None


class DynamicClassAttribute(property):
    pass


def new_class(name, bases=(), kwds=None, exec_body=None):
    kwds = dict(kwds or {})
    meta = kwds.pop("metaclass", None)
    if meta is None:
        meta = type(bases[0]) if bases else type
    namespace = meta.__prepare__(name, bases, **kwds) if hasattr(meta, "__prepare__") else {}
    if exec_body is not None:
        exec_body(namespace)
    return meta(name, resolve_bases(bases), namespace, **kwds)


def resolve_bases(bases):
    out = []
    for base in bases:
        if not isinstance(base, type) and hasattr(base, "__mro_entries__"):
            out.extend(base.__mro_entries__(bases))
        else:
            out.append(base)
    return tuple(out)


def coroutine(func):
    return func
