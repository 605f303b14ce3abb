"""torch.fx.Interpreter and Transformer. Ports, in our own words, of tests of PyTorch's test/test_fx.py (TestFX)."""
import unittest

import torch
from torch.fx import GraphModule, Interpreter, Transformer, symbolic_trace, wrap


@wrap
def kept(a):
    return a + 1


class Clamped(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.param = torch.nn.Parameter(torch.rand(3, 4))
        self.linear = torch.nn.Linear(4, 5)

    def forward(self, x):
        return self.linear(x + self.param).clamp(min=0.0, max=1.0)


class RunCase(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(9)

    def same(self, actual, expected):
        torch.testing.assert_close(actual, expected)


class Interpreting(RunCase):
    # TestFX.test_interpreter
    def test_gives_what_the_module_gives(self):
        m = Clamped()
        made = symbolic_trace(m)
        x = torch.randn(3, 4)
        interpreter = Interpreter(made)
        self.same(interpreter.run(x), made(x))
        self.same(interpreter.run(x), m(x))

    # TestFX.test_interpreter_run_node_override
    def test_run_node_may_be_overridden(self):
        made = symbolic_trace(Clamped())

        class Notes(Interpreter):
            def run_node(self, n):
                n.seen = super().run_node(n)
                return n.seen

        x = torch.randn(3, 4)
        out = Notes(made).run(x)
        self.assertTrue(all(hasattr(node, "seen") for node in made.graph.nodes))
        self.same(list(made.graph.nodes)[-1].seen, out)

    # TestFX.test_interpreter_onthefly_swap
    def test_calls_may_be_others(self):
        class Swaps(Interpreter):
            def call_function(self, target, args, kwargs):
                if target is torch.sigmoid:
                    return torch.neg(*args, **kwargs)
                return super().call_function(target, args, kwargs)

            def call_method(self, target, args, kwargs):
                if target == "neg":
                    this, *rest = args
                    return this.sigmoid(*rest, **kwargs)
                return super().call_method(target, args, kwargs)

        x = torch.randn(3, 4)
        self.same(Swaps(symbolic_trace(lambda x: torch.sigmoid(x).neg())).run(x), torch.neg(x).sigmoid())

    # TestFX.test_interpreter_partial_eval
    def test_values_given_in_advance(self):
        made = symbolic_trace(Clamped())
        given = torch.arange(0.0, 15.0).reshape(3, 5) - 6.0
        env = {node: given for node in made.graph.nodes if node.op == "call_module"}
        self.same(Interpreter(made).run(torch.randn(3, 4), initial_env=env), given.clamp(0.0, 1.0))

    # TestFX.test_interpreter_star_args
    def test_star_arguments(self):
        made = symbolic_trace(lambda x, *args: x + args[0])
        self.same(Interpreter(made).run(torch.ones(2), torch.ones(2), torch.rand(2)), torch.full((2,), 2.0))

    # TestFX.test_interpreter_default_args, test_interpreter_not_enough_args
    def test_defaults(self):
        class M(torch.nn.Module):
            def forward(self, x, y=3.14):
                return x + y

        made = symbolic_trace(M())
        self.same(Interpreter(made).run(torch.ones(2)), torch.ones(2) + 3.14)
        with self.assertRaisesRegex(RuntimeError, "Expected positional argument for parameter x, but one was not passed in"):
            Interpreter(made).run()

    # TestFX.test_interpreter_gc_values
    def test_values_go_after_their_last_use(self):
        made = symbolic_trace(Clamped())
        interpreter = Interpreter(made)
        interpreter.run(torch.rand(3, 4))
        self.assertEqual([node.name for node in interpreter.env], ["output"])
        keeps = Interpreter(made, garbage_collect_values=False)
        keeps.run(torch.rand(3, 4))
        self.assertEqual(len(keeps.env), len(made.graph.nodes))

    # TestFX.test_interpreter_boxed_run_argument_validation
    def test_boxed(self):
        made = symbolic_trace(lambda x, y: x - y)
        args = [torch.ones(2), torch.zeros(2)]
        self.same(Interpreter(made).boxed_run(args), torch.ones(2))
        self.assertEqual(args, [])
        with self.assertRaisesRegex(RuntimeError, "missing arguments"):
            Interpreter(made).boxed_run([torch.ones(2)])
        with self.assertRaisesRegex(RuntimeError, "extra arguments"):
            Interpreter(made).boxed_run([1, 2, 3])

    # TestFX.test_interpreter_other_graph
    def test_another_graph(self):
        made = symbolic_trace(Clamped())
        other = symbolic_trace(lambda x: x * 2).graph
        self.same(Interpreter(made, graph=other).run(torch.ones(2)), torch.full((2,), 2.0))

    # Interpreter.run's errors name the node
    def test_errors_name_the_node(self):
        made = symbolic_trace(lambda x: torch.cat([x, x]).no_such_method())
        with self.assertRaises(AttributeError) as caught:
            Interpreter(made).run(torch.ones(2))
        self.assertIn("While executing", str(caught.exception))
        self.assertIn("no_such_method", str(caught.exception))


class Transforming(RunCase):
    # TestFX.test_transformer_noop
    def test_nothing_changes(self):
        made = symbolic_trace(Clamped())
        again = Transformer(made).transform()
        self.assertIsInstance(again, GraphModule)
        self.assertEqual([node.op for node in again.graph.nodes], [node.op for node in made.graph.nodes])
        x = torch.randn(3, 4)
        self.same(again(x), made(x))

    # TestFX.test_transformer_op_swap
    def test_calls_become_others(self):
        class Swaps(Transformer):
            def call_function(self, target, args, kwargs):
                if target is torch.sigmoid:
                    return torch.neg(*args, **kwargs)
                return super().call_function(target, args, kwargs)

            def call_method(self, target, args, kwargs):
                if target == "neg":
                    this, *rest = args
                    return this.sigmoid(*rest, **kwargs)
                return super().call_method(target, args, kwargs)

        x = torch.randn(3, 4)
        made = Swaps(symbolic_trace(lambda x: torch.sigmoid(x).neg())).transform()
        self.same(made(x), torch.neg(x).sigmoid())
        self.assertEqual([node.target for node in made.graph.nodes][1:-1], [torch.neg, "sigmoid"])

    # TestFX.test_transformer_multi_outputs
    def test_several_outputs(self):
        class M(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.linear = torch.nn.Linear(4, 5)

            def forward(self, x):
                x = x + 1
                return x, {"out": self.linear(x)}

        made = symbolic_trace(M())
        x = torch.randn(3, 4)
        self.same(Transformer(made).transform()(x), made(x))

    # TestFX.test_wrapped_via_decorator_and_transformed
    def test_wrapped_functions_stay(self):
        made = Transformer(symbolic_trace(lambda y: kept(y))).transform()
        self.assertIn("kept", made.code)
        self.assertEqual(made(0), 1)
        self.assertFalse(hasattr(kept, "__fx_already_patched"))

    # TestFX.test_transformer_preserves_kwargs (defaults of placeholders)
    def test_defaults_stay(self):
        class M(torch.nn.Module):
            def forward(self, x, y=2):
                return x * y

        made = Transformer(symbolic_trace(M())).transform()
        self.assertEqual((made(3), made(3, 5)), (6, 15))


if __name__ == "__main__":
    unittest.main()
