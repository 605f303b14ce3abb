"""Documents that quote PyTorch's test files, run by `fusepack test` on torchvision's real sources and on our package_a.

The two documents that the project was made from are not in the repository; rendition.md is one of our own of the same
form: a code block, a skip to be lifted, imports that were lost."""
import pathlib
import subprocess
import sys

import torchvision

SEEDS = pathlib.Path(__file__).resolve().parents[1] / "seeds"
SITE_PACKAGES = pathlib.Path(torchvision.__file__).resolve().parents[1]


def run(*arguments):
    return subprocess.run([sys.executable, SEEDS / "run_seed", *map(str, arguments)], capture_output=True, text=True)


def test_rendition():
    done = run(SEEDS / "rendition.md", "--path", SITE_PACKAGES)
    assert done.returncode == 0, done.stderr[-6000:]
    assert "\nOK\n" in done.stderr  # nothing skipped
    assert "Ran 4 tests" in done.stderr


def test_what_is_taken_out():
    source = run(SEEDS / "rendition.md", "--list").stdout
    assert "from io import BytesIO" in source and "from unittest import skipIf" in source
    assert "do not run" not in source
