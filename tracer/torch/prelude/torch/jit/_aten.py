"""What `torch.NAME` means in TorchScript's own source: the operators of the aten namespace, by their schemas.

Overloads are chosen by the values' types at run time: torch.add adds tensors, numbers, lists and strings, torch.slice takes
slices of each, torch.append is a list's method. Names that are not here are operators of the table, methods of their first
argument, or (last) functions of torch. Element types and the like are numbers in TorchScript (6 is float32).

Sizes of traced tensors stay symbolic on the way through: len() of a tensor is its size, NumToTensor of a size stays a size.
"""
import builtins
import math

import torch as _torch
from torch._C import _engine_tracing, _has_overloads, _native_function
from torch.nn import functional as _F

_Tensor = _torch.Tensor
_SymInt = _torch.SymInt

# c10::ScalarType
_DTYPES = {
    0: _torch.uint8,
    1: _torch.int8,
    2: _torch.int16,
    3: _torch.int32,
    4: _torch.int64,
    5: _torch.float16,
    6: _torch.float32,
    7: _torch.float64,
    9: _torch.complex64,
    10: _torch.complex128,
    11: _torch.bool,
    15: _torch.bfloat16,
}
_CODES = {dtype: code for code, dtype in _DTYPES.items()}

_WHOLE = 9223372036854775807  # "to the end" of a slice


class Error(RuntimeError):
    """torch.jit.Error: what `raise` in TorchScript is to Python."""


def _dtype(code):
    if code is None or isinstance(code, _torch.dtype):
        return code
    if code not in _DTYPES:
        raise RuntimeError(f"element type {code} of TorchScript is not supported")
    return _DTYPES[code]


def _code(dtype):
    return _CODES[dtype]


def _is_number(x):
    return not isinstance(x, _Tensor)


# Where a traced size meets a constant tensor that stands for a number.
def _numbers(a, b):
    if isinstance(a, _SymInt) and isinstance(b, _Tensor) and b.dim() == 0:
        return a, b.item()
    if isinstance(b, _SymInt) and isinstance(a, _Tensor) and a.dim() == 0:
        return a.item(), b
    return a, b


# --- arithmetic and comparison


def add(a, b, alpha=1):
    a, b = _numbers(a, b)
    return a + b if alpha == 1 else _torch.add(a, b, alpha=alpha)


def sub(a, b, alpha=1):
    a, b = _numbers(a, b)
    return a - b if alpha == 1 else _torch.sub(a, b, alpha=alpha)


subtract = sub


def rsub(a, b, alpha=1):
    return b - a if alpha == 1 else b - alpha * a


def mul(a, b):
    a, b = _numbers(a, b)
    return a * b


multiply = mul


def div(a, b, rounding_mode=None):
    a, b = _numbers(a, b)
    if rounding_mode is None:
        return a / b
    if _is_number(a) and _is_number(b):
        return a // b if rounding_mode == "floor" else math.trunc(a / b)
    return _torch.div(a, b, rounding_mode=rounding_mode)


divide = div
true_divide = div


def floordiv(a, b):
    a, b = _numbers(a, b)
    return a // b


def floor_divide(a, b):
    a, b = _numbers(a, b)
    return a // b


def remainder(a, b):
    a, b = _numbers(a, b)
    return a % b


def fmod(a, b):
    return math.fmod(a, b) if _is_number(a) and _is_number(b) else _torch.fmod(a, b)


def pow(a, b):
    a, b = _numbers(a, b)
    if isinstance(a, int) and isinstance(b, int):
        return float(a) ** b
    return a**b


def reciprocal(a):
    return 1.0 / a if _is_number(a) else _torch.reciprocal(a)


def neg(a):
    return -a


negative = neg


def eq(a, b):
    return a == b


def ne(a, b):
    return a != b


def lt(a, b):
    return a < b


def le(a, b):
    return a <= b


def gt(a, b):
    return a > b


def ge(a, b):
    return a >= b


def __is__(a, b):
    return a is b


def __isnot__(a, b):
    return a is not b


def __not__(a):
    return not a


def __and__(a, b):
    return a & b


def __or__(a, b):
    return a | b


def __xor__(a, b):
    return a ^ b


