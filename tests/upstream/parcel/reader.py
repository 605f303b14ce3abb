"""Reads the package that it comes from, where it comes from one."""
try:
    import torch_package_importer as resources
except ImportError:
    resources = None


def text(package, name):
    return None if resources is None else resources.load_text(package, name)
