"""Archives of torchvision models, written by real torch.package, give PyTorch's outputs."""
import json

import numpy
import pytest
import torch
import torch.fx
import torchvision

from conftest import assert_close_to_largest, reference, write_torchvision_archive

MODELS = ["resnet18", "resnet50", "vgg11_bn", "mobilenet_v2", "squeezenet1_0", "densenet121"]


def lively(model):
    """Batch norms with statistics and weights of their own, as a trained model has them: fresh ones are all 0 and 1,
    which would hide a batch norm that is folded wrongly or left out."""
    generator = torch.Generator().manual_seed(1)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1, generator=generator)
            module.running_var.uniform_(0.5, 1.5, generator=generator)
            module.weight.data.uniform_(0.5, 1.5, generator=generator)
            module.bias.data.normal_(0, 0.1, generator=generator)
    return model


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """name -> (model, path), made once."""
    folder, made = tmp_path_factory.mktemp("archives"), {}

    def get(name):
        if name not in made:
            torch.manual_seed(0)
            model = lively(getattr(torchvision.models, name)(weights=None)).eval()
            path = folder / f"{name}.pt"
            write_torchvision_archive(path, model)
            made[name] = (model, path)
        return made[name]

    return get


@pytest.mark.parametrize("name", MODELS)
def test_outputs(name, archives, fusepack):
    model, archive = archives(name)
    package = fusepack.work / "model.fpk"
    fusepack("convert", archive, "-o", package, "--shape", "1x3x224x224")
    for shape in [(1, 3, 224, 224), (3, 3, 224, 224), (2, 3, 192, 256)]:
        x = torch.rand(shape, generator=torch.Generator().manual_seed(sum(shape)))
        (found,) = fusepack.run(package, x.numpy())
        assert_close_to_largest(found, reference(model, x))


def test_training_mode(fusepack):
    """Batch norm on the batch's own statistics, as the archive stores the model."""
    torch.manual_seed(0)
    model = torchvision.models.resnet18(weights=None).train()
    archive, package = fusepack.work / "train.pt", fusepack.work / "train.fpk"
    write_torchvision_archive(archive, model)
    done = fusepack("convert", archive, "-o", package, "--shape", "4x3x224x224")
    assert "training mode" in done.stderr
    x = torch.rand(4, 3, 224, 224)
    (found,) = fusepack.run(package, x.numpy())
    assert_close_to_largest(found, reference(model, x))

    fusepack("convert", archive, "-o", package, "--shape", "4x3x224x224", "--eval")
    (found,) = fusepack.run(package, x.numpy())
    assert_close_to_largest(found, reference(model.eval(), x))


@pytest.mark.parametrize("name", MODELS)
def test_fx_graph(name, archives, fusepack):
    """Node names, targets, arguments and printed code are torch.fx's."""
    model, archive = archives(name)
    fx = fusepack.json("inspect", archive, "--fx", "--shape", "1x3x224x224")["fx"]
    traced = torch.fx.symbolic_trace(model)
    assert fx["code"] == traced.code
    expected = [
        {
            "op": node.op,
            "name": node.name,
            "target": node.target if isinstance(node.target, str) else torch.fx.node._get_qualified_name(node.target),
            "args": repr(node.args),
            "kwargs": repr(node.kwargs),
        }
        for node in traced.graph.nodes
    ]
    assert fx["nodes"] == expected


def test_reference_case_of_pytorch(archives, fusepack):
    """--input and --expect make a case that verify checks; a wrong reference fails it."""
    model, archive = archives("resnet18")
    x = torch.rand(2, 3, 224, 224)
    y = reference(model, x).float().numpy()
    numpy.save(fusepack.work / "x.npy", x.numpy())
    numpy.save(fusepack.work / "y.npy", y)
    package = fusepack.work / "model.fpk"
    fusepack("convert", archive, "--input", "x.npy", "--expect", "y.npy", "-o", package)
    fusepack("verify", package)

    y[1, 7] += 0.01 * numpy.abs(y).max()
    numpy.save(fusepack.work / "y.npy", y)
    fusepack("convert", archive, "--input", "x.npy", "--expect", "y.npy", "-o", package)
    fusepack("verify", package, expect_status=1)


def test_pack_gives_pytorchs_weights(fusepack):
    """`pack --seed 0` draws PyTorch's random numbers: weights and logits are those of torch.manual_seed(0)."""
    import sys

    from conftest import REPOSITORY

    sys.path.insert(0, str(REPOSITORY / "examples" / "models"))
    import resnet

    package = fusepack.work / "model.fpk"
    for seed in [0, 12345]:
        torch.manual_seed(seed)
        model = resnet.resnet18().eval()
        x = torch.rand(1, 3, 224, 224)
        fusepack("pack", REPOSITORY / "examples" / "models", "--entry", "resnet:resnet18", "--seed", seed, "--eval",
                 "--shape", "1x3x224x224", "--save-input", "x.npy", "-o", package)
        assert numpy.array_equal(numpy.load(fusepack.work / "x.npy"), x.numpy())
        (found,) = fusepack.run(package, x.numpy())
        assert_close_to_largest(found, reference(model, x))


def test_inspect_lists_the_archive(archives, fusepack):
    model, archive = archives("resnet18")
    found = json.loads(fusepack("inspect", archive, "--json").stdout)
    assert "torchvision.models.resnet" in [source["module"] for source in found["interned"]]
    assert "torch.nn" in found["extern"]
    (pickle,) = found["pickles"]
    assert {"torch._utils._rebuild_tensor_v2", "collections.OrderedDict"} <= {f"{g['module']}.{g['name']}" for g in pickle["globals"]}
    assert [t["name"] for t in pickle["tensors"]] and {t["name"] for t in pickle["tensors"]} == set(model.state_dict())
