"""Reading stored entries of zip files: what a test needs to look into an archive that it wrote. (Archives that are loaded go
through the reader in C++, tracer/archive/zip.h.)"""
import io
import os

ZIP_STORED = 0
ZIP_DEFLATED = 8

_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_LOCATOR_64 = b"PK\x06\x07"
_CENTRAL = b"PK\x01\x02"
_LOCAL = b"PK\x03\x04"


class BadZipFile(Exception):
    pass


def _number(data, at, size):
    piece = data[at:at + size]
    if len(piece) != size:
        raise BadZipFile("Truncated file")
    number = 0
    for byte in reversed(list(piece)):
        number = number * 256 + byte
    return number


class ZipInfo:
    def __init__(self, filename):
        self.filename = filename
        self.compress_type = ZIP_STORED
        self.CRC = 0
        self.compress_size = 0
        self.file_size = 0
        self.header_offset = 0

    def is_dir(self):
        return self.filename.endswith("/")

    def __repr__(self):
        return f"<ZipInfo filename={self.filename!r} file_size={self.file_size}>"


class ZipFile:
    def __init__(self, file, mode="r", *args, **kwargs):
        if mode != "r":
            raise NotImplementedError("zip files are only read")
        if isinstance(file, (str, os.PathLike)):
            self.filename = os.fspath(file)
            with open(self.filename, "rb") as f:
                self._data = f.read()
        else:
            self.filename = None
            place = file.tell()
            file.seek(0)
            self._data = file.read()
            file.seek(place)
        self.filelist = []
        self._read_directory()
        self.NameToInfo = {info.filename: info for info in self.filelist}

    def _read_directory(self):
        data = self._data
        end = len(data) - 22  # less a comment, which hardly any file has
        while end >= 0 and data[end:end + 4] != _END:
            end -= 1
        if end < 0:
            raise BadZipFile("File is not a zip file")
        count, offset = _number(data, end + 10, 2), _number(data, end + 16, 4)
        locator = end - 20
        if locator >= 0 and data[locator:locator + 4] == _LOCATOR_64:
            end_64 = _number(data, locator + 8, 8)
            if data[end_64:end_64 + 4] != _END_64:
                raise BadZipFile("Bad magic number for zip64 end of central directory")
            count, offset = _number(data, end_64 + 32, 8), _number(data, end_64 + 48, 8)
        at = offset
        for _ in range(count):
            if data[at:at + 4] != _CENTRAL:
                raise BadZipFile("Bad magic number for central directory")
            lengths = [_number(data, at + 28 + 2 * i, 2) for i in range(3)]
            info = ZipInfo(data[at + 46:at + 46 + lengths[0]].decode("utf-8"))
            info.compress_type = _number(data, at + 10, 2)
            info.CRC = _number(data, at + 16, 4)
            info.compress_size, info.file_size = _number(data, at + 20, 4), _number(data, at + 24, 4)
            info.header_offset = _number(data, at + 42, 4)
            self._read_extra(info, at + 46 + lengths[0], lengths[1])
            self.filelist.append(info)
            at += 46 + sum(lengths)

    def _read_extra(self, info, at, length):
        end = at + length
        while at + 4 <= end:
            kind, size = _number(self._data, at, 2), _number(self._data, at + 2, 2)
            if kind == 1:  # ZIP64: the fields that did not fit, in this order
                place = at + 4
                for name in ("file_size", "compress_size", "header_offset"):
                    if getattr(info, name) == 0xFFFFFFFF:
                        setattr(info, name, _number(self._data, place, 8))
                        place += 8
            at += 4 + size

    def namelist(self):
        return [info.filename for info in self.filelist]

    def infolist(self):
        return self.filelist

    def getinfo(self, name):
        info = self.NameToInfo.get(name)
        if info is None:
            raise KeyError(f"There is no item named {name!r} in the archive")
        return info

    def read(self, name, pwd=None):
        info = name if isinstance(name, ZipInfo) else self.getinfo(name)
        if info.compress_type != ZIP_STORED:
            raise NotImplementedError("That compression method is not supported")
        at = info.header_offset
        if self._data[at:at + 4] != _LOCAL:
            raise BadZipFile("Bad magic number for file header")
        begin = at + 30 + _number(self._data, at + 26, 2) + _number(self._data, at + 28, 2)
        return self._data[begin:begin + info.file_size]

    def open(self, name, mode="r", pwd=None):
        return io.BytesIO(self.read(name))

    def extract(self, member, path=None, pwd=None):
        info = member if isinstance(member, ZipInfo) else self.getinfo(member)
        parts = [part for part in info.filename.split("/") if part not in ("", ".", "..")]
        target = os.path.join(os.getcwd() if path is None else os.fspath(path), *parts)
        if info.is_dir():
            os.makedirs(target, exist_ok=True)
            return target
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as f:
            f.write(self.read(info))
        return target

    def extractall(self, path=None, members=None, pwd=None):
        for member in self.namelist() if members is None else members:
            self.extract(member, path)

    def close(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()


def is_zipfile(filename):
    try:
        ZipFile(filename)
    except (BadZipFile, OSError):
        return False
    return True
