"""Writes tests/torchscript/data/ with a real PyTorch: NAME.pt (TorchScript), NAME_x<i>.npy, NAME_y<i>.npy.

    python tests/torchscript/make_archives.py [NAME ...]

Every module here is small and shows constructs that TorchScript's own Python has. What forward returns is flattened
(tuples, lists, dicts in order of insertion; numbers and strings become 0-d or byte arrays) into the y files.
"""
import enum
import math
import os
import sys
from typing import Dict, Final, List, NamedTuple, Optional, Tuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
MODELS = {}


def model(*inputs, trace=False, train=False, old=False):
    def register(cls):
        MODELS[cls.__name__.lower()] = (cls, inputs, trace, train)
        return cls

    return register


def rand(*sizes):
    return lambda: torch.rand(*sizes)


def ints(high, *sizes):
    return lambda: torch.randint(0, high, sizes)


def free_scale(x: Tensor, by: float = 2.0) -> Tensor:
    return x * by


def choose(x: Tensor, mode: str) -> Tensor:
    if mode == "relu":
        return F.relu(x)
    elif mode == "gelu":
        return F.gelu(x)
    else:
        raise ValueError("mode " + mode)


class Point(NamedTuple):
    x: Tensor
    scale: float


@torch.jit.script
class Counter:
    def __init__(self, start: int):
        self.n = start
        self.seen: List[int] = []

    def add(self, k: int) -> int:
        self.n += k
        self.seen.append(k)
        return self.n


class Color(enum.Enum):
    RED = 1
    GREEN = 2


@model(rand(2, 3, 8, 8))
class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True),
                                      nn.MaxPool2d(2), nn.Conv2d(8, 8, 3, padding="same"), nn.Hardswish(), nn.Dropout(0.3))
        self.pool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(8, 5)

    def forward(self, x):
        x = self.pool(self.features(x))
        return self.fc(torch.flatten(x, 1))


@model(rand(4, 3, 6, 6), train=True)
class TrainNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.bn = nn.BatchNorm2d(3)
        self.gn = nn.GroupNorm(3, 3)

    def forward(self, x):
        return self.gn(self.bn(x))


@model(rand(2, 5))
class Control(nn.Module):
    steps: Final[int] = 3

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.rand(5, 5))
        self.register_buffer("shift", torch.rand(5))
        self.names = ["a", "b"]
        self.table = {"one": 1, "two": 2}
        self.limit = 2.5

    def forward(self, x):
        total = torch.zeros_like(x)
        count = 0
        for i in range(self.steps):
            x = torch.matmul(x, self.w) + self.shift
            if float(x.sum()) > self.limit and i != 1:
                total = total + x * i
                continue
            total += x
            count += 1
        while count < 10:
            count = count * 2 + 1
            if count == 7:
                break
        scale = self.table["two"] if len(self.names) == 2 else self.table["one"]
        return total * scale / count


@model(rand(3, 4))
class Containers(nn.Module):
    def forward(self, x: Tensor):
        pieces: List[Tensor] = []
        for row in x:
            pieces.append(row * 2)
        by_name: Dict[str, Tensor] = {}
        for i, p in enumerate(pieces):
            by_name["p" + str(i)] = p + i
        sizes = [s + 1 for s in x.shape]
        numbers: List[int] = []
        for a, b in zip(sizes, [5, 6]):
            numbers.append(a * b)
        numbers.extend([9, 8])
        numbers.insert(0, 7)
        last = numbers.pop()
        numbers.reverse()
        numbers.sort()
        pair = (x.sum(), last)
        keys = list(by_name.keys())
        first, rest = keys[0], keys[1:]
        out = torch.stack(list(by_name.values()))
        if "p1" in by_name:
            out = out + by_name["p1"]
        del by_name["p0"]
        text = "{}-{}".format(first, len(rest))
        assert text == "p0-2", "unexpected " + text
        return out, pair, numbers, by_name, numbers[-1], min(numbers), max(3, last), sum(numbers)


@model(rand(2, 4))
class Optionals(nn.Module):
    scale: Optional[Tensor]

    def __init__(self):
        super().__init__()
        self.scale = None
        self.proj = nn.Linear(4, 4)

    def helper(self, x: Tensor, mask: Optional[Tensor] = None, times: Optional[int] = None) -> Tuple[Tensor, Optional[Tensor]]:
        if mask is not None:
            x = x * mask
        if times is None:
            times = 2
        for _ in range(times):
            x = self.proj(x)
        extra: Optional[Tensor] = None
        if x.size(0) > 1:
            extra = x[0]
        return x, extra

    def forward(self, x: Tensor, mask: Optional[Tensor] = None):
        a, extra = self.helper(x, mask)
        b, _ = self.helper(x, times=1)
        scale = self.scale
        if scale is not None:
            b = b * scale
        if extra is not None:
            a = a + extra
        else:
            a = a - 1
        return a + b


@model(rand(2, 6))
class Structures(nn.Module):
    def __init__(self):
        super().__init__()
        self.color = Color.GREEN
        self.blocks = nn.ModuleList([nn.Linear(6, 6), nn.Linear(6, 6, bias=False), nn.Tanh()])
        self.by_name = nn.ModuleDict({"act": nn.Sigmoid(), "norm": nn.LayerNorm(6)})

    def forward(self, x):
        for i, block in enumerate(self.blocks):
            x = block(x) + i
        for name, m in self.by_name.items():
            if name == "act":
                x = m(x) * 3
            else:
                x = m(x)
        p = Point(x, 1.5)
        counter = Counter(3)
        n = counter.add(4)
        n = counter.add(n)
        y = choose(free_scale(p.x, p.scale), "gelu") + choose(x, "relu")
        if self.color == Color.GREEN:
            y = y + len(counter.seen)
        return Point(y * n, p.scale * 2)


