"""One test: its fixture, its assertions, and how it is run."""
import re
import warnings

from . import host
from .text import class_name, pretty_difference, safe_repr, text_difference, two_reprs

_NOTHING = object()
DIFF_OMITTED = "\nDiff is %s characters long. Set self.maxDiff to None to see it."


class SkipTest(Exception):
    """Raised by a test that does not apply."""


class _StopNow(Exception):
    """A subtest failed and the run is to end at the first failure."""


def skip(reason):
    def decorate(item):
        if not isinstance(item, type):
            import functools

            @functools.wraps(item)
            def skipped(*args, **kwargs):
                raise SkipTest(reason)

            item = skipped
        item.__unittest_skip__ = True
        item.__unittest_skip_why__ = reason
        return item

    if not isinstance(reason, str) and callable(reason):
        item, reason = reason, ""
        return decorate(item)
    return decorate


def skipIf(condition, reason):
    return skip(reason) if condition else _as_it_is


def skipUnless(condition, reason):
    return _as_it_is if condition else skip(reason)


def _as_it_is(item):
    return item


def expectedFailure(item):
    item.__unittest_expecting_failure__ = True
    return item


_module_cleanups = []


def addModuleCleanup(function, /, *args, **kwargs):
    _module_cleanups.append((function, args, kwargs))


def enterModuleContext(cm):
    value = cm.__enter__()
    addModuleCleanup(cm.__exit__, None, None, None)
    return value


def doModuleCleanups():
    failures = _run_cleanups(_module_cleanups)
    if failures:
        raise failures[0]


def _run_cleanups(cleanups):
    failures = []
    while cleanups:
        function, args, kwargs = cleanups.pop()
        failure = host.attempt(function, *args, **kwargs)
        if failure is not None:
            failures.append(failure)
    return failures


class _Outcome:
    """How the parts of one test (setUp, the method, tearDown, cleanups) ended."""

    def __init__(self, result):
        self.result = result
        self.success = True
        self.expecting = False
        self.expected_failure = None

    def run(self, case, part, *args, **kwargs):
        failure = host.attempt(part, *args, **kwargs)
        if failure is not None:
            self.note(case, failure)

    def note(self, case, failure, subtest=None):
        if isinstance(failure, _StopNow):
            self.success = False
            return
        if isinstance(failure, SkipTest):
            self.success = False
            _add_skip(self.result, case if subtest is None else subtest, str(failure))
            return
        self.success = False
        err = (type(failure), failure, failure.__traceback__)
        if self.expecting:
            self.expected_failure = err
        elif subtest is not None:
            self.result.addSubTest(case, subtest, err)
        elif isinstance(failure, case.failureException):
            self.result.addFailure(case, err)
        else:
            self.result.addError(case, err)


def _add_skip(result, case, reason):
    result.addSkip(case, reason)


class _SubTestScope:
    def __init__(self, case, msg, params):
        self.case = case
        self.msg = msg
        self.params = params

    def __enter__(self):
        case = self.case
        self.outer = case._subtest
        params = {} if self.outer is None else dict(self.outer.params)
        params.update(self.params)
        case._subtest = _SubTest(case, self.msg, params)

    def __exit__(self, exc_type, exc, tb):
        case = self.case
        subtest, case._subtest = case._subtest, self.outer
        outcome = case._outcome
        if outcome is None:
            return False
        if exc is None:
            if outcome.success or outcome.expected_failure is None:
                outcome.result.addSubTest(case, subtest, None)
            return False
        if isinstance(exc, _StopNow):
            return False
        outcome.note(case, exc, subtest)
        if outcome.result.failfast and not isinstance(exc, SkipTest):
            raise _StopNow
        return True


