import enum

import torch
from torch import fx


class Mode(enum.Enum):
    FAST = 1
    SLOW = 2


def f(x):
    return x.run(Mode.FAST, mode=[Mode.SLOW])


def run():
    return fx.Tracer().trace(f)
