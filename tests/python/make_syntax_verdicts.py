#!/usr/bin/env python3.11
"""Writes syntax_verdicts.txt: what CPython 3.11 says of every source made from syntax_seeds.txt.

A line is a verdict and a source as a JSON string:
    + source           CPython compiles it; the next line is `= ` and ast.dump of it, for seeds
    - source           it does not
Besides the seeds there are their mutants: a token left out, doubled, exchanged with its neighbour or with a token of
another seed. The choice is fixed by a seed of the random generator, so the file is reproducible.

    python3.11 make_syntax_verdicts.py > syntax_verdicts.txt
"""
import ast
import io
import json
import os
import random
import re
import sys
import tokenize
import warnings

warnings.simplefilter("ignore")
MUTANTS = 3500
# What is refused here and compiles there, by design: see grammar.txt.
UNLIKE = re.compile(r"\\N\{")


def accepts(source):
    try:
        compile(source.encode(), "x.py", "exec", dont_inherit=True)
        return True
    except (SyntaxError, ValueError):
        return False


def dump(node):
    """ast.dump, with strings in ASCII."""
    if isinstance(node, list):
        return "[" + ", ".join(dump(x) for x in node) + "]"
    if isinstance(node, str):
        return ascii(node)
    if not isinstance(node, ast.AST):
        return repr(node)
    fields = []
    for name in node._fields:
        value = getattr(node, name, None)
        if value is None and getattr(type(node), name, ...) is None:
            continue
        fields.append(f"{name}={dump(value)}")
    return f"{type(node).__name__}({', '.join(fields)})"


def pieces(source):
    """The source cut at its tokens, white space kept with the token after it."""
    cuts = {0, len(source)}
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            for row, column in (token.start, token.end):
                if row <= len(lines):
                    cuts.add(min(starts[row - 1] + column, len(source)))
    except (tokenize.TokenError, IndentationError):
        pass
    cuts = sorted(cuts)
    return [source[a:b] for a, b in zip(cuts, cuts[1:])]


def mutants(seeds, rng):
    cut = [pieces(seed) for seed in seeds]
    everything = [p for c in cut for p in c if p.strip()]
    while True:
        tokens = list(rng.choice(cut))
        i = rng.randrange(len(tokens))
        kind = rng.randrange(5)
        if kind == 0:
            del tokens[i]
        elif kind == 1:
            tokens.insert(i, " " + tokens[i])
        elif kind == 2 and i + 1 < len(tokens):
            tokens[i], tokens[i + 1] = tokens[i + 1], tokens[i]
        elif kind == 3:
            tokens[i] = rng.choice(everything)
        else:
            tokens.insert(i, " " + rng.choice(everything) + " ")
        yield "".join(tokens)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "syntax_seeds.txt"), encoding="utf-8", newline="") as file:
        seeds = file.read().split("---\n")
    seen = set()
    for seed in seeds:
        seen.add(seed)
        if accepts(seed):
            print("+", json.dumps(seed))
            print("=", dump(ast.parse(seed)))
        else:
            print("-", json.dumps(seed))
    rng = random.Random(311)
    for mutant in mutants(seeds, rng):
        if len(seen) >= len(seeds) + MUTANTS:
            break
        if mutant in seen or UNLIKE.search(mutant):
            continue
        seen.add(mutant)
        print("+" if accepts(mutant) else "-", json.dumps(mutant))


if __name__ == "__main__":
    sys.exit(main())
