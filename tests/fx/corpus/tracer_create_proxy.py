import torch
from torch import fx


class Prefixed(fx.Tracer):
    def create_proxy(self, kind, target, args, kwargs, name=None, type_expr=None, proxy_factory_fn=None):
        if kind == "call_function":
            name = "f_" + getattr(target, "__name__", "x")
        return super().create_proxy(kind, target, args, kwargs, name, type_expr, proxy_factory_fn)


def f(x):
    return torch.relu(x + 1).sum()


def run():
    return Prefixed().trace(f)
