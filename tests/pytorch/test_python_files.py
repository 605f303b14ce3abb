"""The Python test files of this repository, whose expectations are PyTorch's, pass under real PyTorch too; and the table of
upstream's tests is up to date."""
import os
import pathlib
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("folder", ["upstream", "rows"])
def test_under_pytorch(folder):
    names = sorted(path.stem for path in (TESTS / folder).glob("test_*.py"))
    done = subprocess.run([sys.executable, "-m", "unittest", *names], capture_output=True, text=True, cwd=TESTS / folder,
                          env={**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"})
    assert done.returncode == 0, done.stderr[-6000:]
    assert names and "Ran 0 tests" not in done.stderr


def test_table_of_upstream_tests():
    done = subprocess.run([sys.executable, TESTS / "upstream" / "make_table.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
