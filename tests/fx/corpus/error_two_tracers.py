import torch
from torch import fx


def run():
    outer = fx.Proxy(fx.Graph().placeholder("a"))
    try:
        torch.add(outer, fx.Proxy(fx.Graph().placeholder("b")))
    except RuntimeError as e:
        raise RuntimeError(str(e)[:40])
