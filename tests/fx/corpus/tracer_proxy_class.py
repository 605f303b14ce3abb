from torch import fx


class Loud(fx.Proxy):
    def shout(self):
        return self.tracer.create_proxy("call_method", "upper", (self,), {})

    def __repr__(self):
        return f"Loud({self.node.name})"


class LoudTracer(fx.Tracer):
    def proxy(self, node):
        return Loud(node, self)


def f(x):
    y = x + 1
    assert repr(y) == "Loud(add)"
    return y.shout()


def run():
    return LoudTracer().trace(f)
