#!/usr/bin/env python3
"""Prints identifier_ranges.inc: the non-ASCII characters that Python allows in identifiers.

Characters that NFKC changes, or that may combine with the one before them, are left out: the lexer compares
identifiers byte by byte, which is right only for text that is in NFKC already.
"""
import unicodedata


def plain(c):
    if unicodedata.normalize("NFKC", c) != c:
        return False
    return all(unicodedata.normalize("NFKC", base + c) == base + c for base in "aeiouAEIOUncsyzNCSYZ<>=")


def ranges(keep):
    out = []
    for i in range(0x80, 0x110000):
        if 0xD800 <= i < 0xE000 or not plain(chr(i)) or not keep(chr(i)):
            continue
        if out and out[-1][1] == i - 1:
            out[-1][1] = i
        else:
            out.append([i, i])
    return out


def table(name, keep):
    print(f"constexpr CodePointRange {name}[] = {{")
    line = "   "
    for first, last in ranges(keep):
        item = f" {{0x{first:x}, 0x{last:x}}},"
        if len(line) + len(item) > 110:
            print(line)
            line = "   "
        line += item
    print(line)
    print("};")


print("// Made by identifier_ranges.py from Unicode", unicodedata.unidata_version + "; sorted, closed ranges.")
table("kIdentifierStart", str.isidentifier)
table("kIdentifierPart", lambda c: ("a" + c).isidentifier() and not c.isidentifier())
