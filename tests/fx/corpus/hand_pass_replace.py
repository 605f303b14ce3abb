import operator

import torch
from torch import fx


def f(x, y):
    return (x + y) * (x + 1) - torch.add(x, y)


def run():
    g = fx.Tracer().trace(f)
    for node in g.nodes:
        if node.op == "call_function" and node.target is operator.add:
            with g.inserting_after(node):
                new = g.call_function(torch.bitwise_and, node.args, node.kwargs)
                node.replace_all_uses_with(new)
                new.args = node.args
            g.erase_node(node)
    g.lint()
    return g