def __lshift__(a, b):
    return a << b


def __rshift__(a, b):
    return a >> b


def bitwise_not(a):
    return ~a


def __contains__(container, item):
    return item in container


def __getitem__(container, key):
    return container[key]


# --- numbers


def _of_number(name, plain):
    def run(x, *rest, **options):
        if _is_number(x):
            return plain(x)
        return getattr(_torch, name)(x, *rest, **options)

    return run


floor = _of_number("floor", math.floor)
ceil = _of_number("ceil", math.ceil)
sqrt = _of_number("sqrt", math.sqrt)
exp = _of_number("exp", math.exp)
sin = _of_number("sin", math.sin)
cos = _of_number("cos", math.cos)
tan = _of_number("tan", math.tan)
asin = _of_number("asin", math.asin)
acos = _of_number("acos", math.acos)
atan = _of_number("atan", math.atan)
sinh = _of_number("sinh", math.sinh)
cosh = _of_number("cosh", math.cosh)
tanh = _of_number("tanh", math.tanh)
log2 = _of_number("log2", math.log2)
log10 = _of_number("log10", math.log10)
log1p = _of_number("log1p", math.log1p)
erf = _of_number("erf", math.erf)
isinf = _of_number("isinf", math.isinf)
isnan = _of_number("isnan", math.isnan)
isfinite = _of_number("isfinite", math.isfinite)


def round(x, decimals=0):
    return builtins.round(x) if _is_number(x) else _torch.round(x)


def trunc(x):
    return math.trunc(x) if _is_number(x) else _torch.trunc(x)


def log(x, base=None):
    if _is_number(x):
        return math.log(x) if base is None else math.log(x, base)
    return _torch.log(x)


def abs(x):
    return builtins.abs(x) if _is_number(x) else _torch.abs(x)


def atan2(a, b):
    return math.atan2(a, b) if _is_number(a) and _is_number(b) else _torch.atan2(a, b)


def copysign(a, b):
    return math.copysign(a, b) if _is_number(a) and _is_number(b) else _torch.copysign(a, b)


def factorial(n):
    return math.factorial(n)


def gcd(a, b):
    return math.gcd(a, b) if _is_number(a) else _torch.gcd(a, b)


def degrees(x):
    return math.degrees(x)


def radians(x):
    return math.radians(x)


def divmod(a, b):
    return builtins.divmod(a, b)


def Int(x):
    return _int(x)


def Float(x):
    return float(x)


def Bool(x):
    return builtins.bool(x)


def _int(x=0, *base):
    if isinstance(x, _SymInt):
        return x
    return int(x, *base)


def IntImplicit(x):
    return _int(x)


def FloatImplicit(x):
    return float(x)


def ScalarImplicit(x):
    return x if _is_number(x) else x.item()


def _extreme(name):
    plain = getattr(builtins, name)

    def run(a, *rest, **options):
        if _is_number(a):
            if isinstance(a, (builtins.list, tuple)) and not rest:
                return plain(a)
            if isinstance(a, builtins.list):
                return plain(a, rest[0])
            return plain(a, *rest)
        return getattr(_torch, name)(a, *rest, **options)

    return run


max = _extreme("max")
min = _extreme("min")


def _over(name):
    plain = getattr(builtins, name)

    def run(a, *rest, dtype=None, **options):
        if _is_number(a):
            return plain(a)
        if dtype is not None:
            options["dtype"] = _dtype(dtype)
        return getattr(a, name)(*rest, **options)

    return run


sum = _over("sum")
any = _over("any")
all = _over("all")


# --- containers and text


def len(x):
    if isinstance(x, _Tensor):
        if x.dim() == 0:
            raise TypeError("len() of a 0-d tensor")
        return x.size(0)
    return builtins.len(x)


def list(x):
    return builtins.list(x)


def dict(x=()):
    return builtins.dict(x)


def _set_item(container, key, value):
    container[key] = value
    return container


def Delete(container, key):
    del container[key]


def keys(d):
    return builtins.list(d.keys())


def values(d):
    return builtins.list(d.values())


def items(d):
    return builtins.list(d.items())


def reverse(x):
    return x.reverse()


