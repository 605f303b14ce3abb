"""Regular expressions; the matcher is native (_re)."""
import _re
import enum


class RegexFlag(enum.IntFlag):
    NOFLAG = 0
    TEMPLATE = T = 1
    IGNORECASE = I = 2
    LOCALE = L = 4
    MULTILINE = M = 8
    DOTALL = S = 16
    UNICODE = U = 32
    VERBOSE = X = 64
    DEBUG = 128
    ASCII = A = 256

    def __repr__(self):
        names = [f"re.{name}" for name, member in RegexFlag.__members__.items()
                 if len(name) > 1 and self._value_ & member._value_ and name not in ("TEMPLATE", "DEBUG")]
        return "|".join(names) or "re.NOFLAG"

    __str__ = __repr__


NOFLAG = RegexFlag.NOFLAG
IGNORECASE = I = RegexFlag.IGNORECASE
LOCALE = L = RegexFlag.LOCALE
MULTILINE = M = RegexFlag.MULTILINE
DOTALL = S = RegexFlag.DOTALL
UNICODE = U = RegexFlag.UNICODE
VERBOSE = X = RegexFlag.VERBOSE
ASCII = A = RegexFlag.ASCII
DEBUG = RegexFlag.DEBUG


class error(Exception):
    def __init__(self, msg, pattern=None, pos=None):
        self.msg = msg
        self.pattern = pattern
        self.pos = pos
        super().__init__(msg)


_SEARCH = 0
_MATCH = 1
_FULLMATCH = 2
_END = 1 << 62


class Match:
    def __init__(self, pattern, string, spans, pos, endpos):
        self.re = pattern
        self.string = string
        self.pos = pos
        self.endpos = endpos
        self._spans = spans
        self.lastindex = spans[-1]

    def _index(self, group):
        if isinstance(group, str):
            if group not in self.re.groupindex:
                raise IndexError("no such group")
            return self.re.groupindex[group]
        if not 0 <= group <= self.re.groups:
            raise IndexError("no such group")
        return group

    def _text(self, index):
        start = self._spans[2 * index]
        return None if start < 0 else self.string[start:self._spans[2 * index + 1]]

    @property
    def lastgroup(self):
        for name, index in self.re.groupindex.items():
            if index == self.lastindex:
                return name
        return None

    def group(self, *groups):
        if not groups:
            return self._text(0)
        if len(groups) == 1:
            return self._text(self._index(groups[0]))
        return tuple(self._text(self._index(group)) for group in groups)

    def __getitem__(self, group):
        return self._text(self._index(group))

    def groups(self, default=None):
        return tuple(default if self._spans[2 * i] < 0 else self._text(i) for i in range(1, self.re.groups + 1))

    def groupdict(self, default=None):
        return {name: default if self._spans[2 * i] < 0 else self._text(i) for name, i in self.re.groupindex.items()}

    def start(self, group=0):
        return self._spans[2 * self._index(group)]

    def end(self, group=0):
        return self._spans[2 * self._index(group) + 1]

    def span(self, group=0):
        return self.start(group), self.end(group)

    @property
    def regs(self):
        return tuple(self.span(i) for i in range(self.re.groups + 1))

    def expand(self, template):
        return "".join(part if isinstance(part, str) else self[part] or "" for part in _template(template, self.re))

    def __bool__(self):
        return True

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __repr__(self):
        return f"<re.Match object; span={self.span()!r}, match={self.group()!r}>"


_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


def _template(template, pattern):
    """The replacement's text and group numbers."""
    if isinstance(template, bytes):
        raise TypeError("replacements in bytes are outside the subset")
    parts = []
    literal = ""
    i = 0
    while i < len(template):
        c = template[i]
        i += 1
        if c != "\\":
            literal += c
            continue
        if i >= len(template):
            raise error(f"bad escape (end of pattern) at position {i - 1}")
        c = template[i]
        i += 1
        group = None
        if c == "g":
            close = template.find(">", i)
            if template[i:i + 1] != "<" or close < 0:
                raise error(f"missing < at position {i}")
            name = template[i + 1:close]
            i = close + 1
            if name.isdigit():
                group = int(name)
            elif name in pattern.groupindex:
                group = pattern.groupindex[name]
            else:
                raise IndexError(f"unknown group name {name!r}")
        elif c == "0":
            digits = ""
            while len(digits) < 2 and template[i:i + 1] and template[i] in "01234567":
                digits += template[i]
                i += 1
            literal += chr(int(digits or "0", 8))
        elif c.isdigit():
            if template[i:i + 1].isdigit():
                if c in "01234567" and template[i] in "01234567" and template[i + 1:i + 2] in tuple("01234567"):
                    literal += chr(int(template[i - 1:i + 2], 8))
                    i += 2
                    continue
                c += template[i]
                i += 1
            group = int(c)
        elif c in _ESCAPES:
            literal += _ESCAPES[c]
        elif c.isalpha() and c.isascii():
            raise error(f"bad escape \\{c} at position {i - 2}")
        else:
            literal += "\\" + c
        if group is not None:
            if group > pattern.groups:
                raise error(f"invalid group reference {group} at position {i - 1}")
            if literal:
                parts.append(literal)
                literal = ""
            parts.append(group)
    if literal:
        parts.append(literal)
    return parts