class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 4)

    def forward(self, x):
        return torch.relu(self.lin(x))


@model(rand(3, 4), trace=True)
class SharedTrace(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = Inner()
        self.b = self.a
        self.c = Inner()
        self.c.lin.weight = self.a.lin.weight

    def forward(self, x):
        y = self.a(x) + self.b(x * 2)
        z = self.c(y.view(x.shape[0], -1))
        n = x.shape[0] * 2
        return z.reshape(n // 2, 2, 2)[:, 0], (z.mean(dim=1, keepdim=True), torch.cat([y, z], dim=1).t()[1:3])


@model(rand(3, 4), ints(10, 2, 5))
class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(10, 4)
        self.inner = Inner()

    def forward(self, x, idx):
        e = self.emb(idx)
        y = self.inner(x)
        q = torch.einsum("bi,cji->bcj", x, e)
        m = idx > 4
        e = e.masked_fill(m.unsqueeze(-1), -1.0)
        e[:, 0] = 3.0
        e[m] = e[m] * 2
        k = torch.arange(0, idx.size(1), device=x.device)
        w = F.softmax(q, dim=-1, dtype=torch.float64).to(torch.float32)
        pad = F.pad(x[None], [1, 2], value=0.5)
        up = F.interpolate(x.unsqueeze(0).unsqueeze(0), scale_factor=2.0, mode="bilinear", align_corners=False)
        same = x.dtype == torch.float32 and not x.is_cuda
        chunks = torch.chunk(x, 2, dim=1)
        a, b = torch.split(x, [1, 3], dim=1)
        vals, where = torch.max(x, dim=1)
        return (y, q, e, k, w, pad, up, same, chunks[0] @ chunks[1].transpose(0, 1), a * b, vals, where, x[..., -1],
                x[:, 1:3:2], x.clamp(min=0.25), math.sqrt(2.0) * x.size(0), -x.size(1) // 3, 7 % 4, 2 ** 3, 7 / 2, ~m)


TABLE = torch.arange(4.0)


@model(rand(3, 4), trace=True)
class Constants(nn.Module):
    def forward(self, x):
        return (x * TABLE + torch.tensor([1.0, 2.0, 3.0, 4.0])).floor() / torch.tensor(2.0)


@model(rand(3, 4))
class TracedChild(nn.Module):
    def __init__(self):
        super().__init__()
        self.traced = torch.jit.trace(Inner(), torch.rand(1, 4))

    def forward(self, x):
        if x.size(0) > 2:
            x = x * 2
        return self.traced(x)


@model(rand(3, 8), rand(3, 8))
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = nn.MultiheadAttention(8, 2, batch_first=True)
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)

    def forward(self, x, y):
        x = x.unsqueeze(0)
        out, weights = self.attn(x, y.unsqueeze(0), y.unsqueeze(0))
        return self.layer(out), weights


@model(rand(4, 3))
class Stateful(nn.Module):
    history: List[float]

    def __init__(self):
        super().__init__()
        self.register_buffer("seen", torch.zeros(3))
        self.calls = 0
        self.history = []

    @torch.jit.export
    def reset(self):
        self.calls = 0
        self.seen.zero_()

    @torch.jit.export
    def __getstate__(self):
        return (self.seen, self.calls, self.training)

    @torch.jit.export
    def __setstate__(self, state: Tuple[Tensor, int, bool]):
        self.seen = state[0]
        self.calls = state[1] + 5
        self.training = state[2]
        self.history = [0.5]

    def forward(self, x):
        self.calls += 1
        self.seen.add_(x.sum(0))
        self.history.append(float(self.calls))
        return self.seen / self.calls, self.calls, len(self.history)


def flatten(value, out):
    if isinstance(value, Tensor):
        out.append(value.detach().numpy())
    elif isinstance(value, (list, tuple)):
        for v in value:
            flatten(v, out)
    elif isinstance(value, dict):
        for v in value.values():
            flatten(v, out)
    elif isinstance(value, str):
        out.append(np.frombuffer(value.encode(), dtype=np.uint8))
    else:
        out.append(np.asarray(value))


def main():
    os.makedirs(HERE, exist_ok=True)
    for name, (cls, inputs, trace, train) in MODELS.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        torch.manual_seed(0)
        m = cls().train(train)
        xs = [make() for make in inputs]
        script = torch.jit.trace(m, tuple(xs)) if trace else torch.jit.script(m)
        path = os.path.join(HERE, name + ".pt")
        torch.jit.save(script, path)
        for i, x in enumerate(xs):
            np.save(os.path.join(HERE, f"{name}_x{i}.npy"), x.numpy())
        ys = []
        with torch.no_grad():
            flatten(torch.jit.load(path)(*[x.clone() for x in xs]), ys)
        for i, y in enumerate(ys):
            np.save(os.path.join(HERE, f"{name}_y{i}.npy"), y)
        print(name, os.path.getsize(path), len(ys))


if __name__ == "__main__":
    main()
