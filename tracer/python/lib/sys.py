"""What a program may ask about its interpreter; nothing here reaches outside it. `modules` is native."""


class _VersionInfo(tuple):
    major = property(lambda self: self[0])
    minor = property(lambda self: self[1])
    micro = property(lambda self: self[2])
    releaselevel = property(lambda self: self[3])
    serial = property(lambda self: self[4])

    def __repr__(self):
        return (f"sys.version_info(major={self[0]}, minor={self[1]}, micro={self[2]}, releaselevel={self[3]!r}, "
                f"serial={self[4]})")


class _Record:
    def __init__(self, **kwargs):
        self.__dict__.update(kwargs)


class _Stream:
    """Takes everything; what goes to stdout is printed."""
    encoding = "utf-8"

    def __init__(self, shows):
        self._shows = shows

    def write(self, text):
        if self._shows:
            print(text, end="")
        return len(text)

    def writelines(self, lines):
        pass

    def flush(self):
        pass

    def isatty(self):
        return False


version_info = _VersionInfo((3, 11, 0, "final", 0))
version = "3.11.0 (fusepack)"
hexversion = 0x030b00f0
api_version = 1013
platform = "linux"
byteorder = "little"
maxsize = 9223372036854775807
maxunicode = 1114111
argv = [""]
path = []
meta_path = []
path_hooks = []
builtin_module_names = ()
executable = ""
prefix = ""
exec_prefix = ""
base_prefix = ""
dont_write_bytecode = True
flags = _Record(debug=0, inspect=0, interactive=0, optimize=0, verbose=0, dev_mode=False)
float_info = _Record(max=1.7976931348623157e+308, min=2.2250738585072014e-308, epsilon=2.220446049250313e-16, dig=15,
                     mant_dig=53, max_exp=1024, min_exp=-1021, max_10_exp=308, min_10_exp=-307, radix=2, rounds=1)
int_info = _Record(bits_per_digit=30, sizeof_digit=4)
implementation = _Record(name="cpython", version=version_info, cache_tag="cpython-311")
stdout = _Stream(True)
stderr = _Stream(False)
stdin = _Stream(False)
warnoptions = []


def getrecursionlimit():
    return 512


def setrecursionlimit(limit):
    pass


def getsizeof(obj, default=64):
    return 64


def getrefcount(obj):
    return 2


def intern(string):
    return string


def exc_info():
    return (None, None, None)


def getdefaultencoding():
    return "utf-8"


def getfilesystemencoding():
    return "utf-8"


def exit(status=None):
    raise SystemExit(status)


def is_finalizing():
    return False


def audit(event, *args):
    pass
