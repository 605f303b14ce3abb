"""Modules that call a wrapped function of this file, hold tensors, and share submodules."""
import torch
from torch.fx import wrap

wrap("a_leaf_of_this_file")


def a_leaf_of_this_file(a, b):
    return a + b


class SimpleTest(torch.nn.Module):
    def forward(self, x):
        doubled = a_leaf_of_this_file(x, x)
        return torch.relu(doubled + 3.0)


class ModWithSubmod(torch.nn.Module):
    def __init__(self, script_mod):
        super().__init__()
        self.script_mod = script_mod

    def forward(self, x):
        return self.script_mod(x)


class ModWithTensor(torch.nn.Module):
    def __init__(self, tensor):
        super().__init__()
        self.tensor = tensor

    def forward(self, x):
        return self.tensor * x


class ModWithSubmodAndTensor(torch.nn.Module):
    def __init__(self, tensor, sub_mod):
        super().__init__()
        self.tensor = tensor
        self.sub_mod = sub_mod

    def forward(self, x):
        return self.sub_mod(x) + self.tensor


class ModWithTwoSubmodsAndTensor(torch.nn.Module):
    def __init__(self, tensor, sub_mod_0, sub_mod_1):
        super().__init__()
        self.tensor = tensor
        self.sub_mod_0 = sub_mod_0
        self.sub_mod_1 = sub_mod_1

    def forward(self, x):
        return self.sub_mod_0(x) + self.sub_mod_1(x) + self.tensor
