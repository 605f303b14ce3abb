"""Reading: the Python side of tracer/package/importer.h, which imports and unpickles."""
import io
import os
import types

from torch.package import _native
from torch.package._mangling import PackageMangler, demangle
from torch.package.file_structure_representation import _create_directory_from_file_list
from torch.package.importer import Importer

__all__ = ["PackageImporter"]


class PackageImporter(Importer):
    """Loads what a PackageExporter saved, code included, from a path or a binary file object. The archive's modules
    are this importer's own; what it lists as extern comes from the environment."""

    def __init__(self, file_or_buffer, module_allowed=lambda module_name: True):
        if isinstance(file_or_buffer, (str, os.PathLike)):
            filename = os.fspath(file_or_buffer)
            data = _zipped(filename) if os.path.isdir(filename) else _read(filename)
        else:
            filename = "<binary>"
            start = file_or_buffer.tell()
            data = file_or_buffer.read()
            file_or_buffer.seek(start)
        reader = _native.open(data, filename)
        for name in reader.externs():
            if not module_allowed(name):
                raise ImportError(f"package '{file_or_buffer}' needs the external module '{name}' "
                                  "but that module has been disallowed")
        self._set_reader(reader)
        reader.bind(self)

    @classmethod
    def _over(cls, reader):
        self = cls.__new__(cls)
        self._set_reader(reader)
        return self

    def _set_reader(self, reader):
        self._reader = reader
        self.filename = reader.path()
        self.extern_modules = reader.externs()
        self._mangler = PackageMangler(reader.id())
        self.storage_context = None
        self.last_map_location = None

    @property
    def modules(self):
        return {**self._reader.modules(), "torch_package_importer": self}

    def import_module(self, name, package=None):
        name = self._mangler.demangle(name)
        if name == "torch_package_importer":
            return self
        return self._reader.import_module(name)

    def load_binary(self, package, resource):
        return self._reader.get_record(self._zipfile_path(package, resource))

    def load_text(self, package, resource, encoding="utf-8", errors="strict"):
        return self.load_binary(package, resource).decode(encoding, errors)

    def load_pickle(self, package, resource, map_location=None):
        """The object. Tensors are on the CPU, wherever they were saved, which is where every map_location puts them."""
        path = self._zipfile_path(package, resource)
        self.last_map_location = map_location
        try:
            return self._reader.load_pickle(path)
        finally:
            self.last_map_location = None

    def id(self):
        return self._mangler.parent_name()

    def file_structure(self, *, include="**", exclude=()):
        return _create_directory_from_file_list(self.filename, self._reader.records(), include, exclude)

    def python_version(self):
        path = ".data/python_version"
        if not self._reader.has_record(path):
            return None
        return self._reader.get_record(path).decode("utf-8").strip()

    def get_source(self, module_name):
        source = self._reader.source_of(demangle(module_name))
        if source is None:
            raise ImportError(f"no source of {module_name!r} in {self.filename}")
        return source

    def get_resource_reader(self, fullname):
        try:
            package = self._get_package(fullname)
        except ImportError:
            return None
        return _PackageResourceReader(self, fullname) if getattr(package, "__loader__", None) is self else None

    def _get_package(self, package):
        module = package if isinstance(package, types.ModuleType) else self.import_module(package)
        if not hasattr(module, "__path__"):
            raise TypeError(f"{package!r} is not a package")
        return module

    def _zipfile_path(self, package, resource=None):
        package = self._get_package(package)
        assert getattr(package, "__loader__", None) is self, f"{package} is not a package of {self.filename}"
        folder = demangle(package.__name__).replace(".", "/")
        return folder if resource is None else f"{folder}/{_file_name(resource)}"


def _read(filename):
    with io.open(filename, "rb") as f:
        return f.read()


def _zipped(folder):
    """An archive that somebody unpacked: its records are the files below its folder."""
    records = _native.Records()

    def add(prefix):
        for name in sorted(os.listdir(os.path.join(folder, prefix))):
            path = prefix + name
            if os.path.isdir(os.path.join(folder, path)):
                add(path + "/")
            else:
                records.write(path, _read(os.path.join(folder, path)))

    add("")
    return records.archive(None)


def _file_name(path):
    parent, name = os.path.split(path)
    if parent:
        raise ValueError(f"{path!r} must be only a file name")
    return name


class _PackageResourceReader:
    """What importlib.resources asks of a package: its files, by name."""

    def __init__(self, importer, fullname):
        self.importer = importer
        self.fullname = fullname

    def open_resource(self, resource):
        return io.BytesIO(self.importer.load_binary(self.fullname, resource))

    def resource_path(self, resource):
        raise FileNotFoundError(resource)  # nothing of an archive is a file of its own

    def is_resource(self, name):
        return self.importer._reader.has_record(self.importer._zipfile_path(self.fullname, name))

    def contents(self):
        folder = self.importer._zipfile_path(self.fullname) + "/"
        seen = {}
        for name in self.importer._reader.records():
            if name.startswith(folder):
                seen[name[len(folder):].split("/")[0]] = True
        return iter(list(seen))