def sort(x, *rest, **options):
    if isinstance(x, _Tensor):
        return _torch.sort(x, *rest, **options)
    x.sort(reverse=builtins.bool(rest[0]) if rest else options.get("reverse", False))


def sorted(x):
    return builtins.sorted(x)


def copy(x):
    return x.copy()


def clear(x):
    x.clear()


def format(text, *values):
    return text.format(*values)


def percentFormat(text, *values):
    return text % values


def str(x):
    return builtins.str(x)


def ord(x):
    return builtins.ord(x)


def chr(x):
    return builtins.chr(x)


def hex(x):
    return builtins.hex(x)


def bin(x):
    return builtins.bin(x)


def oct(x):
    return builtins.oct(x)


def __range_length(low, high, step):
    if step == 0:
        raise ValueError("range() arg 3 must not be zero")
    if step > 0:
        return 0 if low >= high else 1 + (high - 1 - low) // step
    return 0 if low <= high else 1 + (low - 1 - high) // -step


def __derive_index(index, start, step):
    return start + index * step


# --- sizes, places, views


def size(x, dim=None):
    return builtins.list(x.size()) if dim is None else x.size(dim)


def sym_size(x, dim=None):
    return size(x, dim)


def stride(x, dim=None):
    return builtins.list(x.stride()) if dim is None else x.stride(dim)


def dim(x):
    return x.dim()


def select(x, *rest):
    if isinstance(x, _Tensor):
        d, index = rest
        return x.select(d, index)
    return x[rest[0]]


def slice(x, *rest, dim=None, start=None, end=None, step=None):
    rest = builtins.list(rest)
    if isinstance(x, _Tensor):
        d = rest.pop(0) if rest else 0
        d = d if dim is None else dim
    parts = [start, end, step]
    for i, part in enumerate(rest):
        parts[i] = part
    if parts[1] is not None and not isinstance(parts[1], _SymInt) and parts[1] == _WHOLE:
        parts[1] = None
    if parts[0] is not None and not isinstance(parts[0], _SymInt) and parts[0] == 0:
        parts[0] = None
    if parts[2] is not None and parts[2] == 1:
        parts[2] = None
    chosen = builtins.slice(*parts)
    if not isinstance(x, _Tensor):
        return x[chosen]
    if d < 0:
        d += x.dim()
    if parts == [None, None, None]:
        return x.alias() if hasattr(x, "alias") else x
    return x[(builtins.slice(None),) * d + (chosen,)]


def _key(indices):
    return tuple(builtins.slice(None) if i is None else i for i in indices)


def index(x, indices):
    return x[_key(indices)] if isinstance(x, _Tensor) else x.index(indices)


def index_put_(x, indices, values, accumulate=False):
    if accumulate:
        return x.index_put_(tuple(indices), values, accumulate=True)
    x[_key(indices)] = values
    return x


def index_put(x, indices, values, accumulate=False):
    return index_put_(x.clone(), indices, values, accumulate)


_index_put_impl_ = index_put_


def contiguous(x, memory_format=0):
    return x.contiguous()


def clone(x, memory_format=None):
    return x.clone()


def lift_fresh(x):
    return x


lift_fresh_copy = clone


def detach(x):
    return x.detach()


def detach_(x):
    return x.detach_()


def expand(x, *size, implicit=False):
    return x.expand(*size)


def unbind(x, dim=0):
    return builtins.list(x.unbind(dim))


def split(x, *rest, **options):
    if isinstance(x, _Tensor):
        return builtins.list(x.split(*rest, **options))
    return x.split(*rest, **options)


def split_with_sizes(x, sizes, dim=0):
    return builtins.list(x.split(sizes, dim))


def chunk(x, chunks, dim=0):
    return builtins.list(x.chunk(chunks, dim))


unsafe_chunk = chunk


def tensor_split(x, where, dim=0):
    return builtins.list(_torch.tensor_split(x, where, dim))


def broadcast_tensors(tensors):
    return builtins.list(_torch.broadcast_tensors(*tensors))


def meshgrid(tensors, indexing=None):
    return builtins.list(_torch.meshgrid(*tensors, indexing=indexing))


def einsum(equation, tensors, path=None):
    return _torch.einsum(equation, *tensors)


def block_diag(tensors):
    return _torch.block_diag(*tensors)


