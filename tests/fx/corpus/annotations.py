from typing import Dict, List, Optional, Tuple

import torch
from torch import Tensor, nn, fx


class Typed(nn.Module):
    def forward(self, x: Tensor, y: Optional[Tensor] = None, n: int = 3, sizes: List[int] = (), pairs: Tuple[Tensor, Tensor] = (),
                named: Dict[str, Tensor] = None) -> Tuple[Tensor, int]:
        return x + y, n


def run():
    return fx.Tracer().trace(Typed())
