from collections import namedtuple
from typing import NamedTuple

from torch import Tensor, fx

Pair = namedtuple("Pair", ["left", "right"])


class Result(NamedTuple):
    value: Tensor
    count: int = 0


def f(x):
    return Pair(x, x + 1), Result(x * 2), Result(value=x, count=3)


def run():
    return fx.Tracer().trace(f)
