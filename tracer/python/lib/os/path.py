"""Names of paths, as POSIX has them; what exists is what files.h grants."""
import _io

sep = "/"
curdir = "."
pardir = ".."


def _text(path):
    return path.__fspath__() if hasattr(path, "__fspath__") else path


def join(a, *p):
    path = _text(a)
    for part in p:
        part = _text(part)
        if part.startswith("/"):
            path = part
        elif not path or path.endswith("/"):
            path += part
        else:
            path += "/" + part
    return path


def split(p):
    p = _text(p)
    i = p.rfind("/") + 1
    head, tail = p[:i], p[i:]
    if head and head != "/" * len(head):
        head = head.rstrip("/")
    return head, tail


def basename(p):
    p = _text(p)
    return p[p.rfind("/") + 1:]


def dirname(p):
    return split(p)[0]


def splitext(p):
    p = _text(p)
    start = p.rfind("/") + 1
    dot = p.rfind(".")
    if dot > start and p[start:dot].strip("."):
        return p[:dot], p[dot:]
    return p, ""


def splitdrive(p):
    return "", _text(p)


def isabs(s):
    return _text(s).startswith("/")


def normpath(path):
    path = _text(path)
    if not path:
        return "."
    slashes = 2 if path.startswith("//") and not path.startswith("///") else 1 if path.startswith("/") else 0
    parts = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part != ".." or (not slashes and not parts) or (parts and parts[-1] == ".."):
            parts.append(part)
        elif parts:
            parts.pop()
    return "/" * slashes + "/".join(parts) or "."


def abspath(path):
    path = _text(path)
    return normpath(path if isabs(path) else join(_io.getcwd(), path))


realpath = abspath


def expanduser(path):
    return _text(path)


def expandvars(path):
    return _text(path)


def relpath(path, start="."):
    here = [part for part in abspath(start).split("/") if part]
    there = [part for part in abspath(path).split("/") if part]
    common = 0
    while common < min(len(here), len(there)) and here[common] == there[common]:
        common += 1
    return "/".join([".."] * (len(here) - common) + there[common:]) or "."


def commonprefix(m):
    if not m:
        return ""
    low, high = min(m), max(m)
    for i, c in enumerate(low):
        if c != high[i]:
            return low[:i]
    return low


def exists(path):
    return _io.look(_text(path)) is not None


lexists = exists


def isfile(path):
    return _io.look(_text(path)) == "file"


def isdir(s):
    return _io.look(_text(s)) == "folder"


def islink(path):
    return False


def getsize(filename):
    return _io.size(_text(filename))


def samefile(f1, f2):
    return abspath(f1) == abspath(f2)


def commonpath(paths):
    split = [[part for part in _text(path).split("/") if part] for path in paths]
    common = commonprefix(split)
    return ("/" if _text(paths[0]).startswith("/") else "") + "/".join(common)
