"""Warnings are collected, not shown; `catch_warnings(record=True)` gives them as Python does."""

filters = []
_showing = []


class WarningMessage:
    def __init__(self, message, category, filename="", lineno=0):
        self.message = message
        self.category = category
        self.filename = filename
        self.lineno = lineno
        self.file = None
        self.line = None
        self.source = None

    def __repr__(self):
        return f"{{message : {self.message!r}, category : {self.category.__name__!r}}}"


def _action(category):
    for action, kind in filters:
        if issubclass(category, kind):
            return action
    return "default"


def warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=()):
    if isinstance(message, Warning):
        category = message.__class__
    elif category is None:
        category = UserWarning
    if not (isinstance(category, type) and issubclass(category, Warning)):
        raise TypeError(f"category must be a Warning subclass, not '{type(category).__name__}'")
    if not isinstance(message, Warning):
        message = category(message)
    action = _action(category)
    if action == "error":
        raise message
    if action != "ignore" and _showing:
        _showing[-1].append(WarningMessage(message, category))


def warn_explicit(message, category, filename, lineno, module=None, registry=None, module_globals=None, source=None):
    warn(message, category)


def showwarning(message, category, filename, lineno, file=None, line=None):
    pass


def formatwarning(message, category, filename, lineno, line=None):
    return f"{filename}:{lineno}: {category.__name__}: {message}\n"


def filterwarnings(action, message="", category=Warning, module="", lineno=0, append=False):
    if not message:
        simplefilter(action, category, lineno, append)


def simplefilter(action, category=Warning, lineno=0, append=False):
    if append:
        filters.append((action, category))
    else:
        filters.insert(0, (action, category))


def resetwarnings():
    filters.clear()


class catch_warnings:
    def __init__(self, *, record=False, module=None, action=None, category=Warning, lineno=0, append=False):
        self._record = record
        self._setup = (action, category, lineno, append)

    def __enter__(self):
        self._filters = list(filters)
        if self._setup[0] is not None:
            simplefilter(*self._setup)
        log = []
        _showing.append(log)
        return log if self._record else None

    def __exit__(self, *exc_info):
        _showing.pop()
        filters[:] = self._filters


class deprecated:
    def __init__(self, message, /, *, category=DeprecationWarning, stacklevel=1):
        self.message = message

    def __call__(self, arg, /):
        return arg
