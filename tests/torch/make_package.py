"""Writes tests/torch/data/crate.pt and crate.json: a torch.package archive that a real PyTorch made, and what it computes.

    python tests/torch/make_package.py tests/torch/data

The archive's source imports modules that are not there (only its `plot` would need them), asks sys.modules for its own
module, shares a weight between two layers and has a state of its own.
"""
import json
import os
import sys
import tempfile
import warnings

import torch
from torch.package import PackageExporter

LAYERS = '''
import torch
from torch import nn

SCALES = {}


def register(value):
    def add(fn):
        SCALES[fn.__name__] = (fn, value)
        return fn

    return add


@register(3)
def triple(x):
    return x * SCALES["triple"][1]


class Gate(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.lin = nn.Linear(n, n)
        self.register_buffer("offset", torch.arange(n).float())

    def __setstate__(self, state):
        super().__setstate__(state)
        self.restored = True

    def forward(self, x):
        return torch.sigmoid(self.lin(x)) + self.offset
'''

NETS = '''
import sys
from collections import OrderedDict, namedtuple
from functools import partial

import torch
import missing_plotting as plt
from torch import nn

from . import layers
from .layers import Gate, triple

Out = namedtuple("Out", ["logits", "aux"])


def clip(x, low, high):
    return x.clamp(low, high)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.gates = nn.Sequential(OrderedDict([("a", Gate(4)), ("b", Gate(4))]))
        self.tied = nn.Linear(4, 4)
        self.tied.weight = self.gates.a.lin.weight
        self.clip = partial(clip, low=-1.0, high=4.0)
        self.settings = {"sizes": (1, 2), "names": {"x"}, "dtype": torch.float16, "shape": torch.Size([2, 3])}
        self.plain = torch.ones(3)[1:]

    def forward(self, x):
        x = torch.relu(self.bn(self.conv(x))).mean((2, 3))
        x = self.clip(triple(self.gates(x)))
        here = sys.modules[type(self).__module__]
        return here.Out(self.tied(x), x + self.plain[0])

    def plot(self):
        plt.show()
'''


def main():
    warnings.simplefilter("ignore")
    folder = sys.argv[1]
    with tempfile.TemporaryDirectory() as root:
        os.mkdir(os.path.join(root, "crate"))
        for name, source in (("__init__", ""), ("layers", LAYERS), ("nets", NETS)):
            with open(os.path.join(root, "crate", name + ".py"), "w") as f:
                f.write(source)
        with open(os.path.join(root, "missing_plotting.py"), "w") as f:
            f.write("")
        sys.path.insert(0, root)
        import crate.nets

        torch.manual_seed(0)
        net = crate.nets.Net()
        net(torch.rand(4, 2, 5, 5))  # moves the running statistics
        net.eval()
        with PackageExporter(os.path.join(folder, "crate.pt")) as e:
            e.extern(["sys", "missing_plotting"])
            e.intern("crate.**")
            e.save_pickle("model", "model.pkl", net)
        x = torch.rand(3, 2, 6, 4)
        with torch.no_grad():
            out = net(x)
    case = {
        "input": x.flatten().tolist(),
        "logits": out.logits.flatten().tolist(),
        "aux": out.aux.flatten().tolist(),
        "state": list(net.state_dict()),
        "parameters": [n for n, _ in net.named_parameters()],
    }
    with open(os.path.join(folder, "crate.json"), "w") as f:
        f.write(json.dumps(case) + "\n")


main()
