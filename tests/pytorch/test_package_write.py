"""What fusepack writes loads in real torch.package, with equal outputs; the same input gives the same bytes."""
import pathlib
import zipfile

import pytest
import torch
import torch.package
import torchvision

from conftest import REPOSITORY, assert_close_to_largest

TORCHVISION = pathlib.Path(torchvision.__file__).parent.parent
MODELS = ["resnet18", "mobilenet_v2", "squeezenet1_1", "densenet121", "googlenet", "shufflenet_v2_x0_5", "vit_b_16"]


def load(path):
    return torch.package.PackageImporter(str(path)).load_pickle("model", "model.pkl")


def test_pack_example(fusepack):
    """A model of one file; its weights are PyTorch's for the seed."""
    models, archive = REPOSITORY / "examples" / "models", fusepack.work / "resnet18.pt"
    fusepack("pack", models, "--entry", "resnet:resnet18", "--seed", 0, "--eval", "-o", archive)
    model = load(archive)
    assert type(model).__module__.endswith(".resnet") and not model.training
    torch.manual_seed(0)
    twin = torchvision.models.resnet18(weights=None).eval()
    state, expected = model.state_dict(), twin.state_dict()
    assert list(state) == list(expected)
    for name, value in expected.items():
        torch.testing.assert_close(state[name], value, rtol=1e-5, atol=1e-6)
    x = torch.rand(2, 3, 64, 64)
    twin.load_state_dict(state)
    assert torch.equal(model(x), twin(x))


def test_same_bytes(fusepack):
    models = REPOSITORY / "examples" / "models"
    for folder in ["a", "b"]:
        (fusepack.work / folder).mkdir()
        fusepack("pack", models, "--entry", "resnet:resnet18", "-o", fusepack.work / folder / "m.pt")
    assert (fusepack.work / "a" / "m.pt").read_bytes() == (fusepack.work / "b" / "m.pt").read_bytes()


@pytest.mark.parametrize("name", MODELS)
def test_pack_torchvision(name, fusepack):
    """intern("**") over torchvision's real sources: what PyTorch's own exporter refuses for sys, numpy and C extensions."""
    archive = fusepack.work / "m.pt"
    more = ["--args", "init_weights=True, aux_logits=False"] if name == "googlenet" else []
    fusepack("pack", TORCHVISION, "--entry", f"torchvision.models:{name}", "--seed", 0, "--eval", "-o", archive,
             "--time-limit", 60, *more)
    model = load(archive)
    assert type(model).__module__.startswith("<torch_package_")
    twin = getattr(torchvision.models, name)(weights=None, **({"aux_logits": False} if name == "googlenet" else {})).eval()
    assert list(model.state_dict()) == list(twin.state_dict())
    twin.load_state_dict(model.state_dict())
    x = torch.rand(1, 3, 224, 224)
    with torch.no_grad():
        assert torch.equal(model(x), twin(x))


def test_export_of_archive_and_package(fusepack):
    """convert then export gives back the records; so does export of the archive itself."""
    archive = fusepack.work / "in.pt"
    torch.manual_seed(0)
    model = torchvision.models.resnet18(weights=None).eval()
    with torch.package.PackageExporter(str(archive)) as exporter:
        exporter.extern(["sys", "io", "numpy.**", "PIL.**", "torchvision.extension"])
        exporter.intern("torchvision.**")
        exporter.save_pickle("model", "model.pkl", model)
        exporter.save_text("notes", "read.me", "text")
    fusepack("convert", archive, "-o", "m.fpk", "--shape", "1x3x64x64")
    x = torch.rand(1, 3, 64, 64)
    for source, made in [("m.fpk", "from_fpk.pt"), ("in.pt", "from_pt.pt")]:
        fusepack("export", source, "--format", "torch.package", "-o", made)
        importer = torch.package.PackageImporter(str(fusepack.work / made))
        assert torch.equal(importer.load_pickle("model", "model.pkl")(x), model(x))
        assert importer.load_text("notes", "read.me") == "text"
        with zipfile.ZipFile(archive) as old, zipfile.ZipFile(fusepack.work / made) as new:
            assert new.testzip() is None
            contents = {n.split("/", 1)[1]: old.read(n) for n in old.namelist() if "serialization_id" not in n}
            again = {n.split("/", 1)[1]: new.read(n) for n in new.namelist() if "serialization_id" not in n}
            assert contents == again


def test_pack_mock(fusepack):
    """A mocked module is a stand-in: importing is fine, using is NotImplementedError."""
    source = fusepack.work / "src" / "shop"
    source.mkdir(parents=True)
    (source / "__init__.py").write_text("")
    (source / "extra.py").write_text("def price(x):\n    return x * 2\n")
    (source / "net.py").write_text(
        "import torch\nfrom .extra import price\n\n"
        "class Net(torch.nn.Module):\n    def forward(self, x):\n        return x + 1\n"
        "    def cost(self, x):\n        return price(x)\n"
    )
    fusepack("pack", source.parent, "--entry", "shop.net:Net", "--mock", "shop.extra", "-o", "m.pt")
    model = load(fusepack.work / "m.pt")
    assert torch.equal(model(torch.ones(2)), torch.full((2,), 2.0))
    with pytest.raises(NotImplementedError, match="mocked out during packaging but it is being used in __call__"):
        model.cost(1)
