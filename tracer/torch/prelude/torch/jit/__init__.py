"""torch.jit: scripting, and TorchScript archives (tracer/torchscript). Plain evaluation is neither scripted nor traced."""
import builtins
from typing import Final

import torch
import torch._C._torchscript as _archive
from torch.jit._aten import Error
from torch.nn.modules.module import _fresh_state


def is_scripting():
    return False


def is_tracing():
    return False


# What is marked is what scripting does with a function: leaves it out (unused, ignore) or compiles it too (export).
def _mark(fn, modifier):
    if builtins.isinstance(fn, property):
        return fn
    fn._torchscript_modifier = modifier
    return fn


def ignore(drop=False, **kwargs):
    if callable(drop):
        return _mark(drop, "ignore")
    return lambda fn: _mark(fn, "unused" if drop else "ignore")


def unused(fn):
    return _mark(fn, "unused")


def export(fn):
    return _mark(fn, "export")


def interface(obj):
    return obj


def script(obj, optimize=None, _frames_up=0, _rcb=None, example_inputs=None):
    return _archive.script(obj)


def script_if_tracing(fn):
    return fn


def script_method(fn):
    return fn


_OVERLOADS = {}


def _overload(fn):
    _OVERLOADS.setdefault((fn.__module__, fn.__qualname__), []).append(fn)
    return fn


_overload_method = _overload


# The signatures that were declared before `fn` took their name.
def _overloads_of(fn):
    return [f for f in _OVERLOADS.get((fn.__module__, fn.__qualname__), []) if f is not fn]


_script_if_tracing = script_if_tracing


def annotate(the_type, the_value):
    return the_value


def isinstance(obj, target_type):
    return builtins.isinstance(obj, target_type)


class Attribute:
    def __init__(self, value, type):
        self.value = value
        self.type = type


class ScriptModule(torch.nn.Module):
    """A module whose code is TorchScript's own: the base of the classes in an archive's code."""

    # An unpickled one never runs __init__, and its own __setstate__ may assign attributes at once.
    def __new__(cls, *args, **kwargs):
        self = super().__new__(cls)
        own = self.__dict__
        for name, value in _fresh_state().items():
            own[name] = value
        return self


class RecursiveScriptModule(ScriptModule):
    __parameters__ = []
    __buffers__ = []

    def __init__(self, *args, **kwargs):
        raise RuntimeError("a TorchScript module is made by torch.jit.script or torch.jit.load")

    def __setstate__(self, state):
        _fill(self, state)

    @property
    def original_name(self):
        return type(self).__name__

    @property
    def code(self):
        return _archive.code(self, "forward")

    def _get_name(self):
        return "RecursiveScriptModule"

    def extra_repr(self):
        return "original_name=" + type(self).__name__

    def save(self, f, _extra_files=None):
        save(self, f, _extra_files)

    def save_to_buffer(self, _extra_files=None):
        return _archive.save(self, "", _extra_files or {})

    def get_debug_state(self):
        return None

    # A Sequential, ModuleList, ModuleDict or ParameterList keeps only its children in TorchScript.
    def __iter__(self):
        if type(self).__name__ == "ModuleDict":
            return iter(self._modules.keys())
        return iter(self._modules.values())

    def __getitem__(self, key):
        if builtins.isinstance(key, str):
            return self._modules[key]
        children = list(self._modules.values())
        return children[key]

    def __len__(self):
        return len(self._modules)

    def __bool__(self):
        return True

    def __contains__(self, key):
        return key in self._modules

    def keys(self):
        return self._modules.keys()

    def values(self):
        return self._modules.values()

    def items(self):
        return self._modules.items()


def _fill(self, state):
    own = self.__dict__
    for name, value in state.items():
        own[name] = value
    _sort_out(self)


# Puts what TorchScript keeps as attributes of one kind where nn.Module has it.
def _sort_out(self):
    own = self.__dict__
    for name in type(self).__parameters__:
        if name in own:
            value = own.pop(name)
            if value is not None and not builtins.isinstance(value, torch.nn.Parameter):
                value = torch.nn.Parameter(value, requires_grad=value.requires_grad)
            self._parameters[name] = value
    for name in type(self).__buffers__:
        if name in own:
            self._buffers[name] = own.pop(name)
    for name, value in list(own.items()):
        if builtins.isinstance(value, torch.nn.Module):
            self._modules[name] = own.pop(name)


def _finish(module):
    for m in module.modules():
        if builtins.isinstance(m, RecursiveScriptModule):
            _sort_out(m)
    return module


class ScriptFunction:
    """A compiled function: `code` is its TorchScript."""

    def __init__(self, compiled, name, code, function):
        self._compiled = compiled
        self._function = function
        self.name = name
        self.__name__ = name
        self.code = code

    def __call__(self, *args, **kwargs):
        return self._compiled(*args, **kwargs)


def trace(func, *args, **kwargs):
    raise NotImplementedError("torch.jit.trace")


def freeze(mod, *args, **kwargs):
    return mod


def load(f, map_location=None, _extra_files=None, _restore_shapes=False):
    if builtins.isinstance(f, str) or hasattr(f, "__fspath__"):
        name = builtins.str(f)
        with open(name, "rb") as opened:
            content = opened.read()
    else:
        name = "archive"
        content = f.read()
    return _archive.load(content, name, _extra_files)


def save(m, f, _extra_files=None):
    files = {name: text if builtins.isinstance(text, str) else text.decode() for name, text in (_extra_files or {}).items()}
    if builtins.isinstance(f, str) or hasattr(f, "__fspath__"):
        name = builtins.str(f)
        content = _archive.save(m, name, files)
        with open(name, "wb") as opened:
            opened.write(content)
    else:
        f.write(_archive.save(m, "", files))


def fork(func, *args, **kwargs):
    return func(*args, **kwargs)


def wait(future):
    return future
