import torch
from torch import fx


def f(x, y):
    a = torch.relu(x)
    b = torch.matmul(a, y)
    c = torch.einsum("bij,bjk->bik", x, y)
    d = torch.split(b, 2, dim=1)
    e = torch.where(x > 0, x, y)
    g = torch.flatten(e, start_dim=1)
    h = torch.meshgrid(x, y, indexing="ij")
    k = torch.norm(x)
    return a, c, d, g, h, k, torch.sum(x, (0, 1)), torch.clamp(x, 0, 1), torch.addmm(x, y, a, beta=0.5)


def run():
    return fx.Tracer().trace(f)
