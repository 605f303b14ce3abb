"""Shallow and deep copies."""


class Error(Exception):
    pass


error = Error

_MISSING = object()


def _is_atomic(cls):
    import types
    return cls in (type(None), int, float, bool, complex, str, bytes, type, range, slice, property,
                   types.FunctionType, types.BuiltinFunctionType, types.EllipsisType, types.NotImplementedType,
                   types.ModuleType, types.CodeType) or issubclass(cls, type)


def _state(x):
    getstate = getattr(type(x), "__getstate__", None)
    if getstate is not None and getstate is not getattr(object, "__getstate__", None):
        return getstate(x)
    return getattr(x, "__dict__", None)


def _set_state(y, state):
    if state is None:
        return
    setstate = getattr(type(y), "__setstate__", None)
    if setstate is not None:
        setstate(y, state)
    else:
        y.__dict__.update(state)


def _reduced(x):
    """What x.__reduce_ex__ or x.__reduce__ of a Python class says; null where only object's would answer."""
    for name in ("__reduce_ex__", "__reduce__"):
        method = getattr(type(x), name, None)
        if method is not None and method is not getattr(object, name, None):
            return method(x, 4) if name == "__reduce_ex__" else method(x)
    return None


def _rebuild(x, reduced, copy_one):
    if isinstance(reduced, str):
        return x
    func, args = reduced[0], reduced[1]
    y = func(*[copy_one(arg) for arg in args])
    if len(reduced) > 2 and reduced[2] is not None:
        _set_state(y, copy_one(reduced[2]))
    if len(reduced) > 3 and reduced[3] is not None:
        for item in reduced[3]:
            y.append(copy_one(item))
    if len(reduced) > 4 and reduced[4] is not None:
        for key, value in reduced[4]:
            y[copy_one(key)] = copy_one(value)
    return y


def _new(x, cls):
    getnewargs = getattr(x, "__getnewargs__", None)
    if getnewargs is not None:
        return cls.__new__(cls, *getnewargs())
    if isinstance(x, BaseException):
        return cls.__new__(cls, *x.args)
    if isinstance(x, (tuple, frozenset)):
        return cls.__new__(cls, list(x))
    if isinstance(x, str):
        return cls.__new__(cls, str.__str__(x))
    if isinstance(x, bytes):
        return cls.__new__(cls, x)
    if isinstance(x, int):
        return cls.__new__(cls, int(x))
    if isinstance(x, float):
        return cls.__new__(cls, float(x))
    return cls.__new__(cls)


def copy(x):
    cls = type(x)
    if _is_atomic(cls) or cls in (tuple, frozenset):
        return x
    if cls in (list, dict, set):
        return x.copy()
    copier = getattr(cls, "__copy__", None)
    if copier is not None:
        return copier(x)
    import types
    if isinstance(x, types.MethodType):
        return x
    reduced = _reduced(x)
    if reduced is not None:
        return _rebuild(x, reduced, lambda value: value)
    y = _new(x, cls)
    state = _state(x)
    if state is not None:
        _set_state(y, dict(state) if isinstance(state, dict) else state)
    if isinstance(x, dict):
        for key, value in dict.items(x):
            dict.__setitem__(y, key, value)
    elif isinstance(x, list):
        list.extend(y, x)
    elif isinstance(x, set):
        y.update(x)
    return y


def deepcopy(x, memo=None, _nil=()):
    cls = type(x)
    if _is_atomic(cls):
        return x
    if memo is None:
        memo = {}
    key = id(x)
    done = memo.get(key, _MISSING)
    if done is not _MISSING:
        return done
    if cls is list:
        y = []
        memo[key] = y
        for item in x:
            y.append(deepcopy(item, memo))
        return y
    if cls is dict:
        y = {}
        memo[key] = y
        for name, value in x.items():
            y[deepcopy(name, memo)] = deepcopy(value, memo)
        return y
    if cls is tuple:
        items = [deepcopy(item, memo) for item in x]
        # A tuple that holds itself through a list has been copied by now.
        done = memo.get(key, _MISSING)
        if done is not _MISSING:
            return done
        y = x
        for old, new in zip(x, items):
            if old is not new:
                y = tuple(items)
                break
        memo[key] = y
        return y
    y = _deepcopy_object(x, cls, memo)
    if y is not x:
        memo[key] = y
        # x must live as long as the memo: its id() is a key.
        memo.setdefault(id(memo), []).append(x)
    return y


def _deepcopy_object(x, cls, memo):
    copier = getattr(x, "__deepcopy__", None)
    if copier is not None:
        return copier(memo)
    import types
    if isinstance(x, types.MethodType):
        return types.MethodType(x.__func__, deepcopy(x.__self__, memo))
    reduced = _reduced(x)
    if reduced is not None:
        return _rebuild(x, reduced, lambda value: deepcopy(value, memo))
    if isinstance(x, (set, frozenset)):
        if cls in (set, frozenset):
            return cls([deepcopy(item, memo) for item in x])
    if isinstance(x, (tuple, frozenset)):
        y = cls.__new__(cls, *[deepcopy(arg, memo) for arg in x.__getnewargs__()]) if hasattr(x, "__getnewargs__") \
            else cls.__new__(cls, [deepcopy(item, memo) for item in x])
    else:
        y = _new(x, cls)
    memo[id(x)] = y
    state = _state(x)
    if state is not None:
        _set_state(y, deepcopy(state, memo))
    if isinstance(x, dict):
        for key, value in dict.items(x):
            dict.__setitem__(y, deepcopy(key, memo), deepcopy(value, memo))
    elif isinstance(x, list):
        for item in x:
            list.append(y, deepcopy(item, memo))
    elif isinstance(x, set):
        for item in x:
            y.add(deepcopy(item, memo))
    return y