class _Raises:
    """What assertRaises and assertWarns share: called at once, or a context manager."""

    def __init__(self, expected, case, pattern=None):
        self.expected = expected
        self.case = case
        self.pattern = re.compile(pattern) if isinstance(pattern, (str, bytes)) else pattern
        self.msg = None
        self.what = None

    def handle(self, name, args, kwargs):
        kinds = self.expected if isinstance(self.expected, tuple) else (self.expected,)
        for kind in kinds:
            if not (isinstance(kind, type) and issubclass(kind, self.base)):
                raise TypeError(f"{name}() arg 1 must be {self.base_text}")
        if not args:
            self.msg = kwargs.pop("msg", None)
            if kwargs:
                raise TypeError(f"{next(iter(kwargs))!r} is an invalid keyword argument for this function")
            return self
        function, args = args[0], args[1:]
        self.what = getattr(function, "__name__", None) or str(function)
        with self:
            function(*args, **kwargs)

    def names(self):
        if isinstance(self.expected, tuple):
            return str(self.expected)
        return getattr(self.expected, "__name__", None) or str(self.expected)

    def fail(self, message):
        raise self.case.failureException(self.case._formatMessage(self.msg, message))


class _AssertRaises(_Raises):
    base = BaseException
    base_text = "an exception type or tuple of exception types"

    def __enter__(self):
        return self

    def __exit__(self, exc_type, exc, tb):
        if exc_type is None:
            self.fail(f"{self.names()} not raised by {self.what}" if self.what else f"{self.names()} not raised")
        if not issubclass(exc_type, self.expected):
            return False
        self.exception = exc
        exc.__traceback__ = None
        if self.pattern is not None and not self.pattern.search(str(exc)):
            self.fail(f'"{self.pattern.pattern}" does not match "{exc}"')
        return True


class _AssertWarns(_Raises):
    base = Warning
    base_text = "a warning type or tuple of warning types"

    def __enter__(self):
        self.catcher = warnings.catch_warnings(record=True)
        self.warnings = self.catcher.__enter__()
        warnings.simplefilter("always", self.expected if isinstance(self.expected, type) else Warning)
        return self

    def __exit__(self, exc_type, exc, tb):
        self.catcher.__exit__(exc_type, exc, tb)
        if exc_type is not None:
            return False
        first = None
        for one in self.warnings:
            message = one.message
            if not isinstance(message, self.expected):
                continue
            if first is None:
                first = message
            if self.pattern is not None and not self.pattern.search(str(message)):
                continue
            self.warning = message
            self.filename = one.filename
            self.lineno = one.lineno
            return False
        if first is not None:
            self.fail(f'"{self.pattern.pattern}" does not match "{first}"')
        self.fail(f"{self.names()} not triggered by {self.what}" if self.what else f"{self.names()} not triggered")


class _AssertNoLogs:
    def __init__(self, case, logger, level, none_expected):
        self.case = case
        self.none_expected = none_expected
        self.logger = logger
        self.level = level

    def __enter__(self):
        import logging
        self.records = []
        self.output = []
        logger = self.logger if isinstance(self.logger, logging.Logger) else logging.getLogger(self.logger)
        scope = self

        class Keep(logging.Handler):
            def emit(self, record):
                scope.records.append(record)
                scope.output.append(f"{record.levelname}:{record.name}:{record.getMessage()}")

        self.handler = Keep()
        self.at = logger
        logger.addHandler(self.handler)
        return self

    def __exit__(self, exc_type, exc, tb):
        self.at.removeHandler(self.handler)
        if exc_type is not None:
            return False
        if self.none_expected and self.records:
            raise self.case.failureException(f"Unexpected logs found: {self.output!r}")
        if not self.none_expected and not self.records:
            raise self.case.failureException(f"no logs triggered on {self.at.name}")


