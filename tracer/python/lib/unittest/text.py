"""Values and exceptions as a report shows them."""
import difflib
import pprint
import traceback

from .host import Stopped

_LONGEST = 80
_KEPT_BEGIN = 5
_KEPT_END = 12
_KEPT_COMMON = 5


def safe_repr(obj, short=False):
    try:
        text = repr(obj)
    except Exception:
        text = object.__repr__(obj)
    return text if not short or len(text) < _LONGEST else text[:_LONGEST] + " [truncated]..."


def _cut(text, begin, end):
    left_out = len(text) - begin - end
    if left_out <= len("[") + 9 + len(" chars]") - 4:
        return text
    return f"{text[:begin]}[{left_out} chars]{text[len(text) - end:]}"


def two_reprs(first, second):
    """Both reprs; where one is long, what they have in common at the beginning is cut, and long ends are."""
    a, b = safe_repr(first), safe_repr(second)
    longest = max(len(a), len(b))
    if longest <= _LONGEST:
        return a, b
    common = 0
    while common < min(len(a), len(b)) and a[common] == b[common]:
        common += 1
    room = _LONGEST - (longest - common) - _KEPT_BEGIN - 12
    if room > _KEPT_COMMON:
        prefix = _cut(a[:common], _KEPT_BEGIN, room)
        return prefix + a[common:], prefix + b[common:]
    prefix = _cut(a[:common], _KEPT_BEGIN, _KEPT_COMMON)
    keep = _KEPT_COMMON + 5
    return prefix + _cut(a[common:], keep, _KEPT_END), prefix + _cut(b[common:], keep, _KEPT_END)


def pretty_difference(first, second):
    return "\n" + "\n".join(difflib.ndiff(pprint.pformat(first).splitlines(), pprint.pformat(second).splitlines()))


def text_difference(first, second):
    lines = [text.splitlines(True) if "\n" in text else [text + "\n"] for text in (first, second)]
    return "".join(difflib.ndiff(*lines))


def class_name(cls):
    return f"{cls.__module__}.{cls.__qualname__}"


def _ours(file):
    return file.startswith(("<lib>/unittest/", "<lib>/contextlib", "<fusepack>/torch/testing/"))


def exception_text(exc):
    if isinstance(exc, Stopped):
        lines = [line for line in exc.places.splitlines() if "<lib>/unittest/" not in line]
        where = "Where it was (most recent call last):\n" + "\n".join(lines) + "\n" if lines else ""
        return f"{where}fusepack: {exc.message}\n"
    return "".join(traceback._format(exc, lambda file: not _ours(file), True, []))
