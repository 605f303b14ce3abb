"""The Python test files of this repository, whose expectations are PyTorch's, pass under real PyTorch too; and the table of
upstream's tests is up to date."""
import os
import pathlib
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
FILES = sorted(TESTS.glob("upstream/test_*.py")) + sorted(TESTS.glob("rows/test_*.py"))


def run(file, *command):
    done = subprocess.run([*command, str(file)], capture_output=True, text=True, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    assert done.returncode == 0, done.stderr[-6000:]
    return done.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_under_pytorch(file):
    report = run(file, sys.executable)
    assert "\nOK" in report and "Ran 0 tests" not in report


def test_table_of_upstream_tests():
    done = subprocess.run([sys.executable, TESTS / "upstream" / "make_table.py", "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
