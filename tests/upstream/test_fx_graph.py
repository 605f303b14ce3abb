"""torch.fx.Graph, Node and GraphModule by hand. Ports, in our own words, of tests of PyTorch's test/test_fx.py (TestFX) and
test/fx/test_dce_pass.py (TestDCE)."""
import contextlib
import copy
import io
import operator
import unittest
import warnings
from typing import List

import torch
from torch.fx import Graph, GraphModule, Node, Proxy, Tracer, symbolic_trace
from torch.fx.immutable_collections import immutable_dict, immutable_list


def plus(a, b):
    return a + b


class Shift(torch.nn.Module):
    def forward(self, x):
        return torch.relu(x + 3.0)


class GraphCase(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(5)

    def same(self, actual, expected):
        torch.testing.assert_close(actual, expected, equal_nan=True)

    def unary(self):
        """x, relu(x), output."""
        graph = Graph()
        x = graph.placeholder("x")
        relu = graph.call_function(torch.relu, (x,))
        return graph, x, relu, graph.output(relu)


class ByHand(GraphCase):
    # TestFX.test_graph_fns
    def test_all_kinds(self):
        graph = Graph()
        a = graph.placeholder("a")
        b = graph.call_module("linear", (a,))
        c = graph.get_attr("bias")
        d = graph.call_method("add", (b, c))
        graph.output(graph.call_function(torch.sin, (d,)))
        root = torch.nn.Module()
        root.linear = torch.nn.Linear(3, 4)
        root.bias = torch.rand(4)
        made = GraphModule(root, graph)
        made.graph.lint()
        x = torch.rand(3)
        self.same(made(x), torch.sin(root.linear(x) + root.bias))

    # TestFX.test_custom_import
    def test_functions_of_this_file(self):
        graph = Graph()
        x, y = graph.placeholder("x"), graph.placeholder("y")
        graph.output(graph.call_function(torch.sin, (graph.call_function(plus, (x, y)),)))
        made = GraphModule(torch.nn.Module(), graph)
        a, b = torch.rand(1), torch.rand(1)
        self.same(made(a, b), torch.sin(a + b))

    # TestFX.test_construct_root_dict
    def test_root_is_a_dictionary(self):
        graph = Graph()
        a = graph.create_node("placeholder", "x")
        b = graph.create_node("call_module", "one.two.three", args=(a,))
        c = graph.create_node("get_attr", "four.five")
        graph.output(graph.create_node("call_function", operator.add, args=(b, c)))
        linear, added = torch.nn.Linear(3, 4), torch.rand(3, 4)
        made = GraphModule({"one.two.three": linear, "four.five": added}, graph)
        made.graph.lint()
        self.assertIn("self.one.two.three", made.code)
        x = torch.rand(3, 3)
        self.same(made(x), linear(x) + added)
        with self.assertRaises(RuntimeError):
            GraphModule({"four.five": added}, graph)

    # TestFX.test_empty_graph_codegen
    def test_nothing(self):
        self.assertIsNone(GraphModule(torch.nn.Module(), Graph())())

    # TestFX.test_inf_nan_kwds
    def test_nodes_named_like_constants(self):
        graph = Graph()
        x = graph.placeholder("x")
        b = graph.create_node("call_function", operator.add, (x, float("inf")), {}, name="inf")
        c = graph.create_node("call_function", operator.add, (x, float("nan")), {}, name="nan")
        graph.output((b, c))
        x = torch.rand(3)
        self.same(GraphModule(torch.nn.Module(), graph)(x), (x + float("inf"), x + float("nan")))

    # TestFX.test_graph_unique_names, test_graph_unique_names_manual
    def test_names_are_unique(self):
        graph = Graph()
        a = graph.create_node("placeholder", "x")
        b = graph.create_node("call_module", "linear_mod", args=(a,), name="foo_1_1")
        c = graph.create_node("get_attr", "y_attr", name="foo_1")
        graph.output(graph.create_node("call_function", operator.add, args=(b, c), name="foo_1"))
        other = Graph()
        other.graph_copy(graph, {})
        for g in (graph, other):
            names = [node.name for node in g.nodes]
            self.assertEqual(len(names), len(set(names)))

    # TestFX.test_wrong_target_type
    def test_wrong_target(self):
        with self.assertRaises(ValueError):
            Graph().create_node("call_function", "foo")
        with self.assertRaises(ValueError):
            Graph().create_node("call_method", len)

    # TestFX.test_find_uses
    def test_users(self):
        graph = Graph()
        x = Proxy(graph.placeholder("x"))
        y, z, u = torch.relu(x), x + x, torch.neg(x)
        graph.output((y + z + u).node)
        graph.lint()
        self.assertEqual([user.name for user in x.node.users], ["relu", "add", "neg"])

    # TestFX.test_all_input_nodes
    def test_inputs(self):
        graph = Graph()
        a = graph.placeholder("x")
        b = graph.call_module("linear_mod", args=(a,))
        c = graph.get_attr("y_attr")
        d = graph.call_function(operator.add, args=(b, c))
        e = graph.call_function(torch.unsqueeze, args=(d, 0))
        graph.output(e)
        self.assertEqual([node.all_input_nodes for node in (b, c, d, e)], [[a], [], [b, c], [d]])

    # TestFX.test_typename_print
    def test_types_are_printed(self):
        graph = Graph()
        x = graph.placeholder("x")
        graph.output(graph.create_node("call_function", target=torch.relu, args=(x,), type_expr=List[float]))
        self.assertIn("List[float]", str(graph))


class Editing(GraphCase):
    # TestFX.test_graph_edit_with_proxy
    def test_more_by_proxies(self):
        graph = Graph()
        copied = Proxy(graph.graph_copy(symbolic_trace(lambda a, b: a + b).graph, {}))
        graph.output((copied + copied).node)
        made = GraphModule(torch.nn.Module(), graph)
        made.graph.lint()
        self.assertEqual(made(3, 4), 14)

    # TestFX.test_inline_graph
    def test_one_graph_in_another(self):
        graph = Graph()
        first = graph.graph_copy(symbolic_trace(lambda x: torch.relu(x)).graph, {})
        second = symbolic_trace(lambda x: torch.neg(x)).graph
        graph.output(graph.graph_copy(second, {next(iter(second.nodes)): first}))
        x = torch.randn(3, 4)
        self.same(GraphModule(torch.nn.Module(), graph)(x), x.relu().neg())

    # TestFX.test_remove_uses
    def test_replace_and_erase(self):
        graph = Graph()
        x = graph.placeholder("x")
        relu = graph.call_function(torch.relu, (x,))
        neg = graph.call_function(torch.neg, (relu,))
        graph.output(neg)
        neg.replace_all_uses_with(relu)
        graph.erase_node(neg)
        self.assertNotIn(neg, relu.users)
        self.assertEqual([node.name for node in graph.nodes], ["x", "relu", "output"])

    # TestFX.test_erase_node_error
    def test_used_nodes_are_not_erased(self):
        graph = symbolic_trace(Shift()).graph
        for node in graph.nodes:
            if node.target in (operator.add, torch.relu):
                with self.assertRaisesRegex(RuntimeError, "but it still had .* users in the graph"):
                    graph.erase_node(node)

    # TestFX.test_replace_input
    def test_replace_input(self):
        graph, x, relu, _ = self.unary()
        with graph.inserting_after(x):
            y = graph.placeholder("y")
        relu.replace_input_with(x, y)
        a, b = torch.randn(3), torch.randn(3)
        self.same(GraphModule(torch.nn.Module(), graph)(a, b), torch.relu(b))

    # TestFX.test_insertion_point, test_multi_insert_point
    def test_insertion_point(self):
        graph, x, relu, _ = self.unary()
        with graph.inserting_before(relu):
            neg = graph.call_function(torch.neg, (x,))
            tanh = graph.call_function(torch.tanh, (neg,))
            relu.args = (tanh,)
        with graph.inserting_after(relu):
            graph.call_method("abs", (relu,))
        self.assertEqual([node.name for node in graph.nodes], ["x", "neg", "tanh", "relu", "abs_1", "output"])
        value = torch.randn(3)
        self.same(GraphModule(torch.nn.Module(), graph)(value), torch.relu(torch.tanh(torch.neg(value))))

    # TestFX.test_update_args_api, test_update_kwargs_api
    def test_update_arguments(self):
        graph = Graph()
        x, y = graph.placeholder("x"), graph.placeholder("y")
        first = graph.call_function(torch.relu, (x,))
        second = graph.call_function(torch.relu, kwargs={"input": first})
        graph.output(second)
        first.update_arg(0, y)
        second.update_kwarg("input", y)
        self.assertEqual(list(x.users), [])
        self.assertEqual(list(y.users), [first, second])
        a, b = torch.randn(3), torch.randn(3)
        self.same(GraphModule(torch.nn.Module(), graph)(a, b), torch.relu(b))

    # TestFX.test_move_before, test_prepend_self
    def test_moving_nodes(self):
        graph, x, relu, output = self.unary()
        neg = graph.call_function(torch.neg, (x,))
        relu.args = (neg,)
        relu.prepend(neg)
        graph.lint()
        value = torch.randn(3)
        self.same(GraphModule(torch.nn.Module(), graph)(value), torch.relu(-value))
        neg.prepend(neg)
        x.append(neg)
        self.assertEqual(len(graph.nodes), 4)

    # TestFX.test_reassign_args_kwargs_uses
    def test_users_follow_arguments(self):
        graph = Graph()
        x, y = Proxy(graph.placeholder("x")), Proxy(graph.placeholder("y"))
        z = x + y
        last = z + z + z
        graph.output(last.node)
        last.node.args = (last.node.args[0], x.node)
        self.assertEqual(list(x.node.users.keys()), [z.node, last.node])
        z.node.args = (y.node, y.node)
        self.assertEqual(list(x.node.users.keys()), [last.node])

    # TestFX.test_copy_no_remap, test_wrong_topo
    def test_lint(self):
        copied = Graph()
        for node in symbolic_trace(Shift()).graph.nodes:
            copied.node_copy(node)
        with self.assertRaisesRegex(RuntimeError, "does not belong to this Graph"):
            copied.lint()
        graph = Graph()
        a = graph.placeholder("x")
        b = graph.create_node("call_module", "foo.bar.baz", args=(a,))
        c = graph.create_node("get_attr", "zip.zap.zam")
        d = graph.create_node("call_function", operator.add, args=(b, c))
        graph.output(d)
        d.append(c)
        with self.assertRaisesRegex(RuntimeError, "was used before it has been defined"):
            graph.lint()

    # TestDCE.test_simple, test_dead_chain, test_dead_getattr, test_dead_placeholder, test_impure_custom...
    def test_dead_code(self):
        class M(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.attr = torch.nn.Parameter(torch.rand(3))

            def forward(self, x, unused):
                a = x + 1
                b = a * 2 + self.attr
                c = b - 3
                return a

        made = symbolic_trace(M())
        self.assertTrue(made.graph.eliminate_dead_code())
        self.assertEqual([node.name for node in made.graph.nodes], ["x", "unused", "add", "output"])
        self.assertFalse(made.graph.eliminate_dead_code())
        # What has an effect stays.
        kept = symbolic_trace(lambda x: (torch._assert(x > 1, "small"), x)[1])
        count = len(kept.graph.nodes)
        kept.graph.eliminate_dead_code()
        self.assertEqual(len(kept.graph.nodes), count)


class Printing(GraphCase):
    # TestFX.test_pretty_print, test_pretty_print_graph, test_pretty_print_targets
    def test_text_of_graph(self):
        made = symbolic_trace(Shift())
        self.assertIn("torch.relu", str(made))
        self.assertIn("Shift()", str(made))
        text = str(symbolic_trace(lambda x: torch.add(x.foo + x.bar, 3.0)).graph)
        for part in ("builtins.getattr", "operator.add", "torch.add", "args", "kwargs", "num_users"):
            self.assertIn(part, text)

    # TestFX.test_pretty_print_node
    def test_text_of_nodes(self):
        class M(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.param = torch.nn.Parameter(torch.rand(3, 4))
                self.linear = torch.nn.Linear(4, 5)

            def forward(self, x: torch.Tensor, y: int = 2):
                return self.linear(x[y] + self.param).clamp(min=0.0, max=1.0)

        lines = [node.format_node() for node in symbolic_trace(M()).graph.nodes]
        for line, parts in zip(lines, (("x", "placeholder"), ("y", "placeholder"), ("getitem", "call_function"),
                                       ("param", "get_attr"), ("add", "call_function"), ("linear", "call_module"),
                                       ("clamp", "call_method"))):
            for part in parts:
                self.assertIn(part, line)

    # GraphModule.code, which test_fx.py only searches
    def test_code(self):
        self.assertEqual(symbolic_trace(Shift()).code.strip().split("\n"), [
            "def forward(self, x):", "    add = x + 3.0;  x = None", "    relu = torch.relu(add);  add = None", "    return relu"])


class Copies(GraphCase):
    # TestFX.test_deepcopy_graphmodule_with_transform
    def test_copy_of_a_changed_module(self):
        traced = symbolic_trace(Shift())
        graph = Graph()
        graph.output(graph.create_node("call_method", "neg", (graph.graph_copy(traced.graph, {}),), {}))
        changed = GraphModule(traced, graph)
        copied = copy.deepcopy(changed)
        self.assertIsNot(type(changed), type(copied))
        x = torch.randn(3, 4)
        self.same(copied(x), changed(x))
        self.same(copied(x), -torch.relu(x + 3.0))

    # TestFX.test_deepcopy_with_submods_params
    def test_copy_with_parameters(self):
        class M(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.param = torch.nn.Parameter(torch.rand(3, 4))
                self.linear = torch.nn.Linear(4, 4)

            def forward(self, x):
                return self.linear(x) - self.param

        made = symbolic_trace(M())
        copied = copy.deepcopy(made)
        copied.graph.lint()
        self.assertIsNot(copied.param, made.param)
        x = torch.rand(3, 4)
        self.same(copied(x), made(x))

    # TestFX.test_module_deepcopy_edit_nodes
    def test_copies_are_apart(self):
        made = symbolic_trace(lambda x: torch.relu(x))
        copied = copy.deepcopy(made)
        for node in copied.graph.nodes:
            if node.target == torch.relu:
                node.target = torch.neg
        copied.recompile()
        made.recompile()
        x = torch.randn(5)
        self.same(made(x), torch.relu(x))
        self.same(copied(x), torch.neg(x))

    # TestFX.test_deepcopy_recursion_depth
    def test_long_graphs(self):
        graph = Graph()
        x = graph.placeholder("x")
        for _ in range(1020):
            x = graph.call_function(torch.relu, (x,))
        graph.output(x)
        copied = copy.deepcopy(graph)
        self.assertEqual([[user.name for user in node.users] for node in copied.nodes],
                         [[user.name for user in node.users] for node in graph.nodes])

    # TestFX.test_sequential
    def test_copy_of_a_sequential(self):
        made = symbolic_trace(torch.nn.Sequential(torch.nn.Conv2d(1, 1, 1)))
        x = torch.rand(1, 1, 2, 2)
        self.same(copy.deepcopy(made)(x), made(x))

    # TestFX.test_copy_it
    def test_immutable_collections_are_copied(self):
        d, l = immutable_dict([(3, 4), (5, 6)]), immutable_list([(3, 4), (5, 6)])
        self.assertEqual(copy.deepcopy(d), d)
        self.assertEqual(copy.deepcopy(l), l)

    # TestFX.test_graph_module_init_buffer_param_copied_dict_init, ..._mod_init
    def test_buffers_and_parameters_come_along(self):
        class M(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.register_buffer("buff", torch.rand(3, 4))
                self.param = torch.nn.Parameter(torch.rand(3, 4))

            def forward(self, x):
                return x + self.buff + self.param

        m = M()
        traced = symbolic_trace(m)
        x = torch.rand(3, 4)
        for root in (m, {"buff": traced.get_buffer("buff"), "param": traced.get_parameter("param")}):
            made = GraphModule(root, traced.graph)
            self.same(made.get_buffer("buff"), m.buff)
            self.same(made.get_parameter("param"), m.param)
            self.same(made(x), m(x))


class Submodules(GraphCase):
    # TestFX.test_submodule_manipulation_API
    def test_adding_and_deleting(self):
        class Inner(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.linear = torch.nn.Linear(4, 4)
                self.param = torch.nn.Parameter(torch.rand(4))

            def forward(self, x):
                return self.linear(x) + self.param

        class Outer(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = Inner()
                self.register_buffer("buf", torch.rand(4))

            def forward(self, x):
                return self.inner(x) * self.buf

        made = symbolic_trace(Outer())
        self.assertTrue(made.add_submodule("inner.dropout", torch.nn.Dropout(p=0.2)))
        linear = [node for node in made.graph.nodes if node.target == "inner.linear"][0]
        with made.graph.inserting_before(linear):
            dropout = made.graph.call_module("inner.dropout", linear.args)
        linear.replace_all_uses_with(dropout)
        made.graph.erase_node(linear)
        made.recompile()
        names = [name for name, _ in made.named_modules()]
        self.assertIn("inner.dropout", names)
        self.assertIn("inner.linear", names)
        self.assertTrue(made.delete_submodule("inner.linear"))
        self.assertFalse(made.delete_submodule("inner.linear"))
        with self.assertRaises(AttributeError):
            made.get_submodule("inner.linear")
        made.add_submodule("spare", torch.nn.ReLU())
        made.add_submodule("inner.spare", torch.nn.ReLU())
        made.delete_all_unused_submodules()
        names = [name for name, _ in made.named_modules()]
        self.assertNotIn("spare", names)
        self.assertNotIn("inner.spare", names)
        self.assertIn("inner.dropout", names)
        self.assertIn("inner.param", [name for name, _ in made.named_parameters()])
        made.graph.lint()

    # TestFX.test_submodule_manipulation_API: names that are not there
    def test_warning_of_absent_attributes(self):
        made = symbolic_trace(Shift())
        with self.assertWarns(UserWarning):
            made.graph.get_attr("not.there")

    # TestFX.test_delete_unused_submodules_leaf
    def test_inside_of_leaves_is_used(self):
        class Inner(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.linear = torch.nn.Linear(3, 3)

            def forward(self, x):
                return self.linear(x)

        class Leaves(Tracer):
            def is_leaf_module(self, m, module_qualified_name):
                return module_qualified_name == "inner"

        class Outer(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = Inner()

            def forward(self, x):
                return self.inner(x)

        m = Outer()
        made = GraphModule(m, Leaves().trace(m))
        made.delete_all_unused_submodules()
        x = torch.rand(1, 3)
        self.same(made(x), m(x))

    # GraphModule subclasses with attributes, as test_package_fx.py has them
    def test_subclasses(self):
        class Noted(GraphModule):
            def __init__(self, root, graph, note):
                super().__init__(root, graph)
                self.note = note

        made = Noted(torch.nn.Module(), symbolic_trace(Shift()).graph, "mine")
        self.assertEqual(made.note, "mine")
        self.assertIsInstance(made, Noted)
        self.same(made(torch.ones(2)), torch.full((2,), 4.0))


if __name__ == "__main__":
    unittest.main()
