"""Higher-order functions."""

WRAPPER_ASSIGNMENTS = ("__module__", "__name__", "__qualname__", "__doc__", "__annotations__")
WRAPPER_UPDATES = ("__dict__",)


def update_wrapper(wrapper, wrapped, assigned=WRAPPER_ASSIGNMENTS, updated=WRAPPER_UPDATES):
    for name in assigned:
        try:
            value = getattr(wrapped, name)
        except AttributeError:
            pass
        else:
            setattr(wrapper, name, value)
    for name in updated:
        getattr(wrapper, name).update(getattr(wrapped, name, {}))
    wrapper.__wrapped__ = wrapped
    return wrapper


def wraps(wrapped, assigned=WRAPPER_ASSIGNMENTS, updated=WRAPPER_UPDATES):
    def decorate(wrapper):
        return update_wrapper(wrapper, wrapped, assigned, updated)

    return decorate


class partial:
    def __init__(self, func, /, *args, **keywords):
        if not callable(func):
            raise TypeError("the first argument must be callable")
        if isinstance(func, partial):
            args = func.args + args
            keywords = {**func.keywords, **keywords}
            func = func.func
        self.func = func
        self.args = args
        self.keywords = keywords

    def __call__(self, /, *args, **keywords):
        return self.func(*self.args, *args, **{**self.keywords, **keywords})

    def __repr__(self):
        parts = [repr(self.func)]
        parts.extend(repr(value) for value in self.args)
        parts.extend(f"{key}={value!r}" for key, value in self.keywords.items())
        name = type(self).__qualname__
        if type(self).__module__ == "functools":
            name = "functools." + name
        return f"{name}({', '.join(parts)})"

    def __reduce__(self):
        return type(self), (self.func,), (self.func, self.args, self.keywords, None)

    def __setstate__(self, state):
        func, args, keywords, namespace = state
        self.func = func
        self.args = tuple(args)
        self.keywords = dict(keywords) if keywords else {}
        if namespace:
            for key, value in namespace.items():
                setattr(self, key, value)

    def __copy__(self):
        return type(self)(self.func, *self.args, **self.keywords)

    def __deepcopy__(self, memo):
        from copy import deepcopy
        return type(self)(deepcopy(self.func, memo), *deepcopy(self.args, memo), **deepcopy(self.keywords, memo))

    def __class_getitem__(cls, item):
        import types
        return types.GenericAlias(cls, item)


class partialmethod:
    def __init__(self, func, /, *args, **keywords):
        if isinstance(func, partialmethod):
            args = func.args + args
            keywords = {**func.keywords, **keywords}
            func = func.func
        self.func = func
        self.args = args
        self.keywords = keywords

    def __get__(self, obj, cls=None):
        func = self.func
        get = getattr(func, "__get__", None)
        bound = func if get is None else get(obj, cls)
        if obj is None and bound is func:
            def call(self_or_cls, /, *args, **keywords):
                return func(self_or_cls, *self.args, *args, **{**self.keywords, **keywords})

            return call
        return partial(bound, *self.args, **self.keywords)


class _Missing:
    def __repr__(self):
        return "<missing>"


_missing = _Missing()


def reduce(function, sequence, initial=_missing, /):
    iterator = iter(sequence)
    if initial is _missing:
        for value in iterator:
            break
        else:
            raise TypeError("reduce() of empty iterable with no initial value")
    else:
        value = initial
    for element in iterator:
        value = function(value, element)
    return value


def _cache_info_type():
    from collections import namedtuple
    return namedtuple("CacheInfo", ["hits", "misses", "maxsize", "currsize"], module="functools")


_CacheInfo = _cache_info_type()


def _cache_key(args, keywords, typed):
    key = args
    if keywords:
        key = (args, _Missing, tuple(keywords.items()))
    if typed:
        key = (key, tuple(type(value) for value in args), tuple(type(value) for value in keywords.values()))
    return key


class _Cached:
    def __init__(self, function, maxsize, typed):
        self._function = function
        self._maxsize = maxsize
        self._typed = typed
        self.cache_clear()
        update_wrapper(self, function)

    def __call__(self, *args, **keywords):
        key = _cache_key(args, keywords, self._typed)
        found = self._cache.get(key, _missing)
        if found is not _missing:
            self._hits += 1
            if self._maxsize is not None:
                del self._cache[key]
                self._cache[key] = found
            return found
        self._misses += 1
        value = self._function(*args, **keywords)
        if self._maxsize is None or self._maxsize > 0:
            self._cache[key] = value
            if self._maxsize is not None and len(self._cache) > self._maxsize:
                del self._cache[next(iter(self._cache))]
        return value

    def __get__(self, obj, cls=None):
        if obj is None:
            return self
        import types
        return types.MethodType(self, obj)

    def __repr__(self):
        return f"<functools._lru_cache_wrapper object of {self.__qualname__}>"

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def cache_info(self):
        return _CacheInfo(self._hits, self._misses, self._maxsize, len(self._cache))

    def cache_clear(self):
        self._cache = {}
        self._hits = 0
        self._misses = 0

    def cache_parameters(self):
        return {"maxsize": self._maxsize, "typed": self._typed}


