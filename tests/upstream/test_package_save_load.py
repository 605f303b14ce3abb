"""What is saved is loaded. Ports, in our own words, of PyTorch's test/package/test_save_load.py."""
import os
import pickle
import tempfile
import unittest

import torch
from packaging_case import PackagingCase
from torch.package import PackageExporter, PackageImporter, sys_importer

FOLDER = os.path.dirname(os.path.abspath(__file__))


class SaveLoad(PackagingCase):
    # TestSaveLoad.test_saving_source
    def test_source_files_and_folders(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "made.pt")
            with PackageExporter(path) as exporter:
                exporter.save_source_file("renamed", os.path.join(FOLDER, "lone.py"))
                exporter.save_source_file("copied", os.path.join(FOLDER, "box"))
            importer = PackageImporter(path)
            self.assertEqual(importer.import_module("renamed").label, "lone")
            self.assertEqual(importer.import_module("copied.lid").label, "lid of box")

    # TestSaveLoad.test_saving_string
    def test_source_string(self):
        import math
        importer = self.importer_of(lambda e: e.save_source_string("mine", "import math\nsame = math\n"))
        self.assertIs(importer.import_module("math"), math)
        self.assertIs(importer.import_module("mine").same, math)

    # TestSaveLoad.test_save_module, test_save_module_binary
    def test_modules(self):
        import lone
        import parcel
        importer = self.importer_of(lambda e: (e.save_module("lone"), e.save_module("parcel")))
        for module in (lone, parcel):
            packaged = importer.import_module(module.__name__)
            self.assertIsNot(packaged, module)
            self.assertEqual(packaged.label, module.label)

    # TestSaveLoad.test_dunder_imports
    def test_imports_written_as_calls(self):
        from parcel.dynamic import Dynamic
        importer = self.importer_of(self.object_saved(Dynamic()))
        importer.load_pickle("obj", "obj.pkl")
        self.assertEqual(importer.import_module("parcel.inner").label, "parcel.inner")
        self.assertEqual(importer.import_module("parcel.dynamic").inner.label, "parcel.inner")
        self.assertEqual(importer.import_module("math").__name__, "math")

    # TestSaveLoad.test_bad_dunder_imports
    def test_imports_that_cannot_be_resolved(self):
        self.saved(lambda e: e.save_source_string("m", '__import__(these, not_known, "names", do, no, harm)'))

    # TestSaveLoad.test_pickle
    def test_pickle_takes_what_it_needs(self):
        import parcel.inner
        obj = parcel.Holder(parcel.inner.Part(3))
        importer = self.importer_of(self.object_saved(obj))
        inner = importer.import_module("parcel.inner")
        with self.assertRaises(ImportError):
            importer.import_module("lone")
        loaded = importer.load_pickle("obj", "obj.pkl")
        self.assertIsNot(loaded, obj)
        self.assertIsInstance(loaded.held, inner.Part)
        self.assertIsNot(inner.Part, parcel.inner.Part)
        self.assertEqual(loaded.held.value, 3)
        self.assertEqual(loaded.label(), "parcel")

    # TestSaveLoad.test_exporting_mismatched_code
    def test_objects_of_another_packages_code(self):
        import parcel.inner
        obj = parcel.Holder(parcel.inner.Part())
        file = self.saved(self.object_saved(obj))
        first = PackageImporter(file)
        file.seek(0)
        second = PackageImporter(file)
        importers = (first, sys_importer)
        # PyTorch asks the importers in turn for the very object: an environment's object is found in the second one.
        self.saved(self.object_saved(obj), importer=importers)
        for other, where in ((second.load_pickle("obj", "obj.pkl"), importers), (obj, first)):
            with self.assertRaises(pickle.PicklingError):
                self.saved(self.object_saved(other), importer=where)
        again = self.importer_of(self.object_saved(first.load_pickle("obj", "obj.pkl")), importer=importers)
        self.assertEqual(again.load_pickle("obj", "obj.pkl").label(), "parcel")

    # TestSaveLoad.test_save_imported_module
    def test_module_of_an_imported_object(self):
        import parcel.inner
        importer = self.importer_of(self.object_saved(parcel.Holder(parcel.inner.Part())))
        name = type(importer.load_pickle("obj", "obj.pkl")).__module__
        again = self.importer_of(lambda e: (e.intern("**"), e.save_module(name)), importer=(importer, sys_importer))
        self.assertEqual(again.import_module("parcel").label, "parcel")

    # TestSaveLoad.test_save_imported_module_using_package_importer
    def test_module_that_asks_for_its_importer(self):
        fill = lambda e: (e.intern("**"), e.save_module("parcel.reader"), e.save_text("notes", "a.txt", "alpha"))
        importer = self.importer_of(fill)
        self.assertEqual(importer.import_module("parcel.reader").text("notes", "a.txt"), "alpha")
        again = self.importer_of(lambda e: (e.intern("**"), e.save_module("parcel.reader")),
                                 importer=(importer, sys_importer))
        self.assertIsNotNone(again.import_module("parcel.reader").resources)

    # TestSaveLoad.test_save_bad_pickle
    def test_what_cannot_be_pickled(self):
        from parcel.bad_pickle import Bad, Good
        top = Good()
        top.child = Good()
        top.child.child = Bad()
        with self.assertRaises((TypeError, pickle.PicklingError)):
            self.saved(self.object_saved(top))

    # The forms of import that the scan for dependencies must see (torch/package/find_file_dependencies.py)
    def test_forms_of_import(self):
        from parcel.many import Many
        importer = self.importer_of(self.object_saved(Many()))
        found = importer.load_pickle("obj", "obj.pkl").found()
        self.assertEqual(found, ("parcel.inner", "parcel.inner", "Part", ("parcel", "parcel.inner", "parcel.inner.deep")))

    # Storages that several objects share are one storage again (package_exporter's persistent ids)
    def test_tensors_share_storage(self):
        base = torch.arange(6.0)
        importer = self.importer_of(lambda e: e.save_pickle("t", "t.pkl", {"whole": base, "part": base[2:4], "same": base}))
        loaded = importer.load_pickle("t", "t.pkl")
        self.assertIs(loaded["whole"], loaded["same"])
        self.assertEqual(loaded["part"].tolist(), [2.0, 3.0])
        loaded["whole"][2] = 9.0
        self.assertEqual(loaded["part"].tolist(), [9.0, 3.0])

    def test_plain_data_in_both_protocols(self):
        data = {"n": [1, 2.5, None, True], "t": (1, "two", b"\x00\xff"), "s": {3, 4}, "big": "x" * 300, "e": [], "d": {}}
        for protocol in (3, 4):
            with self.subTest(protocol=protocol):
                importer = self.importer_of(lambda e: e.save_pickle("d", "d.pkl", data, pickle_protocol=protocol))
                self.assertEqual(importer.load_pickle("d", "d.pkl"), data)


if __name__ == "__main__":
    unittest.main()
