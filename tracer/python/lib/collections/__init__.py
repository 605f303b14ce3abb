"""Container types."""

__all__ = ["ChainMap", "Counter", "OrderedDict", "UserDict", "UserList", "UserString", "defaultdict", "deque",
           "namedtuple"]


class OrderedDict(dict):
    def move_to_end(self, key, last=True):
        value = self[key]
        if last:
            dict.__delitem__(self, key)
            dict.__setitem__(self, key, value)
            return
        others = [(k, v) for k, v in dict.items(self) if k != key]
        dict.clear(self)
        dict.__setitem__(self, key, value)
        for k, v in others:
            dict.__setitem__(self, k, v)

    def popitem(self, last=True):
        if not self:
            raise KeyError("dictionary is empty")
        key = next(reversed(self) if last else iter(self))
        return key, self.pop(key)

    def copy(self):
        return self.__class__(self)

    @classmethod
    def fromkeys(cls, iterable, value=None):
        out = cls()
        for key in iterable:
            out[key] = value
        return out

    def __eq__(self, other):
        if isinstance(other, OrderedDict):
            return dict.__eq__(self, other) and list(self) == list(other)
        return dict.__eq__(self, other)

    def __ne__(self, other):
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    __hash__ = None

    def __repr__(self):
        if not self:
            return f"{self.__class__.__name__}()"
        return f"{self.__class__.__name__}({list(self.items())!r})"

    def __or__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        out = self.__class__(self)
        out.update(other)
        return out

    def __ror__(self, other):
        if not isinstance(other, dict):
            return NotImplemented
        out = self.__class__(other)
        out.update(self)
        return out

    def __ior__(self, other):
        self.update(other)
        return self

    def __class_getitem__(cls, item):
        import types
        return types.GenericAlias(cls, item)


class defaultdict(dict):
    def __init__(self, default_factory=None, *args, **kwargs):
        if default_factory is not None and not callable(default_factory):
            raise TypeError("first argument must be callable or None")
        self.default_factory = default_factory
        dict.__init__(self, *args, **kwargs)

    def __missing__(self, key):
        if self.default_factory is None:
            raise KeyError(key)
        value = self.default_factory()
        self[key] = value
        return value

    def copy(self):
        return self.__class__(self.default_factory, self)

    __copy__ = copy

    def __deepcopy__(self, memo):
        from copy import deepcopy
        out = self.__class__(self.default_factory)
        memo[id(self)] = out
        for key, value in self.items():
            out[deepcopy(key, memo)] = deepcopy(value, memo)
        return out

    def __repr__(self):
        return f"{self.__class__.__name__}({self.default_factory!r}, {dict(self)!r})"

    def __class_getitem__(cls, item):
        import types
        return types.GenericAlias(cls, item)


class deque:
    def __init__(self, iterable=(), maxlen=None):
        if maxlen is not None and maxlen < 0:
            raise ValueError("maxlen must be non-negative")
        # Items stand in _items[_head:]; what popleft frees is cut off now and then.
        self._items = []
        self._head = 0
        self.maxlen = maxlen
        self.extend(iterable)

    def _list(self):
        if self._head:
            del self._items[:self._head]
            self._head = 0
        return self._items

    def append(self, value):
        self._items.append(value)
        if self.maxlen is not None and len(self) > self.maxlen:
            self.popleft()

    def appendleft(self, value):
        if self._head:
            self._head -= 1
            self._items[self._head] = value
        else:
            self._items.insert(0, value)
        if self.maxlen is not None and len(self) > self.maxlen:
            self.pop()

    def extend(self, iterable):
        if iterable is self:
            iterable = list(self)
        for value in iterable:
            self.append(value)

    def extendleft(self, iterable):
        for value in iterable:
            self.appendleft(value)

    def pop(self):
        if not len(self):
            raise IndexError("pop from an empty deque")
        return self._items.pop()

    def popleft(self):
        if not len(self):
            raise IndexError("pop from an empty deque")
        value = self._items[self._head]
        self._items[self._head] = None
        self._head += 1
        if self._head > 32 and self._head * 2 > len(self._items):
            self._list()
        return value

    def clear(self):
        self._items = []
        self._head = 0

    def copy(self):
        return self.__class__(self, self.maxlen)

    __copy__ = copy

    def count(self, value):
        return self._list().count(value)

    def index(self, value, *where):
        return self._list().index(value, *where)

    def insert(self, index, value):
        if self.maxlen is not None and len(self) >= self.maxlen:
            raise IndexError("deque already at its maximum size")
        self._list().insert(index, value)

    def remove(self, value):
        if value not in self._list():
            raise ValueError("deque.remove(x): x not in deque")
        self._list().remove(value)

    def reverse(self):
        self._list().reverse()

    def rotate(self, n=1):
        items = self._list()
        if items:
            n %= len(items)
            self._items = items[-n:] + items[:-n] if n else items

    def __len__(self):
        return len(self._items) - self._head

    def __bool__(self):
        return len(self._items) > self._head

    def __iter__(self):
        return iter(self._list())

    def __reversed__(self):
        return reversed(self._list())

    def __contains__(self, value):
        return value in self._list()

    def __getitem__(self, index):
        try:
            return self._list()[index]
        except IndexError:
            raise IndexError("deque index out of range") from None

    def __setitem__(self, index, value):
        self._list()[index] = value

    def __delitem__(self, index):
        del self._list()[index]

    def __eq__(self, other):
        if not isinstance(other, deque):
            return NotImplemented
        return self._list() == other._list()

    def __lt__(self, other):
        if not isinstance(other, deque):
            return NotImplemented
        return self._list() < other._list()

    __hash__ = None

    def __add__(self, other):
        if not isinstance(other, deque):
            raise TypeError(f'can only concatenate deque (not "{type(other).__name__}") to deque')
        return self.__class__(self._list() + other._list(), self.maxlen)

    def __iadd__(self, other):
        self.extend(other)
        return self

    def __mul__(self, n):
        return self.__class__(self._list() * n, self.maxlen)

    __rmul__ = __mul__

    def __repr__(self):
        if self.maxlen is None:
            return f"{self.__class__.__name__}({self._list()!r})"
        return f"{self.__class__.__name__}({self._list()!r}, maxlen={self.maxlen})"

    def __class_getitem__(cls, item):
        import types
        return types.GenericAlias(cls, item)


