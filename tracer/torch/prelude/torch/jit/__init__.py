"""torch.jit: decorators that leave code as it is, and questions whose answer is no."""
import builtins
from typing import Final


def is_scripting():
    return False


def is_tracing():
    return False


def ignore(drop=False, **kwargs):
    if callable(drop):
        return drop
    return lambda fn: fn


def unused(fn):
    return fn


def export(fn):
    return fn


def interface(obj):
    return obj


def script(obj=None, *args, **kwargs):
    return obj


def script_if_tracing(fn):
    return fn


def script_method(fn):
    return fn


def _overload(fn):
    return fn


def _overload_method(fn):
    return fn


def _script_if_tracing(fn):
    return fn


def annotate(the_type, the_value):
    return the_value


def isinstance(obj, target_type):
    return builtins.isinstance(obj, target_type)


class Attribute:
    def __init__(self, value, type):
        self.value = value
        self.type = type


class ScriptModule:
    pass


class ScriptFunction:
    pass


class RecursiveScriptModule(ScriptModule):
    pass


def trace(func, *args, **kwargs):
    raise NotImplementedError("torch.jit.trace")


def freeze(mod, *args, **kwargs):
    return mod


def load(*args, **kwargs):
    raise RuntimeError("torch.jit.load: evaluated code reads no files")


def save(*args, **kwargs):
    raise RuntimeError("torch.jit.save: evaluated code writes no files")


def fork(func, *args, **kwargs):
    return func(*args, **kwargs)


def wait(future):
    return future
