"""Enumerations, as of Python 3.11."""

__all__ = ["EnumMeta", "EnumType", "Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "auto", "unique", "property",
           "member", "nonmember", "KEEP", "STRICT", "CONFORM", "EJECT", "FlagBoundary"]

_property = property


class nonmember:
    def __init__(self, value):
        self.value = value


class member:
    def __init__(self, value):
        self.value = value


class _NoValue:
    pass


class auto:
    """Replaced by what _generate_next_value_ gives."""

    def __init__(self, value=_NoValue):
        self.value = value

    def __repr__(self):
        return f"auto({self.value!r})"


def _is_dunder(name):
    return len(name) > 4 and name[:2] == name[-2:] == "__" and name[2] != "_" and name[-3] != "_"


def _is_sunder(name):
    return len(name) > 2 and name[0] == name[-1] == "_" and name[1] != "_" and name[-2] != "_"


def _is_private(cls_name, name):
    prefix = f"_{cls_name.lstrip('_')}__"
    return len(name) > len(prefix) and name.startswith(prefix) and not name.endswith("__")


def _is_descriptor(value):
    return hasattr(value, "__get__") or hasattr(value, "__set__") or hasattr(value, "__delete__")


class property(_property):
    """An attribute of members that is no attribute of the class, so a member may have its name."""


class EnumDict(dict):
    """The namespace of an enumeration's body: remembers which names are members, in order."""

    def __init__(self, cls_name="", bases=()):
        super().__init__()
        self._cls_name = cls_name
        self._member_names = []
        self._last_values = []
        self._ignore = []
        self._generate = None
        for base in bases:
            self._generate = getattr(base, "_generate_next_value_", None)
            if self._generate is not None:
                break

    def __setitem__(self, key, value):
        if _is_private(self._cls_name, key) or _is_dunder(key):
            pass
        elif _is_sunder(key):
            if key == "_generate_next_value_":
                self._generate = value.__func__ if isinstance(value, staticmethod) else value
                value = staticmethod(self._generate)
            elif key == "_ignore_":
                names = value.replace(",", " ").split() if isinstance(value, str) else list(value)
                self._ignore = names
            elif key not in ("_order_", "_missing_", "_numeric_repr_", "_iter_member_", "_value_repr_",
                             "_add_alias_", "_add_value_alias_", "_simple_", "_boundary_"):
                raise ValueError(f"_sunder_ names, such as {key!r}, are reserved for future Enum use")
        elif key in self._member_names:
            raise TypeError(f"{key!r} already defined as {self[key]!r}")
        elif key in self._ignore:
            pass
        elif isinstance(value, nonmember):
            value = value.value
        elif isinstance(value, member) or not _is_descriptor(value):
            if isinstance(value, member):
                value = value.value
            if key in self:
                raise TypeError(f"{key!r} already defined as {self[key]!r}")
            value = self._resolve(key, value)
            self._member_names.append(key)
            self._last_values.append(value)
        dict.__setitem__(self, key, value)

    def _resolve(self, key, value):
        if isinstance(value, auto):
            if value.value is _NoValue:
                value.value = self._generate(key, 1, len(self._member_names), self._last_values[:])
            return value.value
        if type(value) is tuple and any(isinstance(item, auto) for item in value):
            return tuple(self._resolve(key, item) for item in value)
        return value


_EnumDict = EnumDict


