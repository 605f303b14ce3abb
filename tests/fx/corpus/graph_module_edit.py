import torch
from torch import nn, fx


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(2, 2)
        self.unused = nn.Linear(2, 2)
        self.inner = nn.Sequential(nn.ReLU(), nn.Tanh())

    def forward(self, x):
        return self.inner(self.lin(x))


def run():
    gm = fx.symbolic_trace(Net())
    assert not hasattr(gm, "unused")
    assert gm.add_submodule("made.deep", nn.Sigmoid())
    node = next(n for n in gm.graph.nodes if n.target == "inner.1")
    node.target = "made.deep"
    gm.recompile()
    gm.delete_all_unused_submodules()
    assert sorted(n for n, _ in gm.named_modules()) == ["", "inner", "inner.0", "lin", "made", "made.deep"]
    assert "self.made.deep" in gm.code
    assert gm(torch.zeros(1, 2)).shape == (1, 2)
    return gm.graph
