"""torch: what is not native (torch_module.cc) and not an operator of the table."""
import builtins
import functools

import torch._C as _C
from torch._recurrent import gru, gru_cell, lstm, lstm_cell, rnn_relu, rnn_relu_cell, rnn_tanh, rnn_tanh_cell
from torch.functional import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    block_diag,
    broadcast_shapes,
    broadcast_tensors,
    cartesian_prod,
    cdist,
    chain_matmul,
    einsum,
    meshgrid,
    norm,
    split,
    tensordot,
    unravel_index,
)
from torch.overrides import handle_torch_function, has_torch_function
from torch.serialization import load, save

# Names such as bool, int, float, max and sum are torch's own in this module; Python's are builtins.bool and so on.


def is_tensor(obj, /):
    return isinstance(obj, Tensor)


def is_storage(obj, /):
    return False


def typename(obj, /):
    if isinstance(obj, Tensor):
        return obj.type()
    module = getattr(obj, "__module__", "") or ""
    qualname = ""
    if hasattr(obj, "__qualname__"):
        qualname = obj.__qualname__
    elif hasattr(obj, "__name__"):
        qualname = obj.__name__
    else:
        module = type(obj).__module__ or ""
        qualname = type(obj).__qualname__
    if module in ("", "builtins"):
        return qualname
    return f"{module}.{qualname}"


def _assert(condition, message):
    if type(condition) is not Tensor and has_torch_function((condition,)):
        return handle_torch_function(_assert, (condition,), condition, message)
    assert condition, message


def _check(cond, message=None):
    if not cond:
        raise RuntimeError(message() if message is not None else "Expected cond to be True, but got False.")


def sym_int(a):
    return builtins.int(a)


def sym_float(a):
    return builtins.float(a)


def sym_not(a):
    return not a


def sym_max(a, b):
    return builtins.max(a, b)


def sym_min(a, b):
    return builtins.min(a, b)


def sym_sqrt(a):
    return a**0.5


class _ModeGuard:
    """A context manager that is a decorator too."""

    def __call__(self, func):
        @functools.wraps(func)
        def wrapped(*args, **kwargs):
            with self.clone():
                return func(*args, **kwargs)

        return wrapped


class no_grad(_ModeGuard):
    def __new__(cls, orig_func=None):
        self = super().__new__(cls)
        if orig_func is None:
            return self
        return self(orig_func)

    def __init__(self, orig_func=None):
        pass

    def clone(self):
        return self.__class__()

    def __enter__(self):
        self.prev = is_grad_enabled()
        _C._set_grad_enabled(False)

    def __exit__(self, exc_type, exc_value, traceback):
        _C._set_grad_enabled(self.prev)


class enable_grad(_ModeGuard):
    def __new__(cls, orig_func=None):
        self = super().__new__(cls)
        if orig_func is None:
            return self
        return self(orig_func)

    def __init__(self, orig_func=None):
        pass

    def clone(self):
        return self.__class__()

    def __enter__(self):
        self.prev = is_grad_enabled()
        _C._set_grad_enabled(True)

    def __exit__(self, exc_type, exc_value, traceback):
        _C._set_grad_enabled(self.prev)


class set_grad_enabled(_ModeGuard):
    def __init__(self, mode):
        self.prev = is_grad_enabled()
        self.mode = mode
        _C._set_grad_enabled(mode)

    def clone(self):
        return self.__class__(self.mode)

    def __enter__(self):
        _C._set_grad_enabled(self.mode)

    def __exit__(self, exc_type, exc_value, traceback):
        _C._set_grad_enabled(self.prev)


class inference_mode(_ModeGuard):
    def __new__(cls, mode=True):
        self = super().__new__(cls)
        if isinstance(mode, builtins.bool):
            return self
        self.mode = True
        return self(mode)

    def __init__(self, mode=True):
        self.mode = mode

    def clone(self):
        return self.__class__(self.mode)

    def __enter__(self):
        self.prev = is_grad_enabled(), is_inference_mode_enabled()
        _C._set_grad_enabled(not self.mode and self.prev[0])
        _C._set_inference_mode(self.mode)

    def __exit__(self, exc_type, exc_value, traceback):
        _C._set_grad_enabled(self.prev[0])
        _C._set_inference_mode(self.prev[1])


