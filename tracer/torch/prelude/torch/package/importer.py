"""Where objects are found by name, and names by object."""
import types
from abc import ABC, abstractmethod

from torch.package import _native
from torch.package._mangling import demangle, get_mangle_prefix, is_mangled

__all__ = ["ObjNotFoundError", "ObjMismatchError", "Importer", "OrderedImporter"]


class ObjNotFoundError(Exception):
    """An importer has no object of that name."""


class ObjMismatchError(Exception):
    """An importer has another object of that name."""


def _find(module, name):
    found = module
    for part in name.split("."):
        if part == "<locals>":
            raise AttributeError(f"Can't get local attribute {name!r} on {module!r}")
        found = getattr(found, part)
    return found


def _reduced_name(obj):
    """The name that obj.__reduce__() gives where it is a string (a constant of its module)."""
    if isinstance(obj, (type, types.FunctionType, types.BuiltinFunctionType)):
        return None
    reduce = getattr(obj, "__reduce__", None)
    if reduce is None:
        return None
    try:
        said = reduce()
    except Exception:
        return None
    return said if isinstance(said, str) else None


class Importer(ABC):
    """An environment that modules are imported from. get_name() gives a name under which import_module() and getattr
    find the same object again, or raises one of the two errors above."""

    modules = {}

    @abstractmethod
    def import_module(self, module_name):
        """As importlib.import_module."""

    def get_name(self, obj, name=None):
        if name is None:
            name = _reduced_name(obj)
        if name is None:
            name = getattr(obj, "__qualname__", None)
        if name is None:
            name = obj.__name__
        module_name = demangle(self.whichmodule(obj, name))
        try:
            found = _find(self.import_module(module_name), name)
        except (ImportError, KeyError, AttributeError):
            raise ObjNotFoundError(f"{obj} was not found as {module_name}.{name}") from None
        if found is obj:
            return module_name, name

        def place(of):
            module = self.whichmodule(of, name)
            if is_mangled(module):
                prefix = get_mangle_prefix(module)
                return module, prefix, f"the importer for {prefix}"
            return module, "the current Python environment", "'sys_importer'"

        obj_module, obj_place, obj_importer = place(obj)
        found_module, found_place, found_importer = place(found)
        raise ObjMismatchError(
            f"\n\nThe object provided is from '{obj_module}', which is coming from {obj_place}."
            f"\nHowever, when we import '{found_module}', it's coming from {found_place}."
            f"\nTo fix this, make sure this 'PackageExporter's importer lists {obj_importer} before {found_importer}.")

    def whichmodule(self, obj, name):
        module_name = getattr(obj, "__module__", None)
        if module_name is not None:
            return module_name
        for module_name, module in dict(self.modules).items():
            if module_name in ("__main__", "__mp_main__") or module is None:
                continue
            try:
                if _find(module, name) is obj:
                    return module_name
            except AttributeError:
                pass
        import builtins
        return "builtins" if getattr(builtins, name, None) is obj else "__main__"


class _SysImporter(Importer):
    """What `import` finds outside every package."""

    def import_module(self, module_name):
        return _native.sys_import(module_name)


sys_importer = _SysImporter()


class OrderedImporter(Importer):
    """Several importers, asked in turn; the first that answers wins."""

    def __init__(self, *args):
        self._importers = list(args)

    def _is_torchpackage_dummy(self, module):
        """A package's folder without source stands in nobody's way."""
        if not getattr(module, "__torch_package__", False) or not hasattr(module, "__path__"):
            return False
        return getattr(module, "__file__", None) is None

    def get_name(self, obj, name=None):
        said = []
        for importer in self._importers:
            try:
                return importer.get_name(obj, name)
            except (ObjNotFoundError, ObjMismatchError) as error:
                said.append(f"\n{importer}: {error}")
        raise ObjNotFoundError(
            f"Could not find obj {obj} and name {name} in any of the importers {self._importers}" + "".join(said))

    def import_module(self, module_name):
        last = None
        for importer in self._importers:
            if not isinstance(importer, Importer):
                raise TypeError(f"{importer} is not an Importer. "
                                "All importers in OrderedImporter must inherit from Importer.")
            try:
                module = importer.import_module(module_name)
            except ModuleNotFoundError as error:
                last = error
                continue
            if not self._is_torchpackage_dummy(module):
                return module
        raise last if last is not None else ModuleNotFoundError(module_name)

    def whichmodule(self, obj, name):
        for importer in self._importers:
            module_name = importer.whichmodule(obj, name)
            if module_name != "__main__":
                return module_name
        return "__main__"