class TestCase:
    failureException = AssertionError
    longMessage = True
    maxDiff = 80 * 8

    _class_cleanups = []
    _classSetupFailed = False

    def __init__(self, methodName="runTest"):
        self._testMethodName = methodName
        self._testMethodDoc = "No test"
        method = getattr(self, methodName, None)
        if method is not None:
            self._testMethodDoc = method.__doc__
        elif methodName != "runTest":
            raise ValueError(f"no such test method in {type(self)}: {methodName}")
        self._outcome = None
        self._subtest = None
        self._cleanups = []
        self._type_equality = {}
        self.addTypeEqualityFunc(dict, "assertDictEqual")
        self.addTypeEqualityFunc(list, "assertListEqual")
        self.addTypeEqualityFunc(tuple, "assertTupleEqual")
        self.addTypeEqualityFunc(set, "assertSetEqual")
        self.addTypeEqualityFunc(frozenset, "assertSetEqual")
        self.addTypeEqualityFunc(str, "assertMultiLineEqual")

    # --- The fixture.

    def setUp(self):
        pass

    def tearDown(self):
        pass

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def addCleanup(self, function, /, *args, **kwargs):
        self._cleanups.append((function, args, kwargs))

    def enterContext(self, cm):
        value = cm.__enter__()
        self.addCleanup(cm.__exit__, None, None, None)
        return value

    def doCleanups(self):
        outcome = self._outcome or _Outcome(self.defaultTestResult())
        while self._cleanups:
            function, args, kwargs = self._cleanups.pop()
            outcome.run(self, function, *args, **kwargs)
        return outcome.success

    @classmethod
    def addClassCleanup(cls, function, /, *args, **kwargs):
        if "_class_cleanups" not in cls.__dict__:
            cls._class_cleanups = []
        cls._class_cleanups.append((function, args, kwargs))

    @classmethod
    def enterClassContext(cls, cm):
        value = cm.__enter__()
        cls.addClassCleanup(cm.__exit__, None, None, None)
        return value

    @classmethod
    def doClassCleanups(cls):
        cls.tearDown_exceptions = [(type(e), e, e.__traceback__) for e in _run_cleanups(cls.__dict__.get("_class_cleanups", []))]

    # --- What it is.

    def countTestCases(self):
        return 1

    def defaultTestResult(self):
        from .result import TestResult
        return TestResult()

    def shortDescription(self):
        doc = self._testMethodDoc
        return doc.strip().split("\n")[0].strip() if doc else None

    def id(self):
        return f"{class_name(type(self))}.{self._testMethodName}"

    def __str__(self):
        return f"{self._testMethodName} ({class_name(type(self))}.{self._testMethodName})"

    def __repr__(self):
        return f"<{class_name(type(self))} testMethod={self._testMethodName}>"

    def __eq__(self, other):
        if type(self) is not type(other):
            return NotImplemented
        return self._testMethodName == other._testMethodName

    def __hash__(self):
        return hash((type(self), self._testMethodName))

    def addTypeEqualityFunc(self, typeobj, function):
        self._type_equality[typeobj] = function

    # --- Running.

    def __call__(self, *args, **kwargs):
        return self.run(*args, **kwargs)

    def _callSetUp(self):
        self.setUp()

    def _callTestMethod(self, method):
        method()

    def _callTearDown(self):
        self.tearDown()

    def run(self, result=None):
        alone = result is None
        if alone:
            result = self.defaultTestResult()
            start = getattr(result, "startTestRun", None)
            if start is not None:
                start()
        result.startTest(self)
        try:
            method = getattr(self, self._testMethodName)
            if getattr(type(self), "__unittest_skip__", False) or getattr(method, "__unittest_skip__", False):
                why = getattr(type(self), "__unittest_skip_why__", "") or getattr(method, "__unittest_skip_why__", "")
                _add_skip(result, self, why)
                return result
            expecting = (getattr(type(self), "__unittest_expecting_failure__", False)
                         or getattr(method, "__unittest_expecting_failure__", False))
            outcome = self._outcome = _Outcome(result)
            try:
                outcome.run(self, self._callSetUp)
                if outcome.success:
                    outcome.expecting = expecting
                    outcome.run(self, self._callTestMethod, method)
                    outcome.expecting = False
                    outcome.run(self, self._callTearDown)
                self.doCleanups()
                if expecting and outcome.expected_failure is not None:
                    result.addExpectedFailure(self, outcome.expected_failure)
                elif outcome.success:
                    if expecting:
                        result.addUnexpectedSuccess(self)
                    else:
                        result.addSuccess(self)
            finally:
                self._outcome = None
            return result
        finally:
            result.stopTest(self)
            if alone:
                stop = getattr(result, "stopTestRun", None)
                if stop is not None:
                    stop()

    def debug(self):
        method = getattr(self, self._testMethodName)
        if getattr(type(self), "__unittest_skip__", False) or getattr(method, "__unittest_skip__", False):
            raise SkipTest(getattr(type(self), "__unittest_skip_why__", "") or getattr(method, "__unittest_skip_why__", ""))
        self._callSetUp()
        self._callTestMethod(method)
        self._callTearDown()
        while self._cleanups:
            function, args, kwargs = self._cleanups.pop()
            function(*args, **kwargs)

    def subTest(self, msg=_NOTHING, **params):
        return _SubTestScope(self, msg, params)

    def skipTest(self, reason):
        raise SkipTest(reason)

    def fail(self, msg=None):
        raise self.failureException(msg)

    # --- Assertions.

    def _formatMessage(self, msg, standardMsg):
        if not self.longMessage:
            return msg or standardMsg
        return standardMsg if msg is None else f"{standardMsg} : {msg}"

    def _require(self, holds, message, msg):
        if not holds:
            raise self.failureException(self._formatMessage(msg, message()))

    def _truncateMessage(self, message, diff):
        if self.maxDiff is None or len(diff) <= self.maxDiff:
            return message + diff
        return message + DIFF_OMITTED % len(diff)

    def assertTrue(self, expr, msg=None):
        self._require(expr, lambda: f"{safe_repr(expr)} is not true", msg)

    def assertFalse(self, expr, msg=None):
        self._require(not expr, lambda: f"{safe_repr(expr)} is not false", msg)

    def assertEqual(self, first, second, msg=None):
        compare = self._type_equality.get(type(first)) if type(first) == type(second) else None
        if compare is None:
            self._require(first == second, lambda: "%s != %s" % two_reprs(first, second), msg)
        else:
            (getattr(self, compare) if isinstance(compare, str) else compare)(first, second, msg=msg)

    def assertNotEqual(self, first, second, msg=None):
        self._require(first != second, lambda: f"{safe_repr(first)} == {safe_repr(second)}", msg)

    def assertIs(self, expr1, expr2, msg=None):
        self._require(expr1 is expr2, lambda: f"{safe_repr(expr1)} is not {safe_repr(expr2)}", msg)

    def assertIsNot(self, expr1, expr2, msg=None):
        self._require(expr1 is not expr2, lambda: f"unexpectedly identical: {safe_repr(expr1)}", msg)

    def assertIsNone(self, obj, msg=None):
        self._require(obj is None, lambda: f"{safe_repr(obj)} is not None", msg)

    def assertIsNotNone(self, obj, msg=None):
        self._require(obj is not None, lambda: "unexpectedly None", msg)

    def assertIn(self, member, container, msg=None):
        self._require(member in container, lambda: f"{safe_repr(member)} not found in {safe_repr(container)}", msg)

    def assertNotIn(self, member, container, msg=None):
        self._require(member not in container,
                      lambda: f"{safe_repr(member)} unexpectedly found in {safe_repr(container)}", msg)

    def assertIsInstance(self, obj, cls, msg=None):
        self._require(isinstance(obj, cls), lambda: f"{safe_repr(obj)} is not an instance of {cls!r}", msg)

    def assertNotIsInstance(self, obj, cls, msg=None):
        self._require(not isinstance(obj, cls), lambda: f"{safe_repr(obj)} is an instance of {cls!r}", msg)

    def assertLess(self, a, b, msg=None):
        self._require(a < b, lambda: f"{safe_repr(a)} not less than {safe_repr(b)}", msg)

    def assertLessEqual(self, a, b, msg=None):
        self._require(a <= b, lambda: f"{safe_repr(a)} not less than or equal to {safe_repr(b)}", msg)

    def assertGreater(self, a, b, msg=None):
        self._require(a > b, lambda: f"{safe_repr(a)} not greater than {safe_repr(b)}", msg)

    def assertGreaterEqual(self, a, b, msg=None):
        self._require(a >= b, lambda: f"{safe_repr(a)} not greater than or equal to {safe_repr(b)}", msg)

    def _distance(self, first, second, places, delta):
        if places is not None and delta is not None:
            raise TypeError("specify delta or places not both")
        difference = abs(first - second)
        if delta is not None:
            return difference <= delta, f"{safe_repr(delta)} delta ({safe_repr(difference)} difference)"
        places = 7 if places is None else places
        return round(difference, places) == 0, f"{places} places ({safe_repr(difference)} difference)"

    def assertAlmostEqual(self, first, second, places=None, msg=None, delta=None):
        if first == second:
            return
        near, how = self._distance(first, second, places, delta)
        self._require(near, lambda: f"{safe_repr(first)} != {safe_repr(second)} within {how}", msg)

    def assertNotAlmostEqual(self, first, second, places=None, msg=None, delta=None):
        near, how = self._distance(first, second, places, delta)
        self._require(first != second and not near,
                      lambda: f"{safe_repr(first)} == {safe_repr(second)} within {how}", msg)

    def assertSequenceEqual(self, first, second, msg=None, seq_type=None):
        kind = "sequence" if seq_type is None else seq_type.__name__
        if seq_type is not None:
            for which, one in (("First", first), ("Second", second)):
                if not isinstance(one, seq_type):
                    raise self.failureException(f"{which} {kind} is not a {kind}: {safe_repr(one)}")
        if first == second:
            return
        message = "%ss differ: %s != %s\n" % ((kind.capitalize(),) + two_reprs(first, second))
        shorter = min(len(first), len(second))
        for i in range(shorter):
            if first[i] != second[i]:
                message += f"\nFirst differing element {i}:\n" + "%s\n%s\n" % two_reprs(first[i], second[i])
                break
        else:
            if len(first) == len(second) and seq_type is None and type(first) != type(second):
                return
        if len(first) != len(second):
            which, longer = ("First", first) if len(first) > len(second) else ("Second", second)
            message += f"\n{which} {kind} contains {len(longer) - shorter} additional elements.\n"
            message += f"First extra element {shorter}:\n{safe_repr(longer[shorter])}\n"
        self.fail(self._formatMessage(msg, self._truncateMessage(message, pretty_difference(first, second))))

    def assertListEqual(self, list1, list2, msg=None):
        self.assertSequenceEqual(list1, list2, msg, seq_type=list)

    def assertTupleEqual(self, tuple1, tuple2, msg=None):
        self.assertSequenceEqual(tuple1, tuple2, msg, seq_type=tuple)

    def assertSetEqual(self, set1, set2, msg=None):
        lines = []
        for text, rest in (("first", set1 - set2), ("second", set2 - set1)):
            if rest:
                lines.append(f"Items in the {text} set but not the {'second' if text == 'first' else 'first'}:")
                lines += [repr(item) for item in rest]
        self._require(not lines, lambda: "\n".join(lines), msg)

    def assertDictEqual(self, d1, d2, msg=None):
        self.assertIsInstance(d1, dict, "First argument is not a dictionary")
        self.assertIsInstance(d2, dict, "Second argument is not a dictionary")
        if d1 != d2:
            message = "%s != %s" % two_reprs(d1, d2)
            self.fail(self._formatMessage(msg, self._truncateMessage(message, pretty_difference(d1, d2))))

    def assertMultiLineEqual(self, first, second, msg=None):
        self.assertIsInstance(first, str, "First argument is not a string")
        self.assertIsInstance(second, str, "Second argument is not a string")
        if first != second:
            message = "%s != %s\n" % two_reprs(first, second)
            self.fail(self._formatMessage(msg, self._truncateMessage(message, text_difference(first, second))))

    def assertDictContainsSubset(self, subset, dictionary, msg=None):
        missing = [key for key in subset if key not in dictionary]
        wrong = [key for key in subset if key in dictionary and dictionary[key] != subset[key]]
        self._require(not missing and not wrong, lambda: f"Missing: {missing!r}; Mismatched values: {wrong!r}", msg)

    def assertCountEqual(self, first, second, msg=None):
        rest = list(second)
        surplus = []
        for item in list(first):
            for i, other in enumerate(rest):
                if item == other:
                    del rest[i]
                    break
            else:
                surplus.append(item)

        def message():
            lines = ["Element counts were not equal:"]
            done = []
            for item in list(first) + list(second):
                if item not in done:
                    done.append(item)
                    counts = [sum(1 for other in where if other == item) for where in (first, second)]
                    if counts[0] == counts[1]:
                        continue
                    lines.append(f"First has {counts[0]}, Second has {counts[1]}:  {item!r}")
            return "\n".join(lines)

        self._require(not surplus and not rest, message, msg)

    def assertRegex(self, text, expected_regex, msg=None):
        pattern = re.compile(expected_regex) if isinstance(expected_regex, (str, bytes)) else expected_regex
        self._require(pattern.search(text),
                      lambda: f"Regex didn't match: {pattern.pattern!r} not found in {text!r}", msg)

    def assertNotRegex(self, text, unexpected_regex, msg=None):
        pattern = re.compile(unexpected_regex) if isinstance(unexpected_regex, (str, bytes)) else unexpected_regex
        found = pattern.search(text)
        self._require(not found, lambda: f"Regex matched: {text[found.start():found.end()]!r} matches "
                                         f"{pattern.pattern!r} in {text!r}", msg)

    def assertRaises(self, expected_exception, *args, **kwargs):
        return _AssertRaises(expected_exception, self).handle("assertRaises", args, kwargs)

    def assertRaisesRegex(self, expected_exception, expected_regex, *args, **kwargs):
        return _AssertRaises(expected_exception, self, expected_regex).handle("assertRaisesRegex", args, kwargs)

    def assertWarns(self, expected_warning, *args, **kwargs):
        return _AssertWarns(expected_warning, self).handle("assertWarns", args, kwargs)

    def assertWarnsRegex(self, expected_warning, expected_regex, *args, **kwargs):
        return _AssertWarns(expected_warning, self, expected_regex).handle("assertWarnsRegex", args, kwargs)

    def assertLogs(self, logger=None, level=None):
        return _AssertNoLogs(self, logger, level, False)

    def assertNoLogs(self, logger=None, level=None):
        return _AssertNoLogs(self, logger, level, True)

    assertEquals = assertEqual
    assertNotEquals = assertNotEqual
    assert_ = assertTrue
    assertAlmostEquals = assertAlmostEqual
    assertNotAlmostEquals = assertNotAlmostEqual
    assertRegexpMatches = assertRegex
    assertNotRegexpMatches = assertNotRegex
    assertRaisesRegexp = assertRaisesRegex
    failUnless = assertTrue
    failIf = assertFalse


