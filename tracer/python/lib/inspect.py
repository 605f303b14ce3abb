"""Looking at functions and classes."""
import enum
import types

CO_OPTIMIZED = 1
CO_NEWLOCALS = 2
CO_VARARGS = 4
CO_VARKEYWORDS = 8
CO_NESTED = 16
CO_GENERATOR = 32


class _empty:
    """Marker: nothing given."""


class _ParameterKind(enum.IntEnum):
    POSITIONAL_ONLY = 0
    POSITIONAL_OR_KEYWORD = 1
    VAR_POSITIONAL = 2
    KEYWORD_ONLY = 3
    VAR_KEYWORD = 4

    def __new__(cls, value):
        made = int.__new__(cls, value)
        made._value_ = value
        return made

    def __str__(self):
        return self.name

    @property
    def description(self):
        return self.name.lower().replace("_", " ")


def formatannotation(annotation, base_module=None):
    if getattr(annotation, "__module__", None) == "typing":
        return repr(annotation).replace("typing.", "")
    if isinstance(annotation, types.GenericAlias):
        return str(annotation)
    if isinstance(annotation, type):
        if annotation.__module__ in ("builtins", base_module):
            return annotation.__qualname__
        return annotation.__module__ + "." + annotation.__qualname__
    return repr(annotation)


class Parameter:
    POSITIONAL_ONLY = _ParameterKind.POSITIONAL_ONLY
    POSITIONAL_OR_KEYWORD = _ParameterKind.POSITIONAL_OR_KEYWORD
    VAR_POSITIONAL = _ParameterKind.VAR_POSITIONAL
    KEYWORD_ONLY = _ParameterKind.KEYWORD_ONLY
    VAR_KEYWORD = _ParameterKind.VAR_KEYWORD
    empty = _empty

    def __init__(self, name, kind, *, default=_empty, annotation=_empty):
        self.kind = kind = _ParameterKind(kind)
        if default is not _empty and kind in (_ParameterKind.VAR_POSITIONAL, _ParameterKind.VAR_KEYWORD):
            raise ValueError(f"{kind.description} parameters cannot have default values")
        if not isinstance(name, str):
            raise TypeError(f"name must be a str, not a {type(name).__name__}")
        if not name.isidentifier():
            raise ValueError(f"{name!r} is not a valid parameter name")
        self.name = name
        self.default = default
        self.annotation = annotation

    def replace(self, *, name=None, kind=None, annotation=None, default=None):
        return type(self)(self.name if name is None else name, self.kind if kind is None else kind,
                          default=self.default if default is None else default,
                          annotation=self.annotation if annotation is None else annotation)

    def __str__(self):
        out = self.name
        if self.annotation is not _empty:
            out = f"{out}: {formatannotation(self.annotation)}"
        if self.default is not _empty:
            out = f"{out} = {self.default!r}" if self.annotation is not _empty else f"{out}={self.default!r}"
        if self.kind == _ParameterKind.VAR_POSITIONAL:
            return "*" + out
        if self.kind == _ParameterKind.VAR_KEYWORD:
            return "**" + out
        return out

    def __repr__(self):
        return f'<Parameter "{self}">'

    def __eq__(self, other):
        if not isinstance(other, Parameter):
            return NotImplemented
        return (self.name == other.name and self.kind == other.kind and self.default == other.default and
                self.annotation == other.annotation)

    def __hash__(self):
        return hash((self.name, self.kind))


