"""Names of modules that came out of a package: "<torch_package_0>.a.b"."""
_PREFIX = "<torch_package_"


def is_mangled(name):
    if not name.startswith(_PREFIX):
        return False
    number, close, _ = name[len(_PREFIX):].partition(">")
    return close == ">" and number.isdigit()


def demangle(name):
    """The name in the package, whichever package; nothing is left of a bare prefix."""
    return name.partition(".")[2] if is_mangled(name) else name


def get_mangle_prefix(name):
    return name.partition(".")[0] if is_mangled(name) else name


class PackageMangler:
    """The prefix of one importer; a new one where none is given."""

    def __init__(self, parent=None):
        if parent is None:
            from torch.package import _native
            parent = _native.new_mangle_prefix()
        self._mangle_parent = parent

    def mangle(self, name):
        assert name, "name must not be empty"
        return self._mangle_parent + "." + name

    def demangle(self, mangled):
        if mangled.startswith(self._mangle_parent + "."):
            return mangled.partition(".")[2]
        return mangled

    def parent_name(self):
        return self._mangle_parent