_KEYWORDS = frozenset("""False None True and as assert async await break class continue def del elif else except
    finally for from global if import in is lambda nonlocal not or pass raise return try while with yield""".split())


def namedtuple(typename, field_names, *, rename=False, defaults=None, module=None):
    if isinstance(field_names, str):
        field_names = field_names.replace(",", " ").split()
    names = [str(name) for name in field_names]
    typename = str(typename)
    if rename:
        seen = set()
        for index, name in enumerate(names):
            if not name.isidentifier() or name in _KEYWORDS or name.startswith("_") or name in seen:
                names[index] = f"_{index}"
            seen.add(name)
    for name in [typename] + names:
        if not name.isidentifier():
            raise ValueError(f"Type names and field names must be valid identifiers: {name!r}")
        if name in _KEYWORDS:
            raise ValueError(f"Type names and field names cannot be a keyword: {name!r}")
    seen = set()
    for name in names:
        if name.startswith("_") and not rename:
            raise ValueError(f"Field names cannot start with an underscore: {name!r}")
        if name in seen:
            raise ValueError(f"Encountered duplicate field name: {name!r}")
        seen.add(name)
    fields = tuple(names)
    default_values = {}
    if defaults is not None:
        defaults = tuple(defaults)
        if len(defaults) > len(fields):
            raise TypeError("Got more default values than field names")
        default_values = dict(zip(fields[len(fields) - len(defaults):], defaults))
    count = len(fields)

    def __new__(cls, *args, **kwargs):
        if len(args) > count:
            least = count - len(default_values) + 1
            takes = f"from {least} to {count + 1}" if default_values else str(count + 1)
            raise TypeError(f"{typename}.__new__() takes {takes} positional arguments but {len(args) + 1} were given")
        if len(args) == count and not kwargs:
            return tuple.__new__(cls, args)
        values = list(args)
        missing = []
        for name in fields[len(args):]:
            if name in kwargs:
                values.append(kwargs.pop(name))
            elif name in default_values:
                values.append(default_values[name])
            else:
                missing.append(name)
        if missing:
            text = repr(missing[0]) if len(missing) == 1 else (
                ", ".join(repr(name) for name in missing[:-1]) + ("," if len(missing) > 2 else "") + " and " +
                repr(missing[-1]))
            raise TypeError(f"{typename}.__new__() missing {len(missing)} required positional "
                            f"argument{'s' if len(missing) > 1 else ''}: {text}")
        for name in kwargs:
            if name in fields:
                raise TypeError(f"{typename}.__new__() got multiple values for argument {name!r}")
            raise TypeError(f"{typename}.__new__() got an unexpected keyword argument {name!r}")
        return tuple.__new__(cls, values)

    def _make(cls, iterable):
        values = tuple(iterable)
        if len(values) != count:
            raise TypeError(f"Expected {count} arguments, got {len(values)}")
        return tuple.__new__(cls, values)

    def _replace(self, /, **kwds):
        values = [kwds.pop(name, value) for name, value in zip(fields, self)]
        if kwds:
            raise ValueError(f"Got unexpected field names: {list(kwds)!r}")
        return self._make(values)

    def __repr__(self):
        return self.__class__.__name__ + "(" + ", ".join(f"{n}={v!r}" for n, v in zip(fields, self)) + ")"

    def _asdict(self):
        return dict(zip(self._fields, self))

    def __getnewargs__(self):
        return tuple(self)

    namespace = {
        "__doc__": f"{typename}({', '.join(fields)})",
        "__slots__": (),
        "_fields": fields,
        "_field_defaults": default_values,
        "__new__": __new__,
        "_make": classmethod(_make),
        "_replace": _replace,
        "__repr__": __repr__,
        "_asdict": _asdict,
        "__getnewargs__": __getnewargs__,
        "__match_args__": fields,
    }
    for index, name in enumerate(fields):
        namespace[name] = _field(index)
    if module is None:
        import sys
        module = sys._getframemodulename(1)
    namespace["__module__"] = module
    return type(typename, (tuple,), namespace)