class EnumType(type):
    @classmethod
    def __prepare__(metacls, name, bases, **kwds):
        metacls._check_for_existing_members(name, bases)
        return EnumDict(name, [base for base in reversed(bases) if isinstance(base, EnumType)])

    @staticmethod
    def _check_for_existing_members(name, bases):
        for chain in bases:
            for base in chain.__mro__:
                if isinstance(base, EnumType) and base._member_names_:
                    raise TypeError(f"<enum {name!r}> cannot extend {base!r}")

    def __new__(metacls, name, bases, namespace, *, boundary=None, **kwds):
        names = list(namespace._member_names)
        values = {key: namespace[key] for key in names}
        for key in names:
            if key in ("mro", ""):
                raise ValueError(f"invalid enum member name(s) {key!r}")
        plain = {key: value for key, value in namespace.items() if key not in values and key not in namespace._ignore}
        plain.pop("_ignore_", None)
        order = plain.pop("_order_", None)
        plain["_member_names_"] = []
        plain["_member_map_"] = {}
        plain["_value2member_map_"] = {}
        plain["_unhashable_values_"] = []
        cls = super().__new__(metacls, name, bases, plain, **kwds)
        data_type = metacls._data_type(cls)
        cls._member_type_ = data_type
        create, use_args = metacls._creator(cls, plain, data_type)
        if Enum is not None and data_type is not object:
            # An enumeration looks like one, however its data type would look.
            for name in ("__repr__", "__str__", "__format__", "__reduce_ex__"):
                if name in plain:
                    continue
                found = getattr(cls, name, None)
                if found is getattr(data_type, name, None) or found is getattr(object, name, None):
                    type.__setattr__(cls, name, getattr(bases[-1], name))
            if Flag is not None and issubclass(cls, Flag):
                for name in ("__or__", "__and__", "__xor__", "__ror__", "__rand__", "__rxor__", "__invert__"):
                    if name not in plain:
                        type.__setattr__(cls, name, getattr(Flag, name))
        cls._boundary_ = boundary or getattr(cls, "_boundary_", None)
        for key in names:
            cls._add_member(key, values[key], create, use_args)
        if Flag is not None and issubclass(cls, Flag):
            cls._finish_flag()
        if order is not None:
            wanted = order.replace(",", " ").split() if isinstance(order, str) else list(order)
            if [key for key in wanted if key in cls._member_names_] != cls._member_names_:
                raise TypeError("member order does not match _order_:")
        return cls

    def __init__(cls, *args, **kwds):
        pass

    def _data_type(cls):
        """What members are besides being enumeration members: str, int, a dataclass; object for nothing else."""
        for base in cls.__mro__[1:]:
            if base is object or isinstance(base, EnumType):
                continue
            if "__new__" in base.__dict__ or "__dataclass_fields__" in base.__dict__ or base.__module__ == "builtins":
                return base
        return object

    def _creator(cls, namespace, data_type):
        if Enum is None:
            return None, False
        if "__new__" in namespace:
            create = cls.__dict__["__new__"]
            create = getattr(create, "__func__", create)
            cls.__new_member__ = create
            cls.__new__ = Enum.__new__
            return create, True
        for base in cls.__mro__[1:]:
            create = base.__dict__.get("__new_member__")
            if create is not None:
                return getattr(create, "__func__", create), True
        if data_type is object:
            return None, False
        if "__new__" in data_type.__dict__ or data_type.__module__ == "builtins":
            cls.__new__ = Enum.__new__
            return data_type.__new__, True
        return None, True

    def _add_member(cls, key, value, create, use_args):
        args = value if type(value) is tuple else (value,)
        if cls._member_type_ is tuple:
            args = (args,)
        if create is None:
            made = object.__new__(cls)
        elif use_args:
            made = create(cls, *args)
        else:
            made = create(cls)
        if "_value_" not in made.__dict__:
            if cls._member_type_ is object:
                made._value_ = value
            elif create is None:
                made._value_ = value
            else:
                try:
                    made._value_ = cls._member_type_(*args)
                except Exception as error:
                    raise TypeError("_value_ not set in __new__, unable to create it") from error
        value = made._value_
        made._name_ = key
        made.__objclass__ = cls
        if cls.__init__ is not object.__init__ and (create is None or "__init__" in _own_names(cls)):
            made.__init__(*args)
        made._sort_order_ = len(cls._member_names_)
        same = cls._find_value(value)
        if same is not None:
            made = same
        elif Flag is None or not issubclass(cls, Flag) or (isinstance(value, int) and value and not value & value - 1):
            cls._member_names_.append(key)
        type.__setattr__(cls, key, made)
        cls._member_map_[key] = made
        if same is None:
            try:
                cls._value2member_map_.setdefault(value, made)
            except TypeError:
                cls._unhashable_values_.append(value)

    def _find_value(cls, value):
        try:
            return cls._value2member_map_.get(value)
        except TypeError:
            pass
        for found in cls._member_map_.values():
            if found._value_ == value:
                return found
        return None

    def __call__(cls, value, names=None, *, module=None, qualname=None, type=None, start=1, boundary=None):
        if names is None:
            return cls.__new__(cls, value)
        return cls._create_(value, names, module, qualname, type, start, boundary)

    def _create_(cls, class_name, names, module, qualname, mixin, start, boundary):
        metacls = cls.__class__
        bases = (cls,) if mixin is None else (mixin, cls)
        namespace = metacls.__prepare__(class_name, bases)
        if isinstance(names, str):
            names = names.replace(",", " ").split()
        if isinstance(names, (tuple, list)) and names and isinstance(names[0], str):
            values = []
            pairs = []
            for index, name in enumerate(names):
                value = cls._generate_next_value_(name, start, index, values[:])
                values.append(value)
                pairs.append((name, value))
            names = pairs
        for item in names:
            name, value = (item, names[item]) if isinstance(item, str) else item
            namespace[name] = value
        namespace["__module__"] = module or "__main__"
        if qualname is not None:
            namespace["__qualname__"] = qualname
        return metacls.__new__(metacls, class_name, bases, namespace, boundary=boundary)

    def __contains__(cls, value):
        if not isinstance(value, Enum):
            raise TypeError("unsupported operand type(s) for 'in': '%s' and '%s'" % (
                type(value).__qualname__, cls.__class__.__qualname__))
        return isinstance(value, cls) and value._name_ in cls._member_map_

    def __getitem__(cls, name):
        return cls._member_map_[name]

    def __iter__(cls):
        return (cls._member_map_[name] for name in cls._member_names_)

    def __reversed__(cls):
        return (cls._member_map_[name] for name in reversed(cls._member_names_))

    def __len__(cls):
        return len(cls._member_names_)

    def __bool__(cls):
        return True

    @_property
    def __members__(cls):
        import types
        return types.MappingProxyType(cls._member_map_)

    def __setattr__(cls, name, value):
        if name in cls.__dict__.get("_member_map_", {}):
            raise AttributeError(f"cannot reassign member {name!r}")
        super().__setattr__(name, value)

    def __getattr__(cls, name):
        raise AttributeError(name)

    def __delattr__(cls, name):
        if name in cls.__dict__.get("_member_map_", {}):
            raise AttributeError(f"{cls.__name__!r} cannot delete member {name!r}.")
        super().__delattr__(name)

    def __dir__(cls):
        return ["__class__", "__contains__", "__doc__", "__getitem__", "__init_subclass__", "__iter__", "__len__",
                "__members__", "__module__", "__name__", "__qualname__"] + cls._member_names_

    def __repr__(cls):
        if Flag is not None and issubclass(cls, Flag):
            return f"<flag {cls.__name__!r}>"
        return f"<enum {cls.__name__!r}>"


