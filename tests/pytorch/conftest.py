"""What the tests against real PyTorch share: the command, and archives that torch.package writes."""
import json
import pathlib
import subprocess

import numpy
import pytest
import torch
import torch.package

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
FUSEPACK = REPOSITORY / "bazel-bin" / "tools" / "fusepack"


class Fusepack:
    """Runs the command; `work` is a folder of the test's own."""

    def __init__(self, work: pathlib.Path):
        self.work = work

    def __call__(self, *arguments, expect_status: int = 0) -> subprocess.CompletedProcess:
        done = subprocess.run([str(FUSEPACK), *map(str, arguments)], capture_output=True, text=True, cwd=self.work)
        assert done.returncode == expect_status, f"fusepack {' '.join(map(str, arguments))}: exit {done.returncode}\n{done.stderr}{done.stdout}"
        return done

    def json(self, *arguments):
        return json.loads(self(*arguments, "--json").stdout)

    def run(self, model: pathlib.Path, *inputs: numpy.ndarray, outputs: int = 1) -> list:
        """`fusepack run` on arrays, giving arrays."""
        arguments = ["run", model]
        for i, array in enumerate(inputs):
            numpy.save(self.work / f"in{i}.npy", array)
            arguments += ["--input", self.work / f"in{i}.npy"]
        for i in range(outputs):
            arguments += ["--output", self.work / f"out{i}.npy"]
        self(*arguments)
        return [numpy.load(self.work / f"out{i}.npy") for i in range(outputs)]


@pytest.fixture
def fusepack(tmp_path) -> Fusepack:
    return Fusepack(tmp_path)


def write_torchvision_archive(path, model) -> None:
    """As a torchvision user packages a model: its sources inside, the rest expected in the environment."""
    with torch.package.PackageExporter(str(path)) as exporter:
        exporter.extern(["sys", "io", "numpy.**", "PIL.**", "torchvision.extension"], allow_empty=True)
        exporter.intern("torchvision.**")
        exporter.save_pickle("model", "model.pkl", model)


def reference(model, *inputs):
    """The model's outputs in float64, on the float32 weights and inputs."""
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with torch.no_grad():
        result = model.double()(*(x.double() for x in inputs))
    model.float()
    model.load_state_dict(state)  # running statistics too: a training-mode call moves them
    return result


def assert_close_to_largest(found: numpy.ndarray, expected, tolerance: float = 2e-5) -> None:
    """|found - expected| <= tolerance * the largest |expected|."""
    expected = numpy.asarray(expected)
    assert found.shape == expected.shape
    error = numpy.abs(found.astype(numpy.float64) - expected).max() / numpy.abs(expected).max()
    assert error <= tolerance, f"error {error:.3g} of the largest output, expected at most {tolerance:g}"
