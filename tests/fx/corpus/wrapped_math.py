import math
from math import floor, sqrt

from torch import fx


def f(x):
    return math.sqrt(x.size(0)), sqrt(x.size(-1)), math.sqrt(16), floor(x), math.pi * x, math.ceil(x / 2)


def run():
    return fx.Tracer().trace(f)
