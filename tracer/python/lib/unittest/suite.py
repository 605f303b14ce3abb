"""Tests in order, with the fixtures of their classes and modules around them."""
import sys

from . import host
from .case import SkipTest
from .text import class_name


class _ErrorHolder:
    """Stands for a class's or module's fixture in reports."""
    failureException = None

    def __init__(self, description):
        self.description = description

    def id(self):
        return self.description

    def shortDescription(self):
        return None

    def __str__(self):
        return self.description

    def __repr__(self):
        return f"<ErrorHolder description={self.description!r}>"

    def run(self, result):
        pass

    def countTestCases(self):
        return 0


class BaseTestSuite:
    def __init__(self, tests=()):
        self._tests = []
        self._removed_tests = 0
        self.addTests(tests)

    def __repr__(self):
        return f"<{class_name(type(self))} tests={list(self)}>"

    def __eq__(self, other):
        return list(self) == list(other) if type(self) is type(other) else NotImplemented

    def __iter__(self):
        return iter(self._tests)

    def countTestCases(self):
        return self._removed_tests + sum(test.countTestCases() for test in self if test is not None)

    def addTest(self, test):
        if not callable(test):
            raise TypeError(f"{test!r} is not callable")
        if isinstance(test, type) and hasattr(test, "countTestCases"):
            raise TypeError("TestCases and TestSuites must be instantiated before passing them to addTest()")
        self._tests.append(test)

    def addTests(self, tests):
        if isinstance(tests, str):
            raise TypeError("tests must be an iterable of tests, not a string")
        for test in tests:
            self.addTest(test)

    def run(self, result):
        for test in self:
            if result.shouldStop:
                break
            test(result)
        return result

    def __call__(self, *args, **kwargs):
        return self.run(*args, **kwargs)

    def debug(self):
        for test in self:
            test.debug()


class TestSuite(BaseTestSuite):
    def run(self, result, debug=False):
        top = not result._testRunEntered
        result._testRunEntered = True
        for i, test in enumerate(self._tests):
            if result.shouldStop:
                break
            if not isinstance(test, BaseTestSuite):
                self._leave_class(test, result)
                self._enter_module(test, result)
                self._enter_class(test, result)
                result._previousTestClass = type(test)
                if getattr(type(test), "_classSetupFailed", False) or result._moduleSetUpFailed:
                    continue
            test(result)
            if not isinstance(test, BaseTestSuite):
                self._tests[i] = None
                self._removed_tests += 1
        if top:
            self._leave_class(None, result)
            self._leave_module(result)
            result._testRunEntered = False
        return result

    def __iter__(self):
        return iter([test for test in self._tests if test is not None])

    def _fixture(self, result, function, description):
        failure = host.attempt(function)
        if failure is None:
            return True
        self._report(result, failure, description)
        return False

    def _report(self, result, failure, description):
        holder = _ErrorHolder(description)
        if isinstance(failure, SkipTest):
            result.addSkip(holder, str(failure))
        else:
            result.addError(holder, (type(failure), failure, failure.__traceback__))

    def _class_cleanups(self, result, cls, description):
        cleanups = getattr(cls, "doClassCleanups", None)
        if cleanups is None:
            return
        cleanups()
        for _, failure, _ in cls.tearDown_exceptions:
            self._report(result, failure, description)

    def _enter_class(self, test, result):
        cls = type(test)
        if cls is result._previousTestClass or result._moduleSetUpFailed or getattr(cls, "__unittest_skip__", False):
            return
        set_up = getattr(cls, "setUpClass", None)
        if set_up is None:
            return
        cls._classSetupFailed = not self._fixture(result, set_up, f"setUpClass ({class_name(cls)})")
        if cls._classSetupFailed:
            self._class_cleanups(result, cls, f"setUpClass ({class_name(cls)})")

    def _leave_class(self, test, result):
        cls = result._previousTestClass
        if cls is None or cls is type(test):
            return
        if (getattr(cls, "_classSetupFailed", False) or result._moduleSetUpFailed
                or getattr(cls, "__unittest_skip__", False)):
            return
        tear_down = getattr(cls, "tearDownClass", None)
        if tear_down is not None:
            self._fixture(result, tear_down, f"tearDownClass ({class_name(cls)})")
            self._class_cleanups(result, cls, f"tearDownClass ({class_name(cls)})")

    def _module(self, name):
        return host.main_module() if name == "__main__" else sys.modules.get(name)

    def _enter_module(self, test, result):
        name = type(test).__module__
        previous = result._previousTestClass
        if previous is not None and previous.__module__ == name:
            return
        self._leave_module(result)
        result._moduleSetUpFailed = False
        set_up = getattr(self._module(name), "setUpModule", None)
        if set_up is not None:
            result._moduleSetUpFailed = not self._fixture(result, set_up, f"setUpModule ({name})")

    def _leave_module(self, result):
        previous = result._previousTestClass
        if previous is None or result._moduleSetUpFailed:
            return
        name = previous.__module__
        tear_down = getattr(self._module(name), "tearDownModule", None)
        if tear_down is not None:
            self._fixture(result, tear_down, f"tearDownModule ({name})")
        from .case import doModuleCleanups
        self._fixture(result, doModuleCleanups, f"tearDownModule ({name})")