class Pattern:
    def __init__(self, pattern, flags):
        compiled = _re.compile(pattern, int(flags))
        if isinstance(compiled, str):
            raise error(compiled, pattern)
        self._program, self.groups, self.groupindex, self.flags = compiled
        self.pattern = pattern
        if isinstance(pattern, str) and not self.flags & 256:
            self.flags |= 32

    def _find(self, string, pos, endpos, mode):
        if isinstance(string, str) != isinstance(self.pattern, str) and isinstance(string, (str, bytes)):
            wanted, given = ("string", "bytes-like") if isinstance(self.pattern, str) else ("bytes", "string")
            raise TypeError(f"cannot use a {wanted} pattern on a {given} object")
        spans = _re.find(self._program, string, pos, endpos, mode)
        return None if spans is None else Match(self, string, spans, max(pos, 0), min(endpos, len(string)))

    def search(self, string, pos=0, endpos=_END):
        return self._find(string, pos, endpos, _SEARCH)

    def match(self, string, pos=0, endpos=_END):
        return self._find(string, pos, endpos, _MATCH)

    def fullmatch(self, string, pos=0, endpos=_END):
        return self._find(string, pos, endpos, _FULLMATCH)

    def _all(self, string, pos=0, endpos=_END):
        return _re.find(self._program, string, pos, endpos, _SEARCH, True)

    def finditer(self, string, pos=0, endpos=_END):
        for spans in self._all(string, pos, endpos):
            yield Match(self, string, spans, max(pos, 0), min(endpos, len(string)))

    def findall(self, string, pos=0, endpos=_END):
        empty = string[:0]
        out = []
        for spans in self._all(string, pos, endpos):
            if self.groups == 0:
                out.append(string[spans[0]:spans[1]])
                continue
            texts = [string[spans[2 * i]:spans[2 * i + 1]] if spans[2 * i] >= 0 else empty
                     for i in range(1, self.groups + 1)]
            out.append(texts[0] if self.groups == 1 else tuple(texts))
        return out

    def split(self, string, maxsplit=0):
        out = []
        last = 0
        count = 0
        for spans in self._all(string):
            if maxsplit and count >= maxsplit:
                break
            out.append(string[last:spans[0]])
            for i in range(1, self.groups + 1):
                out.append(string[spans[2 * i]:spans[2 * i + 1]] if spans[2 * i] >= 0 else None)
            last = spans[1]
            count += 1
        out.append(string[last:])
        return out

    def subn(self, repl, string, count=0):
        parts = None if callable(repl) else _template(repl, self)
        out = []
        last = 0
        made = 0
        for spans in self._all(string):
            if count and made >= count:
                break
            out.append(string[last:spans[0]])
            if parts is None:
                out.append(repl(Match(self, string, spans, 0, len(string))))
            else:
                for part in parts:
                    if isinstance(part, str):
                        out.append(part)
                    elif spans[2 * part] >= 0:
                        out.append(string[spans[2 * part]:spans[2 * part + 1]])
            last = spans[1]
            made += 1
        out.append(string[last:])
        return string[:0].join(out), made

    def sub(self, repl, string, count=0):
        return self.subn(repl, string, count)[0]

    def __eq__(self, other):
        if not isinstance(other, Pattern):
            return NotImplemented
        return self.pattern == other.pattern and self.flags == other.flags

    def __hash__(self):
        return hash((self.pattern, self.flags))

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __repr__(self):
        flags = self.flags & ~32 if isinstance(self.pattern, str) else self.flags
        shown = f", {RegexFlag(flags)!r}" if flags else ""
        return f"re.compile({self.pattern!r}{shown})"


_cache = {}


def compile(pattern, flags=0):
    if isinstance(pattern, Pattern):
        if flags:
            raise ValueError("cannot process flags argument with a compiled pattern")
        return pattern
    if not isinstance(pattern, (str, bytes)):
        raise TypeError("first argument must be string or compiled pattern")
    key = (type(pattern), pattern, int(flags))
    found = _cache.get(key)
    if found is None:
        if len(_cache) >= 256:
            _cache.clear()
        found = _cache[key] = Pattern(pattern, flags)
    return found


def match(pattern, string, flags=0):
    return compile(pattern, flags).match(string)


def fullmatch(pattern, string, flags=0):
    return compile(pattern, flags).fullmatch(string)


def search(pattern, string, flags=0):
    return compile(pattern, flags).search(string)


def sub(pattern, repl, string, count=0, flags=0):
    return compile(pattern, flags).sub(repl, string, count)


def subn(pattern, repl, string, count=0, flags=0):
    return compile(pattern, flags).subn(repl, string, count)


def split(pattern, string, maxsplit=0, flags=0):
    return compile(pattern, flags).split(string, maxsplit)


def findall(pattern, string, flags=0):
    return compile(pattern, flags).findall(string)


def finditer(pattern, string, flags=0):
    return compile(pattern, flags).finditer(string)


_SPECIAL = set("()[]{}?*+-|^$\\.&~# \t\n\r\v\f")


def escape(pattern):
    return "".join("\\" + c if c in _SPECIAL else c for c in pattern)


def purge():
    _cache.clear()


def template(pattern, flags=0):
    return compile(pattern, flags)