def lru_cache(maxsize=128, typed=False):
    if callable(maxsize) and isinstance(typed, bool):
        return _Cached(maxsize, 128, typed)
    if maxsize is not None and not isinstance(maxsize, int):
        raise TypeError("Expected first argument to be an integer, a callable, or None")
    if maxsize is not None and maxsize < 0:
        maxsize = 0

    def decorate(function):
        return _Cached(function, maxsize, typed)

    return decorate


def cache(user_function, /):
    return _Cached(user_function, None, False)


class cached_property:
    def __init__(self, func):
        self.func = func
        self.attrname = None
        self.__doc__ = func.__doc__

    def __set_name__(self, owner, name):
        if self.attrname is None:
            self.attrname = name
        elif name != self.attrname:
            raise TypeError(f"Cannot assign the same cached_property to two different names "
                            f"({self.attrname!r} and {name!r}).")

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        if self.attrname is None:
            raise TypeError("Cannot use cached_property instance without calling __set_name__ on it.")
        cache = instance.__dict__
        if self.attrname in cache:
            return cache[self.attrname]
        value = self.func(instance)
        cache[self.attrname] = value
        return value

    def __class_getitem__(cls, item):
        import types
        return types.GenericAlias(cls, item)


def _order(name, from_root):
    def compare(self, other):
        return from_root(self, other)

    compare.__name__ = name
    return compare


def total_ordering(cls):
    """The three comparisons that cls lacks, made from the one that it has."""
    given = [name for name in ("__lt__", "__le__", "__gt__", "__ge__")
             if any(name in base.__dict__ for base in cls.__mro__ if base is not object)]
    if not given:
        raise ValueError("must define at least one ordering operation: < > <= >=")
    root = given[0]
    ask = getattr(cls, root)

    # Whether self < other, from the one comparison; None where it is not implemented.
    def less(self, other):
        if root in ("__lt__", "__ge__"):
            answer = ask(self, other)
            if answer is NotImplemented:
                return None
            return bool(answer) if root == "__lt__" else not answer
        answer = ask(self, other)
        if answer is NotImplemented:
            return None
        return (bool(answer) and self != other) if root == "__le__" else (not answer and self != other)

    def lt(self, other):
        answer = less(self, other)
        return NotImplemented if answer is None else answer

    def le(self, other):
        answer = less(self, other)
        return NotImplemented if answer is None else answer or self == other

    def gt(self, other):
        answer = less(self, other)
        return NotImplemented if answer is None else not answer and self != other

    def ge(self, other):
        answer = less(self, other)
        return NotImplemented if answer is None else not answer

    for name, function in (("__lt__", lt), ("__le__", le), ("__gt__", gt), ("__ge__", ge)):
        if name not in given:
            setattr(cls, name, _order(name, function))
    return cls


class _ComparedBy:
    def __init__(self, compare, obj):
        self._compare = compare
        self.obj = obj

    def __lt__(self, other):
        return self._compare(self.obj, other.obj) < 0

    def __gt__(self, other):
        return self._compare(self.obj, other.obj) > 0

    def __eq__(self, other):
        return self._compare(self.obj, other.obj) == 0

    def __le__(self, other):
        return self._compare(self.obj, other.obj) <= 0

    def __ge__(self, other):
        return self._compare(self.obj, other.obj) >= 0

    __hash__ = None


def cmp_to_key(mycmp):
    def key(obj):
        return _ComparedBy(mycmp, obj)

    return key


def singledispatch(func):
    registry = {object: func}

    def dispatch(cls):
        for base in cls.__mro__:
            if base in registry:
                return registry[base]
        for base in registry:
            if base is not object and issubclass(cls, base):
                return registry[base]
        return func

    def register(cls, function=None):
        if function is None:
            if isinstance(cls, type):
                return lambda f: register(cls, f)
            function = cls
            annotations = getattr(function, "__annotations__", {})
            cls = next((value for name, value in annotations.items() if name != "return"), None)
            if not isinstance(cls, type):
                raise TypeError(f"Invalid annotation for the first argument of {function!r}.")
        registry[cls] = function
        return function

    def wrapper(*args, **kw):
        if not args:
            raise TypeError(f"{func.__name__} requires at least 1 positional argument")
        return dispatch(args[0].__class__)(*args, **kw)

    wrapper.register = register
    wrapper.dispatch = dispatch
    wrapper.registry = registry
    update_wrapper(wrapper, func)
    return wrapper
