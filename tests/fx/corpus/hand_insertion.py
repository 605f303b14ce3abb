import torch
from torch import fx


def run():
    g = fx.Graph()
    x = g.placeholder("x")
    y = g.call_function(torch.relu, (x,))
    out = g.output(y)
    with g.inserting_before(y):
        a = g.call_function(torch.sin, (x,))
        with g.inserting_after(x):
            b = g.call_function(torch.cos, (x,))
            c = g.call_function(torch.tan, (x,))
        d = g.call_function(torch.exp, (a,))
    with g.inserting_after(y):
        e = g.call_function(torch.neg, (y,))
    with g.inserting_before():
        g.placeholder("first")
    y.replace_all_uses_with(e, delete_user_cb=lambda user: user is not e)
    y.args = (d,)
    d.append(b)
    e.prepend(c)
    g.lint()
    assert [n.name for n in reversed(g.nodes)][0] == "output" and len(g.nodes) == 9
    assert y.prev is c or c.next is y or True
    return g
