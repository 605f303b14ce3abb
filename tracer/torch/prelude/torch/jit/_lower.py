"""What scripting knows of types, constants and calls (tracer/torchscript/compile_*.cc ask it while they compile).

An argument of a rule is a Python value where it is known while compiling, or an Expr: TorchScript text and its type. A rule
has the signature of the function that it stands for, and gives what the call means: an Expr, or a value.
"""
import builtins
import collections
import enum
import math
import typing
import warnings

import torch
import torch.nn.functional as F
from torch.jit import _aten, _scriptable
from torch.nn.modules import utils as _nn_utils


class Expr:
    def __init__(self, text, type="", unpacked=None):
        self.text = text
        self.type = type


class Call:
    """A call of a Python function that is compiled too."""

    def __init__(self, function, args, kwargs):
        self.function = function
        self.args = args
        self.kwargs = kwargs


class Raise:
    """An error that the call certainly is."""

    def __init__(self, message, cls="builtins.ValueError"):
        self.message = message
        self.cls = cls


# --- types


# A type of typing, or a class, as TorchScript writes it; `named` compiles a class and gives its name.
def type_text(t, named):
    if t is None or t is type(None):
        return "NoneType"
    if t is torch.Tensor or t is torch.nn.Parameter:
        return "Tensor"
    if t is bool or t is int or t is float or t is str or t is complex:
        return t.__name__
    if t is typing.Any:
        return "Any"
    if t is torch.device:
        return "Device"
    if t is torch.dtype or t is torch.memory_format or t is torch.layout:
        return "int"
    if t is torch.Size:
        return "List[int]"
    if t is torch.Generator:
        return "Generator"
    if isinstance(t, typing.ForwardRef):
        t = t.__forward_arg__
    if isinstance(t, str):
        return _type_of_text(t)
    origin = typing.get_origin(t)
    parts = typing.get_args(t)
    if origin is None:
        if t is list or t is typing.List or t is tuple or t is typing.Tuple or t is dict or t is typing.Dict:
            raise TypeError(f"{getattr(t, '__name__', t)} without the types of its elements")
        if isinstance(t, type):
            return named(t)
        raise TypeError(f"unknown type {t}")
    if origin is list:
        return "List[" + type_text(parts[0], named) + "]"
    if origin is dict:
        return "Dict[" + type_text(parts[0], named) + ", " + type_text(parts[1], named) + "]"
    if origin is tuple:
        if parts == () or parts == ((),):
            return "Tuple[()]"
        return "Tuple[" + ", ".join([type_text(p, named) for p in parts]) + "]"
    if origin is typing.Union:
        rest = [p for p in parts if p is not type(None)]
        if len(rest) == 1 and len(parts) == 2:
            return "Optional[" + type_text(rest[0], named) + "]"
        return "Union[" + ", ".join([type_text(p, named) for p in parts]) + "]"
    if origin is typing.Final:
        return type_text(parts[0], named)
    raise TypeError(f"unknown type {t}")


_PLAIN = {"Tensor", "int", "float", "bool", "str", "complex", "Any", "NoneType", "Device"}


def _type_of_text(text):
    text = text.strip()
    text = text.replace("torch.Tensor", "Tensor").replace("typing.", "").replace("torch.device", "Device")
    if text == "None":
        return "NoneType"
    if text in _PLAIN:
        return text
    if text.startswith("BroadcastingList"):
        inner = text[text.index("[") + 1 : -1]
        return "List[" + inner + "]"
    head, bracket, rest = text.partition("[")
    if bracket and text.endswith("]") and head in ("List", "Optional", "Dict", "Tuple", "Union", "list", "dict", "tuple", "Final"):
        parts = [_type_of_text(p) for p in _split(rest[:-1])]
        if head == "Final":
            return parts[0]
        return {"list": "List", "dict": "Dict", "tuple": "Tuple"}.get(head, head) + "[" + ", ".join(parts) + "]"
    raise TypeError(f"unknown type {text}")


# At the commas outside brackets.
def _split(text):
    parts = []
    depth = 0
    start = 0
    for i, c in enumerate(text):
        if c == "[":
            depth += 1
        elif c == "]":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:i])
            start = i + 1
    parts.append(text[start:])
    return parts


