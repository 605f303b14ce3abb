"""torch.fx.wrap, which every module may call; the tracer is tracer/fx."""
from torch._C import _wrap


def wrap(fn_or_name):
    name = fn_or_name if isinstance(fn_or_name, str) else fn_or_name.__name__
    _wrap(name, 1)
    return fn_or_name