class autocast(_ModeGuard):
    """Mixed precision is chosen when a model is compiled; evaluation ignores it."""

    def __init__(self, device_type="cpu", dtype=None, enabled=True, cache_enabled=None):
        self.device = device_type

    def clone(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        pass


def is_autocast_enabled(device_type=None):
    return False


def get_autocast_dtype(device_type):
    return bfloat16


def get_autocast_gpu_dtype():
    return half


def is_autocast_cpu_enabled():
    return False


def are_deterministic_algorithms_enabled():
    return True


def use_deterministic_algorithms(mode, *, warn_only=False):
    pass


def get_num_threads():
    return 1


def set_num_threads(n):
    pass


def set_printoptions(*args, **kwargs):
    pass


def set_float32_matmul_precision(precision):
    pass


def get_default_device():
    return device("cpu")


def compile(model=None, **kwargs):
    if model is None:
        return lambda fn: fn
    return model


class finfo:
    def __init__(self, type=None):
        dtype = float32 if type is None else type
        table = {
            float16: (16, 65504.0, -65504.0, 0.0009765625, 6.103515625e-05, 0.001),
            bfloat16: (16, 3.3895313892515355e38, -3.3895313892515355e38, 0.0078125, 1.1754943508222875e-38, 0.01),
            float32: (
                32,
                3.4028234663852886e38,
                -3.4028234663852886e38,
                1.1920928955078125e-07,
                1.1754943508222875e-38,
                1e-06,
            ),
            float64: (
                64,
                1.7976931348623157e308,
                -1.7976931348623157e308,
                2.220446049250313e-16,
                2.2250738585072014e-308,
                1e-15,
            ),
        }
        if dtype not in table:
            raise TypeError(f"torch.finfo() requires a floating point input type. Use torch.iinfo to handle '{dtype}'")
        self.bits, self.max, self.min, self.eps, self.tiny, self.resolution = table[dtype]
        self.smallest_normal = self.tiny
        self.dtype = str(dtype)[6:]


class iinfo:
    def __init__(self, type):
        bits = {uint8: 8, int8: 8, int16: 16, int32: 32, int64: 64}
        if type not in bits:
            raise TypeError(f"torch.iinfo() requires an integer input type. Use torch.finfo to handle '{type}'")
        self.bits = bits[type]
        self.max = 255 if type is uint8 else 2 ** (self.bits - 1) - 1
        self.min = 0 if type is uint8 else -(2 ** (self.bits - 1))
        self.dtype = str(type)[6:]


def can_cast(from_, to):
    def category(dtype):
        if dtype.is_complex:
            return 3
        if dtype.is_floating_point:
            return 2
        return 0 if dtype is bool else 1

    return category(from_) <= category(to)


def result_type(a, b):
    return (a + b).dtype


def isclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False):
    if has_torch_function((input, other)):
        return handle_torch_function(isclose, (input, other), input, other, rtol=rtol, atol=atol, equal_nan=equal_nan)
    if input.dtype != other.dtype:
        raise RuntimeError(f"{input.dtype} did not match {other.dtype}")
    close = input == other
    if input.dtype.is_floating_point and equal_nan:
        close = logical_or(close, logical_and(input != input, other != other))
    if (rtol == 0 and atol == 0) or input.dtype is bool:
        return close
    difference = (input - other).abs()
    return logical_or(close, logical_and(difference <= atol + (rtol * other).abs(), difference < builtins.float("inf")))


def is_nonzero(input):
    return builtins.bool(input.item())


def get_rng_state():
    raise NotImplementedError("the state of the random generator")


def set_rng_state(state):
    raise NotImplementedError("the state of the random generator")


def vmap(func, *args, **kwargs):
    raise NotImplementedError("torch.vmap")


def __getattr__(name):
    legacy = {
        "FloatTensor": float32,
        "DoubleTensor": float64,
        "HalfTensor": float16,
        "BFloat16Tensor": bfloat16,
        "LongTensor": int64,
        "IntTensor": int32,
        "ShortTensor": int16,
        "CharTensor": int8,
        "ByteTensor": uint8,
        "BoolTensor": bool,
    }
    if name in legacy:
        dtype = legacy[name]

        def make(*args):
            if len(args) == 1 and isinstance(args[0], (list, tuple)):
                return tensor(args[0], dtype=dtype)
            return zeros(args, dtype=dtype)

        return make
    raise AttributeError(f"module 'torch' has no attribute '{name}'")
