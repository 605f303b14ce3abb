"""torch.autograd: models are evaluated only."""
from torch import enable_grad, inference_mode, no_grad, set_grad_enabled
from torch.autograd import profiler
from torch.autograd.function import Function, once_differentiable


def Variable(data, requires_grad=False, volatile=None):
    return data


def grad(*args, **kwargs):
    raise RuntimeError("there is no autograd here: models are evaluated only")


def backward(*args, **kwargs):
    raise RuntimeError("there is no autograd here: models are evaluated only")
