import torch
from torch import fx


def f(x, y):
    a = torch.cat([x, y], dim=1)
    b = torch.stack((x, (y)), 0)
    c = x.view((2, -1), )
    d = torch.nn.functional.pad(x, [1, 1, 2, 2], mode="constant", value=0)
    return {"cat": a, "parts": [b, {"inner": (c, d)}], "empty": [[], (), {}], "one": (x,)}


def run():
    return fx.Tracer().trace(f)