EnumMeta = EnumType
# While the classes below are being made.
Enum = None
Flag = None


def _own_names(cls):
    """Names that the enumeration classes of the MRO define, object's and the data type's left out."""
    names = set()
    for base in cls.__mro__:
        if isinstance(base, EnumType) and base is not Enum:
            names.update(base.__dict__)
    return names


class Enum(metaclass=EnumType):
    def __new__(cls, value):
        if type(value) is cls:
            return value
        found = cls._find_value(value)
        if found is not None:
            return found
        error = None
        try:
            result = cls._missing_(value)
        except Exception as e:
            error = e
            result = None
        if isinstance(result, cls):
            return result
        if result is None and error is None:
            raise ValueError(f"{value!r} is not a valid {cls.__qualname__}")
        if error is None:
            error = TypeError(f"error in {cls.__name__}._missing_: returned {result!r} instead of None or a valid member")
        raise error

    def __init__(self, *args, **kwds):
        pass

    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        numbers = [value for value in last_values if isinstance(value, int)]
        if not last_values:
            return start
        if not numbers:
            raise TypeError("unable to sort non-numeric values")
        return max(numbers) + 1

    @classmethod
    def _missing_(cls, value):
        return None

    @_property
    def name(self):
        return self._name_

    @_property
    def value(self):
        return self._value_

    def __repr__(self):
        show = self.__class__._value_repr_ or repr
        return f"<{self.__class__.__name__}.{self._name_}: {show(self._value_)}>"

    _value_repr_ = None

    def __str__(self):
        return f"{self.__class__.__name__}.{self._name_}"

    def __format__(self, format_spec):
        return str.__format__(str(self), format_spec)

    def __hash__(self):
        return hash(self._name_)

    def __dir__(self):
        return ["__class__", "__doc__", "__eq__", "__hash__", "__module__", "name", "value"]

    def __reduce_ex__(self, protocol):
        return self.__class__, (self._value_,)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


class ReprEnum(Enum):
    """Only the repr() is an enumeration's; str() and format() are the mixed-in type's."""


class IntEnum(int, ReprEnum):
    def __str__(self):
        return int.__repr__(self)

    def __format__(self, format_spec):
        return int.__format__(int(self), format_spec)


class StrEnum(str, ReprEnum):
    def __new__(cls, *values):
        if len(values) > 1 and not isinstance(values[1], str) or not isinstance(values[0], str):
            raise TypeError(f"{values[0]!r} is not a string")
        value = str(*values)
        made = str.__new__(cls, value)
        made._value_ = value
        return made

    def __str__(self):
        return str.__str__(self)

    def __format__(self, format_spec):
        return str.__format__(self._value_, format_spec)

    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        return name.lower()


