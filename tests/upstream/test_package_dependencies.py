"""intern, extern, mock, deny, and hooks. Ports, in our own words, of PyTorch's test/package/test_dependency_api.py and
test_dependency_hooks.py."""
import unittest

from packaging_case import STRICT, PackagingCase
from torch.package import EmptyMatchError, Importer, PackageExporter, PackagingError


class Actions(PackagingCase):
    # TestDependencyAPI.test_extern
    def test_extern(self):
        def fill(e):
            e.extern(["parcel.inner", "lone"])
            e.save_source_string("user", "import parcel.inner; import lone")

        importer = self.importer_of(fill)
        import lone
        import parcel.inner
        self.assertIs(importer.import_module("lone"), lone)
        self.assertIs(importer.import_module("parcel.inner"), parcel.inner)
        packaged = importer.import_module("parcel")
        self.assertIsNot(packaged, parcel)
        self.assertIs(packaged.inner, parcel.inner)

    # TestDependencyAPI.test_extern_glob
    def test_extern_by_pattern(self):
        def fill(e):
            e.extern(["parcel.*", "lo*"])
            e.save_module("parcel")
            e.save_source_string("user", "import parcel.inner\nimport lone\n")

        importer = self.importer_of(fill)
        import lone
        import parcel.inner
        self.assertIs(importer.import_module("lone"), lone)
        self.assertIs(importer.import_module("parcel.inner"), parcel.inner)
        self.assertIsNot(importer.import_module("parcel"), parcel)

    # TestDependencyAPI.test_extern_glob_allow_empty, test_mock_glob_allow_empty
    def test_patterns_that_must_match(self):
        for action in ("extern", "mock", "intern"):
            with self.subTest(action=action):
                def fill(e):
                    getattr(e, action)(include=["elsewhere.*"], allow_empty=False)
                    e.save_module("parcel.inner")

                self.assertIn("did not match any modules", self.said(EmptyMatchError, lambda: self.saved(fill)))

    # TestDependencyAPI.test_deny, test_deny_glob
    def test_deny(self):
        for patterns in (["parcel.inner", "lone"], ["parcel.*", "lo*"]):
            def fill(e):
                e.deny(patterns)
                e.save_source_string("user", "import parcel.inner\nimport lone\n")

            said = self.said(PackagingError, lambda: self.saved(fill))
            self.assertIn("denied", said)
            self.assertIn("parcel.inner", said)

    # TestDependencyAPI.test_mock, test_mock_glob
    def test_mock(self):
        for patterns in (["parcel.inner", "lone"], ["parcel.*", "lo*"]):
            def fill(e):
                e.mock(patterns)
                e.save_source_string("user", "import parcel.inner\nimport lone\n")

            stub = self.importer_of(fill).import_module("parcel.inner").label
            self.assertIn("was mocked out", self.said(NotImplementedError, lambda: stub()))

    # TestDependencyAPI.test_pickle_mocked
    def test_objects_of_mocked_modules(self):
        import parcel.inner

        def fill(e):
            e.mock("parcel.inner")
            e.intern("**")
            e.save_pickle("obj", "obj.pkl", parcel.Holder(parcel.inner.Part()))

        said = self.said(PackagingError, lambda: self.saved(fill))
        self.assertIn("mocked out", said)
        self.assertIn("parcel.inner", said)

    # TestDependencyAPI.test_allow_empty_with_error
    def test_the_first_error_is_the_one_shown(self):
        def fill(e):
            e.extern("never", allow_empty=False)
            e.save_module("there_is_no_such_module")

        with self.assertRaises(ModuleNotFoundError):
            self.saved(fill)

    # TestDependencyAPI.test_implicit_intern
    def test_saving_a_module_interns_it(self):
        self.saved(lambda e: e.save_module("parcel"))

    # TestDependencyAPI.test_intern_error
    def test_modules_without_action(self):
        import parcel.inner
        obj = parcel.Holder(parcel.inner.Part())
        said = self.said(PackagingError, lambda: self.saved(self.object_saved(obj, patterns=())))
        lines = [line.strip() for line in said.strip().split("\n")]
        self.assertEqual(lines[0], "* Module did not match against any action pattern. Extern, mock, or intern it.")
        self.assertEqual(lines[1], "parcel")
        self.assertIn("parcel.inner", lines)
        self.saved(self.object_saved(obj, patterns=("parcel", "parcel.inner")))

    # TestDependencyAPI.test_broken_dependency
    def test_extension_modules(self):
        import types

        class Broken(Importer):
            def import_module(self, module_name):
                module = types.ModuleType(module_name)
                module.__file__ = f"{module_name}.so"
                return module

        def fill(e):
            e.intern(["one", "two"])
            e.save_source_string("user", "import one; import two")

        said = self.said(PackagingError, lambda: self.saved(fill, importer=Broken(), **STRICT))
        self.assertIn("C extension module", said)
        self.assertIn("one", said)

    # TestDependencyAPI.test_invalid_import
    def test_relative_import_beyond_the_top(self):
        said = self.said(PackagingError, lambda: self.saved(lambda e: e.save_source_string("user", "from ..... import x")))
        self.assertIn("Dependency resolution failed.", said)
        self.assertIn("attempted relative import beyond top-level package", said)

    # TestDependencyAPI.test_repackage_mocked_module
    def test_mocks_packaged_again(self):
        first = self.importer_of(lambda e: (e.mock("parcel"), e.save_source_string("user", "import parcel")))
        with self.assertRaises(NotImplementedError):
            first.import_module("user").parcel.something()
        second = self.importer_of(
            lambda e: (e.intern("parcel"), e.mock("**"), e.save_source_string("user", "import parcel")), importer=first)
        with self.assertRaises(NotImplementedError):
            second.import_module("user").parcel.something()

    # The first pattern that matches decides (package_exporter.add_dependency)
    def test_order_of_patterns(self):
        def fill(e):
            e.extern("parcel.inner")
            e.intern("parcel.**")
            e.save_source_string("user", "import parcel.inner\nimport parcel.inner.deep\nimport parcel.many\n")
            self.assertEqual(e.externed_modules(), ["parcel.inner"])
            self.assertIn("parcel.many", e.interned_modules())
            self.assertIn("parcel.inner.deep", e.interned_modules())

        self.saved(fill)


