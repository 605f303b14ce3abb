from torch import fx


class KnownKeys(fx.Tracer):
    def keys(self, obj):
        return ["left", "right"]


def f(d):
    return [d[k] for k in d.keys()]


def run():
    return KnownKeys().trace(f)