def _field(index):
    def get(self):
        return tuple.__getitem__(self, index)

    return property(get, doc=f"Alias for field number {index}")


class Counter(dict):
    def __init__(self, iterable=None, /, **kwds):
        dict.__init__(self)
        self.update(iterable, **kwds)

    def __missing__(self, key):
        return 0

    def update(self, iterable=None, /, **kwds):
        if iterable is not None:
            if hasattr(iterable, "keys"):
                for key in iterable.keys():
                    self[key] = self.get(key, 0) + iterable[key]
            else:
                for key in iterable:
                    self[key] = self.get(key, 0) + 1
        for key, value in kwds.items():
            self[key] = self.get(key, 0) + value

    def subtract(self, iterable=None, /, **kwds):
        other = Counter(iterable, **kwds)
        for key, value in other.items():
            self[key] = self.get(key, 0) - value

    def most_common(self, n=None):
        items = sorted(self.items(), key=lambda item: item[1], reverse=True)
        return items if n is None else items[:n]

    def elements(self):
        for key, value in self.items():
            for _ in range(value):
                yield key

    def total(self):
        return sum(self.values())

    def copy(self):
        return self.__class__(self)

    def __delitem__(self, key):
        if key in self:
            dict.__delitem__(self, key)

    def _keep_positive(self):
        for key in [key for key, value in self.items() if not value > 0]:
            del self[key]
        return self

    def __add__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        out = Counter(self)
        out.update(other)
        return out._keep_positive()

    def __sub__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        out = Counter(self)
        out.subtract(other)
        return out._keep_positive()

    def __or__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        out = Counter(self)
        for key, value in other.items():
            out[key] = max(out[key], value)
        return out._keep_positive()

    def __and__(self, other):
        if not isinstance(other, Counter):
            return NotImplemented
        out = Counter()
        for key, value in self.items():
            least = min(value, other[key])
            if least > 0:
                out[key] = least
        return out

    def __repr__(self):
        if not self:
            return f"{self.__class__.__name__}()"
        return f"{self.__class__.__name__}({dict(self.most_common())!r})"

    def __class_getitem__(cls, item):
        import types
        return types.GenericAlias(cls, item)


def _mutable_mapping():
    from collections.abc import MutableMapping
    return MutableMapping


class ChainMap(_mutable_mapping()):
    def __init__(self, *maps):
        self.maps = list(maps) or [{}]

    def __missing__(self, key):
        raise KeyError(key)

    def __getitem__(self, key):
        for mapping in self.maps:
            if key in mapping:
                return mapping[key]
        return self.__missing__(key)

    def get(self, key, default=None):
        return self[key] if key in self else default

    def __len__(self):
        return len(set().union(*self.maps))

    def __iter__(self):
        seen = {}
        for mapping in reversed(self.maps):
            seen.update(dict.fromkeys(mapping))
        return iter(seen)

    def __contains__(self, key):
        return any(key in mapping for mapping in self.maps)

    def __bool__(self):
        return any(self.maps)

    def __repr__(self):
        return f"{self.__class__.__name__}({', '.join(map(repr, self.maps))})"

    def copy(self):
        return self.__class__(self.maps[0].copy(), *self.maps[1:])

    def new_child(self, m=None, **kwargs):
        if m is None:
            m = kwargs
        elif kwargs:
            m.update(kwargs)
        return self.__class__(m, *self.maps)

    @property
    def parents(self):
        return self.__class__(*self.maps[1:])

    def __setitem__(self, key, value):
        self.maps[0][key] = value

    def __delitem__(self, key):
        try:
            del self.maps[0][key]
        except KeyError:
            raise KeyError(f"Key not found in the first mapping: {key!r}") from None


class UserDict(_mutable_mapping()):
    def __init__(self, dict=None, /, **kwargs):
        self.data = {}
        if dict is not None:
            self.update(dict)
        if kwargs:
            self.update(kwargs)

    def __len__(self):
        return len(self.data)

    def __getitem__(self, key):
        if key in self.data:
            return self.data[key]
        if hasattr(self.__class__, "__missing__"):
            return self.__class__.__missing__(self, key)
        raise KeyError(key)

    def __setitem__(self, key, item):
        self.data[key] = item

    def __delitem__(self, key):
        del self.data[key]

    def __iter__(self):
        return iter(self.data)

    def __contains__(self, key):
        return key in self.data

    def __repr__(self):
        return repr(self.data)

    def copy(self):
        return self.__class__(self.data)
