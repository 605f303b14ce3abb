"""What PyTorch's own test files import: its TestCase, run_tests, and questions about the platform."""
import contextlib
import functools
import os
import tempfile
import unittest

import torch
from torch.testing._comparison import Manner, Mismatch, compare
from torch.testing._creation import make_tensor

SEED = 1234

IS_FBCODE = False
IS_SANDCASTLE = False
IS_REMOTE_GPU = False
IS_CI = False
IS_LINUX = True
IS_WINDOWS = False
IS_MACOS = False
IS_ARM64 = False
IS_X86 = True
IS_PPC = False
IS_JETSON = False
IS_S390X = False
NATIVE_DEVICES = ("cpu",)
TEST_CUDA = False
TEST_CUDA_GRAPH = False
TEST_MULTIGPU = False
TEST_XPU = False
TEST_MPS = False
TEST_HPU = False
TEST_PRIVATEUSE1 = False
TEST_NUMPY = False
TEST_SCIPY = False
TEST_MKL = False
TEST_DILL = False
TEST_FAIRSEQ = False
TEST_WITH_ROCM = False
TEST_WITH_ASAN = False
TEST_WITH_TSAN = False
TEST_WITH_UBSAN = False
TEST_WITH_DEV_DBG_ASAN = False
TEST_WITH_SLOW = False
TEST_SKIP_FAST = False
TEST_WITH_CROSSREF = False
TEST_WITH_TORCHDYNAMO = False
TEST_WITH_TORCHINDUCTOR = False
TEST_WITH_AOT_EAGER = False



def set_rng_seed(seed=None):
    torch.manual_seed(SEED if seed is None else seed)


@contextlib.contextmanager
def freeze_rng_state():
    """What is drawn inside is drawn again after it."""
    state = torch.get_rng_state()
    try:
        yield
    finally:
        torch.set_rng_state(state)


def run_tests(argv=None):
    unittest.main(argv=argv)


def raise_on_run_directly(file_to_call):
    raise RuntimeError("This test file is not meant to be run directly, use:\n\n\t"
                       f"python {file_to_call} TESTNAME\n\ninstead.")


# --- Decorators that ask for something that is not here, or for the absence of something that is not.


def _leave(*args, **kwargs):
    """A decorator with or without arguments that changes nothing."""
    if len(args) == 1 and not kwargs and callable(args[0]) and not isinstance(args[0], str):
        return args[0]
    return lambda item: item


skipIfTorchDynamo = skipIfTorchInductor = skipIfCrossRef = skipIfRocm = skipIfMPS = skipIfWindows = skipIfMacos = _leave
skipIfTBB = skipIfXpu = skipIfHpu = skipIfUnsupportedMinOpsetVersion = skipIfSlowGradcheckEnv = skipIfLegacyJitExecutor = _leave
markDynamoStrictTest = unMarkDynamoStrictTest = xfailIfTorchDynamo = dontWrapMode = suppress_warnings = _leave
skipTorchFunctionIfDynamo = noncontiguous_like = serialTest = runOnRocm = retry = _leave


def _skip_for_want_of(what):
    def decorate(*args, **kwargs):
        if len(args) == 1 and not kwargs and callable(args[0]):
            return unittest.skip(what)(args[0])
        return unittest.skip(what)

    return decorate


slowTest = _skip_for_want_of("test is slow; run with PYTORCH_TEST_WITH_SLOW to enable test")
skipIfNoLapack = _skip_for_want_of("PyTorch compiled without Lapack")
skipIfNoSciPy = _skip_for_want_of("test requires SciPy, but SciPy not found")
skipCUDAMemoryLeakCheckIf = lambda condition: _leave


def skipIfNNModuleInlined(msg=""):
    return _leave


class subtest:
    """One value of a parametrized test, with a name or decorators of its own."""

    def __init__(self, arg_values, name=None, decorators=None):
        self.arg_values = arg_values
        self.name = name
        self.decorators = decorators or []


class parametrize:
    """A test a value: `@parametrize("a,b", [(1, 2)])` on a method of a class that instantiate_parametrized_tests takes."""

    def __init__(self, arg_str, arg_values, name_fn=None):
        self.names = [name.strip() for name in arg_str.split(",") if name.strip()]
        self.values = list(arg_values)
        self.name_fn = name_fn

    def __call__(self, method):
        method.__dict__.setdefault("_parametrizations", []).append(self)
        return method

    def choices(self):
        """(suffix, keyword arguments, decorators) of each value."""
        for value in self.values:
            name, decorators = None, []
            if isinstance(value, subtest):
                value, name, decorators = value.arg_values, value.name, value.decorators
            values = (value,) if len(self.names) == 1 else tuple(value)
            if len(values) != len(self.names):
                raise RuntimeError(f"Expected # values == # arg names, but got: {len(values)} values and "
                                   f"{len(self.names)} names")
            if name is None:
                name = self.name_fn(*values) if self.name_fn is not None else "_".join(
                    f"{key}_{self._text(item)}" for key, item in zip(self.names, values))
            yield name, dict(zip(self.names, values)), decorators

    @staticmethod
    def _text(value):
        if isinstance(value, (bool, int, float, str)) or value is None:
            return str(value).replace(".", "_")
        if isinstance(value, torch.dtype):
            return str(value).split(".")[-1]
        return getattr(value, "__name__", None) or type(value).__name__


