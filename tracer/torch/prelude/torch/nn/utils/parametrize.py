"""Parametrizations are not evaluated; asking whether there are any is."""


def is_parametrized(module, tensor_name=None):
    parametrizations = getattr(module, "parametrizations", None)
    if parametrizations is None:
        return False
    return len(parametrizations) > 0 if tensor_name is None else tensor_name in parametrizations


def register_parametrization(module, tensor_name, parametrization, *, unsafe=False):
    raise NotImplementedError("parametrizations")


def remove_parametrizations(module, tensor_name, leave_parametrized=True):
    raise NotImplementedError("parametrizations")
