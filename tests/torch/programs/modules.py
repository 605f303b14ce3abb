# Module: registration, iteration, state, hooks.
import copy
from collections import OrderedDict

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.lin = nn.Linear(n, n)
        self.scale = nn.Parameter(torch.ones(n))
        self.register_buffer("offset", torch.zeros(n))
        self.register_buffer("cache", torch.zeros(1), persistent=False)
        self.none = None
        self.register_parameter("missing", None)

    def forward(self, x):
        return self.lin(x) * self.scale + self.offset


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block(2) for _ in range(2)])
        self.head = nn.Sequential(OrderedDict([("a", nn.Linear(2, 3)), ("b", nn.ReLU())]))
        self.shared = self.blocks[0].lin

    def forward(self, x):
        for b in self.blocks:
            x = b(x)
        return self.head(x)


net = Net()
print(net)
print([n for n, _ in net.named_parameters()])
print([n for n, _ in net.named_parameters(remove_duplicate=False)])
print([n for n, _ in net.named_buffers()])
print([n for n, _ in net.named_modules()])
print([n for n, _ in net.named_children()], len(list(net.children())), len(list(net.parameters())))
print(list(net.state_dict().keys()))
print(net.training, net.eval().training, net.blocks[1].lin.training)
print(net.get_submodule("blocks.1.lin"), net.get_parameter("blocks.0.scale").shape)
print(type(net).__module__, nn.Conv2d.__module__, nn.Conv2d.__name__, nn.modules.batchnorm._BatchNorm.__name__)
for bad in (lambda: setattr(net.blocks[0], "scale", 3), lambda: net.nothing, lambda: net.get_submodule("x.y"),
            lambda: net.register_buffer("a.b", None), lambda: net.add_module("head.x", nn.ReLU())):
    try:
        bad()
    except (TypeError, AttributeError, KeyError) as e:
        print(type(e).__name__, e)
net.blocks[0].scale = None
print([n for n, _ in net.blocks[0].named_parameters()])
del net.blocks[0].offset
print("offset" in net.blocks[0]._buffers)
net.blocks[0].offset = 0.0
net.blocks[0].scale = nn.Parameter(torch.full((2,), 2.0))
other = copy.deepcopy(net)
print(other.shared is other.blocks[0].lin, other.shared is net.shared, other.blocks[0].lin.weight is net.shared.weight)
print(net.load_state_dict(other.state_dict()))
try:
    nn.Linear(2, 2).load_state_dict({"weight": torch.ones(3, 2), "extra": torch.ones(1)})
except RuntimeError as e:
    print(e)
calls = []
h1 = net.head.register_forward_pre_hook(lambda m, args: calls.append(("pre", len(args))))
h2 = net.head.register_forward_hook(lambda m, args, out: out * 0 + 1)
x = torch.ones(1, 2)
print(net(x).tolist(), calls)
h1.remove()
h2.remove()
net(x)
print(len(calls))
seq = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
print(len(seq), seq[-1], seq[1:], [type(m).__name__ for m in seq])
seq.append(nn.Tanh())
seq.insert(1, nn.Sigmoid())
del seq[0]
print(seq)
md = nn.ModuleDict({"x": nn.ReLU()})
md["y"] = nn.Tanh()
print(list(md.keys()), "x" in md, md["y"], len(md))
net.apply(lambda m: setattr(m, "seen", True))
print(net.head.a.seen, net.double().head.a.weight.dtype, net.half().head.a.weight.dtype)
print(hasattr(net, "head"), hasattr(net, "nope"), isinstance(net.head, nn.Module), callable(net))
print(sum(p.numel() for p in net.parameters()))
