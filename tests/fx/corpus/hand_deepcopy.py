import copy

import torch
from torch import fx


def run():
    g = fx.Tracer().trace(lambda x, y=2: {"a": [x + y, torch.relu(x)]})
    made = copy.deepcopy(g)
    for node in g.nodes:
        node.meta["old"] = True
    assert all("old" not in node.meta for node in made.nodes) and made._tracer_cls is fx.Tracer
    return made