class BoundArguments:
    def __init__(self, signature, arguments):
        self.arguments = arguments
        self.signature = signature

    @property
    def args(self):
        out = []
        for name, parameter in self.signature.parameters.items():
            if parameter.kind in (Parameter.VAR_KEYWORD, Parameter.KEYWORD_ONLY):
                break
            if name not in self.arguments:
                break
            if parameter.kind == Parameter.VAR_POSITIONAL:
                out.extend(self.arguments[name])
            else:
                out.append(self.arguments[name])
        return tuple(out)

    @property
    def kwargs(self):
        out = {}
        started = False
        for name, parameter in self.signature.parameters.items():
            if not started:
                if parameter.kind in (Parameter.VAR_KEYWORD, Parameter.KEYWORD_ONLY):
                    started = True
                elif name not in self.arguments:
                    started = True
                    continue
            if not started or name not in self.arguments:
                continue
            if parameter.kind == Parameter.VAR_KEYWORD:
                out.update(self.arguments[name])
            else:
                out[name] = self.arguments[name]
        return out

    def apply_defaults(self):
        out = {}
        for name, parameter in self.signature.parameters.items():
            if name in self.arguments:
                out[name] = self.arguments[name]
            elif parameter.default is not _empty:
                out[name] = parameter.default
            elif parameter.kind == Parameter.VAR_POSITIONAL:
                out[name] = ()
            elif parameter.kind == Parameter.VAR_KEYWORD:
                out[name] = {}
        self.arguments = out

    def __eq__(self, other):
        if not isinstance(other, BoundArguments):
            return NotImplemented
        return self.signature == other.signature and self.arguments == other.arguments

    __hash__ = None

    def __repr__(self):
        return f"<BoundArguments ({', '.join(f'{k}={v!r}' for k, v in self.arguments.items())})>"


class Signature:
    empty = _empty

    def __init__(self, parameters=None, *, return_annotation=_empty, __validate_parameters__=True):
        by_name = {}
        kind = Parameter.POSITIONAL_ONLY
        seen_default = False
        for parameter in parameters or ():
            if parameter.kind < kind:
                raise ValueError(f"wrong parameter order: {kind.description} parameter before "
                                 f"{parameter.kind.description} parameter")
            kind = parameter.kind
            if kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
                if parameter.default is not _empty:
                    seen_default = True
                elif seen_default:
                    raise ValueError("non-default argument follows default argument")
            if parameter.name in by_name:
                raise ValueError(f"duplicate parameter name: {parameter.name!r}")
            by_name[parameter.name] = parameter
        self.parameters = types.MappingProxyType(by_name) if _can_proxy else by_name
        self.return_annotation = return_annotation

    @classmethod
    def from_callable(cls, obj, *, follow_wrapped=True, globals=None, locals=None, eval_str=False):
        return signature(obj, follow_wrapped=follow_wrapped)

    def replace(self, *, parameters=_empty, return_annotation=_empty):
        return type(self)(self.parameters.values() if parameters is _empty else parameters,
                          return_annotation=self.return_annotation if return_annotation is _empty
                          else return_annotation)

    def _bind(self, args, kwargs, partial):
        arguments = {}
        kwargs = dict(kwargs)
        args = list(args)
        for name, parameter in self.parameters.items():
            kind = parameter.kind
            if kind == Parameter.VAR_POSITIONAL:
                if args:
                    arguments[name] = tuple(args)
                    args = []
            elif kind == Parameter.VAR_KEYWORD:
                continue
            elif kind != Parameter.KEYWORD_ONLY and args:
                if name in kwargs and kind != Parameter.POSITIONAL_ONLY:
                    raise TypeError(f"multiple values for argument {name!r}")
                arguments[name] = args.pop(0)
            elif name in kwargs and kind != Parameter.POSITIONAL_ONLY:
                arguments[name] = kwargs.pop(name)
            elif parameter.default is _empty and not partial:
                raise TypeError(f"missing a required argument: {name!r}")
        if args:
            raise TypeError("too many positional arguments")
        if kwargs:
            extra = next((p for p in self.parameters.values() if p.kind == Parameter.VAR_KEYWORD), None)
            if extra is None:
                raise TypeError(f"got an unexpected keyword argument {next(iter(kwargs))!r}")
            arguments[extra.name] = kwargs
        return BoundArguments(self, arguments)

    def bind(self, /, *args, **kwargs):
        return self._bind(args, kwargs, False)

    def bind_partial(self, /, *args, **kwargs):
        return self._bind(args, kwargs, True)

    def __eq__(self, other):
        if not isinstance(other, Signature):
            return NotImplemented
        return (list(self.parameters.items()) == list(other.parameters.items()) and
                self.return_annotation == other.return_annotation)

    def __hash__(self):
        return hash(tuple(self.parameters))

    def __str__(self):
        out = []
        need_slash = False
        need_star = True
        for parameter in self.parameters.values():
            kind = parameter.kind
            if kind == Parameter.POSITIONAL_ONLY:
                need_slash = True
            elif need_slash:
                out.append("/")
                need_slash = False
            if kind == Parameter.VAR_POSITIONAL:
                need_star = False
            elif kind == Parameter.KEYWORD_ONLY and need_star:
                out.append("*")
                need_star = False
            out.append(str(parameter))
        if need_slash:
            out.append("/")
        text = f"({', '.join(out)})"
        if self.return_annotation is not _empty:
            text += f" -> {formatannotation(self.return_annotation)}"
        return text

    def __repr__(self):
        return f"<{self.__class__.__name__} {self}>"