def cartesian_prod(tensors):
    return _torch.cartesian_prod(*tensors)


def unique_consecutive(x, *rest):
    return _torch.unique_consecutive(x, *rest)


# --- types and devices


def to(x, *rest, dtype=None, layout=None, device=None, non_blocking=False, copy=False, memory_format=None):
    for value in rest:
        if isinstance(value, _Tensor):
            dtype = value.dtype
        elif isinstance(value, builtins.bool):
            break  # non_blocking, copy
        elif isinstance(value, int):
            dtype = value
        elif isinstance(value, _torch.dtype):
            dtype = value
    dtype = _dtype(dtype)
    out = x if dtype is None or dtype == x.dtype else x.to(dtype)
    return out.clone() if copy and out is x else out


def cpu(x):
    return x


def cuda(x):
    return x


def type_as(x, other):
    return x.to(other.dtype)


def device(name, index=None):
    return _torch.device(name) if index is None else _torch.device(name, index)


def is_floating_point(x):
    return x.is_floating_point()


def is_complex(x):
    return x.is_complex()


def item(x):
    return x.item()


def promote_types(a, b):
    return _code(_torch.promote_types(_dtype(a), _dtype(b)))


def result_type(a, b):
    return _code(_torch.result_type(a, b))


def get_default_dtype():
    return _code(_torch.get_default_dtype())


# Factories: layout, device and pinning mean nothing here.
def _made(name):
    def run(*rest, dtype=None, layout=None, device=None, pin_memory=None, memory_format=None, requires_grad=False, **options):
        if dtype is not None:
            options["dtype"] = _dtype(dtype)
        return getattr(_torch, name)(*rest, **options)

    return run


zeros = _made("zeros")
ones = _made("ones")
empty = _made("empty")
full = _made("full")
eye = _made("eye")
linspace = _made("linspace")
arange = _made("arange")
zeros_like = _made("zeros_like")
ones_like = _made("ones_like")
empty_like = _made("empty_like")
full_like = _made("full_like")
rand = _made("rand")
randn = _made("randn")
rand_like = _made("rand_like")
randn_like = _made("randn_like")
randint = _made("randint")
randperm = _made("randperm")
tensor = _made("tensor")
as_tensor = _made("as_tensor")
scalar_tensor = _made("scalar_tensor")
tril_indices = _made("tril_indices")
triu_indices = _made("triu_indices")


def _made_like(name):
    def run(x, *rest, dtype=None, layout=None, device=None, pin_memory=None, **options):
        if dtype is not None:
            options["dtype"] = _dtype(dtype)
        return getattr(x, name)(*rest, **options)

    return run


new_zeros = _made_like("new_zeros")
new_ones = _made_like("new_ones")
new_empty = _made_like("new_empty")
new_full = _made_like("new_full")
new_tensor = _made_like("new_tensor")


# Reductions and the like, whose last positional argument may be an element type.
def _with_dtype(name, place):
    def run(x, *rest, dtype=None, **options):
        if builtins.len(rest) > place:
            dtype = rest[place]
            rest = rest[:place]
        if dtype is not None:
            options["dtype"] = _dtype(dtype)
        return getattr(_torch, name)(x, *rest, **options)

    return run


softmax = _with_dtype("softmax", 1)
log_softmax = _with_dtype("log_softmax", 1)
cumsum = _with_dtype("cumsum", 1)
cumprod = _with_dtype("cumprod", 1)


def mean(x, *rest, dtype=None, **options):
    if dtype is not None:
        options["dtype"] = _dtype(dtype)
    return _torch.mean(x, *rest, **options)


def prod(x, *rest, dtype=None, **options):
    if dtype is not None:
        options["dtype"] = _dtype(dtype)
    return _torch.prod(x, *rest, **options)


def linalg_vector_norm(x, ord=2, dim=None, keepdim=False, dtype=None):
    return _torch.linalg.vector_norm(x, ord, dim, keepdim, dtype=_dtype(dtype))


def linalg_norm(x, ord=None, dim=None, keepdim=False, dtype=None):
    return _torch.linalg.norm(x, ord, dim, keepdim, dtype=_dtype(dtype))


