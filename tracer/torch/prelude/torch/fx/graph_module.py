"""GraphModule: a module whose forward is the code of its graph, and how it is packaged.

A packaged GraphModule is its attributes without the graph, and its code as a module of the archive; loading traces that
code again with every submodule a leaf."""
import copy
import itertools

import torch
from torch.nn.modules.module import _addindent

__all__ = ["reduce_graph_module", "reduce_package_graph_module", "GraphModule"]

_USER_PRESERVED_ATTRIBUTES_KEY = "_user_preserved_attributes"
_generated = itertools.count()


def _forward_from_src(src, globals, co_fields=None):
    return _method_from_src("forward", src, globals, co_fields)


def _method_from_src(method_name, src, globals, co_fields=None):
    from torch.fx._symbolic_trace import _compile_function
    return _compile_function(src, f"<eval_with_key>.{next(_generated)}", method_name, globals)


def _format_import_statement(name, obj, importer):
    from torch.fx.graph import _custom_builtins
    if name in _custom_builtins:
        return _custom_builtins[name].import_str
    module_name, attr_name = importer.get_name(obj)
    return f"from {module_name} import {attr_name} as {name}"


def _format_import_block(globals, importer):
    lines = {f"{name} = {obj!r}" if isinstance(obj, str) else _format_import_statement(name, obj, importer)
             for name, obj in globals.items()}
    return "\n".join(sorted(lines))


def reduce_graph_module(body, import_block):
    src = body.get("_code") or body["code"]
    return _deserialize_graph_module(_forward_from_src(import_block + src, {}), body)


def reduce_package_graph_module(importer, body, generated_module_name):
    forward = importer.import_module(generated_module_name).forward
    return _deserialize_graph_module(forward, body)


class _CodeOnlyModule(torch.nn.Module):
    """A module of nothing but attributes and a forward."""

    def __init__(self, body):
        super().__init__()
        self.__dict__ = body


def _deserialize_graph_module(forward, body, graph_module_cls=None):
    from torch.fx._symbolic_trace import Tracer
    tracer_cls = body.get("_tracer_cls")
    if tracer_cls is None:
        tracer_cls = Tracer

    class KeepModules(tracer_cls):
        # What was a leaf stays one; what was not is in the code already.
        def is_leaf_module(self, m, module_qualified_name):
            return True

    root = type("_CodeOnlyModule", (_CodeOnlyModule,), {"forward": forward})(body)
    tracer = KeepModules._graph_module_deserialization_tracer(root)
    graph = tracer.trace(root, **body.get("_tracer_extras", {}))
    stack_traces = body.pop("_graphmodule_graph_node_meta_stack_trace", None)
    if stack_traces is not None:
        for node in graph.nodes:
            if stack_traces.get(node.name) is not None:
                node.meta["stack_trace"] = stack_traces[node.name]
    graph._tracer_cls = tracer_cls
    made = (graph_module_cls or GraphModule)(root, graph, class_name=body.get("_graphmodule_cls_name", "GraphModule"))
    # Attributes that a subclass gave it; what the constructor set is newer.
    for k, v in body.items():
        if not hasattr(made, k):
            setattr(made, k, v)
    return made


def _copy_attr(from_module, to_module, target):
    *prefix, field = target.split(".")
    for item in prefix:
        source, place = getattr(from_module, item), getattr(to_module, item, None)
        if source is place:
            return  # a whole module that is there already
        if place is None:
            place = torch.nn.Module()
            setattr(to_module, item, place)
        from_module, to_module = source, place
    value = getattr(from_module, field)
    if isinstance(value, torch.Tensor) and not isinstance(value, torch.nn.Parameter):
        to_module.register_buffer(field, value, persistent=field not in from_module._non_persistent_buffers_set)
    else:
        setattr(to_module, field, value)


def _assign_attr(value, to_module, target):
    *prefix, field = target.split(".")
    for item in prefix:
        place = getattr(to_module, item, None)
        if place is None:
            place = torch.nn.Module()
            setattr(to_module, item, place)
        to_module = place
    if isinstance(value, torch.Tensor) and not isinstance(value, torch.nn.Parameter):
        to_module.register_buffer(field, value)
    else:
        setattr(to_module, field, value)


