"""TorchScript of packaged and of traced modules. Ports, in our own words, of tests of PyTorch's
test/package/test_package_script.py and test/test_fx.py (TestFX)."""
import unittest
from io import BytesIO
from textwrap import dedent
from typing import List

import torch
import torch.fx
from packaging_case import PackagingCase
from torch.fx import symbolic_trace
from torch.package import sys_importer

SOURCE = dedent("""\
    import torch
    from torch import Tensor


    @torch.jit.interface
    class Part(torch.nn.Module):
        def one(self, x: Tensor) -> Tensor:
            pass


    class Adds(torch.nn.Module):
        def one(self, x: Tensor) -> Tensor:
            return x + {added}

        def forward(self, x: Tensor) -> Tensor:
            return self.one(x)


    class Uses(torch.nn.Module):
        part: Part

        def __init__(self):
            super().__init__()
            self.part = Adds()

        def forward(self, x: Tensor) -> Tensor:
            return self.part.one(x)


    class Scales(torch.nn.Module):
        def __init__(self, by):
            super().__init__()
            self.by = by

        def forward(self, x: Tensor) -> Tensor:
            if x.sum() > 0:
                return x * self.by
            return -x


    class Nested(torch.nn.Module):
        def __init__(self, by, times: int):
            super().__init__()
            self.inner = Scales(by)
            self.times = times

        def forward(self, x: Tensor) -> Tensor:
            for _ in range(self.times):
                x = self.inner(x) + 1
            return x
    """)


class Scripting(PackagingCase):
    def package(self, added=1):
        return self.importer_of(lambda e: e.save_source_string("parts", SOURCE.replace("{added}", str(added))))

    def same(self, actual, expected):
        torch.testing.assert_close(actual, expected)

    # TestPackageScript.test_package_interface
    def test_interface_from_a_package(self):
        uses = self.package().import_module("parts").Uses()
        x = torch.tensor([1.0, 2.0])
        self.same(torch.jit.script(uses)(x), x + 1)

    # TestPackageScript.test_different_package_interface
    def test_interfaces_of_two_packages(self):
        first, second = self.package(1), self.package(5)
        x = torch.tensor([1.0])
        self.same(torch.jit.script(first.import_module("parts").Uses())(x), x + 1)
        self.same(torch.jit.script(second.import_module("parts").Uses())(x), x + 5)

    # TestPackageScript.test_saving_and_scripting_packaged_mod
    def test_packaged_module_is_scripted_after_loading(self):
        importer = self.package()
        model = importer.import_module("parts").Nested(torch.tensor([0.5, 2.0]), 3)

        def fill(e):
            e.intern("**")
            e.save_pickle("model", "model.pkl", model)

        loaded = self.importer_of(fill, importer=(importer, sys_importer)).load_pickle("model", "model.pkl")
        scripted = torch.jit.script(loaded)
        for x in (torch.tensor([1.0, 2.0]), torch.tensor([-3.0, 1.0])):
            self.same(scripted(x), model(x))
            self.same(scripted(x), loaded(x))

    # TestPackageScript.test_package_script_class_referencing_self: saved to a buffer and loaded
    def test_saved_and_loaded(self):
        model = self.package().import_module("parts").Nested(torch.tensor([0.5, 2.0]), 2)
        scripted = torch.jit.script(model)
        x = torch.tensor([1.0, -0.5])
        self.same(torch.jit.load(BytesIO(scripted.save_to_buffer()))(x), model(x))
        file = BytesIO()
        torch.jit.save(scripted, file)
        file.seek(0)
        self.same(torch.jit.load(file)(x), model(x))


class TracedScripts(PackagingCase):
    def same(self, actual, expected):
        torch.testing.assert_close(actual, expected)

    # TestFX.test_script_tensor_constant
    def test_traced_module_with_a_constant(self):
        class M(torch.nn.Module):
            def forward(self, x):
                return torch.relu(x + torch.ones(3, 4))

        traced = symbolic_trace(M())
        x = torch.randn(3, 4)
        self.same(torch.jit.script(traced)(x), traced(x))

    # TestFX.test_fn_type_annotation_empty, test_return_type_exists
    def test_annotations(self):
        def first(a: List[torch.Tensor]):
            return a[0]

        x = torch.rand(2)
        self.same(torch.jit.script(symbolic_trace(first))([x]), x)

    # TestFX.test_script_method_trace
    def test_scripted_module_inside_a_trace(self):
        class Rectifies(torch.nn.Module):
            def forward(self, x):
                return torch.relu(x)

        class Holds(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.s = torch.jit.script(Rectifies())

            def forward(self, x):
                return self.s(x) * 2

        holds = Holds()
        x = torch.randn(5)
        self.same(symbolic_trace(holds)(x), holds(x))


if __name__ == "__main__":
    unittest.main()
