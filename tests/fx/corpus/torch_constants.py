import torch
from torch import fx


def f(x):
    a = x.to(torch.float16)
    b = a.to(torch.device("cpu"))
    c = b.to(device=torch.device("cuda", 1), dtype=torch.bfloat16)
    d = c.contiguous(memory_format=torch.channels_last)
    e = torch.empty_like(d, dtype=torch.int64, layout=torch.strided)
    return e.view(torch.Size([2, 3]))


def run():
    return fx.Tracer().trace(f)
