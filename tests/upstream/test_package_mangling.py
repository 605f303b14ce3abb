"""Names of packaged modules. Ports, in our own words, of PyTorch's test/package/test_mangling.py."""
import unittest

from packaging_case import PackagingCase
from torch.package._mangling import PackageMangler, demangle, get_mangle_prefix, is_mangled


class Mangling(PackagingCase):
    # TestMangling.test_unique_manglers, test_mangler_is_consistent
    def test_each_mangler_its_own(self):
        a, b = PackageMangler(), PackageMangler()
        self.assertNotEqual(a.mangle("x.y"), b.mangle("x.y"))
        self.assertEqual(a.mangle("x.y"), a.mangle("x.y"))

    # TestMangling.test_roundtrip_mangling, test_demangler_multiple_manglers
    def test_demangle(self):
        for mangler in (PackageMangler(), PackageMangler()):
            for name in ("x", "x.y", "x.y.z"):
                self.assertEqual(demangle(mangler.mangle(name)), name)
        self.assertEqual(demangle("x.y"), "x.y")

    # TestMangling.test_is_mangled
    def test_is_mangled(self):
        mangled = PackageMangler().mangle("x.y")
        self.assertTrue(is_mangled(mangled))
        self.assertFalse(is_mangled("x.y"))
        self.assertFalse(is_mangled(demangle(mangled)))

    # TestMangling.test_mangle_empty_errors
    def test_nothing_cannot_be_mangled(self):
        with self.assertRaises(AssertionError):
            PackageMangler().mangle("")

    # TestMangling.test_demangle_base, test_mangle_prefix
    def test_prefix(self):
        mangled = PackageMangler().mangle("x.y")
        self.assertEqual(get_mangle_prefix(mangled) + ".x.y", mangled)
        self.assertEqual(demangle(mangled.partition(".")[0]), "")

    # TestMangling.test_unique_module_names
    def test_modules_of_two_importers(self):
        import parcel.inner
        fill = self.object_saved(parcel.Holder(parcel.inner.Part()))
        first = self.importer_of(fill).load_pickle("obj", "obj.pkl")
        second = self.importer_of(fill).load_pickle("obj", "obj.pkl")
        names = {type(first).__module__, type(second).__module__, parcel.Holder.__module__}
        self.assertEqual(len(names), 3)
        self.assertEqual({demangle(name) for name in names}, {"parcel"})


if __name__ == "__main__":
    unittest.main()
