import torch
from torch import fx


def run():
    gm = fx.symbolic_trace(lambda x: x + 1)

    def insert(body):
        return ["note = 1\n", *body]

    with gm.graph.on_generate_code(lambda current: insert):
        gm.recompile()
        assert "note = 1" in gm.code
        text = gm.code
    gm.recompile()
    assert "note = 1" not in gm.code
    return gm.graph
