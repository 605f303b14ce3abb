import torch
from torch import nn, fx


class Typed(nn.Module):
    def forward(self, x: torch.Tensor, sizes: list[int], pair: tuple[torch.Tensor, ...]) -> dict[str, torch.Tensor]:
        return {"x": x, "first": pair[0], "n": sizes[0]}


def run():
    return fx.Tracer().trace(Typed())
