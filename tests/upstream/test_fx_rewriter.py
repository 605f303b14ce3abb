"""torch.fx.replace_pattern. Ports, in our own words, of tests of PyTorch's test/fx/test_subgraph_rewriter.py
(TestSubgraphRewriter)."""
import unittest

import torch
from torch.fx import replace_pattern, subgraph_rewriter, symbolic_trace, wrap


@wrap
def fused(a, b, bias):
    out = torch.nn.functional.linear(a, b, bias=bias)
    return out, out * a


class RewriteCase(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(13)

    def rewritten(self, f, pattern, replacement, expected, *args, matches=None):
        """f with pattern replaced gives what `expected` gives."""
        made = symbolic_trace(f)
        found = replace_pattern(made, pattern, replacement)
        made.graph.lint()
        torch.testing.assert_close(made(*args), expected(*args))
        if matches is not None:
            self.assertEqual(len(found), matches)
        return made


class Rewriting(RewriteCase):
    # TestSubgraphRewriter.test_subgraph_rewriter_preserves_logic
    def test_pattern_by_itself(self):
        def f(x):
            val = torch.neg(x) + torch.relu(x)
            return torch.add(val, val)

        def pattern(x):
            return torch.neg(x) + torch.relu(x)

        self.rewritten(f, pattern, pattern, f, torch.randn(1, 3), matches=1)

    # TestSubgraphRewriter.test_subgraph_rewriter_with_oneliner_pattern, ..._single_pattern_match
    def test_one_match(self):
        def f(x):
            val = torch.neg(x) + torch.relu(x)
            return torch.add(val, val)

        def expected(x):
            val = torch.sigmoid(x)
            return torch.add(val, val)

        self.rewritten(f, lambda x: torch.neg(x) + torch.relu(x), lambda x: torch.sigmoid(x), expected, torch.randn(1, 3), matches=1)

    # TestSubgraphRewriter.test_subgraph_rewriter_multiple_pattern_match
    def test_two_matches(self):
        def f(x, w1, w2):
            return x + torch.max(torch.cat([w1, w2]).sum()) + torch.max(torch.cat([w1, w2]).sum())

        def expected(x, w1, w2):
            return x + torch.max(torch.stack([w1, w2])) + torch.max(torch.stack([w1, w2]))

        self.rewritten(f, lambda w1, w2: torch.cat([w1, w2]).sum(), lambda w1, w2: torch.stack([w1, w2]), expected,
                       torch.rand(1, 3), torch.rand(1, 3), torch.rand(1, 3), matches=2)

    # TestSubgraphRewriter.test_subgraph_rewriter_graph_argument_order
    def test_order_of_arguments(self):
        def f(x, y):
            return torch.mm(x, y)

        self.rewritten(f, f, f, f, torch.randn(3, 4), torch.randn(4, 5), matches=1)

    # TestSubgraphRewriter.test_subgraph_rewriter_correct_output_replacement
    def test_only_what_matches(self):
        self.rewritten(lambda x, y: torch.neg(y) + torch.relu(x), lambda x: torch.relu(x), lambda x: torch.neg(x),
                       lambda x, y: torch.neg(y) + torch.neg(x), torch.randn(4), torch.randn(4), matches=1)

    # TestSubgraphRewriter.test_subgraph_rewriter_traced_as_callable
    def test_traced_patterns(self):
        pattern = symbolic_trace(lambda x: torch.neg(x) + torch.relu(x))
        replacement = symbolic_trace(lambda x: torch.sigmoid(x))
        self.rewritten(lambda x: (torch.neg(x) + torch.relu(x)) * 2, pattern, replacement, lambda x: torch.sigmoid(x) * 2,
                       torch.randn(3), matches=1)
        self.rewritten(lambda x: (torch.neg(x) + torch.relu(x)) * 2, pattern.graph, replacement.graph,
                       lambda x: torch.sigmoid(x) * 2, torch.randn(3), matches=1)

    # TestSubgraphRewriter.test_subgraph_rewriter_pattern_is_entire_graph
    def test_everything(self):
        def pattern(x):
            a = torch.neg(x)
            return torch.add(a, a)

        def replacement(x):
            a = torch.sigmoid(x)
            return torch.cat([a, a])

        self.rewritten(pattern, pattern, replacement, replacement, torch.randn(3, 4), matches=1)

    # ..._pattern_output_pattern_node_can_have_users_that_are_not_matched
    def test_results_may_be_used_elsewhere(self):
        def f(x):
            y = torch.relu(x)
            return torch.neg(y) - y

        def expected(x):
            y = torch.sigmoid(x)
            return torch.neg(y) - y

        self.rewritten(f, lambda x: torch.relu(x), lambda x: torch.sigmoid(x), expected, torch.randn(3), matches=1)

    # ..._internal_pattern_nodes_cannot_have_users_that_are_not_matched
    def test_inner_values_may_not(self):
        def f(x, w1, w2, b1, b2):
            m1 = torch.cat([w1, w2])
            m2 = torch.cat([x, b2])
            t0 = torch.addmm(b1, m1, m2.t())
            t2 = torch.addmm(b1, m1, m2.t())
            return torch.sum(t2)

        def pattern(x, w1, w2, b1, b2):
            return torch.addmm(b1, torch.cat([w1, w2]), torch.cat([x, b2]).t())

        made = symbolic_trace(f)
        self.assertEqual(replace_pattern(made, pattern, lambda x, w1, w2, b1, b2: torch.cat([x, w1, w2])), [])
        made.graph.lint()

    # TestSubgraphRewriter.test_subgraph_rewriter_placeholder_matching
    def test_placeholders_stand_for_anything(self):
        def f(x):
            x = x + 3
            return torch.sigmoid(x.relu()).to(torch.float16)

        self.rewritten(f, lambda x: torch.sigmoid(x.relu()).to(torch.float16), lambda x: x, lambda x: x + 3, torch.randn(3), matches=1)

    # TestSubgraphRewriter.test_subgraph_rewriter_replaces_referenced_submodules
    def test_submodules(self):
        class M(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.sigmoid = torch.nn.Sigmoid()
                self.submod = torch.nn.ReLU()

            def forward(self, x):
                return self.submod(self.sigmoid(x + 1))

        class Pattern(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.sigmoid = torch.nn.Sigmoid()
                self.submod = torch.nn.ReLU()

            def forward(self, x):
                return self.submod(self.sigmoid(x))

        class Replacement(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.tanh = torch.nn.Tanh()
                self.submod = torch.nn.ReLU()

            def forward(self, x):
                return self.submod(self.tanh(x))

        made = self.rewritten(M(), Pattern(), Replacement(), lambda x: torch.relu(torch.tanh(x + 1)), torch.randn(3, 4), matches=1)
        made.get_submodule("tanh")
        with self.assertRaisesRegex(AttributeError, "has no attribute"):
            made.get_submodule("sigmoid")
        self.assertIs(type(made.get_submodule("submod")), torch.nn.ReLU)

    # TestSubgraphRewriter.test_subgraph_rewriter_replace_consecutive_submodules
    def test_one_after_another(self):
        self.rewritten(lambda x: torch.sigmoid(torch.sigmoid(torch.sigmoid(x))), lambda x: torch.sigmoid(x), lambda x: torch.exp(x),
                       lambda x: torch.exp(torch.exp(torch.exp(x))), torch.randn(3), matches=3)

    # TestSubgraphRewriter.test_subgraph_rewriter_replace_with_duplicated_outputs, ..._with_multiple_outputs
    def test_several_results(self):
        def f(x):
            y = torch.sigmoid(x)
            z = torch.relu(x)
            return y * z + z

        def pattern(x):
            return torch.sigmoid(x), torch.relu(x)

        def replacement(x):
            return torch.exp(x), torch.abs(x)

        self.rewritten(f, pattern, replacement, lambda x: torch.exp(x) * torch.abs(x) + torch.abs(x), torch.randn(3), matches=1)

    # TestSubgraphRewriter.test_subgraph_rewriter_call_method
    def test_methods(self):
        self.rewritten(lambda x: x.abs().sigmoid().neg(), lambda x: x.sigmoid(), lambda x: x.tanh(),
                       lambda x: x.abs().tanh().neg(), torch.randn(3), matches=1)

    # TestSubgraphRewriter.test_subgraph_rewriter_nodes_with_kwargs, test_matching_pattern_with_list_type_arg
    def test_keywords_and_lists(self):
        def f(x, y):
            return torch.nn.functional.softmax(torch.cat([x, y], dim=0), dim=0)

        self.rewritten(f, lambda a, b: torch.cat([a, b], dim=0), lambda a, b: torch.stack([a, b], dim=0),
                       lambda x, y: torch.nn.functional.softmax(torch.stack([x, y], dim=0), dim=0), torch.randn(3), torch.randn(3), matches=1)
        made = symbolic_trace(f)
        self.assertEqual(replace_pattern(made, lambda a, b: torch.cat([a, b], dim=1), lambda a, b: a), [])
        self.assertEqual(replace_pattern(made, lambda a, b: torch.cat([a, b]), lambda a, b: a), [])

    # TestSubgraphRewriter.test_subgraph_rewriter_replace_with_multiple_outputs, on a wrapped function
    def test_wrapped_functions(self):
        def f(a, b, bias):
            out = torch.nn.functional.linear(a, b, bias=bias)
            return out, out * a

        def replacement(a, b, bias):
            result = fused(a, b, bias)
            return result[0], result[1]

        made = self.rewritten(f, f, replacement, f, torch.randn(3, 3), torch.randn(3, 3), torch.randn(3), matches=1)
        self.assertIn("fused", made.code)
        made = self.rewritten(lambda a, b, bias: torch.nn.functional.linear(a, b, bias=bias).relu(),
                              lambda a, b, bias: torch.nn.functional.linear(a, b, bias=bias),
                              lambda a, b, bias: fused(a, b, bias)[0],
                              lambda a, b, bias: torch.nn.functional.linear(a, b, bias=bias).relu(),
                              torch.randn(3, 3), torch.randn(3, 3), torch.randn(3), matches=1)
        self.assertIn("fused", made.code)

    # TestSubgraphRewriter.test_replace_pattern_with_filters
    def test_filters(self):
        def f(x, y):
            return torch.add(x, 1) + torch.add(y, 2)

        def adds_one(match, original, pattern):
            return any(node.args[1] == 1 for node in match.nodes_map.values()
                       if isinstance(node, torch.fx.Node) and node.target is torch.add)

        made = symbolic_trace(f)
        found = subgraph_rewriter.replace_pattern_with_filters(made, lambda x, n: torch.add(x, n), lambda x, n: torch.mul(x, n), [adds_one])
        self.assertEqual(len(found), 1)
        torch.testing.assert_close(made(torch.ones(2) * 3, torch.ones(2)), torch.full((2,), 6.0))
        self.assertEqual([node.target for node in found[0].replacements], [torch.mul])

    # TestSubgraphRewriter.test_matching_variable_arguments (ignore_literals)
    def test_literals(self):
        made = symbolic_trace(lambda x: torch.add(x, 1) * torch.add(x, 2))
        self.assertEqual(len(replace_pattern(made, lambda x: torch.add(x, 1), lambda x: x)), 1)
        made = symbolic_trace(lambda x: torch.add(x, 1) * torch.add(x, 2))
        found = subgraph_rewriter.replace_pattern_with_filters(made, lambda x: torch.add(x, 1), lambda x: x, ignore_literals=True)
        self.assertEqual(len(found), 2)
        torch.testing.assert_close(made(torch.full((2,), 3.0)), torch.full((2,), 9.0))

    # TestSubgraphRewriter.test_replacement_with_callback, ..._with_attrs
    def test_replacement_by_callback(self):
        def make(match, original, pattern):
            count = sum(1 for node in match.nodes_map.values() if getattr(node, "target", None) is torch.relu)
            return symbolic_trace(lambda x: x * (10 * count)).graph

        made = symbolic_trace(lambda x: torch.relu(torch.relu(x)) + 1)
        subgraph_rewriter.replace_pattern_with_filters(made, lambda x: torch.relu(torch.relu(x)), replacement_callback=make)
        torch.testing.assert_close(made(torch.ones(2)), torch.full((2,), 21.0))

    # TestSubgraphRewriter.test_subgraph_writer_replace_... : what a match tells
    def test_matches(self):
        def pattern(x):
            return torch.sigmoid(torch.neg(x))

        made = symbolic_trace(lambda x: torch.sigmoid(torch.neg(x)) + 1)
        match, = replace_pattern(made, pattern, lambda x: torch.tanh(x))
        self.assertEqual({key.name for key in match.nodes_map}, {"x", "neg", "sigmoid"})
        self.assertEqual(match.anchor.name, "sigmoid")


if __name__ == "__main__":
    unittest.main()
