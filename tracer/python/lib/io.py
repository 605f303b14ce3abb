"""Files in memory (_io is native). open() works where files are granted, see tracer/python/files.h."""
import _io
from _io import BytesIO, BufferedIOBase, BufferedRandom, IOBase, RawIOBase, TextIOBase

SEEK_SET = 0
SEEK_CUR = 1
SEEK_END = 2
DEFAULT_BUFFER_SIZE = 8192

BufferedReader = BufferedWriter = FileIO = BufferedRandom


class UnsupportedOperation(OSError, ValueError):
    pass


class _Text(TextIOBase):
    """What StringIO and TextIOWrapper share: lines, the context manager, the questions."""
    closed = False
    encoding = None
    errors = None
    line_buffering = False

    def _check(self):
        if self.closed:
            raise ValueError("I/O operation on closed file")

    def close(self):
        self.closed = True

    def flush(self):
        self._check()

    def readable(self):
        self._check()
        return True

    def writable(self):
        self._check()
        return True

    def seekable(self):
        self._check()
        return True

    def isatty(self):
        self._check()
        return False

    def fileno(self):
        raise UnsupportedOperation("fileno")

    def detach(self):
        raise UnsupportedOperation("detach")

    def __enter__(self):
        self._check()
        return self

    def __exit__(self, *exc_info):
        self.close()

    def __iter__(self):
        self._check()
        return self

    def __next__(self):
        line = self.readline()
        if not line:
            raise StopIteration
        return line

    def readlines(self, hint=-1):
        return list(self)

    def writelines(self, lines):
        for line in lines:
            self.write(line)


class StringIO(_Text):
    def __init__(self, initial_value="", newline="\n"):
        if initial_value is not None and not isinstance(initial_value, str):
            raise TypeError(f"initial_value must be str or None, not {type(initial_value).__name__}")
        if newline not in (None, "", "\n", "\r", "\r\n"):
            raise ValueError(f"illegal newline value: {newline!r}")
        self._newline = newline
        self._pieces = []
        self._text = self._translated(initial_value or "")
        self._at = 0

    def _translated(self, s):
        if self._newline is None:
            return s.replace("\r\n", "\n").replace("\r", "\n")
        if self._newline in ("\r", "\r\n"):
            return s.replace("\n", self._newline)
        return s

    # Writes at the end, the usual ones, wait in _pieces; everything else sees one text.
    def _join(self):
        self._check()
        if self._pieces:
            self._text += "".join(self._pieces)
            self._pieces = []
            self._at = len(self._text)

    def getvalue(self):
        self._join()
        return self._text

    def tell(self):
        self._join()
        return self._at

    def seek(self, pos, whence=0, /):
        self._join()
        if whence not in (0, 1, 2):
            raise ValueError(f"Invalid whence ({whence}, should be 0, 1 or 2)")
        if whence == 0 and pos < 0:
            raise ValueError(f"Negative seek position {pos}")
        if whence != 0 and pos != 0:
            raise OSError("Can't do nonzero cur-relative seeks")
        self._at = pos if whence == 0 else self._at if whence == 1 else len(self._text)
        return self._at

    def truncate(self, pos=None, /):
        self._join()
        pos = self._at if pos is None else pos
        if pos < 0:
            raise ValueError(f"Negative size value {pos}")
        self._text = self._text[:pos]
        return pos

    def write(self, s, /):
        self._check()
        if not isinstance(s, str):
            raise TypeError(f"string argument expected, got {type(s).__name__!r}")
        text = self._translated(s)
        if self._pieces or self._at == len(self._text):
            self._pieces.append(text)
        else:
            if self._at > len(self._text):
                self._text += "\0" * (self._at - len(self._text))
            self._text = self._text[:self._at] + text + self._text[self._at + len(text):]
            self._at += len(text)
        return len(s)

    def read(self, size=-1, /):
        self._join()
        end = len(self._text) if size is None or size < 0 else self._at + size
        out = self._text[self._at:end]
        self._at += len(out)
        return out

    def readline(self, size=-1, /):
        self._join()
        found = self._text.find("\n", self._at)
        end = len(self._text) if found < 0 else found + 1
        if size is not None and size >= 0:
            end = min(end, self._at + size)
        out = self._text[self._at:end]
        self._at += len(out)
        return out


class TextIOWrapper(_Text):
    """Text over a file of bytes, without a buffer of its own: read and written at once."""

    def __init__(self, buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False):
        self.buffer = buffer
        self.encoding = encoding or "utf-8"
        self.errors = errors or "strict"
        self._newline = newline

    @property
    def name(self):
        return self.buffer.name

    @property
    def mode(self):
        return self.buffer.mode.replace("b", "")

    @property
    def closed(self):
        return self.buffer.closed

    def close(self):
        self.buffer.close()

    def readable(self):
        return self.buffer.readable()

    def writable(self):
        return self.buffer.writable()

    def _decoded(self, data):
        text = data.decode(self.encoding, self.errors)
        return text.replace("\r\n", "\n").replace("\r", "\n") if self._newline is None else text

    def read(self, size=-1, /):
        self._check()
        if size is None or size < 0:
            return self._decoded(self.buffer.read())
        start = self.buffer.tell()
        text = self.buffer.read().decode(self.encoding, self.errors)[:size]
        self.buffer.seek(start + len(text.encode(self.encoding, self.errors)))
        return text.replace("\r\n", "\n") if self._newline is None else text

    def readline(self, size=-1, /):
        self._check()
        return self._decoded(self.buffer.readline(size))

    def write(self, s, /):
        self._check()
        if not isinstance(s, str):
            raise TypeError(f"write() argument must be str, not {type(s).__name__}")
        text = s.replace("\n", self._newline) if self._newline in ("\r", "\r\n") else s
        self.buffer.write(text.encode(self.encoding, self.errors))
        return len(s)

    def seek(self, cookie, whence=0, /):
        return self.buffer.seek(cookie, whence)

    def tell(self):
        return self.buffer.tell()

    def truncate(self, pos=None, /):
        return self.buffer.truncate(pos)


def open(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    if isinstance(file, int):
        raise OSError("file descriptors are outside the subset")
    if not isinstance(file, str):
        file = file.decode() if isinstance(file, bytes) else file.__fspath__()
    for i, letter in enumerate(mode):
        if letter not in "rwaxbt+" or letter in mode[:i]:
            raise ValueError(f"invalid mode: {mode!r}")
    if "b" in mode:
        if "t" in mode:
            raise ValueError("can't have text and binary mode at once")
        if encoding is not None:
            raise ValueError("binary mode doesn't take an encoding argument")
        return _io.open_file(file, mode)
    return TextIOWrapper(_io.open_file(file, mode), encoding, errors, newline)
