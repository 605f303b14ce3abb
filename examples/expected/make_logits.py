"""Writes resnet18_seed0_logits.npy: what real PyTorch computes for examples/models' ResNet-18.

    python examples/expected/make_logits.py        (needs torch and numpy)

The input is drawn right after the model, as `fusepack pack --seed 0 --shape 1x3x224x224` draws it; the model is in
eval mode. Float64 arithmetic on the float32 weights and input, stored as float32, so that the figures are PyTorch's
to the last bit that a float32 engine could be asked for.
"""
import pathlib
import sys

import numpy
import torch

here = pathlib.Path(__file__).parent
sys.path.insert(0, str(here.parent / "models"))
import resnet  # noqa: E402

torch.manual_seed(0)
model = resnet.resnet18().eval()
x = torch.rand(1, 3, 224, 224)
with torch.no_grad():
    logits = model.double()(x.double()).float()
numpy.save(here / "resnet18_seed0_logits.npy", logits.numpy())
print("torch", torch.__version__, logits[0, :5].tolist())