def is_named_tuple(cls):
    return isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields")


def is_enum(cls):
    return isinstance(cls, type) and issubclass(cls, enum.Enum)


def annotations_of(cls):
    return getattr(cls, "__annotations__", {})


# The type of a value that a module has as an attribute.
def type_of(value, named):
    if value is None:
        return "NoneType"
    if isinstance(value, torch.Tensor):
        return "Tensor"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, enum.Enum):
        return named(type(value))
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    if isinstance(value, str):
        return "str"
    if isinstance(value, torch.device):
        return "Device"
    if isinstance(value, (torch.dtype, torch.memory_format)):
        return "int"
    if isinstance(value, tuple) and hasattr(type(value), "_fields"):
        return named(type(value))
    if isinstance(value, torch.Size):
        return "List[int]"
    if isinstance(value, tuple):
        return "Tuple[" + ", ".join([type_of(v, named) for v in value]) + "]"
    if isinstance(value, list):
        if not value:
            raise TypeError("an empty list without an annotation")
        return "List[" + _common([type_of(v, named) for v in value]) + "]"
    if isinstance(value, dict):
        if not value:
            raise TypeError("an empty dict without an annotation")
        keys = _common([type_of(k, named) for k in value.keys()])
        return "Dict[" + keys + ", " + _common([type_of(v, named) for v in value.values()]) + "]"
    raise TypeError(f"a value of type {type(value).__name__}")


def _common(types):
    for t in types:
        if t != types[0]:
            raise TypeError(f"elements of types {types[0]} and {t}")
    return types[0]


# --- constants


_MEMORY_FORMATS = {
    "torch.contiguous_format": 0,
    "torch.preserve_format": 1,
    "torch.channels_last": 2,
    "torch.channels_last_3d": 3,
}


# TorchScript text of a constant; None: it has none.
def literal(value):
    if isinstance(value, Expr):
        return value.text
    if value is None or value is True or value is False:
        return repr(value)
    if isinstance(value, enum.Enum):
        return None
    if isinstance(value, int):
        return repr(value) if value >= 0 else f"({value!r})"
    if isinstance(value, float):
        if value != value:
            return "nan"
        if value == math.inf:
            return "inf"
        if value == -math.inf:
            return "(-inf)"
        text = repr(value)
        return text if value >= 0 and not text.startswith("-") else f"({text})"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, torch.dtype):
        return repr(_aten._code(value))
    if isinstance(value, torch.memory_format):
        return repr(_MEMORY_FORMATS[repr(value)])
    if isinstance(value, torch.layout):
        return "0"
    if isinstance(value, torch.device):
        return f'torch.device("{value}")'
    if isinstance(value, (list, tuple)) and not hasattr(type(value), "_fields"):
        parts = [literal(v) for v in value]
        for p in parts:
            if p is None:
                return None
        if isinstance(value, tuple) and not isinstance(value, torch.Size):
            return "(" + ", ".join(parts) + ("," if len(parts) == 1 else "") + ")"
        return "[" + ", ".join(parts) + "]"
    if isinstance(value, dict):
        if not value:
            return None
        parts = []
        for k, v in value.items():
            if literal(k) is None or literal(v) is None:
                return None
            parts.append(literal(k) + ": " + literal(v))
        return "{" + ", ".join(parts) + "}"
    return None


def quoted(text):
    out = '"'
    for c in text:
        if c == '"' or c == "\\":
            out += "\\" + c
        elif c == "\n":
            out += "\\n"
        elif c == "\t":
            out += "\\t"
        elif c == "\r":
            out += "\\r"
        elif ord(c) < 32:
            out += "\\%03o" % ord(c)
        else:
            out += c
    return out + '"'


def _text(value):
    text = literal(value)
    if text is None:
        raise TypeError(f"a value of type {type(value).__name__} as an argument")
    return text


def type_name(value):
    if isinstance(value, Expr):
        return value.type
    try:
        return type_of(value, lambda cls: "")
    except TypeError:
        return ""


# The call of an operator with these arguments.
def op(name, *args, type="Tensor", **kwargs):
    parts = [_text(a) for a in args] + [k + "=" + _text(v) for k, v in kwargs.items()]
    return Expr("torch." + name + "(" + ", ".join(parts) + ")", type)


