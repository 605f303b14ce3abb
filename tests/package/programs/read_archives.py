"""Reads the archives of write_archives.py in this file's own folder, or else the golden ones that a real PyTorch wrote. Real
PyTorch and fusepack both run it as a unittest."""
import os
import unittest

import torch
from torch.fx import GraphModule, symbolic_trace
from torch.package import PackageImporter, is_from_package

FOLDER = os.path.dirname(os.path.abspath(__file__))
if not os.path.exists(os.path.join(FOLDER, "simple_3.pt")):
    FOLDER = os.path.join(os.path.dirname(FOLDER), "golden")


def _opened(name):
    for protocol in (3, 4):
        yield PackageImporter(os.path.join(FOLDER, f"{name}_{protocol}.pt"))


class ReadArchives(unittest.TestCase):
    def check(self, importer):
        model = importer.load_pickle("model", "model.pkl")
        case = importer.load_pickle("case", "case.pkl")
        found, wanted = model(*case["inputs"]), case["outputs"]
        if isinstance(wanted, torch.Tensor):
            self.assertTrue(torch.allclose(found, wanted, rtol=1e-6, atol=1e-6))
        else:
            self.assertEqual(found, wanted)
        self.assertEqual(type(model).__name__, case["class"])
        if "code" in case:
            self.assertIsInstance(model, GraphModule)
            self.assertEqual(model.code, case["code"])
            self.assertEqual([(n.op, n.name, getattr(n.target, "__name__", n.target)) for n in model.graph.nodes], case["nodes"])
        for name, value in case.get("attributes", {}).items():
            self.assertEqual(getattr(model, name), value)
        return model

    def test_simple(self):
        for importer in _opened("simple"):
            self.check(importer)

    def test_then_fx(self):
        for importer in _opened("then_fx"):
            model = self.check(importer)
            self.assertTrue(is_from_package(model))
            case = importer.load_pickle("case", "case.pkl")
            self.assertTrue(torch.equal(symbolic_trace(model)(*case["inputs"]), case["outputs"]))

    def test_package(self):
        for importer in _opened("package"):
            self.check(importer)

    def test_with_imports(self):
        for importer in _opened("with_imports"):
            model = importer.load_pickle("model", "model.pkl")
            case = importer.load_pickle("case", "case.pkl")
            self.assertTrue(torch.allclose(model(*case["inputs"]), case["outputs"]))
            leafy = importer.import_module("garden.leafy")
            self.assertEqual(leafy.__name__, importer.id() + ".garden.leafy")
            self.assertEqual(importer.import_module(leafy.__name__), leafy)

    def test_custom_tracer(self):
        for importer in _opened("custom_tracer"):
            model = self.check(importer)
            self.assertEqual(model.code.count("self.first("), 2)  # one module, one entry, called twice
            self.assertFalse(hasattr(model, "second"))
            self.assertEqual(model._tracer_cls.__name__, "AllLeaves")
            self.assertEqual(model._tracer_cls.__module__, importer.id() + ".garden.tracers")

    def test_wrapped(self):
        for importer in _opened("wrapped"):
            self.check(importer)

    def test_nested(self):
        for importer in _opened("nested"):
            model = self.check(importer)
            self.assertEqual(model.restored, 1)
            if hasattr(model, "label"):
                self.assertEqual(model.label.text, "tomatoes")
            self.assertFalse(model.training)
            garden = importer.import_module("garden")
            self.assertEqual(garden.season, "spring")
            self.assertIs(garden.Bed, importer.import_module("garden.beds").Bed)
            self.assertIs(garden.scaled, importer.import_module("garden.tools.measure").scaled)
            self.assertTrue(garden.__torch_package__)
            self.assertEqual(garden.__file__, importer.id() + ".garden/__init__.py")
            self.assertEqual(importer.load_text("garden", "notes.txt"), "water \u00e4gain")
            self.assertEqual(importer.load_binary("garden.data", "raw.bin"), b"\x00\x01\xff")
            self.assertEqual(importer.import_module("garden.notes").note(), "water \u00e4gain")
            structure = importer.file_structure(include=["**/*.bin", "garden/*.txt"], exclude="garden/tools/**")
            self.assertTrue(structure.has_file("garden/data/raw.bin"))
            self.assertTrue(structure.has_file("garden/notes.txt"))
            self.assertFalse(structure.has_file("garden/beds.py"))
            self.assertTrue(importer.python_version().startswith("3."))
            reader = importer.get_resource_reader("garden")
            self.assertTrue(reader.is_resource("notes.txt"))
            self.assertEqual(reader.open_resource("notes.txt").read(), "water \u00e4gain".encode("utf-8"))
            self.assertIn("notes.txt", list(reader.contents()))
            self.assertIn("class Bed", importer.get_source("garden.beds"))
            with self.assertRaises(ModuleNotFoundError) as caught:
                importer.import_module("absent")
            self.assertIn('No module named "absent" in self-contained archive', str(caught.exception))
            with self.assertRaises(ValueError):
                importer.load_text("garden", "a/b.txt")

    def test_mocked(self):
        for importer in _opened("mocked"):
            model = self.check(importer)
            with self.assertRaises(NotImplementedError) as caught:
                model.cost(1)
            self.assertIn("was mocked out during packaging but it is being used in __call__", str(caught.exception))
            with self.assertRaises(NotImplementedError):
                model.plant()

    def test_plain_values(self):
        for importer in _opened("plain_values"):
            importer.import_module("values").check(importer.load_pickle("case", "values.pkl"))

    def test_to_a_path(self):
        for importer in _opened("to_a_path"):
            self.check(importer)
            with self.assertRaises(ImportError) as caught:
                PackageImporter(importer.filename, module_allowed=lambda name: name != "torch")
            self.assertIn("needs the external module 'torch' but that module has been disallowed", str(caught.exception))


if __name__ == "__main__":
    unittest.main()
