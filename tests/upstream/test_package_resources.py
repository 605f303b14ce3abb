"""Resources in packages. Ports, in our own words, of PyTorch's test/package/test_resources.py."""
import unittest
from textwrap import dedent

from packaging_case import PackagingCase


class Resources(PackagingCase):
    # TestResources.test_resource_reader
    def test_reader(self):
        def fill(e):
            for package, name in (("one", "a.txt"), ("one", "b.txt"), ("one.deep", "d.txt"), ("two", "f.txt")):
                e.save_text(package, name, f"text of {name}")

        importer = self.importer_of(fill)
        one = importer.get_resource_reader("one")
        with self.assertRaises(FileNotFoundError):
            one.resource_path("a.txt")
        self.assertTrue(one.is_resource("a.txt"))
        self.assertFalse(one.is_resource("deep"))
        self.assertEqual(bytes(one.open_resource("a.txt").getbuffer()), b"text of a.txt")
        self.assertEqual(sorted(one.contents()), ["a.txt", "b.txt", "deep"])
        deep = importer.get_resource_reader("one.deep")
        self.assertEqual(list(deep.contents()), ["d.txt"])
        self.assertEqual(bytes(deep.open_resource("d.txt").getbuffer()), b"text of d.txt")
        self.assertIsNone(importer.get_resource_reader("three"))

    # TestResources.test_package_resource_access
    def test_importlib_resources(self):
        source = dedent("""\
            import importlib.resources
            import letters

            def read():
                return importlib.resources.read_text(letters, 'a.txt')
            """)
        importer = self.importer_of(lambda e: (e.save_source_string("a.reader", source), e.save_text("letters", "a.txt", "alpha")))
        self.assertEqual(importer.import_module("a.reader").read(), "alpha")

    # TestResources.test_importer_access
    def test_own_importer(self):
        source = dedent("""\
            import torch_package_importer as resources

            text = resources.load_text('main', 'note')
            data = resources.load_binary('main', 'note_bytes')
            """)

        def fill(e):
            e.save_text("main", "note", "näme")
            e.save_binary("main", "note_bytes", b"\x00\x01")
            e.save_source_string("main", source, is_package=True)

        main = self.importer_of(fill).import_module("main")
        self.assertEqual((main.text, main.data), ("näme", b"\x00\x01"))

    # TestResources.test_resource_access_by_path
    def test_path_of_a_resource(self):
        source = dedent("""\
            import importlib.resources
            import letters

            def read():
                with importlib.resources.path(letters, 'a.txt') as path:
                    with open(path, mode='r', encoding='utf-8') as f:
                        return f.read()
            """)
        importer = self.importer_of(lambda e: (e.save_source_string("reader", source), e.save_text("letters", "a.txt", "alpha")))
        self.assertEqual(importer.import_module("reader").read(), "alpha")

    # PackageExporter's and PackageImporter's own: text, bytes, names
    def test_text_and_bytes(self):
        importer = self.importer_of(lambda e: (e.save_text("p", "t", "grün"), e.save_binary("p.q", "b", bytes(range(256)))))
        self.assertEqual(importer.load_text("p", "t"), "grün")
        self.assertEqual(importer.load_binary("p", "t"), "grün".encode("utf-8"))
        self.assertEqual(importer.load_binary("p.q", "b"), bytes(range(256)))

    def test_names_are_file_names(self):
        with self.assertRaises(ValueError):
            self.saved(lambda e: e.save_text("p", "a/b", "x"))


if __name__ == "__main__":
    unittest.main()
