"""Paths; what exists is what files.h grants."""
import os as _os
import os.path as _path


class PurePath(_os.PathLike):
    def __init__(self, *parts):
        text = _path.join(*[str(part) for part in parts]) if parts else ""
        pieces = [piece for piece in text.split("/") if piece not in ("", ".")]
        self._root = "/" if text.startswith("/") else ""
        self._pieces = pieces

    def __str__(self):
        return self._root + "/".join(self._pieces) or "."

    __fspath__ = __str__

    def as_posix(self):
        return str(self)

    def __repr__(self):
        return f"PosixPath({str(self)!r})" if type(self) is Path else f"{type(self).__name__}({str(self)!r})"

    def __truediv__(self, other):
        return type(self)(str(self), str(other))

    def __rtruediv__(self, other):
        return type(self)(str(other), str(self))

    def __eq__(self, other):
        if not isinstance(other, PurePath):
            return NotImplemented
        return str(self) == str(other)

    def __lt__(self, other):
        return str(self) < str(other)

    def __hash__(self):
        return hash(str(self))

    @property
    def parts(self):
        return ((self._root,) if self._root else ()) + tuple(self._pieces)

    @property
    def name(self):
        return self._pieces[-1] if self._pieces else ""

    @property
    def suffix(self):
        return _path.splitext(self.name)[1]

    @property
    def stem(self):
        return _path.splitext(self.name)[0]

    @property
    def parent(self):
        return type(self)(self._root + "/".join(self._pieces[:-1]))

    def joinpath(self, *others):
        return type(self)(str(self), *others)

    def with_suffix(self, suffix):
        return type(self)(str(self.parent), self.stem + suffix)

    def with_name(self, name):
        return type(self)(str(self.parent), name)

    def is_absolute(self):
        return bool(self._root)

    @property
    def parents(self):
        out = []
        at = self
        while at.parent != at:
            at = at.parent
            out.append(at)
        return tuple(out)

    @property
    def suffixes(self):
        return ["." + part for part in self.name.lstrip(".").split(".")[1:]]

    def relative_to(self, other):
        other = type(self)(str(other))
        if self.parts[:len(other.parts)] != other.parts:
            raise ValueError(f"{str(self)!r} is not in the subpath of {str(other)!r}")
        return type(self)(*self.parts[len(other.parts):])

    def with_stem(self, stem):
        return self.with_name(stem + self.suffix)

    def match(self, pattern):
        from fnmatch import fnmatch
        return fnmatch(self.name, pattern)


class PurePosixPath(PurePath):
    pass


class Path(PurePath):
    @classmethod
    def cwd(cls):
        return cls(_os.getcwd())

    def exists(self):
        return _path.exists(self)

    def is_file(self):
        return _path.isfile(self)

    def is_dir(self):
        return _path.isdir(self)

    def resolve(self, strict=False):
        return type(self)(_path.abspath(self))

    absolute = resolve

    def open(self, mode="r", buffering=-1, encoding=None, errors=None, newline=None):
        from io import open
        return open(str(self), mode, buffering, encoding, errors, newline)

    def read_text(self, encoding=None, errors=None):
        with self.open("r", encoding=encoding, errors=errors) as f:
            return f.read()

    def read_bytes(self):
        with self.open("rb") as f:
            return f.read()

    def write_text(self, data, encoding=None, errors=None, newline=None):
        with self.open("w", encoding=encoding, errors=errors, newline=newline) as f:
            return f.write(data)

    def write_bytes(self, data):
        with self.open("wb") as f:
            return f.write(data)

    def mkdir(self, mode=0o777, parents=False, exist_ok=False):
        if exist_ok and self.is_dir():
            return
        if parents:
            _os.makedirs(self)
        else:
            _os.mkdir(self)

    def unlink(self, missing_ok=False):
        if not missing_ok or self.exists():
            _os.remove(self)

    def rmdir(self):
        _os.rmdir(self)

    def rename(self, target):
        _os.rename(self, target)
        return type(self)(str(target))

    def iterdir(self):
        for name in _os.listdir(self):
            yield self / name

    def touch(self, mode=0o666, exist_ok=True):
        self.open("ab").close()

    def stat(self):
        return _os.stat(self)

    def rglob(self, pattern):
        from fnmatch import fnmatch
        for folder, folders, files in _os.walk(self):
            for name in sorted(folders + files):
                if fnmatch(name, pattern):
                    yield type(self)(folder) / name

    def glob(self, pattern):
        from fnmatch import fnmatch
        for entry in self.iterdir():
            if fnmatch(entry.name, pattern):
                yield entry


PosixPath = Path
