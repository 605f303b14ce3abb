"""The base class of test files that write archives to paths: PackageTestCase, whose temp() names a file of its own."""
from tempfile import NamedTemporaryFile

from torch.testing._internal.common_utils import TestCase


class PackageTestCase(TestCase):
    def setUp(self):
        super().setUp()
        self._files = []

    def temp(self):
        file = NamedTemporaryFile()
        self._files.append(file)
        return file.name

    def tearDown(self):
        for file in self._files:
            file.close()
        super().tearDown()