class FlagBoundary(StrEnum):
    STRICT = "strict"
    CONFORM = "conform"
    EJECT = "eject"
    KEEP = "keep"


STRICT, CONFORM, EJECT, KEEP = FlagBoundary


class Flag(Enum):
    _boundary_ = STRICT
    _numeric_repr_ = repr

    @staticmethod
    def _generate_next_value_(name, start, count, last_values):
        if not last_values:
            return start if start is not None else 1
        return 1 << max(last_values).bit_length()

    @classmethod
    def _finish_flag(cls):
        bits = 0
        for value in cls._value2member_map_:
            if isinstance(value, int):
                bits |= value
        cls._flag_mask_ = bits
        cls._all_bits_ = (1 << bits.bit_length()) - 1

    @classmethod
    def _missing_(cls, value):
        if not isinstance(value, int):
            raise ValueError(f"{value!r} is not a valid {cls.__qualname__}")
        mask = cls._flag_mask_
        if value < 0:
            value = max(cls._all_bits_ + 1, 1 << value.bit_length()) + value
            if cls._boundary_ is not KEEP:
                value &= mask
        elif value & ~mask:
            if cls._boundary_ is STRICT:
                width = max(value.bit_length(), mask.bit_length())
                raise ValueError(f"{cls!r} invalid value {value!r}\n    given {_bits(value, width)}\n"
                                 f"  allowed {_bits(mask, width)}")
            if cls._boundary_ is CONFORM:
                value &= mask
            elif cls._boundary_ is EJECT:
                return value
        found = cls._value2member_map_.get(value)
        if found is not None:
            return found
        if cls._member_type_ is object:
            made = object.__new__(cls)
        else:
            made = cls._member_type_.__new__(cls, value)
        made._value_ = value
        names = [m._name_ for m in cls if m._value_ & value]
        unknown = value & ~mask
        if names:
            made._name_ = "|".join(names) + (f"|{unknown}" if unknown else "")
        else:
            made._name_ = None
        cls._value2member_map_[value] = made
        return made

    def __contains__(self, other):
        if not isinstance(other, self.__class__):
            raise TypeError("unsupported operand type(s) for 'in': %r and %r" % (
                type(other).__qualname__, self.__class__.__qualname__))
        return other._value_ & self._value_ == other._value_

    def __iter__(self):
        return (m for m in self.__class__ if m._value_ & self._value_)

    def __len__(self):
        return bin(self._value_).count("1")

    def __repr__(self):
        if self._name_ is None:
            return f"<{self.__class__.__name__}: {self._value_!r}>"
        return f"<{self.__class__.__name__}.{self._name_}: {self._value_!r}>"

    def __str__(self):
        if self._name_ is None:
            return f"{self.__class__.__name__}({self._value_!r})"
        return f"{self.__class__.__name__}.{self._name_}"

    def __bool__(self):
        return bool(self._value_)

    def _other(self, other):
        if isinstance(other, self.__class__):
            return other._value_
        if self._member_type_ is not object and isinstance(other, self._member_type_):
            return other
        return None

    def __or__(self, other):
        other = self._other(other)
        return NotImplemented if other is None else self.__class__(self._value_ | other)

    def __and__(self, other):
        other = self._other(other)
        return NotImplemented if other is None else self.__class__(self._value_ & other)

    def __xor__(self, other):
        other = self._other(other)
        return NotImplemented if other is None else self.__class__(self._value_ ^ other)

    def __invert__(self):
        if self._boundary_ is KEEP:
            return self.__class__(~self._value_)
        return self.__class__(self.__class__._flag_mask_ & ~self._value_)

    __ror__ = __or__
    __rand__ = __and__
    __rxor__ = __xor__

    def __hash__(self):
        return hash(self._value_)


def _bits(value, width):
    digits = bin(value)[2:]
    return "0b0 " + "0" * (width - len(digits)) + digits


class IntFlag(int, ReprEnum, Flag, boundary=KEEP):
    def __str__(self):
        return int.__repr__(self)

    def __format__(self, format_spec):
        return int.__format__(int(self), format_spec)


def unique(enumeration):
    duplicates = [(name, found.name) for name, found in enumeration.__members__.items() if name != found.name]
    if duplicates:
        details = ", ".join(f"{alias} -> {name}" for alias, name in duplicates)
        raise ValueError(f"duplicate values found in {enumeration!r}: {details}")
    return enumeration
