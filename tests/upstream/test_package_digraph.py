"""The graph of dependencies. Ports, in our own words, of PyTorch's test/package/test_digraph.py."""
import unittest

from torch.package._digraph import DiGraph


class Graphs(unittest.TestCase):
    def graph(self, *edges):
        g = DiGraph()
        for a, b in edges:
            g.add_edge(a, b)
        return g

    # TestDiGraph.test_successors, test_predecessors
    def test_neighbours(self):
        g = self.graph(("a", "b"), ("a", "c"))
        g.add_node("alone")
        self.assertEqual(sorted(g.successors("a")), ["b", "c"])
        self.assertEqual(list(g.predecessors("c")), ["a"])
        self.assertEqual(list(g.successors("alone")) + list(g.predecessors("alone")), [])

    # TestDiGraph.test_successor_not_in_graph, test_predecessor_not_in_graph
    def test_unknown_nodes(self):
        g = DiGraph()
        for ask in (g.successors, g.predecessors):
            with self.assertRaises(ValueError):
                ask("nobody")

    # TestDiGraph.test_node_attrs, test_node_attr_update
    def test_attributes(self):
        g = DiGraph()
        g.add_node("a", kind=1, other=2)
        self.assertEqual((g.nodes["a"]["kind"], g.nodes["a"]["other"]), (1, 2))
        g.add_node("a", kind="new")
        self.assertEqual((g.nodes["a"]["kind"], g.nodes["a"]["other"]), ("new", 2))

    # TestDiGraph.test_edges
    def test_edges(self):
        edges = [(1, 2), (2, 3), (1, 3), (4, 5)]
        self.assertCountEqual(list(self.graph(*edges).edges), edges)

    # TestDiGraph.test_iter, test_contains, test_contains_non_hashable
    def test_nodes(self):
        g = self.graph((1, 2))
        g.add_node(3)
        self.assertEqual(set(g), {1, 2, 3})
        self.assertTrue(3 in g)
        self.assertFalse(4 in g)
        self.assertFalse([1] in g)

    # TestDiGraph.test_forward_closure
    def test_closure(self):
        g = self.graph(("1", "2"), ("2", "3"), ("5", "4"), ("4", "3"))
        self.assertEqual(g.forward_transitive_closure("1"), {"1", "2", "3"})
        self.assertEqual(g.forward_transitive_closure("4"), {"4", "3"})

    # TestDiGraph.test_all_paths
    def test_paths(self):
        g = self.graph(("1", "2"), ("1", "7"), ("7", "8"), ("8", "3"), ("2", "3"), ("5", "4"), ("4", "3"))
        lines = {line.strip(' ;\n') for line in g.all_paths("1", "3").split(";")}
        for edge in ('"1" -> "2"', '"2" -> "3"', '"1" -> "7"', '"7" -> "8"', '"8" -> "3"'):
            self.assertIn(edge, lines)
        for other in ('"5" -> "4"', '"4" -> "3"'):
            self.assertNotIn(other, lines)


if __name__ == "__main__":
    unittest.main()