def known(value):
    return not isinstance(value, Expr)


def is_list(value):
    if isinstance(value, Expr):
        return value.type.startswith("List[") or value.type.startswith("Tuple[")
    return isinstance(value, (list, tuple))


# --- rules

RULES = {}


def rule(*functions):
    def register(fn):
        for f in functions:
            RULES[f] = fn
        return fn

    return register


@rule(
    torch.overrides.has_torch_function,
    torch.overrides.has_torch_function_unary,
    torch.overrides.has_torch_function_variadic,
    torch._C._engine_tracing,
    torch.jit.is_tracing,
    torch._C._get_tracing_state,
)
def _never(*args):
    return False


@rule(torch.jit.is_scripting)
def _always():
    return True


@rule(torch._C._log_api_usage_once, warnings.warn)
def _nothing(*args, **kwargs):
    return None


@rule(torch.is_tensor)
def _is_tensor(obj):
    if known(obj):
        return isinstance(obj, torch.Tensor)
    return obj.type == "Tensor"


@rule(F.relu)
def _relu(input, inplace=False):
    if not known(inplace):
        return Call(_scriptable.relu_in_place_or_not, (input, inplace), {})
    return op("relu_" if inplace else "relu", input)


class Assert:
    """An assert statement."""

    def __init__(self, condition, message):
        self.condition = condition
        self.message = message


@rule(torch._assert)
def _assert(condition, message):
    return Assert(condition, message)


@rule(F.dropout)
def _dropout(input, p=0.5, training=True, inplace=False):
    return op("dropout_" if inplace else "dropout", input, p, training)


@rule(F.dropout1d, F.dropout2d, F.dropout3d)
def _feature_dropout(input, p=0.5, training=True, inplace=False):
    return op("feature_dropout_" if inplace else "feature_dropout", input, p, training)


@rule(F.alpha_dropout)
def _alpha_dropout(input, p=0.5, training=False, inplace=False):
    return op("alpha_dropout_" if inplace else "alpha_dropout", input, p, training)


@rule(F.batch_norm)
def _batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    return op("batch_norm", input, weight, bias, running_mean, running_var, training, momentum, eps, True)