def _proxy_works():
    try:
        types.MappingProxyType({})
        return True
    except Exception:
        return False


_can_proxy = _proxy_works()


def _from_function(func):
    code = func.__code__
    names = code.co_varnames
    positional = code.co_argcount
    keyword_only = code.co_kwonlyargcount
    defaults = func.__defaults__ or ()
    keyword_defaults = func.__kwdefaults__ or {}
    annotations = getattr(func, "__annotations__", None) or {}
    first_default = positional - len(defaults)
    out = []
    for index, name in enumerate(names[:positional]):
        kind = Parameter.POSITIONAL_ONLY if index < code.co_posonlyargcount else Parameter.POSITIONAL_OR_KEYWORD
        default = defaults[index - first_default] if index >= first_default else _empty
        out.append(Parameter(name, kind, default=default, annotation=annotations.get(name, _empty)))
    at = positional + keyword_only
    if code.co_flags & CO_VARARGS:
        name = names[at]
        at += 1
        out.append(Parameter(name, Parameter.VAR_POSITIONAL, annotation=annotations.get(name, _empty)))
    for name in names[positional:positional + keyword_only]:
        out.append(Parameter(name, Parameter.KEYWORD_ONLY, default=keyword_defaults.get(name, _empty),
                             annotation=annotations.get(name, _empty)))
    if code.co_flags & CO_VARKEYWORDS:
        name = names[at]
        out.append(Parameter(name, Parameter.VAR_KEYWORD, annotation=annotations.get(name, _empty)))
    return Signature(out, return_annotation=annotations.get("return", _empty))


def _without_first(sig):
    parameters = list(sig.parameters.values())
    if not parameters or parameters[0].kind in (Parameter.VAR_KEYWORD, Parameter.KEYWORD_ONLY):
        raise ValueError("invalid method signature")
    if parameters[0].kind != Parameter.VAR_POSITIONAL:
        parameters = parameters[1:]
    return sig.replace(parameters=parameters)


def _of_partial(partial):
    wrapped = signature(partial.func)
    bound = wrapped.bind_partial(*partial.args, **partial.keywords)
    out = []
    keyword_from_here = False
    for name, parameter in wrapped.parameters.items():
        kind = parameter.kind
        if name in bound.arguments and kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
            if name in partial.keywords:
                keyword_from_here = True
                parameter = parameter.replace(default=bound.arguments[name])
            else:
                continue
        if keyword_from_here:
            if parameter.kind == Parameter.POSITIONAL_OR_KEYWORD:
                parameter = parameter.replace(kind=Parameter.KEYWORD_ONLY)
            elif parameter.kind == Parameter.VAR_POSITIONAL:
                continue
        out.append(parameter)
    return wrapped.replace(parameters=out)


