"""Parameter and Buffer: tensors that a Module registers when they are assigned."""
import torch

Tensor = torch.Tensor


class Parameter(torch.Tensor):
    def __new__(cls, data=None, requires_grad=True):
        if data is None:
            data = torch.empty(0)
        return torch.Tensor._make_subclass(cls, data, requires_grad)

    def __init__(self, data=None, requires_grad=True):
        pass

    def __repr__(self):
        return "Parameter containing:\n" + super().__repr__()

    def __hash__(self):
        return id(self)


class Buffer(torch.Tensor):
    def __new__(cls, data=None, *, persistent=True):
        if data is None:
            data = torch.empty(0)
        made = torch.Tensor._make_subclass(cls, data, data.requires_grad)
        made.persistent = persistent
        return made

    def __init__(self, data=None, *, persistent=True):
        pass


class UninitializedTensorMixin:
    pass


class UninitializedParameter(UninitializedTensorMixin, Parameter):
    def __new__(cls, *args, **kwargs):
        raise NotImplementedError("lazy modules")


class UninitializedBuffer(UninitializedTensorMixin):
    def __new__(cls, *args, **kwargs):
        raise NotImplementedError("lazy modules")


def is_lazy(param):
    return False
