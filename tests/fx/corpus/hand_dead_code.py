import operator

import torch
from torch import fx


def f(x, y):
    a = x + 1
    b = a * 2
    torch._assert(True, "kept")
    c = torch.rand(3)
    d = x.clone()
    return y


def run():
    g = fx.Tracer().trace(f)
    with g.inserting_before(g.output_node()):
        g.call_function(operator.setitem, (g.find_nodes(op="placeholder")[1], 0, 1))
    assert g.eliminate_dead_code()
    assert not g.eliminate_dead_code()
    return g
