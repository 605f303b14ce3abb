"""io in memory, difflib, pprint, fnmatch, traceback: what CPython prints."""
import io
import pprint
from fnmatch import filter, fnmatch


def show(label, action):
    try:
        print(label, repr(action()))
    except Exception as e:
        print(label, type(e).__name__, str(e).split("(")[0].strip())


f = io.BytesIO(b"one\ntwo\nthree")
show("read", lambda: f.read(4))
show("tell", f.tell)
show("readline", f.readline)
show("rest", f.read)
show("end", lambda: f.read(10))
show("seek", lambda: f.seek(-5, 2))
show("read", f.read)
show("seek cur", lambda: f.seek(-3, io.SEEK_CUR))
show("write", lambda: f.write(b"XYZ!"))
show("value", f.getvalue)
show("seek neg", lambda: f.seek(-1))
show("far", lambda: f.seek(20))
show("read far", f.read)
show("write far", lambda: f.write(b"*"))
show("value", f.getvalue)
show("truncate", lambda: f.truncate(3))
show("value", f.getvalue)
f.seek(0)
show("lines", lambda: list(io.BytesIO(b"a\n\nb").readlines()))
show("iter", lambda: [line for line in io.BytesIO(b"x\ny\n")])
show("text", lambda: f.write("text"))
show("is", lambda: (isinstance(f, io.IOBase), isinstance(f, io.BufferedIOBase), isinstance(f, io.TextIOBase)))
show("able", lambda: (f.readable(), f.writable(), f.seekable(), f.isatty(), f.closed))
show("fileno", f.fileno)
with f as g:
    print(g is f)
show("closed", f.read)
show("closed value", f.getvalue)
print(f.closed)
f.close()
show("none", lambda: io.BytesIO(None).getvalue())
show("initial", lambda: io.BytesIO(initial_bytes=b"q").getvalue())
show("readline n", lambda: io.BytesIO(b"abcdef").readline(3))
show("writelines", lambda: (lambda b: (b.writelines([b"a", b"b"]), b.getvalue()))(io.BytesIO()))
show("truncate grow", lambda: (lambda b: (b.truncate(5), b.getvalue(), b.tell()))(io.BytesIO(b"ab")))
show("read none", lambda: io.BytesIO(b"ab").read(None))


class Counted(io.BytesIO):
    def __init__(self, *args):
        super().__init__(*args)
        self.writes = 0

    def write(self, b):
        self.writes += 1
        return super().write(b)


c = Counted(b"123")
c.write(b"ab")
print(c.writes, c.getvalue(), type(c).__name__)

s = io.StringIO("alpha\nbeta\n")
show("s read", lambda: s.read(3))
show("s readline", s.readline)
show("s iter", lambda: list(s))
show("s write", lambda: s.write("gamma"))
show("s value", s.getvalue)
show("s seek", lambda: s.seek(2))
show("s write", lambda: s.write("LL"))
show("s value", s.getvalue)
show("s tell", s.tell)
show("s bytes", lambda: s.write(b"x"))
show("s truncate", lambda: s.truncate(4))
show("s value", s.getvalue)
show("s relative", lambda: s.seek(1, 1))
show("s newline", lambda: io.StringIO("a\r\nb\rc\n", newline=None).read())
show("s newline2", lambda: io.StringIO("a\nb", newline="\r\n").getvalue())
show("s wrong", lambda: io.StringIO(3))
show("s is", lambda: (isinstance(s, io.IOBase), isinstance(s, io.TextIOBase), isinstance(s, io.BytesIO)))
show("s print", lambda: (lambda out: (print("x", 1, sep="-", end="!", file=out), out.getvalue()))(io.StringIO()))
s.close()
show("s closed", s.getvalue)

t = io.TextIOWrapper(io.BytesIO("näme\r\nzwei\n".encode("utf-8")), encoding="utf-8")
show("t line", t.readline)
show("t rest", t.read)

print(issubclass(io.UnsupportedOperation, (OSError, ValueError)), issubclass(FileExistsError, OSError))
pprint.pprint({"b": [1, 2], "a": (1,)})
pprint.pprint({f"key{i}": list(range(i * 5)) for i in range(4)}, width=40)
pprint.pprint([["x" * 30] * 3, {"k": {"n": "y" * 60}}])
print(pprint.pformat(({1, 2, 3}, frozenset([1]), []), width=20))
print(fnmatch("a.py", "*.py"), fnmatch("a.pyc", "*.py"), fnmatch("b", "[ab]"), fnmatch("c", "[!ab]"), fnmatch("a.b", "a?b"),
      filter(["x1", "y", "x2"], "x*"))