def signature(obj, *, follow_wrapped=True, globals=None, locals=None, eval_str=False):
    if not callable(obj):
        raise TypeError(f"{obj!r} is not a callable object")
    if isinstance(obj, types.MethodType):
        return _without_first(signature(obj.__func__))
    if follow_wrapped and not isinstance(obj, type):
        obj = unwrap(obj, stop=lambda f: hasattr(f, "__signature__") or isinstance(f, types.MethodType))
        if isinstance(obj, types.MethodType):
            return signature(obj)
    given = None if isinstance(obj, type) else getattr(obj, "__signature__", None)
    if given is not None:
        return given
    if isinstance(obj, types.FunctionType):
        return _from_function(obj)
    import functools
    if isinstance(obj, functools.partial):
        return _of_partial(obj)
    if isinstance(obj, type):
        call = type(obj).__call__ if type(obj) is not type and "__call__" in type(obj).__dict__ else None
        if isinstance(call, types.FunctionType):
            return _without_first(_from_function(call))
        for base in obj.__mro__:
            for name in ("__new__", "__init__"):
                found = base.__dict__.get(name)
                found = getattr(found, "__func__", found)
                if isinstance(found, types.FunctionType):
                    return _without_first(signature(found))
        if all(base.__module__ != "builtins" or base is object for base in obj.__mro__):
            return Signature()
        raise ValueError(f"no signature found for builtin type {obj!r}")
    call = getattr(type(obj), "__call__", None)
    if isinstance(call, types.FunctionType):
        return _without_first(signature(call))
    raise ValueError(f"no signature found for builtin {obj!r}")


def unwrap(func, *, stop=None):
    seen = set()
    while not isinstance(func, type) and hasattr(func, "__wrapped__"):
        if stop is not None and stop(func):
            break
        if id(func) in seen:
            raise ValueError(f"wrapper loop when unwrapping {func!r}")
        seen.add(id(func))
        func = func.__wrapped__
    return func


def _full_arg_spec_type():
    from collections import namedtuple
    return namedtuple("FullArgSpec", "args, varargs, varkw, defaults, kwonlyargs, kwonlydefaults, annotations",
                      module="inspect")


FullArgSpec = _full_arg_spec_type()


def getfullargspec(func):
    sig = _from_function(func.__func__ if isinstance(func, types.MethodType) else func) \
        if isinstance(func, (types.FunctionType, types.MethodType)) else signature(func)
    args, varargs, varkw, defaults, kwonly, kwdefaults, annotations = [], None, None, [], [], {}, {}
    for p in sig.parameters.values():
        if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
            args.append(p.name)
            if p.default is not _empty:
                defaults.append(p.default)
        elif p.kind == Parameter.VAR_POSITIONAL:
            varargs = p.name
        elif p.kind == Parameter.VAR_KEYWORD:
            varkw = p.name
        else:
            kwonly.append(p.name)
            if p.default is not _empty:
                kwdefaults[p.name] = p.default
        if p.annotation is not _empty:
            annotations[p.name] = p.annotation
    if sig.return_annotation is not _empty:
        annotations["return"] = sig.return_annotation
    return FullArgSpec(args, varargs, varkw, tuple(defaults) or None, kwonly, kwdefaults or None, annotations)


def get_annotations(obj, *, globals=None, locals=None, eval_str=False):
    if isinstance(obj, type):
        return dict(obj.__dict__.get("__annotations__", {}))
    return dict(getattr(obj, "__annotations__", None) or {})


def isclass(obj):
    return isinstance(obj, type)


def ismodule(obj):
    return isinstance(obj, types.ModuleType)


def isfunction(obj):
    return isinstance(obj, types.FunctionType)


def ismethod(obj):
    return isinstance(obj, types.MethodType)


