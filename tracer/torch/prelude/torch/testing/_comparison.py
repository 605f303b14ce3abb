"""One comparison of nested values, in two manners: assert_close's, which is strict about types, and that of PyTorch's
own TestCase.assertEqual, which takes numbers, booleans and tensors of one element for each other.

Containers are walked in step; a leaf is compared by the first rule that takes both sides. A difference is a Mismatch with
the way to the item; whoever called makes it an error.
"""
import collections.abc
import dataclasses
import enum
import math

import torch

_TOLERANCES = {
    torch.float16: (1e-3, 1e-5),
    torch.bfloat16: (1.6e-2, 1e-5),
    torch.float32: (1.3e-6, 1e-5),
    torch.float64: (1e-7, 1e-7),
}


class Mismatch(Exception):
    def __init__(self, kind, message, path=()):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.path = path

    def error(self, msg=None):
        text = self.message
        if self.path:
            text += "\n\nThe failure occurred for item " + "".join(f"[{key!r}]" for key in self.path)
        if callable(msg):
            text = msg(text)
        elif msg is not None:
            text = msg
        return self.kind(text)


class Manner:
    """What counts as equal. `relaxed` is assertEqual's manner."""

    def __init__(self, *, relaxed=False, rtol=None, atol=None, least_rtol=0.0, least_atol=0.0, equal_nan=False,
                 check_device=True, check_dtype=True, check_stride=False, allow_subclasses=True):
        self.relaxed = relaxed
        self.rtol = rtol
        self.atol = atol
        self.least_rtol = least_rtol
        self.least_atol = least_atol
        self.equal_nan = equal_nan
        self.check_device = check_device
        self.check_dtype = check_dtype
        self.check_stride = check_stride
        self.allow_subclasses = allow_subclasses

    def tolerances(self, path, *dtypes):
        if (self.rtol is None) != (self.atol is None):
            raise Mismatch(ValueError, "Both 'rtol' and 'atol' must be either specified or omitted, but got no "
                                       f"{'rtol' if self.rtol is None else 'atol'}.", path)
        if self.rtol is not None:
            rtol, atol = self.rtol, self.atol
        else:
            pairs = [_TOLERANCES.get(dtype, (0.0, 0.0)) for dtype in dtypes]
            rtol, atol = max(pair[0] for pair in pairs), max(pair[1] for pair in pairs)
        return max(rtol, self.least_rtol), max(atol, self.least_atol)


def _is_sequence(value, relaxed):
    if isinstance(value, str):
        return False
    if isinstance(value, collections.abc.Sequence):
        return True
    return relaxed and isinstance(value, (torch.nn.Sequential, torch.nn.ModuleList, torch.nn.ParameterList))


def _is_mapping(value, relaxed):
    return isinstance(value, collections.abc.Mapping) or (
        relaxed and isinstance(value, (torch.nn.ModuleDict, torch.nn.ParameterDict)))


def compare(actual, expected, manner, path=()):
    if _is_sequence(actual, manner.relaxed) and _is_sequence(expected, manner.relaxed):
        if len(actual) != len(expected):
            raise Mismatch(AssertionError,
                           f"The length of the sequences mismatch: {len(actual)} != {len(expected)}", path)
        for i in range(len(actual)):
            compare(actual[i], expected[i], manner, path + (i,))
        return
    if _is_mapping(actual, manner.relaxed) and _is_mapping(expected, manner.relaxed):
        _compare_mappings(actual, expected, manner, path)
        return
    if (dataclasses.is_dataclass(actual) and not isinstance(actual, type) and type(actual) is type(expected)
            and not isinstance(actual, torch.Tensor)):
        for field in dataclasses.fields(actual):
            compare(getattr(actual, field.name), getattr(expected, field.name), manner, path + (field.name,))
        return
    _compare_leaves(actual, expected, manner, path)


