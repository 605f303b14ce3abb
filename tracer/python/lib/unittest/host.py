"""What the command gives to a run: a clock, the report's stream, and calls that end alone when they go over a limit."""

try:
    from _fusepack_test import attempt as _attempt, clock, main_module, report
except ImportError:
    _attempt = None

    def clock():
        return 0.0

    def report(text):
        pass

    def main_module():
        return None


class Stopped(BaseException):
    """Evaluation went over a limit, or reached what the evaluator does not have. No program can catch it."""

    def __init__(self, message, places):
        super().__init__(message)
        self.message = message
        self.places = places


def attempt(function, *args, **kwargs):
    """The exception that the call ended with, or None. Each call has the whole of a test's limits."""
    if _attempt is not None:
        return _attempt(function, args, kwargs, Stopped)
    try:
        function(*args, **kwargs)
    except BaseException as e:
        return e
    return None


class Stream:
    """Where reports go unless the runner is given a stream."""

    def write(self, text):
        report(text)
        return len(text)

    def flush(self):
        pass

    def isatty(self):
        return False