class Hooks(PackagingCase):
    def seen(self, register, sources="import lone"):
        log = []

        def fill(e):
            e.extern(["parcel.inner", "lone"])
            e.mock("parcel")
            register(e, log)
            e.save_source_string("user", sources)

        self.saved(fill)
        return log

    # TestDependencyHooks.test_single_hook
    def test_one_hook(self):
        log = self.seen(lambda e, log: e.register_extern_hook(lambda exporter, name: log.append(name)))
        self.assertEqual(log, ["lone"])

    # TestDependencyHooks.test_multiple_extern_hooks, test_multiple_mock_hooks
    def test_hooks_in_order(self):
        def register(e, log):
            for i in range(2):
                e.register_extern_hook(lambda exporter, name, i=i: log.append(("extern", i, name)))
                e.register_mock_hook(lambda exporter, name, i=i: log.append(("mock", i, name)))

        self.assertEqual(self.seen(register), [("extern", 0, "lone"), ("extern", 1, "lone")])
        self.assertEqual(self.seen(register, "import parcel"), [("mock", 0, "parcel"), ("mock", 1, "parcel")])

    # TestDependencyHooks.test_remove_hooks
    def test_removed_hook(self):
        def register(e, log):
            handle = e.register_extern_hook(lambda exporter, name: log.append("first"))
            e.register_extern_hook(lambda exporter, name: log.append("second"))
            handle.remove()

        self.assertEqual(self.seen(register), ["second"])

    # TestDependencyHooks.test_extern_and_mock_hook
    def test_kinds_of_hooks(self):
        def register(e, log):
            e.register_extern_hook(lambda exporter, name: log.append(("extern", name, type(exporter) is PackageExporter)))
            e.register_mock_hook(lambda exporter, name: log.append(("mock", name, type(exporter) is PackageExporter)))
            e.register_intern_hook(lambda exporter, name: log.append(("intern", name, type(exporter) is PackageExporter)))

        self.assertEqual(self.seen(register, "import lone; import parcel"),
                         [("intern", "user", True), ("extern", "lone", True), ("mock", "parcel", True)])


if __name__ == "__main__":
    unittest.main()
