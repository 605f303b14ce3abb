import types

from torch.package._mangling import is_mangled


def is_from_package(obj):
    """Whether the object, or the class of it, came out of a package. Objects of extern modules did not."""
    if type(obj) is types.ModuleType:
        return is_mangled(obj.__name__)
    return is_mangled(type(obj).__module__)
