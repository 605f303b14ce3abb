"""Archives of every row and of every way of packaging, both ways: tests/package/programs/write_archives.py runs under real
PyTorch and under fusepack, and so does read_archives.py on what either wrote."""
import importlib
import shutil
import subprocess
import sys

import pytest

from conftest import REPOSITORY

PROGRAMS = REPOSITORY / "tests" / "package" / "programs"
WRITER = REPOSITORY / "bazel-bin" / "tests" / "package" / "write_archives"


@pytest.fixture(scope="module")
def by_pytorch(tmp_path_factory):
    """The folder with real PyTorch's archives."""
    folder = tmp_path_factory.mktemp("pytorch")
    sys.path.insert(0, str(PROGRAMS))
    try:
        for name, content in importlib.import_module("write_archives").archives().items():
            (folder / f"{name}.pt").write_bytes(content)
    finally:
        sys.path.remove(str(PROGRAMS))
    shutil.copy(PROGRAMS / "read_archives.py", folder)
    return folder


def written_by_fusepack(folder):
    done = subprocess.run([str(WRITER), str(PROGRAMS), str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    shutil.copy(PROGRAMS / "read_archives.py", folder)
    return folder


@pytest.fixture(scope="module")
def by_fusepack(tmp_path_factory):
    return written_by_fusepack(tmp_path_factory.mktemp("fusepack"))


def read_with_pytorch(folder):
    done = subprocess.run([sys.executable, "-W", "ignore", "read_archives.py"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_pytorch_to_pytorch(by_pytorch):
    """What the programs expect is what PyTorch does."""
    read_with_pytorch(by_pytorch)


def test_pytorch_to_fusepack(by_pytorch, fusepack):
    fusepack("test", by_pytorch / "read_archives.py")


def test_fusepack_to_pytorch(by_fusepack):
    read_with_pytorch(by_fusepack)


def test_fusepack_to_fusepack(by_fusepack, fusepack):
    fusepack("test", by_fusepack / "read_archives.py")


def test_same_bytes(by_fusepack, tmp_path):
    again = written_by_fusepack(tmp_path)
    for archive in sorted(by_fusepack.glob("*.pt")):
        assert archive.read_bytes() == (again / archive.name).read_bytes(), archive.name
