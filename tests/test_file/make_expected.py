"""Writes *.report: what CPython's unittest says of the files here, less what no two runs or machines share.

    python3.11 make_expected.py
"""
import pathlib
import re
import subprocess
import sys


def plain(report, path):
    """Without times, folders, and the marks below a part of a line that Python 3.11 prints."""
    report = report.replace(str(path.parent) + "/", "")
    report = re.sub(r"^ +[~^]+\n", "", report, flags=re.M)
    return re.sub(r"in \d+\.\d+s", "in ?s", report)


if __name__ == "__main__":
    here = pathlib.Path(__file__).resolve().parent
    for name, flags in (("cases", []), ("cases", ["-v"])):
        path = here / f"{name}.py"
        run = subprocess.run([sys.executable, str(path), *flags], capture_output=True, text=True)
        text = plain(run.stderr, path) + "--- prints\n" + run.stdout + f"--- exit {run.returncode}\n"
        (here / f"{name}{''.join(flags)}.report").write_text(text)
