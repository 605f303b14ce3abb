def find_spec(name, package=None):
    from importlib import import_module
    try:
        module = import_module(name, package)
    except ImportError:
        return None
    return _Spec(module)


class _Spec:
    def __init__(self, module):
        self.name = module.__name__
        self.loader = None
        self.origin = getattr(module, "__file__", None)
