"""Paths, and files where they are granted (tracer/python/files.h; there are none otherwise). The environment is empty."""
import _io

from . import path

name = "posix"
sep = "/"
altsep = None
extsep = "."
pathsep = ":"
linesep = "\n"
curdir = "."
pardir = ".."
devnull = "/dev/null"
environ = {}
SEEK_SET = 0
SEEK_CUR = 1
SEEK_END = 2
error = OSError


class PathLike:
    @classmethod
    def __class_getitem__(cls, item):
        return cls


def getenv(key, default=None):
    return environ.get(key, default)


def fspath(path):
    if isinstance(path, (str, bytes)):
        return path
    method = getattr(type(path), "__fspath__", None)
    if method is None:
        raise TypeError(f"expected str, bytes or os.PathLike object, not {type(path).__name__}")
    return method(path)


def fsdecode(filename):
    filename = fspath(filename)
    return filename.decode() if isinstance(filename, bytes) else filename


def getcwd():
    return _io.getcwd()


def cpu_count():
    return 1


def getpid():
    return 1


def close(fd):
    pass


def listdir(path="."):
    return _io.listdir(fsdecode(path))


def mkdir(path, mode=0o777):
    _io.mkdir(fsdecode(path))


def makedirs(name, mode=0o777, exist_ok=False):
    name = fsdecode(name)
    if path.isdir(name):
        if exist_ok:
            return
    else:
        head = path.dirname(name.rstrip("/"))
        if head and not path.exists(head):
            makedirs(head, mode, True)
    _io.mkdir(name.rstrip("/") or "/")


def remove(path):
    _io.remove(fsdecode(path))


unlink = remove


def rmdir(path):
    _io.rmdir(fsdecode(path))


def rename(src, dst):
    _io.rename(fsdecode(src), fsdecode(dst))


replace = rename


def walk(top, topdown=True, onerror=None, followlinks=False):
    top = fsdecode(top)
    if not path.isdir(top):
        return
    folders, files = [], []
    for name in _io.listdir(top):
        (folders if path.isdir(path.join(top, name)) else files).append(name)
    if topdown:
        yield top, folders, files
    for name in folders:
        yield from walk(path.join(top, name), topdown)
    if not topdown:
        yield top, folders, files


class stat_result:
    def __init__(self, size):
        self.st_size = size


def stat(path):
    return stat_result(_io.size(fsdecode(path)))
