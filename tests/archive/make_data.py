"""Writes the archives under tests/archive/data with a real PyTorch: python3 tests/archive/make_data.py

tensors.json says what the tensors of tensors_p*.pt are: dtype, sizes, strides and the dense row-major bytes in hex.
The trees of the other archives are compared with *.tree files; look at the difference before you accept new ones:
    FUSEPACK_WRITE_GOLDEN=$PWD/tests/archive/data bazel run //tests/archive:archive_test
"""
import collections
import io
import json
import pathlib
import sys

import torch
from torch import fx, nn
from torch.package import PackageExporter

out = pathlib.Path(__file__).parent / "data"
sys.path.insert(0, str(out / "source"))
import shapes  # noqa: E402

torch.manual_seed(0)

# ---- every dtype, views, sharing ----
base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
tensors = {
    "bool": torch.tensor([True, False, True]),
    "uint8": torch.arange(5, dtype=torch.uint8),
    "int8": torch.arange(-2, 3, dtype=torch.int8),
    "int16": torch.arange(-2, 3, dtype=torch.int16),
    "int32": torch.arange(-2, 3, dtype=torch.int32),
    "int64": torch.arange(-2, 3, dtype=torch.int64),
    "float16": torch.arange(5, dtype=torch.float16) / 3,
    "bfloat16": torch.arange(5, dtype=torch.bfloat16) / 3,
    "float32": torch.arange(5, dtype=torch.float32) / 3,
    "float64": torch.arange(5, dtype=torch.float64) / 3,
    "complex64": torch.tensor([1 + 2j, -3j], dtype=torch.complex64),
    "complex128": torch.tensor([1 + 2j, -3j], dtype=torch.complex128),
    "base": base,
    "transposed": base.permute(2, 0, 1),
    "slice": base[:, 1:, ::2],
    "expanded": base[0, 0, :1].expand(3, 2),
    "scalar": torch.tensor(1.5),
    "empty": torch.zeros(0, 3),
    "channels_last": torch.arange(16.0).reshape(1, 2, 2, 4).to(memory_format=torch.channels_last),
    "parameter": nn.Parameter(torch.ones(2)),
    "frozen": nn.Parameter(torch.ones(2), requires_grad=False),
}
attributed = torch.ones(1)
attributed.note = "kept"
tensors["attributed"] = attributed


def raw(t):
    t = t.detach().contiguous()
    return bytes(t.view(torch.uint8).reshape(-1).tolist()).hex() if t.dim() and t.numel() else \
        bytes(t.reshape(-1).view(torch.uint8).tolist()).hex()


described = {
    name: {
        "dtype": str(t.dtype).removeprefix("torch."),
        "sizes": list(t.shape),
        "strides": list(t.stride()),
        "parameter": isinstance(t, nn.Parameter),
        "requires_grad": t.requires_grad,
        "bytes": raw(t),
    }
    for name, t in tensors.items()
}
(out / "tensors.json").write_text(json.dumps(described, indent=1) + "\n")
for protocol in (3, 4):
    with PackageExporter(str(out / f"tensors_p{protocol}.pt")) as e:
        e.save_pickle("data", "tensors.pkl", tensors, pickle_protocol=protocol)
torch.save(tensors, out / "tensors_save.pt")

# ---- a package of classes, written to a path and to a buffer, with resources ----
for protocol in (3, 4):
    target = str(out / "shapes_p3.pt") if protocol == 3 else io.BytesIO()
    with PackageExporter(target) as e:
        e.intern("shapes.**")
        e.extern("numpy.**", allow_empty=True)
        e.save_pickle("model", "net.pkl", shapes.Net().eval(), pickle_protocol=protocol)
        e.save_text("model.notes", "readme.txt", "résumé\n")
        e.save_binary("model", "raw.bin", b"\x00\x01\x02")
        e.save_source_string("extra.tool", "x = 1\n")
        e.save_module("shapes.deep")
    if protocol == 4:
        (out / "shapes_p4_buffer.pt").write_bytes(target.getvalue())

# ---- a GraphModule: reduce_package, and two pickles that share a storage ----
traced = fx.symbolic_trace(nn.Sequential(nn.Linear(2, 2), nn.ReLU()))
with PackageExporter(str(out / "traced.pt")) as e:
    e.save_pickle("model", "traced.pkl", [traced, traced])
    e.save_pickle("model", "state.pkl", traced.state_dict())

torch.jit.save(torch.jit.script(nn.Sequential(nn.Linear(2, 2), nn.ReLU())), str(out / "script.pt"))

# ---- values: everything the pickle machine knows that needs no class ----
values = {
    "none": None, "true": True, "ints": [0, 1, 255, 256, 65535, 65536, -1, 2**31 - 1, -2**31, 2**31, 2**63 - 1, -2**63],
    "long": [2**63, -2**63 - 1, 2**200, -2**200], "floats": [0.0, -0.5, 1e300, float("inf")],
    "text": ["", "abc", "é", "\U0001f600", "new\nline"], "bytes": [b"", b"\x00\xff", bytearray(b"ab")],
    "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)], "sets": [set(), {1}, frozenset(), frozenset({2})],
    "complex": 1 - 2j, "slice": slice(1, None, 2), "range": range(1, 9, 3),
    "ordered": collections.OrderedDict(a=1, b=2), "default": collections.defaultdict(list, k=[1]),
    "deque": collections.deque([1, 2], maxlen=5), "size": torch.Size([1, 2]), "dtype": torch.float16,
    "device": [torch.device("cpu"), torch.device("cuda", 1)], "layout": torch.strided,
    "counter": collections.Counter("aab"), "state": nn.Linear(1, 1).state_dict(), "type": [int, nn.Linear],
}
import pickle  # noqa: E402

torch.save(values, out / "values_save.pt")
del values["state"]
for protocol in range(6):
    (out / f"values_{protocol}.pkl").write_bytes(pickle.dumps(values, protocol=protocol))