def _get_attr(model, attr_name):
    for item in attr_name.split("."):
        model = getattr(model, item)
    return model


def _has_attr(model, attr_name):
    for item in attr_name.split("."):
        if not hasattr(model, item):
            return False
        model = getattr(model, item)
    return True


def _readable(module, module_name):
    code = module.graph.python_code(root_module="self", verbose=True).src.lstrip("\n")
    text = _addindent(f"class {module_name}(torch.nn.Module):\n" + code, 4)
    children = [_readable(child, name) for name, child in module.named_children() if isinstance(child, GraphModule)]
    return text + _addindent("\n".join([""] + children), 4)


class GraphModule(torch.nn.Module):
    def __new__(cls, *args, **kwargs):
        # Each instance has a class of its own, which holds its forward.
        for base in cls.__mro__:
            if base.__qualname__.split(".")[-1] != "GraphModuleImpl":
                cls = base
                break

        class GraphModuleImpl(cls):
            pass

        return super().__new__(GraphModuleImpl)

    def __init__(self, root, graph, class_name="GraphModule"):
        super().__init__()
        self.__class__.__name__ = class_name
        targets = [node.target for node in graph.nodes if node.op in ("get_attr", "call_module")]
        if isinstance(root, torch.nn.Module):
            if hasattr(root, "training"):
                self.training = root.training
            if isinstance(root, _CodeOnlyModule):
                # What no node uses is kept too: the module is loaded as it was saved.
                for named in (root.named_children(), root.named_buffers(), root.named_parameters()):
                    for name, _ in named:
                        _copy_attr(root, self, name)
            for target in targets:
                _copy_attr(root, self, target)
        elif isinstance(root, dict):
            for node in graph.nodes:
                if node.op in ("get_attr", "call_module") and node.target not in root:
                    raise RuntimeError("Node " + str(node) + " referenced target " + node.target
                                       + " but that target was not provided in ``root``!")
            for target in sorted(targets, key=lambda t: t.count(".")):
                _assign_attr(root[target], self, target)
        else:
            raise RuntimeError("Unsupported type " + str(root) + " passed for root!")

        self.graph = graph
        self._tracer_cls = None
        if graph._tracer_cls and "<locals>" not in graph._tracer_cls.__qualname__:
            self._tracer_cls = graph._tracer_cls
        self._tracer_extras = graph._tracer_extras if graph._tracer_extras else {}
        self.meta = {}
        self._replace_hooks = []
        self._create_node_hooks = []
        self._erase_node_hooks = []
        self._deepcopy_hooks = []
        self.shape_env = None

    @property
    def graph(self):
        return self._graph

    @graph.setter
    def graph(self, g):
        if not isinstance(g, torch.fx.Graph):
            raise AssertionError(f"Expected a Graph instance, but got {type(g)}")
        self._graph = g
        g.owning_module = self
        self.recompile()

    @property
    def code(self):
        if not hasattr(self, "_code"):
            raise RuntimeError("Code has not been generated! Please report a bug to PyTorch")
        return self._code

    def recompile(self):
        from torch.fx.graph import _PyTreeCodeGen
        codegen = self._graph._codegen
        if isinstance(codegen, _PyTreeCodeGen):
            self._in_spec = codegen.pytree_info.in_spec
            self._out_spec = codegen.pytree_info.out_spec
        python_code = self._graph.python_code(root_module="self")
        self._code = python_code.src
        self._lineno_map = python_code._lineno_map
        self._prologue_start = python_code._prologue_start
        type(self).forward = _forward_from_src(self._code, python_code.globals, self._graph._co_fields)
        for child in self.children():
            if isinstance(child, GraphModule):
                child.recompile()
        return python_code

    def add_submodule(self, target, m):
        *prefix, field = target.split(".")
        module = self
        for item in prefix:
            child = getattr(module, item, None)
            if child is None:
                child = torch.nn.Module()
                setattr(module, item, child)
            if not isinstance(child, torch.nn.Module):
                return False
            module = child
        module.add_module(field, m)
        return True

    def delete_submodule(self, target):
        *path, field = target.split(".")
        module = self
        for item in path:
            module = getattr(module, item, None)
            if not isinstance(module, torch.nn.Module):
                return False
        if not isinstance(getattr(module, field, None), torch.nn.Module):
            return False
        delattr(module, field)
        return True

    def delete_all_unused_submodules(self):
        used = set()
        for node in self.graph.nodes:
            if node.op not in ("call_module", "get_attr"):
                continue
            parts = node.target.split(".")
            used.update(".".join(parts[:i + 1]) for i in range(len(parts)))
            if node.op == "call_module":
                try:
                    module = self.get_submodule(node.target)
                except AttributeError:
                    continue  # a target that is gone already
                used.update(f"{node.target}.{name}" for name, _ in module.named_modules() if name)
        for name in [name for name, _ in self.named_modules() if name not in used]:
            self.delete_submodule(name)

    def __reduce_package__(self, exporter):
        body = self.__dict__.copy()
        body["_graphmodule_cls_name"] = self.__class__.__name__
        del body["_graph"]
        body["_graphmodule_graph_node_meta_stack_trace"] = {
            node.name: node.meta["stack_trace"] for node in self.graph.nodes if "stack_trace" in node.meta}
        generated_module_name = f"fx-generated._{exporter.get_unique_id()}"
        python_code = self.recompile()
        import_block = _format_import_block(python_code.globals, exporter.importer)
        exporter.save_source_string(generated_module_name, import_block + self.code)
        return reduce_package_graph_module, (body, generated_module_name)

    def __reduce__(self):
        from torch.package import sys_importer
        body = self.__dict__.copy()
        python_code = self.recompile()
        del body["_graph"]
        return reduce_graph_module, (body, _format_import_block(python_code.globals, sys_importer))

    def _deepcopy_init(self):
        return GraphModule.__init__

    def __deepcopy__(self, memo):
        res = type(self).__new__(type(self))
        memo[id(self)] = res
        root = _CodeOnlyModule(copy.deepcopy(self.__dict__, memo))
        self._deepcopy_init()(res, root, root.__dict__["_graph"])
        for name in ("_state_dict_hooks", "_load_state_dict_pre_hooks", "_load_state_dict_post_hooks", "_replace_hooks",
                     "_create_node_hooks", "_erase_node_hooks", "_deepcopy_hooks"):
            if name in self.__dict__:
                setattr(res, name, copy.deepcopy(self.__dict__[name], memo))
        res.meta = copy.deepcopy(getattr(self, "meta", {}), memo)
        for name, value in res.meta.get(_USER_PRESERVED_ATTRIBUTES_KEY, {}).items():
            setattr(res, name, value)
        for hook in self._deepcopy_hooks:
            hook(res)
        return res

    def __copy__(self):
        res = GraphModule(self, self.graph)
        res.meta = getattr(self, "meta", {})
        return res

    def print_readable(self, print_output=True, include_stride=False, include_device=False, colored=False, **options):
        text = _readable(self, self._get_name())
        if print_output:
            print(text)
        return text

    def __str__(self):
        hint = "# To see more debug info, please use `graph_module.print_readable()`"
        return "\n".join([super().__str__(), self._code, hint])

    def _set_replace_hook(self, f):
        return _ReplaceHook(self, f)

    def _register_replace_node_hook(self, f):
        self._replace_hooks.append(f)

    def _unregister_replace_node_hook(self, f):
        self._replace_hooks.remove(f)

    def _register_create_node_hook(self, f):
        self._create_node_hooks.append(f)

    def _unregister_create_node_hook(self, f):
        self._create_node_hooks.remove(f)

    def _register_erase_node_hook(self, f):
        self._erase_node_hooks.append(f)

    def _unregister_erase_node_hook(self, f):
        self._erase_node_hooks.remove(f)

    def _register_deepcopy_hook(self, f):
        self._deepcopy_hooks.append(f)

    def _unregister_deepcopy_hook(self, f):
        self._deepcopy_hooks.remove(f)


class _ReplaceHook:
    """A replace hook for the length of a `with`."""

    def __init__(self, module, f):
        if not callable(f):
            raise AssertionError("Replace hook must be a callable.")
        self._module, self._f = module, f

    def __enter__(self):
        self._module._register_replace_node_hook(self._f)

    def __exit__(self, *exception):
        self._module._unregister_replace_node_hook(self._f)
