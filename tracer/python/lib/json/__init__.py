"""JSON to and from text."""


class JSONDecodeError(ValueError):
    def __init__(self, msg, doc, pos):
        line = doc.count("\n", 0, pos) + 1
        column = pos - doc.rfind("\n", 0, pos)
        super().__init__(f"{msg}: line {line} column {column} (char {pos})")
        self.msg = msg
        self.doc = doc
        self.pos = pos
        self.lineno = line
        self.colno = column


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _quote(text, ensure_ascii):
    out = []
    for c in text:
        if c in _ESCAPES:
            out.append(_ESCAPES[c])
        elif c < " " or (ensure_ascii and c > "~"):
            point = ord(c)
            if point > 0xffff:
                point -= 0x10000
                out.append(f"\\u{0xd800 + (point >> 10):04x}\\u{0xdc00 + (point & 0x3ff):04x}")
            else:
                out.append(f"\\u{point:04x}")
        else:
            out.append(c)
    return '"' + "".join(out) + '"'


def _number(value):
    if isinstance(value, int):
        return int.__repr__(value)
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    return float.__repr__(value)


def dumps(obj, *, skipkeys=False, ensure_ascii=True, check_circular=True, allow_nan=True, cls=None, indent=None,
          separators=None, default=None, sort_keys=False, **kw):
    if isinstance(indent, int):
        indent = " " * indent
    comma, colon = separators or ((",", ": ") if indent is not None else (", ", ": "))

    def encode(value, margin):
        if value is None:
            return "null"
        if value is True:
            return "true"
        if value is False:
            return "false"
        if isinstance(value, str):
            return _quote(value, ensure_ascii)
        if isinstance(value, (int, float)):
            return _number(value)
        inner = margin + indent if indent is not None else ""
        before = "\n" + inner if indent is not None else ""
        after = "\n" + margin if indent is not None else ""
        between = comma + before
        if isinstance(value, dict):
            items = sorted(value.items()) if sort_keys else value.items()
            parts = []
            for key, item in items:
                if not isinstance(key, str):
                    if key is None or isinstance(key, (bool, int, float)):
                        key = encode(key, margin)
                    elif skipkeys:
                        continue
                    else:
                        raise TypeError(f"keys must be str, int, float, bool or None, not {type(key).__name__}")
                parts.append(_quote(key, ensure_ascii) + colon + encode(item, inner))
            return "{" + before + between.join(parts) + after + "}" if parts else "{}"
        if isinstance(value, (list, tuple)):
            parts = [encode(item, inner) for item in value]
            return "[" + before + between.join(parts) + after + "]" if parts else "[]"
        if default is not None:
            return encode(default(value), margin)
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")

    return encode(obj, "")


def dump(obj, fp, **kw):
    fp.write(dumps(obj, **kw))


class _Reader:
    def __init__(self, text, object_hook, parse_float, parse_int, object_pairs_hook):
        self.text = text
        self.at = 0
        self.object_hook = object_hook
        self.parse_float = parse_float or float
        self.parse_int = parse_int or int
        self.object_pairs_hook = object_pairs_hook

    def fail(self, message, at=None):
        raise JSONDecodeError(message, self.text, self.at if at is None else at)

    def space(self):
        while self.at < len(self.text) and self.text[self.at] in " \t\n\r":
            self.at += 1

    def value(self):
        self.space()
        text, at = self.text, self.at
        c = text[at:at + 1]
        if c == '"':
            return self.string()
        if c == "{":
            return self.object()
        if c == "[":
            return self.array()
        for word, value in (("null", None), ("true", True), ("false", False), ("NaN", float("nan")),
                            ("Infinity", float("inf")), ("-Infinity", float("-inf"))):
            if text.startswith(word, at):
                self.at += len(word)
                return value
        return self.number()

    def number(self):
        import re
        match = re.compile(r"(-?(?:0|[1-9]\d*))(\.\d+)?([eE][-+]?\d+)?").match(self.text, self.at)
        if match is None:
            self.fail("Expecting value")
        self.at = match.end()
        if match.group(2) or match.group(3):
            return self.parse_float(match.group())
        return self.parse_int(match.group())

    def string(self):
        start = self.at
        self.at += 1
        out = []
        while True:
            c = self.text[self.at:self.at + 1]
            if c == "":
                self.fail("Unterminated string starting at", start)
            self.at += 1
            if c == '"':
                return "".join(out)
            if c < " ":
                self.fail("Invalid control character at", self.at - 1)
            if c != "\\":
                out.append(c)
                continue
            c = self.text[self.at:self.at + 1]
            self.at += 1
            if c == "u":
                point = self.hex4()
                if 0xd800 <= point < 0xdc00 and self.text.startswith("\\u", self.at):
                    self.at += 2
                    low = self.hex4()
                    point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00)
                out.append(chr(point))
            elif c in _BACK:
                out.append(_BACK[c])
            else:
                self.fail("Invalid \\escape", self.at - 2)

    def hex4(self):
        digits = self.text[self.at:self.at + 4]
        if len(digits) != 4 or not all(d in "0123456789abcdefABCDEF" for d in digits):
            self.fail("Invalid \\uXXXX escape", self.at - 1)
        self.at += 4
        return int(digits, 16)

    def array(self):
        self.at += 1
        out = []
        self.space()
        if self.text.startswith("]", self.at):
            self.at += 1
            return out
        while True:
            out.append(self.value())
            self.space()
            c = self.text[self.at:self.at + 1]
            if c not in (",", "]"):
                self.fail("Expecting ',' delimiter")
            self.at += 1
            if c == "]":
                return out

    def object(self):
        self.at += 1
        pairs = []
        self.space()
        if self.text.startswith("}", self.at):
            self.at += 1
        else:
            while True:
                self.space()
                if not self.text.startswith('"', self.at):
                    self.fail("Expecting property name enclosed in double quotes")
                key = self.string()
                self.space()
                if not self.text.startswith(":", self.at):
                    self.fail("Expecting ':' delimiter")
                self.at += 1
                pairs.append((key, self.value()))
                self.space()
                c = self.text[self.at:self.at + 1]
                if c not in (",", "}"):
                    self.fail("Expecting ',' delimiter")
                self.at += 1
                if c == "}":
                    break
        if self.object_pairs_hook is not None:
            return self.object_pairs_hook(pairs)
        out = dict(pairs)
        return out if self.object_hook is None else self.object_hook(out)


_BACK = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def loads(s, *, cls=None, object_hook=None, parse_float=None, parse_int=None, parse_constant=None,
          object_pairs_hook=None, **kw):
    if isinstance(s, bytes):
        s = s.decode("utf-8")
    reader = _Reader(s, object_hook, parse_float, parse_int, object_pairs_hook)
    value = reader.value()
    reader.space()
    if reader.at != len(s):
        reader.fail("Extra data")
    return value


def load(fp, **kw):
    return loads(fp.read(), **kw)
