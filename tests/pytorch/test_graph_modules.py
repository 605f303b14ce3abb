"""torch.fx GraphModules that real PyTorch packaged: the command shows the graph that PyTorch loads, and runs it."""
import re
import sys

import pytest
import torch
import torch.fx
import torchvision
from torch.package import PackageExporter, PackageImporter

from conftest import assert_close_to_largest

SOURCE = '''
import math

import torch
from torch import fx, nn

fx.wrap("lift")


def lift(x, k):
    return x * k if x.dim() > 1 else x


class Shift(nn.Module):
    def forward(self, x):
        return x + 1


class Keep(fx.Tracer):
    def is_leaf_module(self, m, qualified_name):
        return isinstance(m, Shift) or super().is_leaf_module(m, qualified_name)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.shift = Shift()
        self.body = nn.Sequential(self.shift, nn.Linear(3, 4), nn.ReLU())
        self.scale = nn.Parameter(torch.full((4,), 0.5))
        self.register_buffer("offset", torch.arange(4.0))

    def forward(self, x: torch.Tensor, gain=2.0) -> torch.Tensor:
        y = self.body(self.shift(lift(x, 3))) * self.scale + self.offset + torch.tensor([1.0, 2.0, 3.0, 4.0])
        y += math.sqrt(x.size(0))
        return torch.relu(y) * gain
'''


@pytest.fixture(scope="module")
def nets(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    (folder / "gm_nets.py").write_text(SOURCE)
    sys.path.insert(0, str(folder))
    import gm_nets
    yield gm_nets
    sys.path.remove(str(folder))


def make(kind, nets):
    torch.manual_seed(0)
    net = nets.Net().eval()
    if kind == "traced":
        return torch.fx.symbolic_trace(net)
    if kind == "own tracer":
        return torch.fx.GraphModule(net, nets.Keep().trace(net))
    if kind == "edited":
        gm = torch.fx.symbolic_trace(net)
        for node in gm.graph.nodes:
            node.meta["stack_trace"] = 'File "a.py", line 3, in forward\n    x'
            if node.target is torch.relu:
                node.target = torch.sigmoid
        gm.recompile()
        gm.info = {"edited": True}
        return gm
    if kind == "containers":
        gm = torch.fx.symbolic_trace(lambda d, k: d["a"] + d["b"][0] * k,
                                     concrete_args={"d": {"a": torch.fx.PH, "b": [torch.fx.PH]}})
        return gm
    return torch.fx.symbolic_trace(torchvision.models.resnet18().eval())


@pytest.mark.parametrize("kind", ["traced", "own tracer", "edited", "containers", "resnet18"])
def test_graph_module(kind, nets, fusepack):
    archive = fusepack.work / "gm.pt"
    with PackageExporter(str(archive)) as exporter:
        exporter.intern("gm_nets")
        exporter.save_pickle("model", "model.pkl", make(kind, nets))
    importer = PackageImporter(str(archive))
    loaded = importer.load_pickle("model", "model.pkl").eval()

    shown = fusepack.json("inspect", archive, "--fx")["fx"]
    # Names of the package's functions count the importers of the process.
    assert shown["code"] == re.sub(r"_torch_package_\d+_", "_torch_package_0_", loaded.code)
    assert [(n["op"], n["name"]) for n in shown["nodes"]] == [(n.op, n.name) for n in loaded.graph.nodes]

    if kind == "containers":
        return
    shape = (1, 3, 64, 64) if kind == "resnet18" else (2, 3)
    fusepack("convert", archive, "-o", fusepack.work / "gm.fpk", "--shape", "x".join(map(str, shape)), "--eval")
    x = torch.rand(shape)
    (found,) = fusepack.run(fusepack.work / "gm.fpk", x.numpy())
    with torch.no_grad():
        assert_close_to_largest(found, loaded(x).double().numpy())
