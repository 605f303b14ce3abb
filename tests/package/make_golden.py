"""Writes golden/*.pt: the archives of programs/write_archives.py by a real PyTorch. Those with mocks are by fusepack: PyTorch
puts a source of its own into them, which is not ours to keep here (tests/pytorch reads PyTorch's).

    bazel build //tests/package:write_archives && python tests/package/make_golden.py
"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE / "golden"
sys.path.insert(0, str(HERE / "programs"))

import write_archives

GOLDEN.mkdir(exist_ok=True)
for name, content in write_archives.archives().items():
    (GOLDEN / f"{name}.pt").write_bytes(content)
with tempfile.TemporaryDirectory() as folder:
    subprocess.run([HERE.parents[1] / "bazel-bin/tests/package/write_archives", HERE / "programs", folder], check=True)
    for name in ["mocked_3", "mocked_4"]:
        (GOLDEN / f"{name}.pt").write_bytes((pathlib.Path(folder) / f"{name}.pt").read_bytes())