def isbuiltin(obj):
    return isinstance(obj, types.BuiltinFunctionType)


def isroutine(obj):
    return isbuiltin(obj) or isfunction(obj) or ismethod(obj)


def isgeneratorfunction(obj):
    obj = getattr(obj, "__func__", obj)
    return isinstance(obj, types.FunctionType) and bool(obj.__code__.co_flags & CO_GENERATOR)


def isgenerator(obj):
    return isinstance(obj, types.GeneratorType)


def iscoroutinefunction(obj):
    return False


def iscoroutine(obj):
    return False


def isawaitable(obj):
    return False


def isabstract(obj):
    return isinstance(obj, type) and bool(getattr(obj, "__abstractmethods__", None))


def isdatadescriptor(obj):
    return not isinstance(obj, type) and (hasattr(type(obj), "__set__") or isinstance(obj, property))


def getmembers(obj, predicate=None):
    out = []
    for name in dir(obj):
        try:
            value = getattr(obj, name)
        except AttributeError:
            continue
        if predicate is None or predicate(value):
            out.append((name, value))
    out.sort(key=lambda item: item[0])
    return out


def getattr_static(obj, attr, default=_empty):
    if not isinstance(obj, type):
        own = getattr(obj, "__dict__", None)
        if own is not None and attr in own:
            return own[attr]
        cls = type(obj)
    else:
        cls = obj
    for base in cls.__mro__:
        if attr in base.__dict__:
            return base.__dict__[attr]
    if default is not _empty:
        return default
    raise AttributeError(attr)


def getmodule(obj, _filename=None):
    import sys
    name = getattr(obj, "__module__", None)
    return sys.modules.get(name) if name is not None else None


def getmro(cls):
    return cls.__mro__


def cleandoc(doc):
    lines = doc.expandtabs().split("\n")
    margin = min([len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()], default=0)
    lines = [lines[0].lstrip()] + [line[margin:] for line in lines[1:]]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return "\n".join(lines)


def getdoc(obj):
    doc = getattr(obj, "__doc__", None)
    return cleandoc(doc) if isinstance(doc, str) else None


def _block(lines, start):
    """Lines of the statement that begins at `start`: the head, and what is indented deeper."""
    indent = len(lines[start]) - len(lines[start].lstrip())
    end = start + 1
    open_brackets = lines[start].count("(") - lines[start].count(")")
    while end < len(lines):
        line = lines[end]
        if open_brackets > 0:
            open_brackets += line.count("(") - line.count(")")
        elif line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    while start > 0 and lines[start - 1].startswith(" " * indent + "@"):
        start -= 1
    return start, end


def getsourcelines(obj):
    """The lines of a function, or of a class by way of one of its methods, and the number of the first."""
    from _traceback import source
    obj = getattr(obj, "__func__", obj)
    name = getattr(obj, "__name__", None)
    found = None
    for function in [obj] if not isinstance(obj, type) else obj.__dict__.values():
        found = source(getattr(function, "__func__", getattr(function, "fget", None) or function))
        if found is not None:
            break
    if found is None:
        raise OSError("could not get source code")
    text, line = found
    lines = text.splitlines(True)
    start = min(line, len(lines)) - 1
    if isinstance(obj, type):
        inner = len(lines[start]) - len(lines[start].lstrip())
        while start >= 0:
            head = lines[start].lstrip()
            if head.startswith(("class " + name + "(", "class " + name + ":", "class " + name + " ")) \
                    and len(lines[start]) - len(head) < inner:
                break
            start -= 1
        if start < 0:
            raise OSError("could not find class definition")
    start, end = _block(lines, start)
    return lines[start:end], start + 1


def getsource(obj):
    return "".join(getsourcelines(obj)[0])


def getfile(obj):
    raise TypeError(f"{obj!r} has no file")


def currentframe():
    return None


def stack(context=1):
    return []
