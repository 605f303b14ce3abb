"""Exceptions as text. A frame is its file, line and function; the line itself is shown where its source is known."""
import _traceback

_CAUSE = "\nThe above exception was the direct cause of the following exception:\n\n"
_CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"


class FrameSummary:
    def __init__(self, filename, lineno, name, line=None):
        self.filename = filename
        self.lineno = lineno
        self.name = name
        self.line = line

    def __repr__(self):
        return f"<FrameSummary file {self.filename}, line {self.lineno} in {self.name}>"


def _frames(exc, keep=None):
    return [FrameSummary(file, line, function, _traceback.line(file, line).strip())
            for file, line, _, function in _traceback.frames(exc) if keep is None or keep(file)]


def format_list(extracted_list):
    out = []
    for frame in extracted_list:
        text = f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}\n'
        if frame.line:
            text += f"    {frame.line}\n"
        out.append(text)
    return out


def format_exception_only(exc, value=None, /):
    exc = value if value is not None else exc
    name = type(exc).__qualname__
    if type(exc).__module__ not in ("__main__", "builtins"):
        name = f"{type(exc).__module__}.{name}"
    try:
        text = str(exc)
    except Exception:
        text = "<exception str() failed>"
    lines = [f"{name}: {text}\n" if text else f"{name}\n"]
    for note in getattr(exc, "__notes__", None) or ():
        lines.append(f"{note}\n")
    return lines


def _format(exc, keep, chain, seen):
    seen.append(exc)
    out = []
    if chain:
        cause, context = exc.__cause__, exc.__context__
        if cause is not None:
            if not any(cause is one for one in seen):
                out += _format(cause, keep, chain, seen) + [_CAUSE]
        elif context is not None and not exc.__suppress_context__:
            if not any(context is one for one in seen):
                out += _format(context, keep, chain, seen) + [_CONTEXT]
    frames = format_list(_frames(exc, keep))
    if frames:
        out.append("Traceback (most recent call last):\n")
    return out + frames + format_exception_only(exc)


def format_exception(exc, value=None, tb=None, limit=None, chain=True):
    return _format(value if value is not None else exc, None, chain, [])


def format_exc(limit=None, chain=True):
    return "NoneType: None\n"


def extract_tb(tb, limit=None):
    return []


def format_stack(f=None, limit=None):
    return []


def extract_stack(f=None, limit=None):
    return []


def format_tb(tb, limit=None):
    return []


def print_exc(limit=None, file=None, chain=True):
    pass


def print_exception(exc, value=None, tb=None, limit=None, file=None, chain=True):
    text = "".join(format_exception(exc, value, tb, limit, chain))
    if file is not None:
        file.write(text)


def print_stack(f=None, limit=None, file=None):
    pass
