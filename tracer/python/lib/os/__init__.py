"""The pure part of os: names of paths. There is no file system and the environment is empty."""
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


def getcwd():
    return "/"


def cpu_count():
    return 1


def getpid():
    return 1


def _refuse(name):
    raise OSError(f"os.{name} is outside the subset: there is no file system")


def listdir(path="."):
    _refuse("listdir")


def makedirs(name, mode=0o777, exist_ok=False):
    _refuse("makedirs")


def mkdir(path, mode=0o777):
    _refuse("mkdir")


def remove(path):
    _refuse("remove")


def walk(top, topdown=True, onerror=None, followlinks=False):
    _refuse("walk")