class FunctionTestCase(TestCase):
    def __init__(self, testFunc, setUp=None, tearDown=None, description=None):
        super().__init__()
        self._function = testFunc
        self._set_up = setUp
        self._tear_down = tearDown
        self._description = description

    def setUp(self):
        if self._set_up is not None:
            self._set_up()

    def tearDown(self):
        if self._tear_down is not None:
            self._tear_down()

    def runTest(self):
        self._function()

    def id(self):
        return self._function.__name__

    def __str__(self):
        return f"{class_name(type(self))} ({self._function.__name__})"

    def shortDescription(self):
        doc = self._description or self._function.__doc__
        return doc.split("\n")[0].strip() if doc else None


class _SubTest(TestCase):
    """Stands for a subtest in reports."""

    def __init__(self, test_case, message, params):
        super().__init__()
        self._message = message
        self.test_case = test_case
        self.params = params
        self.failureException = test_case.failureException

    def runTest(self):
        raise NotImplementedError("subtests cannot be run directly")

    def _subDescription(self):
        parts = [] if self._message is _NOTHING else [f"[{self._message}]"]
        if self.params:
            parts.append("(" + ", ".join(f"{k}={v!r}" for k, v in self.params.items()) + ")")
        return " ".join(parts) or "(<subtest>)"

    def id(self):
        return f"{self.test_case.id()} {self._subDescription()}"

    def shortDescription(self):
        return self.test_case.shortDescription()

    def __str__(self):
        return f"{self.test_case} {self._subDescription()}"
