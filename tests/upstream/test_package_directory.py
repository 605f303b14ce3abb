"""Archives that were unpacked into a folder. Ports, in our own words, of PyTorch's test/package/test_directory_reader.py."""
import os
import tempfile
import unittest
import zipfile
from pathlib import Path

from packaging_case import PackagingCase
from torch.package import PackageExporter, PackageImporter


class Unpacked(PackagingCase):
    def importer_of(self, fill):
        """Of the folder that the archive made by fill(exporter) was unpacked to."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "made.pt")
        with PackageExporter(path) as exporter:
            fill(exporter)
        with zipfile.ZipFile(path, "r") as archive:
            self.names = archive.namelist()
            archive.extractall(path=os.path.join(folder.name, "unpacked"))
        self.folder = Path(folder.name) / "unpacked" / "made"
        return PackageImporter(self.folder)

    # DirectoryReaderTest.test_loading_pickle
    def test_pickles(self):
        from parcel.inner import Part
        value = {"part": Part(3), "list": [1, 2.5, None]}  # tensors: PyTorch 2.15 fails to read them from a folder
        loaded = self.importer_of(lambda e: (e.intern("**"), e.save_pickle("obj", "obj.pkl", value))).load_pickle("obj", "obj.pkl")
        self.assertEqual(loaded["part"].value, 3)
        self.assertEqual(loaded["list"], [1, 2.5, None])

    # DirectoryReaderTest.test_loading_module, test_loading_has_record
    def test_modules(self):
        import parcel
        importer = self.importer_of(lambda e: e.save_module("parcel"))
        packaged = importer.import_module("parcel")
        self.assertIsNot(packaged, parcel)
        self.assertEqual(packaged.label, parcel.label)
        self.assertIn("made/parcel/__init__.py", self.names)
        self.assertTrue((self.folder / "parcel" / "__init__.py").is_file())
        with self.assertRaises(ImportError):
            importer.import_module("lone")

    # DirectoryReaderTest.test_resource_reader
    def test_resources(self):
        importer = self.importer_of(lambda e: (e.save_text("one", "a.txt", "alpha"), e.save_text("one.deep", "b.txt", "beta")))
        one = importer.get_resource_reader("one")
        self.assertTrue(one.is_resource("a.txt"))
        self.assertFalse(one.is_resource("deep"))
        self.assertEqual(one.open_resource("a.txt").read(), b"alpha")
        self.assertEqual(sorted(one.contents()), ["a.txt", "deep"])
        self.assertIsNone(importer.get_resource_reader("two"))

    # DirectoryReaderTest.test_importer_access, test_package_resource_access
    def test_own_importer(self):
        def fill(e):
            e.save_text("main", "note", "text")
            e.save_source_string("main", "import torch_package_importer as r\ntext = r.load_text('main', 'note')\n", is_package=True)
            e.save_source_string("user", "import importlib.resources\nimport main\n"
                                         "def read():\n    return importlib.resources.read_text(main, 'note')\n")

        importer = self.importer_of(fill)
        self.assertEqual(importer.import_module("main").text, "text")
        self.assertEqual(importer.import_module("user").read(), "text")


if __name__ == "__main__":
    unittest.main()
