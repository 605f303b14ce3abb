from collections import OrderedDict
from dataclasses import dataclass, field

from torch import Tensor, fx


@dataclass
class Output:
    logits: Tensor
    extra: list = field(default_factory=list)
    name: str = "main"


def f(x):
    out = OrderedDict()
    out["a"] = x
    out["b"] = Output(x + 1)
    return out


def run():
    return fx.Tracer().trace(f)
