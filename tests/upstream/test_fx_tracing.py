"""torch.fx.symbolic_trace, Tracer, Proxy, wrap. Ports, in our own words, of tests of PyTorch's test/test_fx.py (TestFX)."""
import builtins
import contextlib
import functools
import math
import operator
import unittest
from collections import namedtuple
from math import sqrt
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import torch
from torch.fx import Graph, GraphModule, Node, PH, Proxy, Tracer, symbolic_trace, wrap
from torch.fx.proxy import TraceError

Point = namedtuple("Point", ["x", "y"])


class Pair(NamedTuple):
    first: torch.Tensor
    second: torch.Tensor


def kept_by_name(a, b):
    return a[0] + a[1] + b


wrap("kept_by_name")
wrap("kept_by_name")


def kept_itself(a, b):
    return a * 2 + b


wrap(kept_itself)


@wrap
def kept_by_decorator(a):
    return a + 1


@wrap
def kept_with_module(x, module):
    return module(x)


def to_int(x: float) -> int:
    return int(x)


wrap("len")
wrap("getattr")
the_sqrt = sqrt
the_kept_by_name = kept_by_name


class Shift(torch.nn.Module):
    def forward(self, x):
        return torch.relu(x + 3.0)


class TracingCase(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(3)

    def same(self, actual, expected):
        torch.testing.assert_close(actual, expected, equal_nan=True)

    def traced(self, root, *args, **options):
        """The trace, which gives what root gives."""
        made = symbolic_trace(root, **options)
        made.graph.lint()
        if args:
            self.same(made(*args), root(*args))
        return made

    def ops(self, made):
        return [node.op for node in made.graph.nodes]

    def targets(self, made, op="call_function"):
        return [node.target for node in made.graph.nodes if node.op == op]


class Modules(TracingCase):
    # TestFX.test_graph_module
    def test_parameters_submodules_arithmetic(self):
        class Inner(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.w = torch.nn.Parameter(torch.rand(4, 3))

            def forward(self, x):
                return self.w + x

        class Outer(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.lin = torch.nn.Linear(4, 3)
                self.inner = Inner()
                self.w = torch.nn.Parameter(torch.rand(3))

            def forward(self, a, b, c):
                t = torch.sigmoid(a) + self.lin(c)
                return self.inner(t + self.w + t + 1 - a + b // a + -a + a.add(b, alpha=3))

        a = torch.rand(4, 3) + 0.5
        made = self.traced(Outer(), a, torch.rand(4, 3) + 1, torch.rand(4, 4))
        self.assertEqual(self.targets(made, "call_module"), ["lin"])
        self.assertEqual(sorted(set(self.targets(made, "get_attr"))), ["inner.w", "w"])

    # TestFX.test_leaf_module
    def test_no_leaf_modules(self):
        class Opens(Tracer):
            def is_leaf_module(self, m, module_qualified_name):
                return False

        class Rectify(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.relu = torch.nn.ReLU()

            def forward(self, x):
                return self.relu(x)

        graph = Opens().trace(Rectify())
        graph.lint()
        self.assertNotIn("call_module", [node.op for node in graph.nodes])

    # TestFX.test_symbolic_trace_sequential
    def test_sequential(self):
        class Negate(torch.nn.Module):
            def forward(self, x):
                return torch.neg(x)

        made = self.traced(torch.nn.Sequential(Negate(), Negate(), Negate()), torch.rand(3, 4))
        self.assertEqual(self.targets(made), [torch.neg] * 3)

    # TestFX.test_snake_case
    def test_names_of_modules(self):
        class M(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.kinds = torch.nn.ModuleDict([["snake_case", torch.nn.ReLU()], ["PascalCase", torch.nn.LeakyReLU()],
                                                  ["ALL_CAPS", torch.nn.PReLU()]])

            def forward(self, x):
                return self.kinds["snake_case"](x), self.kinds["PascalCase"](x), self.kinds["ALL_CAPS"](x)

        made = self.traced(M(), torch.randn(3))
        found = [(node.name, node.target) for node in made.graph.nodes if node.op == "call_module"]
        self.assertEqual(found, [("kinds_snake_case", "kinds.snake_case"), ("kinds_pascal_case", "kinds.PascalCase"),
                                 ("kinds_all_caps", "kinds.ALL_CAPS")])

    # TestFX.test_direct_param_use
    def test_parameters_of_submodules_are_attributes(self):
        class Holds(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.b = torch.nn.Parameter(torch.rand(4, 3))

            def forward(self, x):
                return self.b

        class M(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.a = Holds()

            def forward(self, x):
                return self.a.b, self.a.b.t(), self.a.b.view(12)

        made = self.traced(M())
        self.assertEqual(set(self.targets(made, "get_attr")), {"a.b"})

    # TestFX.test_tensor_attribute
    def test_tensor_attributes(self):
        class Holds(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.tensor = torch.rand(3, 4)

            def forward(self, x):
                return torch.nn.functional.linear(x, self.tensor)

        class Names(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.held = Holds()

            def forward(self, x):
                return torch.nn.functional.linear(x, self.held.tensor)

        self.assertEqual(self.targets(self.traced(Holds(), torch.rand(4, 4)), "get_attr"), ["tensor"])
        self.assertEqual(self.targets(self.traced(Names(), torch.rand(4, 4)), "get_attr"), ["held.tensor"])

    # TestFX.test_tensor_attribute_coalseced
    def test_one_constant_once(self):
        one, other = torch.tensor(5), torch.tensor(5)
        self.assertEqual(len(set(self.targets(self.traced(lambda x: x + one + one), "get_attr"))), 1)
        self.assertEqual(len(set(self.targets(self.traced(lambda x: x + one + other), "get_attr"))), 2)

    # TestFX.test_tensor_constant, test_trace_fn_constant
    def test_constants(self):
        class Zeros(torch.nn.Module):
            def forward(self, x):
                return torch.nn.functional.linear(x, torch.zeros(3, 4))

        made = self.traced(Zeros(), torch.rand(4, 4))
        self.assertEqual(self.targets(made, "get_attr"), ["_tensor_constant0"])
        constant = torch.rand(3, 4)
        self.traced(lambda x: constant + x, torch.rand(3, 4))

    # TestFX.test_training_flag: the trace keeps it (GraphModule.__init__)
    def test_training_flag(self):
        self.assertFalse(symbolic_trace(Shift().eval()).training)
        self.assertTrue(symbolic_trace(Shift()).training)


class Functions(TracingCase):
    # TestFX.test_trace_function
    def test_function(self):
        self.traced(lambda x, y: torch.relu(x) + y, torch.randn(3, 4), torch.randn(3, 4))

    # TestFX.test_matmul_tracing
    def test_matmul_by_constant(self):
        constant = torch.randn(3)
        made = self.traced(lambda x: x @ constant, torch.randn(3))
        self.assertEqual(self.targets(made), [operator.matmul])
        made = self.traced(lambda x: constant @ x, torch.randn(3))
        self.assertEqual(self.targets(made, "call_method"), ["matmul"])

    # TestFX.test_fx_shifts, test_fx_and_or
    def test_integer_operators(self):
        x = torch.tensor([1, 5, 1023, 64])
        self.traced(lambda x: (x & x, x | x), x)

    # TestFX.test_dict
    def test_dictionaries(self):
        class M(torch.nn.Module):
            def forward(self, d):
                return d["3"].relu(), {"4": d["3"].neg()}

        self.traced(M(), {"3": torch.rand(3, 4)})

    # TestFX.test_unpack
    def test_unpacking(self):
        def f(a, b):
            c, d = a
            return c + d + b

        made = self.traced(f, (torch.rand(1), torch.rand(1)), torch.rand(1))
        self.assertEqual(self.targets(made), [operator.getitem, operator.getitem, operator.add, operator.add])

    # TestFX.test_ellipsis
    def test_slices(self):
        self.traced(lambda x, y: x + y[:, 1:10, ...], torch.rand(5, 9, 3, 4), torch.rand(5, 15, 3, 4))

    # TestFX.test_inf_nan
    def test_infinities(self):
        made = self.traced(lambda x: (x + float("inf"), x + float("-inf"), x + float("nan")), torch.rand(3, 4))
        self.assertIn("inf", made.code)
        self.assertIn("nan", made.code)

    # TestFX.test_return_tuple, test_namedtuple_return_trace, test_namedtuple_return_qualname
    def test_tuples_returned(self):
        x = torch.rand(3)
        self.assertEqual(len(self.traced(lambda x: (x, x + x))(x)), 2)
        made = symbolic_trace(lambda x: Pair(x, x))
        self.assertEqual(type(made(x)).__name__, "Pair")
        self.same(made(x).second, x)

    # TestFX.test_string_literal_return
    def test_constants_returned(self):
        class M(torch.nn.Module):
            def forward(self):
                return "text"

        self.assertEqual(symbolic_trace(M())(), "text")

    # TestFX.test_args_kwargs
    def test_star_arguments(self):
        class M(torch.nn.Module):
            def forward(self, *args, **kwargs):
                return args[0] + kwargs["foo"]

        m = M()
        x, y, foo = torch.rand(1), torch.rand(1), torch.rand(1)
        self.same(symbolic_trace(m)(x, y, foo=foo), m(x, y, foo=foo))

    # TestFX.test_args_kwargs_no_self
    def test_self_among_star_arguments(self):
        class M(torch.nn.Module):
            def forward(*args, **kwargs):
                return torch.relu(args[1])

        with self.assertRaisesRegex(RuntimeError, r"cannot be part of \*args expansion"):
            symbolic_trace(M())

    # TestFX.test_single_default_arg, test_multiple_default_args, test_regular_and_default_args
    def test_defaults(self):
        class M(torch.nn.Module):
            def forward(self, x, y=1, z=2):
                return x + y * z

        m = M()
        made = symbolic_trace(m)
        for args in ((3,), (3, 4), (3, 4, 5)):
            self.assertEqual(made(*args), m(*args))

    # TestFX.test_reserved_getattr
    def test_attributes_of_proxies(self):
        made = symbolic_trace(lambda a: a.foo.bar.baz)
        self.assertEqual([node.name for node in made.graph.nodes][1:-1], ["getattr_1", "getattr_2", "getattr_3"])
        made.graph.lint()

    # TestFX.test_sqrt
    def test_math_functions(self):
        made = self.traced(lambda x: sqrt(x.size(0)), torch.zeros(8))
        self.assertIn(math.sqrt, self.targets(made))
        self.traced(lambda x: math.sqrt(x.size(0)), torch.zeros(8))
        self.traced(lambda x: x + math.sqrt(2) + sqrt(2), torch.zeros(8))
        self.assertIs(sqrt, the_sqrt)
        self.assertIs(math.sqrt, the_sqrt)

    # TestFX.test_wrapped_method
    def test_decorated_forward(self):
        def rectified(fn):
            @functools.wraps(fn)
            def wrapper(*args, **kwargs):
                return torch.relu(fn(*args, **kwargs))

            return wrapper

        class M(torch.nn.Module):
            @rectified
            def forward(self, x, w):
                return torch.matmul(x, w)

        made = self.traced(M(), torch.randn(3, 4), torch.rand(4, 4))
        self.assertEqual(self.targets(made), [torch.matmul, torch.relu])

    # TestFX.test_ctx_mgr
    def test_forward_in_a_context(self):
        @contextlib.contextmanager
        def nothing():
            yield

        class M(torch.nn.Module):
            @nothing()
            def forward(self, x):
                return torch.relu(x)

        self.traced(M(), torch.rand(3, 4))

    # TestFX.test_layout
    def test_layouts_are_arguments(self):
        self.traced(lambda x: torch.empty_like(x, layout=torch.strided, pin_memory=False).fill_(0), torch.rand(5, 9))

    # TestFX.test_nonetype_annotation
    def test_optional_annotations(self):
        made = symbolic_trace(torch.nn.EmbeddingBag(3, 4))
        made.graph.lint()
        self.assertEqual([node.name for node in made.graph.nodes if node.op == "placeholder"],
                         ["input_1", "offsets", "per_sample_weights"])

    # TestFX.test_custom_proxy_type
    def test_objects_of_own_classes(self):
        class Both:
            def __init__(self, left, right):
                self.left, self.right = left, right

            def add(self, other):
                return Both(self.left + other.left, self.right + other.right)

        x, y = Both(torch.randn(2), torch.randn(2)), Both(torch.randn(2), torch.randn(2))
        made = symbolic_trace(lambda x, y: x.add(y))
        self.same(made(x, y).left, x.left + y.left)

    # TestFX.test_custom_proxy_type_literal, test_custom_proxy_dynamic_value
    def test_proxyable_classes(self):
        class Both(metaclass=torch.fx.ProxyableClassMeta):
            def __init__(self, left, right):
                self.left, self.right = left, right

            def add(self, other):
                return Both(self.left + other.left, self.right + other.right)

        def f(x, y):
            return x.add(Both(y, torch.zeros(2)))

        x, y = Both(torch.randn(2), torch.randn(2)), torch.randn(2)
        made = symbolic_trace(f)
        self.same(made(x, y).left, x.left + y)
        self.same(made(x, y).right, x.right)

    # TestFX.test_trace_dict_int_keys
    def test_dictionary_for_a_leaf(self):
        class Takes(torch.nn.Module):
            def forward(self, d: Dict[int, torch.Tensor]):
                return d[42]

        class Gives(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.m = Takes()

            def forward(self, x, key=False):
                return self.m({42: x})

        class Leaves(Tracer):
            def is_leaf_module(self, m, module_qualified_name):
                return isinstance(m, Takes)

        graph = Leaves().trace(Gives())
        call = [node for node in graph.nodes if node.op == "call_module"][0]
        self.assertEqual(list(call.args[0].keys()), [42])

    # TestFX.test_trace_dict_proxy_keys
    def test_proxies_are_no_keys(self):
        class Takes(torch.nn.Module):
            def forward(self, d):
                return d

        class Gives(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.m = Takes()

            def forward(self, x):
                return self.m({x: x})

        class Leaves(Tracer):
            def is_leaf_module(self, m, module_qualified_name):
                return isinstance(m, Takes)

        with self.assertRaisesRegex(RuntimeError, "cannot contain a Node"):
            Leaves().trace(Gives())

    # TestFX.test_partial_trace
    def test_concrete_arguments(self):
        def f(x, y):
            if y:
                return 2 * x
            return x

        for y, factor in ((True, 2), (False, 1)):
            made = symbolic_trace(f, concrete_args={"y": y})
            self.assertEqual(made(3, y), 3 * factor)
            self.assertIn(torch._assert, self.targets(made))
            with self.assertRaises(AssertionError):
                made(3, not y)
        made = symbolic_trace(lambda a, f: f(a), concrete_args={"f": lambda x: x * 2})
        self.assertEqual(made(3, lambda x: x * 2), 6)

    # TestFX.test_pytree_concrete
    def test_concrete_trees(self):
        def f(b, a):
            if b:
                return a["a"]
            return a["z"]

        made = symbolic_trace(f, concrete_args={"a": {"a": PH, "z": PH}, "b": True})
        a = {"a": torch.randn(3), "z": torch.randn(3)}
        self.same(made(True, a), a["a"])
        self.assertIn("tree_flatten_spec", made.code)

    # TestFX.test_pytree
    def test_trees(self):
        def total(x):
            out = 0
            for value in x.values():
                out = out + value
            return out

        made = symbolic_trace(total, concrete_args={"x": {"a": PH, "b": PH}})
        x = {"a": torch.randn(3), "b": torch.randn(3)}
        self.same(made(x), x["a"] + x["b"])
        self.assertEqual(self.ops(made).count("placeholder"), 2)


class Errors(TracingCase):
    # TestFX.test_unpack_list_better_error, test_unpack_dict_better_error
    def test_proxies_are_not_iterated(self):
        class Some(torch.nn.Module):
            def forward(self, a=1, b=2):
                return torch.rand(3, 4)

        class Stars(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.some = Some()

            def forward(self, x: list):
                return self.some(*x)

        with self.assertRaisesRegex(TraceError, "Proxy object cannot be iterated."):
            symbolic_trace(Stars())
        with self.assertRaisesRegex(TraceError, "Proxy object cannot be iterated."):
            symbolic_trace(lambda x: [y for y in x])

    # Proxy.__bool__ (torch/fx/proxy.py), as fx/test_fx_param_shape_control_flow.py meets it
    def test_control_flow(self):
        def f(x):
            if x.sum() > 0:
                return x
            return -x

        with self.assertRaisesRegex(TraceError, "symbolically traced variables cannot be used as inputs to control flow"):
            symbolic_trace(f)

    # Proxy.__len__: wrap("len") would help
    def test_len_of_a_proxy(self):
        class Root(torch.nn.Module):
            def forward(self, x):
                return x.__len__()

        with self.assertRaisesRegex(RuntimeError, "'len' is not supported in symbolic tracing by default"):
            symbolic_trace(Root())

    # TestFX.test_disallow_override
    def test_tracer_that_refuses(self):
        class Strict(Tracer):
            def create_node(self, kind, target, args, kwargs, name=None, type_expr=None):
                called = target if isinstance(target, str) else torch.typename(target)
                if called[-1] == "_":
                    raise RuntimeError("no operations in place")
                return super().create_node(kind, target, args, kwargs, name, type_expr)

        def method(x):
            x.add_(3.0)
            return x

        def constant(x):
            y = torch.ones(3, 4)
            y.add_(x)
            return x

        for f in (method, constant):
            with self.assertRaisesRegex(RuntimeError, "no operations in place"):
                Strict().trace(f)

    # TestFX.test_symbolic_trace_assert
    def test_assertions_are_kept(self):
        def f(x):
            torch._assert(x.shape[1] > 4, "too narrow")
            return x

        made = symbolic_trace(f)
        made(torch.rand(4, 5))
        with self.assertRaisesRegex(AssertionError, "too narrow"):
            made(torch.rand(4, 3))

    # TestFX.test_no_mutation
    def test_arguments_do_not_change(self):
        from torch.fx.immutable_collections import immutable_list
        with self.assertRaisesRegex(TypeError, "new_args"):
            immutable_list([3, 4])[0] = 4

    # TestFX.test_update_args_kwargs_yells_at_you
    def test_private_names_stay_private(self):
        node = next(iter(symbolic_trace(Shift()).graph.nodes))
        with self.assertRaises(AttributeError):
            node.__update_args_kwargs((), {})


class Wrapping(TracingCase):
    # TestFX.test_wrap
    def test_by_name(self):
        made = symbolic_trace(lambda y: kept_by_name((4, y), 3) + kept_by_name((3, 4), 5) + kept_by_name((y, y), y))
        self.assertIn("kept_by_name", made.code)
        self.assertEqual(made(2), 27)
        self.assertIs(kept_by_name, the_kept_by_name)
        # A call without proxies is made at once.
        self.assertEqual(self.targets(made).count(the_kept_by_name), 2)

    # TestFX.test_wrap_fn_directly
    def test_the_function(self):
        made = symbolic_trace(lambda y: kept_itself(y, 3))
        self.assertIn("kept_itself", made.code)
        self.assertEqual(made(2), 7)

    # TestFX.test_wrapped_via_decorator
    def test_decorator(self):
        made = symbolic_trace(lambda y: kept_by_decorator(y))
        self.assertIn("kept_by_decorator", made.code)
        self.assertEqual(made(0), 1)
        self.assertEqual(kept_by_decorator(0), 1)
        self.assertFalse(hasattr(kept_by_decorator, "__fx_already_patched"))

    # TestFX.test_wrapped_retrace
    def test_traced_again(self):
        made = symbolic_trace(symbolic_trace(lambda y: kept_by_decorator(y)))
        self.assertIn("kept_by_decorator", made.code)
        self.assertEqual(made(0), 1)

    # TestFX.test_wrap_with_submodule
    def test_modules_among_the_arguments(self):
        class M(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.norm = torch.nn.BatchNorm1d(2, affine=False)

            def forward(self, x):
                return kept_with_module(x, self.norm)

        made = symbolic_trace(M())
        self.assertIn("kept_with_module", made.code)
        x = torch.rand(3, 2)
        self.same(made(x), torch.nn.BatchNorm1d(2, affine=False)(x))

    # TestFX.test_torch_fx_len
    def test_len(self):
        made = symbolic_trace(lambda x: len(x))
        self.assertEqual(made(torch.rand(3, 4)), 3)
        self.assertEqual(symbolic_trace(lambda x: x + len([3, 4, 5]))(2), 5)
        self.assertIs(len, builtins.len)

    # TestFX.test_torch_fx_getattr
    def test_getattr(self):
        made = symbolic_trace(lambda x: getattr(x, "no_such_attribute", 7))
        self.assertEqual(made(torch.rand(3, 4)), 7)

    # TestFX.test_autowrap_functions
    def test_autowrap(self):
        tracer = Tracer(autowrap_functions=(to_int,))
        graph = tracer.trace(lambda x: to_int(x.shape[0] / 2))
        made = GraphModule(tracer.root, graph, "test")
        self.assertEqual(made(torch.rand(4)), 2)
        with self.assertRaises(TypeError):
            symbolic_trace(lambda x: to_int(x.shape[0] / 2))


class Tracers(TracingCase):
    # TestFX.test_node_tagging
    def test_nodes_carry_attributes(self):
        class Tags(Tracer):
            def create_node(self, kind, target, args, kwargs, name=None, type_expr=None):
                node = super().create_node(kind, target, args, kwargs, name, type_expr)
                node.tag = "mine"
                return node

        graph = Tags().trace(lambda a, b: a + b)
        self.assertEqual({node.tag for node in graph.nodes}, {"mine"})

    # TestFX.test_fx_create_arg
    def test_arguments_of_own_classes(self):
        class Argument:
            def __init__(self, x, y):
                self.x, self.y = x, y

            def __fx_create_arg__(self, tracer):
                return tracer.create_node("call_function", Argument, args=(tracer.create_arg(self.x), tracer.create_arg(self.y)),
                                          kwargs={})

        class Leaf(torch.nn.Module):
            def forward(self, o):
                return o.x + o.y

        class Root(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.leaf = Leaf()

            def forward(self, x, y):
                return self.leaf(Argument(x, y))

        class Leaves(Tracer):
            def is_leaf_module(self, m, module_qualified_name):
                return type(m) is Leaf

        m = Root()
        made = GraphModule(m, Leaves().trace(m))
        self.assertIn("Argument(", made.code)
        self.assertEqual(made(3, 4), 7)

    # TestFX.test_tracing_graphmodules_as_leaf_submodules
    def test_graph_modules_as_leaves(self):
        class Root(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.a = symbolic_trace(Shift())

            def forward(self, x):
                return self.a(x) * 2

        class Leaves(Tracer):
            def is_leaf_module(self, m, module_qualified_name):
                return True

        m = Root()
        made = GraphModule(m, Leaves().trace(m))
        self.assertIsInstance(made.get_submodule("a"), GraphModule)
        self.assertEqual(self.targets(made, "call_module"), ["a"])
        self.same(made(torch.ones(2)), m(torch.ones(2)))

    # TestFX.test_deepcopy_graph_with_tracer_cls
    def test_tracer_class_is_copied(self):
        import copy

        class Own(Tracer):
            pass

        graph = Graph(tracer_cls=Own)
        graph.output(graph.placeholder("x"))
        self.assertIs(copy.deepcopy(graph)._tracer_cls, Own)


class Annotations(TracingCase):
    # TestFX.test_return_type_exists
    def test_annotations_in_code(self):
        class M(torch.nn.Module):
            def forward(self, x: List[str]) -> List[str]:
                return x

        self.assertIn("-> typing_List[str]", symbolic_trace(M()).code)

    # TestFX.test_annotations_with_no_forward_references, test_annotations_with_forward_references
    def test_annotated_callables(self):
        class Twice:
            def __call__(self, x: torch.Tensor):
                return torch.add(x, x)

        class M(torch.nn.Module):
            def forward(self, x: "torch.Tensor", a: Twice) -> "torch.Tensor":
                return a(x)

        m = M()
        x = torch.rand(2, 3)
        self.same(symbolic_trace(m)(x, Twice()), m(x, Twice()))

    # TestFX.test_annotations_empty_tuple
    def test_empty_tuples(self):
        class M(torch.nn.Module):
            def forward(self, x: Tuple[()], y: Tuple[str, Tuple[()]]):
                return "text"

        made = symbolic_trace(M())
        self.assertEqual(made((), ("a", ())), "text")
        self.assertIn("typing_Tuple[str,", made.code)


if __name__ == "__main__":
    unittest.main()
