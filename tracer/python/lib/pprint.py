"""Values over several lines, where one is too short."""


def _ordered(items, key):
    try:
        return sorted(items, key=key)
    except TypeError:
        return sorted(items, key=lambda item: (str(type(key(item))), id(key(item))))


class PrettyPrinter:
    def __init__(self, indent=1, width=80, depth=None, stream=None, *, compact=False, sort_dicts=True,
                 underscore_numbers=False):
        self._indent = indent
        self._width = width
        self._depth = depth
        self._stream = stream
        self._sort = sort_dicts

    def pformat(self, object):
        return self._format(object, 0, 0, 1)

    def pprint(self, object):
        if self._stream is None:
            print(self.pformat(object))
        else:
            self._stream.write(self.pformat(object) + "\n")

    def _flat(self, obj, level):
        """The repr on one line, dicts sorted."""
        if self._depth is not None and level > self._depth and isinstance(obj, (dict, list, tuple)) and obj:
            return "{...}" if isinstance(obj, dict) else "[...]" if isinstance(obj, list) else "(...)"
        if type(obj) is dict:
            items = _ordered(obj.items(), lambda item: item[0]) if self._sort else obj.items()
            return "{" + ", ".join(f"{self._flat(k, level + 1)}: {self._flat(v, level + 1)}" for k, v in items) + "}"
        if type(obj) is list:
            return "[" + ", ".join(self._flat(item, level + 1) for item in obj) + "]"
        if type(obj) is tuple:
            inner = ", ".join(self._flat(item, level + 1) for item in obj)
            return f"({inner},)" if len(obj) == 1 else f"({inner})"
        return repr(obj)

    def _format(self, obj, column, allowance, level):
        flat = self._flat(obj, level)
        if len(flat) <= self._width - column - allowance:
            return flat
        kind = type(obj)
        if kind is dict and obj:
            items = _ordered(obj.items(), lambda item: item[0]) if self._sort else list(obj.items())
            lines = []
            for i, (key, value) in enumerate(items):
                head = self._flat(key, level + 1) + ": "
                lines.append(head + self._format(value, column + self._indent + len(head),
                                                 allowance + 1 if i == len(items) - 1 else 1, level + 1))
            return self._wrap("{", lines, "}", column)
        if kind in (list, tuple, set, frozenset) and obj:
            items = list(obj) if kind in (list, tuple) else _ordered(obj, lambda item: item)
            begin, end = {list: ("[", "]"), tuple: ("(", ",)" if len(items) == 1 else ")"), set: ("{", "}"),
                          frozenset: ("frozenset({", "})")}[kind]
            inner = column + len(begin) - 1 + self._indent
            lines = [self._format(item, inner, allowance + len(end) if i == len(items) - 1 else 1, level + 1)
                     for i, item in enumerate(items)]
            return self._wrap(begin, lines, end, column)
        return flat

    def _wrap(self, begin, lines, end, column):
        pad = " " * (column + len(begin) - 1 + self._indent)
        return begin + " " * (self._indent - 1) + (",\n" + pad).join(lines) + end


def pformat(object, indent=1, width=80, depth=None, *, compact=False, sort_dicts=True, underscore_numbers=False):
    return PrettyPrinter(indent, width, depth, sort_dicts=sort_dicts).pformat(object)


def pprint(object, stream=None, indent=1, width=80, depth=None, *, compact=False, sort_dicts=True,
           underscore_numbers=False):
    PrettyPrinter(indent, width, depth, stream, sort_dicts=sort_dicts).pprint(object)


def pp(object, *args, sort_dicts=False, **kwargs):
    pprint(object, *args, sort_dicts=sort_dicts, **kwargs)
