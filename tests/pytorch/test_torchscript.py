"""TorchScript both ways with a real PyTorch: what torch.jit.script and torch.jit.trace wrote runs here, what fusepack
scripts runs there, and issue 4's row 8 with torchvision's own ResNet."""
import sys

import numpy
import pytest
import torch
import torchvision

from conftest import REPOSITORY, assert_close_to_largest, reference, write_torchvision_archive
from test_torchvision_archives import lively

sys.path.insert(0, str(REPOSITORY / "tests" / "torchscript"))
import make_archives  # noqa: E402

READ = ["resnet18", "mobilenet_v2", "densenet121", "shufflenet_v2_x0_5", "regnet_y_400mf", "swin_t", "vit_b_16"]
WRITE = ["resnet18", "resnet50", "mobilenet_v2", "densenet121", "efficientnet_b0", "mobilenet_v3_small", "swin_t", "vit_b_16"]
SITE_PACKAGES = str(__import__("pathlib").Path(torchvision.__file__).resolve().parents[1])


def make(name):
    torch.manual_seed(0)
    model = lively(torchvision.models.get_model(name, weights=None)).eval()
    # Heads that start at zero would hide everything before them.
    for module in model.modules():
        if isinstance(module, torch.nn.Linear) and not module.weight.data.any():
            module.weight.data.normal_(0, 0.02)
    return model, torch.rand(2, 3, 224, 224)


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("how", ["script", "trace"])
def test_reads(name, how, fusepack):
    model, x = make(name)
    scripted = torch.jit.script(model) if how == "script" else torch.jit.trace(model, x, check_trace=False)
    path = fusepack.work / f"{name}.pt"
    scripted.save(str(path))
    (found,) = fusepack.run(path, x.numpy())
    assert_close_to_largest(found, reference(model, x))


@pytest.mark.parametrize("name", WRITE)
def test_writes(name, fusepack):
    model, x = make(name)
    archive, out = fusepack.work / f"{name}.pt", fusepack.work / "scripted.pt"
    write_torchvision_archive(archive, model)
    fusepack("export", archive, "--format", "torchscript", "-o", out)
    loaded = torch.jit.load(str(out))
    assert not loaded.training
    assert list(loaded.state_dict()) == list(model.state_dict())
    with torch.no_grad():
        found = loaded(x)
    assert_close_to_largest(found.numpy(), reference(model, x))
    (ours,) = fusepack.run(out, x.numpy())
    assert_close_to_largest(ours, reference(model, x))


def test_same_bytes(fusepack):
    model, _ = make("resnet18")
    archive = fusepack.work / "model.pt"
    write_torchvision_archive(archive, model)
    written = []
    for folder in ("a", "b"):
        (fusepack.work / folder).mkdir()
        out = fusepack.work / folder / "scripted.pt"
        fusepack("export", archive, "--format", "torchscript", "-o", out)
        written.append(out.read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize("train", [False, True])
def test_row_8(train, fusepack):
    """Packaged, loaded, scripted, saved, loaded, equal: by PyTorch's seed, with torchvision's own source, in the evaluator;
    then the archive that it saved, in real PyTorch."""
    test = fusepack.work / "test_row_8.py"
    test.write_text(ROW_8.format(train=train))
    done = fusepack("test", test, "--path", SITE_PACKAGES, "--seconds", "120")
    assert "OK" in done.stdout + done.stderr


ROW_8 = """
from io import BytesIO

import torch
from torch.package import PackageExporter, PackageImporter
from torch.testing._internal.common_utils import TestCase, run_tests
from torchvision.models import resnet18


class Row8(TestCase):
    def test_script_resnet(self):
        resnet = resnet18().train({train})
        f1 = BytesIO()
        with PackageExporter(f1) as e:
            e.intern("**")
            e.save_pickle("model", "pickled", resnet)
        f1.seek(0)
        loaded = PackageImporter(f1).load_pickle("model", "pickled")
        f2 = BytesIO()
        torch.jit.save(torch.jit.script(loaded), f2)
        f2.seek(0)
        loaded = torch.jit.load(f2)
        input = torch.rand(2, 3, 64, 64)
        self.assertEqual(loaded(input), resnet(input))


if __name__ == "__main__":
    run_tests()
"""


def test_training_mode(fusepack):
    """Scripted in training mode: batch statistics are used and running ones updated, in real PyTorch as in the model."""
    model, x = make("resnet18")
    model.train()
    archive, out = fusepack.work / "train.pt", fusepack.work / "scripted.pt"
    write_torchvision_archive(archive, model)
    fusepack("export", archive, "--format", "torchscript", "-o", out)
    loaded = torch.jit.load(str(out))
    assert loaded.training
    with torch.no_grad():
        assert_close_to_largest(loaded(x).numpy(), model(x).numpy())
    for name, tensor in model.state_dict().items():
        torch.testing.assert_close(loaded.state_dict()[name], tensor)
    loaded.eval()
    with torch.no_grad():
        assert_close_to_largest(loaded(x).numpy(), model.eval()(x).numpy())


SCRIPTED = ["ConvNet", "TrainNet", "Control", "Containers", "Optionals", "Structures", "Mixed", "Attention"]


@pytest.mark.parametrize("name", SCRIPTED)
def test_constructs(name, fusepack):
    """Each small module of tests/torchscript: built and packaged here from its source, scripted here, run by real PyTorch."""
    cls, inputs, _, train = make_archives.MODELS[name.lower()]
    torch.manual_seed(0)
    model = torch.jit.script(cls().train(train))
    xs = [make_input() for make_input in inputs]
    packaged, out = fusepack.work / "packaged.pt", fusepack.work / "scripted.pt"
    fusepack("pack", REPOSITORY / "tests" / "torchscript", "--entry", f"make_archives:{name}", "--seed", 0, "-o", packaged)
    fusepack("export", packaged, "--format", "torchscript", "-o", out, *([] if train else ["--eval"]))
    loaded = torch.jit.load(str(out))
    expected, found = [], []
    with torch.no_grad():
        make_archives.flatten(model(*[x.clone() for x in xs]), expected)
        make_archives.flatten(loaded(*[x.clone() for x in xs]), found)
    assert len(found) == len(expected)
    for a, b in zip(found, expected):
        numpy.testing.assert_allclose(a.astype("float64"), b.astype("float64"), rtol=1e-5, atol=1e-6)
