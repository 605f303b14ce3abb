"""The names that TorchScript's own source finds without importing them, besides `torch`, `__torch__` and CONSTANTS."""
import builtins
import enum
import typing

import torch
from torch.jit import _aten


class _Prim:
    """ops.prim: operators that are no tensor operators."""

    def __getattr__(self, name):
        raise AttributeError(f"no operator 'prim::{name}'")

    def RaiseException(self, message, cls=None):
        raise _aten.Error(message if cls is None else f"{cls}: {message}")

    def NumToTensor(self, x):
        return x if isinstance(x, torch.SymInt) else torch.tensor(x)

    def dtype(self, x):
        return _aten._code(x.dtype)

    def device(self, x):
        return x.device

    def layout(self, x):
        return 0

    def type(self, device):
        return device.type

    def index(self, device):
        return device.index

    def shape(self, x):
        return list(x.shape)

    # True: the slow paths of attention and the like, which are made of operators that are here.
    def requires_grad(self, x):
        return True

    def grad(self, x):
        return None

    def data(self, x):
        return x.detach()

    def is_cuda(self, x):
        return False

    is_nested = is_sparse = is_quantized = is_mkldnn = is_meta = is_mps = is_xpu = is_vulkan = is_ipu = is_sparse_csr = is_cuda

    def itemsize(self, x):
        return x.element_size()

    def ndim(self, x):
        return x.dim()

    def mT(self, x):
        return x.transpose(-2, -1)

    def T(self, x):
        return x.T

    def min(self, *values):
        return _aten.min(*values)

    def max(self, *values):
        return _aten.max(*values)

    def abs(self, x):
        return _aten.abs(x)

    def rangelist(self, n):
        return list(range(n))

    def unchecked_unwrap_optional(self, x):
        return x

    def unchecked_cast(self, x):
        return x

    def tolist(self, x, *rest):
        return x.tolist()

    def EnumName(self, x):
        return x.name

    def EnumValue(self, x):
        return x.value

    def StringIndex(self, text, i):
        return text[i]

    def TupleIndex(self, values, i):
        return values[i]

    def id(self, x):
        return builtins.id(x)

    def Print(self, *values):
        print(*values)

    def BroadcastSizes(self, *sizes):
        return list(torch.broadcast_shapes(*sizes))

    def isinstance(self, x, kind):
        return _isinstance(x, kind)

    def AutogradAnyNonZero(self, *values):
        return False


class _Ops:
    prim = _Prim()
    aten = _aten

    def __getattr__(self, name):
        return getattr(torch.ops, name)


# Before file version 4, torch.div of integers rounded towards zero (and div_ with it).
class _OldAten:
    def __getattr__(self, name):
        return getattr(_aten, name)

    def div(self, a, b, rounding_mode=None):
        if rounding_mode is None and isinstance(a, torch.Tensor):
            floating = a.is_floating_point() or (
                b.is_floating_point() if isinstance(b, torch.Tensor) else isinstance(b, float)
            )
            if not floating:
                return torch.div(a, b, rounding_mode="trunc")
        return _aten.div(a, b, rounding_mode)

    def div_(self, a, b, rounding_mode=None):
        if rounding_mode is None and not a.is_floating_point():
            return a.div_(b, rounding_mode="trunc")
        return a.div_(b) if rounding_mode is None else a.div_(b, rounding_mode=rounding_mode)


def annotate(the_type, value):
    return value


def unchecked_cast(the_type, value):
    return value


def uninitialized(the_type):
    return None


def _isinstance(value, kind):
    if isinstance(kind, (tuple, list)):
        for k in kind:
            if _isinstance(value, k):
                return True
        return False
    origin = typing.get_origin(kind)
    parts = typing.get_args(kind)
    if kind is None or kind is NoneType:
        return value is None
    if kind is typing.Any:
        return True
    if kind is typing.List or kind is typing.Dict or kind is typing.Tuple:
        return isinstance(value, {typing.List: list, typing.Dict: dict, typing.Tuple: tuple}[kind])
    if origin is None:
        if kind is float:
            return isinstance(value, float)
        if kind is int or kind is _Int:
            return isinstance(value, int) and not isinstance(value, bool)
        return isinstance(value, kind)
    if origin is typing.Union:
        return _isinstance(value, parts)
    if origin is list:
        return isinstance(value, list) and all([_isinstance(v, parts[0]) for v in value])
    if origin is dict:
        return isinstance(value, dict) and all([_isinstance(k, parts[0]) and _isinstance(v, parts[1]) for k, v in value.items()])
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        return len(value) == len(parts) and all([_isinstance(v, p) for v, p in zip(value, parts)])
    return isinstance(value, origin)


def fork(function, *args, **kwargs):
    return function(*args, **kwargs)


def awaitable(function, *args, **kwargs):
    return function(*args, **kwargs)


# int, that leaves the size of a traced tensor what it is.
class _Int(int):
    def __new__(cls, x=0, *base):
        return _aten._int(x, *base)


class Interface:
    pass


class Number:
    pass


NoneType = type(None)


# What a module of the archive's code is given as globals. `old`: the file says a version below 4.
def names(old):
    return {
        "torch": _OldAten() if old else _aten,
        "ops": _Ops(),
        "annotate": annotate,
        "unchecked_cast": unchecked_cast,
        "uninitialized": uninitialized,
        "isinstance": _isinstance,
        "fork": fork,
        "awaitable": awaitable,
        "inf": float("inf"),
        "nan": float("nan"),
        "len": _aten.len,
        "int": _Int,
        "Tensor": torch.Tensor,
        "Device": torch.device,
        "number": Number,
        "Scalar": Number,
        "NoneType": NoneType,
        "List": typing.List,
        "Dict": typing.Dict,
        "Tuple": typing.Tuple,
        "Optional": typing.Optional,
        "Union": typing.Union,
        "Any": typing.Any,
        "Final": typing.Final,
        "Future": typing.List,
        "NamedTuple": typing.NamedTuple,
        "Enum": enum.Enum,
        "Interface": Interface,
        "ModuleInterface": Interface,
        "Module": torch.jit.RecursiveScriptModule,
    }
