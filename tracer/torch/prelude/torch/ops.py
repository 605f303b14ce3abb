"""torch.ops: custom operators have no code here."""


class _OpNamespace:
    def __init__(self, name):
        self.name = name

    def __getattr__(self, op_name):
        raise AttributeError(f"'_OpNamespace' '{self.name}' object has no attribute '{op_name}'")


def load_library(path):
    raise OSError(f"{path}: evaluated code loads no libraries")


def __getattr__(name):
    return _OpNamespace(name)
