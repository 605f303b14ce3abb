"""What the package tests share: saving to memory and loading it again."""
import inspect
import unittest
from io import BytesIO

from torch.package import PackageExporter, PackageImporter


# fusepack's exporter takes some of PyTorch's errors for notes unless it is told to be strict.
STRICT = {"strict": True} if "strict" in inspect.signature(PackageExporter.__init__).parameters else {}


class PackagingCase(unittest.TestCase):
    def saved(self, fill, importer=None, **options):
        """The archive that fill(exporter) made, as a file at its start."""
        file = BytesIO()
        if importer is not None:
            options["importer"] = importer
        with PackageExporter(file, **options) as exporter:
            fill(exporter)
        file.seek(0)
        return file

    def importer_of(self, fill, importer=None):
        return PackageImporter(self.saved(fill, importer))

    def object_saved(self, obj, patterns=("**",)):
        def fill(exporter):
            for pattern in patterns:
                exporter.intern(pattern)
            exporter.save_pickle("obj", "obj.pkl", obj)

        return fill

    def said(self, kind, action):
        with self.assertRaises(kind) as caught:
            action()
        return str(caught.exception)
