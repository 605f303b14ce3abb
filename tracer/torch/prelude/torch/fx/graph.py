"""What stands around a Graph (which is C++): its code's shape, the names that all code may use, its table."""
import contextlib
from collections import namedtuple

import torch

__all__ = ["PythonCode", "CodeGen", "Graph"]

_CustomBuiltin = namedtuple("_CustomBuiltin", ["import_str", "obj"])


def _make_custom_builtins():
    """Names that every generated module has: repr() of some values is written with them."""
    import torch.fx._pytree
    import torch.utils._pytree
    return {
        "inf": _CustomBuiltin("from math import inf", float("inf")),
        "nan": _CustomBuiltin("from math import nan", float("nan")),
        "NoneType": _CustomBuiltin("NoneType = type(None)", type(None)),
        "torch": _CustomBuiltin("import torch", torch),
        "device": _CustomBuiltin("from torch import device", torch.device),
        "fx_pytree": _CustomBuiltin("import torch.fx._pytree as fx_pytree", torch.fx._pytree),
        "pytree": _CustomBuiltin("import torch.utils._pytree as pytree", torch.utils._pytree),
    }


_custom_builtins = _make_custom_builtins()


class PythonCode:
    """Source of a function, and what its global names stand for."""

    def __init__(self, src, globals, _lineno_map=None, _prologue_start=0):
        self.src = src
        self.globals = globals
        self._lineno_map = _lineno_map
        self._prologue_start = _prologue_start


def _python_code(src, globals, lineno_map, prologue_start):
    every = {name: builtin.obj for name, builtin in _custom_builtins.items()}
    every.update(globals)
    return PythonCode(src, every, lineno_map, prologue_start)


class CodeGen:
    """How the code of a graph begins and ends; a subclass may take other inputs and give other outputs."""

    def __init__(self):
        self._body_transformer = None
        self._func_name = "forward"

    def gen_fn_def(self, free_vars, maybe_return_annotation, *, expanded_def=False):
        if not free_vars or free_vars[0] != "self":
            free_vars.insert(0, "self")
        return f"def {self._func_name}({', '.join(free_vars)}){maybe_return_annotation}:"

    def generate_output(self, output_args, *, descs=None, repr_fn=None):
        return f"return {(repr_fn or repr)(output_args)}"

    def process_inputs(self, *args):
        return args

    def process_outputs(self, outputs):
        return outputs

    def additional_globals(self):
        return []


def _generate_output(codegen, result, repr_fn):
    """A subclass's generate_output may know nothing of repr_fn."""
    import inspect
    if "repr_fn" in inspect.signature(codegen.generate_output).parameters:
        return codegen.generate_output(result, repr_fn=repr_fn)
    return codegen.generate_output(result)


_PyTreeInfo = namedtuple("_PyTreeInfo", ["orig_args", "in_spec", "out_spec"])


class _PyTreeCodeGen(CodeGen):
    """Code whose function takes and gives containers, while the graph has their leaves."""

    def __init__(self, pytree_info):
        super().__init__()
        self.pytree_info = pytree_info

    def process_inputs(self, *inputs):
        from torch.utils import _pytree as pytree
        return [leaf for one in inputs for leaf in pytree.tree_leaves(one)]

    def process_outputs(self, out):
        from torch.utils import _pytree as pytree
        if self.pytree_info is None or self.pytree_info.out_spec is None:
            return out
        if not isinstance(out, (list, tuple)):
            out = [out]
        return pytree.tree_unflatten(out, self.pytree_info.out_spec)

    def gen_fn_def(self, free_vars, maybe_return_annotation, *, expanded_def=False):
        if self.pytree_info is None:
            return super().gen_fn_def(free_vars, maybe_return_annotation)
        names = self.pytree_info.orig_args
        if names and names[0] == "self":
            free_vars.insert(0, "self")
        text = super().gen_fn_def(names[:], maybe_return_annotation)
        if not free_vars:
            return text
        annotated = [v for v in free_vars if ":" in v]
        if annotated:
            text += "\n    " + "; ".join(annotated) + ";\n"
        bare = [v.split(":")[0].split("#")[0] for v in free_vars]
        spec, flat = self.pytree_info.in_spec, f"[{', '.join(names)}], self._in_spec"
        is_args_and_kwargs = (spec.type is tuple and spec.num_children == 2 and spec.child(0).type is tuple
                              and spec.child(1).type is dict)
        if is_args_and_kwargs:
            count = spec.child(0).num_children
            pairs = ", ".join(f"'{k}':{v}" for k, v in zip(spec.child(1).context, names[count:]))
            flat = f"([{', '.join(names[:count])}], {{{pairs}}}), self._in_spec"
        return text + f"\n    {', '.join(bare)}, = fx_pytree.tree_flatten_spec({flat})"

    def generate_output(self, output_args, *, descs=None, repr_fn=None):
        if self.pytree_info and self.pytree_info.out_spec:
            return f"return pytree.tree_unflatten({(repr_fn or repr)(output_args)}, self._out_spec)"
        return super().generate_output(output_args, repr_fn=repr_fn)


@contextlib.contextmanager
def _restore_transformer(codegen, old):
    try:
        yield
    finally:
        codegen._body_transformer = old


def _on_generate_code(codegen, make_transformer):
    old = codegen._body_transformer
    codegen._body_transformer = make_transformer(old)
    return _restore_transformer(codegen, old)


def _stack_trace_summary(trace):
    """The innermost frame of a stack trace, as print_readable shows it; None where there is none."""
    import re
    lines = trace.strip().split("\n")
    for i in range(len(lines) - 2, -1, -1):
        found = re.match(r'^File "(.+)", line (\d+), in (.+)$', lines[i].strip())
        if found:
            return f"File: {found.group(1)}:{found.group(2)} in {found.group(3)}, code: {lines[i + 1].strip()}"
    return None


def _warn_of_missing_attribute(module, qualified_name):
    import warnings
    path, _, name = qualified_name.rpartition(".")
    try:
        owner = module.get_submodule(path)
    except AttributeError:
        warnings.warn(f"Failed to fetch module {path}!")
        owner = None
    found = getattr(owner, name, None) if owner is not None else None
    known = isinstance(found, (torch.nn.Module, torch.nn.Parameter)) or (owner is not None and name in owner._buffers)
    if not known:
        warnings.warn("Attempted to insert a get_attr Node with no underlying reference in the owning GraphModule! "
                      "Call GraphModule.add_submodule to add the necessary submodule, GraphModule.add_parameter to add "
                      "the necessary Parameter, or nn.Module.register_buffer to add the necessary buffer", stacklevel=2)


def _eliminate_in_subgraphs(graph):
    """Dead code of child GraphModules that the graph reads by get_attr."""
    from torch.fx.graph_module import GraphModule
    named = {node.target for node in graph.find_nodes(op="get_attr")}
    changed = False
    for name, child in graph.owning_module.named_children():
        if name in named and isinstance(child, GraphModule):
            changed = child.graph.eliminate_dead_code() or changed
            child.recompile()
    return changed


def _tabulate(rows, headers):
    """Columns of text, two spaces apart, under a line of dashes."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max([len(head) + 2] + [len(row[i]) for row in cells]) if not cells else
              max([len(head)] + [len(row[i]) for row in cells]) for i, head in enumerate(headers)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
             for row in [headers, ["-" * width for width in widths]] + cells]
    return "\n".join(lines)


def _print_tabular(graph):
    rows = [[n.op, n.name, n.target, n.args, n.kwargs] for n in graph.nodes]
    print(_tabulate(rows, ["opcode", "name", "target", "args", "kwargs"]))
