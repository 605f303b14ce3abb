import torch

from .rare import Orchid, price


class Shop(torch.nn.Module):
    def forward(self, x):
        return x - 1.0

    def cost(self, x):
        return price(x)

    def plant(self):
        return Orchid()
