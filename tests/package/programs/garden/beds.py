import torch

import garden.tools.measure as measure_module
from .tools.measure import scaled as by_alias


class Bed(torch.nn.Module):
    def __init__(self, rows=3):
        super().__init__()
        self.soil = torch.nn.Linear(4, rows)
        self.register_buffer("water", torch.arange(rows, dtype=torch.float32))
        self.kind = "raised"

    def forward(self, x):
        return by_alias(self.soil(x)) + measure_module.shifted(self.water)


class Greenhouse(torch.nn.Sequential):
    """Keeps what it is given; counts how often it was restored."""
    restored = 0

    class Label:
        def __init__(self, text):
            self.text = text

    def __setstate__(self, state):
        super().__setstate__(state)
        self.restored += 1
