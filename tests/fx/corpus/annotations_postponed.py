from __future__ import annotations

import torch
from torch import Tensor, nn, fx


class Typed(nn.Module):
    def forward(self, x: Tensor, scale: float | None = None) -> Tensor:
        return x * scale


def run():
    return fx.Tracer().trace(Typed())
