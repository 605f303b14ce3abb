"""Writes programs/*.out: what this CPython prints for programs/*.py. Run it with CPython 3.11 after changing one."""
import glob
import os
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
for path in sorted(glob.glob(os.path.join(here, "programs", "*.py"))):
    run = subprocess.run([sys.executable, "-W", "ignore", path], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{path}: {run.stderr}")
    with open(path[:-3] + ".out", "w") as out:
        out.write(run.stdout)
