"""Names against shell patterns."""
import re as _re


def translate(pat):
    out = ""
    i = 0
    while i < len(pat):
        c = pat[i]
        i += 1
        if c == "*":
            out += ".*"
        elif c == "?":
            out += "."
        elif c == "[":
            end = pat.find("]", i + 1)
            if end < 0:
                out += "\\["
                continue
            inside = pat[i:end].replace("\\", "\\\\")
            out += "[^" + inside[1:] + "]" if inside.startswith("!") else "[" + inside + "]"
            i = end + 1
        else:
            out += _re.escape(c)
    return f"(?s:{out})\\Z"


def fnmatchcase(name, pat):
    return _re.match(translate(pat), name) is not None


fnmatch = fnmatchcase


def filter(names, pat):
    return [name for name in names if fnmatchcase(name, pat)]
