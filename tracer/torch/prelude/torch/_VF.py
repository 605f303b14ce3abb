"""torch._VF: the operators behind Python functions of the same name."""
import torch._C as _C


def __getattr__(name):
    return _C._native_function("torch." + name)
