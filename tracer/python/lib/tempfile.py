"""Temporary files, where files are granted (tracer/python/files.h): in memory, with names that count up."""
import io as _io
import os as _os

tempdir = None
template = "tmp"
_count = [0]


def gettempdir():
    return tempdir or "/tmp"


def gettempprefix():
    return template


def _fresh_name(suffix, prefix, dir):
    folder = gettempdir() if dir is None else _os.fspath(dir)
    while True:
        _count[0] += 1
        path = _os.path.join(folder, f"{template if prefix is None else prefix}{_count[0]:08d}{suffix or ''}")
        if not _os.path.exists(path):
            return path


def mktemp(suffix="", prefix=template, dir=None):
    return _fresh_name(suffix, prefix, dir)


def mkdtemp(suffix=None, prefix=None, dir=None):
    path = _fresh_name(suffix, prefix, dir)
    _os.mkdir(path)
    return path


class _Descriptor(int):
    """What mkstemp gives; os.close takes it."""


def mkstemp(suffix=None, prefix=None, dir=None, text=False):
    path = _fresh_name(suffix, prefix, dir)
    _io.open(path, "xb").close()
    return _Descriptor(2 + _count[0]), path


class _TemporaryFileWrapper:
    """An open file that is removed when it is closed."""

    def __init__(self, file, name, delete):
        self.file = file
        self.name = name
        self.delete = delete

    def __getattr__(self, name):
        return getattr(self.__dict__["file"], name)

    def close(self):
        self.file.close()
        if self.delete:
            self.delete = False
            if _os.path.exists(self.name):
                _os.remove(self.name)

    def __enter__(self):
        self.file.__enter__()
        return self

    def __exit__(self, *exc_info):
        self.close()

    def __iter__(self):
        return iter(self.file)


def NamedTemporaryFile(mode="w+b", buffering=-1, encoding=None, newline=None, suffix=None, prefix=None, dir=None,
                       delete=True, *, errors=None, delete_on_close=True):
    path = _fresh_name(suffix, prefix, dir)
    _io.open(path, "xb").close()
    return _TemporaryFileWrapper(_io.open(path, mode, buffering, encoding, errors, newline), path, delete)


def TemporaryFile(mode="w+b", buffering=-1, encoding=None, newline=None, suffix=None, prefix=None, dir=None, *,
                  errors=None):
    return NamedTemporaryFile(mode, buffering, encoding, newline, suffix, prefix, dir, errors=errors)


class SpooledTemporaryFile(_TemporaryFileWrapper):
    def __init__(self, max_size=0, mode="w+b", buffering=-1, encoding=None, newline=None, suffix=None, prefix=None,
                 dir=None, *, errors=None):
        file = _io.BytesIO() if "b" in mode else _io.StringIO()
        super().__init__(file, None, False)


class TemporaryDirectory:
    def __init__(self, suffix=None, prefix=None, dir=None, ignore_cleanup_errors=False, *, delete=True):
        self.name = mkdtemp(suffix, prefix, dir)

    def __repr__(self):
        return f"<TemporaryDirectory {self.name!r}>"

    def cleanup(self):
        if _os.path.exists(self.name):
            import shutil
            shutil.rmtree(self.name)

    def __enter__(self):
        return self.name

    def __exit__(self, *exc_info):
        self.cleanup()
