"""symbolic_trace, wrap and what concrete_args need; Tracer is C++ (tracer/fx)."""
import warnings

import torch
from torch.utils import _pytree as pytree

# All proxied classes, so that their instances can be constants of a graph.


class PHBase:
    """Stands for "a traced input" among concrete_args."""

    def __repr__(self):
        return "PH"


PH = PHBase()


class PHWithMeta(PHBase):
    """A PH whose attributes go to its placeholder node."""

    def __init__(self, ph_key=None):
        super().__init__()
        self.ph_key = ph_key


class ProxyableClassMeta(type):
    """Metaclass of classes whose construction from traced values is one node."""

    def __call__(cls, *args, **kwargs):
        from torch.fx.node import map_aggregate
        from torch.fx.proxy import Proxy
        instance = cls.__new__(cls)
        found = []
        if is_fx_tracing():
            map_aggregate((args, kwargs), lambda a: found.append(a) if isinstance(a, Proxy) else None)
        if found:
            return found[0].tracer.create_proxy("call_function", cls, args, kwargs)
        cls.__init__(instance, *args, **kwargs)
        return instance


def wrap(fn_or_name):
    from torch._C import _wrap
    return _wrap(fn_or_name, 1)


@wrap
def _assert_is_none(value, msg):
    if value is not None:
        raise AssertionError(msg)


def _transfer_attrs(fr, to):
    for name in dir(fr):
        value = getattr(fr, name)
        if not callable(value) and not name.startswith("__") and not hasattr(to, name):
            setattr(to, name, value)


def _concrete_placeholder(tracer, name, given, default):
    """What forward gets for a parameter that concrete_args names: each leaf is a placeholder; one with a value also has
    a node that checks for it."""
    count = 0

    def replace(x):
        nonlocal count
        count += 1
        out = tracer.create_proxy("placeholder", f"{name}_{count}", default, {})
        if isinstance(x, PHBase):
            if x is not PH:
                _transfer_attrs(fr=x, to=out.node)
            return out
        if isinstance(x, (bool, int, float, str)):
            torch._assert(out == x, f"{name} has been specialized to have value {x} but got another value")
        elif x is None:
            message = f"{name} has been specialized to have value None but got another value"
            tracer.create_proxy("call_function", _assert_is_none, (out, message), {})
        else:
            warnings.warn(f"Was not able to add assertion to guarantee correct input {name} to specialized function. It "
                          "is up to the user to make sure that your inputs match the inputs you specialized the "
                          "function with.")
        return x

    return pytree.tree_map(replace, given)


def _flatten_arguments(tracer, root_fn, args, names):
    """A function over the leaves of `args` and those leaves; None where all are leaves already."""
    from torch.fx.graph import _PyTreeCodeGen, _PyTreeInfo
    flat, spec = pytree.tree_flatten(args)
    if all(child.is_leaf() for child in spec.children()):
        return None
    tracer.graph._codegen = _PyTreeCodeGen(_PyTreeInfo(names, spec, None))

    def flatten_fn(*leaves):
        out, out_spec = pytree.tree_flatten(root_fn(*pytree.tree_unflatten(list(leaves), spec)))
        codegen = tracer.graph._codegen
        codegen.pytree_info = codegen.pytree_info._replace(out_spec=out_spec)
        return out

    return flatten_fn, flat


def symbolic_trace(root, concrete_args=None):
    from torch.fx.graph_module import GraphModule
    tracer = Tracer()
    graph = tracer.trace(root, concrete_args)
    name = root.__class__.__name__ if isinstance(root, torch.nn.Module) else root.__name__
    return GraphModule(tracer.root, graph, name)
