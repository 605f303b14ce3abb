"""References that keep what they refer to: everything lives as long as the interpreter here."""


class ref:
    def __init__(self, obj, callback=None):
        self._obj = obj

    def __call__(self):
        return self._obj

    def __eq__(self, other):
        return isinstance(other, ref) and (self._obj is other._obj or self._obj == other._obj)

    def __hash__(self):
        return hash(self._obj)

    def __class_getitem__(cls, item):
        import types
        return types.GenericAlias(cls, item)


ReferenceType = ref
WeakMethod = ref


def proxy(obj, callback=None):
    return obj


class WeakValueDictionary(dict):
    pass


class WeakKeyDictionary(dict):
    pass


class WeakSet(set):
    pass


class finalize:
    def __init__(self, obj, func, /, *args, **kwargs):
        self.alive = True

    def __call__(self):
        self.alive = False

    def detach(self):
        self.alive = False


def getweakrefcount(obj):
    return 0
