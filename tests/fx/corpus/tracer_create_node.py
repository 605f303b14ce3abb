from torch import fx


class Logged(fx.Tracer):
    def create_node(self, kind, target, args, kwargs, name=None, type_expr=None):
        node = super().create_node(kind, target, args, kwargs, name, type_expr)
        node.meta["kind"] = kind
        if kind == "placeholder":
            node.type = int
        return node


def f(x):
    return -x


def run():
    graph = Logged().trace(f)
    assert [n.meta["kind"] for n in graph.nodes] == ["placeholder", "call_function", "output"]
    return graph