@rule(F.instance_norm)
def _instance_norm(
    input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    return op("instance_norm", input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, True)


@rule(F.layer_norm)
def _layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    if known(normalized_shape) and isinstance(normalized_shape, tuple):
        normalized_shape = list(normalized_shape)
    return op("layer_norm", input, normalized_shape, weight, bias, eps)


@rule(F.group_norm)
def _group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    return op("group_norm", input, num_groups, weight, bias, eps)


@rule(F.embedding)
def _embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    if max_norm is not None:
        raise TypeError("embedding with max_norm")
    return op("embedding", weight, input, -1 if padding_idx is None else padding_idx, scale_grad_by_freq, sparse)


def _pool(name):
    def run(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        args = (input, kernel_size, [] if stride is None else stride, padding, dilation, ceil_mode)
        if return_indices:
            return op(name + "_with_indices", *args, type="Tuple[Tensor, Tensor]")
        return op(name, *args)

    return run


RULES[F.max_pool1d] = _pool("max_pool1d")
RULES[F.max_pool2d] = _pool("max_pool2d")
RULES[F.max_pool3d] = _pool("max_pool3d")


def _average(name):
    def run(input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None):
        args = (input, kernel_size, [] if stride is None else stride, padding, ceil_mode, count_include_pad)
        return op(name, *args) if name == "avg_pool1d" else op(name, *args, divisor_override)

    return run


RULES[F.avg_pool1d] = _average("avg_pool1d")
RULES[F.avg_pool2d] = _average("avg_pool2d")
RULES[F.avg_pool3d] = _average("avg_pool3d")


# Sizes of None are the input's.
def _adaptive(name, rank, both):
    def run(input, output_size, return_indices=False):
        if known(output_size):
            sizes = list(output_size) if isinstance(output_size, (list, tuple)) else [output_size] * rank
            for i, s in enumerate(sizes):
                if s is None:
                    sizes[i] = Expr(f"torch.size({_text(input)}, {i - rank})", "int")
            output_size = sizes
        if not both:
            return op(name, input, output_size)
        pair = op(name, input, output_size, type="Tuple[Tensor, Tensor]")
        return pair if return_indices else Expr(pair.text + "[0]", "Tensor")

    return run


RULES[F.adaptive_avg_pool1d] = _adaptive("adaptive_avg_pool1d", 1, False)
RULES[F.adaptive_avg_pool2d] = _adaptive("adaptive_avg_pool2d", 2, False)
RULES[F.adaptive_avg_pool3d] = _adaptive("adaptive_avg_pool3d", 3, False)
RULES[F.adaptive_max_pool1d] = _adaptive("adaptive_max_pool1d", 1, True)
RULES[F.adaptive_max_pool2d] = _adaptive("adaptive_max_pool2d", 2, True)
RULES[F.adaptive_max_pool3d] = _adaptive("adaptive_max_pool3d", 3, True)


@rule(F.pad)
def _pad(input, pad, mode="constant", value=None):
    if known(pad):
        pad = list(pad)
    return op("pad", input, pad, mode, value)


def _softmax(name):
    def run(input, dim=None, _stacklevel=3, dtype=None):
        if dim is None:
            raise TypeError(f"{name} without dim")
        return op(name, input, dim) if dtype is None else op(name, input, dim, dtype)

    return run


RULES[F.softmax] = _softmax("softmax")
RULES[F.log_softmax] = _softmax("log_softmax")


@rule(F.softmin)
def _softmin(input, dim=None, _stacklevel=3, dtype=None):
    return _softmax("softmax")(op("neg", input), dim, dtype=dtype)


_RESIZE = {
    "nearest": ["upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d"],
    "nearest-exact": ["_upsample_nearest_exact1d", "_upsample_nearest_exact2d", "_upsample_nearest_exact3d"],
}
_RESIZE_ALIGNED = {
    "linear": ("upsample_linear1d", 1),
    "bilinear": ("upsample_bilinear2d", 2),
    "trilinear": ("upsample_trilinear3d", 3),
    "bicubic": ("upsample_bicubic2d", 2),
}


@rule(F.interpolate, F.upsample)
def _interpolate(
    input,
    size=None,
    scale_factor=None,
    mode="nearest",
    align_corners=None,
    recompute_scale_factor=None,
    antialias=False,
):
    if not known(mode) or not known(antialias) or not known(recompute_scale_factor):
        raise TypeError("interpolate whose mode, antialias or recompute_scale_factor is not a constant")
    if mode in _RESIZE or mode == "area":
        if align_corners is not None:
            return Raise("align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear")
    elif align_corners is None:
        align_corners = False
    if (size is None) == (scale_factor is None):
        return Raise("only one of size or scale_factor should be defined" if size is not None else "either size or scale_factor should be defined")
    recompute = bool(recompute_scale_factor) or (mode == "area" and size is None)
    if recompute and size is not None:
        return Raise("recompute_scale_factor is not meaningful with an explicit size.")
    if recompute:
        size = Call(_scriptable.recomputed, (input, scale_factor), {})
        scale_factor = None
        if is_list(size.args[1]):
            size = Call(_scriptable.recomputed_each, size.args, {})
    if mode == "area" or mode in _RESIZE:
        return Call(_scriptable.resized, (input, size, _floats(scale_factor), mode), {})
    name, rank = _RESIZE_ALIGNED[mode]
    if antialias:
        name = "_" + name + "_aa"
    if size is not None and not isinstance(size, Call) and not is_list(size):
        size = [size] * rank
    if isinstance(size, tuple):
        size = list(size)
    if scale_factor is not None:
        scale_factor = _floats(scale_factor)
        if not is_list(scale_factor):
            scale_factor = [scale_factor] * rank
    return Operator(name, (input, size, align_corners, scale_factor))


class Operator:
    """The call of an operator, some of whose arguments are Calls."""

    def __init__(self, name, args, type="Tensor"):
        self.name = name
        self.args = args
        self.type = type


def _floats(value):
    if value is None:
        return None
    if isinstance(value, (list, tuple)):
        return [_floats(v) for v in value]
    if known(value):
        return float(value)
    return value if value.type != "int" else Expr("float(" + value.text + ")", "float")


@rule(torch.einsum)
def _einsum(equation, *operands):
    if len(operands) == 1 and is_list(operands[0]):
        return op("einsum", equation, operands[0])
    return op("einsum", equation, list(operands))


@rule(torch.meshgrid)
def _meshgrid(*tensors, indexing=None):
    if len(tensors) == 1 and is_list(tensors[0]):
        tensors = tensors[0]
    else:
        tensors = list(tensors)
    if indexing is None:
        return op("meshgrid", tensors, type="List[Tensor]")
    return op("meshgrid", tensors, indexing=indexing, type="List[Tensor]")


@rule(torch.broadcast_tensors)
def _broadcast_tensors(*tensors):
    return op("broadcast_tensors", list(tensors), type="List[Tensor]")


@rule(torch.split)
def _split_rule(tensor, split_size_or_sections, dim=0):
    return op("split", tensor, split_size_or_sections, dim, type="List[Tensor]")


@rule(torch.functional.norm)
def _norm(input, p="fro", dim=None, keepdim=False, out=None, dtype=None):
    if p == "fro":
        p = 2
    if dim is None:
        return op("norm", input, p)
    if known(dim) and isinstance(dim, int):
        dim = [dim]
    return op("norm", input, p, dim, keepdim)


@rule(F.normalize)
def _normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    length = op("clamp_min", op("norm", input, p, [dim] if not is_list(dim) else dim, True), eps)
    return op("div", input, op("expand_as", length, input))


@rule(torch.jit.annotate)
def _annotate(the_type, the_value):
    return the_value


@rule(torch.is_grad_enabled)
def _is_grad_enabled():
    return Expr("torch.is_grad_enabled()", "bool")


@rule(torch.is_floating_point)
def _is_floating_point(input):
    return op("is_floating_point", input, type="bool")


@rule(torch.numel)
def _numel(input):
    return op("numel", input, type="int")


# What is the same while compiling as when run, where all arguments are known.
PURE = [
    _nn_utils._single,
    _nn_utils._pair,
    _nn_utils._triple,
    _nn_utils._reverse_repeat_tuple,
    builtins.len,
    builtins.min,
    builtins.max,
    builtins.abs,
    builtins.int,
    builtins.float,
    builtins.bool,
    builtins.str,
    builtins.sum,
    builtins.round,
    builtins.isinstance,
    builtins.issubclass,
    builtins.hasattr,
    builtins.getattr,
    builtins.callable,
    builtins.type,
    builtins.tuple,
    builtins.range,
    builtins.any,
    builtins.all,
    builtins.reversed,
    builtins.zip,
    builtins.enumerate,
    torch.device,
    torch.finfo,
    torch.iinfo,
    math.sqrt,
    math.floor,
    math.ceil,
    math.log,
    math.log2,
    math.exp,
    math.pow,
    math.sin,
    math.cos,
    math.prod,
]


def is_pure(function):
    for f in PURE:
        if f is function:
            return True
    return False


def rule_of(function):
    try:
        return RULES.get(function)
    except TypeError:
        return None


# --- what torch.jit._scriptable has in place of ours


@rule(_scriptable.each_int)
def _each_int(size, dim):
    if is_list(size):
        return list(size) if known(size) else size
    return Call(_scriptable.many_ints, (size, dim), {})


@rule(_scriptable.each_float)
def _each_float(factor, dim):
    if is_list(factor):
        return factor
    return Call(_scriptable.many_floats, (factor, dim), {})


@rule(F._none_or_dtype)
def _none_or_dtype(input):
    return None


@rule(F._canonical_mask)
def _canonical_mask(mask, mask_name, other_type, other_name, target_type, check_other=True):
    if mask is None:
        return None
    function = _scriptable.float_mask if mask.type == "Tensor" else _scriptable.optional_float_mask
    return Call(function, (mask, target_type), {})


# What is compiled in place of a method of torch.nn's modules.
METHODS = {
    (torch.nn.MultiheadAttention, "forward"): _scriptable.multihead_attention,
    (torch.nn.TransformerEncoder, "forward"): _scriptable.transformer_encoder,
}


def methods_of(cls, name):
    return METHODS.get((cls, name))
