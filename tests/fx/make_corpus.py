"""Writes corpus/NAME.txt for every corpus/NAME.py: what real torch.fx makes of it.

Each source has run(), which gives a Graph or raises. A result holds the graph as text, its code, and the names of the
globals that the code refers to; an error its class and message. Run it with PyTorch 2.15:

    python tests/fx/make_corpus.py [NAME ...]
"""
import importlib
import pathlib
import sys
import warnings

import torch
import torch.fx
from torch.fx.graph import _custom_builtins

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"


def result(name: str) -> str:
    try:
        graph = importlib.import_module(name).run()
        code = graph.python_code("self")
    except Exception as e:
        return f"{type(e).__name__}: {e}\n"
    names = [n for n in code.globals if n not in _custom_builtins]
    return f"{graph}\n---{code.src}\n---\nglobals: {' '.join(names)}\n"


def main() -> None:
    warnings.simplefilter("ignore")
    sys.path.insert(0, str(CORPUS))
    sys.dont_write_bytecode = True
    for path in sorted(CORPUS.glob("*.py")):
        if len(sys.argv) > 1 and path.stem not in sys.argv[1:]:
            continue
        path.with_suffix(".txt").write_text(result(path.stem))


if __name__ == "__main__":
    main()
