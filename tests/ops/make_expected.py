"""Asks PyTorch, in double precision, for the results of the operator table's examples, and writes expected.txt:

    bazel-bin/tests/ops/list_examples | python3 tests/ops/make_expected.py [NAME...] > expected.txt

One line an example: operator, example, outputs, separated by tabs. An output is its dtype and sizes and, up to 48
elements, all of them; else 16 samples and two weighted sums of the finite ones (expected_test.cc says which). Examples
are written for f32 and run here in f64: the inputs are exact in f16, f32 and f64 (example.h has the formula). Examples
that PyTorch refuses are reported and left out. With NAMEs, only these operators.
"""
import re
import sys

import torch

DTYPES = {"f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float64, "f64": torch.float64, "i64": torch.int64,
          "i32": torch.int32, "i16": torch.int16, "i8": torch.int8, "u8": torch.uint8, "bool": torch.bool}
SHORT = {torch.float64: "f64", torch.float32: "f32", torch.float16: "f16", torch.bfloat16: "bf16", torch.int64: "i64",
         torch.int32: "i32", torch.int16: "i16", torch.int8: "i8", torch.uint8: "u8", torch.bool: "bool"}
TENSOR = re.compile(r"\b(f16|bf16|f32|f64|i64|i32|i16|i8|u8|bool)\[([\d,]*)\](>0|~|<\d+)?")


def make(dtype, sizes, kind, k):
    n = 1
    for s in sizes:
        n *= s
    values = []
    for i in range(n):
        m = (7919 * i + 104729 * (k + 1)) % 2003
        v = float(m - 1001) if not DTYPES[dtype].is_floating_point else (m - 1001) / 1024
        if dtype == "bool":
            v = float(m % 3 != 0)
        if kind and kind[0] == "<":
            v = float(m % int(kind[1:]))
        if kind == ">0":
            v = abs(v) + 0.5
        if kind == "~":
            v = (float("nan") if i % 11 == 3 else float("inf") if i % 13 == 5 else float("-inf") if i % 13 == 9 else v)
        values.append(v)
    return torch.tensor(values, dtype=torch.float64).to(DTYPES[dtype]).reshape(sizes)


def number(v):
    return repr(int(v)) if v == v and abs(v) < 2**53 and int(v) == v else repr(v)


def describe(t):
    v = t.detach().to(torch.float64).reshape(-1)
    n = v.numel()
    if n <= 48:
        shown = v.tolist()
    else:
        finite = torch.where(torch.isfinite(v), v, torch.zeros_like(v))
        i = torch.arange(n)
        shown = [v[j * n // 16].item() for j in range(16)]
        shown.append(torch.dot(finite, (i * 37 % 101 - 50).to(torch.float64) / 50).item())
        shown.append(torch.dot(finite, (i * 53 % 89 - 44).to(torch.float64) / 44).item())
    return "%s[%s] %s" % (SHORT[t.dtype], ",".join(map(str, t.shape)), " ".join(map(number, shown)))


def resolve(name):
    owner, _, rest = name.partition(".")
    if owner == "Tensor":
        return lambda x, *args, **kwargs: getattr(x, rest)(*args, **kwargs)
    value = torch
    for part in rest.split("."):
        value = getattr(value, part)
    return value


def evaluate(name, example):
    tensors = []

    def replace(match):
        sizes = [int(s) for s in match[2].split(",") if s]
        tensors.append(make(match[1], sizes, match[3], len(tensors)))
        return "tensors[%d]" % (len(tensors) - 1)

    code = TENSOR.sub(replace, example)
    return eval("function(%s)" % code, {"function": resolve(name), "tensors": tensors, "torch": torch,
                                      "inf": float("inf")})


def main():
    for line in sys.stdin:
        op, name, example = line.rstrip("\n").split("\t")
        if len(sys.argv) > 1 and op not in sys.argv[1:]:
            continue
        try:
            if name.startswith("torch.ops.torchvision."):
                import torchvision  # noqa: F401  (registers the operators)
            out = evaluate(name, example)
        except Exception as error:
            print("%s(%s): %s" % (name, example, str(error).split("\n")[0]), file=sys.stderr)
            continue
        outs = out if isinstance(out, (tuple, list)) else [out]
        print("\t".join([op, example] + [describe(t) for t in outs]))


main()
