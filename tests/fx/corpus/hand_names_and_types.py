from typing import List

import torch
from torch import fx


def run():
    g = fx.Graph()
    x = g.create_node("placeholder", "class", name="class")
    y = g.create_node("call_function", torch.relu, (x,), {}, "my-name!", torch.Tensor)
    z = g.create_node("call_function", torch.relu, (y,), name="relu_7")
    u = g.create_node("call_function", torch.relu, (z,), name="relu_7", type_expr=List[int])
    v = g.call_method("__add__", (u, 1))
    t = g.call_function(getattr, (v, "not an identifier"))
    s = g.call_function(getattr, (t, "shape"))
    g.output(s, type_expr=int)
    return g
