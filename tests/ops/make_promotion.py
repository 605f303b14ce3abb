"""Asks PyTorch for the result type of every pair of operands, and writes promotion.txt:

    python3 tests/ops/make_promotion.py > tests/ops/promotion.txt

One line a pair: left operand, right operand, result. An operand is a dtype with dimensions ("f32[1]"), one without
("f32[]"), or a Python number ("bool", "int", "float").
"""
import torch

DTYPES = {"bool": torch.bool, "u8": torch.uint8, "i8": torch.int8, "i16": torch.int16, "i32": torch.int32,
          "i64": torch.int64, "f16": torch.float16, "bf16": torch.bfloat16, "f32": torch.float32, "f64": torch.float64}
SHORT = {dtype: name for name, dtype in DTYPES.items()}
SCALARS = {"bool": True, "int": 2, "float": 1.5}

operands = [(name + "[1]", torch.ones(1, dtype=dtype)) for name, dtype in DTYPES.items()]
operands += [(name + "[]", torch.ones((), dtype=dtype)) for name, dtype in DTYPES.items()]
for left, x in operands:
    for right, y in operands + list(SCALARS.items()):
        print(left, right, SHORT[torch.result_type(x, y)])
