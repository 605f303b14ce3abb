"""Node and map_arg are C++; here is which calls have a side effect that dead code elimination must keep."""
import operator

import torch

__all__ = ["Node", "map_arg", "map_aggregate", "has_side_effect"]

# Kept by identity; more than one name may lead to the same function.
_side_effectful_functions = [operator.setitem, torch._assert, torch._C._set_grad_enabled]
_random_functions = [
    torch.rand, torch.randn, torch.randint, torch.randperm, torch.rand_like, torch.randn_like, torch.normal,
    torch.bernoulli,
]


def has_side_effect(fn):
    _side_effectful_functions.append(fn)
    return fn


def _is_impure_call(target, impure_random=True):
    if impure_random and getattr(target, "_nondeterministic_seeded", False):
        return True
    return any(target is f for f in _random_functions) or any(target is f for f in _side_effectful_functions)
