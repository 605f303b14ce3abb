import torch
from torch import fx


def run():
    g = fx.Graph()
    x, y = g.placeholder("x"), g.placeholder("y")
    a = g.call_function(torch.add, (x, [y, (x, {"k": y})]), {"alpha": x})
    assert list(x.users) == [a] and a.all_input_nodes == [x, y]
    a.update_arg(0, y)
    a.update_kwarg("alpha", 2)
    a.insert_arg(1, slice(None, x))
    assert list(x.users) == [a] and a.all_input_nodes == [y, x]
    b = g.call_function(torch.neg, (a,))
    b.replace_input_with(a, x)
    assert list(a.users) == [] and len(x.users) == 2
    g.erase_node(a)
    assert list(y.users) == [] and list(x.users) == [b] and a._erased
    assert y < b and b > x and sorted([b, y, x]) == [x, y, b]
    g.output(b)
    assert g.output_node().args == (b,)
    return g
