import copy

import torch
from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 2)

    def forward(self, x):
        return self.lin(x) + 1


def run():
    gm = fx.symbolic_trace(Net().eval())
    gm.meta["note"] = [1]
    deep, shallow = copy.deepcopy(gm), copy.copy(gm)
    assert deep.lin is not gm.lin and shallow.lin is gm.lin
    assert deep.meta == {"note": [1]} and deep.meta["note"] is not gm.meta["note"] and shallow.meta is gm.meta
    assert not deep.training
    x = torch.ones(1, 2)
    assert torch.equal(deep(x), gm(x)) and torch.equal(shallow(x), gm(x))
    deep.graph.output_node().args = (next(iter(deep.graph.nodes)),)
    deep.recompile()
    assert torch.equal(deep(x), x) and not torch.equal(gm(x), x)
    return deep.graph