def _compare_mappings(actual, expected, manner, path):
    missing = set(expected.keys()) - set(actual.keys())
    additional = set(actual.keys()) - set(expected.keys())
    if missing or additional:
        lines = ["The keys of the mappings do not match:"]
        if missing:
            lines.append(f"Missing keys in the actual mapping: {sorted(missing)}")
        if additional:
            lines.append(f"Additional keys in the actual mapping: {sorted(additional)}")
        raise Mismatch(AssertionError, "\n".join(lines), path)
    keys = list(actual.keys())
    try:
        keys = sorted(keys)
    except TypeError:
        pass
    for key in keys:
        compare(actual[key], expected[key], manner, path + (key,))


def _compare_leaves(actual, expected, manner, path):
    tensors = isinstance(actual, torch.Tensor) + isinstance(expected, torch.Tensor)
    if actual is None or expected is None:
        if actual is not expected:
            raise Mismatch(AssertionError, f"None mismatch: {actual} is not {expected}", path)
    elif manner.relaxed:
        number = (bool, int, float)
        if _one_is(bool, number + (torch.Tensor,), actual, expected):
            _compare_booleans(_as_boolean(actual, path), _as_boolean(expected, path), path)
        elif _one_is((int, float), (int, float, torch.Tensor, enum.Enum), actual, expected):
            _compare_numbers(_as_number(actual, path), _as_number(expected, path), torch.float32, manner, path)
        elif tensors == 2:
            _compare_tensors(actual, expected, manner, path)
        elif isinstance(actual, (str, bytes)) and isinstance(expected, (str, bytes)):
            _compare_by_unittest(actual, expected, "String", path)
        elif isinstance(actual, set) and isinstance(expected, set):
            _compare_by_unittest(actual, expected, "Set", path)
        elif isinstance(actual, type) and isinstance(expected, type):
            _compare_by_unittest(actual, expected, "Type", path)
        else:
            _compare_by_unittest(actual, expected, "Object", path)
    elif isinstance(actual, bool) and isinstance(expected, bool):
        _compare_booleans(actual, expected, path)
    elif isinstance(actual, (int, float)) and isinstance(expected, (int, float)):
        if manner.check_dtype and type(actual) is not type(expected):
            raise Mismatch(AssertionError, f"The (d)types do not match: {type(actual)} != {type(expected)}.", path)
        _compare_numbers(actual, expected, torch.float64, manner, path)
    elif tensors == 2 and (manner.allow_subclasses or type(actual) is type(expected)):
        _compare_tensors(actual, expected, manner, path)
    else:
        raise Mismatch(TypeError, f"No comparison pair was able to handle inputs of type {type(actual)} and "
                                  f"{type(expected)}.", path)


def _one_is(kind, partners, actual, expected):
    return (isinstance(actual, kind) and isinstance(expected, partners)) or (
        isinstance(expected, kind) and isinstance(actual, partners))


def _single(value, what, path):
    if value.numel() > 1:
        raise Mismatch(ValueError, f"Only single element tensor-likes can be compared against a {what}. "
                                   f"Got {value.numel()} elements instead.", path)
    return value.item()


def _as_boolean(value, path):
    return bool(_single(value, "boolean", path)) if isinstance(value, torch.Tensor) else bool(value)


def _as_number(value, path):
    if isinstance(value, torch.Tensor):
        value = _single(value, "number", path)
        return int(value) if isinstance(value, bool) else value
    return int(value) if isinstance(value, enum.Enum) else value


def _compare_booleans(actual, expected, path):
    if actual is not expected:
        raise Mismatch(AssertionError, f"Booleans mismatch: {actual} is not {expected}", path)


def _compare_by_unittest(actual, expected, name, path):
    import unittest
    try:
        unittest.TestCase().assertEqual(actual, expected)
    except AssertionError as e:
        raise Mismatch(AssertionError, f"{name} comparison failed: {e}", path) from None


def _differences(rows, rtol, atol):
    """Lines `Greatest absolute difference: D at index I (up to T allowed)`; rows are (kind, difference, place, tolerance)."""
    out = ""
    for kind, difference, place, tolerance in rows:
        out += f"{kind.capitalize()} difference: {difference}" if place is None else (
            f"Greatest {kind} difference: {difference} at index {place}")
        if rtol != 0 or atol != 0:
            out += f" (up to {tolerance} allowed)"
        out += "\n"
    return out.strip()


