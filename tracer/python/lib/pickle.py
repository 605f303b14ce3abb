"""Pickles in memory. torch.package's own, with tensors, are torch/package/*.py."""
HIGHEST_PROTOCOL = 5
DEFAULT_PROTOCOL = 4


class PickleError(Exception):
    pass


class PicklingError(PickleError):
    pass


class UnpicklingError(PickleError):
    pass


def dumps(obj, protocol=None, *, fix_imports=True, buffer_callback=None):
    from torch.package import _native
    protocol = DEFAULT_PROTOCOL if protocol is None else HIGHEST_PROTOCOL if protocol < 0 else protocol
    return _native.dump(obj, 3 if protocol <= 3 else 4, None)[0]


def dump(obj, file, protocol=None, *, fix_imports=True, buffer_callback=None):
    file.write(dumps(obj, protocol))


def loads(data, /, *, fix_imports=True, encoding="ASCII", errors="strict", buffers=None):
    from torch.package import _native
    return _native.load(data)


def load(file, *, fix_imports=True, encoding="ASCII", errors="strict", buffers=None):
    return loads(file.read())
