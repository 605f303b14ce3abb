"""Importers and their order. Ports, in our own words, of PyTorch's test/package/test_importer.py."""
import unittest

import torch
from packaging_case import PackagingCase
from torch.package import Importer, ObjMismatchError, ObjNotFoundError, OrderedImporter, sys_importer


class Importers(PackagingCase):
    # TestImporter.test_sys_importer
    def test_sys_importer(self):
        import parcel
        import parcel.inner
        self.assertIs(sys_importer.import_module("parcel"), parcel)
        self.assertIs(sys_importer.import_module("parcel.inner"), parcel.inner)

    # TestImporter.test_sys_importer_roundtrip
    def test_name_and_back(self):
        from parcel.inner import Part
        module, name = sys_importer.get_name(Part)
        self.assertEqual((module, name), ("parcel.inner", "Part"))
        self.assertIs(getattr(sys_importer.import_module(module), name), Part)

    # TestImporter.test_single_ordered_importer
    def test_one_importer_in_order(self):
        import lone  # noqa: F401
        import parcel
        importer = self.importer_of(lambda e: e.save_module("parcel"))
        ordered = OrderedImporter(importer)
        self.assertIs(ordered.import_module("parcel"), importer.import_module("parcel"))
        self.assertIsNot(ordered.import_module("parcel"), parcel)
        with self.assertRaises(ModuleNotFoundError):
            ordered.import_module("lone")

    # TestImporter.test_ordered_importer_basic
    def test_order(self):
        import parcel
        importer = self.importer_of(lambda e: e.save_module("parcel"))
        self.assertIs(OrderedImporter(sys_importer, importer).import_module("parcel"), parcel)
        self.assertIs(OrderedImporter(importer, sys_importer).import_module("parcel"), importer.import_module("parcel"))

    # TestImporter.test_ordered_importer_whichmodule
    def test_whichmodule_asks_each(self):
        class Says(Importer):
            def __init__(self, answer):
                self.answer = answer

            def import_module(self, module_name):
                raise NotImplementedError

            def whichmodule(self, obj, name):
                return self.answer

        one, two, nobody = Says("one"), Says("two"), Says("__main__")
        self.assertEqual(OrderedImporter(one, two).whichmodule(object(), ""), "one")
        self.assertEqual(OrderedImporter(two, one).whichmodule(object(), ""), "two")
        self.assertEqual(OrderedImporter(nobody, two).whichmodule(object(), ""), "two")

    # TestImporter.test_package_importer_whichmodule_no_dunder_module
    def test_objects_without_module(self):
        importer = self.importer_of(lambda e: e.save_pickle("obj", "obj.pkl", torch.float16))
        loaded = importer.load_pickle("obj", "obj.pkl")
        self.assertIs(loaded, torch.float16)
        again = self.importer_of(lambda e: e.save_pickle("obj", "obj.pkl", loaded), importer=importer)
        self.assertIs(again.load_pickle("obj", "obj.pkl"), torch.float16)

    # Importer.get_name's errors (torch/package/importer.py), which test_save_load asks only as PicklingErrors
    def test_names_that_are_not_found(self):
        class Local:
            pass

        with self.assertRaises(ObjNotFoundError):
            sys_importer.get_name(Local)
        importer = self.importer_of(lambda e: (e.intern("**"), e.save_module("parcel")))
        from parcel import Holder
        with self.assertRaises(ObjMismatchError):
            importer.get_name(Holder)


if __name__ == "__main__":
    unittest.main()
