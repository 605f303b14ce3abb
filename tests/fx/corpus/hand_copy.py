import torch
from torch import fx


def inner(a, b):
    return torch.add(a, b) * 2


def run():
    part = fx.Tracer().trace(inner)
    g = fx.Graph()
    x = g.placeholder("x")
    values = {}
    for node in part.nodes:
        if node.op == "placeholder":
            values[node] = x
    once = g.graph_copy(part, values)
    again = g.node_copy(next(iter(part.find_nodes(op="call_function", target=torch.add))), lambda n: once)
    g.output([once, again])
    return g