def norm(x, p=2, dim=None, keepdim=False, dtype=None):
    return _torch.norm(x, p, dim, keepdim, dtype=_dtype(dtype))


# --- layers whose Python functions take other arguments, or do more than the operator


def batch_norm(x, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled=True):
    return _F.batch_norm(x, running_mean, running_var, weight, bias, training, momentum, eps)


def instance_norm(x, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn_enabled=True):
    return _F.instance_norm(x, running_mean, running_var, weight, bias, use_input_stats, momentum, eps)


def embedding(weight, indices, padding_idx=-1, scale_grad_by_freq=False, sparse=False):
    return _F.embedding(indices, weight)


def dropout(x, p, train):
    return _F.dropout(x, p, train)


def dropout_(x, p, train):
    return _F.dropout(x, p, train, True)


def feature_dropout(x, p, train):
    return _F.dropout2d(x, p, train)


def feature_dropout_(x, p, train):
    return _F.dropout2d(x, p, train, True)


def alpha_dropout(x, p, train):
    return _F.alpha_dropout(x, p, train)


def pad(x, pad, mode="constant", value=None):
    return _F.pad(x, pad, mode, value)


def normal_(x, mean=0.0, std=1.0, generator=None):
    return x.normal_(mean, std)


def silu_(x):
    return _F.silu(x, inplace=True)


def mish_(x):
    return _F.mish(x, inplace=True)


def hardswish_(x):
    return _F.hardswish(x, inplace=True)


def hardsigmoid_(x):
    return _F.hardsigmoid(x, inplace=True)


# The count of batches that a batch norm has seen; a traced graph keeps no state.
def add_(x, other, alpha=1):
    one = _is_number(other) or other.dim() == 0
    if _engine_tracing() and x.dim() == 0 and not x.is_floating_point() and one:
        return x
    return x.add_(other) if alpha == 1 else x.add_(other, alpha=alpha)


def _convolution_mode(x, weight, bias, stride, padding, dilation, groups):
    convolution = {3: _F.conv1d, 4: _F.conv2d, 5: _F.conv3d}[weight.dim()]
    return convolution(x, weight, bias, stride, padding, dilation, groups)


def _weight_norm(v, g, dim=0):
    rest = [d for d in range(v.dim()) if d != dim]
    return v * (g / v.pow(2).sum(rest, keepdim=True).sqrt())


def warn(message, stacklevel=2):
    return None


def is_grad_enabled():
    return _torch.is_grad_enabled()


def set_grad_enabled(mode):
    _torch._C._set_grad_enabled(mode)


def is_autocast_enabled(*rest):
    return False


is_autocast_cpu_enabled = is_autocast_enabled


def manual_seed(seed):
    _torch.manual_seed(seed)


def is_scripting():
    return True


def _get_tracing_state():
    return False


# --- everything else


def _method(name):
    def run(x, *rest, **options):
        return getattr(x, name)(*rest, **options)

    return run


def _find(name):
    for place in ("torch.", "torch._C._nn.", "Tensor.", "torch.ops.aten."):
        if _has_overloads(place + name):
            return _native_function(place + name)
    if hasattr(_Tensor, name):
        return _method(name)
    for prefix, module in (("linalg_", "linalg"), ("special_", "special"), ("fft_", "fft")):
        if name.startswith(prefix) and hasattr(_torch, module) and hasattr(getattr(_torch, module), name[builtins.len(prefix) :]):
            return getattr(getattr(_torch, module), name[builtins.len(prefix) :])
    if hasattr(_torch, name):
        return getattr(_torch, name)
    if hasattr(_F, name):
        return getattr(_F, name)
    return None


_FOUND = {}


def _list_method(name):
    for kind in (builtins.list, builtins.dict, builtins.str):
        if hasattr(kind, name):
            return True
    return False


def __getattr__(name):
    if name in _FOUND:
        return _FOUND[name]
    found = _find(name)
    if _list_method(name):
        on_tensors = found

        def found(x, *rest, **options):
            if isinstance(x, _Tensor) and on_tensors is not None:
                return on_tensors(x, *rest, **options)
            return getattr(x, name)(*rest, **options)

    if found is None:
        raise AttributeError(f"no operator 'aten::{name}'")
    _FOUND[name] = found
    return found