def _compare_numbers(actual, expected, float_dtype, manner, path):
    dtypes = [float_dtype if isinstance(value, float) else torch.int64 for value in (actual, expected)]
    rtol, atol = manner.tolerances(path, *dtypes)
    if actual == expected:
        return
    if manner.equal_nan and math.isnan(actual) and math.isnan(expected):
        return
    difference = abs(actual - expected)
    if math.isfinite(difference) and difference <= atol + rtol * abs(expected):
        return
    relative = math.inf if expected == 0 else difference / abs(expected)
    word = "equal" if rtol == 0 and atol == 0 else "close"
    raise Mismatch(
        AssertionError,
        f"Scalars are not {word}!\n\nExpected {expected} but got {actual}.\n"
        + _differences([("absolute", difference, None, atol), ("relative", relative, None, rtol)], rtol, atol), path)


def _compare_tensors(actual, expected, manner, path):
    def same(attribute, a, b):
        if a != b:
            raise Mismatch(AssertionError, f"The values for attribute '{attribute}' do not match: {a} != {b}.", path)

    rtol, atol = manner.tolerances(path, actual.dtype, expected.dtype)
    same("shape", actual.shape, expected.shape)
    if manner.check_stride:
        same("stride()", actual.stride(), expected.stride())
    if manner.check_device:
        same("device", actual.device, expected.device)
    if manner.check_dtype:
        same("dtype", actual.dtype, expected.dtype)
    if actual.dtype != expected.dtype:
        dtype = torch.promote_types(actual.dtype, expected.dtype)
        actual, expected = actual.to(dtype), expected.to(dtype)
    if actual.numel() == 0:
        return
    actual, expected = actual.detach(), expected.detach()
    matches = torch.isclose(actual, expected, rtol=rtol, atol=atol, equal_nan=manner.equal_nan)
    if bool(torch.all(matches)):
        return
    _raise_tensor_mismatch(actual.flatten(), expected.flatten(), matches, rtol, atol, path)


def _place(index, shape):
    place = []
    for size in reversed(shape):
        place.append(index % size)
        index //= size
    return tuple(reversed(place))


def _raise_tensor_mismatch(actual, expected, matches, rtol, atol, path):
    shape = tuple(matches.shape)
    matched = matches.flatten()
    count = matched.numel()
    wrong = count - int(torch.sum(matched).item())
    if not actual.dtype.is_floating_point:
        actual, expected = actual.to(torch.int64), expected.to(torch.int64)
    absolute = torch.abs(actual - expected)
    relative = absolute / torch.abs(expected)
    rows = []
    for kind, difference, tolerance in (("absolute", absolute, atol), ("relative", relative, rtol)):
        difference = torch.where(matched, torch.zeros_like(difference), difference)
        at = int(torch.argmax(difference).item())
        rows.append((kind, difference[at].item(), _place(at, shape), tolerance))
    word = "equal" if rtol == 0 and atol == 0 else "close"
    raise Mismatch(AssertionError,
                   f"Tensor-likes are not {word}!\n\nMismatched elements: {wrong} / {count} ({wrong / count:.1%})\n"
                   + _differences(rows, rtol, atol), path)


def assert_close(actual, expected, *, allow_subclasses=True, rtol=None, atol=None, equal_nan=False, check_device=True,
                 check_dtype=True, check_layout=True, check_stride=False, msg=None):
    manner = Manner(rtol=rtol, atol=atol, equal_nan=equal_nan, check_device=check_device, check_dtype=check_dtype,
                    check_stride=check_stride, allow_subclasses=allow_subclasses)
    found = None
    try:
        compare(actual, expected, manner)
    except Mismatch as mismatch:
        found = mismatch
    if found is not None:
        raise found.error(msg)


def assert_allclose(actual, expected, rtol=None, atol=None, equal_nan=True, msg=""):
    assert_close(actual, expected, rtol=rtol, atol=atol, equal_nan=equal_nan, check_device=False, check_dtype=False,
                 msg=msg or None)
