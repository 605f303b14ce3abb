"""Tracebacks have no frames to show here; exceptions print as their last line."""


def format_exception_only(exc, value=None, /):
    exc = value if value is not None else exc
    name = type(exc).__qualname__
    if type(exc).__module__ not in ("__main__", "builtins"):
        name = f"{type(exc).__module__}.{name}"
    text = str(exc)
    return [f"{name}: {text}\n" if text else f"{name}\n"]


def format_exception(exc, value=None, tb=None, limit=None, chain=True):
    return format_exception_only(exc, value)


def format_exc(limit=None, chain=True):
    return ""


def format_stack(f=None, limit=None):
    return []


def extract_stack(f=None, limit=None):
    return []


def format_tb(tb, limit=None):
    return []


def print_exc(limit=None, file=None, chain=True):
    pass


def print_exception(*args, **kwargs):
    pass


def print_stack(f=None, limit=None, file=None):
    pass
