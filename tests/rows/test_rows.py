"""Issue 4's eight rows, a class a row: what the two seed files of the project do, on models of our own.

    fusepack test tests/rows/test_rows.py
    python tests/rows/test_rows.py            # real PyTorch agrees, less what it says it does not
"""
import os
import sys
import unittest
from io import BytesIO
from tempfile import NamedTemporaryFile

import torch
import torch.fx
from torch.fx import Graph, GraphModule, Tracer, symbolic_trace
from torch.package import ObjMismatchError, PackageExporter, PackageImporter, sys_importer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

torch.fx.wrap("len")
torch.fx.wrap("len")


class RowCase(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(11)

    def assertSame(self, actual, expected):
        torch.testing.assert_close(actual, expected)

    def package(self, obj, file=None, importer=sys_importer, patterns=("**",)):
        """The archive with obj in it, as a file to read from the start."""
        file = BytesIO() if file is None else file
        with PackageExporter(file, importer=importer) as exporter:
            for pattern in patterns:
                exporter.intern(pattern)
            exporter.save_pickle("model", "model.pkl", obj)
        if isinstance(file, BytesIO):
            file.seek(0)
        return file

    def load(self, file):
        importer = PackageImporter(file)
        return importer, importer.load_pickle("model", "model.pkl")


class Row1Simple(RowCase):
    class Shift(torch.nn.Module):
        def forward(self, x):
            return torch.relu(x + 3.0)

    def test_traced_is_saved_and_loaded(self):
        traced = symbolic_trace(self.Shift())
        _, loaded = self.load(self.package(traced, patterns=()))
        x = torch.randn(4, 5) * 4
        self.assertSame(loaded(x), traced(x))
        self.assertSame(loaded(x), torch.relu(x + 3.0))

    def test_code_survives(self):
        traced = symbolic_trace(self.Shift())
        _, loaded = self.load(self.package(traced, patterns=()))
        self.assertEqual(loaded.code.strip(), traced.code.strip())
        self.assertEqual([str(node.op) for node in loaded.graph.nodes],
                         ["placeholder", "call_function", "call_function", "output"])

    def test_through_a_file(self):
        with NamedTemporaryFile() as file:
            self.package(symbolic_trace(self.Shift()), file.name, patterns=())
            _, loaded = self.load(file.name)
        x = torch.tensor([-5.0, -3.0, 0.5])
        self.assertEqual(loaded(x).tolist(), [0.0, 0.0, 3.5])


class Row2ThenFx(RowCase):
    def test_packaged_module_is_traced_after_loading(self):
        from gallery.dampers import Damper
        model = Damper()
        _, loaded = self.load(self.package(model))
        traced = symbolic_trace(loaded)
        x = torch.randn(3, 2)
        self.assertSame(traced(x), loaded(x))
        self.assertSame(traced(x), model(x))

    def test_its_class_is_not_the_environments(self):
        from gallery.dampers import Damper
        importer, loaded = self.load(self.package(Damper()))
        self.assertIsNot(type(loaded), Damper)
        self.assertIs(type(loaded), importer.import_module("gallery.dampers").Damper)
        self.assertEqual(type(loaded).__name__, "Damper")


class Row3Package(RowCase):
    def traced_from_package(self):
        from gallery.dampers import Damper
        importer, loaded = self.load(self.package(Damper()))
        return importer, loaded, symbolic_trace(loaded)

    def test_without_its_importer_it_is_refused(self):
        _, _, traced = self.traced_from_package()
        with self.assertRaises(ObjMismatchError):
            self.package(traced)

    def test_with_its_importer_it_is_saved(self):
        importer, loaded, traced = self.traced_from_package()
        _, again = self.load(self.package(traced, importer=(importer, sys_importer)))
        x = torch.randn(3, 2)
        self.assertSame(again(x), loaded(x))

    def test_wrapped_function_is_one_node(self):
        _, _, traced = self.traced_from_package()
        called = [node.target.__name__ for node in traced.graph.nodes if node.op == "call_function"]
        self.assertEqual(called, ["damped", "add", "relu"])


class Row4WithImports(RowCase):
    def graph_module(self):
        import gallery.parts
        graph = Graph()
        x = graph.placeholder("x")
        y = graph.placeholder("y")
        blended = graph.call_function(gallery.parts.blend, (x, y))
        graph.output(graph.call_function(torch.sin, (blended,)))
        return GraphModule(torch.nn.Module(), graph)

    def test_graph_by_hand_calls_packaged_function(self):
        module = self.graph_module()
        _, loaded = self.load(self.package(module))
        x, y = torch.rand(2, 3), torch.rand(2, 3)
        self.assertTrue(torch.allclose(loaded(x, y), module(x, y)))
        self.assertSame(loaded(x, y), torch.sin(x * 0.25 + y * 0.75))

    def test_packaged_module_is_another(self):
        import gallery.parts
        importer, _ = self.load(self.package(self.graph_module()))
        packaged = importer.import_module("gallery.parts")
        self.assertIsNot(packaged, gallery.parts)
        self.assertIsNot(packaged.blend, gallery.parts.blend)
        # A parent that nothing names is not packaged; it is there as an empty package.
        self.assertFalse(hasattr(importer.import_module("gallery"), "origin"))


class Row5CustomTracer(RowCase):
    def test_tracer_class_info_and_sharing_survive(self):
        from gallery.dampers import Damper, Twins
        from gallery.tracers import Shallow

        class Annotated(GraphModule):
            def __init__(self, root, graph, info):
                super().__init__(root, graph)
                self.info = info

        one = Damper()
        module = Twins(torch.ones(3), one, one)
        graph = Shallow().trace(module)
        self.assertIs(graph._tracer_cls, Shallow)
        annotated = Annotated(module, graph, {"note": "kept"})
        self.assertIs(annotated._tracer_cls, Shallow)

        importer, loaded = self.load(self.package(annotated))
        self.assertEqual(type(loaded).__name__, type(annotated).__name__)
        self.assertEqual(loaded.info, {"note": "kept"})
        x = torch.randn(3)
        self.assertSame(loaded(x), annotated(x))
        self.assertSame(loaded(x), module(x))
        calls = [node.target for node in loaded.graph.nodes if node.op == "call_module"]
        self.assertEqual(calls, [node.target for node in annotated.graph.nodes if node.op == "call_module"])
        self.assertIs(loaded.graph._tracer_cls, importer.import_module("gallery.tracers").Shallow)

    def test_local_tracer_class_is_not_kept(self):
        class Local(Tracer):
            pass

        class Shift(torch.nn.Module):
            def forward(self, x):
                return x - 1.0

        root = Shift()
        module = GraphModule(root, Local().trace(root))
        self.assertIsNone(module._tracer_cls)
        _, loaded = self.load(self.package(module, patterns=()))
        self.assertSame(loaded(torch.ones(2)), torch.zeros(2))


class Row6Wrap(RowCase):
    def test_wrapped_builtin(self):
        class Counts(torch.nn.Module):
            def forward(self, a):
                return len(a)

        traced = symbolic_trace(Counts())
        self.assertEqual([node.op for node in traced.graph.nodes], ["placeholder", "call_function", "output"])
        _, loaded = self.load(self.package(traced, patterns=()))
        x = torch.rand(7, 3)
        self.assertEqual(loaded(x), 7)
        self.assertEqual(loaded(x), traced(x))


class Row7Residual(RowCase):
    def test_network_is_packaged_twice(self):
        from gallery.residual import small
        for training in (True, False):
            with self.subTest(training=training):
                model = small().train(training)
                with NamedTemporaryFile() as file:
                    self.package(model, file.name)
                    importer, second = self.load(file.name)
                    x = torch.rand(2, 3, 32, 32)
                    expected = model(x)
                    self.assertSame(second(x), expected)
                    self.assertIs(type(second), importer.import_module("gallery.residual").Residual)
                    _, third = self.load(self.package(second, importer=(importer, sys_importer)))
                self.assertEqual(third.training, training)
                if not training:
                    self.assertSame(third(x), expected)
                self.assertEqual(sorted(third.state_dict()), sorted(model.state_dict()))


class Row8Script(RowCase):
    def test_loaded_model_is_scripted_and_saved(self):
        from gallery.residual import small
        model = small().eval()
        _, loaded = self.load(self.package(model))
        scripted = torch.jit.script(loaded)
        file = BytesIO()
        torch.jit.save(scripted, file)
        file.seek(0)
        again = torch.jit.load(file)
        x = torch.rand(2, 3, 32, 32)
        self.assertSame(again(x), model(x))
        self.assertSame(scripted(x), model(x))


if __name__ == "__main__":
    unittest.main()
