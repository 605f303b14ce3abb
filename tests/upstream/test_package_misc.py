"""The rest of torch.package. Ports, in our own words, of PyTorch's test/package/test_misc.py, test_repackage.py and
test_analyze.py."""
import inspect
import platform
import unittest
from io import BytesIO

from packaging_case import PackagingCase
from torch.package import PackageExporter, PackageImporter, PackagingError, is_from_package, sys_importer


class Contents(PackagingCase):
    def sample(self):
        import parcel.inner

        def fill(e):
            e.intern("**")
            e.save_module("lone")
            e.save_pickle("obj", "obj.pkl", parcel.inner.Part())
            e.save_text("notes", "note", "text")

        return self.importer_of(fill)

    # TestMisc.test_file_structure
    def test_tree(self):
        importer = self.sample()
        lines = str(importer.file_structure(include=["**/inner/*.py", "**/*.pkl", "lone.py"])).split("\n")[1:]
        self.assertEqual("\n".join(line.strip() for line in lines).strip(), "\n".join([
            "├── obj", "│   └── obj.pkl", "├── parcel", "│   └── inner", "│       └── __init__.py", "└── lone.py"]))
        everything = str(importer.file_structure())
        for name in (".data", "extern_modules", "version", "note", "lone.py"):
            self.assertIn(name, everything)
        self.assertNotIn("obj.pkl", str(importer.file_structure(exclude="**/*.pkl")))

    # TestMisc.test_file_structure_has_file
    def test_has_file(self):
        tree = self.sample().file_structure()
        self.assertTrue(tree.has_file("parcel/inner/__init__.py"))
        self.assertFalse(tree.has_file("parcel/inner/__init__"))
        self.assertFalse(tree.has_file("absent"))

    # TestMisc.test_python_version
    def test_python_version(self):
        self.assertEqual(self.sample().python_version(), platform.python_version())

    # TestMisc.test_exporter_content_lists
    def test_lists_of_modules(self):
        import parcel.many
        with PackageExporter(BytesIO()) as e:
            e.extern("parcel.inner.deep")
            e.mock("parcel.inner")
            e.intern("**")
            e.save_module("parcel.many")
            self.assertEqual(e.externed_modules(), ["parcel.inner.deep"])
            self.assertEqual(e.mocked_modules(), ["parcel.inner"])
            self.assertEqual(e.interned_modules(), ["parcel.many"])
            self.assertEqual(e.get_rdeps("parcel.inner"), ["parcel.many"])
            self.assertEqual(e.denied_modules(), [])
        with self.assertRaises(PackagingError):
            with PackageExporter(BytesIO()) as e:
                e.deny("parcel.inner")
                e.intern("**")
                e.save_module("parcel.many")
                self.assertEqual(e.denied_modules(), ["parcel.inner"])

    # PackageExporter.dependency_graph_string, whose form no upstream test states
    def test_graph_as_dot(self):
        with PackageExporter(BytesIO()) as e:
            e.intern("**")
            e.save_source_string("user", "import lone\n")
            dot = e.dependency_graph_string()
        self.assertIn("digraph", dot)
        self.assertIn("rankdir = LR", dot)
        self.assertIn('"user" -> "lone"', dot)

    # TestMisc.test_is_from_package
    def test_is_from_package(self):
        import parcel.inner
        obj = parcel.inner.Part()
        importer = self.importer_of(self.object_saved(obj))
        loaded = importer.load_pickle("obj", "obj.pkl")
        self.assertTrue(is_from_package(importer.import_module("parcel.inner")))
        self.assertTrue(is_from_package(loaded))
        self.assertFalse(is_from_package(parcel.inner))
        self.assertFalse(is_from_package(obj))

    # TestMisc.test_inspect_class
    def test_source_of_packaged_classes(self):
        import parcel.inner
        importer = self.importer_of(self.object_saved(parcel.inner.Part()))
        packaged = importer.import_module("parcel.inner").Part
        self.assertEqual(inspect.getsourcelines(packaged), inspect.getsourcelines(parcel.inner.Part))

    # TestMisc.test_dunder_package_present, test_dunder_package_works_from_package
    def test_code_can_tell_that_it_is_packaged(self):
        import parcel.aware
        importer = self.importer_of(lambda e: (e.intern("**"), e.save_module("parcel.aware")))
        packaged = importer.import_module("parcel.aware")
        self.assertTrue(hasattr(packaged, "__torch_package__"))
        self.assertTrue(packaged.is_from_package())
        self.assertFalse(parcel.aware.is_from_package())

    # TestRepackage.test_repackage_import_indirectly_via_parent_module: from package to package, and on
    def test_packages_of_packages(self):
        import parcel.many
        importer = self.importer_of(self.object_saved(parcel.many.Many()))
        for _ in range(2):
            obj = importer.load_pickle("obj", "obj.pkl")
            importer = self.importer_of(self.object_saved(obj), importer=(importer, sys_importer))
        self.assertEqual(importer.load_pickle("obj", "obj.pkl").found()[3], ("parcel", "parcel.inner", "parcel.inner.deep"))

    # TestPackageImporter: what is not there is said with the archive's name
    def test_modules_that_are_not_there(self):
        importer = self.importer_of(lambda e: (e.extern("lone"), e.save_source_string("user", "import lone")))
        said = self.said(ModuleNotFoundError, lambda: importer.import_module("parcel"))
        self.assertIn('No module named "parcel" in self-contained archive', said)
        self.assertIn("lone", said)

    def test_an_archive_that_is_none(self):
        with self.assertRaises(Exception):
            PackageImporter(BytesIO(b"no archive"))


if __name__ == "__main__":
    unittest.main()