def _with_arguments(method, name, arguments, decorators):
    @functools.wraps(method)
    def test(self):
        return method(self, **arguments)

    test.__name__ = name
    for decorator in decorators:
        test = decorator(test)
    return test


def instantiate_parametrized_tests(generic_cls):
    for name, method in list(generic_cls.__dict__.items()):
        parametrizations = getattr(method, "_parametrizations", None)
        if not parametrizations:
            continue
        delattr(generic_cls, name)
        made = [(name, {}, [])]
        for one in reversed(parametrizations):  # the outermost decorator first
            made = [(f"{prefix}_{suffix}" if suffix else prefix, {**before, **arguments}, decorators + more)
                    for prefix, before, decorators in made for suffix, arguments, more in one.choices()]
        for full, arguments, decorators in made:
            setattr(generic_cls, full, _with_arguments(method, full, arguments, decorators))
    return generic_cls


@contextlib.contextmanager
def TemporaryFileName(*args, **kwargs):
    file = tempfile.NamedTemporaryFile(*args, **kwargs, delete=False)
    try:
        file.close()
        yield file.name
    finally:
        os.unlink(file.name)


@contextlib.contextmanager
def TemporaryDirectoryName(suffix=None):
    with tempfile.TemporaryDirectory(suffix=suffix) as folder:
        yield folder


@contextlib.contextmanager
def set_default_dtype(dtype):
    before = torch.get_default_dtype()
    try:
        torch.set_default_dtype(dtype)
        yield
    finally:
        torch.set_default_dtype(before)


class TestCase(unittest.TestCase):
    """unittest's, with PyTorch's idea of equal and the same random numbers for each test."""

    # Tolerances are never smaller than these.
    _precision = 0.0
    _rel_tol = 0.0
    maxDiff = None
    longMessage = True

    @property
    def precision(self):
        return self._precision

    @precision.setter
    def precision(self, value):
        self._precision = value

    @property
    def rel_tol(self):
        return self._rel_tol

    @rel_tol.setter
    def rel_tol(self, value):
        self._rel_tol = value

    def setUp(self):
        set_rng_seed()
        self._grad_before = torch.is_grad_enabled()

    def tearDown(self):
        torch._C._set_grad_enabled(getattr(self, "_grad_before", True))

    def assertEqual(self, x, y, msg=None, *, atol=None, rtol=None, equal_nan=True, exact_dtype=True, exact_device=False,
                    exact_layout=False, exact_stride=False, exact_is_coalesced=False):
        if isinstance(x, torch.Tensor) and isinstance(y, (list, tuple, range, str)):
            y = torch.tensor(y, dtype=x.dtype)
        elif isinstance(y, torch.Tensor) and isinstance(x, (list, tuple, range, str)):
            x = torch.tensor(x, dtype=y.dtype)
        manner = Manner(relaxed=True, rtol=rtol, atol=atol, least_rtol=self.rel_tol, least_atol=self.precision,
                        equal_nan=equal_nan, check_device=exact_device, check_dtype=exact_dtype,
                        check_stride=exact_stride)
        found = None
        try:
            compare(x, y, manner)
        except Mismatch as mismatch:
            found = mismatch
        if found is not None:
            raise found.error((lambda text: f"{text}\n{msg}") if isinstance(msg, str) and self.longMessage else msg)

    def assertNotEqual(self, x, y, msg=None, *, atol=None, rtol=None, **kwargs):
        with self.assertRaises(AssertionError, msg=msg):
            self.assertEqual(x, y, msg, atol=atol, rtol=rtol, **kwargs)

    def assertEqualTypeString(self, x, y):
        self.assertEqual(x.device, y.device)
        self.assertEqual(x.dtype, y.dtype)
        self.assertEqual(x.is_sparse, y.is_sparse)

    def assertObjectIn(self, obj, iterable):
        if not any(one is obj for one in iterable):
            raise AssertionError("object not found in iterable")

    def assertExpectedInline(self, actual, expect, skip=0):
        self.assertMultiLineEqual(expect if isinstance(actual, str) else str(expect), str(actual))

    def assertExpectedRaisesInline(self, exc_type, callable, expect, *args, **kwargs):
        try:
            callable(*args, **kwargs)
        except exc_type as e:
            self.assertExpectedInline(str(e), expect)
            return
        self.fail(f"Did not raise when expected to: {exc_type.__name__} not raised")

