"""fusepack predict against torchvision's transforms on PIL images, and against the model under PyTorch.

Pixels and preprocessed inputs are equal bit for bit; logits agree to 1e-3 and the first class is the same.
"""

import contextlib
import io
import json
import pathlib
import random
import runpy
import subprocess

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image, ImageOps
from torch.package import PackageExporter
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F
from torchvision.transforms._presets import ImageClassification

ROOT = pathlib.Path(__file__).resolve().parents[2]
FUSEPACK = ROOT / "bazel-bin" / "tools" / "fusepack"
IMAGES = ROOT / "tests" / "predict" / "images"


def fusepack(*arguments):
    done = subprocess.run([str(FUSEPACK), *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stderr
    return done


def load(path):
    return ImageOps.exif_transpose(Image.open(path)).convert("RGB")


def corpus(folder, count):
    """`count` images of every kind that people have; returns their paths in order."""
    rng, np_rng = random.Random(7), np.random.default_rng(7)
    paths = []
    for i in range(count):
        height, width = rng.randint(20, 420), rng.randint(20, 420)
        base = np_rng.integers(0, 256, (rng.randint(2, 12), rng.randint(2, 12), 3), dtype=np.uint8)
        image = Image.fromarray(base).resize((width, height), Image.Resampling.BICUBIC)
        exif = Image.Exif()
        kind = i % 14
        if kind < 6:
            if rng.random() < 0.3:
                exif[0x0112] = rng.randint(1, 8)
            mode = ("RGB", "RGB", "RGB", "L", "CMYK", "RGB")[kind]
            options = dict(quality=rng.randint(30, 97), progressive=rng.random() < 0.3, exif=exif)
            if mode == "RGB":
                options["subsampling"] = rng.randint(0, 2)
            path = folder / f"{i:05d}.jpg"
            image.convert(mode).save(path, **options)
        else:
            path = folder / f"{i:05d}.png"
            if kind == 6:
                image = image.quantize(rng.choice([2, 16, 200]))
            elif kind == 7:
                image = image.convert("1")
            elif kind == 8:
                image = image.convert("L")
            elif kind == 9:
                image = Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 3)
            elif kind == 10:
                image = image.convert("LA")
            elif kind == 11:
                image.putalpha(Image.fromarray(np_rng.integers(0, 256, (height, width), dtype=np.uint8)))
            elif kind == 12:
                exif[0x0112] = rng.randint(1, 8)
            image.save(path, exif=exif)
        paths.append(path)
    return paths


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    return folder, corpus(folder, 280)


def identity(folder, *options):
    package = folder / "identity.fpk"
    fusepack("pack", ROOT / "tests" / "predict" / "models", "--entry", "tiny_vision:Identity", "--eval", "-o", package, *options)
    return package


WEIGHTS = ["ResNet18_Weights.IMAGENET1K_V1", "ResNet50_Weights.IMAGENET1K_V2", "EfficientNet_B0_Weights.IMAGENET1K_V1",
           "Swin_T_Weights.IMAGENET1K_V1", "Inception_V3_Weights.IMAGENET1K_V1", "VGG16_Weights.IMAGENET1K_FEATURES"]


@pytest.mark.parametrize("name", WEIGHTS)
def test_preprocessing_is_torchvisions_bit_for_bit(images, tmp_path, name):
    folder, paths = images
    transform = torchvision.models.get_weight(name).transforms()
    out = tmp_path / "out.npy"
    assert fusepack("predict", identity(tmp_path, "--preprocess", name), folder, "-o", out, "--batch", "16").returncode == 0
    got = np.load(out, mmap_mode="r")
    assert got.shape[0] == len(paths)
    for i, path in enumerate(paths):
        np.testing.assert_array_equal(got[i], transform(load(path)).numpy(), err_msg=str(path))


@pytest.mark.parametrize("interpolation", ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"])
def test_filters_sizes_and_padding(images, tmp_path, interpolation):
    folder, paths = images
    filter_ = InterpolationMode(interpolation)
    for resize, crop in (("64", "96"), ("50x70", "48x80"), ("300x31", None)):
        options = ["--resize", resize, "--interpolation", interpolation, "--mean", "0.1,0.2,0.3", "--std", "0.3,0.2,0.7"]
        if crop:
            options += ["--crop", crop]
        out = tmp_path / "out.npy"
        assert fusepack("predict", identity(tmp_path, *options), folder, "-o", out).returncode == 0
        got = np.load(out)
        size = [int(s) for s in resize.split("x")]
        for i, path in enumerate(paths[:60]):
            image = F.resize(load(path), size, filter_)
            if crop:
                image = F.center_crop(image, [int(s) for s in crop.split("x")])
            want = F.normalize(F.convert_image_dtype(F.pil_to_tensor(image), torch.float), [0.1, 0.2, 0.3], [0.3, 0.2, 0.7])
            np.testing.assert_array_equal(got[i], want.numpy(), err_msg=f"{path} {resize} {crop}")


def test_grey_models(images, tmp_path):
    folder, paths = images
    out = tmp_path / "out.npy"
    package = identity(tmp_path, "--resize", "28", "--crop", "28", "--mean", "0.13", "--std", "0.3")
    assert fusepack("predict", package, folder, "-o", out).returncode == 0
    got = np.load(out)
    for i, path in enumerate(paths):
        image = F.center_crop(F.resize(ImageOps.exif_transpose(Image.open(path)).convert("L"), 28), 28)
        want = F.normalize(F.to_tensor(image), [0.13], [0.3])
        np.testing.assert_array_equal(got[i], want.numpy(), err_msg=str(path))


def test_damaged_jpegs_are_what_pil_makes_of_them(tmp_path):
    rng = random.Random(3)
    good = (IMAGES / "rgb_420.jpg").read_bytes(), (IMAGES / "rgb_progressive.jpg").read_bytes(), (IMAGES / "rgb_restart.jpg").read_bytes()
    folder = tmp_path / "damaged"
    folder.mkdir()
    for i in range(600):
        data = bytearray(good[i % 3])
        start = data.index(b"\xff\xda") + 14
        data[rng.randrange(start, len(data))] = rng.randrange(256)
        (folder / f"{i:04d}.jpg").write_bytes(data)
    out = tmp_path / "out.npy"
    fusepack("predict", identity(tmp_path, "--resize", "37x53"), folder, "-o", out)
    got = np.load(out)
    lines = [json.loads(line) for line in (tmp_path / "out.npy.jsonl").read_text().splitlines()]
    differ = []
    for i in range(600):
        try:
            want = F.to_tensor(Image.open(folder / f"{i:04d}.jpg").convert("RGB")).numpy()
        except (OSError, SyntaxError):
            want = None
        if (want is None) != ("error" in lines[i]) or (want is not None and not np.array_equal(want, got[i])):
            differ.append((i, want is None, lines[i].get("error")))
    assert not differ, differ


def test_resnet18_logits_and_classes(images, tmp_path):
    folder, paths = images
    torch.manual_seed(0)
    model = torchvision.models.resnet18().eval()
    archive = tmp_path / "resnet18.pt"
    with PackageExporter(str(archive)) as exporter:
        exporter.extern(["sys", "io", "numpy.**", "PIL.**", "torchvision.extension"], allow_empty=True)
        exporter.intern("torchvision.**")
        exporter.save_pickle("model", "model.pkl", model)
    package = tmp_path / "resnet18.fpk"
    fusepack("convert", archive, "-o", package, "--preprocess", "ResNet18_Weights.IMAGENET1K_V1")
    raw, lines = tmp_path / "out.npy", tmp_path / "out.jsonl"
    assert fusepack("predict", package, folder, "-o", raw).returncode == 0
    assert fusepack("predict", package, folder, "-o", lines).returncode == 0
    got = np.load(raw)
    transform = ImageClassification(crop_size=224)
    tops = [json.loads(line)["top"] for line in lines.read_text().splitlines()]
    with torch.no_grad():
        for begin in range(0, len(paths), 20):
            want = model(torch.stack([transform(load(p)) for p in paths[begin:begin + 20]]))
            np.testing.assert_allclose(got[begin:begin + 20], want.numpy(), atol=1e-3, rtol=0)
            probabilities = want.softmax(1)
            for k, row in enumerate(probabilities):
                top = tops[begin + k]
                assert top[0]["index"] == row.argmax().item()
                assert abs(top[0]["score"] - row.max().item()) < 1e-4


def test_presets_are_torchvisions():
    """presets.inc is what make_presets.py writes with this torchvision, but for its first line, which names the version."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        runpy.run_path(str(ROOT / "tools" / "predict" / "make_presets.py"), run_name="__main__")
    assert out.getvalue().splitlines()[1:] == (ROOT / "tools" / "predict" / "presets.inc").read_text().splitlines()[1:]
