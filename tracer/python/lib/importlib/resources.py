"""Files beside modules, for packages that were loaded from an archive: their loader has the files."""
import io
from contextlib import contextmanager


def _reader(package):
    if isinstance(package, str):
        from importlib import import_module
        package = import_module(package)
    loader = getattr(package, "__loader__", None)
    reader = loader.get_resource_reader(package.__name__) if hasattr(loader, "get_resource_reader") else None
    if reader is None:
        raise FileNotFoundError(f"{package.__name__} has no resources")
    return reader


def open_binary(package, resource):
    return _reader(package).open_resource(resource)


def open_text(package, resource, encoding="utf-8", errors="strict"):
    return io.StringIO(read_text(package, resource, encoding, errors))


def read_binary(package, resource):
    return open_binary(package, resource).read()


def read_text(package, resource, encoding="utf-8", errors="strict"):
    return read_binary(package, resource).decode(encoding, errors)


def is_resource(package, name):
    return _reader(package).is_resource(name)


def contents(package):
    return _reader(package).contents()


@contextmanager
def path(package, resource):
    """The resource as a file, where files are granted (tracer/python/files.h)."""
    import os
    import tempfile
    from pathlib import Path
    descriptor, name = tempfile.mkstemp(suffix="#" + resource)
    os.close(descriptor)
    with open(name, "wb") as f:
        f.write(read_binary(package, resource))
    try:
        yield Path(name)
    finally:
        os.remove(name)
